//! A tenant's settings, from memory when warm: the widget's routes ask for them with every call.

use std::sync::Arc;

use crate::cache::{Freshness, TenantCache};
use crate::store::{SettingsRow, Store, StoreError};

/// How many tenants' settings are kept in memory.
const TENANTS_CACHED: u64 = 10_000;

/// Every tenant's settings.
pub struct Settings {
    store: Store,
    found: TenantCache<String, Arc<SettingsRow>>,
}

impl Settings {
    /// Over this store.
    pub fn new(store: Store, freshness: Arc<Freshness>) -> Self {
        Self {
            store,
            found: TenantCache::new(TENANTS_CACHED, freshness),
        }
    }

    /// The tenant's settings; the usual ones where there is no such tenant.
    pub async fn of(&self, tenant_id: &str) -> Result<Arc<SettingsRow>, StoreError> {
        self.found
            .get_or_read(tenant_id.to_owned(), async || {
                let found = self.store.settings(tenant_id).await?;
                let owner = found.is_some().then(|| tenant_id.into());
                Ok((owner, Arc::new(found.unwrap_or_default())))
            })
            .await
    }
}
