//! Every tenant's view of the catalog: from memory when warm.

use std::sync::Arc;

use super::{Catalog, Overlay, TenantCatalog};
use crate::cache::{Freshness, TenantCache};
use crate::store::{OverlayRows, Store, StoreError};

/// How many tenants' rows are kept in memory.
const CACHED: u64 = 10_000;

/// The catalog under each tenant's own rows.
pub struct Catalogs {
    base: Arc<Catalog>,
    store: Store,
    own: TenantCache<String, Arc<Overlay>>,
}

impl Catalogs {
    /// Over this catalog and store.
    pub fn new(base: Arc<Catalog>, store: Store, freshness: Arc<Freshness>) -> Self {
        Self {
            base,
            store,
            own: TenantCache::new(CACHED, freshness),
        }
    }

    /// The catalog as the tenant sees it.
    pub async fn of(&self, tenant_id: &str) -> Result<TenantCatalog, StoreError> {
        let own = self
            .own
            .get_or_read(tenant_id.to_owned(), async || {
                let rows = self.store.overlay(tenant_id).await?;
                let own = Arc::new(sound(&self.base, tenant_id, rows));
                Ok::<_, StoreError>((Some(tenant_id.into()), own))
            })
            .await?;
        Ok(self.base.with(own))
    }
}

/// The rows that are sound. All were when they were written; since then the catalog may have got a
/// host of the same id, or lost one that a model is bound to.
fn sound(base: &Catalog, tenant_id: &str, rows: OverlayRows) -> Overlay {
    let OverlayRows { hosts, models } = rows;
    match Overlay::of(base, hosts.clone(), models.clone()) {
        Ok(overlay) => return overlay,
        Err(fault) => tracing::warn!(tenant_id, %fault, "a tenant's own row is left out"),
    }
    let alone = |host: &(String, _)| Overlay::of(base, [host.clone()], []).is_ok();
    let hosts: Vec<_> = hosts.into_iter().filter(alone).collect();
    let with_hosts = |model: &(String, _)| {
        let overlay = Overlay::of(base, hosts.clone(), [model.clone()]);
        overlay.is_ok()
    };
    let models: Vec<_> = models.into_iter().filter(with_hosts).collect();
    Overlay::of(base, hosts, models).unwrap_or_default()
}
