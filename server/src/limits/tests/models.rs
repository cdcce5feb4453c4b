//! Each algorithm against a model that keeps every event and counts them anew each time, on both
//! backends: random requests, settlements, cancellations and time.

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tokio::runtime::Runtime;

use super::*;

/// What happens, one after the other.
#[derive(Debug, Clone)]
enum Step {
    Reserve(u64),
    /// Settles the oldest reservation there is.
    Settle(u64),
    Cancel,
    /// Moves the clock by milliseconds.
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0_u64..60).prop_map(Step::Reserve),
        2 => (0_u64..90).prop_map(Step::Settle),
        1 => Just(Step::Cancel),
        3 => prop_oneof![0_u64..50, 0_u64..1_500, 0_u64..5_000].prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..60)
}

/// What counts, kept in full: one line for each amount that was taken.
struct Model {
    algorithm: Algorithm,
    capacity: u64,
    window: i64,
    taken: Vec<Line>,
    /// Of a bucket: units in use, times the window; and when that was.
    level: i128,
    at: i64,
}

#[derive(Clone, Copy)]
struct Line {
    /// The start of the window it counts in.
    window: i64,
    amount: i128,
}

/// A reservation's place in the model.
#[derive(Clone, Copy)]
struct Ticket {
    window: i64,
    amount: u64,
}

impl Model {
    fn new(algorithm: Algorithm, capacity: u64, window: i64) -> Self {
        Self {
            algorithm,
            capacity,
            window,
            taken: Vec::new(),
            level: 0,
            at: EPOCH,
        }
    }

    /// The start of the window that `now` is in; of a session, if one is open.
    fn window_at(&self, now: i64) -> Option<i64> {
        match self.algorithm {
            Algorithm::TokenBucket => Some(0),
            Algorithm::FixedWindow | Algorithm::SlidingWindow => Some(now - now % self.window),
            Algorithm::SessionWindow => {
                let last = self.taken.iter().map(|line| line.window).max();
                last.filter(|start| now < start + self.window)
            }
        }
    }

    fn in_window(&self, start: i64) -> i128 {
        let lines = self.taken.iter().filter(|line| line.window == start);
        lines.map(|line| line.amount).sum()
    }

    fn drain(&mut self, now: i64) {
        let flow = i128::from(now - self.at) * i128::from(self.capacity);
        self.level = (self.level - flow).max(0);
        self.at = now;
    }

    /// What counts as used, times the window.
    fn used(&mut self, now: i64) -> i128 {
        let window = i128::from(self.window);
        self.drain(now);
        let this = self.window_at(now);
        match (self.algorithm, this) {
            (Algorithm::TokenBucket, _) => self.level,
            (_, None) => 0,
            (Algorithm::SlidingWindow, Some(this)) => {
                let ahead = i128::from(this + self.window - now);
                self.in_window(this) * window + self.in_window(this - self.window) * ahead
            }
            (_, Some(this)) => self.in_window(this) * window,
        }
    }

    fn reserve(&mut self, now: i64, amount: u64) -> Option<Ticket> {
        let amount = amount.min(self.capacity);
        let window = i128::from(self.window);
        let used = self.used(now);
        // A bucket tells no fractions of a unit in use: what is begun counts whole.
        let used = (used + window - 1) / window;
        if used + i128::from(amount.max(1)) > i128::from(self.capacity) {
            return None;
        }
        let start = self.window_at(now).unwrap_or(now);
        self.count(start, i128::from(amount));
        Some(Ticket {
            window: start,
            amount,
        })
    }

    fn count(&mut self, window: i64, amount: i128) {
        self.level += amount * i128::from(self.window);
        self.taken.push(Line { window, amount });
    }

    fn settle(&mut self, now: i64, ticket: Ticket, actual: u64) {
        self.drain(now);
        let more = i128::from(actual) - i128::from(ticket.amount);
        let this = self.window_at(now);
        match self.algorithm {
            Algorithm::TokenBucket => {
                self.level = (self.level + more * i128::from(self.window)).max(0);
            }
            _ if this == Some(ticket.window) => self.change(ticket.window, more),
            Algorithm::SlidingWindow if this == Some(ticket.window + self.window) => {
                self.change(ticket.window, more);
            }
            _ => {
                if let (Some(this), true) = (this, more > 0) {
                    self.change(this, more);
                }
            }
        }
    }

    /// Never below nothing.
    fn change(&mut self, window: i64, more: i128) {
        let more = more.max(-self.in_window(window));
        self.taken.push(Line {
            window,
            amount: more,
        });
    }
}

/// Plays the steps against the limits and the model, which must agree at each.
async fn play(bench: &Bench, algorithm: Algorithm, steps: &[Step]) -> Result<(), TestCaseError> {
    const CAPACITY: u64 = 100;
    const WINDOW: i64 = 1_000;
    let rules = [rate(Metric::Tokens, CAPACITY, SECOND, algorithm)];
    let mut model = Model::new(algorithm, CAPACITY, WINDOW);
    let mut held: Vec<(Reservation, Ticket)> = Vec::new();
    for step in steps {
        let now = bench.clock.now();
        match step {
            Step::Wait(millis) => bench.clock.advance(Duration::from_millis(*millis)),
            Step::Settle(actual) if !held.is_empty() => {
                let (reservation, ticket) = held.remove(0);
                bench.settle(reservation, *actual).await;
                model.settle(now, ticket, *actual);
            }
            Step::Cancel if !held.is_empty() => {
                let (reservation, ticket) = held.remove(0);
                bench.cancel(reservation).await;
                model.settle(now, ticket, 0);
            }
            Step::Settle(_) | Step::Cancel => {}
            Step::Reserve(amount) => {
                let cost = Cost::of_request(*amount, 0);
                let reserved = bench.reserve(&rules, cost).await;
                let expected = model.reserve(now, *amount);
                prop_assert_eq!(reserved.is_ok(), expected.is_some(), "{:?}", reserved);
                match (reserved, expected) {
                    (Ok(reservation), Some(ticket)) => held.push((reservation, ticket)),
                    (Err(NotReserved::Refused(refused)), None) => {
                        retry_is_exact(&mut model, &refused, now, *amount)?;
                    }
                    (other, _) => prop_assert!(false, "{:?}", other),
                }
            }
        }
    }
    Ok(())
}

/// The model would admit the request after `retry_after`, and not a millisecond before.
fn retry_is_exact(
    model: &mut Model,
    refused: &Refused,
    now: i64,
    amount: u64,
) -> Result<(), TestCaseError> {
    let wait = crate::clock::millis(refused.retry_after);
    for (wait, admits) in [(wait - 1, false), (wait, true)] {
        let mut later = Model {
            taken: model.taken.clone(),
            ..*model
        };
        let admitted = later.reserve(now + wait, amount).is_some();
        prop_assert_eq!(admitted, admits, "after {} ms: {:?}", wait, refused);
    }
    Ok(())
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

fn agrees(cases: u32, bench: impl Fn() -> Bench) {
    for algorithm in ALGORITHMS {
        let config = ProptestConfig {
            cases,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        proptest!(config, |(steps in steps())| {
            let bench = bench();
            runtime().block_on(play(&bench, algorithm, &steps))?;
        });
    }
}

#[test]
fn in_process_every_algorithm_agrees_with_its_model() {
    agrees(512, Bench::in_process);
}

#[test]
fn on_redis_every_algorithm_agrees_with_its_model() {
    let _within = runtime().enter();
    let Some(bench) = Bench::on_redis() else {
        return;
    };
    agrees(64, || Bench {
        limits: bench.limits.clone(),
        clock: bench.clock.clone(),
        tenant: new_id(),
    });
}
