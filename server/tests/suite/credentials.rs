//! `/v1/credentials`: the tenant's own provider keys.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    a_tenants_own_key_answers_calls_that_name_no_user,
    a_tenants_own_key_never_stands_in_for_a_user,
    a_tenants_own_key_is_replaced_listed_and_removed_at_once,
    a_key_its_provider_comes_to_refuse_is_marked_and_not_tried_again,
    what_no_provider_is_called_is_refused,
);

async fn put(app: &TestApp, tenant: &Tenant, provider: &str, key: &str) -> Reply {
    let path = format!("/v1/credentials/{provider}");
    app.call(Method::PUT, &path, &tenant.key, json!({ "apiKey": key }))
        .await
}

async fn list(app: &TestApp, tenant: &Tenant) -> Vec<Value> {
    let reply = app
        .call(Method::GET, "/v1/credentials", &tenant.key, Value::Null)
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["data"].as_array().expect("a list").clone()
}

/// A chat call that names no end user.
async fn chat(app: &TestApp, tenant: &Tenant) -> Reply {
    let body = json!({
        "model": "gpt-4o-mini",
        "messages": [{ "role": "user", "content": "hi" }],
    });
    app.call(Method::POST, "/v1/chat/completions", &tenant.key, body)
        .await
}

async fn a_tenants_own_key_answers_calls_that_name_no_user(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let reply = chat(app, &tenant).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (424, "key_not_connected")
    );
    let key = app.provider_key("openai");
    assert_eq!(put(app, &tenant, "openai", &key).await.status, 201);
    assert_eq!(chat(app, &tenant).await.status, 200);
    let last = app.sim.received().pop().expect("the chat call");
    assert_eq!(
        last.header("authorization"),
        Some(format!("Bearer {key}").as_str())
    );
}

async fn a_tenants_own_key_never_stands_in_for_a_user(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.provider_key("openai");
    assert_eq!(put(app, &tenant, "openai", &key).await.status, 201);
    app.connect(&tenant, "bob", "openai").await;
    app.sim.clear_received();
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (424, "user_not_connected")
    );
    assert!(app.sim.received().is_empty(), "no provider was called");
    let own = list(app, &tenant).await;
    assert_eq!(own.len(), 1, "a user's key is none of the tenant's own");
}

async fn a_tenants_own_key_is_replaced_listed_and_removed_at_once(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    assert!(list(app, &tenant).await.is_empty());
    assert_eq!(
        put(app, &tenant, "google", &app.provider_key("google"))
            .await
            .status,
        201
    );
    assert_eq!(
        put(app, &tenant, "openai", &app.provider_key("openai"))
            .await
            .status,
        201
    );
    assert_eq!(chat(app, &tenant).await.status, 200);
    let key = app.provider_key("openai");
    assert_eq!(put(app, &tenant, "openai", &key).await.status, 200);
    let credentials = list(app, &tenant).await;
    let providers: Vec<_> = credentials.iter().map(|one| &one["provider"]).collect();
    assert_eq!(providers, ["google", "openai"]);
    assert_eq!(credentials[1]["last4"], &key[key.len() - 4..]);
    assert_eq!(chat(app, &tenant).await.status, 200);
    let last = app.sim.received().pop().expect("the chat call");
    assert_eq!(
        last.header("authorization"),
        Some(format!("Bearer {key}").as_str())
    );
    let path = "/v1/credentials/openai";
    for status in [204, 404] {
        let reply = app
            .call(Method::DELETE, path, &tenant.key, Value::Null)
            .await;
        assert_eq!(reply.status, status, "{}", reply.text);
        let reply = chat(app, &tenant).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (424, "key_not_connected")
        );
    }
    assert_eq!(list(app, &tenant).await.len(), 1);
}

async fn a_key_its_provider_comes_to_refuse_is_marked_and_not_tried_again(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.provider_key("openai");
    assert_eq!(put(app, &tenant, "openai", &key).await.status, 201);
    app.sim.refuse_key("openai", &key);
    let reply = chat(app, &tenant).await;
    assert_eq!((reply.status, reply.code().as_str()), (424, "key_rejected"));
    assert_eq!(list(app, &tenant).await[0]["status"], "broken");
    app.sim.clear_received();
    let reply = chat(app, &tenant).await;
    assert_eq!((reply.status, reply.code().as_str()), (424, "key_rejected"));
    assert!(app.sim.received().is_empty(), "it is not tried again");
    // Connecting it again, once the provider takes it, mends it.
    app.sim.allow_key("openai", &key);
    assert_eq!(put(app, &tenant, "openai", &key).await.status, 200);
    assert_eq!(chat(app, &tenant).await.status, 200);
    assert_eq!(list(app, &tenant).await[0]["status"], "active");
}

async fn what_no_provider_is_called_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let reply = put(app, &tenant, "closedai", &app.provider_key("openai")).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "unknown_provider")
    );
    for (provider, status, code) in [
        ("closedai", 404, "not_found"),
        ("%00", 400, "invalid_request"),
    ] {
        let path = format!("/v1/credentials/{provider}");
        let reply = app
            .call(Method::DELETE, &path, &tenant.key, Value::Null)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{provider}"
        );
    }
    assert!(app.sim.received().is_empty(), "no provider was asked");
}
