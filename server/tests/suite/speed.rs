//! What a warm call does not do: ask the database.
//!
//! The meter writes rows in batches beside the calls, each batch one use of the database; it
//! counts them, so they can be told from what the calls themselves ask.

use std::time::Duration;

use relay_server::store::Store;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{CHAT_MODELS, Tenant, TestApp, audit};

on_each_database!(
    a_warm_call_makes_no_query,
    a_change_of_one_tenant_leaves_another_warm,
);

/// Uses of the database so far, the meter's writes left out.
async fn asked(app: &TestApp) -> u64 {
    app.service.meter.flush().await;
    app.service.store.uses() - app.service.meter.counted().writes
}

/// One whole and one streamed call to every provider.
async fn round(app: &TestApp, tenant: &Tenant) {
    for (provider, model) in CHAT_MODELS {
        let reply = app.chat(tenant, "u", model, json!({})).await;
        assert_eq!(reply.status, 200, "{provider}: {}", reply.text);
        let reply = app
            .stream(tenant, "u", model, json!({}))
            .await
            .whole()
            .await;
        assert!(reply.is_done(), "{provider}");
    }
}

/// Waits until the server has heard of every change so far. It hears of its own writes once more
/// from the database, in order, a little late: when it has heard of what another process did
/// after them, it has heard of them all.
async fn settle(app: &TestApp) {
    let watched = app.tenant("watched").await;
    let models = async || {
        app.call(Method::GET, "/v1/models", &watched.key, Value::Null)
            .await
            .status
    };
    assert_eq!(models().await, 200);
    let another = Store::open(&app.service.config.database)
        .await
        .expect("the same database");
    let keys = another.relay_keys(&watched.id, 0).await.expect("keys");
    let revoked = another
        .revoke_relay_key(&watched.id, &keys[0].row.id, &audit())
        .await;
    assert!(revoked.expect("revoked"));
    another.close().await;
    let refused = async { while models().await != 401 {} };
    tokio::time::timeout(Duration::from_secs(30), refused)
        .await
        .expect("another process's change is heard of");
}

async fn connected(app: &TestApp, name: &str) -> Tenant {
    let tenant = app.tenant(name).await;
    for (provider, _) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
    }
    tenant
}

async fn a_warm_call_makes_no_query(app: &TestApp) {
    let tenant = connected(app, "acme").await;
    let (before, writes) = (asked(app).await, app.service.meter.counted().writes);
    round(app, &tenant).await;
    assert!(
        asked(app).await > before,
        "a cold call asks, and is seen to"
    );
    assert!(
        app.service.meter.counted().writes > writes,
        "the meter writes, and is seen to"
    );
    settle(app).await;
    round(app, &tenant).await;
    let before = asked(app).await;
    for _ in 0..10 {
        round(app, &tenant).await;
    }
    assert_eq!(asked(app).await, before);
}

async fn a_change_of_one_tenant_leaves_another_warm(app: &TestApp) {
    let (acme, other) = (connected(app, "acme").await, connected(app, "other").await);
    settle(app).await;
    round(app, &acme).await;
    round(app, &other).await;
    for _ in 0..5 {
        app.service.freshness.tenant_changed(&acme.id);
        let before = asked(app).await;
        round(app, &other).await;
        assert_eq!(asked(app).await, before, "another tenant's change");
        round(app, &acme).await;
        assert!(asked(app).await > before, "its own change");
    }
}
