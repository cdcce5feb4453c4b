//! `GET /api/health`: answers at once, however the database fares.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// A database that takes longer to answer is slow.
const PATIENCE: Duration = Duration::from_millis(500);

/// How Relay and its database are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
    /// `ok`, or `degraded` while the database is not.
    status: &'static str,
    /// Relay's.
    version: &'static str,
    /// `ok`, `slow` or `down`.
    database: &'static str,
    /// Whole seconds since the start.
    uptime_seconds: u64,
}

pub(super) async fn health(State(app): State<Arc<App>>) -> Json<Health> {
    let database = match tokio::time::timeout(PATIENCE, app.store.ping()).await {
        Ok(Ok(())) => "ok",
        Ok(Err(_)) => "down",
        Err(_) => "slow",
    };
    Json(Health {
        status: if database == "ok" { "ok" } else { "degraded" },
        version: env!("CARGO_PKG_VERSION"),
        database,
        uptime_seconds: app.started.elapsed().as_secs(),
    })
}
