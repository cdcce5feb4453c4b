//! `GET /v1/providers` and the test routes: how keys are doing, and what is said of them now.

use std::time::Duration;

use relay_provider_sim::Reply as Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp, chat_body};

on_each_database!(
    keys_show_how_they_are_doing,
    a_test_marks_a_key_as_what_its_provider_says,
    a_test_that_passes_has_the_key_called_again,
    a_test_tells_when_nobody_could_be_asked,
);

async fn providers(app: &TestApp, tenant: &Tenant) -> Value {
    let reply = app.call(Method::GET, "/v1/providers", &tenant.key, Value::Null);
    let reply = reply.await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["data"].clone()
}

async fn chat(app: &TestApp, tenant: &Tenant) -> Reply {
    let body = chat_body("gpt-4o-mini", &json!({}));
    let path = "/v1/chat/completions";
    app.call(Method::POST, path, &tenant.key, body).await
}

async fn test(app: &TestApp, tenant: &Tenant, path: &str) -> Value {
    let reply = app.call(Method::POST, path, &tenant.key, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn keys_show_how_they_are_doing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    assert_eq!(providers(app, &tenant).await, json!([]));
    let first = app.pool_key(&tenant, "openai", "a").await;
    app.pool_key(&tenant, "anthropic", "b").await;
    let shown = providers(app, &tenant).await;
    let hosts: Vec<_> = shown.as_array().expect("a list").iter().collect();
    let hosts: Vec<_> = hosts
        .iter()
        .map(|one| (one["host"].clone(), one["name"].clone()))
        .collect();
    assert_eq!(
        hosts,
        [
            (json!("anthropic"), json!("Anthropic")),
            (json!("openai"), json!("OpenAI")),
        ]
    );
    let openai = async || providers(app, &tenant).await[1]["credentials"][0].clone();
    let fresh = openai().await;
    assert_eq!(
        (&fresh["state"], &fresh["recentErrors"]),
        (&json!("ok"), &json!([]))
    );
    assert_eq!(
        (&fresh["name"], &fresh["last4"]),
        (&json!("a"), &json!(first[first.len() - 4..]))
    );
    assert_eq!(fresh["firstByteMs"], Value::Null);

    assert_eq!(chat(app, &tenant).await.status, 200);
    assert!(openai().await["firstByteMs"].is_u64());

    let waits = Script::rate_limited(60);
    app.sim.script("openai", waits);
    assert_eq!(chat(app, &tenant).await.status, 429);
    let resting = openai().await;
    assert_eq!(
        (&resting["state"], &resting["reason"]),
        (&json!("resting"), &json!("rate-limit"))
    );
    assert_eq!(resting["until"], "2023-11-14T22:14:20.000Z");
    assert_eq!(resting["models"][0]["model"], "gpt-4o-mini");
    assert_eq!(resting["recentErrors"][0]["outcome"], "rate-limit");
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(openai().await["state"], "ok", "it may be tried");

    for _ in 0..3 {
        app.sim.script("openai", Script::error(500, "down"));
        assert_ne!(chat(app, &tenant).await.status, 200);
    }
    let open = openai().await;
    assert_eq!(
        (&open["state"], &open["reason"]),
        (&json!("open"), &json!("server-error"))
    );
    let errors = open["recentErrors"].as_array().expect("a list");
    let outcomes: Vec<_> = errors.iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(
        outcomes,
        ["server-error", "server-error", "server-error", "rate-limit"]
    );
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(openai().await["recentErrors"], json!([]), "an hour later");

    app.sim.refuse_key("openai", &first);
    assert_eq!(chat(app, &tenant).await.status, 424);
    let broken = openai().await;
    assert_eq!(
        (&broken["state"], &broken["until"]),
        (&json!("broken"), &Value::Null)
    );
    let path = "/v1/credentials/openai/a";
    let off = app.call(Method::PUT, path, &tenant.key, json!({ "disabled": true }));
    assert_eq!(off.await.status, 200);
    assert_eq!(openai().await["state"], "disabled");
}

async fn a_test_that_passes_has_the_key_called_again(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.pool_key(&tenant, "openai", "a").await;
    let state = async || providers(app, &tenant).await[0]["credentials"][0]["state"].clone();
    let path = "/v1/credentials/openai/a/test";
    let fail = async || {
        for _ in 0..3 {
            app.sim.script("openai", Script::error(500, "down"));
            assert_ne!(chat(app, &tenant).await.status, 200);
        }
    };
    fail().await;
    assert_eq!(state().await, "open");
    assert_eq!(test(app, &tenant, path).await["ok"], true);
    assert_eq!(state().await, "ok");
    // It begins anew: one failure opens nothing.
    app.sim.script("openai", Script::error(500, "down"));
    assert_ne!(chat(app, &tenant).await.status, 200);
    assert_eq!(state().await, "ok");
    assert_eq!(chat(app, &tenant).await.status, 200);
    // One that fails closes nothing.
    fail().await;
    app.sim.refuse_key("openai", &key);
    assert_eq!(test(app, &tenant, path).await["ok"], false);
    let health = providers(app, &tenant).await[0]["credentials"][0].clone();
    assert_eq!(health["models"][0]["state"], "open", "{health}");
}

async fn a_test_marks_a_key_as_what_its_provider_says(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let own = app.pool_key(&tenant, "openai", "a").await;
    let adas = app.connect(&tenant, "ada", "openai").await;
    let (pooled, users) = (
        "/v1/credentials/openai/a/test",
        "/v1/users/ada/credentials/openai/test",
    );
    for path in [pooled, users] {
        let well = test(app, &tenant, path).await;
        assert_eq!((&well["ok"], &well["code"]), (&json!(true), &Value::Null));
    }
    for key in [&own, &adas] {
        app.sim.refuse_key("openai", key);
    }
    for path in [pooled, users] {
        let refused = test(app, &tenant, path).await;
        assert_eq!(
            (&refused["ok"], &refused["code"]),
            (&json!(false), &json!("key_refused"))
        );
    }
    assert_eq!(
        app.credential_status(&tenant, "ada", "openai").await,
        "broken"
    );
    assert_eq!(
        providers(app, &tenant).await[0]["credentials"][0]["state"],
        "broken"
    );
    for key in [&own, &adas] {
        app.sim.allow_key("openai", key);
    }
    for path in [pooled, users] {
        assert_eq!(test(app, &tenant, path).await["ok"], true);
    }
    assert_eq!(
        app.credential_status(&tenant, "ada", "openai").await,
        "active"
    );
    assert_eq!(
        chat(app, &tenant).await.status,
        200,
        "it is used again at once"
    );
    for path in [
        "/v1/credentials/openai/z/test",
        "/v1/credentials/google/a/test",
        "/v1/users/ada/credentials/google/test",
        "/v1/users/zoe/credentials/openai/test",
    ] {
        let reply = app.call(Method::POST, path, &tenant.key, Value::Null).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
}

async fn a_test_tells_when_nobody_could_be_asked(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "a").await;
    let path = "/v1/credentials/openai/a/test";
    app.sim.script("openai", Script::error(500, "down"));
    let unknown = test(app, &tenant, path).await;
    assert_eq!(
        (&unknown["ok"], &unknown["code"]),
        (&json!(false), &json!("provider_unreachable"))
    );
    assert_eq!(
        providers(app, &tenant).await[0]["credentials"][0]["status"],
        "active"
    );
    app.sim.script("openai", Script::error(403, "not this"));
    let limited = test(app, &tenant, path).await;
    assert_eq!(
        (&limited["ok"], &limited["code"]),
        (&json!(true), &json!("key_limited"))
    );
}
