//! `POST /v1/reach`: what would become of calls, told without making one; held against what becomes
//! of them.

use relay_provider_sim::Reply as Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp, chat_body};

on_each_database!(
    what_is_told_is_what_becomes_of_calls,
    a_host_is_told_of_with_why_it_is_not_called,
    a_relay_key_that_is_not_let_in_is_told_so,
    the_whole_catalog_comes_in_pages_the_reached_first,
    a_question_that_cannot_be_is_refused,
);

async fn ask(app: &TestApp, tenant: &Tenant, body: Value) -> Value {
    let reply = app.call(Method::POST, "/v1/reach", &tenant.key, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn chat(app: &TestApp, key: &str, model: &str, user: Option<&str>) -> Reply {
    let request = app
        .request(Method::POST, "/v1/chat/completions")
        .bearer_auth(key)
        .json(&chat_body(model, &json!({})));
    let request = match user {
        Some(user) => request.header("x-relay-user", user),
        None => request,
    };
    Reply::of(request).await
}

async fn key_id(app: &TestApp, tenant: &Tenant) -> String {
    let listed = app.call(Method::GET, "/v1/relay-keys", &tenant.key, Value::Null);
    let listed = listed.await.json();
    listed["data"][0]["id"].as_str().expect("an id").to_owned()
}

async fn what_is_told_is_what_becomes_of_calls(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "a").await;
    app.connect(&tenant, "ada", "anthropic").await;
    app.connect(&tenant, "bob", "openai").await;
    let broken = app.connect(&tenant, "cleo", "openai").await;
    app.sim.refuse_key("openai", &broken);
    let reply = chat(app, &tenant.key, "gpt-4o-mini", Some("cleo")).await;
    assert_eq!(reply.status, 424, "{}", reply.text);
    let mut asked = 0;
    for rules in [
        json!({}),
        json!({ "models": { "allow": ["gpt-*"] } }),
        json!({ "models": { "deny": ["*mini"] }, "fallbacks": ["gpt-4o"] }),
        json!({ "hosts": { "allow": ["anthropic"] } }),
        json!({ "hosts": { "deny": ["openai", "anthropic"] } }),
        json!({ "keys": "user" }),
        json!({ "keys": "user-then-pool", "strategy": "cheapest" }),
        json!({ "keys": "pool", "fallbacks": ["gpt-4o-mini"] }),
    ] {
        let key = app.key_under(&tenant, rules.clone(), json!({})).await;
        let id = key_id(app, &tenant).await;
        for model in [
            "gpt-4o-mini",
            "claude-sonnet-4-5",
            "openai:gpt-4o",
            "no-such-model",
        ] {
            for user in [None, Some("ada"), Some("bob"), Some("cleo"), Some("nobody")] {
                let question = json!({ "relayKeyId": id, "model": model, "user": user });
                let told = ask(app, &tenant, question).await;
                let unsaved = json!({ "rules": rules, "model": model, "user": user });
                let unsaved = ask(app, &tenant, unsaved).await;
                let reached = &told["models"][0];
                assert_eq!(reached["allowed"], unsaved["models"][0]["allowed"]);
                assert_eq!(reached["hosts"], unsaved["models"][0]["hosts"]);
                let done = chat(app, &key, model, user).await;
                let what = format!("{rules} {model} {user:?}: {reached} but {}", done.text);
                assert_eq!(reached["allowed"], json!(done.status == 200), "{what}");
                if done.status != 200 {
                    assert_eq!(reached["refused"]["code"], done.code(), "{what}");
                    let sentence = &done.json()["error"]["message"];
                    assert_eq!(&reached["refused"]["message"], sentence, "{what}");
                }
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 8 * 4 * 5);
}

async fn a_host_is_told_of_with_why_it_is_not_called(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "a").await;
    app.pool_key(&tenant, "openai", "b").await;
    // One of the two is asked to wait.
    let waits = Script::rate_limited(60);
    app.sim.script("openai", waits);
    let reply = chat(app, &tenant.key, "gpt-4o-mini", None).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let rules = json!({ "hosts": { "deny": ["openrouter"] }, "fallbacks": ["claude-sonnet-4-5"] });
    let told = ask(
        app,
        &tenant,
        json!({ "rules": rules, "model": "gpt-4o-mini" }),
    )
    .await;
    let model = &told["models"][0];
    assert_eq!(model["allowed"], true, "{model}");
    let hosts = model["hosts"].as_array().expect("a list");
    let host = |id: &str| {
        hosts
            .iter()
            .find(|host| host["host"] == id)
            .expect("told of")
    };
    let openai = host("openai");
    assert_eq!(
        (&openai["allowed"], &openai["reason"]),
        (&json!(true), &Value::Null)
    );
    let credentials = openai["credentials"].as_array().expect("a list");
    let mut states: Vec<_> = credentials.iter().map(|one| one["state"].clone()).collect();
    states.sort_by_key(Value::to_string);
    assert_eq!(states, ["ok", "resting"]);
    let resting = credentials.iter().find(|one| one["state"] == "resting");
    assert_eq!(resting.expect("one")["until"], "2023-11-14T22:14:20.000Z");
    assert_eq!(host("openrouter")["reason"], "provider_not_allowed");
    assert_eq!(host("anthropic")["fallback"], "claude-sonnet-4-5");
    assert_eq!(host("anthropic")["reason"], "key_not_connected");
    // A model that is denied has no fallbacks: nobody is asked, though there were a key.
    app.pool_key(&tenant, "anthropic", "c").await;
    let rules = json!({ "models": { "deny": ["gpt-*"] }, "fallbacks": ["claude-sonnet-4-5"] });
    let denied = json!({ "rules": rules, "model": "gpt-4o-mini" });
    let denied = ask(app, &tenant, denied).await;
    let told = denied["models"][0]["hosts"].to_string();
    assert!(told.contains("anthropic"), "{told}");
    let hosts = denied["models"][0]["hosts"]
        .as_array()
        .expect("a list")
        .iter();
    assert!(hosts.clone().count() > 0);
    for host in hosts {
        assert_eq!(host["reason"], "model_not_allowed");
    }
}

async fn a_relay_key_that_is_not_let_in_is_told_so(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let limits = json!([
        { "on": "all", "metric": "requests", "per": "minute", "amount": 5 },
        { "on": "free-tier", "metric": "requests", "per": "day", "amount": 7 },
    ]);
    app.key_under(&tenant, json!({ "limits": limits }), json!({}))
        .await;
    let id = key_id(app, &tenant).await;
    let refused = async |body: Value| {
        let told = ask(app, &tenant, body).await;
        (
            told["refused"]["code"].clone(),
            told["limits"].as_array().map(Vec::len),
        )
    };
    let by_key = |more: Value| {
        let mut body = json!({ "relayKeyId": id, "model": "gpt-4o" });
        let more = more.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(more);
        body
    };
    assert_eq!(refused(by_key(json!({}))).await, (Value::Null, Some(1)));
    assert_eq!(
        refused(by_key(json!({ "paid": false }))).await,
        (Value::Null, Some(2))
    );
    let rules = json!({ "dialects": ["openai-chat"] });
    let body = json!({ "rules": rules, "dialect": "gemini" });
    assert_eq!(refused(body).await.0, "dialect_not_allowed");
    let path = format!("/v1/relay-keys/{id}");
    let body = json!({ "disabled": true });
    let off = app.call(Method::PATCH, &path, &tenant.key, body).await;
    assert_eq!(off.status, 200, "{}", off.text);
    assert_eq!(refused(by_key(json!({}))).await.0, "relay_key_disabled");
    let gone = app
        .call(Method::DELETE, &path, &tenant.key, Value::Null)
        .await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    assert_eq!(refused(by_key(json!({}))).await.0, "relay_key_revoked");
    for wanted in [
        json!({ "name": "t", "scopes": ["tokens"] }),
        json!({ "name": "bound", "endUser": "ada" }),
    ] {
        let made = app
            .call(Method::POST, "/v1/relay-keys", &tenant.key, wanted)
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let bound = json!({ "relayKeyId": key_id(app, &tenant).await, "user": "bob" });
    assert_eq!(refused(bound).await.0, "end_user_bound");
    let listed = app.call(Method::GET, "/v1/relay-keys", &tenant.key, Value::Null);
    let scoped = listed.await.json()["data"][1]["id"].clone();
    assert_eq!(
        refused(json!({ "relayKeyId": scoped })).await.0,
        "missing_scope"
    );
}

async fn the_whole_catalog_comes_in_pages_the_reached_first(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "anthropic", "a").await;
    let rules = json!({ "models": { "allow": ["claude-*"] } });
    let first = ask(app, &tenant, json!({ "rules": rules, "limit": 200 })).await;
    let (reachable, total) = (first["reachable"].as_u64(), first["total"].as_u64());
    assert!(
        reachable > Some(3) && total > Some(500),
        "{reachable:?} of {total:?}"
    );
    let mut seen = Vec::new();
    let mut page = first;
    loop {
        let models = page["models"].as_array().expect("a list");
        seen.extend(models.iter().map(|model| model["allowed"] == true));
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        let body = json!({ "rules": rules, "limit": 200, "cursor": cursor });
        page = ask(app, &tenant, body).await;
    }
    assert_eq!(Some(seen.len() as u64), total);
    assert!(
        seen.is_sorted_by(|one, next| one >= next),
        "those that are reached first"
    );
    assert_eq!(
        Some(seen.iter().filter(|allowed| **allowed).count() as u64),
        reachable
    );
    // The same as the key itself is told.
    let key = app.key_under(&tenant, rules, json!({})).await;
    let listed = app
        .call(Method::GET, "/v1/models", &key, Value::Null)
        .await
        .json();
    let listed = listed["data"].as_array().expect("a list").len() as u64;
    assert_eq!(Some(listed), reachable);
    let some = ask(app, &tenant, json!({ "q": "HAIKU" })).await;
    let models = some["models"].as_array().expect("a list");
    assert!(!models.is_empty());
    for model in models {
        assert!(
            model["hosts"]
                .as_array()
                .is_some_and(|hosts| !hosts.is_empty()),
            "{model}"
        );
        assert_eq!(
            model["hosts"][0]["credentials"],
            Value::Null,
            "of one model only"
        );
    }
}

async fn a_question_that_cannot_be_is_refused(app: &TestApp) {
    let (tenant, other) = (app.tenant("acme").await, app.tenant("other").await);
    let theirs = key_id(app, &other).await;
    for (body, status, code) in [
        (json!({ "relayKeyId": theirs }), 404, "not_found"),
        (json!({ "policyId": "none" }), 404, "not_found"),
        (
            json!({ "policyId": "p", "rules": {} }),
            400,
            "invalid_request",
        ),
        (
            json!({ "rules": { "maxAttempts": 11 } }),
            400,
            "invalid_request",
        ),
        (json!({ "model": "" }), 400, "invalid_request"),
        (json!({ "user": "." }), 400, "invalid_request"),
        (json!({ "dialect": "smalltalk" }), 400, "invalid_request"),
        (json!({ "limit": 201 }), 400, "invalid_request"),
        (json!({ "cursor": "x" }), 400, "invalid_request"),
        (json!({ "modle": "x" }), 400, "invalid_json"),
    ] {
        let reply = app
            .call(Method::POST, "/v1/reach", &tenant.key, body.clone())
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{body}"
        );
    }
}
