//! `/v1/relay-keys`: made, shown once, listed, revoked.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

const PATH: &str = "/v1/relay-keys";

on_each_database!(
    a_key_is_shown_once_and_listed_by_its_hint,
    a_key_may_do_what_its_scopes_say_and_nothing_else,
    a_key_expires_by_the_clock,
    a_revoked_key_is_refused_at_once_and_revoking_twice_is_the_same,
    a_key_that_cannot_be_made_is_refused_by_name,
    a_key_works_wherever_official_clients_put_it,
);

async fn create(app: &TestApp, tenant: &Tenant, body: Value) -> Reply {
    app.call(Method::POST, PATH, &tenant.key, body).await
}

async fn created(app: &TestApp, tenant: &Tenant, body: Value) -> (String, String) {
    let reply = create(app, tenant, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let made = reply.json();
    let text = |field: &str| made[field].as_str().expect(field).to_owned();
    (text("key"), text("id"))
}

async fn models(app: &TestApp, key: &str) -> Reply {
    app.call(Method::GET, "/v1/models", key, Value::Null).await
}

async fn a_key_is_shown_once_and_listed_by_its_hint(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let reply = create(app, &tenant, json!({ "name": " backend " })).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let made = reply.json();
    let key = made["key"].as_str().expect("a key");
    assert!(key.starts_with("rly-") && key.len() == 47, "{}", key.len());
    assert_eq!(made["name"], "backend");
    assert_eq!(made["scopes"], json!(["inference", "tokens"]));
    assert_eq!(made["createdAt"], "2023-11-14T22:13:20.000Z");
    assert_eq!(made["expiresAt"], Value::Null);
    let hint = format!("{}…{}", &key[..8], &key[key.len() - 4..]);
    assert_eq!(made["hint"], hint.as_str());

    let reply = app.call(Method::GET, PATH, &tenant.key, Value::Null).await;
    assert!(!reply.text.contains(key), "the list does not hold it");
    let listed = reply.json();
    assert_eq!(listed["data"][0]["id"], made["id"], "newest first");
    assert_eq!(listed["data"][0]["hint"], hint.as_str());
    assert_eq!(listed["data"].as_array().expect("a list").len(), 2);
    assert_eq!(models(app, key).await.status, 200);
}

async fn a_key_may_do_what_its_scopes_say_and_nothing_else(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = json!({ "endUserLabel": "ada" });
    let doors = [
        ("inference", Method::GET, "/v1/models", Value::Null, 200),
        (
            "tokens",
            Method::POST,
            "/v1/registration-tokens",
            token,
            201,
        ),
        ("manage", Method::GET, "/v1/users", Value::Null, 200),
    ];
    for scope in ["inference", "tokens", "manage"] {
        let body = json!({ "name": scope, "scopes": [scope, scope] });
        let reply = create(app, &tenant, body).await;
        assert_eq!(reply.json()["scopes"], json!([scope]), "each once");
        let made = reply.json();
        let key = made["key"].as_str().expect("a key");
        for (wanted, method, path, body, success) in &doors {
            let reply = app.call(method.clone(), path, key, body.clone()).await;
            if *wanted == scope {
                assert_eq!(reply.status, *success, "{scope} at {path}: {}", reply.text);
            } else {
                let refused = (reply.status, reply.code());
                assert_eq!(
                    refused,
                    (403, "missing_scope".to_owned()),
                    "{scope} at {path}"
                );
            }
        }
    }
}

async fn a_key_expires_by_the_clock(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (life, seconds) in [
        (json!("90s"), 90),
        (json!(15), 900),
        (json!("30d"), 2_592_000),
    ] {
        let body = json!({ "name": "short", "expiresIn": life });
        let (key, _) = created(app, &tenant, body).await;
        assert_eq!(models(app, &key).await.status, 200);
        app.clock.advance(Duration::from_secs(seconds - 1));
        assert_eq!(models(app, &key).await.status, 200, "{life}");
        app.clock.advance(Duration::from_secs(1));
        let reply = models(app, &key).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "relay_key_expired"),
            "{life}"
        );
    }
}

async fn a_revoked_key_is_refused_at_once_and_revoking_twice_is_the_same(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (key, id) = created(app, &tenant, json!({ "name": "leaked" })).await;
    assert_eq!(models(app, &key).await.status, 200, "warm");
    let path = format!("{PATH}/{id}");
    let list = async || {
        let reply = app.call(Method::GET, PATH, &tenant.key, Value::Null).await;
        reply.json()["data"][0]["revokedAt"].clone()
    };
    for _ in 0..2 {
        let reply = app
            .call(Method::DELETE, &path, &tenant.key, Value::Null)
            .await;
        assert_eq!(reply.status, 204, "{}", reply.text);
        let reply = models(app, &key).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "relay_key_revoked")
        );
        assert_eq!(
            list().await,
            "2023-11-14T22:13:20.000Z",
            "when it was first revoked"
        );
        app.clock.advance(Duration::from_mins(1));
    }
    for (id, status, code) in [
        ("nothing", 404, "not_found"),
        ("0192d3a0-0000-7000-8000-000000000000", 404, "not_found"),
        ("%00", 400, "invalid_request"),
    ] {
        let path = format!("{PATH}/{id}");
        let reply = app
            .call(Method::DELETE, &path, &tenant.key, Value::Null)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{id}"
        );
    }
}

async fn a_key_that_cannot_be_made_is_refused_by_name(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (body, field) in [
        (json!({ "name": "" }), "`name`"),
        (json!({ "name": " \t " }), "`name`"),
        (json!({ "name": "a\nb" }), "`name`"),
        (json!({ "name": "x".repeat(101) }), "`name`"),
        (json!({ "name": "k", "scopes": [] }), "`scopes`"),
        (json!({ "name": "k", "expiresIn": 0 }), "`expiresIn`"),
        (json!({ "name": "k", "expiresIn": "0s" }), "`expiresIn`"),
        (json!({ "name": "k", "expiresIn": "never" }), "`expiresIn`"),
        (
            json!({ "name": "k", "expiresIn": "99999999999d" }),
            "`expiresIn`",
        ),
        (json!({ "scopes": ["manage"] }), "`name`"),
        (json!({ "name": "k", "scope": ["manage"] }), "`scope`"),
    ] {
        let reply = create(app, &tenant, body.clone()).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text);
        assert!(reply.text.contains(field), "{body}: {}", reply.text);
    }
    let reply = create(app, &tenant, json!({ "name": "k", "scopes": ["root"] })).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_json"));
}

async fn a_key_works_wherever_official_clients_put_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (name, value) in [
        ("Authorization", format!("Bearer {}", tenant.key)),
        ("authorization", format!("bearer  {} ", tenant.key)),
        ("x-api-key", tenant.key.clone()),
        ("x-goog-api-key", tenant.key.clone()),
    ] {
        let request = app.request(Method::GET, "/v1/models").header(name, value);
        assert_eq!(Reply::of(request).await.status, 200, "{name}");
    }
    for (name, value) in [
        ("Authorization", format!("Basic {}", tenant.key)),
        ("Authorization", tenant.key.clone()),
        ("Cookie", format!("relay_session={}", tenant.key)),
    ] {
        let request = app.request(Method::GET, "/v1/models").header(name, value);
        let reply = Reply::of(request).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "missing_relay_key"),
            "{name}"
        );
    }
    let changed = format!("{}x", tenant.key);
    for bearer in [
        "rly-",
        changed.as_str(),
        "sk-not-one-of-ours",
        &"rly-x".repeat(1000),
    ] {
        let reply = models(app, bearer).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "invalid_relay_key")
        );
    }
}
