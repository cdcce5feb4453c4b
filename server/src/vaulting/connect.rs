//! Connecting: a provider key is tried against its provider, sealed for its row, and stored; the
//! registration token it came with is used up in the same transaction. Any failure leaves nothing
//! stored and the token unused.

use std::sync::Arc;

use relay_api::{CredentialStatus, TokenScope};
use relay_vault::VaultError;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::{Claims, DEFAULT_NAME, KeyError, Probe, ProbeVerdict, Reference, Vault, WantedPlace};
use crate::cache::Freshness;
use crate::catalog::Host;
use crate::clock::{Clock, new_id};
use crate::store::{
    Actor, Audit, CredentialRow, NewCredentialRow, Owner, PoolPlace, Put, Slot, Store, StoreError,
    UsedToken,
};
use crate::upstream::{Examined, Misshapen, UpstreamError, examine};

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
    /// The end user was erased after the registration token was issued.
    #[error("the registration token's end user was erased")]
    TokenCancelled,
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
    /// The tenant itself, under this name in its pool.
    Tenant(&'a str),
}

impl For<'_> {
    /// The credential's name.
    fn name(&self) -> &str {
        match self {
            Self::EndUser(_) => DEFAULT_NAME,
            Self::Tenant(name) => name,
        }
    }

    /// The credential as the audit trail names it: its path below `/v1`.
    pub fn subject(&self, host: &str) -> String {
        match self {
            Self::EndUser(label) => format!("users/{label}/credentials/{host}"),
            Self::Tenant(name) => format!("credentials/{host}/{name}"),
        }
    }
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
    /// What the registration token says that it came with.
    pub token: Option<&'a Claims>,
    /// How the tenant's pool is to use it.
    pub place: WantedPlace,
    /// Who connects it.
    pub actor: &'a Actor,
}

/// A key of the tenant's pool that the operator keeps elsewhere.
pub struct Referral<'a> {
    /// Whose tenant.
    pub tenant_id: &'a str,
    /// Its name in the pool.
    pub name: &'a str,
    /// The host it is for.
    pub host: &'a Arc<Host>,
    /// A base URL other than the host's own.
    pub base_url: Option<&'a Url>,
    /// Where the key is.
    pub reference: &'a Reference,
    /// How the pool is to use it.
    pub place: WantedPlace,
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
        if let Some(token) = connection.token
            && self
                .store
                .is_token_used(connection.tenant_id, &token.token_id)
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
        let place = self.place(&connection).await?;
        for _ in 0..ATTEMPTS {
            let owner = self.owner(connection.tenant_id, connection.owner).await?;
            let row = self
                .seal(&connection, &owner, &examined, status, &place)
                .await?;
            let token = connection.token.map(|token| UsedToken {
                id: &token.token_id,
                expires_at: token.expires_at_ms(),
                once: token.scope == TokenScope::Connect,
            });
            match self.store(&connection, &owner, &row, token).await? {
                Put::TokenUsed => return Err(ConnectError::TokenUsed),
                Put::TokenCancelled => return Err(ConnectError::TokenCancelled),
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

    /// Stores where the operator keeps a key of the tenant's pool, and answers what is stored now.
    /// The key is not tried: it may not be there for the one who runs this.
    pub async fn refer(&self, referral: Referral<'_>) -> Result<CredentialRow, ConnectError> {
        let Referral {
            tenant_id, host, ..
        } = referral;
        if host.base_url.is_none() && referral.base_url.is_none() {
            return Err(ConnectError::NoBaseUrl);
        }
        let key = match referral.reference.resolve().await {
            Ok(key) => Some(examine(host, &key)?),
            Err(_) => None,
        };
        let owner = Owner::Tenant {
            id: tenant_id.to_owned(),
        };
        let slot = Slot {
            kind: owner.kind(),
            owner_id: owner.id(),
            host: &host.id,
            name: referral.name,
        };
        let before = self.store.credential(tenant_id, slot).await?;
        let mut place = before.map(|row| row.place).unwrap_or_default();
        referral.place.apply(&mut place);
        let id = new_id();
        let provider_key = key.as_ref().map(|key| &key.provider_key);
        let sealed = self
            .vault
            .seal_reference(
                tenant_id,
                &owner,
                &host.id,
                &id,
                referral.reference,
                provider_key,
            )
            .await?;
        let reference = referral.reference.to_string();
        let now = self.clock.now();
        let subject = For::Tenant(referral.name).subject(&host.id);
        let audit = Audit::new(&Actor::Operator, now, "credential.connect", subject)
            .with(json!({ "reference": reference }));
        let row = NewCredentialRow {
            id,
            host: host.id.clone(),
            name: referral.name.to_owned(),
            base_url: referral.base_url.map(Url::to_string),
            sealed: sealed.sealed,
            last4: key.and_then(|key| key.last4).unwrap_or(sealed.last4),
            fingerprint: sealed.fingerprint,
            status: CredentialStatus::Active,
            reference: Some(reference),
            place,
            connected_at: now,
        };
        self.store
            .put_credential(tenant_id, &owner, &row, None, &audit)
            .await?;
        self.freshness.tenant_changed(tenant_id);
        Ok(stored(&owner, row))
    }

    /// How the pool is to use what is connected: as it is asked to, else as it did, else as usual.
    async fn place(&self, connection: &Connection<'_>) -> Result<PoolPlace, StoreError> {
        let mut place = PoolPlace::default();
        if let For::Tenant(name) = connection.owner {
            let slot = Slot {
                kind: relay_vault::OwnerKind::Tenant,
                owner_id: connection.tenant_id,
                host: &connection.host.id,
                name,
            };
            let before = self.store.credential(connection.tenant_id, slot).await?;
            if let Some(before) = before {
                place = before.place;
            }
            connection.place.clone().apply(&mut place);
        }
        Ok(place)
    }

    async fn store(
        &self,
        connection: &Connection<'_>,
        owner: &Owner,
        row: &NewCredentialRow,
        token: Option<UsedToken<'_>>,
    ) -> Result<Put, StoreError> {
        let subject = connection.owner.subject(&row.host);
        let audit = Audit::new(
            connection.actor,
            row.connected_at,
            "credential.connect",
            subject,
        );
        let audit = audit.with(json!({ "last4": row.last4, "baseUrl": row.base_url }));
        self.store
            .put_credential(connection.tenant_id, owner, row, token, &audit)
            .await
    }

    async fn owner(&self, tenant_id: &str, owner: For<'_>) -> Result<Owner, StoreError> {
        Ok(match owner {
            For::Tenant(_) => Owner::Tenant {
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
        place: &PoolPlace,
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
            name: connection.owner.name().to_owned(),
            base_url: connection.base_url.map(Url::to_string),
            sealed: sealed.sealed,
            last4: examined.last4.clone().unwrap_or(sealed.last4),
            fingerprint: sealed.fingerprint,
            status,
            reference: None,
            place: place.clone(),
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
