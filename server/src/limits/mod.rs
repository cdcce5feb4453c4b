//! Limits and quotas: how much a relay key, a policy, an end user, the free tier or a credential
//! may use.
//!
//! A request passes all its [`Rule`]s or none. [`Limits::reserve`] takes the request's estimated
//! cost from every one of them at once; the [`Reservation`] is settled by the real cost, or gives
//! back what a failed call did not use. How each kind of limit counts is defined in `gauge.rs`. The
//! counts are kept in this process (`memory.rs`), or in Redis for all replicas together (`redis/`).

mod gauge;
mod memory;
mod outcome;
mod plan;
mod reservation;
mod rule;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use gauge::MAX_AMOUNT;
pub use outcome::{NotReserved, Refused, Standing};
pub use reservation::Reservation;
pub use rule::{Algorithm, Cost, Measure, Metric, Rule, Seed, Subject, SubjectKind};

use crate::clock::Clock;
use memory::Memory;

/// Counts what requests use, and refuses those beyond a limit.
#[derive(Clone)]
pub struct Limits {
    clock: Arc<dyn Clock>,
    memory: Arc<Memory>,
}

impl Limits {
    /// Limits that hold for this process, and begin anew with it; quotas by their
    /// [seeds](Seed).
    pub fn in_process(clock: Arc<dyn Clock>) -> Self {
        Self {
            memory: Arc::new(Memory::new(Arc::clone(&clock))),
            clock,
        }
    }

    /// Takes a request's estimated cost from all its limits, or from none.
    ///
    /// A rate or a concurrency limit admits what there is room for; an estimate beyond the whole
    /// capacity is taken as the capacity, so that such a request passes when nothing else is used.
    /// A monthly quota admits a request while less than all of it is used or reserved: at its edge
    /// it is overspent by at most the estimates in flight, and what they were short of. Every limit
    /// refuses once it is used up, also what costs nothing: leave out the rules that a call is
    /// free of.
    ///
    /// Of rules that share a count (the same subject and measure) the lowest capacity holds.
    ///
    /// # Errors
    ///
    /// Nothing is taken then. [`NotReserved`] says whether a limit refused, a quota has to be
    /// seeded first, or Redis is away and the operator wants no calls without it.
    #[expect(clippy::unused_async, reason = "it waits where Redis counts")]
    pub async fn reserve(
        &self,
        tenant_id: &str,
        rules: &[Rule],
        estimate: Cost,
    ) -> Result<Reservation, NotReserved> {
        if rules.is_empty() {
            return Ok(Reservation::of_nothing());
        }
        let plans = plan::plans(rules, &estimate, self.clock.now());
        self.memory.reserve(tenant_id, &plans)
    }

    /// Waits until everything that was settled so far is counted. In process it always is.
    #[expect(clippy::unused_async, reason = "it waits where Redis counts")]
    pub async fn flush(&self) {}
}
