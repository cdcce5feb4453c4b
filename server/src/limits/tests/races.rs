//! Many at once: a limit admits its capacity exactly, and nothing is given back twice.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const TRIES: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_thousand_at_once_in_process_exactly_the_capacity_is_admitted() {
    for algorithm in ALGORITHMS {
        let bench = Arc::new(Bench::in_process());
        let admitted = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let (bench, admitted) = (Arc::clone(&bench), Arc::clone(&admitted));
                tokio::spawn(async move {
                    let rules = [requests(3_210, algorithm), tokens(1 << 40, algorithm)];
                    let passed = bench.count(&rules, TRIES / 100).await;
                    admitted.fetch_add(passed, Ordering::SeqCst);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        assert_eq!(admitted.load(Ordering::SeqCst), 3_210, "{algorithm:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_aborted_task_gives_its_place_back_once() {
    let bench = Arc::new(Bench::in_process());
    let rules = [key(Measure::Concurrency, 10)];
    for _ in 0..20 {
        let (all_hold, mut holding) = tokio::sync::mpsc::channel(10);
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let (bench, rules) = (Arc::clone(&bench), rules.clone());
                let holds = all_hold.clone();
                tokio::spawn(async move {
                    let _held = bench.admitted(&rules, 0).await;
                    holds.send(()).await.expect("somebody waits");
                    std::future::pending::<()>().await;
                })
            })
            .collect();
        for _ in 0..10 {
            holding.recv().await.expect("a task that holds");
        }
        bench.refused(&rules, 0).await;
        for task in tasks {
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
    }
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(bench.admitted(&rules, 0).await);
    }
    bench.refused(&rules, 0).await;
}

#[tokio::test]
async fn counts_are_bounded_and_the_longest_unused_go_first() {
    let clock = ManualClock::at(EPOCH);
    let memory = Arc::new(Memory::of_at_most(64 * 80, Arc::new(clock.clone())));
    let reserve = |id: usize, measure: Measure| {
        let rules = [Rule {
            subject: Subject::new(SubjectKind::EndUser, id.to_string()),
            measure,
            capacity: 1,
        }];
        let plans = plan::plans(&rules, &Cost::of_request(0, 0), clock.now());
        memory.reserve("one tenant, one shard", &plans)
    };
    let hourly = || Measure::Rate {
        metric: Metric::Requests,
        every: Duration::from_hours(1),
        algorithm: Algorithm::FixedWindow,
    };
    let held = reserve(0, Measure::Concurrency).expect("admitted");
    for id in 0..1_000 {
        reserve(id, hourly()).expect("admitted").cancel();
        assert!(memory.len() <= 81, "{}", memory.len());
    }
    assert!(reserve(999, hourly()).is_err(), "the newest is remembered");
    assert!(reserve(0, hourly()).is_ok(), "the oldest is forgotten");
    assert!(
        reserve(0, Measure::Concurrency).is_err(),
        "those in flight are not"
    );
    drop(held);
    clock.advance(Duration::from_hours(2));
    reserve(5_000, hourly()).expect("admitted").cancel();
    assert_eq!(memory.len(), 1, "what is as good as new is swept");
}
