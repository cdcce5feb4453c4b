//! Several processes that count in one Redis, and a Redis that is away.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

use super::*;
use crate::clock::SystemClock;

/// Given to a process that this test starts of itself: the tenant it is to count for.
const TENANT: &str = "RELAY_TEST_LIMITS_TENANT";
/// How it tells what it was admitted.
const ADMITTED: &str = "admitted: ";
const PROCESSES: usize = 3;
const TASKS: usize = 50;
const TRIES: usize = 10_000;
/// More than one process tries, so that at least two are admitted.
const CAPACITY: u64 = 5_432;

/// As the server makes them.
fn limits(url: &SecretString, without: WithoutRedis) -> Limits {
    Limits::in_redis(url, without, Arc::new(SystemClock)).expect("a Redis URL")
}

fn rules() -> [Rule; 3] {
    [
        rate(
            Metric::Requests,
            CAPACITY,
            Duration::from_hours(24),
            Algorithm::SessionWindow,
        ),
        quota(Metric::Tokens, 1 << 40, Seed::Used(0)),
        key(Measure::Concurrency, 1 << 20),
    ]
}

#[test]
fn of_ten_thousand_from_three_processes_exactly_the_capacity_is_admitted() {
    if redis_url().is_none() {
        println!("skipped: {REDIS} is not set");
        return;
    }
    let tenant = new_id();
    let children: Vec<_> = (0..PROCESSES)
        .map(|_| {
            Command::new(std::env::current_exe().expect("this program"))
                .args(["limits::tests::replicas::one_of_the_processes", "--exact"])
                .args(["--nocapture", "--test-threads=1"])
                .env(TENANT, &tenant)
                .stdout(Stdio::piped())
                .spawn()
                .expect("a process")
        })
        .collect();
    let admitted: Vec<u64> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().expect("its output");
            let said = String::from_utf8_lossy(&output.stdout);
            let told = said.lines().find_map(|line| line.split(ADMITTED).nth(1));
            let told = told.unwrap_or_else(|| panic!("it does not tell: {said}"));
            told.trim().parse().expect("a number")
        })
        .collect();
    assert_eq!(admitted.iter().sum::<u64>(), CAPACITY, "{admitted:?}");
}

/// Does nothing unless the test above starts it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_the_processes() {
    let (Ok(tenant), Some(url)) = (std::env::var(TENANT), redis_url()) else {
        return;
    };
    let redis = Redis::new(&url, Time::Redis, PATIENCE).expect("a Redis URL");
    let limits = Limits::counted_by(redis, WithoutRedis::FailClosed, Arc::new(SystemClock));
    let admitted = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (limits, tenant) = (limits.clone(), tenant.clone());
            let admitted = Arc::clone(&admitted);
            tokio::spawn(async move {
                for _ in 0..TRIES.div_ceil(PROCESSES * TASKS) {
                    let cost = Cost::of_request(10, 0);
                    match limits.reserve(&tenant, &rules(), cost).await {
                        Ok(reservation) => {
                            reservation.settle(cost);
                            admitted.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(NotReserved::Refused(_)) => {}
                        Err(other) => panic!("refused for another reason: {other:?}"),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    limits.flush().await;
    println!("{ADMITTED}{}", admitted.load(Ordering::SeqCst));
}

#[tokio::test]
async fn what_a_killed_process_held_is_free_after_its_lease() {
    let Some(bench) = Bench::on_redis() else {
        return;
    };
    let rules = [key(Measure::Concurrency, 1)];
    let held = bench.admitted(&rules, 0).await;
    // A killed process settles nothing, and renews nothing.
    std::mem::forget(held);
    let lease = Duration::from_mins(1);
    bench.clock.advance(lease.saturating_sub(SECOND));
    drop(bench.refused(&rules, 0).await);
    bench.clock.advance(SECOND);
    drop(bench.admitted(&rules, 0).await);
}

#[tokio::test]
async fn a_call_that_is_dropped_while_redis_is_asked_holds_nothing() {
    let Some(bench) = Bench::on_redis() else {
        return;
    };
    let rules = [
        key(Measure::Concurrency, 1),
        tokens(10, Algorithm::default()),
    ];
    for turn in 0..20 {
        let mut asking = Box::pin(bench.reserve(&rules, Cost::of_request(10, 0)));
        let moment = Duration::from_micros(50 * turn);
        drop(tokio::time::timeout(moment, &mut asking).await);
        drop(asking);
        bench.limits.flush().await;
    }
    drop(bench.admitted(&rules, 10).await);
}

#[tokio::test]
async fn without_redis_calls_are_counted_in_process_or_refused_as_configured() {
    // A port that nobody listens on any more.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let url = SecretString::from(format!("redis://:hunter2@{address}"));
    let rules = [requests(2, Algorithm::FixedWindow)];
    let reserve = async |limits: &Limits| {
        let reserved = limits.reserve("t", &rules, Cost::of_request(0, 0)).await;
        reserved.map(|reservation| reservation.settle(Cost::default()))
    };
    let open = limits(&url, WithoutRedis::FailOpen);
    for _ in 0..2 {
        reserve(&open).await.expect("admitted in process");
    }
    let refused = reserve(&open).await.expect_err("refused in process");
    assert!(matches!(refused, NotReserved::Refused(_)));
    assert!(!format!("{open:?}").contains("hunter2"));

    let closed = limits(&url, WithoutRedis::FailClosed);
    for _ in 0..3 {
        assert_eq!(reserve(&closed).await, Err(NotReserved::Unavailable));
    }
}

#[tokio::test]
async fn a_redis_that_hangs_does_not_hang_calls() {
    // It takes connections and never says a word.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let url = SecretString::from(format!("redis://{address}"));
    let limits = limits(&url, WithoutRedis::FailOpen);
    let rules = [requests(1_000, Algorithm::TokenBucket)];
    let calls = async {
        for _ in 0..100 {
            let reserved = limits.reserve("t", &rules, Cost::of_request(0, 0)).await;
            drop(reserved.expect("admitted in process"));
        }
    };
    // One of them waits for an answer; the others know that there is none.
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, calls)
        .await
        .expect("in time");
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_without_being_told() {
    let url = SecretString::from("http://:hunter2@localhost");
    let refused = Limits::in_redis(&url, WithoutRedis::FailOpen, Arc::new(SystemClock));
    let refused = refused.expect_err("no Redis URL").to_string();
    assert!(refused.starts_with("RELAY_REDIS_URL is not redis://"));
    assert!(!refused.contains("hunter2"));
}
