//! The credentials that calls draw from: an end user's, or the tenant's pool. Never another user's,
//! never silently the tenant's. Sealed in memory, opened for one call.

use std::sync::Arc;

use relay_wire::ApiError;
use secrecy::SecretString;
use url::Url;

use super::pool::HealthKey;
use super::refusal;
use crate::cache::{Freshness, TenantCache};
use crate::clock::EpochMs;
use crate::store::{CredentialRow, Store, StoreError};
use crate::upstream::parse_base_url;
use crate::vaulting::{KeyError, Vault};

/// A credential as it is held in memory: sealed.
pub(super) struct Held {
    pub(super) row: CredentialRow,
    pub(super) health: HealthKey,
}

impl Held {
    fn all(tenant_id: &str, rows: Vec<CredentialRow>) -> Arc<[Arc<Self>]> {
        let held = rows
            .into_iter()
            .map(|row| Arc::new(Self::of(tenant_id, row)));
        held.collect()
    }

    /// A credential of the tenant.
    pub(super) fn of(tenant_id: &str, row: CredentialRow) -> Self {
        let health = HealthKey::of(tenant_id, &row.host, &row.fingerprint);
        Self { row, health }
    }
}

/// A credential, open for one call.
pub(super) struct Opened {
    pub(super) base_url: Option<Url>,
    pub(super) provider_key: SecretString,
}

/// Why a credential does not open. The detail is in the log.
pub(super) enum NotOpened {
    /// There is no key where the operator keeps it.
    NothingThere,
    /// The vault failed.
    Internal,
}

/// Whose credentials.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Owner {
    tenant_id: String,
    /// The end user's label; none is the tenant's pool.
    end_user: Option<String>,
}

/// The credentials calls draw from.
pub struct Credentials {
    store: Store,
    vault: Arc<Vault>,
    freshness: Arc<Freshness>,
    found: TenantCache<Owner, Arc<[Arc<Held>]>>,
}

impl Credentials {
    /// Over this store and vault; keeps those of so many owners in memory.
    pub fn new(
        store: Store,
        vault: Arc<Vault>,
        freshness: Arc<Freshness>,
        owners_cached: u64,
    ) -> Self {
        let found = TenantCache::new(owners_cached, Arc::clone(&freshness));
        Self {
            store,
            vault,
            freshness,
            found,
        }
    }

    /// Everything that the end user has connected, or, where none is named, the tenant itself.
    pub(super) async fn of(
        &self,
        tenant_id: &str,
        end_user: Option<&str>,
    ) -> Result<Arc<[Arc<Held>]>, ApiError> {
        let owner = Owner {
            tenant_id: tenant_id.to_owned(),
            end_user: end_user.map(str::to_owned),
        };
        let found = self.found.get_or_read(owner, async || {
            let rows = match end_user {
                Some(label) => self.store.user_credentials(tenant_id, label).await?,
                None => self.store.tenant_credentials(tenant_id).await?,
            };
            Ok::<_, StoreError>((Some(tenant_id.into()), Held::all(tenant_id, rows)))
        });
        found.await.map_err(|error| {
            tracing::error!(%error, "credentials could not be read");
            refusal::internal()
        })
    }

    /// Opens a credential for one call.
    pub(super) async fn open(&self, tenant_id: &str, held: &Held) -> Result<Opened, NotOpened> {
        let row = &held.row;
        let provider_key = self.vault.open(tenant_id, row).await.map_err(|error| {
            tracing::error!(%error, credential = row.id, "a credential could not be opened");
            match error {
                KeyError::Reference(_) => NotOpened::NothingThere,
                _ => NotOpened::Internal,
            }
        })?;
        let base_url = match &row.base_url {
            None => None,
            Some(text) => Some(parse_base_url(text).ok_or(NotOpened::Internal)?),
        };
        Ok(Opened {
            base_url,
            provider_key,
        })
    }

    /// The provider refuses this credential: no later call uses it.
    pub(super) async fn mark_broken(&self, tenant_id: &str, credential_id: &str, at: EpochMs) {
        let marked = self
            .store
            .mark_credential_broken(tenant_id, credential_id, at)
            .await;
        self.freshness.tenant_changed(tenant_id);
        if let Err(error) = marked {
            tracing::error!(%error, credential = credential_id, "could not be marked as broken");
        }
    }

    /// The provider takes this credential again.
    pub(super) async fn mark_healed(
        &self,
        tenant_id: &str,
        credential_id: &str,
    ) -> Result<(), StoreError> {
        self.store
            .mark_credential_healed(tenant_id, credential_id)
            .await?;
        self.freshness.tenant_changed(tenant_id);
        Ok(())
    }
}
