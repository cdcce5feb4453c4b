//! The same tests over both backends. Those on Redis want `RELAY_TEST_REDIS_URL`, which
//! `cargo xtask test` sets, and say that they are skipped without it.

mod models;
mod quotas;
mod races;
mod rates;
mod replicas;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::redis::{Redis, Time};
use super::*;
use crate::clock::{ManualClock, new_id};

/// The moment every test begins: 2023-11-14T22:13:20Z.
const EPOCH: i64 = 1_700_000_000_000;
/// A Redis that the tests may write to.
const REDIS: &str = "RELAY_TEST_REDIS_URL";
/// How long Redis may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// Limits with a clock that is moved by hand, and a tenant of the test's own.
struct Bench {
    limits: Limits,
    clock: ManualClock,
    tenant: String,
}

impl Bench {
    fn in_process() -> Self {
        let clock = ManualClock::at(EPOCH);
        Self {
            limits: Limits::in_process(Arc::new(clock.clone())),
            clock,
            tenant: new_id(),
        }
    }

    /// None, and said so, where there is no Redis to test with.
    fn on_redis() -> Option<Self> {
        let Some(url) = redis_url() else {
            println!("skipped: {REDIS} is not set");
            return None;
        };
        let clock = ManualClock::at(EPOCH);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let redis = Redis::new(&url, Time::Given(Arc::clone(&shared)), PATIENCE);
        Some(Self {
            limits: Limits::counted_by(
                redis.expect("a Redis URL"),
                WithoutRedis::FailClosed,
                shared,
            ),
            clock,
            tenant: new_id(),
        })
    }

    async fn reserve(&self, rules: &[Rule], estimate: Cost) -> Result<Reservation, NotReserved> {
        self.limits.reserve(&self.tenant, rules, estimate).await
    }

    /// A reservation that must succeed, of one request and so many tokens.
    async fn admitted(&self, rules: &[Rule], tokens: u64) -> Reservation {
        let reserved = self.reserve(rules, Cost::of_request(tokens, 0)).await;
        reserved.expect("admitted")
    }

    /// A reservation that must be refused by a limit.
    async fn refused(&self, rules: &[Rule], tokens: u64) -> Refused {
        let reserved = self.reserve(rules, Cost::of_request(tokens, 0)).await;
        match reserved.expect_err("refused") {
            NotReserved::Refused(refused) => refused,
            other => panic!("refused for another reason: {other:?}"),
        }
    }

    /// How many of `tries` requests pass, each settled as estimated.
    async fn count(&self, rules: &[Rule], tries: usize) -> usize {
        let mut passed = 0;
        for _ in 0..tries {
            match self.reserve(rules, Cost::of_request(0, 0)).await {
                Ok(reservation) => {
                    reservation.settle(Cost::of_request(0, 0));
                    passed += 1;
                }
                Err(NotReserved::Refused(_)) => {}
                Err(other) => panic!("refused for another reason: {other:?}"),
            }
        }
        passed
    }

    async fn settle(&self, reservation: Reservation, tokens: u64) {
        reservation.settle(Cost::of_request(tokens, 0));
        self.limits.flush().await;
    }

    async fn cancel(&self, reservation: Reservation) {
        reservation.cancel();
        self.limits.flush().await;
    }
}

fn redis_url() -> Option<SecretString> {
    std::env::var(REDIS).ok().map(SecretString::from)
}

fn key(measure: Measure, capacity: u64) -> Rule {
    Rule {
        subject: Subject::new(SubjectKind::RelayKey, "k1"),
        measure,
        capacity,
    }
}

fn rate(metric: Metric, capacity: u64, every: Duration, algorithm: Algorithm) -> Rule {
    let measure = Measure::Rate {
        metric,
        every,
        algorithm,
    };
    key(measure, capacity)
}

fn requests(capacity: u64, algorithm: Algorithm) -> Rule {
    rate(Metric::Requests, capacity, MINUTE, algorithm)
}

fn tokens(capacity: u64, algorithm: Algorithm) -> Rule {
    rate(Metric::Tokens, capacity, MINUTE, algorithm)
}

fn quota(metric: Metric, capacity: u64, seed: Seed) -> Rule {
    key(Measure::Quota { metric, seed }, capacity)
}

const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::TokenBucket,
    Algorithm::SlidingWindow,
    Algorithm::FixedWindow,
    Algorithm::SessionWindow,
];

/// Runs each named `async fn(&Bench)` in process and on Redis.
macro_rules! on_each_backend {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[tokio::test]
            async fn in_process() {
                super::$name(&$crate::limits::tests::Bench::in_process()).await;
            }
            #[tokio::test]
            async fn on_redis() {
                if let Some(bench) = $crate::limits::tests::Bench::on_redis() {
                    super::$name(&bench).await;
                }
            }
        }
    )+ };
}
use on_each_backend;
