//! Tenants.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Audit, DataKeyRow, Result, Store};
use crate::clock::EpochMs;

/// A workspace: the unit of isolation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// The id.
    pub id: String,
    /// The name, unique.
    pub name: String,
    /// When it was made.
    pub created_at: EpochMs,
}

impl TenantRow {
    fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

impl Store {
    /// Adds a tenant with its first data key. `false` when the name is taken.
    pub async fn add_tenant(
        &self,
        tenant: &TenantRow,
        data_key: &DataKeyRow,
        audit: &Audit,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let added = insert_tenant(&mut transaction, tenant, data_key).await?;
        if added {
            audit.record(&tenant.id, &mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(added)
    }

    /// The tenant with this id.
    pub async fn tenant(&self, tenant_id: &str) -> Result<Option<TenantRow>> {
        sqlx::query("SELECT id, name, created_at FROM tenants WHERE id = $1")
            .bind(tenant_id)
            .fetch_optional(self.db())
            .await?
            .as_ref()
            .map(TenantRow::read)
            .transpose()
    }

    /// Every tenant, by name: for the operator's command line only.
    pub async fn tenants(&self) -> Result<Vec<TenantRow>> {
        sqlx::query("SELECT id, name, created_at FROM tenants ORDER BY name")
            .fetch_all(self.db())
            .await?
            .iter()
            .map(TenantRow::read)
            .collect()
    }

    /// The tenant of this name: for the operator's command line only.
    pub async fn tenant_named(&self, name: &str) -> Result<Option<TenantRow>> {
        sqlx::query("SELECT id, name, created_at FROM tenants WHERE name = $1")
            .bind(name)
            .fetch_optional(self.db())
            .await?
            .as_ref()
            .map(TenantRow::read)
            .transpose()
    }
}

pub(super) async fn insert_tenant(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantRow,
    data_key: &DataKeyRow,
) -> Result<bool> {
    let added = sqlx::query(
        "INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(&tenant.id)
    .bind(&tenant.name)
    .bind(tenant.created_at)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if added == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO data_keys (tenant_id, version, root_version, wrapped, created_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&tenant.id)
    .bind(i64::from(data_key.version))
    .bind(i64::from(data_key.root_version))
    .bind(data_key.wrapped.clone())
    .bind(tenant.created_at)
    .execute(&mut *connection)
    .await?;
    Ok(true)
}
