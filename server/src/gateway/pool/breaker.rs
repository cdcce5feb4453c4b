//! A circuit breaker: what failures in a row mean for the next call. Pure: the time is an argument.
//!
//! | Class | Opens | For | Then |
//! | --- | --- | --- | --- |
//! | rate limit | at once | what the provider says, else 1 s, doubling to a minute | one trial call |
//! | server error, timeout, network | after three in a row | 5 s, doubling to 5 minutes | one trial call |
//! | permission, caller's fault | never | - | - |
//!
//! A refused key is no matter of time: it is marked in the database, for every process, until it is
//! validated out of band (`heal.rs`) or replaced.

use std::time::Duration;

use relay_api::Outcome;

use crate::clock::{EpochMs, millis};

/// Failures in a row that open a breaker.
const FAILURES: u32 = 3;
const FAILURE_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_FAILURE_PAUSE: Duration = Duration::from_mins(5);
const RATE_LIMIT_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_RATE_LIMIT_PAUSE: Duration = Duration::from_mins(1);
/// A provider that says to come back in a month is asked again tomorrow.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);
/// A trial call that tells nothing for so long is believed lost.
const TRIAL: Duration = Duration::from_mins(1);

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It may.
    Open,
    /// It may, as the one trial that decides what comes next.
    Trial,
    /// It may not.
    Shut(Closure),
}

/// Why no call may be made, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closure {
    /// What failed.
    pub(crate) class: Outcome,
    /// When it may serve again.
    pub(crate) until: EpochMs,
    /// The provider said so itself. Where it did not, a call may be made all the same if there is
    /// nobody else to ask.
    pub(crate) firm: bool,
}

/// One breaker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Breaker {
    /// Failures in a row.
    failures: u32,
    /// How often it has opened in a row: pauses double.
    strikes: u32,
    shut: Option<Shut>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Shut {
    closure: Closure,
    /// When the trial call that is under way began.
    trial: Option<EpochMs>,
}

impl Breaker {
    /// Whether a call may be made now.
    pub(crate) fn gate(&self, now: EpochMs) -> Gate {
        let Some(shut) = &self.shut else {
            return Gate::Open;
        };
        if now < shut.closure.until {
            return Gate::Shut(shut.closure);
        }
        match shut.trial.map(|began| began.saturating_add(millis(TRIAL))) {
            Some(until) if now < until => Gate::Shut(Closure {
                until,
                firm: false,
                ..shut.closure
            }),
            _ => Gate::Trial,
        }
    }

    /// A call is made now.
    pub(crate) fn calls(&mut self, now: EpochMs) {
        if let Some(shut) = &mut self.shut
            && now >= shut.closure.until
        {
            shut.trial = Some(now);
        }
    }

    /// A call ended without telling anything of the provider: its trial is over.
    pub(crate) fn told_nothing(&mut self) {
        if let Some(shut) = &mut self.shut {
            shut.trial = None;
        }
    }

    /// The provider answered, if only to find fault with the request.
    pub(crate) fn answered(&mut self) {
        *self = Self::default();
    }

    /// A call failed.
    pub(crate) fn failed(&mut self, class: Outcome, retry_after: Option<Duration>, now: EpochMs) {
        let pause = match class {
            Outcome::RateLimit => match retry_after {
                Some(asked) => asked.min(LONGEST_RETRY_AFTER),
                None => doubled(RATE_LIMIT_PAUSE, self.strikes).min(LONGEST_RATE_LIMIT_PAUSE),
            },
            Outcome::ServerError | Outcome::Timeout | Outcome::Network => {
                self.failures += 1;
                if self.failures < FAILURES && self.shut.is_none() {
                    return;
                }
                doubled(FAILURE_PAUSE, self.strikes).min(LONGEST_FAILURE_PAUSE)
            }
            Outcome::Success
            | Outcome::Skipped
            | Outcome::Auth
            | Outcome::Permission
            | Outcome::CallersFault => return,
        };
        self.strikes = self.strikes.saturating_add(1);
        let closure = Closure {
            class,
            until: now.saturating_add(millis(pause)),
            firm: class == Outcome::RateLimit && retry_after.is_some(),
        };
        self.shut = Some(Shut {
            closure,
            trial: None,
        });
    }
}

fn doubled(pause: Duration, times: u32) -> Duration {
    pause.saturating_mul(1 << times.min(16))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: EpochMs = 1_000;

    fn shut(class: Outcome, until: EpochMs, firm: bool) -> Gate {
        Gate::Shut(Closure { class, until, firm })
    }

    fn failing(classes: &[Outcome]) -> Breaker {
        let mut breaker = Breaker::default();
        for class in classes {
            breaker.failed(*class, None, 0);
        }
        breaker
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_one_answer_closes_it() {
        use Outcome::{Network, ServerError, Timeout};
        assert_eq!(failing(&[ServerError, Timeout]).gate(0), Gate::Open);
        let mut breaker = failing(&[ServerError, Timeout, Network]);
        assert_eq!(breaker.gate(0), shut(Network, 5 * SECOND, false));
        assert_eq!(breaker.gate(5 * SECOND), Gate::Trial);
        breaker.calls(5 * SECOND);
        assert_eq!(
            breaker.gate(6 * SECOND),
            shut(Network, 65 * SECOND, false),
            "one trial at a time"
        );
        assert_eq!(
            breaker.gate(65 * SECOND),
            Gate::Trial,
            "a lost trial is forgotten"
        );
        breaker.answered();
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn a_failed_trial_opens_it_again_for_twice_as_long() {
        let mut breaker = failing(&[Outcome::ServerError; 3]);
        breaker.calls(5 * SECOND);
        breaker.failed(Outcome::ServerError, None, 5 * SECOND);
        let again = shut(Outcome::ServerError, 15 * SECOND, false);
        assert_eq!(breaker.gate(5 * SECOND), again);
        for _ in 0..20 {
            breaker.failed(Outcome::ServerError, None, 0);
        }
        assert_eq!(
            breaker.gate(300 * SECOND),
            Gate::Trial,
            "five minutes at most"
        );
    }

    #[test]
    fn a_rate_limit_waits_as_long_as_it_was_asked_to() {
        let mut breaker = Breaker::default();
        breaker.failed(Outcome::RateLimit, Some(Duration::from_secs(20)), SECOND);
        assert_eq!(
            breaker.gate(20 * SECOND),
            shut(Outcome::RateLimit, 21 * SECOND, true)
        );
        assert_eq!(breaker.gate(21 * SECOND), Gate::Trial);
        let mut silent = failing(&[Outcome::RateLimit]);
        assert_eq!(silent.gate(0), shut(Outcome::RateLimit, SECOND, false));
        silent.failed(Outcome::RateLimit, None, SECOND);
        assert_eq!(
            silent.gate(SECOND),
            shut(Outcome::RateLimit, 3 * SECOND, false)
        );
    }

    #[test]
    fn the_callers_fault_opens_nothing() {
        let breaker = failing(&[Outcome::CallersFault, Outcome::Permission, Outcome::Auth]);
        assert_eq!(breaker, Breaker::default());
    }
}
