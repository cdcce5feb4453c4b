//! Whose key a call uses, and what happens when there is none or its provider refuses it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{CHAT_MODELS, Reply, Tenant, TestApp, chat_body};

on_each_database!(
    a_user_who_connected_nothing_is_not_connected,
    without_a_user_the_tenants_key_is_wanted,
    the_tenants_key_never_stands_in_for_a_user,
    a_users_key_never_stands_in_for_the_tenant_or_another_user,
    the_same_label_in_another_tenant_is_another_user,
    a_refused_key_is_broken_until_it_is_connected_again,
    a_refused_key_of_the_tenant_is_the_tenants_to_replace,
    a_key_connected_a_moment_ago_serves_at_once,
    a_removed_key_serves_no_more,
    a_refusal_of_a_key_that_was_replaced_breaks_nothing,
);

async fn chat_as_tenant(app: &TestApp, tenant: &Tenant, model: &str) -> Reply {
    let body = chat_body(model, &json!({}));
    app.call(Method::POST, "/v1/chat/completions", &tenant.key, body)
        .await
}

async fn connect_tenant(app: &TestApp, tenant: &Tenant, provider: &str) -> String {
    let key = app.provider_key(provider);
    let path = format!("/v1/credentials/{provider}");
    let reply = app
        .call(Method::PUT, &path, &tenant.key, json!({ "apiKey": key }))
        .await;
    assert!([200, 201].contains(&reply.status), "{}", reply.text);
    key
}

fn assert_refused(reply: &Reply, code: &str) {
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (424, code),
        "{}",
        reply.text
    );
    assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
}

async fn a_user_who_connected_nothing_is_not_connected(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        for more in [json!({}), json!({ "stream": true })] {
            let reply = app.chat(&tenant, "nobody", model, more).await;
            assert_refused(&reply, "user_not_connected");
            let error = reply.json()["error"]["message"].to_string();
            assert!(error.contains("registration token"), "{error}");
        }
        let row = app.ended_requests(&tenant).await.remove(0);
        assert_eq!((row.status, row.host.as_deref()), (424, Some(provider)));
    }
    assert!(app.sim.received().is_empty());
}

async fn without_a_user_the_tenants_key_is_wanted(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        let reply = chat_as_tenant(app, &tenant, model).await;
        assert_refused(&reply, "key_not_connected");
        let error = reply.json()["error"]["message"].to_string();
        assert!(
            error.contains(&format!("/v1/credentials/{provider}")),
            "{error}"
        );
    }
    assert!(app.sim.received().is_empty());
}

async fn the_tenants_key_never_stands_in_for_a_user(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    connect_tenant(app, &tenant, "openai").await;
    app.connect(&tenant, "u", "anthropic").await;
    app.sim.clear_received();
    for label in ["nobody", "u"] {
        let reply = app.chat(&tenant, label, "gpt-4o", json!({})).await;
        assert_refused(&reply, "user_not_connected");
    }
    assert!(app.sim.received().is_empty());
}

async fn a_users_key_never_stands_in_for_the_tenant_or_another_user(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let keys = [
        app.connect(&tenant, "ann", "openai").await,
        app.connect(&tenant, "bob", "openai").await,
    ];
    app.sim.clear_received();
    assert_refused(
        &chat_as_tenant(app, &tenant, "gpt-4o").await,
        "key_not_connected",
    );
    // A label is used as it is written: no trimming, no folding.
    for label in ["Ann", "ann%20", "an", "annn"] {
        let reply = app.chat(&tenant, label, "gpt-4o", json!({})).await;
        assert_refused(&reply, "user_not_connected");
    }
    assert!(app.sim.received().is_empty());
    for label in ["ann", "bob", "ann"] {
        assert_eq!(
            app.chat(&tenant, label, "gpt-4o", json!({})).await.status,
            200
        );
    }
    let used: Vec<_> = app
        .sim
        .received()
        .iter()
        .map(|call| call.header("authorization").expect("a key").to_owned())
        .collect();
    assert_eq!(used, [0, 1, 0].map(|user| format!("Bearer {}", keys[user])));
}

async fn the_same_label_in_another_tenant_is_another_user(app: &TestApp) {
    let (acme, evil) = (app.tenant("acme").await, app.tenant("evil").await);
    app.connect(&acme, "ann", "openai").await;
    app.sim.clear_received();
    let reply = app.chat(&evil, "ann", "gpt-4o", json!({})).await;
    assert_refused(&reply, "user_not_connected");
    assert!(app.sim.received().is_empty());
    assert!(app.ended_requests(&acme).await.is_empty());
}

async fn a_refused_key_is_broken_until_it_is_connected_again(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        let key = app.connect(&tenant, "u", provider).await;
        assert_eq!(app.chat(&tenant, "u", model, json!({})).await.status, 200);
        app.sim.refuse_key(provider, &key);
        app.sim.clear_received();
        for calls_so_far in [1, 1, 1] {
            let reply = app.chat(&tenant, "u", model, json!({})).await;
            assert_refused(&reply, "user_key_rejected");
            assert_eq!(app.sim.received().len(), calls_so_far, "{provider}");
        }
        assert_eq!(
            app.credential_status(&tenant, "u", provider).await,
            "broken"
        );
        let again = app.provider_key(provider);
        let path = format!("/v1/users/u/credentials/{provider}");
        let put = app
            .call(Method::PUT, &path, &tenant.key, json!({ "apiKey": again }))
            .await;
        assert_eq!(put.status, 200, "{}", put.text);
        assert_eq!(
            app.chat(&tenant, "u", model, json!({})).await.status,
            200,
            "{provider}"
        );
        assert_eq!(
            app.credential_status(&tenant, "u", provider).await,
            "active"
        );
    }
}

async fn a_refused_key_of_the_tenant_is_the_tenants_to_replace(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = connect_tenant(app, &tenant, "openai").await;
    app.sim.refuse_key("openai", &key);
    for _ in 0..2 {
        assert_refused(
            &chat_as_tenant(app, &tenant, "gpt-4o").await,
            "key_rejected",
        );
    }
    connect_tenant(app, &tenant, "openai").await;
    assert_eq!(chat_as_tenant(app, &tenant, "gpt-4o").await.status, 200);
}

async fn a_key_connected_a_moment_ago_serves_at_once(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let reply = app.chat(&tenant, "u", "gpt-4o", json!({})).await;
    assert_refused(&reply, "user_not_connected");
    app.connect(&tenant, "u", "openai").await;
    assert_eq!(
        app.chat(&tenant, "u", "gpt-4o", json!({})).await.status,
        200
    );
}

async fn a_removed_key_serves_no_more(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for path in ["/v1/users/u/credentials/openai", "/v1/users/u"] {
        app.connect(&tenant, "u", "openai").await;
        assert_eq!(
            app.chat(&tenant, "u", "gpt-4o", json!({})).await.status,
            200
        );
        let removed = app
            .call(Method::DELETE, path, &tenant.key, Value::Null)
            .await;
        assert_eq!(removed.status, 204, "{}", removed.text);
        let reply = app.chat(&tenant, "u", "gpt-4o", json!({})).await;
        assert_refused(&reply, "user_not_connected");
    }
}

async fn a_refusal_of_a_key_that_was_replaced_breaks_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let refusal = relay_provider_sim::Reply::error(401, "no").on("/chat");
    let (script, mut hold) = refusal.hold();
    app.sim.script("openai", script);
    let old_call = app.chat(&tenant, "u", "gpt-4o", json!({}));
    let meanwhile = async {
        hold.reached().await;
        let path = "/v1/users/u/credentials/openai";
        let again = json!({ "apiKey": app.provider_key("openai") });
        let put = app.call(Method::PUT, path, &tenant.key, again).await;
        assert_eq!(put.status, 200, "{}", put.text);
        hold.release();
    };
    let (reply, ()) = tokio::join!(old_call, meanwhile);
    assert_refused(&reply, "user_key_rejected");
    assert_eq!(
        app.chat(&tenant, "u", "gpt-4o", json!({})).await.status,
        200
    );
    assert_eq!(
        app.credential_status(&tenant, "u", "openai").await,
        "active"
    );
}
