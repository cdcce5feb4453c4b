//! Logs: for people by default, JSON for machines (`RELAY_LOG_FORMAT=json`). To standard error, so
//! that commands' answers stay alone on standard output.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// sqlx logs statements and hyper logs connections; neither is Relay's story.
const QUIET: [&str; 3] = ["sqlx=warn", "hyper_util=warn", "rustls=warn"];

/// Starts logging. A bad `RELAY_LOG` is an error that names it.
pub fn start(filter: Option<&str>, json: bool) -> Result<(), String> {
    let filter = filter.unwrap_or("info");
    let mut filter = EnvFilter::try_new(filter).map_err(|error| {
        format!(
            "RELAY_LOG is not a log filter ({error}). Example: RELAY_LOG=info,relay_server=debug"
        )
    })?;
    for directive in QUIET {
        if let Ok(directive) = directive.parse() {
            filter = filter.add_directive(directive);
        }
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    let started = if json {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
    started.map_err(|error| error.to_string())
}
