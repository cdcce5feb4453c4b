//! The pool: which of several credentials serves the next call. It remembers how each is doing
//! (its breakers, how fast it is, when it was last taken), and takes one atomically, however many
//! calls choose at once. In process; a restart forgets it.

mod breaker;
mod health;
mod order;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use relay_api::{Outcome, Strategy};

pub(crate) use breaker::Closure;
pub(crate) use health::{HealthKey, Seen};

use crate::clock::EpochMs;
use breaker::Gate;
use health::Shard;

const SHARDS: u8 = 64;

/// One credential for one model, as a strategy sees it.
#[derive(Debug, Clone)]
pub(crate) struct Choice<'a> {
    pub(crate) health: HealthKey,
    /// The model's name at its host.
    pub(crate) model: &'a str,
    /// Strategies choose among the choices of the lowest rank that can serve.
    pub(crate) rank: u64,
    /// Its share of the turns.
    pub(crate) weight: u32,
}

/// What a look at the choices came to.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// The choice that was taken, by its place.
    pub(crate) taken: Option<usize>,
    /// Those that cannot serve now, by their places, and why.
    pub(crate) shut: Vec<(usize, Closure)>,
}

/// How a call with a credential went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// The provider answered; its first byte took so long.
    Answered(Option<Duration>),
    /// It failed. With `whole_key`, whatever the model.
    Failed {
        class: Outcome,
        retry_after: Option<Duration>,
        whole_key: bool,
    },
    /// Nothing was learnt: the caller went away.
    Nothing,
}

/// The state of every tenant's credentials.
pub(crate) struct Pool {
    shards: Vec<Mutex<Shard>>,
}

impl Default for Pool {
    fn default() -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS.into());
        Self {
            shards: shards.collect(),
        }
    }
}

impl Pool {
    /// Takes the choice that the strategy prefers, of those at `places`. Where none can serve and
    /// the caller is `desperate`, the one that may have recovered first is taken all the same, but
    /// none that its provider refused or asked to wait.
    pub(crate) fn take(
        &self,
        tenant_id: &str,
        strategy: Strategy,
        choices: &[Choice<'_>],
        places: &[usize],
        desperate: bool,
        now: EpochMs,
    ) -> Looked {
        let mut shard = self.shard(tenant_id);
        let mut looked = Looked::default();
        let mut able = Vec::with_capacity(places.len());
        for place in places {
            match shard.gate(&choices[*place], now) {
                Gate::Open | Gate::Trial => able.push(*place),
                Gate::Shut(closure) => looked.shut.push((*place, closure)),
            }
        }
        let lowest = able.iter().map(|place| choices[*place].rank).min();
        able.retain(|place| Some(choices[*place].rank) == lowest);
        looked.taken = order::prefer(&mut shard, strategy, choices, &able);
        if looked.taken.is_none() && desperate {
            looked.taken = least_bad(&looked.shut);
            looked
                .shut
                .retain(|(place, _)| Some(*place) != looked.taken);
        }
        if let Some(place) = looked.taken {
            shard.taken(&choices[place], now);
        }
        looked
    }

    /// Why a choice cannot serve now, if it cannot.
    pub(crate) fn closure(
        &self,
        tenant_id: &str,
        choice: &Choice<'_>,
        now: EpochMs,
    ) -> Option<Closure> {
        match self.shard(tenant_id).gate(choice, now) {
            Gate::Open | Gate::Trial => None,
            Gate::Shut(closure) => Some(closure),
        }
    }

    /// What has been seen of a credential.
    pub(crate) fn seen(&self, tenant_id: &str, key: HealthKey, now: EpochMs) -> Seen {
        self.shard(tenant_id).seen(key, now)
    }

    /// Closes a credential's breakers: its provider has answered beside any call.
    pub(crate) fn recovered(&self, tenant_id: &str, key: HealthKey) {
        self.shard(tenant_id).recovered(key);
    }

    /// Notes how a call with a choice that was taken went.
    pub(crate) fn report(
        &self,
        tenant_id: &str,
        choice: &Choice<'_>,
        report: Report,
        now: EpochMs,
    ) {
        self.shard(tenant_id).report(choice, report, now);
    }

    fn shard(&self, tenant_id: &str) -> MutexGuard<'_, Shard> {
        // All of a tenant's credentials stand in one shard: one lock sees every choice.
        let at = usize::try_from(health::spread(tenant_id) % u64::from(SHARDS)).unwrap_or_default();
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of those that are only believed to fail, the one whose pause is over first.
fn least_bad(shut: &[(usize, Closure)]) -> Option<usize> {
    let believed = shut.iter().filter(|(_, closure)| !closure.firm);
    believed
        .min_by_key(|(_, closure)| closure.until)
        .map(|(place, _)| *place)
}

#[cfg(test)]
mod tests;
