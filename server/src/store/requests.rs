//! Requests: one row an inference call, written in batches off the hot path.

use relay_api::{ErrorCategory, Trace};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Result, Rows, Store, StoreError, from_json, limit_plus_one, to_json};
use crate::clock::EpochMs;

const CLIENT_DISCONNECTED: &str = ErrorCategory::ClientDisconnected.as_str();

/// One inference call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// The tenant that called.
    pub tenant_id: String,
    /// The id in `x-relay-request-id`.
    pub id: String,
    /// When it arrived.
    pub at: EpochMs,
    /// The relay key it came with.
    pub relay_key_id: String,
    /// The end user's label, if one was named.
    pub end_user: Option<String>,
    /// Whether the app said that this user pays.
    pub paid: Option<bool>,
    /// `chat` or `embeddings`.
    pub operation: String,
    /// The model the caller asked for.
    pub model: String,
    /// The host that the model leads to, if it leads to one.
    pub host: Option<String>,
    /// The policy it was held to.
    pub policy_id: Option<String>,
    /// The credential that answered, or was tried last.
    pub credential_id: Option<String>,
    /// Its last four characters.
    pub credential_last4: Option<String>,
    /// The model's name at the host.
    pub upstream_model: Option<String>,
    /// What the caller spoke.
    pub dialect: Option<String>,
    /// How many candidates were tried.
    pub attempts: u64,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// HTTP status the caller got.
    pub status: u16,
    /// The error's code, if it failed.
    pub error_code: Option<String>,
    /// What kind of error.
    pub error_category: Option<String>,
    /// Whether the answer ended before it was whole.
    pub partial: bool,
    /// Input tokens, cached ones included.
    pub input_tokens: Option<u64>,
    /// Output tokens, reasoning included.
    pub output_tokens: Option<u64>,
    /// Input tokens that were read from the provider's cache.
    pub cached_read_tokens: Option<u64>,
    /// Input tokens that were written to the provider's cache.
    pub cached_write_tokens: Option<u64>,
    /// Output tokens spent on reasoning.
    pub reasoning_tokens: Option<u64>,
    /// Audio tokens, in and out.
    pub audio_tokens: Option<u64>,
    /// Billionths of a US dollar, if the price and the usage are known.
    pub cost_nanos: Option<u64>,
    /// How it went.
    pub trace: Trace,
    /// Milliseconds from arrival to the last byte.
    pub duration_ms: u64,
    /// Milliseconds from arrival to the first byte of the answer.
    pub first_byte_ms: Option<u64>,
}

impl RequestRow {
    /// Whether anything was produced, so that it counts against quotas: the call was answered, the
    /// provider told usage before it failed, or the caller left an answer that had begun.
    pub fn produced(&self) -> bool {
        let left = self.error_category.as_deref() == Some(CLIENT_DISCONNECTED);
        self.error_code.is_none()
            || self.input_tokens.is_some()
            || (left && self.first_byte_ms.is_some())
    }

    /// Input and output tokens together.
    pub fn tokens(&self) -> u64 {
        let tokens = [self.input_tokens, self.output_tokens];
        tokens.into_iter().flatten().fold(0, u64::saturating_add)
    }
}

/// A request with its relay key's name, as lists show it.
#[derive(Debug, Clone)]
pub struct ListedRequest {
    /// The request.
    pub request: RequestRow,
    /// The relay key's name, if the key still exists.
    pub relay_key: Option<String>,
}

fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Store {
    /// Writes a batch of requests, of whichever tenants, and when their keys and credentials were
    /// last used. A request that is there already (a batch written twice) stays as it is.
    pub async fn add_requests(&self, batch: &[RequestRow]) -> Result<()> {
        let mut transaction = self.begin().await?;
        for row in batch {
            let added = sqlx::query(
                "INSERT INTO requests (tenant_id, id, at, relay_key_id, end_user, paid, operation, \
                 model, host, streamed, status, error_code, partial, input_tokens, output_tokens, \
                 cached_read_tokens, reasoning_tokens, duration_ms, first_byte_ms, policy_id, \
                 credential_id, credential_last4, upstream_model, dialect, attempts, \
                 error_category, cached_write_tokens, audio_tokens, cost_nanos, trace) \
                 SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
                 $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30 \
                 WHERE EXISTS (SELECT 1 FROM tenants WHERE id = $1) ON CONFLICT DO NOTHING",
            )
            .bind(&row.tenant_id)
            .bind(&row.id)
            .bind(row.at)
            .bind(&row.relay_key_id)
            .bind(row.end_user.clone())
            .bind(row.paid.map(i64::from))
            .bind(&row.operation)
            .bind(&row.model)
            .bind(row.host.clone())
            .bind(i64::from(row.streamed))
            .bind(i64::from(row.status))
            .bind(row.error_code.clone())
            .bind(i64::from(row.partial))
            .bind(row.input_tokens.map(count))
            .bind(row.output_tokens.map(count))
            .bind(row.cached_read_tokens.map(count))
            .bind(row.reasoning_tokens.map(count))
            .bind(count(row.duration_ms))
            .bind(row.first_byte_ms.map(count))
            .bind(row.policy_id.clone())
            .bind(row.credential_id.clone())
            .bind(row.credential_last4.clone())
            .bind(row.upstream_model.clone())
            .bind(row.dialect.clone())
            .bind(count(row.attempts))
            .bind(row.error_category.clone())
            .bind(row.cached_write_tokens.map(count))
            .bind(row.audio_tokens.map(count))
            .bind(row.cost_nanos.map(count))
            .bind(to_json(&row.trace)?)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
            if added == 0 {
                continue;
            }
            sqlx::query(
                "UPDATE relay_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2 \
                 AND (last_used_at IS NULL OR last_used_at < $3 - 60000)",
            )
            .bind(&row.tenant_id)
            .bind(&row.relay_key_id)
            .bind(row.at)
            .execute(&mut *transaction)
            .await?;
            if let Some(credential_id) = &row.credential_id
                && row.error_code.is_none()
            {
                sqlx::query(
                    "UPDATE credentials SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2 \
                     AND (last_used_at IS NULL OR last_used_at < $3 - 60000)",
                )
                .bind(&row.tenant_id)
                .bind(credential_id)
                .bind(row.at)
                .execute(&mut *transaction)
                .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The tenant's requests, newest first, after the one with id `after`.
    pub async fn requests(
        &self,
        tenant_id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Rows<ListedRequest>> {
        let rows = sqlx::query(
            "SELECT r.*, k.name AS relay_key FROM requests r \
             LEFT JOIN relay_keys k ON k.tenant_id = r.tenant_id AND k.id = r.relay_key_id \
             WHERE r.tenant_id = $1 AND ($2 = '' OR r.id < $2) ORDER BY r.id DESC LIMIT $3",
        )
        .bind(tenant_id)
        .bind(after.unwrap_or_default())
        .bind(limit_plus_one(limit))
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            Ok(ListedRequest {
                request: read(row)?,
                relay_key: row.try_get("relay_key")?,
            })
        })
        .collect::<Result<_>>()?;
        Ok(Rows::page(rows, limit))
    }
}

fn read(row: &AnyRow) -> Result<RequestRow> {
    let flag = |name: &str| -> Result<bool> { Ok(row.try_get::<i64, _>(name)? != 0) };
    let number = |name: &str| -> Result<Option<u64>> {
        Ok(row.try_get::<Option<i64>, _>(name)?.map(i64::cast_unsigned))
    };
    Ok(RequestRow {
        tenant_id: row.try_get("tenant_id")?,
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        relay_key_id: row.try_get("relay_key_id")?,
        end_user: row.try_get("end_user")?,
        paid: row.try_get::<Option<i64>, _>("paid")?.map(|paid| paid != 0),
        operation: row.try_get("operation")?,
        model: row.try_get("model")?,
        host: row.try_get("host")?,
        policy_id: row.try_get("policy_id")?,
        credential_id: row.try_get("credential_id")?,
        credential_last4: row.try_get("credential_last4")?,
        upstream_model: row.try_get("upstream_model")?,
        dialect: row.try_get("dialect")?,
        attempts: number("attempts")?.unwrap_or_default(),
        error_category: row.try_get("error_category")?,
        streamed: flag("streamed")?,
        status: u16::try_from(row.try_get::<i64, _>("status")?)
            .map_err(|_| StoreError::Unreadable("status"))?,
        error_code: row.try_get("error_code")?,
        partial: flag("partial")?,
        input_tokens: number("input_tokens")?,
        output_tokens: number("output_tokens")?,
        cached_read_tokens: number("cached_read_tokens")?,
        cached_write_tokens: number("cached_write_tokens")?,
        reasoning_tokens: number("reasoning_tokens")?,
        audio_tokens: number("audio_tokens")?,
        cost_nanos: number("cost_nanos")?,
        trace: from_json(row, "trace")?,
        duration_ms: number("duration_ms")?.unwrap_or_default(),
        first_byte_ms: number("first_byte_ms")?,
    })
}
