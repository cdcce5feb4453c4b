use std::collections::HashMap;
use std::time::Duration;

use relay_api::{Outcome, Strategy};

use super::{Choice, HealthKey, Pool, Report};

const TENANT: &str = "t";

fn choices(weights: &[u32]) -> Vec<Choice<'static>> {
    let choice = |(at, weight): (usize, &u32)| Choice {
        health: HealthKey::of(TENANT, "openai", &at.to_string()),
        model: "gpt-4o",
        rank: 0,
        weight: *weight,
    };
    weights.iter().enumerate().map(choice).collect()
}

fn take(pool: &Pool, strategy: Strategy, choices: &[Choice<'_>]) -> Option<usize> {
    let places: Vec<usize> = (0..choices.len()).collect();
    pool.take(TENANT, strategy, choices, &places, true, 0).taken
}

fn failed(class: Outcome) -> Report {
    Report::Failed {
        class,
        retry_after: None,
        whole_key: false,
    }
}

fn asked_to_wait(whole_key: bool) -> Report {
    Report::Failed {
        class: Outcome::RateLimit,
        retry_after: Some(Duration::from_secs(1)),
        whole_key,
    }
}

#[test]
fn weighted_turns_are_in_proportion_and_evenly_spread() {
    let (pool, choices) = (Pool::default(), choices(&[5, 1, 1]));
    let turns: Vec<_> = (0..7)
        .filter_map(|_| take(&pool, Strategy::Weighted, &choices))
        .collect();
    assert_eq!(turns, [0, 0, 1, 0, 2, 0, 0]);
}

#[test]
fn the_longest_rested_is_taken_by_turns() {
    let (pool, choices) = (Pool::default(), choices(&[1, 1, 1]));
    let turns: Vec<_> = (0..6)
        .filter_map(|_| take(&pool, Strategy::LeastRecent, &choices))
        .collect();
    assert_eq!(turns, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn the_faster_of_two_is_taken_once_both_are_known() {
    let (pool, choices) = (Pool::default(), choices(&[1, 1]));
    for (choice, ms) in choices.iter().zip([900, 100]) {
        let took = Some(Duration::from_millis(ms));
        pool.report(TENANT, choice, Report::Answered(took), 0);
    }
    for _ in 0..20 {
        assert_eq!(take(&pool, Strategy::Fastest, &choices), Some(1));
    }
}

#[test]
fn a_lower_rank_is_taken_until_it_cannot_serve() {
    let pool = Pool::default();
    let mut choices = choices(&[1, 1]);
    choices[1].rank = 1;
    for _ in 0..3 {
        assert_eq!(take(&pool, Strategy::Weighted, &choices), Some(0));
    }
    pool.report(TENANT, &choices[0], failed(Outcome::RateLimit), 0);
    let looked = pool.take(TENANT, Strategy::Weighted, &choices, &[0, 1], true, 0);
    assert_eq!(looked.taken, Some(1));
    assert_eq!(looked.shut.len(), 1);
    let (place, closure) = looked.shut[0];
    assert_eq!((place, closure.class), (0, Outcome::RateLimit));
    assert_eq!((closure.until, closure.firm), (1_000, false));
}

#[test]
fn a_failing_key_is_a_last_resort_and_one_asked_to_wait_is_none() {
    let (pool, choices) = (Pool::default(), choices(&[1, 1]));
    for _ in 0..3 {
        pool.report(TENANT, &choices[0], failed(Outcome::ServerError), 0);
    }
    pool.report(TENANT, &choices[1], asked_to_wait(false), 0);
    assert_eq!(take(&pool, Strategy::Priority, &choices), Some(0));
    let calm = pool.take(TENANT, Strategy::Priority, &choices, &[0, 1], false, 0);
    assert_eq!((calm.taken, calm.shut.len()), (None, 2));
    pool.report(TENANT, &choices[1], Report::Answered(None), 0);
    assert_eq!(take(&pool, Strategy::Priority, &choices), Some(1));
}

#[test]
fn a_rate_limit_is_of_one_model_and_an_empty_account_of_the_whole_key() {
    let pool = Pool::default();
    let one = choices(&[1]);
    let other = [Choice {
        model: "gpt-4o-mini",
        ..one[0].clone()
    }];
    pool.report(TENANT, &one[0], asked_to_wait(false), 0);
    assert_eq!(take(&pool, Strategy::Priority, &one), None);
    assert_eq!(take(&pool, Strategy::Priority, &other), Some(0));
    pool.report(TENANT, &one[0], asked_to_wait(true), 0);
    assert_eq!(take(&pool, Strategy::Priority, &other), None);
}

#[test]
fn a_trial_is_one_call_however_many_choose_at_once() {
    let (pool, choices) = (Pool::default(), choices(&[1]));
    pool.report(TENANT, &choices[0], asked_to_wait(false), 0);
    let taken: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let calls = (0..100).map(|_| {
                        pool.take(TENANT, Strategy::Weighted, &choices, &[0], false, 2_000)
                    });
                    calls.filter(|looked| looked.taken.is_some()).count()
                })
            })
            .collect();
        threads.into_iter().filter_map(|t| t.join().ok()).sum()
    });
    assert_eq!(taken, 1);
}

#[test]
fn turns_are_exact_under_concurrency() {
    let (pool, choices) = (Pool::default(), choices(&[3, 2, 1]));
    let counts = std::sync::Mutex::new(HashMap::new());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    let taken = take(&pool, Strategy::Weighted, &choices);
                    let mut counts = counts.lock().expect("unpoisoned");
                    *counts.entry(taken.expect("taken")).or_insert(0) += 1;
                }
            });
        }
    });
    let counts = counts.into_inner().expect("unpoisoned");
    assert_eq!([counts[&0], counts[&1], counts[&2]], [3_000, 2_000, 1_000]);
}

#[test]
fn the_same_key_of_another_tenant_or_host_is_another() {
    let key = HealthKey::of("a", "openai", "f");
    for (tenant, host, fingerprint) in [
        ("b", "openai", "f"),
        ("a", "groq", "f"),
        ("ao", "penai", "f"),
    ] {
        assert_ne!(HealthKey::of(tenant, host, fingerprint), key);
    }
}
