//! `cargo xtask run` and `cargo xtask build`: the server with its pages.

use crate::programs::built;
use crate::shell::{Explain, Failure, Outcome, cargo, say};
use crate::{shell, wasm};

const PROGRAM: &str = "target/release/relay";

/// Serves from this terminal, in the development profile. Arguments go to `relay serve`.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    wasm::build(None, wasm::Effort::Whole)?;
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
    wasm::build(None, wasm::Effort::Whole)?;
    say("Building target/release/relay, with the widget and the console inside");
    shell::run(cargo().args([
        "build",
        "--release",
        "--package",
        "relay-server",
        "--bin",
        "relay",
    ]))?;
    check_browser_files()?;
    say(format!("Done: {PROGRAM}"));
    Ok(())
}

/// Files with a hash in their names are inside the program when it names them.
fn check_browser_files() -> Outcome {
    let program = std::fs::read(built("release", "relay")?).explain("Reading the program")?;
    let program = String::from_utf8_lossy(&program);
    for name in wasm::hashed_names()? {
        if !program.contains(&name) {
            return Err(Failure::new(format!(
                "{PROGRAM} lacks {name} of {}",
                wasm::WEB_DIR
            )));
        }
    }
    Ok(())
}
