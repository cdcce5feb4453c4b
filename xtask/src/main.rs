//! Every developer habit as one command: `cargo xtask --help`.
//!
//! Each command does its own set-up, on a fresh Debian machine as on a laptop, and says what it installs and why.

mod bench;
mod check;
mod demo;
mod e2e;
mod http;
mod postgres;
mod private;
mod programs;
mod readme;
mod redis;
mod serve;
mod setup;
mod shell;
mod stack;
mod tally;
mod test;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::shell::Outcome;
use crate::wasm::{Effort, Part};

/// Relay's developer commands. Each does all its own set-up.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve on http://127.0.0.1:8787 with the widget and the console
    Run {
        /// Arguments for `relay serve`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build one complete program, target/release/relay
    Build,
    /// Try everything without any account: simulated providers, a seeded tenant, an example app
    Demo {
        /// Run the demo's own curl line, then stop
        #[arg(long)]
        once: bool,
    },
    /// Run every test: Rust on SQLite, PostgreSQL and Redis, the SDK, a real browser
    Test,
    /// Check format, lints, documentation and licences
    Check,
    /// Measure what the wire costs, in time and allocations; `scale`: what a million users cost
    Bench {
        /// Arguments for the benchmark, such as a part of its name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build the widget and the console for browsers, into target/web
    Wasm {
        /// Only this one
        #[arg(long)]
        only: Option<Part>,
        /// Soon compiled and large: to look at while working, never to be served
        #[arg(long)]
        quick: bool,
    },
    /// Do what README.md's quick start says, against simulated providers
    Readme,
    /// Run the end-to-end tests in a real browser
    E2e {
        /// Arguments for Playwright, such as a test's file name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(&arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{} {failure}", shell::bold("error:"));
            ExitCode::FAILURE
        }
    }
}

fn perform(command: &Command) -> Outcome {
    shell::catch_interrupts()?;
    match command {
        Command::Run { arguments } => serve::run(arguments),
        Command::Build => serve::build(),
        Command::Demo { once } => demo::run(*once),
        Command::Test => test::run_all(),
        Command::Check => check::run_all(),
        Command::Bench { arguments } => bench::run_all(arguments),
        Command::Wasm { only, quick: true } => wasm::build(*only, Effort::Quick),
        Command::Wasm { only, quick: false } => {
            wasm::build(*only, Effort::Whole)?;
            wasm::weigh()
        }
        Command::Readme => readme::run_all(),
        Command::E2e { arguments } => e2e::run_all(arguments).map(drop),
    }
}
