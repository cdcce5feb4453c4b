//! Deliveries: the outbox as workers empty it, and the log that stays of it. Workers of several
//! processes take rows from each other's reach: a row that is taken is nobody else's until its time
//! is over, and what a late taker learns changes nothing.

use relay_api::{DeliveryAttempt, DeliveryStatus};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::outbox::body;
use super::webhooks::fail_pending;
use super::{Actor, Audit, Result, Rows, Store, StoreError, from_json, limit_plus_one, to_json};
use crate::clock::{EpochMs, new_id};

/// How many attempts a delivery tells of, the newest.
const ATTEMPTS_KEPT: usize = 30;

/// One event on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The tenant whose event it is.
    pub tenant_id: String,
    /// The id, which is sent with it.
    pub id: String,
    /// The webhook it goes to.
    pub webhook_id: String,
    /// Of which kind.
    pub event: String,
    /// What is sent.
    pub body: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// What came of it so far, the first first.
    pub attempts: Vec<DeliveryAttempt>,
    /// How often it was tried by the schedule.
    pub tries: u32,
    /// How often it was taken: whoever took it knows it as its own by this.
    pub taken: i64,
    /// When it happened.
    pub created_at: EpochMs,
    /// When it is tried next, if it is.
    pub next_attempt_at: Option<EpochMs>,
}

/// What came of a delivery that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What came of this attempt.
    pub attempt: DeliveryAttempt,
    /// How the delivery stands now.
    pub status: DeliveryStatus,
    /// When it is tried again, if it is.
    pub next_attempt_at: Option<EpochMs>,
    /// Whether the schedule tried it, and not a person.
    pub scheduled: bool,
    /// Why the webhook is switched off because of it, if it is.
    pub switch_off: Option<&'static str>,
    /// When.
    pub now: EpochMs,
}

/// Which deliveries to take, of those that are due.
pub struct Wanted<'a> {
    /// When they are due.
    pub now: EpochMs,
    /// Until when they are taken.
    pub until: EpochMs,
    /// Webhooks of which none is to be taken.
    pub busy: &'a [String],
    /// Tenants of which none is to be taken.
    pub full: &'a [String],
    /// How many of one webhook, at most.
    pub each: u32,
    /// How many of one tenant, at most.
    pub of_tenant: u32,
    /// How many of all, at most.
    pub limit: u32,
}

impl DeliveryRow {
    fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            tenant_id: row.try_get("tenant_id")?,
            id: row.try_get("id")?,
            webhook_id: row.try_get("webhook_id")?,
            event: row.try_get("event")?,
            body: row.try_get("body")?,
            status: read_status(&row.try_get::<String, _>("status")?)?,
            attempts: from_json(row, "attempts")?,
            tries: u32::try_from(row.try_get::<i64, _>("tries")?)
                .map_err(|_| StoreError::Unreadable("tries"))?,
            taken: row.try_get("taken")?,
            created_at: row.try_get("created_at")?,
            next_attempt_at: row.try_get("next_attempt_at")?,
        })
    }
}

/// A status' word, read.
pub(crate) fn read_status(word: &str) -> Result<DeliveryStatus> {
    match word {
        "pending" => Ok(DeliveryStatus::Pending),
        "delivered" => Ok(DeliveryStatus::Delivered),
        "failed" => Ok(DeliveryStatus::Failed),
        _ => Err(StoreError::Unreadable("delivery status")),
    }
}

/// A status' word.
pub(crate) const fn status_word(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Pending => "pending",
        DeliveryStatus::Delivered => "delivered",
        DeliveryStatus::Failed => "failed",
    }
}

/// Nobody has it in hand at `$now`.
const FREE: &str = "(taken_until IS NULL OR taken_until <= $1)";

impl Store {
    /// Takes deliveries that are due.
    pub async fn take_deliveries(&self, wanted: &Wanted<'_>) -> Result<Vec<DeliveryRow>> {
        let &Wanted {
            now,
            until,
            busy,
            full,
            each,
            of_tenant,
            limit,
        } = wanted;
        let mut place = 1;
        let mut without = |column: &str, ids: &[String]| {
            if ids.is_empty() {
                return String::new();
            }
            let places: Vec<_> = ids
                .iter()
                .map(|_| {
                    place += 1;
                    format!("${place}")
                })
                .collect();
            format!("AND d.{column} NOT IN ({})", places.join(", "))
        };
        let idle = without("webhook_id", busy);
        let hungry = without("tenant_id", full);
        // First the places within each webhook, then those of what is left within each tenant.
        let sql = format!(
            "SELECT tenant_id, id FROM (SELECT tenant_id, id, next_attempt_at, \
             ROW_NUMBER() OVER (PARTITION BY tenant_id ORDER BY next_attempt_at, id) AS share \
             FROM (SELECT d.tenant_id, d.id, d.next_attempt_at, \
             ROW_NUMBER() OVER (PARTITION BY d.tenant_id, d.webhook_id \
             ORDER BY d.next_attempt_at, d.id) AS place FROM webhook_deliveries d \
             JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id AND w.enabled = 1 \
             WHERE d.next_attempt_at <= $1 AND {FREE} {idle} {hungry}) AS due \
             WHERE place <= {each}) AS shared \
             WHERE share <= {of_tenant} ORDER BY next_attempt_at, id LIMIT {limit}"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(now);
        for id in busy.iter().chain(full) {
            query = query.bind(id);
        }
        // Beside every call, and for none: not a use that a caller waits for.
        let found = query.fetch_all(&self.pool).await?;
        let mut due: Vec<(String, String)> = Vec::with_capacity(found.len());
        for row in found {
            due.push((row.try_get("tenant_id")?, row.try_get("id")?));
        }
        if due.is_empty() {
            return Ok(Vec::new());
        }
        // In one order, so that no two takers wait for each other.
        due.sort();
        let mut transaction = self.begin().await?;
        let mut taken = Vec::with_capacity(due.len());
        for (tenant_id, id) in due {
            let sql = format!(
                "UPDATE webhook_deliveries SET taken = taken + 1, taken_until = $2 \
                 WHERE tenant_id = $3 AND id = $4 AND next_attempt_at <= $1 AND {FREE} RETURNING *"
            );
            let row = sqlx::query(AssertSqlSafe(sql))
                .bind(now)
                .bind(until)
                .bind(tenant_id)
                .bind(id)
                .fetch_optional(&mut *transaction)
                .await?;
            taken.extend(row.as_ref().map(DeliveryRow::read).transpose()?);
        }
        transaction.commit().await?;
        Ok(taken)
    }

    /// Takes one delivery of a webhook, whether it is due or done, until `until`. None when somebody
    /// has it in hand, or there is no such delivery.
    pub async fn take_delivery(
        &self,
        tenant_id: &str,
        webhook_id: &str,
        id: &str,
        now: EpochMs,
        until: EpochMs,
    ) -> Result<Option<DeliveryRow>> {
        let sql = format!(
            "UPDATE webhook_deliveries SET taken = taken + 1, taken_until = $2 \
             WHERE tenant_id = $3 AND webhook_id = $4 AND id = $5 AND {FREE} RETURNING *"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(now)
            .bind(until)
            .bind(tenant_id)
            .bind(webhook_id)
            .bind(id)
            .fetch_optional(self.db())
            .await?
            .as_ref()
            .map(DeliveryRow::read)
            .transpose()
    }

    /// Adds a delivery of its own kind for one webhook, which nobody but its maker takes, and that
    /// has it in hand until `until`.
    pub async fn add_delivery(
        &self,
        tenant_id: &str,
        webhook_id: &str,
        event: &str,
        data: &Value,
        now: EpochMs,
        until: EpochMs,
    ) -> Result<DeliveryRow> {
        let row = sqlx::query(
            "INSERT INTO webhook_deliveries (tenant_id, id, webhook_id, event, body, status, \
             created_at, taken, taken_until) VALUES ($1, $2, $3, $4, $5, 'failed', $6, 1, $7) \
             RETURNING *",
        )
        .bind(tenant_id)
        .bind(new_id())
        .bind(webhook_id)
        .bind(event)
        .bind(body(event, now, data)?)
        .bind(now)
        .bind(until)
        .fetch_one(self.db())
        .await?;
        DeliveryRow::read(&row)
    }

    /// Writes what came of a delivery that was taken, and what that means for its webhook. Answers
    /// the delivery as it is now; none when somebody else took it meanwhile, or it is gone.
    pub async fn finish_delivery(
        &self,
        taken: &DeliveryRow,
        tried: &Tried,
    ) -> Result<Option<DeliveryRow>> {
        let mut attempts = taken.attempts.clone();
        attempts.push(tried.attempt.clone());
        if attempts.len() > ATTEMPTS_KEPT {
            attempts.remove(0);
        }
        let (tenant_id, webhook_id) = (taken.tenant_id.as_str(), taken.webhook_id.as_str());
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "UPDATE webhook_deliveries SET status = $4, attempts = $5, tries = $6, \
             next_attempt_at = $7, taken_until = NULL \
             WHERE tenant_id = $1 AND id = $2 AND taken = $3 RETURNING *",
        )
        .bind(tenant_id)
        .bind(&taken.id)
        .bind(taken.taken)
        .bind(status_word(tried.status))
        .bind(to_json(&attempts)?)
        .bind(i64::from(taken.tries) + i64::from(tried.scheduled))
        .bind(tried.next_attempt_at)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if tried.attempt.error.is_none() {
            sqlx::query(
                "UPDATE webhooks SET failing_since = NULL \
                 WHERE tenant_id = $1 AND id = $2 AND failing_since IS NOT NULL",
            )
            .bind(tenant_id)
            .bind(webhook_id)
            .execute(&mut *transaction)
            .await?;
        } else if tried.scheduled {
            sqlx::query(
                "UPDATE webhooks SET failing_since = COALESCE(failing_since, $3) \
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(tenant_id)
            .bind(webhook_id)
            .bind(tried.now)
            .execute(&mut *transaction)
            .await?;
        }
        if let Some(reason) = tried.switch_off {
            let switched_off = sqlx::query(
                "UPDATE webhooks SET enabled = 0, disabled_reason = $3, updated_at = $4 \
                 WHERE tenant_id = $1 AND id = $2 AND enabled = 1",
            )
            .bind(tenant_id)
            .bind(webhook_id)
            .bind(reason)
            .bind(tried.now)
            .execute(&mut *transaction)
            .await?;
            if switched_off.rows_affected() > 0 {
                let subject = format!("webhooks/{webhook_id}");
                Audit::new(&Actor::Relay, tried.now, "webhook.disable", subject)
                    .with(json!({ "reason": reason }))
                    .record(tenant_id, &mut transaction)
                    .await?;
            }
            fail_pending(tenant_id, &mut transaction, webhook_id).await?;
        }
        transaction.commit().await?;
        DeliveryRow::read(&row).map(Some)
    }

    /// Whether there is such a delivery.
    pub async fn has_delivery(&self, tenant_id: &str, webhook_id: &str, id: &str) -> Result<bool> {
        let found = sqlx::query(
            "SELECT 1 FROM webhook_deliveries \
             WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3",
        )
        .bind(tenant_id)
        .bind(webhook_id)
        .bind(id)
        .fetch_optional(self.db())
        .await?;
        Ok(found.is_some())
    }

    /// What was, or is to be, sent to a webhook, newest first, after the one with id `after`; with
    /// a status, what stands so.
    pub async fn deliveries(
        &self,
        tenant_id: &str,
        webhook_id: &str,
        status: Option<DeliveryStatus>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Rows<DeliveryRow>> {
        let rows = sqlx::query(
            "SELECT * FROM webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2 \
             AND ($3 = '' OR status = $3) AND ($4 = '' OR id < $4) ORDER BY id DESC LIMIT $5",
        )
        .bind(tenant_id)
        .bind(webhook_id)
        .bind(status.map(status_word).unwrap_or_default())
        .bind(after.unwrap_or_default())
        .bind(limit_plus_one(limit))
        .fetch_all(self.db())
        .await?
        .iter()
        .map(DeliveryRow::read)
        .collect::<Result<_>>()?;
        Ok(Rows::page(rows, limit))
    }

    /// Forgets at most `limit` deliveries, of whichever tenants, of events before `before`. Answers
    /// how many.
    pub async fn forget_deliveries(&self, before: EpochMs, limit: u32) -> Result<u64> {
        let sql = format!(
            "DELETE FROM webhook_deliveries WHERE (tenant_id, id) IN \
             (SELECT tenant_id, id FROM webhook_deliveries \
             WHERE created_at < $1 ORDER BY created_at, tenant_id, id LIMIT {limit})"
        );
        let forgotten = sqlx::query(AssertSqlSafe(sql))
            .bind(before)
            .execute(self.db())
            .await?;
        Ok(forgotten.rows_affected())
    }
}
