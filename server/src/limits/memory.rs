//! Counts kept in this process: bounded, and exact however many threads ask at once.
//!
//! The rules of a request belong to one tenant, and a tenant's counts to one shard: one short lock
//! a request, which is never held across an `await`.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::gauge::{Gauge, Kind, State, seed_of};
use super::outcome::NotReserved;
use super::plan::{Plan, judge};
use super::reservation::{self, Outcome, Part, Reservation};
use super::rule::Rule;
use crate::clock::{Clock, EpochMs};

/// How many counts are kept at most, some 120 MB of them. Beyond it the longest unused are
/// forgotten, which only ever admits more; never those that hold requests in flight.
const MAX_COUNTS: usize = 1 << 20;
const SHARDS: usize = 64;
/// How often a shard is searched for counts that are as good as new.
const SWEEP_EVERY: EpochMs = 60_000;

/// A count's name: 128 bits of keyed hashes, of which nobody can make two the same.
type Key = u128;

pub(super) struct Memory {
    clock: Arc<dyn Clock>,
    hashers: [RandomState; 2],
    shards: Vec<Mutex<Shard>>,
}

#[derive(Default)]
struct Shard {
    counts: HashMap<Key, Count>,
    sweep_at: EpochMs,
    touches: u64,
    most: usize,
}

struct Count {
    state: State,
    /// When it will be as if it had never been.
    fresh_at: EpochMs,
    /// When it was last used, in a sequence of the shard's own.
    touched: u64,
}

/// What a reservation holds.
pub(super) struct Hold {
    memory: Arc<Memory>,
    shard: usize,
    parts: Vec<Part<Key>>,
}

impl Memory {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self::of_at_most(MAX_COUNTS, clock)
    }

    pub(super) fn of_at_most(counts: usize, clock: Arc<dyn Clock>) -> Self {
        let shard = || {
            Mutex::new(Shard {
                most: counts.div_ceil(SHARDS),
                ..Shard::default()
            })
        };
        Self {
            clock,
            hashers: [RandomState::new(), RandomState::new()],
            shards: (0..SHARDS).map(|_| shard()).collect(),
        }
    }

    pub(super) fn reserve(
        self: &Arc<Self>,
        tenant_id: &str,
        plans: &[Plan<'_>],
    ) -> Result<Reservation, NotReserved> {
        let now = self.clock.now();
        let keys: Vec<Key> = plans
            .iter()
            .map(|plan| self.key(tenant_id, plan.rule))
            .collect();
        let shard_number = self.shard_of(tenant_id);
        let mut shard = self.shard(shard_number);
        let (states, unseeded) = shard.states(plans, &keys, now);
        let standing = judge(plans, &states, now)?;
        if !unseeded.is_empty() {
            return Err(NotReserved::Unseeded(unseeded));
        }
        let mut parts = Vec::with_capacity(plans.len());
        for ((plan, key), state) in plans.iter().zip(keys).zip(states) {
            shard.put(key, &plan.gauge, Gauge::take(state, plan.asked), now);
            parts.extend(Part::of(plan, key, state.start));
        }
        drop(shard);
        let hold = (!parts.is_empty()).then(|| {
            reservation::Hold::Memory(Hold {
                memory: Arc::clone(self),
                shard: shard_number,
                parts,
            })
        });
        Ok(Reservation::new(hold, standing))
    }

    fn key(&self, tenant_id: &str, rule: &Rule) -> Key {
        let name = (tenant_id, &rule.subject, rule.measure.identity());
        let [high, low] = &self.hashers;
        (Key::from(high.hash_one(name)) << 64) | Key::from(low.hash_one(name))
    }

    fn shard_of(&self, tenant_id: &str) -> usize {
        // The remainder is less than the number of shards, which is a `usize`.
        usize::try_from(self.hashers[0].hash_one(tenant_id) % SHARDS as u64).unwrap_or_default()
    }

    fn shard(&self, number: usize) -> MutexGuard<'_, Shard> {
        self.shards[number]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many counts are kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        (0..SHARDS)
            .map(|number| self.shard(number).counts.len())
            .sum()
    }
}

impl Hold {
    pub(super) fn end(self, outcome: Outcome) {
        let now = self.memory.clock.now();
        let mut shard = self.memory.shard(self.shard);
        for part in &self.parts {
            let state = shard.counts.get(&part.key).map(|count| count.state);
            let actual = part.actual(outcome);
            if let Some(settled) = part.gauge.settled(state, &part.taken, actual, now) {
                shard.put(part.key, &part.gauge, settled, now);
            }
        }
    }
}

impl Shard {
    /// How each count stands now, and which have to be seeded first. A seed is kept at once, so
    /// that it is not asked for again where the request is refused.
    fn states(
        &mut self,
        plans: &[Plan<'_>],
        keys: &[Key],
        now: EpochMs,
    ) -> (Vec<State>, Vec<usize>) {
        let mut states = Vec::with_capacity(plans.len());
        let mut unseeded = Vec::new();
        for (plan, key) in plans.iter().zip(keys) {
            let known = self.counts.get(key).map(|count| count.state);
            let mut state = plan.gauge.at(known, now);
            if known.is_none() && plan.gauge.kind == Kind::Month {
                match seed_of(plan.rule) {
                    None => unseeded.push(plan.index),
                    Some(seed) => {
                        state.used = seed;
                        self.put(*key, &plan.gauge, state, now);
                    }
                }
            }
            states.push(state);
        }
        (states, unseeded)
    }

    fn put(&mut self, key: Key, gauge: &Gauge, state: State, now: EpochMs) {
        self.touches += 1;
        let count = Count {
            state,
            fresh_at: gauge.fresh_at(&state),
            touched: self.touches,
        };
        if count.fresh_at <= now {
            self.counts.remove(&key);
        } else if self.counts.insert(key, count).is_none() {
            self.make_room(now);
        }
    }

    /// Forgets what is as good as new, and, where that is not enough, the longest unused eighth.
    fn make_room(&mut self, now: EpochMs) {
        if self.counts.len() <= self.most && now < self.sweep_at {
            return;
        }
        self.sweep_at = now + SWEEP_EVERY;
        self.counts.retain(|_, count| count.fresh_at > now);
        if self.counts.len() <= self.most {
            return;
        }
        let mut touches: Vec<u64> = self.counts.values().map(|count| count.touched).collect();
        let eighth = touches.len() / 8;
        let (_, last, _) = touches.select_nth_unstable(eighth);
        let last = *last;
        self.counts
            .retain(|_, count| count.touched > last || count.fresh_at == EpochMs::MAX);
    }
}
