//! Whom a call is for, where a tool can set no header of its own: behind the relay key, or in the
//! request's own field if the relay key says so.

use relay_api::CreatedRelayKey;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    the_key_may_name_its_user_wherever_it_stands,
    a_user_behind_the_key_that_cannot_be_is_refused,
    two_names_for_one_user_must_agree,
    the_requests_own_field_names_the_user_only_if_the_key_says_so,
    a_name_behind_the_key_manages_nothing,
);

fn hello(app: &TestApp) -> RequestBuilder {
    hello_at(app, "/v1/chat/completions")
}

fn hello_at(app: &TestApp, path: &str) -> RequestBuilder {
    let body = json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "hi" }] });
    app.request(Method::POST, path).json(&body)
}

async fn the_key_may_name_its_user_wherever_it_stands(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada%20l%C3%A9", "openai").await;
    let named = format!("{}:user=ada%20l%C3%A9", tenant.key);
    for request in [
        hello(app).bearer_auth(&named),
        hello(app).header("x-api-key", &named),
        hello(app).header("x-goog-api-key", &named),
        hello_at(
            app,
            &format!("/v1/chat/completions?key={}", named.replace('%', "%25")),
        ),
        hello(app)
            .bearer_auth("placeholder")
            .header("x-api-key", &named),
    ] {
        let reply = Reply::of(request).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let rows = app.ended_requests(&tenant).await;
    assert_eq!(rows.len(), 5);
    for row in rows {
        assert_eq!(row.end_user.as_deref(), Some("ada lé"));
    }
}

async fn a_user_behind_the_key_that_cannot_be_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for label in ["", "..", "%FF", "%0A"] {
        let reply = Reply::of(hello(app).bearer_auth(format!("{}:user={label}", tenant.key))).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request"),
            "{label}"
        );
    }
}

async fn two_names_for_one_user_must_agree(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    let named = || hello(app).bearer_auth(format!("{}:user=ada", tenant.key));
    let reply = Reply::of(named().header("X-Relay-User", "ada")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let reply = Reply::of(named().header("X-Relay-User", "bob")).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "invalid_request")
    );
}

/// A relay key that lets the request's own field name the end user.
async fn trusting_key(app: &TestApp, tenant: &Tenant) -> CreatedRelayKey {
    let body = json!({ "name": "tool", "scopes": ["inference"], "userFromBody": true });
    let reply = app
        .call(Method::POST, "/v1/relay-keys", &tenant.key, body)
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    serde_json::from_value(reply.json()).expect("a created key")
}

async fn the_requests_own_field_names_the_user_only_if_the_key_says_so(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    let trusting = trusting_key(app, &tenant).await;
    assert!(trusting.details.user_from_body);
    let messages = json!([{ "role": "user", "content": "hi" }]);
    let model = "gpt-4o-mini";
    let bodies = |user: &str| {
        [
            (
                "/v1/chat/completions",
                json!({ "model": model, "messages": messages, "user": user }),
            ),
            (
                "/v1/responses",
                json!({ "model": model, "input": "hi", "user": user }),
            ),
            (
                "/v1/messages",
                json!({ "model": model, "messages": messages, "max_tokens": 9,
                        "metadata": { "user_id": user } }),
            ),
        ]
    };
    let call = async |key: &str, path: &str, body: &Value| {
        Reply::of(app.request(Method::POST, path).bearer_auth(key).json(body)).await
    };
    for (path, body) in bodies("ada") {
        let reply = call(&trusting.key, path, &body).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        // Without its word, the field is the provider's alone, and the tenant has no key.
        let reply = call(&tenant.key, path, &body).await;
        assert_eq!(reply.code(), "key_not_connected", "{path}: {}", reply.text);
    }
    for (path, body) in bodies("bob") {
        let reply = call(&trusting.key, path, &body).await;
        assert_eq!(reply.code(), "user_not_connected", "{path}: {}", reply.text);
    }
    for (path, body) in bodies("\n") {
        let reply = call(&trusting.key, path, &body).await;
        assert_eq!(reply.code(), "invalid_request", "{path}: {}", reply.text);
    }
    // A header says more than a field.
    let (path, body) = bodies("bob").into_iter().next().expect("chat");
    let request = app.request(Method::POST, path).bearer_auth(&trusting.key);
    let reply = Reply::of(request.header("X-Relay-User", "ada").json(&body)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let newest = app.ended_requests(&tenant).await.into_iter().next();
    assert_eq!(newest.expect("recorded").end_user.as_deref(), Some("ada"));
}

async fn a_name_behind_the_key_manages_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let named = format!("{}:user=ada", tenant.key);
    let reply = app
        .call(Method::GET, "/v1/users", &named, Value::Null)
        .await;
    assert_eq!(reply.code(), "invalid_relay_key", "{}", reply.text);
}
