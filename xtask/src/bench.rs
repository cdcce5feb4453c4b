//! `cargo xtask bench`: what things cost. Benchmarks are for people to read; nothing fails on them.

use crate::shell::{Outcome, cargo, run, say};

/// The wire: every dialect, then the ratios of what passes through.
pub(crate) fn run_all(arguments: &[String]) -> Outcome {
    say("Measuring what the wire costs; docs/wire.md has the last figures");
    run(cargo()
        .args(["bench", "--quiet", "--package", "relay-wire"])
        .args(["--bench", "ratios"]))?;
    run(cargo()
        .args(["bench", "--quiet", "--package", "relay-wire"])
        .args(["--bench", "translate", "--"])
        .args(arguments))
}
