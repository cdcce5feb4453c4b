//! Draws the credential for a call: the named end user's, or the tenant's own when none is named.
//! Never another user's, never silently the tenant's. Sealed in memory, opened for one call.

use std::sync::Arc;

use relay_api::CredentialStatus;
use relay_wire::ApiError;
use secrecy::SecretString;
use url::Url;

use super::Call;
use super::refusal;
use crate::cache::{Freshness, TenantCache};
use crate::catalog::Host;
use crate::store::{CredentialRow, Store, StoreError};
use crate::upstream::parse_base_url;
use crate::vaulting::Vault;

/// How many credentials (and absences of one) are kept in memory, sealed.
const CACHED: u64 = 100_000;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Wanted {
    tenant_id: String,
    end_user: Option<String>,
    host: String,
}

/// A credential, open for one call.
pub(super) struct Drawn {
    pub(super) row: Arc<CredentialRow>,
    pub(super) base_url: Option<Url>,
    pub(super) provider_key: SecretString,
}

/// The credentials calls draw from.
pub struct Credentials {
    store: Store,
    vault: Arc<Vault>,
    freshness: Arc<Freshness>,
    found: TenantCache<Wanted, Option<Arc<CredentialRow>>>,
}

impl Credentials {
    /// Over this store and vault.
    pub fn new(store: Store, vault: Arc<Vault>, freshness: Arc<Freshness>) -> Self {
        let found = TenantCache::new(CACHED, Arc::clone(&freshness));
        Self {
            store,
            vault,
            freshness,
            found,
        }
    }

    pub(super) async fn draw(&self, call: &Call, host: &Host) -> Result<Drawn, ApiError> {
        let end_user = call.end_user.as_deref();
        let row = self
            .find(call, host)
            .await
            .map_err(|error| {
                tracing::error!(%error, "a credential could not be read");
                refusal::internal()
            })?
            .ok_or_else(|| refusal::not_connected(host, end_user))?;
        if row.status == CredentialStatus::Broken {
            return Err(refusal::key_rejected(host, end_user));
        }
        let provider_key = self
            .vault
            .open(call.tenant_id(), &row)
            .await
            .map_err(|error| {
                tracing::error!(%error, credential = row.id, "a credential could not be opened");
                refusal::internal()
            })?;
        let base_url = match &row.base_url {
            None => None,
            Some(text) => Some(parse_base_url(text).ok_or_else(refusal::internal)?),
        };
        Ok(Drawn {
            row,
            base_url,
            provider_key,
        })
    }

    /// The provider refuses this credential: no later call uses it.
    pub(super) async fn mark_broken(&self, call: &Call, credential_id: &str) {
        let marked = self
            .store
            .mark_credential_broken(call.tenant_id(), credential_id)
            .await;
        self.freshness.tenant_changed(call.tenant_id());
        if let Err(error) = marked {
            tracing::error!(%error, credential = credential_id, "could not be marked as broken");
        }
    }

    async fn find(
        &self,
        call: &Call,
        host: &Host,
    ) -> Result<Option<Arc<CredentialRow>>, StoreError> {
        let wanted = Wanted {
            tenant_id: call.tenant_id().to_owned(),
            end_user: call.end_user.clone(),
            host: host.id.clone(),
        };
        self.found
            .get_or_read(wanted, async || {
                let tenant_id = call.tenant_id();
                let rows = match call.end_user.as_deref() {
                    Some(label) => self.store.user_credentials(tenant_id, label).await?,
                    None => self.store.tenant_credentials(tenant_id).await?,
                };
                let row = rows.into_iter().find(|row| row.host == host.id);
                Ok((Some(tenant_id.into()), row.map(Arc::new)))
            })
            .await
    }
}
