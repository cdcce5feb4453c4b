//! `relay serve`

use std::sync::Arc;

use relay_server::clock::SystemClock;
use relay_server::config::Config;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::Done;

pub(super) async fn serve() -> Done {
    // A core dump would hold provider keys.
    rlimit::setrlimit(rlimit::Resource::CORE, 0, 0)?;
    let config = Config::from_env()?;
    if config.redis_url.is_some() {
        tracing::info!("RELAY_REDIS_URL is set; this version keeps no shared state in it yet");
    }
    let address = config.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("RELAY_LISTEN: cannot listen on {address}: {error}. Example: RELAY_LISTEN=127.0.0.1:8788")
    })?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    relay_server::run(config, Arc::new(SystemClock), listener, shutdown).await?;
    Ok(())
}
