//! Serves the simulated providers as a process of their own, for the demo, end-to-end tests and
//! benchmarks. Nothing it answers comes from a real provider.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use relay_provider_sim::{Provider, Shared, serve};
use tokio::net::TcpListener;

/// Simulated OpenAI, Anthropic, Gemini, Azure, Bedrock and Vertex APIs: answers are made up by fixed rules.
#[derive(Parser)]
#[command(name = "provider-sim", version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8788", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// A key to accept, e.g. `openai=sk-demo`, `anthropic=sk-ant-demo`, `google=AIza-demo`; for
    /// `vertex` a service account's e-mail address. May be repeated.
    #[arg(long = "key", value_name = "PROVIDER=KEY", value_parser = provider_key)]
    keys: Vec<(Provider, String)>,
}

fn provider_key(text: &str) -> Result<(Provider, String), String> {
    let (name, key) = text
        .split_once('=')
        .ok_or("write PROVIDER=KEY, e.g. openai=sk-demo")?;
    let provider = Provider::named(name)
        .ok_or_else(|| format!("no provider is called {name:?}: {}", Provider::NAMES))?;
    Ok((provider, key.to_owned()))
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("provider-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    let shared = Shared::default();
    for (provider, key) in &arguments.keys {
        shared.allow_key(*provider, key);
    }
    let listener = TcpListener::bind(arguments.listen).await?;
    let address = listener.local_addr()?;
    let bases = Provider::ALL.map(|each| format!("http://{address}{}", each.base_path()));
    // Line by line and flushed: whoever starts this process reads the port from here.
    let mut out = std::io::stdout();
    writeln!(
        out,
        "provider-sim: SIMULATED providers on http://{address}: {}",
        bases.join(" ")
    )?;
    out.flush()?;
    tokio::select! {
        served = serve(listener, shared) => served,
        stopped = tokio::signal::ctrl_c() => stopped,
    }
}
