//! `cargo xtask bench`: what things cost. Benchmarks are for people to read; nothing fails on them.

use crate::postgres::Postgres;
use crate::shell::{Outcome, cargo, run, say};

/// What `cargo xtask bench scale` measures on a PostgreSQL of one's own.
const POSTGRES_VARIABLE: &str = "RELAY_BENCH_POSTGRES_URL";

/// The wire: every dialect, then the ratios of what passes through. `scale` alone: what a million
/// users cost, which takes minutes.
pub(crate) fn run_all(arguments: &[String]) -> Outcome {
    if arguments == ["scale"] {
        return scale();
    }
    say("Measuring what the wire costs; docs/wire.md has the last figures");
    run(cargo()
        .args(["bench", "--quiet", "--package", "relay-wire"])
        .args(["--bench", "ratios"]))?;
    run(cargo()
        .args(["bench", "--quiet", "--package", "relay-wire"])
        .args(["--bench", "translate", "--"])
        .args(arguments))
}

fn scale() -> Outcome {
    say("Measuring what a million users cost; docs/speed.md has the last figures");
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--package", "relay-server"]);
    bench.args(["--bench", "scale"]);
    if std::env::var_os(POSTGRES_VARIABLE).is_some() {
        return run(&mut bench);
    }
    let postgres = Postgres::start()?;
    run(bench.env(POSTGRES_VARIABLE, postgres.url()))
}
