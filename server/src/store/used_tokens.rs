//! Registration tokens that a connection has used up.

use sqlx::AnyConnection;

use super::{Result, Store};
use crate::clock::EpochMs;

/// The registration token that a connection comes with.
pub struct UsedToken<'a> {
    /// The token's id.
    pub id: &'a str,
    /// When it would have expired: the row may go after that.
    pub expires_at: EpochMs,
    /// Whether the connection uses it up.
    pub once: bool,
}

impl Store {
    /// Whether a registration token has been used up.
    pub async fn is_token_used(&self, tenant_id: &str, token_id: &str) -> Result<bool> {
        Ok(
            sqlx::query("SELECT 1 FROM used_tokens WHERE tenant_id = $1 AND token_id = $2")
                .bind(tenant_id)
                .bind(token_id)
                .fetch_optional(self.db())
                .await?
                .is_some(),
        )
    }

    /// Forgets used tokens that could no longer be presented anyway. For every tenant at once:
    /// housekeeping, not a tenant's query.
    pub async fn forget_used_tokens(&self, expired_before: EpochMs) -> Result<()> {
        sqlx::query("DELETE FROM used_tokens WHERE expires_at < $1")
            .bind(expired_before)
            .execute(self.db())
            .await?;
        Ok(())
    }
}

/// Uses the token up, within the transaction that connects. `false` when it was used before.
pub(super) async fn use_token(
    connection: &mut AnyConnection,
    tenant_id: &str,
    token: &UsedToken<'_>,
) -> Result<bool> {
    Ok(sqlx::query(
        "INSERT INTO used_tokens (tenant_id, token_id, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant_id)
    .bind(token.id)
    .bind(token.expires_at)
    .execute(connection)
    .await?
    .rows_affected()
        > 0)
}
