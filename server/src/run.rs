//! Runs the service: the listeners, and the tasks beside them.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::MeterTask;
use crate::housekeeping::keep_house;
use crate::http::{admin_router, router};
use crate::store::{Changes, StoreError};

/// How long streams may go on after a shutdown has begun.
const DRAIN: Duration = Duration::from_secs(30);
const HEAL_EVERY: Duration = Duration::from_secs(1);
const DELIVER_EVERY: Duration = Duration::from_secs(1);
const WATCH_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Serves until `shutdown` resolves, then lets streams end and writes the last usage.
pub async fn run(
    config: Config,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let (app, meter) = App::open(config, clock).await?;
    if let Some(token) = app.identity.new_setup_token().await? {
        let link = format!(
            "{}/console/setup#{}",
            app.config.public_url,
            token.expose_secret()
        );
        tracing::warn!(
            "nobody can sign in yet. Create the owner's account, once, within a day: {link}"
        );
    }
    serve(app, meter, listener, shutdown).await
}

/// Serves a service that has been opened.
pub async fn serve(
    app: Arc<App>,
    meter: MeterTask,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let stop = CancellationToken::new();
    let metering = tokio::spawn(meter.run());
    tokio::spawn(
        stop.clone()
            .run_until_cancelled_owned(watch(Arc::clone(&app))),
    );
    tokio::spawn(
        stop.clone()
            .run_until_cancelled_owned(keep_house(Arc::clone(&app))),
    );
    tokio::spawn(
        stop.clone()
            .run_until_cancelled_owned(heal(Arc::clone(&app))),
    );
    tokio::spawn(
        stop.clone()
            .run_until_cancelled_owned(deliver(Arc::clone(&app))),
    );
    if let Some(address) = app.config.admin_listen {
        let admin = TcpListener::bind(address).await?;
        tracing::info!(%address, "serving metrics");
        let router = admin_router(&app);
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move {
            axum::serve(admin, router)
                .with_graceful_shutdown(stopped)
                .await
        });
    }
    let address = listener.local_addr()?;
    tracing::info!(%address, url = app.config.public_url, database = ?app.config.database, "serving");

    let draining = stop.clone();
    let service = axum::serve(
        listener.tap_io(|connection| {
            if let Err(error) = connection.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY was refused");
            }
        }),
        // Relay keys may be for some networks only.
        router(&app).into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        shutdown.await;
        tracing::info!("stopping: open answers may end, new calls are refused");
        draining.cancel();
    });
    tokio::select! {
        served = service => served?,
        () = async { stop.cancelled().await; tokio::time::sleep(DRAIN).await } => {
            tracing::warn!("some answers did not end in time and are cut");
        }
    }
    stop.cancel();
    app.unattended.close();
    let _ = tokio::time::timeout(DRAIN, app.unattended.wait()).await;
    let _ = tokio::time::timeout(DRAIN, app.mailer.flush()).await;
    app.meter.flush().await;
    app.limits.flush().await;
    app.store.close().await;
    metering.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Tells the caches what other processes change. While nothing can be watched, nothing is believed.
async fn watch(app: Arc<App>) {
    loop {
        let error = match follow(&app).await {
            Ok(never) => match never {},
            Err(error) => error,
        };
        tracing::warn!(%error, "changes by other processes cannot be seen; trying again");
        app.freshness.everything_changed();
        tokio::time::sleep(WATCH_AGAIN_AFTER).await;
    }
}

async fn follow(app: &App) -> Result<std::convert::Infallible, StoreError> {
    let mut changes = Changes::watch(&app.config.database).await?;
    // Whatever changed before the watch began.
    app.freshness.everything_changed();
    loop {
        for tenant_id in changes.next().await? {
            app.freshness.tenant_changed(&tenant_id);
        }
    }
}

/// Tries credentials that were refused again, those whose time has come.
async fn heal(app: Arc<App>) {
    let mut ticks = tokio::time::interval(HEAL_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        app.gateway.heal().await;
    }
}

/// Delivers what webhooks are to be told. A round that waits for a slow address holds up no other.
async fn deliver(app: Arc<App>) {
    let mut ticks = tokio::time::interval(DELIVER_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rounds = JoinSet::new();
    loop {
        ticks.tick().await;
        while rounds.try_join_next().is_some() {}
        let app = Arc::clone(&app);
        rounds.spawn(async move {
            if let Err(error) = app.webhooks.deliver().await {
                tracing::warn!(%error, "webhooks could not be told; trying again");
            }
        });
    }
}
