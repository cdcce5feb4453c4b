//! What a call's limits cost: in process, and in Redis where `RELAY_TEST_REDIS_URL` names one.
//! For people to read: `cargo bench -p relay-server --bench limits`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use relay_server::clock::{SystemClock, new_id};
use relay_server::limits::{
    Algorithm, Cost, Limits, Measure, Metric, Rule, Seed, Subject, SubjectKind, WithoutRedis,
};
use tokio::runtime::Runtime;

const TASKS: [usize; 2] = [1, 64];

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let clock = Arc::new(SystemClock);
        measure("in process", 200_000, &Limits::in_process(clock.clone())).await;
        match std::env::var("RELAY_TEST_REDIS_URL") {
            Ok(url) => {
                let limits = Limits::in_redis(&url.into(), WithoutRedis::FailClosed, clock);
                measure("in Redis", 10_000, &limits.expect("a Redis URL")).await;
            }
            Err(_) => println!("in Redis: RELAY_TEST_REDIS_URL is not set"),
        }
    });
}

/// A relay key with two rates, a concurrency limit and a monthly quota: what a careful tenant has.
fn rules() -> [Rule; 4] {
    let rate = |metric| Measure::Rate {
        metric,
        every: Duration::from_mins(1),
        algorithm: Algorithm::TokenBucket,
    };
    let quota = Measure::Quota {
        metric: Metric::NanoDollars,
        seed: Seed::Used(0),
    };
    let measures = [
        rate(Metric::Requests),
        rate(Metric::Tokens),
        Measure::Concurrency,
        quota,
    ];
    measures.map(|measure| Rule {
        subject: Subject::new(SubjectKind::RelayKey, "a-relay-key"),
        measure,
        capacity: 1 << 50,
    })
}

async fn measure(name: &str, calls: usize, limits: &Limits) {
    for tasks in TASKS {
        let started = Instant::now();
        let running: Vec<_> = (0..tasks)
            .map(|_| {
                let (limits, tenant) = (limits.clone(), new_id());
                tokio::spawn(some_calls(limits, tenant, calls / tasks))
            })
            .collect();
        let mut waits = Vec::with_capacity(calls);
        for task in running {
            waits.extend(task.await.expect("no panic"));
        }
        limits.flush().await;
        let elapsed = started.elapsed();
        waits.sort_unstable();
        let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
        let each = elapsed / u32::try_from(waits.len()).expect("not so many");
        println!(
            "{name}, {tasks} at once: reserve {:?} (p99 {:?}); reserved and settled every {each:?}",
            at(50),
            at(99),
        );
    }
}

/// How long each call waited for its reservation.
async fn some_calls(limits: Limits, tenant: String, calls: usize) -> Vec<Duration> {
    let rules = rules();
    let cost = Cost::of_request(1_000, 1_000_000);
    let mut waits = Vec::with_capacity(calls);
    for _ in 0..calls {
        let asked = Instant::now();
        let reserved = limits.reserve(&tenant, &rules, cost).await;
        waits.push(asked.elapsed());
        reserved.expect("admitted").settle(cost);
    }
    waits
}
