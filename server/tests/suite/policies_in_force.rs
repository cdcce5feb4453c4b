//! What a policy lets through, whose keys it uses, and where else it tries.

use relay_provider_sim::Reply as Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp, chat_body};

on_each_database!(
    a_denied_model_is_denied_by_whichever_of_its_names,
    a_denied_provider_is_not_asked,
    a_dialect_that_is_not_allowed_is_refused_in_its_own_words,
    a_policy_for_users_keys_wants_a_user,
    a_policy_for_the_pool_uses_no_users_key,
    the_pool_stands_in_only_where_the_policy_says_so,
    fallback_models_are_tried_when_the_one_asked_for_fails,
    the_cheapest_host_is_asked_first,
    the_models_listed_are_those_the_key_reaches,
    attempts_are_capped,
);

async fn chat(app: &TestApp, key: &str, model: &str) -> Reply {
    let body = chat_body(model, &json!({}));
    app.call(Method::POST, "/v1/chat/completions", key, body)
        .await
}

async fn chat_for(app: &TestApp, key: &str, user: &str) -> Reply {
    let request = app
        .request(Method::POST, "/v1/chat/completions")
        .bearer_auth(key)
        .header("x-relay-user", user)
        .json(&chat_body("gpt-4o-mini", &json!({})));
    Reply::of(request).await
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

/// The bearers that the provider was sent since the last look.
fn bearers(app: &TestApp) -> Vec<String> {
    let received = app.sim.received();
    app.sim.clear_received();
    let bearer = |header: &str| header.trim_start_matches("Bearer ").to_owned();
    received
        .iter()
        .filter_map(|sent| sent.header("authorization").map(bearer))
        .collect()
}

async fn listed(app: &TestApp, key: &str) -> Vec<String> {
    let reply = app.call(Method::GET, "/v1/models", key, Value::Null).await;
    let models = reply.json()["data"].as_array().cloned().unwrap_or_default();
    models
        .iter()
        .filter_map(|model| model["id"].as_str().map(str::to_owned))
        .collect()
}

async fn a_denied_model_is_denied_by_whichever_of_its_names(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "default").await;
    let rules = json!({ "models": { "allow": ["gpt-*"], "deny": ["gpt-4o*"] } });
    let key = app.key_under(&tenant, rules, Value::Null).await;
    for name in [
        "gpt-4o",
        "gpt-4o-mini",
        "openai:gpt-4o",
        "openai/gpt-4o-mini",
        // The same model, by the name that another host has for it.
        "openrouter:openai/gpt-4o",
        "o3",
    ] {
        let reply = chat(app, &key, name).await;
        assert_eq!(
            refused(&reply),
            (403, "model_not_allowed".to_owned()),
            "{name}"
        );
    }
    assert!(app.sim.received().is_empty(), "nobody is asked");
    assert_eq!(chat(app, &key, "gpt-4.1").await.status, 200);
    let row = app.ended_requests(&tenant).await.remove(0);
    assert_eq!(row.error_category, None);
}

async fn a_denied_provider_is_not_asked(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "default").await;
    let rules = json!({ "hosts": { "allow": ["anthropic"] } });
    let key = app.key_under(&tenant, rules, Value::Null).await;
    let reply = chat(app, &key, "openai:gpt-4o-mini").await;
    assert_eq!(refused(&reply), (403, "provider_not_allowed".to_owned()));
    assert!(reply.text.contains("OpenAI"), "{}", reply.text);
    let row = app.ended_requests(&tenant).await.remove(0);
    assert_eq!(row.error_category.as_deref(), Some("policy"));
}

async fn a_dialect_that_is_not_allowed_is_refused_in_its_own_words(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let rules = json!({ "dialects": ["anthropic-messages"] });
    let key = app.key_under(&tenant, rules, Value::Null).await;
    let reply = chat(app, &key, "gpt-4o-mini").await;
    assert_eq!(refused(&reply), (403, "dialect_not_allowed".to_owned()));
}

async fn a_policy_for_users_keys_wants_a_user(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "default").await;
    let key = app
        .key_under(&tenant, json!({ "keys": "user" }), Value::Null)
        .await;
    let reply = chat(app, &key, "gpt-4o-mini").await;
    assert_eq!(refused(&reply), (400, "user_required".to_owned()));
    let reply = chat_for(app, &key, "ada").await;
    assert_eq!(refused(&reply), (424, "user_not_connected".to_owned()));
}

async fn a_policy_for_the_pool_uses_no_users_key(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let pooled = app.pool_key(&tenant, "openai", "default").await;
    app.connect(&tenant, "ada", "openai").await;
    let key = app
        .key_under(&tenant, json!({ "keys": "pool" }), Value::Null)
        .await;
    app.sim.clear_received();
    assert_eq!(chat_for(app, &key, "ada").await.status, 200);
    assert_eq!(bearers(app), [pooled]);
}

async fn the_pool_stands_in_only_where_the_policy_says_so(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let pooled = app.pool_key(&tenant, "openai", "default").await;
    let users = app.connect(&tenant, "ada", "openai").await;
    let key = app
        .key_under(&tenant, json!({ "keys": "user-then-pool" }), Value::Null)
        .await;
    app.sim.clear_received();
    assert_eq!(chat_for(app, &key, "ada").await.status, 200);
    assert_eq!(bearers(app), [users.as_str()], "her own comes first");
    app.sim.refuse_key("openai", &users);
    assert_eq!(chat_for(app, &key, "ada").await.status, 200);
    assert_eq!(bearers(app), [users, pooled.clone()]);
    assert_eq!(chat_for(app, &key, "nobody").await.status, 200);
    assert_eq!(bearers(app), [pooled]);
}

async fn fallback_models_are_tried_when_the_one_asked_for_fails(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "default").await;
    app.pool_key(&tenant, "anthropic", "default").await;
    let rules = json!({
        "models": { "allow": ["gpt-4o-mini"] },
        "fallbacks": ["no-such-model", "claude-sonnet-4-5"],
    });
    let key = app.key_under(&tenant, rules, Value::Null).await;
    app.sim.script("openai", Script::error(500, "No."));
    let reply = chat(app, &key, "gpt-4o-mini").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let row = app.ended_requests(&tenant).await.remove(0);
    assert_eq!(row.host.as_deref(), Some("anthropic"));
    assert_eq!(row.model, "gpt-4o-mini", "the row tells what was asked for");
    assert_eq!((row.attempts, row.trace.attempts.len()), (2, 2));
    assert_eq!(row.upstream_model.as_deref(), Some("claude-sonnet-4-5"));
}

async fn the_cheapest_host_is_asked_first(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    own_model(app, &tenant).await;
    let mut keys = Vec::new();
    for host in ["dear", "cheap"] {
        let key = app.provider_key("openai");
        let path = format!("/v1/credentials/{host}");
        let body = json!({ "apiKey": key });
        let reply = app.call(Method::PUT, &path, &tenant.key, body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        keys.push(key);
    }
    let (dear, cheap) = (&keys[0], &keys[1]);
    let key = app
        .key_under(&tenant, json!({ "strategy": "cheapest" }), Value::Null)
        .await;
    app.sim.clear_received();
    assert_eq!(chat(app, &key, "twice").await.status, 200);
    assert_eq!(bearers(app), [cheap.as_str()]);
    let by_order = app.key_under(&tenant, json!({}), Value::Null).await;
    assert_eq!(chat(app, &by_order, "twice").await.status, 200);
    assert_eq!(
        bearers(app),
        [dear.as_str()],
        "else by the order of its bindings"
    );
    let rows = app.ended_requests(&tenant).await;
    let costs: Vec<_> = rows.iter().map(|row| row.cost_nanos).collect();
    assert!(costs[0] > costs[1], "{costs:?}");
}

/// A model of the tenant's own, at two hosts of its own.
async fn own_model(app: &TestApp, tenant: &Tenant) {
    for host in ["dear", "cheap"] {
        let row = json!({ "name": host, "baseUrl": app.sim.openai_url() });
        let path = format!("/v1/hosts/{host}");
        let reply = app.call(Method::PUT, &path, &tenant.key, row).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    let priced = |host: &str, input: f64| {
        json!({
            "host": host, "model": "gpt-4o-mini", "prices": { "input": input, "output": input },
        })
    };
    let row = json!({ "kind": "chat", "bindings": [priced("dear", 2.0), priced("cheap", 1.0)] });
    let path = "/v1/catalog/models/twice";
    let reply = app.call(Method::PUT, path, &tenant.key, row).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}

async fn the_models_listed_are_those_the_key_reaches(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let rules = json!({ "models": { "deny": ["*mini*"] }, "hosts": { "deny": ["google"] } });
    let key = app.key_under(&tenant, rules, Value::Null).await;
    let all = listed(app, &key).await;
    let has = |models: &[String], name: &str| models.iter().any(|model| model == name);
    assert!(has(&all, "gpt-4o") && has(&all, "claude-sonnet-4-5"));
    assert!(!has(&all, "gpt-4o-mini"));
    app.pool_key(&tenant, "anthropic", "default").await;
    let reached = listed(app, &key).await;
    assert!(has(&reached, "claude-sonnet-4-5") && !has(&reached, "gpt-4o"));
    let shown = |name: &str| format!("/v1/models/{name}");
    for (name, status, code) in [
        ("claude-sonnet-4-5", 200, ""),
        ("gpt-4o-mini", 403, "model_not_allowed"),
        ("gtp-4o", 404, "model_not_found"),
    ] {
        let reply = app.call(Method::GET, &shown(name), &key, Value::Null).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.text);
        if status != 200 {
            assert_eq!(reply.code(), code);
        }
        if status == 404 {
            assert!(reply.text.contains("gpt-4o"), "{}", reply.text);
        }
    }
}

async fn attempts_are_capped(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for name in ["a", "b", "c", "d", "e", "f"] {
        app.pool_key(&tenant, "openai", name).await;
    }
    for (rules, tried) in [(json!({}), 4), (json!({ "maxAttempts": 2 }), 2)] {
        let key = app.key_under(&tenant, rules, Value::Null).await;
        app.sim.clear_scripts();
        app.sim.script("openai", Script::error(503, "No.").always());
        app.sim.clear_received();
        let reply = chat(app, &key, "gpt-4o-mini").await;
        assert_eq!(reply.status, 503, "{}", reply.text);
        assert_eq!(app.sim.received().len(), tried);
    }
}
