//! Monthly quotas: seeds, months, and what the edge may cost.

use super::*;

on_each_backend!(
    a_quota_that_nothing_was_counted_of_asks_for_its_seed,
    a_refusal_asks_for_no_seed_and_keeps_the_one_it_was_given,
    a_quota_begins_anew_with_the_month,
    at_its_edge_a_quota_is_overspent_by_the_estimates_in_flight_at_most,
    a_failed_call_charges_nothing,
    a_month_that_is_over_is_settled_no_more,
);

async fn a_quota_that_nothing_was_counted_of_asks_for_its_seed(bench: &Bench) {
    let rules = |seed| {
        [
            requests(100, Algorithm::TokenBucket),
            quota(Metric::Tokens, 100, seed),
        ]
    };
    let unread = rules(Seed::Unread);
    let unseeded = bench.reserve(&unread, Cost::of_request(5, 0));
    assert_eq!(
        unseeded.await.expect_err("unseeded"),
        NotReserved::Unseeded(vec![1])
    );
    let reservation = bench.admitted(&rules(Seed::Used(90)), 5).await;
    let standing = reservation.standing().expect("a standing");
    assert_eq!((standing.rule, standing.remaining), (1, 5));
    // From here on it is counted, and no seed matters.
    bench
        .admitted(&rules(Seed::Unread), 5)
        .await
        .settle(Cost::of_request(5, 0));
    bench.settle(reservation, 5).await;
    let refused = bench.refused(&rules(Seed::Used(0)), 5).await;
    assert_eq!(refused.word, "relay-key tokens/month");
}

async fn a_refusal_asks_for_no_seed_and_keeps_the_one_it_was_given(bench: &Bench) {
    let rules = |seed| {
        [
            requests(1, Algorithm::SlidingWindow),
            quota(Metric::Tokens, 100, seed),
        ]
    };
    assert_eq!(bench.count(&rules(Seed::Unread)[..1], 2).await, 1);
    let refused = bench.refused(&rules(Seed::Unread), 1).await;
    assert_eq!(refused.rule, 0, "the rate needs no seed to refuse");
    bench.clock.advance(2 * MINUTE);
    let refused = bench.refused(&rules(Seed::Used(100)), 1).await;
    assert_eq!(refused.rule, 1);
    for _ in 0..3 {
        let refused = bench.refused(&rules(Seed::Unread), 1).await;
        assert_eq!((refused.rule, refused.remaining), (1, 0));
    }
}

async fn a_quota_begins_anew_with_the_month(bench: &Bench) {
    let rules = [quota(Metric::Requests, 3, Seed::Used(1))];
    assert_eq!(bench.count(&rules, 9).await, 2);
    // 2023-11-14T22:13:20Z to 2023-12-01T00:00:00Z.
    let refused = bench.refused(&rules, 0).await;
    assert_eq!(refused.retry_after, Duration::from_secs(1_388_800));
    assert_eq!(refused.reset_after, refused.retry_after);
    bench
        .clock
        .advance(refused.retry_after.saturating_sub(SECOND));
    bench.refused(&rules, 0).await;
    bench.clock.advance(SECOND);
    assert_eq!(
        bench
            .count(&[quota(Metric::Requests, 3, Seed::Used(0))], 9)
            .await,
        3
    );
    let december = Duration::from_hours(31 * 24);
    assert_eq!(bench.refused(&rules, 0).await.retry_after, december);
}

async fn at_its_edge_a_quota_is_overspent_by_the_estimates_in_flight_at_most(bench: &Bench) {
    const DOLLAR: u64 = 1_000_000_000;
    let rules = [quota(Metric::NanoDollars, DOLLAR, Seed::Used(0))];
    let estimate = Cost::of_request(1_000, 300_000_000);
    let mut in_flight = Vec::new();
    while let Ok(reservation) = bench.reserve(&rules, estimate).await {
        in_flight.push(reservation);
    }
    // 0.9 dollars are less than one: the fourth is the one at the edge.
    assert_eq!(in_flight.len(), 4);
    for reservation in in_flight {
        reservation.settle(estimate);
    }
    bench.limits.flush().await;
    let refused = bench.refused(&rules, 0).await;
    assert_eq!((refused.limit, refused.remaining), (DOLLAR, 0));
}

async fn a_failed_call_charges_nothing(bench: &Bench) {
    let rules = [
        quota(Metric::Requests, 1, Seed::Used(0)),
        quota(Metric::Tokens, 10, Seed::Used(0)),
        quota(Metric::NanoDollars, 10, Seed::Used(0)),
    ];
    for _ in 0..5 {
        let reserved = bench.reserve(&rules, Cost::of_request(10, 10)).await;
        bench.cancel(reserved.expect("admitted")).await;
    }
    let used = bench.reserve(&rules, Cost::of_request(10, 10)).await;
    bench.settle(used.expect("admitted"), 3).await;
    assert_eq!(
        bench.refused(&rules, 0).await.word,
        "relay-key requests/month"
    );
}

async fn a_month_that_is_over_is_settled_no_more(bench: &Bench) {
    let rules = [quota(Metric::Tokens, 100, Seed::Used(0))];
    let november = bench.admitted(&rules, 10).await;
    bench.clock.advance(Duration::from_hours(24 * 20));
    let december = bench.admitted(&rules, 60).await;
    bench.settle(november, 90).await;
    bench.settle(december, 60).await;
    let standing = bench.admitted(&rules, 1).await.standing();
    assert_eq!(standing.expect("a standing").remaining, 39);
}
