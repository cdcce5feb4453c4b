//! The admin listener: metrics in Prometheus' text format and a probe. Kept private.

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::CONTENT_TYPE;

use super::health;
use crate::app::App;

/// The admin listener's router.
pub fn admin_router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(health::health))
        .with_state(Arc::clone(app))
}

async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let counted = app.meter.counted();
    let mut text = String::new();
    for (name, kind, help, value) in [
        (
            "relay_uptime_seconds",
            "gauge",
            "Seconds since the start.",
            app.started.elapsed().as_secs(),
        ),
        (
            "relay_requests_total",
            "counter",
            "Inference calls that have ended.",
            counted.requests,
        ),
        (
            "relay_requests_failed_total",
            "counter",
            "Inference calls that ended in an error.",
            counted.failed,
        ),
        (
            "relay_usage_dropped_total",
            "counter",
            "Usage rows lost: the queue was full, or the database refused them.",
            counted.dropped,
        ),
        (
            "relay_usage_waiting",
            "gauge",
            "Usage rows that wait to be written.",
            counted.waiting,
        ),
        (
            "relay_usage_writes_total",
            "counter",
            "Batches of usage rows written, or tried to be.",
            counted.writes,
        ),
        (
            "relay_bodies_dropped_total",
            "counter",
            "Calls whose prompts and answers were to be kept and are not.",
            counted.bodies_dropped,
        ),
        (
            "relay_database_uses_total",
            "counter",
            "Times the database was asked.",
            app.store.uses(),
        ),
    ] {
        let _ = writeln!(
            text,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
        );
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}
