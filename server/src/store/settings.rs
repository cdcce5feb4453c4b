//! What a tenant decides for its pages. A tenant without a row has what is usual.

use relay_api::Branding;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Audit, Result, Store, StoreError, from_json, to_json};
use crate::clock::{EpochMs, first_id_at};

/// A tenant's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsRow {
    /// The tenant's name.
    pub tenant_name: String,
    /// Origins of pages that may use the widget with a token that names none, and may frame it.
    pub allowed_origins: Vec<String>,
    /// How the widget looks.
    pub branding: Branding,
    /// How many days requests are kept; none is as long as the operator keeps them.
    pub requests_retention_days: Option<u32>,
    /// When they were last changed.
    pub updated_at: Option<EpochMs>,
}

/// What came of changing settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsPut {
    /// They are so now.
    Done(Box<SettingsRow>),
    /// Another tenant has this name.
    NameTaken,
    /// There is no such tenant.
    Gone,
}

const READ: &str = "SELECT t.name AS tenant_name, s.allowed_origins, s.branding, \
     s.requests_retention_days, s.updated_at FROM tenants t \
     LEFT JOIN tenant_settings s ON s.tenant_id = t.id WHERE t.id = $1";

fn read(row: &AnyRow) -> Result<SettingsRow> {
    let tenant_name = row.try_get("tenant_name")?;
    let updated_at: Option<EpochMs> = row.try_get("updated_at")?;
    if updated_at.is_none() {
        return Ok(SettingsRow {
            tenant_name,
            ..SettingsRow::default()
        });
    }
    let days = |days: i64| u32::try_from(days).map_err(|_| StoreError::Unreadable("retention"));
    Ok(SettingsRow {
        tenant_name,
        allowed_origins: from_json(row, "allowed_origins")?,
        branding: from_json(row, "branding")?,
        requests_retention_days: row
            .try_get::<Option<i64>, _>("requests_retention_days")?
            .map(days)
            .transpose()?,
        updated_at,
    })
}

impl Store {
    /// The tenant's settings; none when there is no such tenant.
    pub async fn settings(&self, tenant_id: &str) -> Result<Option<SettingsRow>> {
        sqlx::query(READ)
            .bind(tenant_id)
            .fetch_optional(self.db())
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    /// Changes the tenant's settings, whatever they are when the change's turn comes.
    pub async fn change_settings(
        &self,
        tenant_id: &str,
        change: impl FnOnce(&mut SettingsRow) + Send,
        audit: &Audit,
    ) -> Result<SettingsPut> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let found = sqlx::query(READ)
            .bind(tenant_id)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(found) = found else {
            return Ok(SettingsPut::Gone);
        };
        let mut row = read(&found)?;
        let name_before = row.tenant_name.clone();
        change(&mut row);
        row.updated_at = Some(audit.at);
        if row.tenant_name != name_before {
            let renamed = sqlx::query(
                "UPDATE tenants SET name = $2 WHERE id = $1 \
                 AND NOT EXISTS (SELECT 1 FROM tenants WHERE name = $2)",
            )
            .bind(tenant_id)
            .bind(&row.tenant_name)
            .execute(&mut *transaction)
            .await;
            match renamed {
                Ok(done) if done.rows_affected() > 0 => {}
                // Another may take the name between the look and the write.
                Err(sqlx::Error::Database(error)) if !error.is_unique_violation() => {
                    return Err(sqlx::Error::Database(error).into());
                }
                Ok(_) | Err(sqlx::Error::Database(_)) => return Ok(SettingsPut::NameTaken),
                Err(error) => return Err(error.into()),
            }
        }
        sqlx::query(
            "INSERT INTO tenant_settings \
             (tenant_id, allowed_origins, branding, requests_retention_days, updated_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id) DO UPDATE SET \
             allowed_origins = excluded.allowed_origins, branding = excluded.branding, \
             requests_retention_days = excluded.requests_retention_days, \
             updated_at = excluded.updated_at",
        )
        .bind(tenant_id)
        .bind(to_json(&row.allowed_origins)?)
        .bind(to_json(&row.branding)?)
        .bind(row.requests_retention_days.map(i64::from))
        .bind(row.updated_at)
        .execute(&mut *transaction)
        .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(SettingsPut::Done(Box::new(row)))
    }

    /// The tenants that say themselves how long requests are kept, and how many days: for
    /// housekeeping only.
    pub async fn own_retentions(&self) -> Result<Vec<(String, u32)>> {
        sqlx::query(
            "SELECT tenant_id, requests_retention_days AS days FROM tenant_settings \
             WHERE requests_retention_days IS NOT NULL ORDER BY tenant_id",
        )
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            let days = u32::try_from(row.try_get::<i64, _>("days")?);
            let days = days.map_err(|_| StoreError::Unreadable("retention"))?;
            Ok((row.try_get("tenant_id")?, days))
        })
        .collect()
    }

    /// Forgets at most `limit` of the tenant's requests that arrived before `before`, the oldest
    /// first, and what was kept of them. Answers how many.
    pub async fn forget_requests_of(
        &self,
        tenant_id: &str,
        before: EpochMs,
        limit: u32,
    ) -> Result<u64> {
        // Ids begin with the moment of arrival.
        let oldest = format!(
            "SELECT id FROM requests WHERE tenant_id = $1 AND id < $2 ORDER BY id LIMIT {limit}"
        );
        let mut transaction = self.begin().await?;
        let mut forgotten = 0;
        for delete in [
            "DELETE FROM request_bodies WHERE tenant_id = $1 AND request_id",
            "DELETE FROM requests WHERE tenant_id = $1 AND id",
        ] {
            let sql = format!("{delete} IN ({oldest})");
            forgotten = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(tenant_id)
                .bind(first_id_at(before))
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        transaction.commit().await?;
        Ok(forgotten)
    }
}
