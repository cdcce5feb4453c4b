//! Webhooks: the addresses that are told of events. Their secrets are sealed records of the vault.

use relay_api::WebhookEvent;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Audit, Result, Store, from_json, to_json};
use crate::clock::EpochMs;

/// A webhook as stored.
#[derive(Clone)]
pub struct WebhookRow {
    /// The id, which the secrets are sealed for.
    pub id: String,
    /// Where events go.
    pub url: String,
    /// What people wrote about it.
    pub description: String,
    /// Which events.
    pub events: Vec<WebhookEvent>,
    /// Whether events go there.
    pub enabled: bool,
    /// Why Relay switched it off, if it did.
    pub disabled_reason: Option<String>,
    /// Since when every delivery has failed, if the last one has.
    pub failing_since: Option<EpochMs>,
    /// The signing secret, sealed.
    pub secret: Vec<u8>,
    /// How it ends.
    pub secret_hint: String,
    /// The secret before it, sealed.
    pub previous_secret: Option<Vec<u8>>,
    /// Until when that signs as well.
    pub previous_expires_at: Option<EpochMs>,
    /// When it was made.
    pub created_at: EpochMs,
}

/// A webhook with its newest delivery, as lists show it.
#[derive(Clone)]
pub struct ListedWebhook {
    /// The webhook.
    pub row: WebhookRow,
    /// Its newest delivery: id, event, status, when.
    pub last: Option<(String, String, String, EpochMs)>,
}

/// What came of adding a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookPut {
    /// It is there.
    Done,
    /// The tenant has as many as it may.
    TooMany,
}

pub(super) const COLUMNS: &str = "w.id, w.url, w.description, w.events, w.enabled, \
     w.disabled_reason, w.failing_since, w.secret, w.secret_hint, w.previous_secret, \
     w.previous_expires_at, w.created_at";

impl WebhookRow {
    pub(super) fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            url: row.try_get("url")?,
            description: row.try_get("description")?,
            events: from_json(row, "events")?,
            enabled: row.try_get::<i64, _>("enabled")? != 0,
            disabled_reason: row.try_get("disabled_reason")?,
            failing_since: row.try_get("failing_since")?,
            secret: row.try_get("secret")?,
            secret_hint: row.try_get("secret_hint")?,
            previous_secret: row.try_get("previous_secret")?,
            previous_expires_at: row.try_get("previous_expires_at")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

fn listed(row: &AnyRow) -> Result<ListedWebhook> {
    let last = match row.try_get::<Option<String>, _>("last_id")? {
        None => None,
        Some(id) => Some((
            id,
            row.try_get("last_event")?,
            row.try_get("last_status")?,
            row.try_get("last_at")?,
        )),
    };
    Ok(ListedWebhook {
        row: WebhookRow::read(row)?,
        last,
    })
}

impl Store {
    /// The tenant's webhooks, newest first.
    pub async fn webhooks(&self, tenant_id: &str) -> Result<Vec<ListedWebhook>> {
        self.listed_webhooks(tenant_id, "").await
    }

    /// One of the tenant's webhooks.
    pub async fn webhook(&self, tenant_id: &str, id: &str) -> Result<Option<ListedWebhook>> {
        let found = self.listed_webhooks(tenant_id, id).await?;
        // Without an id all are meant.
        Ok(found.into_iter().find(|webhook| webhook.row.id == id))
    }

    async fn listed_webhooks(&self, tenant_id: &str, id: &str) -> Result<Vec<ListedWebhook>> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS}, d.id AS last_id, d.event AS last_event, d.status AS last_status, \
             d.created_at AS last_at FROM webhooks w \
             LEFT JOIN webhook_deliveries d ON d.tenant_id = w.tenant_id AND d.id = \
             (SELECT MAX(n.id) FROM webhook_deliveries n \
              WHERE n.tenant_id = w.tenant_id AND n.webhook_id = w.id) \
             WHERE w.tenant_id = $1 AND ($2 = '' OR w.id = $2) ORDER BY w.id DESC"
        )))
        .bind(tenant_id)
        .bind(id)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(listed)
        .collect()
    }

    /// Adds a webhook, if the tenant has fewer than `most`.
    pub async fn add_webhook(
        &self,
        tenant_id: &str,
        webhook: &WebhookRow,
        most: usize,
        audit: &Audit,
    ) -> Result<WebhookPut> {
        let mut transaction = self.begin().await?;
        // Writers of one tenant wait for one another here.
        self.touch(tenant_id, &mut transaction).await?;
        let known = sqlx::query("SELECT id FROM webhooks WHERE tenant_id = $1")
            .bind(tenant_id)
            .fetch_all(&mut *transaction)
            .await?;
        if known.len() >= most {
            return Ok(WebhookPut::TooMany);
        }
        sqlx::query(
            "INSERT INTO webhooks (tenant_id, id, url, description, events, enabled, secret, \
             secret_hint, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        )
        .bind(tenant_id)
        .bind(&webhook.id)
        .bind(&webhook.url)
        .bind(&webhook.description)
        .bind(to_json(&webhook.events)?)
        .bind(i64::from(webhook.enabled))
        .bind(webhook.secret.clone())
        .bind(&webhook.secret_hint)
        .bind(webhook.created_at)
        .execute(&mut *transaction)
        .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(WebhookPut::Done)
    }

    /// Changes a webhook, whatever it is when the change's turn comes. What was still to be sent when
    /// it is switched off fails. `false` when there is no such webhook.
    pub async fn change_webhook(
        &self,
        tenant_id: &str,
        id: &str,
        change: impl FnOnce(&mut WebhookRow) + Send,
        audit: &Audit,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let found = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM webhooks w WHERE w.tenant_id = $1 AND w.id = $2"
        )))
        .bind(tenant_id)
        .bind(id)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(found) = found else {
            return Ok(false);
        };
        let mut row = WebhookRow::read(&found)?;
        let was_enabled = row.enabled;
        change(&mut row);
        if row.enabled && !was_enabled {
            // Whoever switches it on again gives it a new chance.
            row.disabled_reason = None;
            row.failing_since = None;
        }
        sqlx::query(
            "UPDATE webhooks SET url = $3, description = $4, events = $5, enabled = $6, \
             disabled_reason = $7, failing_since = $8, secret = $9, secret_hint = $10, \
             previous_secret = $11, previous_expires_at = $12, updated_at = $13 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant_id)
        .bind(id)
        .bind(&row.url)
        .bind(&row.description)
        .bind(to_json(&row.events)?)
        .bind(i64::from(row.enabled))
        .bind(row.disabled_reason)
        .bind(row.failing_since)
        .bind(row.secret)
        .bind(&row.secret_hint)
        .bind(row.previous_secret)
        .bind(row.previous_expires_at)
        .bind(audit.at)
        .execute(&mut *transaction)
        .await?;
        if was_enabled && !row.enabled {
            fail_pending(tenant_id, &mut transaction, id).await?;
        }
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes a webhook with all that was, or was to be, sent there. `false` when there was none.
    pub async fn remove_webhook(&self, tenant_id: &str, id: &str, audit: &Audit) -> Result<bool> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let removed = sqlx::query("DELETE FROM webhooks WHERE tenant_id = $1 AND id = $2")
            .bind(tenant_id)
            .bind(id)
            .execute(&mut *transaction)
            .await?
            .rows_affected()
            > 0;
        if removed {
            sqlx::query("DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2")
                .bind(tenant_id)
                .bind(id)
                .execute(&mut *transaction)
                .await?;
            audit.record(tenant_id, &mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(removed)
    }
}

/// What is still to be sent to a webhook is not sent any more.
pub(super) async fn fail_pending(
    tenant_id: &str,
    connection: &mut sqlx::AnyConnection,
    webhook_id: &str,
) -> Result<()> {
    sqlx::query(
        "UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL \
         WHERE tenant_id = $1 AND webhook_id = $2 AND status = 'pending'",
    )
    .bind(tenant_id)
    .bind(webhook_id)
    .execute(connection)
    .await?;
    Ok(())
}
