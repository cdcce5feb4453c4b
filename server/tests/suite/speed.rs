//! What a warm call does not do: ask the database.
//!
//! The meter writes rows in batches beside the calls, each batch one use of the database; it
//! counts them, so they can be told from what the calls themselves ask.

use std::time::Duration;

use relay_server::store::Store;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{CHAT_MODELS, Reply, Tenant, TestApp, audit, chat_body};

on_each_database!(
    a_warm_call_makes_no_query,
    a_warm_call_makes_no_query_whatever_it_is_held_to,
    a_key_or_user_that_is_new_costs_one_query,
    a_change_of_one_tenant_leaves_another_warm,
);
on_each_database!(with |config| config.cache_entries = super::KEPT; no_more_is_kept_than_the_operator_says);

/// `RELAY_CACHE_ENTRIES` of the test that fills it.
const KEPT: u64 = 20;
/// How many entries a cache may have above what it keeps before it lets go of some.
const SLACK: u64 = 128;

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

/// A call without a user, or for one.
async fn call(app: &TestApp, key: &str, user: Option<&str>) -> Reply {
    let mut request = app
        .request(Method::POST, "/v1/chat/completions")
        .bearer_auth(key)
        .json(&chat_body("gpt-4o-mini", &json!({})));
    if let Some(user) = user {
        request = request.header("x-relay-user", user);
    }
    Reply::of(request).await
}

async fn a_warm_call_makes_no_query_whatever_it_is_held_to(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for name in ["a", "b", "c"] {
        app.pool_key(&tenant, "openai", name).await;
    }
    app.connect(&tenant, "ada", "openai").await;
    let limits = json!([
        { "on": "user", "metric": "requests", "per": "hour", "amount": 1_000 },
        { "on": "key", "metric": "tokens", "per": "minute", "amount": 1_000_000 },
    ]);
    let settings = json!({
        "limits": [{ "metric": "concurrency", "amount": 10 }],
        "quotas": { "requests": 1_000, "tokens": 10_000_000, "dollars": 100 },
        "sources": ["127.0.0.0/8"],
    });
    let mut keys = Vec::new();
    for strategy in [
        "priority",
        "weighted",
        "least-recent",
        "fastest",
        "cheapest",
    ] {
        let rules = json!({
            "strategy": strategy, "keys": "user-then-pool", "models": { "allow": ["gpt-*"] },
            "fallbacks": ["gpt-4.1"], "limits": limits.clone(),
        });
        keys.push(app.key_under(&tenant, rules, settings.clone()).await);
    }
    settle(app).await;
    let round = async || {
        for key in &keys {
            for user in [None, Some("ada"), Some("nobody")] {
                let reply = call(app, key, user).await;
                assert_eq!(reply.status, 200, "{}", reply.text);
            }
        }
    };
    round().await;
    let before = asked(app).await;
    for _ in 0..5 {
        round().await;
    }
    assert_eq!(asked(app).await, before);
}

async fn a_key_or_user_that_is_new_costs_one_query(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "a").await;
    let mut keys = Vec::new();
    for user in ["ada", "bea", "cleo"] {
        app.connect(&tenant, user, "openai").await;
        let settings = json!({ "quotas": { "requests": 1_000 } });
        keys.push(app.key_under(&tenant, json!({}), settings).await);
    }
    settle(app).await;
    // A bearer, a user (none is the pool), the answer, and what it costs to find out.
    let (unknown, nobody) = (
        "rly-unknown-0123456789012345678901234567890123",
        Some("zoe"),
    );
    for (what, key, user, status, queries) in [
        // Of the tenant: its own hosts and models, and its data key.
        ("everything is new", keys[0].as_str(), Some("ada"), 200, 4),
        ("nothing is", &keys[0], Some("ada"), 200, 0),
        ("the user is", &keys[0], Some("bea"), 200, 1),
        ("the relay key is", &keys[1], Some("bea"), 200, 1),
        ("both are", &keys[2], Some("cleo"), 200, 2),
        ("the pool is", &keys[2], None, 200, 1),
        ("a user whom nobody knows", &keys[2], nobody, 424, 1),
        ("a user whom nobody knows, again", &keys[1], nobody, 424, 0),
        ("a key that is none", unknown, Some("ada"), 401, 1),
        ("a key that is none, again", unknown, Some("ada"), 401, 0),
        ("nothing is, again", &keys[2], Some("ada"), 200, 0),
    ] {
        let before = asked(app).await;
        let reply = call(app, key, user).await;
        assert_eq!(reply.status, status, "{what}: {}", reply.text);
        assert_eq!(asked(app).await - before, queries, "{what}");
    }
}

async fn no_more_is_kept_than_the_operator_says(app: &TestApp) {
    const MANY: u64 = 400;
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "a").await;
    settle(app).await;
    assert_eq!(call(app, &tenant.key, None).await.status, 200);
    let users = async || {
        for user in 0..MANY {
            let user = format!("user-{user}");
            assert_eq!(call(app, &tenant.key, Some(&user)).await.status, 424);
        }
    };
    let bearers = async || {
        for bearer in 0..MANY {
            let bearer = format!("rly-{bearer:043}");
            assert_eq!(call(app, &bearer, None).await.status, 401);
        }
    };
    for _ in 0..2 {
        let before = asked(app).await;
        users().await;
        let between = asked(app).await;
        bearers().await;
        let after = asked(app).await;
        for queries in [between - before, after - between] {
            assert!(queries >= MANY - KEPT - SLACK, "{queries} queries");
        }
    }
}
