//! Relay keys: stored as a hash, found by it.

use relay_api::{KeySettings, QuotaUse, Scope};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::policies::PolicyRow;
use super::{Result, Store, StoreError, from_json};
use crate::clock::EpochMs;

pub(super) const COLUMNS: &str = "k.tenant_id, k.id, k.name, k.hint, k.scopes, k.user_from_body, k.policy_id, \
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

impl RelayKeyRow {
    pub(super) fn read(row: &AnyRow) -> Result<Self> {
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

/// A relay key with what it has used, as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRelayKey {
    /// The key.
    pub row: RelayKeyRow,
    /// What it has used of its quotas in the month asked about.
    pub used: QuotaUse,
}

fn used(row: &AnyRow) -> Result<QuotaUse> {
    let used = |column: &str| -> Result<u64> {
        let used = row.try_get::<Option<i64>, _>(column)?;
        Ok(used.unwrap_or_default().cast_unsigned())
    };
    Ok(QuotaUse {
        requests: used("used_requests")?,
        tokens: used("used_tokens")?,
        cost_nanodollars: used("used_nanos")?,
    })
}

impl FoundRelayKey {
    fn read(row: &AnyRow) -> Result<Self> {
        let key = RelayKeyRow::read(row)?;
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
            used: used(row)?,
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

    /// The tenant's relay keys, newest first, with what they have used in `month`.
    pub async fn relay_keys(&self, tenant_id: &str, month: EpochMs) -> Result<Vec<ListedRelayKey>> {
        self.listed_relay_keys(tenant_id, "", month).await
    }

    /// One of the tenant's relay keys, with what it has used in `month`.
    pub async fn relay_key(
        &self,
        tenant_id: &str,
        id: &str,
        month: EpochMs,
    ) -> Result<Option<ListedRelayKey>> {
        let found = self.listed_relay_keys(tenant_id, id, month).await?;
        // Without an id all are meant.
        Ok(found.into_iter().find(|key| key.row.id == id))
    }

    async fn listed_relay_keys(
        &self,
        tenant_id: &str,
        id: &str,
        month: EpochMs,
    ) -> Result<Vec<ListedRelayKey>> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS}, q.requests AS used_requests, q.tokens AS used_tokens, \
             q.cost_nanos AS used_nanos FROM relay_keys k \
             LEFT JOIN quota_usage q ON q.tenant_id = k.tenant_id AND q.relay_key_id = k.id \
             AND q.month = $2 WHERE k.tenant_id = $1 AND ($3 = '' OR k.id = $3) ORDER BY k.id DESC"
        )))
        .bind(tenant_id)
        .bind(month)
        .bind(id)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            Ok(ListedRelayKey {
                used: used(row)?,
                row: RelayKeyRow::read(row)?,
            })
        })
        .collect()
    }
}
