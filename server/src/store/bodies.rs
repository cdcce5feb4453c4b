//! Prompts and completions that a tenant wants kept: sealed, and they expire.

use sqlx::{Any, Row, Transaction};

use super::{Result, Store};
use crate::clock::EpochMs;

/// What is kept of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyRow {
    /// The tenant that called.
    pub tenant_id: String,
    /// The request.
    pub request_id: String,
    /// The record, sealed for this row.
    pub sealed: Vec<u8>,
    /// Until when it is shown; it is removed soon after.
    pub expires_at: EpochMs,
}

impl BodyRow {
    pub(super) async fn add(&self, transaction: &mut Transaction<'static, Any>) -> Result<()> {
        sqlx::query(
            "INSERT INTO request_bodies (tenant_id, request_id, sealed, expires_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&self.tenant_id)
        .bind(&self.request_id)
        .bind(self.sealed.as_slice())
        .bind(self.expires_at)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }
}

impl Store {
    /// What is kept of one of the tenant's requests and has not expired, sealed.
    pub async fn request_body(
        &self,
        tenant_id: &str,
        request_id: &str,
        now: EpochMs,
    ) -> Result<Option<Vec<u8>>> {
        let row = sqlx::query(
            "SELECT sealed FROM request_bodies \
             WHERE tenant_id = $1 AND request_id = $2 AND expires_at > $3",
        )
        .bind(tenant_id)
        .bind(request_id)
        .bind(now)
        .fetch_optional(self.db())
        .await?;
        Ok(row.map(|row| row.try_get("sealed")).transpose()?)
    }

    /// Forgets at most `limit` bodies, of whichever tenants, that had expired at `now`. Answers
    /// how many.
    pub async fn forget_bodies(&self, now: EpochMs, limit: u32) -> Result<u64> {
        let forgotten = sqlx::query(
            "DELETE FROM request_bodies WHERE (tenant_id, request_id) IN \
             (SELECT tenant_id, request_id FROM request_bodies WHERE expires_at <= $1 \
             ORDER BY expires_at LIMIT $2)",
        )
        .bind(now)
        .bind(i64::from(limit))
        .execute(self.db())
        .await?;
        Ok(forgotten.rows_affected())
    }
}
