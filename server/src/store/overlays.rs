//! A tenant's own hosts and models.

use relay_api::{NewHost, NewModel};
use sqlx::{AnyConnection, Row};

use super::{Audit, Result, Store, from_json, to_json};
use crate::clock::EpochMs;

/// How many hosts of its own a tenant may have.
const MAX_HOSTS: i64 = 50;
/// How many models of its own a tenant may have.
const MAX_MODELS: i64 = 1000;

/// A tenant's own rows, each with its id.
#[derive(Debug, Clone, Default)]
pub struct OverlayRows {
    /// Hosts.
    pub hosts: Vec<(String, NewHost)>,
    /// Models.
    pub models: Vec<(String, NewModel)>,
}

/// What came of writing or removing one of a tenant's own rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverlayPut {
    /// Written, where there was none.
    Created,
    /// Written, over an older one.
    Replaced,
    /// Removed.
    Removed,
    /// Nothing done: the tenant has no such row.
    Gone,
    /// Nothing done: keys are connected to the host, which must not go elsewhere with it, or be
    /// left without it.
    HasCredentials,
    /// Nothing done: models are bound to the host.
    HasModels,
    /// Nothing done: the tenant has as many as it may.
    TooMany,
}

impl Store {
    /// The tenant's own hosts and models, by id.
    pub async fn overlay(&self, tenant_id: &str) -> Result<OverlayRows> {
        let mut overlay = OverlayRows::default();
        let rows = sqlx::query(
            "SELECT 'host' AS kind, id, definition FROM tenant_hosts WHERE tenant_id = $1 \
             UNION ALL SELECT 'model', id, definition FROM tenant_models WHERE tenant_id = $1 \
             ORDER BY 1, 2",
        )
        .bind(tenant_id)
        .fetch_all(self.db())
        .await?;
        for row in &rows {
            let id = row.try_get("id")?;
            if row.try_get::<String, _>("kind")? == "host" {
                overlay.hosts.push((id, from_json(row, "definition")?));
            } else {
                overlay.models.push((id, from_json(row, "definition")?));
            }
        }
        Ok(overlay)
    }

    /// Writes a host of the tenant's own. Its address stays while keys are connected to it: no key
    /// ever goes where it was not connected for.
    pub async fn put_host(
        &self,
        tenant_id: &str,
        id: &str,
        host: &NewHost,
        audit: &Audit,
    ) -> Result<OverlayPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let before =
            sqlx::query("SELECT definition FROM tenant_hosts WHERE tenant_id = $1 AND id = $2")
                .bind(tenant_id)
                .bind(id)
                .fetch_optional(&mut *transaction)
                .await?;
        let put = if let Some(row) = before {
            let before: NewHost = from_json(&row, "definition")?;
            let moves = before.base_url != host.base_url;
            if moves && has_credentials(&mut transaction, tenant_id, id).await? {
                return Ok(OverlayPut::HasCredentials);
            }
            OverlayPut::Replaced
        } else if HOSTS.is_full(&mut transaction, tenant_id).await? {
            return Ok(OverlayPut::TooMany);
        } else {
            OverlayPut::Created
        };
        let definition = to_json(host)?;
        HOSTS
            .write(&mut transaction, (tenant_id, id), definition, audit.at)
            .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(put)
    }

    /// Removes a host of the tenant's own that no key is connected to and no model bound to.
    pub async fn remove_host(
        &self,
        tenant_id: &str,
        id: &str,
        audit: &Audit,
    ) -> Result<OverlayPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        if !HOSTS.delete(&mut transaction, tenant_id, id).await? {
            return Ok(OverlayPut::Gone);
        }
        if has_credentials(&mut transaction, tenant_id, id).await? {
            return Ok(OverlayPut::HasCredentials);
        }
        let models = sqlx::query("SELECT definition FROM tenant_models WHERE tenant_id = $1")
            .bind(tenant_id)
            .fetch_all(&mut *transaction)
            .await?;
        for row in &models {
            let model: NewModel = from_json(row, "definition")?;
            if model.bindings.iter().any(|binding| binding.host == id) {
                return Ok(OverlayPut::HasModels);
            }
        }
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(OverlayPut::Removed)
    }

    /// Writes a model of the tenant's own.
    pub async fn put_model(
        &self,
        tenant_id: &str,
        id: &str,
        model: &NewModel,
        audit: &Audit,
    ) -> Result<OverlayPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let before = sqlx::query("SELECT 1 FROM tenant_models WHERE tenant_id = $1 AND id = $2")
            .bind(tenant_id)
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await?;
        let put = if before.is_some() {
            OverlayPut::Replaced
        } else if MODELS.is_full(&mut transaction, tenant_id).await? {
            return Ok(OverlayPut::TooMany);
        } else {
            OverlayPut::Created
        };
        let definition = to_json(model)?;
        MODELS
            .write(&mut transaction, (tenant_id, id), definition, audit.at)
            .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(put)
    }

    /// Removes a model of the tenant's own; one of the catalog's that it stood for is back.
    pub async fn remove_model(
        &self,
        tenant_id: &str,
        id: &str,
        audit: &Audit,
    ) -> Result<OverlayPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        if !MODELS.delete(&mut transaction, tenant_id, id).await? {
            return Ok(OverlayPut::Gone);
        }
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(OverlayPut::Removed)
    }
}

/// Whether anybody in the tenant has connected a key to the host.
async fn has_credentials(
    connection: &mut AnyConnection,
    tenant_id: &str,
    host: &str,
) -> Result<bool> {
    Ok(
        sqlx::query("SELECT 1 FROM credentials WHERE tenant_id = $1 AND host = $2 LIMIT 1")
            .bind(tenant_id)
            .bind(host)
            .fetch_optional(connection)
            .await?
            .is_some(),
    )
}

/// One of the two tables, which are alike.
struct Table {
    name: &'static str,
    /// How many rows a tenant may have.
    most: i64,
}

const HOSTS: Table = Table {
    name: "tenant_hosts",
    most: MAX_HOSTS,
};
const MODELS: Table = Table {
    name: "tenant_models",
    most: MAX_MODELS,
};

impl Table {
    async fn is_full(&self, connection: &mut AnyConnection, tenant_id: &str) -> Result<bool> {
        let statement = format!("SELECT COUNT(*) FROM {} WHERE tenant_id = $1", self.name);
        let count: i64 = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(tenant_id)
            .fetch_one(connection)
            .await?
            .try_get(0)?;
        Ok(count >= self.most)
    }

    async fn write(
        &self,
        connection: &mut AnyConnection,
        (tenant_id, id): (&str, &str),
        definition: String,
        at: EpochMs,
    ) -> Result<()> {
        let statement = format!(
            "INSERT INTO {} (tenant_id, id, definition, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $4) ON CONFLICT (tenant_id, id) DO UPDATE SET \
             definition = excluded.definition, updated_at = excluded.updated_at",
            self.name
        );
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(tenant_id)
            .bind(id)
            .bind(definition)
            .bind(at)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// `false` when there was none.
    async fn delete(
        &self,
        connection: &mut AnyConnection,
        tenant_id: &str,
        id: &str,
    ) -> Result<bool> {
        let statement = format!("DELETE FROM {} WHERE tenant_id = $1 AND id = $2", self.name);
        let deleted = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(tenant_id)
            .bind(id)
            .execute(connection)
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}
