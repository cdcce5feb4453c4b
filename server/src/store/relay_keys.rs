//! Relay keys: stored as a hash, found by it.

use relay_api::Scope;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Result, Store, StoreError};
use crate::clock::EpochMs;

const COLUMNS: &str = "tenant_id, id, name, hint, scopes, user_from_body, created_at, expires_at, \
     last_used_at, revoked_at";

/// A relay key, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayKeyRow {
    /// The tenant it belongs to.
    pub tenant_id: String,
    /// The id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its beginning and end.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// A request's own field for a user (`user`, `metadata.user_id`) may name the end user.
    pub user_from_body: bool,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it stops working, if ever.
    pub expires_at: Option<EpochMs>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<EpochMs>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<EpochMs>,
}

/// A relay key to be stored.
pub struct NewRelayKeyRow {
    /// The id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the bearer.
    pub key_hash: [u8; 32],
    /// Its beginning and end.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// A request's own field for a user may name the end user.
    pub user_from_body: bool,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it stops working, if ever.
    pub expires_at: Option<EpochMs>,
}

impl RelayKeyRow {
    fn read(row: &AnyRow) -> Result<Self> {
        let scopes: String = row.try_get("scopes")?;
        Ok(Self {
            tenant_id: row.try_get("tenant_id")?,
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            hint: row.try_get("hint")?,
            scopes: scopes
                .split(',')
                .filter(|word| !word.is_empty())
                .map(|word| Scope::parse(word).ok_or(StoreError::Unreadable("scope")))
                .collect::<Result<_>>()?,
            user_from_body: row.try_get::<i64, _>("user_from_body")? != 0,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            last_used_at: row.try_get("last_used_at")?,
            revoked_at: row.try_get("revoked_at")?,
        })
    }
}

impl Store {
    /// The relay key whose bearer hashes to this. The one lookup that finds its tenant, so it has
    /// no tenant to begin with.
    pub async fn relay_key_by_hash(&self, key_hash: &[u8; 32]) -> Result<Option<RelayKeyRow>> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM relay_keys WHERE key_hash = $1"
        )))
        .bind(key_hash.to_vec())
        .fetch_optional(self.db())
        .await?
        .as_ref()
        .map(RelayKeyRow::read)
        .transpose()
    }

    /// The tenant's relay keys, newest first.
    pub async fn relay_keys(&self, tenant_id: &str) -> Result<Vec<RelayKeyRow>> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM relay_keys WHERE tenant_id = $1 ORDER BY id DESC"
        )))
        .bind(tenant_id)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(RelayKeyRow::read)
        .collect()
    }

    /// Adds a relay key.
    pub async fn add_relay_key(&self, tenant_id: &str, key: &NewRelayKeyRow) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO relay_keys (tenant_id, id, name, key_hash, hint, scopes, user_from_body, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant_id)
        .bind(&key.id)
        .bind(&key.name)
        .bind(key.key_hash.to_vec())
        .bind(&key.hint)
        .bind(
            key.scopes
                .iter()
                .map(|scope| scope.as_str())
                .collect::<Vec<_>>()
                .join(","),
        )
        .bind(i64::from(key.user_from_body))
        .bind(key.created_at)
        .bind(key.expires_at)
        .execute(&mut *transaction)
        .await?;
        self.touch(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Revokes a relay key for good. `false` when the tenant has no such key; revoking twice is
    /// the same as once.
    pub async fn revoke_relay_key(&self, tenant_id: &str, id: &str, at: EpochMs) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let found = sqlx::query(
            "UPDATE relay_keys SET revoked_at = COALESCE(revoked_at, $3) \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant_id)
        .bind(id)
        .bind(at)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            > 0;
        if found {
            self.touch(tenant_id, &mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(found)
    }
}
