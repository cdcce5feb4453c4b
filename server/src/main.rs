//! The command line: `relay serve`, and the operator's commands, which work on a stopped server
//! and beside a running one.

use std::process::ExitCode;

use clap::Parser;

mod cli;

fn main() -> ExitCode {
    let command = cli::Cli::parse();
    match cli::execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ =
                std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("relay: {error}\n"));
            ExitCode::FAILURE
        }
    }
}
