//! Relay keys: minted once, found by their hash, from memory when warm. One file, because whatever changes
//! a key has to leave the same memory true.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use relay_api::{KeySettings, QuotaUse, Scope};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{hash_bearer, new_bearer};
use crate::cache::{Freshness, TenantCache};
use crate::clock::{Clock, EpochMs, millis, month_of, new_id};
use crate::policy::Policy;
use crate::store::{
    Actor, Audit, FoundRelayKey, ListedRelayKey, NewBearer, NewRelayKeyRow, RelayKeyPut,
    RelayKeyRow, Store, StoreError,
};

/// How every relay key begins.
pub const PREFIX: &str = "rly-";
/// Longer than any bearer this server mints, with room for what tools append.
const MAX_BEARER_BYTES: usize = 512;

/// Longer than anybody means, and short enough for every calendar.
const LONGEST_LIFE: Duration = Duration::from_hours(100 * 365 * 24);
/// Long enough to replace a key everywhere, and short enough to be the end of the old one.
const LONGEST_GRACE: Duration = Duration::from_hours(30 * 24);

/// Whether a relay key may live so long.
pub fn is_life(life: Duration) -> bool {
    !life.is_zero() && life <= LONGEST_LIFE
}

/// Whether a relay key's old bearer may still work so long.
pub fn is_grace(grace: Duration) -> bool {
    grace <= LONGEST_GRACE
}

/// A relay key that is wanted.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// What people are to call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// A request's own field for a user may name the end user.
    pub user_from_body: bool,
    /// The id of its policy.
    pub policy_id: Option<String>,
    /// The one end user it is for.
    pub end_user: Option<String>,
    /// Limits, quotas, networks, and what is kept.
    pub settings: KeySettings,
    /// How long it is to live; none is forever.
    pub life: Option<Duration>,
}

/// Why a bearer is not let in.
#[derive(Debug, thiserror::Error)]
pub enum RelayKeyError {
    /// No relay key of this server.
    #[error("not a relay key of this server")]
    Unknown,
    /// It has been revoked.
    #[error("the relay key has been revoked")]
    Revoked,
    /// It is switched off.
    #[error("the relay key is switched off")]
    Disabled,
    /// It has expired.
    #[error("the relay key has expired")]
    Expired,
    /// Another bearer has taken its place.
    #[error("the relay key has another bearer now")]
    Rotated,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a relay key was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum RelayKeyChangeError {
    /// The tenant has no such key.
    #[error("there is no such relay key")]
    Gone,
    /// A key that has been revoked stays as it is.
    #[error("the relay key has been revoked")]
    Revoked,
    /// The tenant has no such policy.
    #[error("there is no such policy")]
    NoPolicy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RelayKeyChangeError {
    fn of(put: RelayKeyPut) -> Result<(), Self> {
        match put {
            RelayKeyPut::Done => Ok(()),
            RelayKeyPut::Gone => Err(Self::Gone),
            RelayKeyPut::Revoked => Err(Self::Revoked),
            RelayKeyPut::NoPolicy => Err(Self::NoPolicy),
        }
    }
}

/// A relay key as its calls are held to it.
#[derive(Debug)]
pub struct KeyInForce {
    /// The key.
    pub row: RelayKeyRow,
    /// Its policy.
    pub policy: Policy,
    /// What it had used of its quotas this month when it was read.
    pub used: QuotaUse,
    /// The month that was.
    pub month: EpochMs,
    /// Networks its calls may come from; none is anywhere.
    sources: Option<Vec<IpNet>>,
    /// When the bearer before the last rotation stops working, if this is that.
    replaced_at: Option<EpochMs>,
}

impl KeyInForce {
    /// Whether its calls may come from this address. One that cannot be told is refused where the
    /// key names networks.
    pub fn allows_source(&self, address: Option<IpAddr>) -> bool {
        let Some(sources) = &self.sources else {
            return true;
        };
        let within = |address: IpAddr| sources.iter().any(|network| network.contains(&address));
        address.is_some_and(|address| within(address.to_canonical()))
    }
}

impl KeyInForce {
    /// A key that is none: what calls of the tenant would be held to under a policy.
    pub fn imagined(tenant_id: &str, policy: Policy) -> Self {
        Self {
            row: RelayKeyRow {
                tenant_id: tenant_id.to_owned(),
                id: String::new(),
                name: String::new(),
                hint: String::new(),
                scopes: Scope::ALL.to_vec(),
                user_from_body: false,
                policy_id: policy.id.clone(),
                end_user: None,
                disabled: false,
                settings: KeySettings::default(),
                rotated_at: None,
                previous_expires_at: None,
                created_at: 0,
                expires_at: None,
                last_used_at: None,
                revoked_at: None,
            },
            policy,
            used: QuotaUse::default(),
            month: 0,
            sources: None,
            replaced_at: None,
        }
    }

    /// Whether it may be used now, or why not.
    pub fn check(&self, now: EpochMs) -> Result<(), RelayKeyError> {
        let has_come = |at: Option<EpochMs>| at.is_some_and(|at| at <= now);
        if self.row.revoked_at.is_some() {
            Err(RelayKeyError::Revoked)
        } else if self.row.disabled {
            Err(RelayKeyError::Disabled)
        } else if has_come(self.replaced_at) {
            Err(RelayKeyError::Rotated)
        } else if has_come(self.row.expires_at) {
            Err(RelayKeyError::Expired)
        } else {
            Ok(())
        }
    }

    fn of(found: FoundRelayKey, month: EpochMs) -> Self {
        let key = &found.row;
        let networks = &key.settings.sources;
        Self {
            // A network that cannot be read lets nobody in.
            sources: (!networks.is_empty())
                .then(|| networks.iter().filter_map(|n| n.parse().ok()).collect()),
            // Without a grace, a bearer that was replaced has ended already.
            replaced_at: found
                .is_previous
                .then(|| key.previous_expires_at.unwrap_or_default()),
            policy: found.policy.map(Policy::from).unwrap_or_default(),
            used: found.used,
            month,
            row: found.row,
        }
    }
}

/// Mints, finds, changes and revokes relay keys.
pub struct RelayKeys {
    store: Store,
    clock: Arc<dyn Clock>,
    freshness: Arc<Freshness>,
    found: TenantCache<[u8; 32], Option<Arc<KeyInForce>>>,
}

impl RelayKeys {
    /// Over this store; keeps so many relay keys (and bearers that are none) in memory.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        freshness: Arc<Freshness>,
        keys_cached: u64,
    ) -> Self {
        let found = TenantCache::new(keys_cached, Arc::clone(&freshness));
        Self {
            store,
            clock,
            freshness,
            found,
        }
    }

    /// The relay key of a bearer, if it may be used now.
    pub async fn find(&self, bearer: &str) -> Result<Arc<KeyInForce>, RelayKeyError> {
        if !bearer.starts_with(PREFIX) || bearer.len() > MAX_BEARER_BYTES {
            return Err(RelayKeyError::Unknown);
        }
        let hash = hash_bearer(bearer);
        let found = self
            .found
            .get_or_read(hash, async || {
                let month = month_of(self.clock.now());
                let found = self.store.relay_key_by_hash(&hash, month).await?;
                let tenant_id = found.as_ref().map(|key| key.row.tenant_id.as_str().into());
                let key = found.map(|found| Arc::new(KeyInForce::of(found, month)));
                Ok::<_, StoreError>((tenant_id, key))
            })
            .await?;
        let key = found.ok_or(RelayKeyError::Unknown)?;
        key.check(self.clock.now())?;
        Ok(key)
    }

    /// The tenant's relay key of this id as its calls are held to it, whether or not it may be used
    /// now.
    pub async fn in_force(
        &self,
        tenant_id: &str,
        id: &str,
    ) -> Result<KeyInForce, RelayKeyChangeError> {
        let listed = self.show(tenant_id, id).await?;
        let policy = match &listed.row.policy_id {
            None => None,
            Some(id) => {
                let found = self.store.policy(tenant_id, id).await?;
                Some(found.ok_or(RelayKeyChangeError::NoPolicy)?.policy)
            }
        };
        let found = FoundRelayKey {
            row: listed.row,
            is_previous: false,
            policy,
            used: listed.used,
        };
        Ok(KeyInForce::of(found, month_of(self.clock.now())))
    }

    /// The id of the tenant's policy of this id or name.
    pub async fn policy_id(
        &self,
        tenant_id: &str,
        id_or_name: &str,
    ) -> Result<String, RelayKeyChangeError> {
        let policy = self.store.policy(tenant_id, id_or_name).await?;
        policy
            .map(|found| found.policy.id)
            .ok_or(RelayKeyChangeError::NoPolicy)
    }

    /// Mints a relay key. The bearer is not kept: show it now.
    pub async fn mint(
        &self,
        tenant_id: &str,
        wanted: NewKey,
        actor: &Actor,
    ) -> Result<(SecretString, RelayKeyRow), RelayKeyChangeError> {
        let bearer = new_bearer(PREFIX);
        let now = self.clock.now();
        let key = NewRelayKeyRow {
            id: new_id(),
            name: wanted.name,
            key_hash: hash_bearer(bearer.expose_secret()),
            hint: hint(bearer.expose_secret()),
            scopes: wanted.scopes,
            user_from_body: wanted.user_from_body,
            policy_id: wanted.policy_id,
            end_user: wanted.end_user,
            settings: wanted.settings,
            created_at: now,
            expires_at: wanted.life.map(|life| now.saturating_add(millis(life))),
        };
        let audit = self.audit(actor, "relay-key.create", &key.id).with(json!({
            "name": key.name, "scopes": key.scopes, "policy": key.policy_id, "endUser": key.end_user,
        }));
        let put = self.store.add_relay_key(tenant_id, &key, &audit).await?;
        RelayKeyChangeError::of(put)?;
        // A bearer that was refused a moment ago may be this one.
        self.freshness.tenant_changed(tenant_id);
        let row = RelayKeyRow {
            tenant_id: tenant_id.to_owned(),
            id: key.id,
            name: key.name,
            hint: key.hint,
            scopes: key.scopes,
            user_from_body: key.user_from_body,
            policy_id: key.policy_id,
            end_user: key.end_user,
            disabled: false,
            settings: key.settings,
            rotated_at: None,
            previous_expires_at: None,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        Ok((bearer, row))
    }

    /// The tenant's relay keys, newest first.
    pub async fn list(&self, tenant_id: &str) -> Result<Vec<ListedRelayKey>, StoreError> {
        let month = month_of(self.clock.now());
        self.store.relay_keys(tenant_id, month).await
    }

    /// One of the tenant's relay keys.
    pub async fn show(
        &self,
        tenant_id: &str,
        id: &str,
    ) -> Result<ListedRelayKey, RelayKeyChangeError> {
        let month = month_of(self.clock.now());
        let key = self.store.relay_key(tenant_id, id, month).await?;
        key.ok_or(RelayKeyChangeError::Gone)
    }

    /// Changes a relay key's name, policy, settings and whether it is switched off. `changed` names
    /// the fields, for the audit trail.
    pub async fn change(
        &self,
        tenant_id: &str,
        id: &str,
        change: impl FnOnce(&mut RelayKeyRow) + Send,
        changed: &[&str],
        actor: &Actor,
    ) -> Result<ListedRelayKey, RelayKeyChangeError> {
        let audit = self.audit(actor, "relay-key.change", id);
        let audit = audit.with(json!({ "changed": changed }));
        let put = self.store.change_relay_key(tenant_id, id, change, &audit);
        let put = put.await?;
        self.freshness.tenant_changed(tenant_id);
        RelayKeyChangeError::of(put)?;
        self.show(tenant_id, id).await
    }

    /// Gives a relay key another bearer, to be shown now. The one before it still works for the
    /// grace; the one before that has ended.
    pub async fn rotate(
        &self,
        tenant_id: &str,
        id: &str,
        grace: Duration,
        actor: &Actor,
    ) -> Result<(SecretString, ListedRelayKey), RelayKeyChangeError> {
        let bearer = new_bearer(PREFIX);
        let audit = self.audit(actor, "relay-key.rotate", id);
        let audit = audit.with(json!({ "graceSeconds": grace.as_secs() }));
        let given = NewBearer {
            key_hash: hash_bearer(bearer.expose_secret()),
            hint: hint(bearer.expose_secret()),
            previous_expires_at: (!grace.is_zero()).then(|| audit.at.saturating_add(millis(grace))),
        };
        let put = self.store.rotate_relay_key(tenant_id, id, &given, &audit);
        let put = put.await?;
        self.freshness.tenant_changed(tenant_id);
        RelayKeyChangeError::of(put)?;
        Ok((bearer, self.show(tenant_id, id).await?))
    }

    /// Revokes a relay key at once. `false` when the tenant has no such key.
    pub async fn revoke(
        &self,
        tenant_id: &str,
        id: &str,
        actor: &Actor,
    ) -> Result<bool, StoreError> {
        let audit = self.audit(actor, "relay-key.revoke", id);
        let found = self.store.revoke_relay_key(tenant_id, id, &audit).await?;
        self.freshness.tenant_changed(tenant_id);
        Ok(found)
    }

    fn audit(&self, actor: &Actor, action: &str, id: &str) -> Audit {
        Audit::new(actor, self.clock.now(), action, format!("relay-keys/{id}"))
    }
}

/// The key's beginning and end: enough to tell keys apart, far from enough to guess one.
fn hint(bearer: &str) -> String {
    let start: String = bearer.chars().take(PREFIX.len() + 4).collect();
    let end: String = bearer
        .chars()
        .skip(bearer.chars().count().saturating_sub(4))
        .collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn a_hint_shows_eight_of_the_random_characters() {
        assert_eq!(hint("rly-abcdefghijklmnop"), "rly-abcd…mnop");
    }
}
