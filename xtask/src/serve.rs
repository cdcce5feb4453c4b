//! `cargo xtask run` and `cargo xtask build`: the server with its pages.

use crate::shell::{Outcome, cargo, say};
use crate::{shell, wasm};

/// Serves from this terminal, in the development profile. Arguments go to `relay serve`.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    wasm::build(None)?;
    say("Building and starting the server");
    let mut cargo = cargo();
    cargo
        .args([
            "run",
            "--package",
            "relay-server",
            "--bin",
            "relay",
            "--",
            "serve",
        ])
        .args(arguments);
    shell::become_program(&mut cargo)
}

/// Leaves one complete program: `target/release/relay`.
pub(crate) fn build() -> Outcome {
    wasm::build(None)?;
    say("Building target/release/relay, with the widget and the console inside");
    shell::run(cargo().args([
        "build",
        "--release",
        "--package",
        "relay-server",
        "--bin",
        "relay",
    ]))?;
    say("Done: target/release/relay");
    Ok(())
}
