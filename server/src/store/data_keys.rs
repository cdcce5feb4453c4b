//! A tenant's data keys, wrapped by the root key.

use sqlx::Row;

use super::{Result, Store, StoreError};

/// A wrapped data key.
#[derive(Clone)]
pub struct DataKeyRow {
    /// Counts up from 1 within the tenant.
    pub version: u32,
    /// The root key that wraps it.
    pub root_version: u32,
    /// The key, wrapped.
    pub wrapped: Vec<u8>,
}

impl Store {
    /// The tenant's data keys, newest first.
    pub async fn data_keys(&self, tenant_id: &str) -> Result<Vec<DataKeyRow>> {
        let number = |value: i64| {
            u32::try_from(value).map_err(|_| StoreError::Unreadable("data key version"))
        };
        sqlx::query(
            "SELECT version, root_version, wrapped FROM data_keys \
             WHERE tenant_id = $1 ORDER BY version DESC",
        )
        .bind(tenant_id)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            Ok(DataKeyRow {
                version: number(row.try_get("version")?)?,
                root_version: number(row.try_get("root_version")?)?,
                wrapped: row.try_get("wrapped")?,
            })
        })
        .collect()
    }
}
