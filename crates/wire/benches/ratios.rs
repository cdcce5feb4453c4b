//! What passing through costs, as ratios: each pair is measured in turns, and the fastest
//! of each counts, so that a busy machine matters little.
//!
//! - a request with a picture of a megabyte, peeked at and rewritten, against one copy of its bytes;
//! - a stream that is tapped, against the same stream decoded in full.

mod samples;

use std::hint::black_box;
use std::time::{Duration, Instant};

use relay_wire::{Dialect, Tap, peek};
use samples::{DELTAS, decode, long_stream, picture_request};

const ROUNDS: usize = 201;

fn main() {
    // `cargo test` runs benches too, to see that they run.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("| | measured | against | ratio |");
    println!("| --- | --- | --- | --- |");
    let body = picture_request();
    let (rewrite, copy) = fastest(
        || {
            let seen = peek(black_box(&body)).expect("valid");
            black_box(seen.rewritten(&body, Some("gpt-5-mini"), true));
        },
        || {
            black_box(black_box(&body).clone());
        },
    );
    row("1 MB picture passed through, against a copy", rewrite, copy);
    for dialect in Dialect::CLIENTS {
        let stream = long_stream(dialect);
        let (tapped, decoded) = fastest(
            || {
                let mut tap = Tap::new(dialect, true);
                tap.push(black_box(&stream));
                black_box(tap.finish());
            },
            || {
                black_box(decode(dialect, black_box(&stream)));
            },
        );
        let what = format!("{dialect}: {DELTAS} events tapped, against decoded");
        row(&what, tapped, decoded);
    }
}

/// The least times of two things that are done in turns.
fn fastest(mut one: impl FnMut(), mut other: impl FnMut()) -> (Duration, Duration) {
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    let mut least = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        least.0 = least.0.min(time(&mut one));
        least.1 = least.1.min(time(&mut other));
    }
    least
}

fn row(what: &str, measured: Duration, against: Duration) {
    let ratio = measured.as_secs_f64() / against.as_secs_f64();
    println!("| {what} | {measured:.1?} | {against:.1?} | {ratio:.2} |");
}
