//! Bounded memory of what the database says, so that a warm request asks it nothing.
//!
//! An entry is good until its tenant changes. A read that began before a change may finish after
//! it, so every entry carries the epoch in which its read began, and every change begins a new
//! epoch: what was read before the change is never served after it. The time to live is a
//! backstop for a change nobody told us of.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long an entry is believed at most.
const TIME_TO_LIVE: Duration = Duration::from_mins(1);
/// How many values are read at once at most; keys that share a turn wait for each other.
const TURNS: usize = 64;
/// Who has waited for this long for another's read of a value reads it too: the other may never be answered.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many changed tenants are told apart before everything counts as changed.
const TENANTS: usize = 100_000;

/// Which tenants have changed, and when.
#[derive(Debug, Default)]
pub struct Freshness {
    epoch: AtomicU64,
    changed: RwLock<Changed>,
}

#[derive(Debug, Default)]
struct Changed {
    everything: u64,
    anything: u64,
    tenants: HashMap<String, u64>,
}

impl Freshness {
    /// A tenant's rows have changed: nothing read before now is served again.
    pub fn tenant_changed(&self, tenant_id: &str) {
        let mut changed = self.changed.write().unwrap_or_else(PoisonError::into_inner);
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        changed.anything = epoch;
        if changed.tenants.len() >= TENANTS {
            changed.tenants.clear();
            changed.everything = epoch;
        }
        changed.tenants.insert(tenant_id.to_owned(), epoch);
    }

    /// Anything may have changed.
    pub fn everything_changed(&self) {
        let mut changed = self.changed.write().unwrap_or_else(PoisonError::into_inner);
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        changed.anything = epoch;
        changed.everything = epoch;
        changed.tenants.clear();
    }

    /// The epoch a read begins in: take it before asking the database.
    fn now(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Whether what was read in `epoch` still holds: for one tenant, or, where the read found
    /// none, for all.
    fn holds(&self, tenant_id: Option<&str>, epoch: u64) -> bool {
        let changed = self.changed.read().unwrap_or_else(PoisonError::into_inner);
        let last = match tenant_id {
            Some(tenant_id) => changed.tenants.get(tenant_id).copied().unwrap_or_default(),
            None => changed.anything,
        };
        epoch >= last && epoch >= changed.everything
    }
}

/// A bounded cache of values that belong to tenants.
pub struct TenantCache<K, V> {
    entries: Cache<K, Entry<V>>,
    freshness: Arc<Freshness>,
    /// Of those who want one value at once, one reads it.
    turns: Box<[Mutex<()>]>,
    hasher: RandomState,
}

#[derive(Clone)]
struct Entry<V> {
    tenant_id: Option<Arc<str>>,
    epoch: u64,
    value: V,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> TenantCache<K, V> {
    /// An empty cache of at most `entries`.
    pub fn new(entries: u64, freshness: Arc<Freshness>) -> Self {
        let entries = Cache::builder()
            .max_capacity(entries)
            .time_to_live(TIME_TO_LIVE)
            .build();
        Self {
            entries,
            freshness,
            turns: (0..TURNS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// What is remembered and still holds.
    fn held(&self, key: &K) -> Option<V> {
        let entry = self.entries.get(key)?;
        self.freshness
            .holds(entry.tenant_id.as_deref(), entry.epoch)
            .then_some(entry.value)
    }

    /// The value of `key`: from memory while it holds, else from `read`, which also answers the
    /// tenant the value belongs to (none when it found nothing). `read` must not ask this cache itself.
    pub async fn get_or_read<E>(
        &self,
        key: K,
        read: impl AsyncFnOnce() -> Result<(Option<Arc<str>>, V), E>,
    ) -> Result<V, E> {
        if let Some(value) = self.held(&key) {
            return Ok(value);
        }
        let turn = self.hasher.hash_one(&key) % TURNS as u64;
        // The remainder is less than the number of turns, which is a `usize`.
        let turn = &self.turns[usize::try_from(turn).unwrap_or_default()];
        let _turn = timeout(PATIENCE, turn.lock()).await;
        // Read meanwhile, after the last change, by whoever had the turn before.
        if let Some(value) = self.held(&key) {
            return Ok(value);
        }
        let epoch = self.freshness.now();
        let (tenant_id, value) = read().await?;
        self.entries.insert(
            key,
            Entry {
                tenant_id,
                epoch,
                value: value.clone(),
            },
        );
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    type Read = Result<(Option<Arc<str>>, u32), ()>;

    #[expect(clippy::unnecessary_wraps, reason = "what a read answers")]
    fn found(tenant: &str, value: u32) -> Read {
        Ok((Some(tenant.into()), value))
    }

    #[tokio::test]
    async fn a_value_is_read_once_until_its_tenant_changes() {
        let freshness = Arc::new(Freshness::default());
        let cache = TenantCache::new(10, Arc::clone(&freshness));
        assert_eq!(cache.get_or_read("k", async || found("a", 1)).await, Ok(1));
        assert_eq!(cache.get_or_read("k", async || found("a", 2)).await, Ok(1));
        freshness.tenant_changed("b");
        assert_eq!(cache.get_or_read("k", async || found("a", 3)).await, Ok(1));
        freshness.tenant_changed("a");
        assert_eq!(cache.get_or_read("k", async || found("a", 4)).await, Ok(4));
        freshness.everything_changed();
        assert_eq!(cache.get_or_read("k", async || found("a", 5)).await, Ok(5));
    }

    #[tokio::test]
    async fn a_read_that_a_change_overtook_is_not_served_again() {
        let freshness = Arc::new(Freshness::default());
        let cache = TenantCache::new(10, Arc::clone(&freshness));
        let overtaken = cache
            .get_or_read("k", async || {
                freshness.tenant_changed("a");
                found("a", 1)
            })
            .await;
        assert_eq!(overtaken, Ok(1));
        assert_eq!(cache.get_or_read("k", async || found("a", 2)).await, Ok(2));
    }

    #[tokio::test]
    async fn of_many_who_want_one_value_one_reads_it() {
        let cache = TenantCache::new(10, Arc::default());
        let reads = AtomicU64::new(0);
        let want = async |key: &'static str| {
            let read = async || {
                reads.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                found("a", 1)
            };
            cache.get_or_read(key, read).await
        };
        let answers = join_all((0..100).map(|_| want("k"))).await;
        assert!(answers.iter().all(|answer| *answer == Ok(1)));
        assert_eq!(reads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_read_that_hangs_holds_up_nobody_for_long() {
        let cache = TenantCache::new(10, Arc::default());
        let hanging = cache.get_or_read("k", async || std::future::pending::<Read>().await);
        let patient = cache.get_or_read("k", async || found("a", 2));
        tokio::select! {
            biased;
            _ = hanging => panic!("it hangs"),
            answer = patient => assert_eq!(answer, Ok(2)),
        }
    }

    #[tokio::test]
    async fn nothing_found_is_forgotten_when_anything_changes() {
        let freshness = Arc::new(Freshness::default());
        let cache = TenantCache::new(10, Arc::clone(&freshness));
        let nothing = async || -> Read { Ok((None, 0)) };
        assert_eq!(cache.get_or_read("k", nothing).await, Ok(0));
        assert_eq!(cache.get_or_read("k", async || found("a", 1)).await, Ok(0));
        freshness.tenant_changed("a");
        assert_eq!(cache.get_or_read("k", async || found("a", 1)).await, Ok(1));
    }
}
