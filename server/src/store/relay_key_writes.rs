//! Relay keys: added, changed, rotated, revoked.

use relay_api::{KeySettings, Scope};
use sqlx::AnyConnection;

use super::relay_keys::{COLUMNS, RelayKeyRow};
use super::{Audit, Result, Store, to_json};
use crate::clock::EpochMs;

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
    /// The policy it is held to.
    pub policy_id: Option<String>,
    /// The one end user it is for.
    pub end_user: Option<String>,
    /// Limits, quotas, networks, and what is kept.
    pub settings: KeySettings,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it stops working, if ever.
    pub expires_at: Option<EpochMs>,
}

/// What came of writing a relay key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayKeyPut {
    /// Written.
    Done,
    /// Nothing written: the tenant has no such key.
    Gone,
    /// Nothing written: the key has been revoked.
    Revoked,
    /// Nothing written: the tenant has no such policy, or has none any more.
    NoPolicy,
}

/// A bearer that takes the place of another.
pub struct NewBearer {
    /// SHA-256 of it.
    pub key_hash: [u8; 32],
    /// Its beginning and end.
    pub hint: String,
    /// Until when the one before it still works; not at all, when absent.
    pub previous_expires_at: Option<EpochMs>,
}

impl Store {
    /// Adds a relay key.
    pub async fn add_relay_key(
        &self,
        tenant_id: &str,
        key: &NewRelayKeyRow,
        audit: &Audit,
    ) -> Result<RelayKeyPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        if !has_policy(&mut transaction, tenant_id, key.policy_id.as_deref()).await? {
            return Ok(RelayKeyPut::NoPolicy);
        }
        sqlx::query(
            "INSERT INTO relay_keys (tenant_id, id, name, key_hash, hint, scopes, user_from_body, \
             created_at, expires_at, policy_id, end_user, settings) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
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
        .bind(key.policy_id.clone())
        .bind(key.end_user.clone())
        .bind(to_json(&key.settings)?)
        .execute(&mut *transaction)
        .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(RelayKeyPut::Done)
    }

    /// Changes a relay key's name, policy, settings and whether it is switched off, whatever it is
    /// when its turn comes.
    pub async fn change_relay_key(
        &self,
        tenant_id: &str,
        id: &str,
        change: impl FnOnce(&mut RelayKeyRow) + Send,
        audit: &Audit,
    ) -> Result<RelayKeyPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let mut key = match read_for_change(&mut transaction, tenant_id, id).await? {
            Ok(key) => key,
            Err(put) => return Ok(put),
        };
        change(&mut key);
        if !has_policy(&mut transaction, tenant_id, key.policy_id.as_deref()).await? {
            return Ok(RelayKeyPut::NoPolicy);
        }
        sqlx::query(
            "UPDATE relay_keys SET name = $3, policy_id = $4, settings = $5, disabled = $6 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant_id)
        .bind(id)
        .bind(&key.name)
        .bind(key.policy_id.clone())
        .bind(to_json(&key.settings)?)
        .bind(i64::from(key.disabled))
        .execute(&mut *transaction)
        .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(RelayKeyPut::Done)
    }

    /// Puts another bearer in the place of a relay key's. The one before it works as long as is
    /// said; the one before that has ended.
    pub async fn rotate_relay_key(
        &self,
        tenant_id: &str,
        id: &str,
        bearer: &NewBearer,
        audit: &Audit,
    ) -> Result<RelayKeyPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        if let Err(put) = read_for_change(&mut transaction, tenant_id, id).await? {
            return Ok(put);
        }
        sqlx::query(
            "UPDATE relay_keys SET previous_hash = key_hash, previous_expires_at = $3, \
             key_hash = $4, hint = $5, rotated_at = $6 WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant_id)
        .bind(id)
        .bind(bearer.previous_expires_at)
        .bind(bearer.key_hash.to_vec())
        .bind(&bearer.hint)
        .bind(audit.at)
        .execute(&mut *transaction)
        .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(RelayKeyPut::Done)
    }

    /// Revokes a relay key for good. `false` when the tenant has no such key; revoking twice is
    /// the same as once.
    pub async fn revoke_relay_key(&self, tenant_id: &str, id: &str, audit: &Audit) -> Result<bool> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        match read_for_change(&mut transaction, tenant_id, id).await? {
            Err(put) => return Ok(put == RelayKeyPut::Revoked),
            Ok(_) => {
                sqlx::query(
                    "UPDATE relay_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2",
                )
                .bind(tenant_id)
                .bind(id)
                .bind(audit.at)
                .execute(&mut *transaction)
                .await?;
            }
        }
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// The relay key, if it is there and may be changed; else what is told of it.
async fn read_for_change(
    connection: &mut AnyConnection,
    tenant_id: &str,
    id: &str,
) -> Result<std::result::Result<RelayKeyRow, RelayKeyPut>> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM relay_keys k WHERE k.tenant_id = $1 AND k.id = $2"
    )))
    .bind(tenant_id)
    .bind(id)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(Err(RelayKeyPut::Gone));
    };
    let key = RelayKeyRow::read(&row)?;
    Ok(if key.revoked_at.is_some() {
        Err(RelayKeyPut::Revoked)
    } else {
        Ok(key)
    })
}

/// Whether the tenant has this policy; none is always there.
async fn has_policy(
    connection: &mut AnyConnection,
    tenant_id: &str,
    policy_id: Option<&str>,
) -> Result<bool> {
    let Some(policy_id) = policy_id else {
        return Ok(true);
    };
    Ok(
        sqlx::query("SELECT 1 FROM policies WHERE tenant_id = $1 AND id = $2")
            .bind(tenant_id)
            .bind(policy_id)
            .fetch_optional(connection)
            .await?
            .is_some(),
    )
}
