//! Erasing end users: who is removed is named nowhere afterwards.

use std::collections::{HashMap, HashSet};

use relay_api::WebhookEvent;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};

use super::backend::Records;
use super::idempotency::take_answers_away;
use super::outbox::{ToldCredential, emit};
use super::{Actor, Audit, RequestRow, Result, Store, to_json};
use crate::clock::{EpochMs, new_id};

/// Statements that forget a label (`$2`) of a tenant (`$1`), where nothing stands in its stead.
const FORGET: [&str; 5] = [
    "DELETE FROM request_bodies WHERE tenant_id = $1 AND request_id IN \
     (SELECT id FROM requests WHERE tenant_id = $1 AND end_user = $2)",
    "UPDATE requests SET end_user = NULL WHERE tenant_id = $1 AND end_user = $2",
    // Into the sums of nobody in particular, so that all together stay what they were.
    "INSERT INTO usage_rollups (tenant_id, grain, dimension, start, value, requests, failed, \
     input_tokens, output_tokens, cached_read_tokens, cached_write_tokens, reasoning_tokens, \
     cost_nanos, unpriced) \
     SELECT tenant_id, grain, dimension, start, '', requests, failed, input_tokens, output_tokens, \
     cached_read_tokens, cached_write_tokens, reasoning_tokens, cost_nanos, unpriced \
     FROM usage_rollups \
     WHERE tenant_id = $1 AND grain IN ('hour', 'day') AND dimension = 'user' AND value = $2 \
     ON CONFLICT (tenant_id, grain, dimension, start, value) DO UPDATE SET \
     requests = usage_rollups.requests + excluded.requests, \
     failed = usage_rollups.failed + excluded.failed, \
     input_tokens = usage_rollups.input_tokens + excluded.input_tokens, \
     output_tokens = usage_rollups.output_tokens + excluded.output_tokens, \
     cached_read_tokens = usage_rollups.cached_read_tokens + excluded.cached_read_tokens, \
     cached_write_tokens = usage_rollups.cached_write_tokens + excluded.cached_write_tokens, \
     reasoning_tokens = usage_rollups.reasoning_tokens + excluded.reasoning_tokens, \
     cost_nanos = usage_rollups.cost_nanos + excluded.cost_nanos, \
     unpriced = usage_rollups.unpriced + excluded.unpriced",
    "DELETE FROM usage_rollups \
     WHERE tenant_id = $1 AND grain IN ('hour', 'day') AND dimension = 'user' AND value = $2",
    "UPDATE relay_keys SET end_user = NULL WHERE tenant_id = $1 AND end_user = $2",
];

/// Statements that put something else (`$3`) in the place of a text (`$2`) that names the user.
const REPLACE_IN_DELIVERIES: &str = "UPDATE webhook_deliveries SET body = REPLACE(body, $2, $3) \
     WHERE tenant_id = $1 AND REPLACE(body, $2, '') <> body";
const REPLACE_IN_AUDIT_DETAILS: &str = "UPDATE audit SET detail = REPLACE(detail, $2, $3) \
     WHERE tenant_id = $1 AND REPLACE(detail, $2, '') <> detail";
const REPLACE_AUDIT_ACTOR: &str = "UPDATE audit SET actor = $3 \
     WHERE tenant_id = $1 AND actor_kind = 'end-user' AND actor = $2";
// A label may hold a slash: what is below another user whose label begins with this one stays.
const REPLACE_AUDIT_SUBJECT: &str = "UPDATE audit SET subject = $3 || SUBSTR(subject, LENGTH($2) + 1) \
     WHERE tenant_id = $1 AND (subject = $2 OR \
     SUBSTR(subject, 1, LENGTH($2 || '/credentials/')) = $2 || '/credentials/')";

/// What stands for a label of a tenant for as long as anything of before may still come in.
fn label_hash(tenant_id: &str, label: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(tenant_id);
    hash.update([0]);
    hash.update(label);
    relay_vault::base64url::encode(&hash.finalize())
}

impl Store {
    /// Erases an end user: all it has connected, the relay keys that are bound to it, and its label
    /// wherever it was written, also of calls that have not ended and in the audit trail, where a
    /// random name stands for it. `false` when there was nothing of it. Either way registration
    /// tokens that it was issued are cancelled.
    pub async fn erase_end_user(
        &self,
        tenant_id: &str,
        label: &str,
        actor: &Actor,
        at: EpochMs,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        Records::Erase.take(self.backend, &mut transaction).await?;
        self.touch(tenant_id, &mut transaction).await?;
        note(tenant_id, &mut transaction, label, at).await?;
        let removed = remove(tenant_id, &mut transaction, label).await?;
        let mut erased = removed.is_some();
        let mark = format!("erased-{}", new_id());
        erased |= revoke_keys(tenant_id, &mut transaction, label, actor, at).await?;
        for forget in FORGET {
            let done = sqlx::query(forget)
                .bind(tenant_id)
                .bind(label)
                .execute(&mut *transaction)
                .await?;
            erased |= done.rows_affected() > 0;
        }
        take_answers_away(tenant_id, &mut transaction).await?;
        let json = to_json(&label)?;
        for (replace, text, by) in [
            (
                REPLACE_IN_DELIVERIES,
                format!("\"user\":{json}"),
                "\"user\":null".to_owned(),
            ),
            (
                REPLACE_IN_AUDIT_DETAILS,
                format!("\"endUser\":{json}"),
                "\"endUser\":null".to_owned(),
            ),
            (REPLACE_AUDIT_ACTOR, label.to_owned(), mark.clone()),
            (
                REPLACE_AUDIT_SUBJECT,
                format!("users/{label}"),
                format!("users/{mark}"),
            ),
        ] {
            let done = sqlx::query(replace)
                .bind(tenant_id)
                .bind(text)
                .bind(by)
                .execute(&mut *transaction)
                .await?;
            erased |= done.rows_affected() > 0;
        }
        for credential in removed.into_iter().flatten() {
            let event = credential.told().event(
                WebhookEvent::CredentialDisconnected,
                at,
                ("reason", json!("user_removed")),
            );
            emit(tenant_id, &mut transaction, &event).await?;
        }
        if erased {
            let audit = Audit::new(actor, at, "user.remove", format!("users/{mark}"));
            audit.record(tenant_id, &mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(erased)
    }

    /// Whether the end user that a registration token was issued for has been erased since.
    pub async fn is_token_cancelled(
        &self,
        tenant_id: &str,
        label: &str,
        token_id: &str,
    ) -> Result<bool> {
        let mut connection = self.db().acquire().await?;
        is_cancelled(tenant_id, &mut connection, label, token_id).await
    }

    /// Forgets who was erased before `before`, of whichever tenants.
    pub async fn forget_erased(&self, before: EpochMs) -> Result<()> {
        sqlx::query("DELETE FROM erased_users WHERE at < $1")
            .bind(before)
            .execute(self.db())
            .await?;
        Ok(())
    }
}

/// A credential that went with its end user.
struct Removed {
    id: String,
    host: String,
    name: String,
    last4: String,
}

impl Removed {
    /// What is told of it: not whose it was, for what is told is kept.
    fn told(&self) -> ToldCredential<'_> {
        ToldCredential {
            id: &self.id,
            host: &self.host,
            name: &self.name,
            last4: &self.last4,
            user: None,
        }
    }
}

/// Removes the end user's row and what it has connected; none where there is no such row.
async fn remove(
    tenant_id: &str,
    connection: &mut AnyConnection,
    label: &str,
) -> Result<Option<Vec<Removed>>> {
    // The user first: whoever is connecting for it holds its row, and what is connected by then
    // is removed below.
    let user =
        sqlx::query("DELETE FROM end_users WHERE tenant_id = $1 AND label = $2 RETURNING id")
            .bind(tenant_id)
            .bind(label)
            .fetch_optional(&mut *connection)
            .await?;
    let Some(user) = user else {
        return Ok(None);
    };
    let rows = sqlx::query(
        "DELETE FROM credentials WHERE tenant_id = $1 AND owner_kind = 'end_user' \
         AND owner_id = $2 RETURNING id, host, name, last4",
    )
    .bind(tenant_id)
    .bind(user.try_get::<String, _>(0)?)
    .fetch_all(connection)
    .await?;
    let removed = rows.iter().map(|row| {
        Ok(Removed {
            id: row.try_get("id")?,
            host: row.try_get("host")?,
            name: row.try_get("name")?,
            last4: row.try_get("last4")?,
        })
    });
    removed.collect::<Result<_>>().map(Some)
}

/// Revokes the relay keys that are bound to the end user: unbound they would be for everybody.
async fn revoke_keys(
    tenant_id: &str,
    connection: &mut AnyConnection,
    label: &str,
    actor: &Actor,
    at: EpochMs,
) -> Result<bool> {
    let rows = sqlx::query(
        "UPDATE relay_keys SET revoked_at = $3 \
         WHERE tenant_id = $1 AND end_user = $2 AND revoked_at IS NULL RETURNING id",
    )
    .bind(tenant_id)
    .bind(label)
    .bind(at)
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let subject = format!("relay-keys/{}", row.try_get::<String, _>(0)?);
        let audit = Audit::new(actor, at, "relay-key.revoke", subject);
        audit.record(tenant_id, connection).await?;
    }
    Ok(!rows.is_empty())
}

/// Notes that a label is erased now.
async fn note(
    tenant_id: &str,
    connection: &mut AnyConnection,
    label: &str,
    at: EpochMs,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO erased_users (tenant_id, label_hash, id, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant_id, label_hash) DO UPDATE SET id = excluded.id, at = excluded.at",
    )
    .bind(tenant_id)
    .bind(label_hash(tenant_id, label))
    .bind(new_id())
    .bind(at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a registration token was issued for a label before that was erased: ids sort by time.
pub(super) async fn is_cancelled(
    tenant_id: &str,
    connection: &mut AnyConnection,
    label: &str,
    token_id: &str,
) -> Result<bool> {
    let found = sqlx::query(
        "SELECT 1 FROM erased_users WHERE tenant_id = $1 AND label_hash = $2 AND id > $3",
    )
    .bind(tenant_id)
    .bind(label_hash(tenant_id, label))
    .bind(token_id)
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// The ids of those requests whose end user was erased while they were under way.
pub(super) async fn erased_meanwhile(
    connection: &mut AnyConnection,
    rows: &[RequestRow],
) -> Result<HashSet<String>> {
    let named = || rows.iter().filter(|row| row.end_user.is_some());
    let Some(since) = named().map(|row| row.at).min() else {
        return Ok(HashSet::new());
    };
    let lately = sqlx::query("SELECT tenant_id, label_hash, at FROM erased_users WHERE at >= $1")
        .bind(since)
        .fetch_all(connection)
        .await?;
    let mut erased: HashMap<(String, String), EpochMs> = HashMap::new();
    for row in lately {
        let user = (row.try_get("tenant_id")?, row.try_get("label_hash")?);
        erased.insert(user, row.try_get("at")?);
    }
    if erased.is_empty() {
        return Ok(HashSet::new());
    }
    let is_erased = |row: &&RequestRow| {
        let hash = label_hash(&row.tenant_id, row.end_user.as_deref().unwrap_or_default());
        let at = erased.get(&(row.tenant_id.clone(), hash));
        at.is_some_and(|at| row.at <= *at)
    };
    Ok(named()
        .filter(is_erased)
        .map(|row| row.id.clone())
        .collect())
}
