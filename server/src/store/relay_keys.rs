//! Relay keys: stored as a hash, found by it.

use relay_api::{KeySettings, QuotaUse, Scope};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::policies::PolicyRow;
use super::{Result, Store, StoreError, from_json, to_json};
use crate::clock::EpochMs;

const COLUMNS: &str = "k.tenant_id, k.id, k.name, k.hint, k.scopes, k.user_from_body, k.policy_id, \
     k.end_user, k.disabled, k.settings, k.rotated_at, k.previous_expires_at, k.created_at, \
     k.expires_at, k.last_used_at, k.revoked_at";

/// A relay key, without the key.
#[derive(Debug, Clone, PartialEq)]
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
    /// The policy it is held to; none allows everything.
    pub policy_id: Option<String>,
    /// The one end user it is for, if it is bound to one.
    pub end_user: Option<String>,
    /// Whether it is switched off for now.
    pub disabled: bool,
    /// Limits, quotas, networks, and what is kept.
    pub settings: KeySettings,
    /// When its bearer was last replaced.
    pub rotated_at: Option<EpochMs>,
    /// Until when the bearer before that still works.
    pub previous_expires_at: Option<EpochMs>,
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
            policy_id: row.try_get("policy_id")?,
            end_user: row.try_get("end_user")?,
            disabled: row.try_get::<i64, _>("disabled")? != 0,
            settings: from_json(row, "settings")?,
            rotated_at: row.try_get("rotated_at")?,
            previous_expires_at: row.try_get("previous_expires_at")?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            last_used_at: row.try_get("last_used_at")?,
            revoked_at: row.try_get("revoked_at")?,
        })
    }
}

/// A relay key as its bearer finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundRelayKey {
    /// The key.
    pub row: RelayKeyRow,
    /// Whether the bearer is the one before the last rotation, which `previous_expires_at` ends.
    pub is_previous: bool,
    /// Its policy, if it has one.
    pub policy: Option<PolicyRow>,
    /// What it has used of its quotas in the month asked about.
    pub used: QuotaUse,
}

impl FoundRelayKey {
    fn read(row: &AnyRow) -> Result<Self> {
        let key = RelayKeyRow::read(row)?;
        let used = |column: &str| -> Result<u64> {
            let used = row.try_get::<Option<i64>, _>(column)?;
            Ok(used.unwrap_or_default().cast_unsigned())
        };
        let policy = match (
            &key.policy_id,
            row.try_get::<Option<String>, _>("policy_name")?,
        ) {
            (Some(id), Some(name)) => Some(PolicyRow {
                id: id.clone(),
                name,
                rules: from_json(row, "policy_rules")?,
            }),
            (None, _) => None,
            // A policy that is gone must not leave its key without one.
            (Some(_), None) => return Err(StoreError::Unreadable("relay key's policy")),
        };
        Ok(Self {
            is_previous: row.try_get::<i64, _>("current")? == 0,
            policy,
            used: QuotaUse {
                requests: used("used_requests")?,
                tokens: used("used_tokens")?,
                cost_nanodollars: used("used_nanos")?,
            },
            row: key,
        })
    }
}

impl Store {
    /// The relay key whose bearer hashes to this, or whose bearer before the last rotation did, with
    /// its policy and what it has used of its quotas in `month`. The one lookup that finds its
    /// tenant, so it has no tenant to begin with.
    pub async fn relay_key_by_hash(
        &self,
        key_hash: &[u8; 32],
        month: EpochMs,
    ) -> Result<Option<FoundRelayKey>> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS}, CAST(CASE WHEN k.key_hash = $1 THEN 1 ELSE 0 END AS BIGINT) AS current, \
             p.name AS policy_name, p.rules AS policy_rules, \
             q.requests AS used_requests, q.tokens AS used_tokens, q.cost_nanos AS used_nanos \
             FROM relay_keys k \
             LEFT JOIN policies p ON p.tenant_id = k.tenant_id AND p.id = k.policy_id \
             LEFT JOIN quota_usage q ON q.tenant_id = k.tenant_id AND q.relay_key_id = k.id \
             AND q.month = $2 WHERE k.key_hash = $1 OR k.previous_hash = $1"
        )))
        .bind(key_hash.to_vec())
        .bind(month)
        .fetch_optional(self.db())
        .await?
        .as_ref()
        .map(FoundRelayKey::read)
        .transpose()
    }

    /// The tenant's relay keys, newest first.
    pub async fn relay_keys(&self, tenant_id: &str) -> Result<Vec<RelayKeyRow>> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM relay_keys k WHERE k.tenant_id = $1 ORDER BY k.id DESC"
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
