//! The vault's keys in the database: seals credentials for their rows and opens them for one call.

mod connect;
mod member;
mod pool;
mod probe;
mod reference;
mod registration;
mod root;

use std::sync::Arc;

use relay_api::SealingKey;
use relay_vault::{
    CredentialBinding, DataKey, RecordBinding, RootKeys, SubmissionBinding, VaultError,
    WrappedDataKey, base64url, data_key_version_of,
};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::cache::{Freshness, TenantCache};
use crate::store::{CredentialRow, DataKeyRow, Owner, Store, StoreError};

pub use connect::{ConnectError, Connection, Connector, For, Referral};
pub use member::SealedForMember;
pub use pool::{DEFAULT_NAME, WantedPlace, is_pool_name};
pub use probe::{Probe, ProbeVerdict};
pub use reference::{Reference, ReferenceError};
pub use registration::{Claims, Grant, Registration, TokenError};
pub use root::{RootKeyError, load_root_keys};

/// How many tenants' wrapped data keys are kept in memory.
const DATA_KEYS_CACHED: u64 = 10_000;

/// What can go wrong with keys at rest.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A ciphertext or a key is not what it should be.
    #[error("the vault failed: {0}")]
    Vault(#[from] VaultError),
    /// The tenant has been shredded, or its key's version is gone.
    #[error("the tenant's data key is gone")]
    NoDataKey,
    /// There is no key where the operator keeps it.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
}

/// A provider key, sealed for its row, with what may be shown of it.
pub struct SealedCredential {
    /// The envelope.
    pub sealed: Vec<u8>,
    /// The key's last four characters.
    pub last4: String,
    /// The key's keyed fingerprint.
    pub fingerprint: String,
}

/// Seals and opens.
pub struct Vault {
    roots: Arc<RootKeys>,
    store: Store,
    data_keys: TenantCache<String, Arc<Vec<DataKeyRow>>>,
}

impl Vault {
    /// A vault over these root keys and this database.
    pub fn new(roots: Arc<RootKeys>, store: Store, freshness: Arc<Freshness>) -> Self {
        Self {
            roots,
            store,
            data_keys: TenantCache::new(DATA_KEYS_CACHED, freshness),
        }
    }

    /// The root keys, to derive from.
    pub fn roots(&self) -> &Arc<RootKeys> {
        &self.roots
    }

    /// Checks that the root keys open this database's vault, by one data key of each tenant.
    pub async fn verify(&self) -> Result<(), KeyError> {
        for tenant in self.store.tenants().await? {
            for row in self.store.data_keys(&tenant.id).await?.iter().take(1) {
                self.roots
                    .unwrap_data_key(&tenant.id, row.version, &wrapped(row))?;
            }
        }
        Ok(())
    }

    /// The first data key of a new tenant, wrapped.
    pub fn first_data_key(&self, tenant_id: &str) -> Result<DataKeyRow, VaultError> {
        const VERSION: u32 = 1;
        let (_, wrapped) = self.roots.new_data_key(tenant_id, VERSION)?;
        Ok(DataKeyRow {
            version: VERSION,
            root_version: wrapped.root_version,
            wrapped: wrapped.bytes,
        })
    }

    /// Seals a provider key for the row it will be stored in.
    pub async fn seal(
        &self,
        tenant_id: &str,
        owner: &Owner,
        host: &str,
        credential_id: &str,
        provider_key: &SecretString,
    ) -> Result<SealedCredential, KeyError> {
        let data_key = self.data_key(tenant_id, None).await?;
        let binding = CredentialBinding {
            tenant_id,
            owner_kind: owner.kind(),
            owner_id: owner.id(),
            host,
            credential_id,
        };
        Ok(SealedCredential {
            sealed: data_key.seal(&binding, provider_key)?,
            last4: last4(provider_key.expose_secret()),
            fingerprint: data_key.fingerprint(provider_key),
        })
    }

    /// Seals the place where the operator keeps a key, for the row it will be stored in. What may
    /// be shown of the key is empty where the key is not known here.
    pub async fn seal_reference(
        &self,
        tenant_id: &str,
        owner: &Owner,
        host: &str,
        credential_id: &str,
        reference: &Reference,
        provider_key: Option<&SecretString>,
    ) -> Result<SealedCredential, KeyError> {
        let place = reference.to_sealed();
        let sealed = self.seal(tenant_id, owner, host, credential_id, &place);
        let sealed = sealed.await?.sealed;
        let rows = self.data_keys(tenant_id).await?;
        let row = rows.first().ok_or(KeyError::NoDataKey)?;
        let data_key = self
            .roots
            .unwrap_data_key(tenant_id, row.version, &wrapped(row))?;
        let shown = |key: &SecretString| (last4(key.expose_secret()), data_key.fingerprint(key));
        let (last4, fingerprint) = provider_key.map(shown).unwrap_or_default();
        Ok(SealedCredential {
            sealed,
            last4,
            fingerprint,
        })
    }

    /// Opens a credential for one call: what is sealed, or what is where the operator keeps it.
    pub async fn open(
        &self,
        tenant_id: &str,
        credential: &CredentialRow,
    ) -> Result<SecretString, KeyError> {
        let sealed = self.unseal(tenant_id, credential).await?;
        match &credential.reference {
            None => Ok(sealed),
            Some(shown) => {
                let reference = Reference::of_row(shown, sealed.expose_secret())?;
                Ok(reference.resolve().await?)
            }
        }
    }

    async fn unseal(
        &self,
        tenant_id: &str,
        credential: &CredentialRow,
    ) -> Result<SecretString, KeyError> {
        let version = data_key_version_of(&credential.sealed)?;
        let data_key = self.data_key(tenant_id, Some(version)).await?;
        let binding = CredentialBinding {
            tenant_id,
            owner_kind: credential.owner_kind,
            owner_id: &credential.owner_id,
            host: &credential.host,
            credential_id: &credential.id,
        };
        Ok(data_key.open(&binding, &credential.sealed)?)
    }

    /// Seals what a tenant keeps besides credentials: `purpose` and `id` say which row it is for.
    pub async fn seal_record(
        &self,
        tenant_id: &str,
        purpose: &str,
        id: &str,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let data_key = self.data_key(tenant_id, None).await?;
        let binding = RecordBinding {
            tenant_id,
            purpose,
            id,
        };
        Ok(data_key.seal_record(&binding, plaintext)?)
    }

    /// Opens what [`seal_record`](Self::seal_record) sealed for this row.
    pub async fn open_record(
        &self,
        tenant_id: &str,
        purpose: &str,
        id: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let version = data_key_version_of(sealed)?;
        let data_key = self.data_key(tenant_id, Some(version)).await?;
        let binding = RecordBinding {
            tenant_id,
            purpose,
            id,
        };
        Ok(data_key.open_record(&binding, sealed)?)
    }

    /// The tenant's data key of this version, open; else its current one.
    async fn data_key(&self, tenant_id: &str, version: Option<u32>) -> Result<DataKey, KeyError> {
        let rows = self.data_keys(tenant_id).await?;
        let row = rows
            .iter()
            .find(|row| version.is_none_or(|version| row.version == version))
            .ok_or(KeyError::NoDataKey)?;
        Ok(self
            .roots
            .unwrap_data_key(tenant_id, row.version, &wrapped(row))?)
    }

    /// The public key that browsers seal to.
    pub fn sealing_key(&self) -> SealingKey {
        let key = self.roots.sealing_key();
        SealingKey {
            id: key.id,
            public_key: base64url::encode(&key.public_key),
        }
    }

    /// Opens what a browser sealed.
    pub fn open_submission(
        &self,
        binding: &SubmissionBinding<'_>,
        sealed: &relay_api::SealedKey,
    ) -> Result<SecretString, VaultError> {
        let bytes = |text: &str| base64url::decode(text).ok_or(VaultError::Malformed);
        self.roots.open_submission(
            &sealed.key_id,
            binding,
            &bytes(&sealed.enc)?,
            &bytes(&sealed.ciphertext)?,
        )
    }

    async fn data_keys(&self, tenant_id: &str) -> Result<Arc<Vec<DataKeyRow>>, StoreError> {
        self.data_keys
            .get_or_read(tenant_id.to_owned(), async || {
                let rows = self.store.data_keys(tenant_id).await?;
                let owner = (!rows.is_empty()).then(|| tenant_id.into());
                Ok((owner, Arc::new(rows)))
            })
            .await
    }
}

fn wrapped(row: &DataKeyRow) -> WrappedDataKey {
    WrappedDataKey {
        root_version: row.root_version,
        bytes: row.wrapped.clone(),
    }
}

/// The last four characters, or nothing of a key so short that four would be much of it.
fn last4(provider_key: &str) -> String {
    let characters = provider_key.chars().count();
    if characters < 12 {
        String::new()
    } else {
        provider_key.chars().skip(characters - 4).collect()
    }
}
