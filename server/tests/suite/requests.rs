//! `GET /v1/requests`: what the meter wrote of every call.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use relay_provider_sim::Reply as Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{CHAT_MODELS, Reply, Tenant, TestApp, chat_body};

on_each_database!(
    a_call_is_listed_with_all_that_is_known_of_it,
    a_failed_call_is_listed_too,
    requests_come_in_pages_newest_first,
    a_tenant_sees_its_own_requests_alone,
    keys_and_credentials_remember_when_they_were_last_used,
    two_thousand_calls_leave_two_thousand_rows,
);

async fn listed(app: &TestApp, tenant: &Tenant, query: &str) -> Value {
    app.service.meter.flush().await;
    let path = format!("/v1/requests{query}");
    let reply = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn a_call_is_listed_with_all_that_is_known_of_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        let asked = format!("{provider}/{model}");
        let reply = app.chat(&tenant, "u", &asked, json!({})).await;
        let rows = listed(app, &tenant, "").await;
        let row = &rows["data"][0];
        assert_eq!(
            row["id"],
            reply.header("x-relay-request-id").expect("an id")
        );
        assert_eq!(row["at"], "2023-11-14T22:13:20.000Z");
        assert_eq!(row["relayKey"], "test");
        assert_eq!(row["endUser"], "u");
        assert_eq!(row["operation"], "chat");
        assert_eq!(row["model"], asked);
        assert_eq!(row["provider"], provider);
        assert_eq!(row["streamed"], false);
        assert_eq!(row["status"], 200);
        assert_eq!(row["errorCode"], Value::Null);
        assert_eq!(row["inputTokens"], 1, "{provider}");
        assert_eq!(row["outputTokens"], 3, "{provider}");
        assert!(row["firstByteMs"].as_u64() <= row["durationMs"].as_u64());
    }
}

async fn a_failed_call_is_listed_too(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    app.sim.script("openai", Script::error(500, "no"));
    for (label, model, status, code, provider) in [
        ("u", "gpt-4o", 500, "server_error", json!("openai")),
        (
            "u",
            "claude-sonnet-4-5",
            424,
            "user_not_connected",
            json!("anthropic"),
        ),
        ("u", "nonsense", 404, "model_not_found", Value::Null),
    ] {
        let reply = app
            .chat(&tenant, label, model, json!({ "stream": true }))
            .await;
        assert_eq!(reply.status, status);
        let rows = listed(app, &tenant, "").await;
        let row = &rows["data"][0];
        assert_eq!(
            (&row["status"], &row["errorCode"]),
            (&json!(status), &json!(code))
        );
        assert_eq!(
            (&row["provider"], &row["model"]),
            (&provider, &json!(model))
        );
        assert_eq!(
            (&row["streamed"], &row["inputTokens"]),
            (&json!(true), &Value::Null)
        );
    }
    let odd = "gpt-\u{0}\u{7}\u{1F600}".to_owned() + &"x".repeat(300);
    app.chat(&tenant, "u", &odd, json!({})).await;
    let rows = listed(app, &tenant, "").await;
    let shown = rows["data"][0]["model"]
        .as_str()
        .expect("a model")
        .to_owned();
    assert!(shown.starts_with("gpt-\u{1F600}xxx") && shown.chars().count() == 200);
}

async fn requests_come_in_pages_newest_first(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        app.clock.advance(Duration::from_secs(1));
        let reply = app.chat(&tenant, "u", "gpt-4o", json!({})).await;
        ids.insert(
            0,
            reply
                .header("x-relay-request-id")
                .expect("an id")
                .to_owned(),
        );
    }
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = listed(app, &tenant, &query).await;
        let rows = page["data"].as_array().expect("rows");
        assert!(rows.len() <= 2);
        seen.extend(
            rows.iter()
                .map(|row| row["id"].as_str().expect("an id").to_owned()),
        );
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ids);
    for bad in ["?limit=0", "?limit=201", "?limit=many"] {
        let path = format!("/v1/requests{bad}");
        let reply = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
}

async fn a_tenant_sees_its_own_requests_alone(app: &TestApp) {
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    app.connect(&acme, "u", "openai").await;
    app.chat(&acme, "u", "gpt-4o", json!({})).await;
    let cursor = listed(app, &acme, "").await["data"][0]["id"].clone();
    assert_eq!(listed(app, &other, "").await["data"], json!([]));
    let after = format!("?cursor={}z", cursor.as_str().expect("an id"));
    assert_eq!(listed(app, &other, &after).await["data"], json!([]));
}

async fn keys_and_credentials_remember_when_they_were_last_used(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let last_used = async |path: &str| {
        app.service.meter.flush().await;
        let reply = app.call(Method::GET, path, &tenant.key, Value::Null).await;
        reply.json()["data"][0]["lastUsedAt"].clone()
    };
    let credentials = "/v1/users/u/credentials";
    assert_eq!(last_used(credentials).await, Value::Null);
    assert_eq!(last_used("/v1/relay-keys").await, Value::Null);
    app.clock.advance(Duration::from_secs(10));
    app.chat(&tenant, "u", "gpt-4o", json!({})).await;
    assert_eq!(last_used(credentials).await, "2023-11-14T22:13:30.000Z");
    assert_eq!(
        last_used("/v1/relay-keys").await,
        "2023-11-14T22:13:30.000Z"
    );
    app.clock.advance(Duration::from_hours(1));
    app.sim.script("openai", Script::error(500, "no"));
    app.chat(&tenant, "u", "gpt-4o", json!({})).await;
    assert_eq!(
        last_used(credentials).await,
        "2023-11-14T22:13:30.000Z",
        "it failed"
    );
    app.chat(&tenant, "u", "gpt-4o", json!({})).await;
    assert_eq!(last_used(credentials).await, "2023-11-14T23:13:30.000Z");
    assert_eq!(
        last_used("/v1/relay-keys").await,
        "2023-11-14T23:13:30.000Z"
    );
}

async fn two_thousand_calls_leave_two_thousand_rows(app: &TestApp) {
    const CALLS: usize = 2_000;
    const AT_ONCE: usize = 64;
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let body = chat_body("gpt-4o", &json!({}));
    let mut answered: Vec<String> = stream::iter(0..CALLS)
        .map(|_| async {
            let reply = Reply::of(app.chat_request(&tenant, "u").json(&body)).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            reply
                .header("x-relay-request-id")
                .expect("an id")
                .to_owned()
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut kept = Vec::new();
    let mut query = "?limit=200".to_owned();
    loop {
        let page = listed(app, &tenant, &query).await;
        let rows = page["data"].as_array().expect("rows");
        kept.extend(
            rows.iter()
                .map(|row| row["id"].as_str().expect("an id").to_owned()),
        );
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        query = format!("?limit=200&cursor={cursor}");
    }
    answered.sort();
    kept.reverse();
    assert_eq!(kept.len(), CALLS);
    assert!(kept == answered, "every answered call, and no other");
    let counted = app.service.meter.counted();
    assert_eq!((counted.dropped, counted.waiting), (0, 0));
    assert!(counted.writes < CALLS as u64, "written in batches");
}
