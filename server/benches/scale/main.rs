//! What size costs: a service whose database holds a million end users' keys and ten thousand relay
//! keys, beside one whose database is all but empty, called in turns in one process.
//!
//! For people to read: `cargo xtask bench scale`, on SQLite, and on PostgreSQL where
//! `RELAY_BENCH_POSTGRES_URL` names a server whose role may create databases. `RELAY_BENCH_USERS`
//! seeds fewer users.

mod measure;
mod place;
mod seed;

use std::time::Instant;

use relay_provider_sim::Sim;
use tokio::runtime::Runtime;

use measure::{Caller, Spread, added, resident_mib};
use place::{Database, Place};
use seed::Sizes;

const USERS: u64 = 1_000_000;
const RELAY_KEYS: u64 = 10_000;
/// Users of the many that are really called, and so have keys that open.
const CALLED: u64 = 100_000;
/// Users and relay keys that the warm calls are spread over.
const WARM: Spread = Spread {
    users: 1_000,
    keys: 100,
};
const ONE: Spread = Spread { users: 1, keys: 1 };
const ROUNDS: usize = 3_000;
const COLD_ROUNDS: usize = 500;
/// `RELAY_CACHE_ENTRIES` of the full service.
const CACHE_ENTRIES: u64 = 10_000;

fn main() {
    // `cargo test` runs benches too, to see that they run.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        compare("SQLite", None).await;
        match std::env::var("RELAY_BENCH_POSTGRES_URL") {
            Ok(url) => compare("PostgreSQL", Some(&url)).await,
            Err(_) => println!("PostgreSQL: RELAY_BENCH_POSTGRES_URL is not set"),
        }
    });
}

async fn compare(name: &str, postgres: Option<&str>) {
    let users = std::env::var("RELAY_BENCH_USERS").ok();
    let users = users.map_or(USERS, |users| users.parse().expect("a number of users"));
    let many = Sizes {
        users,
        keys: RELAY_KEYS,
        called: CALLED.min(users),
    };
    let few = Sizes {
        users: 1,
        keys: 1,
        called: 1,
    };
    println!("\n## {name}\n");
    let sim = Sim::start().await;
    let empty = Place::open(Database::create(postgres).await, &sim, CACHE_ENTRIES).await;
    let full = Place::open(Database::create(postgres).await, &sim, CACHE_ENTRIES).await;
    let started = Instant::now();
    seed::fill(&empty, &sim, &few).await;
    seed::fill(&full, &sim, &many).await;
    println!("| | |\n| --- | --- |");
    row(
        "end users with a key, relay keys",
        format!("{users}, {RELAY_KEYS}"),
    );
    row("seeded in", format!("{:.0?}", started.elapsed()));

    let (one, all) = (Caller::new(&empty, &few), Caller::new(&full, &many));
    let first = full.asked().await;
    all.call(0, 0).await;
    row(
        "queries of the first call of all",
        full.asked().await - first,
    );
    cold_lookups(&full, &all).await;
    warm_calls(&sim, (&empty, &one), (&full, &all)).await;
    cold_users(&sim, &all).await;
    memory(&sim, &full, &all, many.called).await;
    empty.close().await;
    full.close().await;
}

/// How often the database is asked about a relay key, or a user, that was never seen before.
async fn cold_lookups(full: &Place, all: &Caller) {
    for (what, user, key) in [
        ("queries: relay key never seen", 0, RELAY_KEYS - 1),
        ("queries: user never seen", CALLED / 2, 0),
        ("queries: neither ever seen", CALLED / 2 + 1, RELAY_KEYS - 2),
        ("queries: both seen before", CALLED / 2 + 1, RELAY_KEYS - 2),
    ] {
        let before = full.asked().await;
        all.call(user, key).await;
        row(what, full.asked().await - before);
    }
}

/// Calls straight to the provider, through the empty service and through the full one, in turns.
async fn warm_calls(sim: &Sim, empty: (&Place, &Caller), full: (&Place, &Caller)) {
    for turn in 0..WARM.users {
        full.1.call_of(WARM, turn).await;
        empty.1.call_of(ONE, turn).await;
        full.1.straight().await;
    }
    let before = (empty.0.asked().await, full.0.asked().await);
    let mut waits = [(); 3].map(|()| Vec::with_capacity(ROUNDS));
    for turn in 0..ROUNDS as u64 {
        for place in 0..3 {
            // Who goes first changes, so that nobody always follows the same.
            let who = usize::try_from(turn % 3).expect("small") + place;
            let asked = Instant::now();
            match who % 3 {
                0 => full.1.straight().await,
                1 => empty.1.call_of(ONE, turn).await,
                _ => full.1.call_of(WARM, turn).await,
            }
            waits[who % 3].push(asked.elapsed());
        }
        if turn % 100 == 0 {
            sim.clear_received();
        }
    }
    let after = (empty.0.asked().await, full.0.asked().await);
    row(
        &format!("queries of {ROUNDS} warm calls (empty, full)"),
        format!("{}, {}", after.0 - before.0, after.1 - before.1),
    );
    let [straight, one, all] = waits;
    for percent in [50, 99] {
        let (least, most) = (
            added(&one, &straight, percent),
            added(&all, &straight, percent),
        );
        row(
            &format!("added latency p{percent} (empty, full, ratio)"),
            format!(
                "{least:.0?}, {most:.0?}, {:.2}",
                most.as_secs_f64() / least.as_secs_f64()
            ),
        );
    }
}

/// What a user who was never seen waits longer than the provider takes.
async fn cold_users(sim: &Sim, all: &Caller) {
    let (mut straight, mut cold) = (Vec::new(), Vec::new());
    for turn in 0..COLD_ROUNDS {
        let asked = Instant::now();
        all.straight().await;
        straight.push(asked.elapsed());
        let asked = Instant::now();
        all.call(WARM.users + turn as u64, 0).await;
        cold.push(asked.elapsed());
    }
    sim.clear_received();
    row(
        "added latency p50, user never seen (full)",
        format!("{:.0?}", added(&cold, &straight, 50)),
    );
}

/// What memory the process has while more and more users call, of whom the cache keeps so many.
async fn memory(sim: &Sim, full: &Place, all: &Caller, users: u64) {
    row("resident before", resident_mib());
    let mut called = 0;
    while called + CACHE_ENTRIES <= users {
        all.each_of(called..called + CACHE_ENTRIES, sim).await;
        called += CACHE_ENTRIES;
        // What waits to be written is no cache's.
        full.app.meter.flush().await;
        row(
            &format!("resident after {called} users, {CACHE_ENTRIES} cached"),
            resident_mib(),
        );
    }
}

fn row(what: &str, found: impl std::fmt::Display) {
    println!("| {what} | {found} |");
}
