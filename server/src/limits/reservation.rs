//! What a request has taken from its limits, until it is known what it used.

use std::fmt;

use super::gauge::{Gauge, Kind, MAX_AMOUNT, Taken};
use super::memory;
use super::outcome::Standing;
use super::plan::Plan;
use super::redis;
use super::rule::{Cost, Metric};

/// A request's share of its limits, and its place among those at once.
///
/// Keep it as long as the request lasts, to the last byte of a stream, and [settle](Self::settle)
/// it then. Dropped instead, for whatever reason, it is [cancelled](Self::cancel). Either way the
/// concurrency it holds is given back exactly once.
#[must_use = "dropped, it gives back what it holds"]
pub struct Reservation {
    hold: Option<Hold>,
    standing: Option<Standing>,
}

/// What is held, by where.
pub(super) enum Hold {
    Memory(memory::Hold),
    Redis(redis::Hold),
}

/// What a request turned out to use.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Used(Cost),
    Nothing,
}

/// What is held of one count.
#[derive(Debug, Clone)]
pub(super) struct Part<K> {
    pub(super) key: K,
    pub(super) gauge: Gauge,
    pub(super) taken: Taken,
    metric: Option<Metric>,
}

impl Reservation {
    pub(super) fn of_nothing() -> Self {
        Self {
            hold: None,
            standing: None,
        }
    }

    pub(super) fn new(hold: Option<Hold>, standing: Option<Standing>) -> Self {
        Self { hold, standing }
    }

    /// How the tightest limit on requests or tokens stands, the request counted: what the
    /// `x-ratelimit-*` headers tell. None where the request has no such limit.
    pub fn standing(&self) -> Option<Standing> {
        self.standing
    }

    /// The request is over and used this much: the difference to the estimate is charged or given
    /// back. Its request stays counted, whatever `actual.requests` says. A broken stream is
    /// settled too, by what it used until it broke.
    ///
    /// Tokens and money beyond the estimate are charged in full, also beyond the capacity. What is
    /// given back is given back to the window it was taken from, if that is not over.
    pub fn settle(mut self, actual: Cost) {
        self.end(Outcome::Used(actual));
    }

    /// The request failed before it used anything. Tokens, money, and the request of a monthly
    /// quota are given back; the request stays counted in rates, which guard against hammering.
    pub fn cancel(mut self) {
        self.end(Outcome::Nothing);
    }

    fn end(&mut self, outcome: Outcome) {
        match self.hold.take() {
            Some(Hold::Memory(hold)) => hold.end(outcome),
            Some(Hold::Redis(hold)) => hold.end(outcome),
            None => {}
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.end(Outcome::Nothing);
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation")
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

impl<K> Part<K> {
    /// What may have to be changed at the end; none for a rate of requests, which stay counted.
    pub(super) fn of(plan: &Plan<'_>, key: K, start: i64) -> Option<Self> {
        let metric = plan.rule.measure.metric();
        let stays = metric == Some(Metric::Requests) && plan.gauge.kind != Kind::Month;
        (!stays).then(|| Self {
            key,
            gauge: plan.gauge,
            taken: Taken {
                start,
                amount: plan.asked.take,
            },
            metric,
        })
    }

    /// What it should have taken.
    pub(super) fn actual(&self, outcome: Outcome) -> u64 {
        match (self.metric, outcome) {
            (None, _) | (_, Outcome::Nothing) => 0,
            (Some(Metric::Requests), Outcome::Used(_)) => self.taken.amount,
            (Some(metric), Outcome::Used(cost)) => cost.of(metric).min(MAX_AMOUNT),
        }
    }
}
