//! Every developer habit as one command: `cargo xtask --help`.
//!
//! Each command does its own set-up, on a fresh Debian machine as on a laptop, and says what it installs and why.

mod setup;
mod shell;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::shell::Outcome;
use crate::wasm::Part;

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
    /// Build the widget and the console for browsers, into target/web
    Wasm {
        /// Only this one
        #[arg(long)]
        only: Option<Part>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{} {failure}", shell::bold("error:"));
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> Outcome {
    shell::catch_interrupts()?;
    match command {
        Command::Wasm { only } => wasm::build(only),
    }
}
