//! Connecting: a provider key is tried against its provider, sealed for its row, and stored; the
//! registration token it came with is used up in the same transaction. Any failure leaves nothing
//! stored and the token unused.

use std::sync::Arc;

use relay_api::CredentialStatus;
use relay_vault::VaultError;
use secrecy::SecretString;
use url::Url;

use super::{KeyError, Probe, ProbeVerdict, Vault};
use crate::cache::Freshness;
use crate::catalog::Host;
use crate::clock::{Clock, EpochMs, new_id};
use crate::store::{
    CredentialRow, NewCredentialRow, Owner, PoolPlace, Put, Store, StoreError, UsedToken,
};
use crate::upstream::{Examined, Misshapen, UpstreamError, examine};

/// The name of the credential where an owner has one.
const DEFAULT_NAME: &str = "default";
/// How often a lost race for an end user's label is run again.
const ATTEMPTS: usize = 3;

/// Why a provider key was not connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// It cannot be a credential of this host.
    #[error(transparent)]
    Malformed(#[from] Misshapen),
    /// The host has no base URL, so the credential has to bring one.
    #[error("the host needs a base URL")]
    NoBaseUrl,
    /// The provider refuses it.
    #[error("the provider refuses this key")]
    Refused,
    /// The provider gave no answer worth believing.
    #[error("the provider was not reached: {0}")]
    Unreachable(UpstreamError),
    /// The registration token has been used before.
    #[error("the registration token has been used")]
    TokenUsed,
    /// The database or the vault failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<StoreError> for ConnectError {
    fn from(error: StoreError) -> Self {
        Self::Key(error.into())
    }
}

/// Whose key it is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For<'a> {
    /// The end user of this label.
    EndUser(&'a str),
    /// The tenant itself.
    Tenant,
}

/// A key that is to be connected.
pub struct Connection<'a> {
    /// Whose tenant.
    pub tenant_id: &'a str,
    /// Whose key.
    pub owner: For<'a>,
    /// The host it is for.
    pub host: &'a Arc<Host>,
    /// A base URL other than the host's own.
    pub base_url: Option<&'a Url>,
    /// The key.
    pub provider_key: SecretString,
    /// The registration token it came with: its id and when it expires.
    pub token: Option<(&'a str, EpochMs)>,
}

/// Connects keys.
pub struct Connector {
    store: Store,
    vault: Arc<Vault>,
    probe: Probe,
    clock: Arc<dyn Clock>,
    freshness: Arc<Freshness>,
}

impl Connector {
    /// Connects into this store and vault.
    pub fn new(
        store: Store,
        vault: Arc<Vault>,
        probe: Probe,
        clock: Arc<dyn Clock>,
        freshness: Arc<Freshness>,
    ) -> Self {
        Self {
            store,
            vault,
            probe,
            clock,
            freshness,
        }
    }

    /// Connects a key and answers what is stored now, and whether it replaced another.
    pub async fn connect(
        &self,
        connection: Connection<'_>,
    ) -> Result<(CredentialRow, Put), ConnectError> {
        let examined = examine(connection.host, &connection.provider_key)?;
        if connection.host.base_url.is_none() && connection.base_url.is_none() {
            return Err(ConnectError::NoBaseUrl);
        }
        // A used token must not be an oracle for keys: asked before the provider is.
        if let Some((token_id, _)) = connection.token
            && self
                .store
                .is_token_used(connection.tenant_id, token_id)
                .await?
        {
            return Err(ConnectError::TokenUsed);
        }
        let verdict = self
            .probe
            .check(connection.host, connection.base_url, &examined.provider_key)
            .await;
        let status = match verdict {
            ProbeVerdict::Accepted => CredentialStatus::Active,
            ProbeVerdict::Limited => CredentialStatus::Limited,
            ProbeVerdict::Refused => return Err(ConnectError::Refused),
            ProbeVerdict::Unreachable(error) => return Err(ConnectError::Unreachable(error)),
        };
        for _ in 0..ATTEMPTS {
            let owner = self.owner(connection.tenant_id, connection.owner).await?;
            let row = self.seal(&connection, &owner, &examined, status).await?;
            let token = connection
                .token
                .map(|(id, expires_at)| UsedToken { id, expires_at });
            match self
                .store
                .put_credential(connection.tenant_id, &owner, &row, token)
                .await?
            {
                Put::TokenUsed => return Err(ConnectError::TokenUsed),
                Put::OwnerMoved => {}
                put @ (Put::Created | Put::Replaced) => {
                    self.freshness.tenant_changed(connection.tenant_id);
                    return Ok((stored(&owner, row), put));
                }
            }
        }
        // The label changed hands three times between two statements.
        Err(KeyError::Vault(VaultError::NotOpened).into())
    }

    async fn owner(&self, tenant_id: &str, owner: For<'_>) -> Result<Owner, StoreError> {
        Ok(match owner {
            For::Tenant => Owner::Tenant {
                id: tenant_id.to_owned(),
            },
            For::EndUser(label) => {
                let known = self.store.end_user(tenant_id, label).await?;
                let id = known.map_or_else(new_id, |user| user.id);
                Owner::EndUser {
                    id,
                    label: label.to_owned(),
                }
            }
        })
    }

    async fn seal(
        &self,
        connection: &Connection<'_>,
        owner: &Owner,
        examined: &Examined,
        status: CredentialStatus,
    ) -> Result<NewCredentialRow, KeyError> {
        let id = new_id();
        let sealed = self
            .vault
            .seal(
                connection.tenant_id,
                owner,
                &connection.host.id,
                &id,
                &examined.provider_key,
            )
            .await?;
        Ok(NewCredentialRow {
            id,
            host: connection.host.id.clone(),
            name: DEFAULT_NAME.to_owned(),
            base_url: connection.base_url.map(Url::to_string),
            sealed: sealed.sealed,
            last4: examined.last4.clone().unwrap_or(sealed.last4),
            fingerprint: sealed.fingerprint,
            status,
            reference: None,
            place: PoolPlace::default(),
            connected_at: self.clock.now(),
        })
    }
}

fn stored(owner: &Owner, row: NewCredentialRow) -> CredentialRow {
    CredentialRow {
        id: row.id,
        owner_kind: owner.kind(),
        owner_id: owner.id().to_owned(),
        host: row.host,
        name: row.name,
        base_url: row.base_url,
        sealed: row.sealed,
        last4: row.last4,
        fingerprint: row.fingerprint,
        status: row.status,
        reference: row.reference,
        place: row.place,
        connected_at: row.connected_at,
        last_used_at: None,
    }
}
