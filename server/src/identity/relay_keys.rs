//! Relay keys: minted once, found by their hash, from memory when warm.

use std::sync::Arc;
use std::time::Duration;

use relay_api::{KeySettings, QuotaUse, Scope};
use secrecy::{ExposeSecret, SecretString};

use super::{hash_bearer, new_bearer};
use crate::cache::{Freshness, TenantCache};
use crate::clock::{Clock, EpochMs, millis, month_of, new_id};
use crate::policy::Policy;
use crate::store::{FoundRelayKey, NewRelayKeyRow, RelayKeyRow, Store, StoreError};

/// How every relay key begins.
pub const PREFIX: &str = "rly-";
/// How many relay keys (and bearers that are none) are kept in memory.
const CACHED: u64 = 50_000;
/// Longer than any bearer this server mints, with room for what tools append.
const MAX_BEARER_BYTES: usize = 512;

/// Longer than anybody means, and short enough for every calendar.
const LONGEST_LIFE: Duration = Duration::from_hours(100 * 365 * 24);
const MAX_NAME_CHARS: usize = 100;

/// Whether a relay key may be called so.
pub fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= MAX_NAME_CHARS
        && !name.contains(char::is_control)
}

/// Whether a relay key may live so long.
pub fn is_life(life: Duration) -> bool {
    !life.is_zero() && life <= LONGEST_LIFE
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
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    /// When this bearer stops working, if ever.
    expires_at: Option<EpochMs>,
}

impl KeyInForce {
    fn of(found: FoundRelayKey, month: EpochMs) -> Self {
        let key = &found.row;
        let ends = [
            key.expires_at,
            // Without a grace, a bearer that was replaced has ended already.
            found
                .is_previous
                .then(|| key.previous_expires_at.unwrap_or_default()),
        ];
        Self {
            expires_at: ends.into_iter().flatten().min(),
            policy: found.policy.map(Policy::from).unwrap_or_default(),
            used: found.used,
            month,
            row: found.row,
        }
    }
}

/// Mints, finds and revokes relay keys.
pub struct RelayKeys {
    store: Store,
    clock: Arc<dyn Clock>,
    freshness: Arc<Freshness>,
    found: TenantCache<[u8; 32], Option<Arc<KeyInForce>>>,
}

impl RelayKeys {
    /// Over this store.
    pub fn new(store: Store, clock: Arc<dyn Clock>, freshness: Arc<Freshness>) -> Self {
        let found = TenantCache::new(CACHED, Arc::clone(&freshness));
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
        if key.row.revoked_at.is_some() {
            return Err(RelayKeyError::Revoked);
        }
        if key.row.disabled {
            return Err(RelayKeyError::Disabled);
        }
        if key.expires_at.is_some_and(|at| at <= self.clock.now()) {
            return Err(RelayKeyError::Expired);
        }
        Ok(key)
    }

    /// Mints a relay key. The bearer is not kept: show it now.
    pub async fn mint(
        &self,
        tenant_id: &str,
        wanted: NewKey,
    ) -> Result<(SecretString, RelayKeyRow), StoreError> {
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
        self.store.add_relay_key(tenant_id, &key).await?;
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
    pub async fn list(&self, tenant_id: &str) -> Result<Vec<RelayKeyRow>, StoreError> {
        self.store.relay_keys(tenant_id).await
    }

    /// Revokes a relay key at once. `false` when the tenant has no such key.
    pub async fn revoke(&self, tenant_id: &str, id: &str) -> Result<bool, StoreError> {
        let found = self
            .store
            .revoke_relay_key(tenant_id, id, self.clock.now())
            .await?;
        self.freshness.tenant_changed(tenant_id);
        Ok(found)
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
