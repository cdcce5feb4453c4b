//! What is known of each credential's health. Kept by a hash of tenant, host and the key's
//! fingerprint: a replaced key starts fresh, and no tenant ever meets another's.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use sha2::{Digest, Sha256};

use relay_api::Outcome;

use super::breaker::{Breaker, Closure, Gate};
use super::{Choice, Report};
use crate::clock::{EpochMs, HOUR};

/// How many credentials a shard remembers before those that rest are forgotten.
const CREDENTIALS: usize = 8_192;
/// How many models' breakers a credential has at most.
const MODELS: usize = 64;
/// How many errors of a credential are remembered, and how long they are of interest.
const ERRORS: usize = 10;
const RECENT: EpochMs = HOUR;

/// Names one tenant's key at one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct HealthKey([u8; 16]);

impl HealthKey {
    /// Of a tenant's key with this fingerprint at this host.
    pub(crate) fn of(tenant_id: &str, host: &str, fingerprint: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [tenant_id, host, fingerprint] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        Self(key)
    }
}

/// A number for a tenant, spread evenly.
pub(super) fn spread(tenant_id: &str) -> u64 {
    hashed(tenant_id)
}

fn hashed(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The credentials of some tenants.
#[derive(Debug, Default)]
pub(super) struct Shard {
    known: HashMap<HealthKey, Health>,
    /// Counts what was taken: who has the lowest number has rested longest.
    turn: u64,
}

/// One credential.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// What concerns the key whatever the model: it has no money left.
    whole: Breaker,
    models: HashMap<String, Breaker>,
    /// The moving average of the time to the first byte; none before the first answer.
    pub(super) first_byte: Option<Duration>,
    /// When it was last taken, in turns; 0 is never.
    pub(super) taken_at: u64,
    /// What weighted turns have saved up for it.
    pub(super) saved: i64,
    /// What went wrong lately, the newest first: when, at which model, what.
    errors: VecDeque<(EpochMs, String, Outcome)>,
}

/// What has been seen of one credential.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Why it does not serve at all, if it does not.
    pub(crate) whole: Option<Closure>,
    /// The models that it does not serve, and why.
    pub(crate) models: Vec<(String, Closure)>,
    /// The moving average of the time to the first byte.
    pub(crate) first_byte: Option<Duration>,
    /// What went wrong within the last hour, the newest first.
    pub(crate) errors: Vec<(EpochMs, String, Outcome)>,
}

impl Health {
    fn is_at_rest(&self) -> bool {
        let closed = Breaker::default();
        self.whole == closed && self.models.values().all(|breaker| *breaker == closed)
    }

    fn model(&mut self, model: &str) -> &mut Breaker {
        if self.models.len() >= MODELS && !self.models.contains_key(model) {
            self.models.clear();
        }
        self.models.entry(model.to_owned()).or_default()
    }
}

impl Shard {
    /// Two different places of so many, at least two: as good as random.
    pub(super) fn two_of(&self, many: usize) -> (usize, usize) {
        let (draw, many) = (hashed(self.turn), many as u64);
        let first = draw % many;
        let second = (first + 1 + (draw / many) % (many - 1)) % many;
        let place = |at: u64| usize::try_from(at).unwrap_or_default();
        (place(first), place(second))
    }

    /// Whether a choice can serve now.
    pub(super) fn gate(&self, choice: &Choice<'_>, now: EpochMs) -> Gate {
        let Some(health) = self.known.get(&choice.health) else {
            return Gate::Open;
        };
        match health.whole.gate(now) {
            Gate::Open => {}
            decided => return decided,
        }
        let breaker = health.models.get(choice.model);
        breaker.map_or(Gate::Open, |breaker| breaker.gate(now))
    }

    /// What has been seen of a credential.
    pub(super) fn seen(&self, key: HealthKey, now: EpochMs) -> Seen {
        let Some(health) = self.known.get(&key) else {
            return Seen::default();
        };
        let closure = |breaker: &Breaker| match breaker.gate(now) {
            Gate::Open | Gate::Trial => None,
            Gate::Shut(closure) => Some(closure),
        };
        let shut = |(model, breaker): (&String, _)| Some((model.clone(), closure(breaker)?));
        let mut models: Vec<_> = health.models.iter().filter_map(shut).collect();
        models.sort_by(|one, other| one.0.cmp(&other.0));
        let recent = |error: &&(EpochMs, String, Outcome)| now - error.0 < RECENT;
        Seen {
            whole: closure(&health.whole),
            models,
            first_byte: health.first_byte,
            errors: health.errors.iter().filter(recent).cloned().collect(),
        }
    }

    pub(super) fn health(&mut self, key: HealthKey) -> &mut Health {
        if self.known.len() >= CREDENTIALS && !self.known.contains_key(&key) {
            self.forget();
        }
        self.known.entry(key).or_default()
    }

    /// Forgets who is well, the longest unused half first; if nobody is, everybody.
    fn forget(&mut self) {
        let middle = self.turn.saturating_sub(CREDENTIALS as u64 / 2);
        self.known
            .retain(|_, health| !health.is_at_rest() || health.taken_at > middle);
        if self.known.len() >= CREDENTIALS {
            self.known.clear();
        }
    }

    /// A choice is taken.
    pub(super) fn taken(&mut self, choice: &Choice<'_>, now: EpochMs) {
        self.turn += 1;
        let turn = self.turn;
        let health = self.health(choice.health);
        health.taken_at = turn;
        health.whole.calls(now);
        if let Some(breaker) = health.models.get_mut(choice.model) {
            breaker.calls(now);
        }
    }

    /// A credential's breakers are closed.
    pub(super) fn recovered(&mut self, key: HealthKey) {
        if let Some(health) = self.known.get_mut(&key) {
            health.whole.answered();
            health.models.clear();
        }
    }

    pub(super) fn report(&mut self, choice: &Choice<'_>, report: Report, now: EpochMs) {
        let health = self.health(choice.health);
        match report {
            Report::Answered(first_byte) => {
                health.whole.answered();
                health.models.remove(choice.model);
                if let Some(took) = first_byte {
                    health.first_byte = Some(average(health.first_byte, took));
                }
            }
            Report::Failed {
                class,
                retry_after,
                whole_key,
            } => {
                if class != Outcome::CallersFault {
                    health.errors.truncate(ERRORS - 1);
                    let error = (now, choice.model.to_owned(), class);
                    health.errors.push_front(error);
                }
                if whole_key {
                    health.whole.failed(class, retry_after, now);
                } else if matches!(class, Outcome::CallersFault | Outcome::Permission) {
                    // It is there, and says so.
                    health.whole.answered();
                    health.models.remove(choice.model);
                } else {
                    health.model(choice.model).failed(class, retry_after, now);
                }
            }
            Report::Nothing => {
                health.whole.told_nothing();
                if let Some(breaker) = health.models.get_mut(choice.model) {
                    breaker.told_nothing();
                }
            }
        }
    }
}

/// An exponentially weighted moving average: a fifth of the new, the rest of the old.
fn average(old: Option<Duration>, new: Duration) -> Duration {
    old.map_or(new, |old| (old * 4 + new) / 5)
}
