//! `GET /api/health`

use crate::support::TestApp;

on_each_database!(
    health_says_version_and_database,
    health_answers_while_the_database_is_busy
);

async fn health_says_version_and_database(app: &TestApp) {
    let reply = app.get("/api/health").await;
    assert_eq!(reply.status, 200);
    let health = reply.json();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["database"], "ok");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert!(health["uptimeSeconds"].is_u64());
}

async fn health_answers_while_the_database_is_busy(app: &TestApp) {
    let taken = app.service.store.occupy().await.expect("connections");
    let reply = app.get("/api/health").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["database"], "slow");
    assert_eq!(reply.json()["status"], "degraded");
    drop(taken);
}
