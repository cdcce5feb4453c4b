//! What is admitted, refused and given back, by rate and by concurrency.

use super::*;

on_each_backend!(
    every_algorithm_admits_its_capacity_and_says_when_it_will_again,
    a_bucket_flows_back_evenly,
    a_fixed_window_begins_anew_at_the_minute,
    a_sliding_window_remembers_the_last_one,
    a_session_begins_with_its_first_request,
    a_refused_request_takes_from_no_limit,
    the_limit_that_refuses_longest_is_named,
    tokens_are_settled_by_the_real_count,
    a_cancelled_request_stays_counted_but_not_its_tokens,
    what_was_used_beyond_the_capacity_is_waited_for,
    an_estimate_beyond_the_capacity_passes_when_nothing_else_is_used,
    concurrency_is_held_until_the_reservation_ends,
    the_tightest_limit_is_told,
    tenants_and_subjects_count_apart,
    a_new_capacity_takes_effect_at_once,
    of_the_same_limit_twice_the_lower_holds,
    a_capacity_of_nothing_admits_nothing,
    what_is_given_back_late_is_not_given_to_another_window,
    what_comes_on_top_late_counts_now,
    windows_beyond_a_day_are_kept,
);

async fn every_algorithm_admits_its_capacity_and_says_when_it_will_again(bench: &Bench) {
    for algorithm in ALGORITHMS {
        let rules = [requests(10, algorithm)];
        assert_eq!(bench.count(&rules, 15).await, 10, "{algorithm:?}");
        let refused = bench.refused(&rules, 0).await;
        assert_eq!(refused.word, "relay-key requests/minute");
        assert_eq!((refused.limit, refused.remaining), (10, 0));
        assert!(refused.retry_after <= refused.reset_after);
        bench
            .clock
            .advance(refused.retry_after.saturating_sub(Duration::from_millis(1)));
        bench.refused(&rules, 0).await;
        bench.clock.advance(Duration::from_millis(1));
        drop(bench.admitted(&rules, 0).await);
    }
}

async fn a_bucket_flows_back_evenly(bench: &Bench) {
    let rules = [requests(60, Algorithm::TokenBucket)];
    assert_eq!(bench.count(&rules, 100).await, 60);
    bench.clock.advance(SECOND);
    assert_eq!(bench.count(&rules, 100).await, 1);
    bench.clock.advance(10 * SECOND);
    assert_eq!(bench.count(&rules, 100).await, 10);
    let refused = bench.refused(&rules, 0).await;
    assert_eq!(
        (refused.retry_after, refused.reset_after),
        (SECOND, 60 * SECOND)
    );
}

async fn a_fixed_window_begins_anew_at_the_minute(bench: &Bench) {
    // The tests begin twenty seconds into a minute.
    let rules = [requests(5, Algorithm::FixedWindow)];
    assert_eq!(bench.count(&rules, 9).await, 5);
    let refused = bench.refused(&rules, 0).await;
    assert_eq!(refused.retry_after, 40 * SECOND);
    bench.clock.advance(40 * SECOND);
    assert_eq!(bench.count(&rules, 9).await, 5);
}

async fn a_sliding_window_remembers_the_last_one(bench: &Bench) {
    let rules = [requests(60, Algorithm::SlidingWindow)];
    assert_eq!(bench.count(&rules, 100).await, 60);
    // Half of the next minute has passed: half of the last one's sixty still count.
    bench.clock.advance(70 * SECOND);
    assert_eq!(bench.count(&rules, 100).await, 30);
    bench.clock.advance(SECOND);
    assert_eq!(bench.count(&rules, 100).await, 1);
}

async fn a_session_begins_with_its_first_request(bench: &Bench) {
    let hours = Duration::from_hours(5);
    let rules = [rate(Metric::Requests, 3, hours, Algorithm::SessionWindow)];
    bench.clock.advance(7 * SECOND);
    assert_eq!(bench.count(&rules, 1).await, 1);
    bench.clock.advance(hours.saturating_sub(SECOND));
    assert_eq!(bench.count(&rules, 5).await, 2);
    assert_eq!(bench.refused(&rules, 0).await.retry_after, SECOND);
    // Nobody asks for a minute after its end: the next session begins only then.
    bench.clock.advance(61 * SECOND);
    assert_eq!(bench.count(&rules, 5).await, 3);
    assert_eq!(bench.refused(&rules, 0).await.retry_after, hours);
}

async fn a_refused_request_takes_from_no_limit(bench: &Bench) {
    let wide = requests(10, Algorithm::TokenBucket);
    let narrow = tokens(100, Algorithm::FixedWindow);
    let both = [wide.clone(), key(Measure::Concurrency, 5), narrow];
    let held = bench.admitted(&both, 100).await;
    for _ in 0..20 {
        assert_eq!(
            bench.refused(&both, 1).await.word,
            "relay-key tokens/minute"
        );
    }
    assert_eq!(bench.count(&[wide], 20).await, 9);
    drop(held);
}

async fn the_limit_that_refuses_longest_is_named(bench: &Bench) {
    let rules = [
        rate(Metric::Requests, 1, MINUTE, Algorithm::TokenBucket),
        rate(
            Metric::Requests,
            1,
            Duration::from_hours(1),
            Algorithm::TokenBucket,
        ),
        rate(Metric::Requests, 1, SECOND, Algorithm::TokenBucket),
    ];
    drop(bench.admitted(&rules, 0).await);
    let refused = bench.refused(&rules, 0).await;
    assert_eq!(
        (refused.rule, refused.phrase.as_str()),
        (1, "requests per hour of this relay key")
    );
}

async fn tokens_are_settled_by_the_real_count(bench: &Bench) {
    for algorithm in ALGORITHMS {
        let rules = [tokens(1_000, algorithm)];
        let less = bench.admitted(&rules, 900).await;
        assert_eq!(bench.refused(&rules, 200).await.remaining, 100);
        bench.settle(less, 300).await;
        let more = bench.admitted(&rules, 200).await;
        bench.settle(more, 700).await;
        let refused = bench.refused(&rules, 1).await;
        assert_eq!(refused.remaining, 0, "{algorithm:?}");
    }
}

async fn a_cancelled_request_stays_counted_but_not_its_tokens(bench: &Bench) {
    let rules = [
        requests(2, Algorithm::TokenBucket),
        tokens(100, Algorithm::TokenBucket),
    ];
    let failed = bench.admitted(&rules, 100).await;
    bench.cancel(failed).await;
    let dropped = bench.admitted(&rules, 100).await;
    drop(dropped);
    bench.limits.flush().await;
    let refused = bench.refused(&rules, 100).await;
    assert_eq!(refused.word, "relay-key requests/minute");
    assert_eq!(bench.refused(&rules[..1], 0).await.remaining, 0);
    drop(bench.admitted(&rules[1..], 100).await);
}

async fn what_was_used_beyond_the_capacity_is_waited_for(bench: &Bench) {
    let rules = [tokens(60, Algorithm::TokenBucket)];
    let long = bench.admitted(&rules, 10).await;
    bench.settle(long, 180).await;
    let refused = bench.refused(&rules, 60).await;
    assert_eq!((refused.remaining, refused.retry_after), (0, 3 * MINUTE));
    bench.clock.advance(2 * MINUTE);
    assert_eq!(bench.refused(&rules, 1).await.retry_after, SECOND);
}

async fn an_estimate_beyond_the_capacity_passes_when_nothing_else_is_used(bench: &Bench) {
    for algorithm in ALGORITHMS {
        let rules = [tokens(100, algorithm)];
        let big = bench.admitted(&rules, 5_000).await;
        assert_eq!(bench.refused(&rules, 5_000).await.remaining, 0);
        bench.settle(big, 1).await;
        let refused = bench.refused(&rules, 5_000).await;
        assert_eq!(refused.remaining, 99, "{algorithm:?}");
        bench.clock.advance(refused.retry_after);
        drop(bench.admitted(&rules, 5_000).await);
    }
}

async fn concurrency_is_held_until_the_reservation_ends(bench: &Bench) {
    let rules = [key(Measure::Concurrency, 2)];
    let first = bench.admitted(&rules, 0).await;
    let second = bench.admitted(&rules, 0).await;
    let refused = bench.refused(&rules, 0).await;
    assert_eq!(refused.word, "relay-key concurrency");
    assert_eq!((refused.limit, refused.remaining), (2, 0));
    assert!(refused.retry_after > Duration::ZERO);
    bench.settle(first, 0).await;
    let third = bench.admitted(&rules, 0).await;
    bench.refused(&rules, 0).await;
    drop(second);
    bench.cancel(third).await;
    let _both = (
        bench.admitted(&rules, 0).await,
        bench.admitted(&rules, 0).await,
    );
    bench.refused(&rules, 0).await;
}

async fn the_tightest_limit_is_told(bench: &Bench) {
    let rules = [
        requests(100, Algorithm::TokenBucket),
        tokens(1_000, Algorithm::FixedWindow),
        key(Measure::Concurrency, 1),
    ];
    let reservation = bench.admitted(&rules, 400).await;
    let standing = reservation.standing().expect("a standing");
    assert_eq!(
        (standing.rule, standing.limit, standing.remaining),
        (1, 1_000, 600)
    );
    assert_eq!(standing.reset_after, 40 * SECOND);
    let alone = bench.admitted(&rules[..1], 0).await;
    let standing = alone.standing().expect("a standing");
    assert_eq!((standing.rule, standing.remaining), (0, 98));
    assert_eq!(standing.reset_after, Duration::from_millis(1_200));
    let nothing = bench.admitted(&[], 0).await;
    assert_eq!(nothing.standing(), None);
}

async fn tenants_and_subjects_count_apart(bench: &Bench) {
    let rules = [requests(1, Algorithm::FixedWindow)];
    drop(bench.admitted(&rules, 0).await);
    let other_key = Rule {
        subject: Subject::new(SubjectKind::RelayKey, "k2"),
        ..rules[0].clone()
    };
    let user = Rule {
        subject: Subject::new(SubjectKind::EndUser, "k1"),
        ..rules[0].clone()
    };
    drop(bench.admitted(&[other_key, user], 0).await);
    let other = new_id();
    let other_tenant = bench.limits.reserve(&other, &rules, Cost::of_request(0, 0));
    drop(other_tenant.await.expect("another tenant's"));
    bench.refused(&rules, 0).await;
}

async fn a_new_capacity_takes_effect_at_once(bench: &Bench) {
    for algorithm in ALGORITHMS {
        assert_eq!(bench.count(&[requests(10, algorithm)], 5).await, 5);
        bench.refused(&[requests(5, algorithm)], 0).await;
        assert_eq!(bench.count(&[requests(20, algorithm)], 50).await, 15);
    }
}

async fn of_the_same_limit_twice_the_lower_holds(bench: &Bench) {
    let rule = |capacity| requests(capacity, Algorithm::FixedWindow);
    assert_eq!(bench.count(&[rule(9), rule(4), rule(7)], 20).await, 4);
    assert_eq!(bench.refused(&[rule(9), rule(4)], 0).await.rule, 1);
}

async fn a_capacity_of_nothing_admits_nothing(bench: &Bench) {
    for algorithm in ALGORITHMS {
        let refused = bench.refused(&[tokens(0, algorithm)], 0).await;
        assert!(refused.retry_after >= MINUTE, "{algorithm:?}");
    }
    bench.refused(&[key(Measure::Concurrency, 0)], 0).await;
}

async fn what_is_given_back_late_is_not_given_to_another_window(bench: &Bench) {
    let rules = [tokens(100, Algorithm::FixedWindow)];
    let early = bench.admitted(&rules, 80).await;
    bench.clock.advance(MINUTE);
    bench
        .admitted(&rules, 50)
        .await
        .settle(Cost::of_request(50, 0));
    bench.settle(early, 0).await;
    assert_eq!(bench.refused(&rules, 60).await.remaining, 50);
}

async fn what_comes_on_top_late_counts_now(bench: &Bench) {
    let rules = [tokens(100, Algorithm::FixedWindow)];
    let early = bench.admitted(&rules, 10).await;
    bench.clock.advance(MINUTE);
    bench.settle(early, 40).await;
    assert_eq!(bench.refused(&rules, 100).await.remaining, 70);
}

async fn windows_beyond_a_day_are_kept(bench: &Bench) {
    let week = Duration::from_hours(7 * 24);
    for algorithm in ALGORITHMS {
        let rules = [rate(Metric::Requests, 7, week, algorithm)];
        assert_eq!(bench.count(&rules, 20).await, 7, "{algorithm:?}");
        let refused = bench.refused(&rules, 0).await;
        assert_eq!(refused.word, "relay-key requests/7 days");
        bench.clock.advance(refused.retry_after);
        assert_eq!(bench.count(&rules, 1).await, 1, "{algorithm:?}");
    }
}
