//! The outbox: what webhooks are to be told of, written by the transaction that causes it, so that
//! neither is there without the other.

use relay_api::WebhookEvent;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Row};

use super::credentials::CredentialRow;
use super::{Result, Store, StoreError, to_json};
use crate::clock::{EpochMs, new_id, rfc3339};

/// Something that a tenant may want to be told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Of which kind.
    pub kind: WebhookEvent,
    /// When it happened.
    pub at: EpochMs,
    /// What: a JSON object, without any key.
    pub data: Value,
}

/// What is sent of an event.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: String,
    data: &'a Value,
}

/// The body that is sent of an event of this kind.
pub(super) fn body(kind: &str, at: EpochMs, data: &Value) -> Result<String> {
    let timestamp = rfc3339(at);
    to_json(&Body {
        kind,
        timestamp,
        data,
    })
}

/// The part of a credential that every event about it tells. Never the key.
pub(super) struct ToldCredential<'a> {
    pub(super) id: &'a str,
    pub(super) host: &'a str,
    pub(super) name: &'a str,
    pub(super) last4: &'a str,
    /// The end user's label; the tenant's own credential has none.
    pub(super) user: Option<&'a str>,
}

impl<'a> ToldCredential<'a> {
    pub(super) fn of(row: &'a CredentialRow, user: Option<&'a str>) -> Self {
        Self {
            id: &row.id,
            host: &row.host,
            name: &row.name,
            last4: &row.last4,
            user,
        }
    }

    /// The event about it, with a word or two more.
    pub(super) fn event(&self, kind: WebhookEvent, at: EpochMs, more: (&str, Value)) -> Event {
        let mut data = json!({
            "credentialId": self.id, "provider": self.host, "name": self.name,
            "last4": self.last4, "user": self.user,
        });
        data[more.0] = more.1;
        Event { kind, at, data }
    }
}

/// Writes the event for each webhook of the tenant that wants it, within the transaction that causes
/// it. Answers whether anybody does.
pub(super) async fn emit(
    tenant_id: &str,
    connection: &mut AnyConnection,
    event: &Event,
) -> Result<bool> {
    let listeners = listeners(tenant_id, connection, event.kind).await?;
    send(tenant_id, connection, &listeners, event).await?;
    Ok(!listeners.is_empty())
}

/// The same, but once: the second time that `occasion` is named, nothing is written. It is remembered
/// until `until`, and only if somebody wants to be told.
pub(super) async fn emit_once(
    tenant_id: &str,
    connection: &mut AnyConnection,
    event: &Event,
    occasion: &str,
    until: EpochMs,
) -> Result<bool> {
    let listeners = listeners(tenant_id, connection, event.kind).await?;
    if listeners.is_empty() || !note(tenant_id, connection, occasion, until).await? {
        return Ok(false);
    }
    send(tenant_id, connection, &listeners, event).await?;
    Ok(true)
}

/// Remembers an occasion. `false` when it was known.
pub(super) async fn note(
    tenant_id: &str,
    connection: &mut AnyConnection,
    occasion: &str,
    until: EpochMs,
) -> Result<bool> {
    let noted = sqlx::query(
        "INSERT INTO webhook_notices (tenant_id, id, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant_id)
    .bind(occasion)
    .bind(until)
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() > 0)
}

async fn listeners(
    tenant_id: &str,
    connection: &mut AnyConnection,
    kind: WebhookEvent,
) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT id, events FROM webhooks WHERE tenant_id = $1 AND enabled = 1 ORDER BY id",
    )
    .bind(tenant_id)
    .fetch_all(connection)
    .await?;
    let mut listeners = Vec::new();
    for row in rows {
        let wanted: Vec<WebhookEvent> = super::from_json(&row, "events")?;
        if wanted.contains(&kind) {
            listeners.push(row.try_get("id")?);
        }
    }
    Ok(listeners)
}

async fn send(
    tenant_id: &str,
    connection: &mut AnyConnection,
    webhooks: &[String],
    event: &Event,
) -> Result<()> {
    if webhooks.is_empty() {
        return Ok(());
    }
    let body = body(event.kind.as_str(), event.at, &event.data)?;
    for webhook_id in webhooks {
        sqlx::query(
            "INSERT INTO webhook_deliveries \
             (tenant_id, id, webhook_id, event, body, status, created_at, next_attempt_at) \
             VALUES ($1, $2, $3, $4, $5, 'pending', $6, $6)",
        )
        .bind(tenant_id)
        .bind(new_id())
        .bind(webhook_id)
        .bind(event.kind.as_str())
        .bind(&body)
        .bind(event.at)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The label of the end user with this id.
pub(super) async fn label_of(
    tenant_id: &str,
    connection: &mut AnyConnection,
    owner_id: &str,
) -> Result<Option<String>> {
    let row = sqlx::query("SELECT label FROM end_users WHERE tenant_id = $1 AND id = $2")
        .bind(tenant_id)
        .bind(owner_id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// A relay key that expires before long.
struct Expiring {
    tenant_id: String,
    id: String,
    name: String,
    hint: String,
    created_at: EpochMs,
    expires_at: EpochMs,
}

const DAY: EpochMs = crate::clock::DAY;
/// How many days before a relay key expires its tenant is told, the last first.
const NOTICE_DAYS: [i64; 2] = [1, 7];
const KEYS_AT_ONCE: i64 = 500;

impl Store {
    /// Tells of relay keys, of whichever tenants, that expire within a week or a day: once each, and
    /// nothing of a key that was made with less than that to live. Answers how often it told.
    pub async fn tell_of_expiring_keys(&self, now: EpochMs) -> Result<u64> {
        let mut told = 0;
        let mut after = (now, String::new());
        loop {
            let keys = self.expiring_keys(now, &after).await?;
            let Some(last) = keys.last() else { break };
            after = (last.expires_at, last.id.clone());
            for key in &keys {
                told += u64::from(self.tell_of_expiring(key, now).await?);
            }
        }
        Ok(told)
    }

    async fn expiring_keys(
        &self,
        now: EpochMs,
        after: &(EpochMs, String),
    ) -> Result<Vec<Expiring>> {
        // Of tenants that have a webhook at all: the rest is not worth a transaction each.
        sqlx::query(
            "SELECT k.tenant_id, k.id, k.name, k.hint, k.created_at, k.expires_at \
             FROM relay_keys k WHERE k.expires_at > $1 AND k.expires_at <= $2 \
             AND (k.expires_at > $3 OR (k.expires_at = $3 AND k.id > $4)) \
             AND k.revoked_at IS NULL AND EXISTS \
             (SELECT 1 FROM webhooks w WHERE w.tenant_id = k.tenant_id AND w.enabled = 1) \
             ORDER BY k.expires_at, k.id LIMIT $5",
        )
        .bind(now)
        .bind(now + NOTICE_DAYS[1] * DAY)
        .bind(after.0)
        .bind(&after.1)
        .bind(KEYS_AT_ONCE)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            Ok(Expiring {
                tenant_id: row.try_get("tenant_id")?,
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                hint: row.try_get("hint")?,
                created_at: row.try_get("created_at")?,
                expires_at: row.try_get("expires_at")?,
            })
        })
        .collect::<std::result::Result<_, sqlx::Error>>()
        .map_err(StoreError::from)
    }

    async fn tell_of_expiring(&self, key: &Expiring, now: EpochMs) -> Result<bool> {
        let left = key.expires_at - now;
        let Some(days) = NOTICE_DAYS.into_iter().find(|days| left <= days * DAY) else {
            return Ok(false);
        };
        if key.expires_at - key.created_at <= days * DAY {
            return Ok(false);
        }
        let event = Event {
            kind: WebhookEvent::KeyExpiring,
            at: now,
            data: json!({
                "relayKeyId": key.id, "name": key.name, "hint": key.hint,
                "expiresAt": rfc3339(key.expires_at), "days": days,
            }),
        };
        // Of an expiry that is changed later, it is told anew.
        let occasion = format!("key.expiring/{}/{}/{days}", key.id, key.expires_at);
        let until = key.expires_at + DAY;
        let mut transaction = self.begin().await?;
        let told = emit_once(&key.tenant_id, &mut transaction, &event, &occasion, until).await?;
        if told {
            transaction.commit().await?;
        }
        Ok(told)
    }

    /// Forgets the occasions that cannot come again.
    pub async fn forget_notices(&self, now: EpochMs) -> Result<()> {
        sqlx::query("DELETE FROM webhook_notices WHERE expires_at < $1")
            .bind(now)
            .execute(self.db())
            .await?;
        Ok(())
    }
}
