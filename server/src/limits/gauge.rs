//! What a limit counts, as arithmetic in whole numbers: no clock, no lock, no I/O. In process it
//! decides; for Redis `reserve.lua` does the same sums, and this words what it answers.
//!
//! Every kind keeps how much is *used*, never how much is left, so that a new capacity takes effect
//! at once, and answers one question: is `used + need <= capacity`? The definitions:
//!
//! - **Token bucket** (Turner, *New directions in communications*, 1986; as a meter in ITU-T I.371):
//!   `used` drains by `capacity / window` for each tick, never below zero. What has drained of one
//!   more unit is kept as a fraction, in `extra / window`, so nothing is lost however often it is
//!   asked. Settling for more than was reserved may leave more than the capacity used: it has to
//!   drain before anything is admitted.
//! - **Fixed window**: windows lie end to end from the Unix epoch; `used` is the current one's.
//! - **Sliding window** (the counter of Cloudflare's *How we built rate limiting capable of scaling
//!   to millions of domains*, 2017): with `extra` used in the fixed window before and `used` in this
//!   one, of which `e` ticks have passed, `used + ceil(extra * (window - e) / window)` counts.
//! - **Session window**: begins with the first admitted request and lasts the window; a request
//!   after it begins another. Like the five-hour windows of AI subscriptions.
//! - **Month**: a fixed window that is a calendar month of UTC.
//! - **Concurrency**: `used` are those at once; it has no window.
//!
//! A clock that goes back leaves the count in the window it is in; a count that lies more than a
//! window ahead is of a clock that was wrong, and is forgotten.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::rule::{Algorithm, Cost, Measure, Rule, Seed};
use crate::clock::{EpochMs, millis};

/// The largest amount that is told from a larger one: half of what a double holds exactly, since
/// Redis' scripts count in doubles. In nano-dollars some 4.5 million dollars.
pub const MAX_AMOUNT: u64 = 1 << 52;

/// A window of at most as many ticks: its square is exact in a double.
const MAX_TICKS: EpochMs = 86_400_000;
/// Longer than any month.
const MONTH: EpochMs = 31 * 86_400_000;
/// How long to wait for one of those at once to end: nobody knows, so look again soon.
const CONCURRENCY_WAIT: EpochMs = 1_000;

/// How a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bucket,
    Sliding,
    Fixed,
    Session,
    Month,
    Concurrency,
}

/// One rule, ready to count by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gauge {
    pub(super) kind: Kind,
    /// Milliseconds in a tick.
    pub(super) scale: EpochMs,
    /// Ticks in a window.
    pub(super) window: EpochMs,
    pub(super) capacity: u64,
    /// Where the months around now begin; of a [`Kind::Month`] only.
    pub(super) months: [EpochMs; 3],
}

/// What is kept of a count. In ticks and units; what `extra` is depends on the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct State {
    pub(super) start: EpochMs,
    pub(super) used: u64,
    pub(super) extra: u64,
}

/// What one request asks of one gauge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// How much must be free.
    pub(super) need: u64,
    /// How much is taken then.
    pub(super) take: u64,
}

impl Gauge {
    pub(super) fn of(rule: &Rule, now: EpochMs) -> Self {
        let capacity = rule.capacity.min(MAX_AMOUNT);
        let (kind, every) = match &rule.measure {
            Measure::Rate {
                every, algorithm, ..
            } => {
                let kind = match algorithm {
                    Algorithm::TokenBucket => Kind::Bucket,
                    Algorithm::SlidingWindow => Kind::Sliding,
                    Algorithm::FixedWindow => Kind::Fixed,
                    Algorithm::SessionWindow => Kind::Session,
                };
                (kind, millis(*every).clamp(1, MAX_TICKS * 366))
            }
            Measure::Quota { .. } => {
                return Self {
                    kind: Kind::Month,
                    scale: 1,
                    window: MONTH,
                    capacity,
                    months: months_around(now),
                };
            }
            Measure::Concurrency => (Kind::Concurrency, 1),
        };
        let scale = (every - 1) / MAX_TICKS + 1;
        Self {
            kind,
            scale,
            window: every / scale,
            capacity,
            months: [0; 3],
        }
    }

    /// What a request of this cost asks. An estimate beyond the whole capacity asks for all of it:
    /// such a request is admitted when nothing is used, rather than never. A quota asks only that
    /// it is not used up, and then takes the whole estimate.
    pub(super) fn asked(&self, rule: &Rule, cost: &Cost) -> Asked {
        let cost = rule.measure.metric().map_or(1, |metric| cost.of(metric));
        match self.kind {
            Kind::Month => Asked {
                need: 1,
                take: cost.min(MAX_AMOUNT),
            },
            Kind::Concurrency => Asked { need: 1, take: 1 },
            _ => Asked {
                need: cost.min(self.capacity).max(1),
                take: cost.min(self.capacity),
            },
        }
    }

    /// The state as it is now. `state` is none where nothing was counted yet.
    pub(super) fn at(&self, state: Option<State>, now: EpochMs) -> State {
        let tick = now.div_euclid(self.scale);
        let begin = match self.kind {
            Kind::Concurrency => 0,
            Kind::Bucket | Kind::Session => tick,
            Kind::Sliding | Kind::Fixed => tick - tick.rem_euclid(self.window),
            Kind::Month => self.month_of(now),
        };
        let fresh = State {
            start: begin,
            used: 0,
            extra: 0,
        };
        let Some(state) = state.filter(|state| state.start <= begin + self.window) else {
            return fresh;
        };
        match self.kind {
            Kind::Concurrency => state,
            Kind::Bucket => self.drained(state, tick),
            Kind::Sliding if state.start + self.window == begin => State {
                start: begin,
                used: 0,
                extra: state.used,
            },
            Kind::Session if tick < state.start + self.window => state,
            Kind::Sliding | Kind::Fixed | Kind::Month if state.start >= begin => state,
            _ => fresh,
        }
    }

    fn drained(&self, state: State, tick: EpochMs) -> State {
        let elapsed = wide((tick - state.start).max(0));
        let flow = elapsed * self.flow() + u128::from(state.extra);
        let drained = flow / wide(self.window);
        let start = state.start.max(tick);
        if drained >= u128::from(state.used) {
            return State {
                start,
                used: 0,
                extra: 0,
            };
        }
        State {
            start,
            used: narrow(u128::from(state.used) - drained),
            extra: narrow(flow % wide(self.window)),
        }
    }

    /// What drains in a window.
    fn flow(&self) -> u128 {
        u128::from(self.capacity.max(1))
    }

    /// How much counts as used, of a state that is as now.
    pub(super) fn used(&self, state: &State, now: EpochMs) -> u64 {
        if self.kind != Kind::Sliding {
            return state.used;
        }
        let tick = now.div_euclid(self.scale);
        let ahead = wide((state.start + self.window - tick.max(state.start)).max(0));
        let before = (u128::from(state.extra) * ahead).div_ceil(wide(self.window));
        state.used.saturating_add(narrow(before))
    }

    pub(super) fn admits(&self, state: &State, asked: Asked, now: EpochMs) -> bool {
        self.used(state, now).saturating_add(asked.need) <= self.capacity
    }

    /// Counts what was asked, in a state that is as now.
    pub(super) fn take(state: State, asked: Asked) -> State {
        State {
            used: (state.used + asked.take).min(MAX_AMOUNT),
            ..state
        }
    }

    /// What was taken in the window that began at `start` turns out to be `actual`. None where
    /// nothing is to be changed: what is given back is given back to the window it was taken from;
    /// what comes on top counts now, unless it is of a month or a session that is over.
    pub(super) fn settled(
        &self,
        state: Option<State>,
        taken: &Taken,
        actual: u64,
        now: EpochMs,
    ) -> Option<State> {
        let known = state;
        let state = self.at(state, now);
        let change = |amount: u64| {
            amount
                .saturating_add(actual)
                .saturating_sub(taken.amount)
                .min(MAX_AMOUNT)
        };
        let in_this = match self.kind {
            Kind::Bucket | Kind::Concurrency => true,
            Kind::Session | Kind::Month if Some(state.start) != known.map(|known| known.start) => {
                return None;
            }
            Kind::Month if state.start != taken.start => return None,
            _ => state.start == taken.start,
        };
        let in_last = self.kind == Kind::Sliding && taken.start + self.window == state.start;
        let mut settled = state;
        if in_last {
            settled.extra = change(state.extra);
        } else if in_this || actual > taken.amount {
            settled.used = change(state.used);
        }
        Some(settled)
    }

    /// When nothing will count as used any more, if nothing else happens.
    pub(super) fn fresh_at(&self, state: &State) -> EpochMs {
        let ticks = match self.kind {
            Kind::Concurrency if state.used == 0 => return EpochMs::MIN,
            Kind::Concurrency => return EpochMs::MAX,
            Kind::Month => return self.month_after(state.start),
            Kind::Bucket => self.ticks_to_drain(state, u128::from(state.used)),
            Kind::Sliding if state.used > 0 => 2 * self.window,
            Kind::Sliding | Kind::Fixed | Kind::Session => self.window,
        };
        (state.start.saturating_add(ticks)).saturating_mul(self.scale)
    }

    /// When a request that is refused now will be admitted, if nothing else happens.
    pub(super) fn admits_at(&self, state: &State, asked: Asked, now: EpochMs) -> EpochMs {
        if self.kind == Kind::Concurrency {
            return now + CONCURRENCY_WAIT;
        }
        let Some(room) = self.capacity.checked_sub(asked.need) else {
            return self.fresh_at(state).max(now + self.window * self.scale);
        };
        let ticks = match self.kind {
            Kind::Bucket => self.ticks_to_drain(state, u128::from(state.used.saturating_sub(room))),
            Kind::Sliding => self.ticks_to_slide(state, room),
            _ => return self.fresh_at(state),
        };
        state.start.saturating_add(ticks).saturating_mul(self.scale)
    }

    /// Ticks from the state's start until `amount` has drained.
    fn ticks_to_drain(&self, state: &State, amount: u128) -> EpochMs {
        let flow = (amount * wide(self.window)).saturating_sub(u128::from(state.extra));
        signed(flow.div_ceil(self.flow()))
    }

    /// Ticks from the state's start until no more than `room` counts as used.
    fn ticks_to_slide(&self, state: &State, room: u64) -> EpochMs {
        let window = wide(self.window);
        // The ticks of the earlier window that may still be within the last window.
        let within = |allowed: u64, earlier: u64| match earlier {
            0 => self.window,
            _ => signed((u128::from(allowed) * window / u128::from(earlier)).min(window)),
        };
        match room.checked_sub(state.used) {
            Some(allowed) => self.window - within(allowed, state.extra),
            None => 2 * self.window - within(room, state.used),
        }
    }

    fn month_of(&self, now: EpochMs) -> EpochMs {
        let [last, this, next] = self.months;
        match now {
            now if now >= next => next,
            now if now >= this => this,
            _ => last,
        }
    }

    fn month_after(&self, start: EpochMs) -> EpochMs {
        let next = self.months.into_iter().find(|month| *month > start);
        next.unwrap_or(start + MONTH)
    }
}

/// What was taken from a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    /// The start of the window it was taken from.
    pub(super) start: EpochMs,
    pub(super) amount: u64,
}

/// What a count begins with; none where that must be read first.
pub(super) fn seed_of(rule: &Rule) -> Option<u64> {
    match rule.measure {
        Measure::Quota {
            seed: Seed::Unread, ..
        } => None,
        Measure::Quota {
            seed: Seed::Used(used),
            ..
        } => Some(used.min(MAX_AMOUNT)),
        _ => Some(0),
    }
}

/// Where the last month, this one and the next begin, in UTC.
fn months_around(now: EpochMs) -> [EpochMs; 3] {
    let around = || -> Result<[EpochMs; 3], jiff::Error> {
        let date = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(now)?);
        let this = date.date().first_of_month();
        let next = this.last_of_month().tomorrow()?;
        let last = this.yesterday()?.first_of_month();
        let begin = |date: Date| {
            let at = date.to_zoned(TimeZone::UTC)?.timestamp();
            Ok::<_, jiff::Error>(at.as_millisecond())
        };
        Ok([begin(last)?, begin(this)?, begin(next)?])
    };
    // Only a clock beyond the calendar has no month.
    around().unwrap_or([0, 0, EpochMs::MAX])
}

/// From `now` until `then`, at least nothing.
pub(super) fn until(then: EpochMs, now: EpochMs) -> Duration {
    Duration::from_millis(u64::try_from(then.saturating_sub(now)).unwrap_or(0))
}

fn wide(ticks: EpochMs) -> u128 {
    u128::try_from(ticks).unwrap_or(0)
}

fn narrow(amount: u128) -> u64 {
    u64::try_from(amount).unwrap_or(u64::MAX)
}

fn signed(ticks: u128) -> EpochMs {
    EpochMs::try_from(ticks).unwrap_or(EpochMs::MAX)
}
