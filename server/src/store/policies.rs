//! Policies: what relay keys may reach.

use relay_api::PolicyRules;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Audit, Result, Rows, Store, from_json, limit_plus_one, to_json};
use crate::clock::EpochMs;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// The id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it says.
    pub rules: PolicyRules,
}

/// A policy with its dates, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPolicy {
    /// The policy.
    pub policy: PolicyRow,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it was last changed.
    pub updated_at: EpochMs,
}

/// What came of writing a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyPut {
    /// Written.
    Done,
    /// Nothing written: the tenant has another policy of this name.
    NameTaken,
    /// Nothing written: the tenant has no such policy.
    Gone,
}

/// What came of removing a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyRemoval {
    /// Removed.
    Done,
    /// Nothing removed: the tenant has no such policy.
    Gone,
    /// Nothing removed: relay keys are held to it. Their names, some at least.
    InUse(Vec<String>),
}

const COLUMNS: &str = "id, name, rules, created_at, updated_at";
/// How many keys a refusal to remove a policy may name.
const NAMED: i64 = 3;

fn read(row: &AnyRow) -> Result<ListedPolicy> {
    Ok(ListedPolicy {
        policy: PolicyRow {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            rules: from_json(row, "rules")?,
        },
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

impl Store {
    /// The tenant's policies, newest first, after the one with id `after`.
    pub async fn policies(
        &self,
        tenant_id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Rows<ListedPolicy>> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM policies WHERE tenant_id = $1 AND ($2 = '' OR id < $2) \
             ORDER BY id DESC LIMIT $3"
        )))
        .bind(tenant_id)
        .bind(after.unwrap_or_default())
        .bind(limit_plus_one(limit))
        .fetch_all(self.db())
        .await?
        .iter()
        .map(read)
        .collect::<Result<_>>()?;
        Ok(Rows::page(rows, limit))
    }

    /// The tenant's policy of this id, else of this name.
    pub async fn policy(&self, tenant_id: &str, id_or_name: &str) -> Result<Option<ListedPolicy>> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM policies WHERE tenant_id = $1 AND (id = $2 OR name = $2)"
        )))
        .bind(tenant_id)
        .bind(id_or_name)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(read)
        .collect::<Result<Vec<_>>>()?;
        let by_id = |found: &ListedPolicy| found.policy.id == id_or_name;
        let at = rows.iter().position(by_id).unwrap_or_default();
        Ok(rows.into_iter().nth(at))
    }

    /// Adds a policy.
    pub async fn add_policy(
        &self,
        tenant_id: &str,
        policy: &PolicyRow,
        audit: &Audit,
    ) -> Result<PolicyPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let added = sqlx::query(
            "INSERT INTO policies (tenant_id, id, name, rules, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING",
        )
        .bind(tenant_id)
        .bind(&policy.id)
        .bind(&policy.name)
        .bind(to_json(&policy.rules)?)
        .bind(audit.at)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if added == 0 {
            return Ok(PolicyPut::NameTaken);
        }
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(PolicyPut::Done)
    }

    /// Puts another name and other rules into a policy.
    pub async fn replace_policy(
        &self,
        tenant_id: &str,
        policy: &PolicyRow,
        audit: &Audit,
    ) -> Result<PolicyPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let taken =
            sqlx::query("SELECT 1 FROM policies WHERE tenant_id = $1 AND name = $3 AND id <> $2")
                .bind(tenant_id)
                .bind(&policy.id)
                .bind(&policy.name)
                .fetch_optional(&mut *transaction)
                .await?;
        if taken.is_some() {
            return Ok(PolicyPut::NameTaken);
        }
        let replaced = sqlx::query(
            "UPDATE policies SET name = $3, rules = $4, updated_at = $5 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant_id)
        .bind(&policy.id)
        .bind(&policy.name)
        .bind(to_json(&policy.rules)?)
        .bind(audit.at)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if replaced == 0 {
            return Ok(PolicyPut::Gone);
        }
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(PolicyPut::Done)
    }

    /// Removes a policy that no relay key is held to. Revoked keys let go of it.
    pub async fn remove_policy(
        &self,
        tenant_id: &str,
        id: &str,
        audit: &Audit,
    ) -> Result<PolicyRemoval> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let keys = sqlx::query(
            "SELECT name FROM relay_keys WHERE tenant_id = $1 AND policy_id = $2 \
             AND revoked_at IS NULL ORDER BY id DESC LIMIT $3",
        )
        .bind(tenant_id)
        .bind(id)
        .bind(NAMED)
        .fetch_all(&mut *transaction)
        .await?;
        if !keys.is_empty() {
            let names = keys.iter().map(|row| Ok(row.try_get(0)?));
            return Ok(PolicyRemoval::InUse(names.collect::<Result<_>>()?));
        }
        let removed = sqlx::query("DELETE FROM policies WHERE tenant_id = $1 AND id = $2")
            .bind(tenant_id)
            .bind(id)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if removed == 0 {
            return Ok(PolicyRemoval::Gone);
        }
        sqlx::query(
            "UPDATE relay_keys SET policy_id = NULL WHERE tenant_id = $1 AND policy_id = $2",
        )
        .bind(tenant_id)
        .bind(id)
        .execute(&mut *transaction)
        .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(PolicyRemoval::Done)
    }
}
