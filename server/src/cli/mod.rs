//! What `relay` can be told to do.

mod catalog;
mod credentials;
mod health;
mod keys;
mod members;
mod policies;
mod serve;
mod tenants;

use std::io::{self, Write};
use std::sync::Arc;

use clap::{Parser, Subcommand};
use relay_server::app::App;
use relay_server::clock::SystemClock;
use relay_server::config::Config;
use relay_server::telemetry;

/// Relay: your users bring their own AI keys; your app never sees one.
#[derive(Parser)]
#[command(name = "relay", version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server. It is configured by RELAY_* variables; see docs/operations.md.
    Serve,
    /// Tenants: the workspaces of this installation.
    #[command(subcommand)]
    Tenants(tenants::Tenants),
    /// Members: the people who sign in to the console.
    #[command(subcommand)]
    Members(members::Members),
    /// Relay keys: the bearers that apps use.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Policies: what relay keys may reach.
    #[command(subcommand)]
    Policies(policies::Policies),
    /// Credentials: the provider keys of a tenant's pool.
    #[command(subcommand)]
    Credentials(credentials::Credentials),
    /// The catalog: hosts and models, with their prices.
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// Ask a running server how it is; fails unless it answers. For container health checks.
    Health,
}

/// Why a command failed, in one sentence.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
type Done = Result<(), Failure>;

/// Runs one command.
pub(crate) fn execute(cli: Cli) -> Done {
    let serving = matches!(cli.command, Command::Serve);
    let log = std::env::var("RELAY_LOG")
        .ok()
        .filter(|filter| !filter.is_empty());
    let json = std::env::var("RELAY_LOG_FORMAT").is_ok_and(|format| format == "json");
    // Commands answer on standard output; what the server would log stays out of their way.
    let filter = log.as_deref().or((!serving).then_some("warn"));
    telemetry::start(filter, json)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve => serve::serve().await,
            Command::Tenants(command) => tenants::execute(command).await,
            Command::Members(command) => members::execute(command).await,
            Command::Keys(command) => keys::execute(command).await,
            Command::Policies(command) => policies::execute(command).await,
            Command::Credentials(command) => credentials::execute(command).await,
            Command::Catalog(command) => catalog::execute(command),
            Command::Health => health::execute().await,
        }
    })
}

/// The service, opened beside whatever else is running.
async fn open() -> Result<Arc<App>, Failure> {
    let config = Config::from_env()?;
    let (app, _meter) = App::open(config, Arc::new(SystemClock)).await?;
    Ok(app)
}

/// Writes a line of the command's answer.
fn say(line: impl std::fmt::Display) -> Done {
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}
