//! What passes through where both sides speak the same dialect, and what does not.

use relay_provider_sim::Reply as Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    a_stream_tells_relay_its_usage_and_the_caller_only_if_it_asked,
    a_provider_is_told_which_of_its_features_are_asked_for,
    a_providers_limits_come_with_its_errors,
    a_response_that_openai_keeps_is_read_cancelled_and_deleted_there,
    what_openai_keeps_is_refused_by_name_elsewhere,
    a_model_that_serves_responses_only_is_asked_in_responses,
    an_array_of_googles_is_closed_behind_an_error,
    what_another_provider_signed_is_left_out_of_what_passes,
);

async fn connected(app: &TestApp) -> Tenant {
    let tenant = app.tenant("acme").await;
    for provider in ["openai", "anthropic", "google"] {
        app.connect(&tenant, "ada", provider).await;
    }
    app.sim.clear_received();
    tenant
}

async fn post(app: &TestApp, tenant: &Tenant, path: &str, body: &Value) -> Reply {
    let request = app.request(Method::POST, path).bearer_auth(&tenant.key);
    Reply::of(request.header("X-Relay-User", "ada").json(body)).await
}

async fn a_stream_tells_relay_its_usage_and_the_caller_only_if_it_asked(app: &TestApp) {
    let tenant = connected(app).await;
    for (asked, told) in [(json!({}), 0), (json!({ "include_usage": true }), 1)] {
        let body = json!({
            "model": "openai:gpt-4o-mini", "stream": true, "stream_options": asked,
            "messages": [{ "role": "user", "content": "one two three" }],
        });
        let reply = post(app, &tenant, "/v1/chat/completions", &body).await;
        let events = reply.events();
        let extra = events.iter().filter(|event| event["choices"] == json!([]));
        assert_eq!(extra.count(), told, "{}", reply.text);
        assert!(reply.text.ends_with("data: [DONE]\n\n"), "{}", reply.text);
        let row = app.ended_requests(&tenant).await.remove(0);
        assert_eq!(row.input_tokens, Some(3), "{asked}");
    }
    for received in app.sim.received() {
        assert_eq!(
            received.json()["stream_options"],
            json!({ "include_usage": true })
        );
    }
}

async fn a_provider_is_told_which_of_its_features_are_asked_for(app: &TestApp) {
    let tenant = connected(app).await;
    let body = |model: &str| {
        json!({ "model": model, "max_tokens": 9,
                "messages": [{ "role": "user", "content": "hi" }] })
    };
    for (model, passed) in [
        ("claude-sonnet-4-5", Some("a-2025,b-2026")),
        ("gpt-4o-mini", None),
    ] {
        app.sim.clear_received();
        let request = app
            .request(Method::POST, "/v1/messages?beta=true")
            .header("x-api-key", &tenant.key)
            .header("X-Relay-User", "ada")
            .header("anthropic-version", "2023-06-01")
            .header("anthropic-beta", "a-2025,b-2026")
            .header("x-stainless-lang", "js");
        let reply = Reply::of(request.json(&body(model))).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let received = app.sim.received().remove(0);
        assert_eq!(received.header("anthropic-beta"), passed, "{model}");
        assert_eq!(received.header("x-stainless-lang"), None, "{model}");
        assert_eq!(
            received.header("anthropic-version").is_some(),
            passed.is_some()
        );
    }
}

async fn a_providers_limits_come_with_its_errors(app: &TestApp) {
    let tenant = connected(app).await;
    for (provider, model) in [
        ("openai", "gpt-4o-mini"),
        ("anthropic", "claude-sonnet-4-5"),
    ] {
        let script = Script::rate_limited(7)
            .header("x-ratelimit-remaining-tokens", "0")
            .header("anthropic-ratelimit-tokens-remaining", "0")
            .header("set-cookie", "a=b");
        app.sim.script(provider, script);
        let body = json!({ "model": model, "messages": [{ "role": "user", "content": "hi" }] });
        let reply = post(app, &tenant, "/v1/chat/completions", &body).await;
        assert_eq!(reply.status, 429, "{}", reply.text);
        assert_eq!(reply.header("retry-after"), Some("7"));
        assert_eq!(reply.header("x-ratelimit-remaining-tokens"), Some("0"));
        assert_eq!(
            reply.header("anthropic-ratelimit-tokens-remaining"),
            Some("0")
        );
        assert_eq!(reply.header("set-cookie"), None);
    }
}

async fn a_response_that_openai_keeps_is_read_cancelled_and_deleted_there(app: &TestApp) {
    let tenant = connected(app).await;
    let body = json!({ "model": "gpt-4o-mini", "input": "hi", "store": true });
    let made = post(app, &tenant, "/v1/responses", &body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json();
    let id = made["id"].as_str().expect("an id");
    let next = json!({ "model": "gpt-4o-mini", "input": "more", "previous_response_id": id });
    let next = post(app, &tenant, "/v1/responses", &next).await;
    assert_eq!(next.status, 200, "{}", next.text);
    let call = async |method: Method, path: &str| {
        let request = app.request(method, path).bearer_auth(&tenant.key);
        Reply::of(request.header("X-Relay-User", "ada")).await
    };
    let path = format!("/v1/responses/{id}");
    let read = call(Method::GET, &path).await;
    assert_eq!((read.status, &read.json()["id"]), (200, &made["id"]));
    let items = call(Method::GET, &format!("/openai{path}/input_items?limit=5")).await;
    assert_eq!(items.status, 200, "{}", items.text);
    let deleted = call(Method::DELETE, &path).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(call(Method::GET, &path).await.status, 404);
    assert_eq!(
        call(Method::GET, "/v1/responses/..%2Fmodels").await.status,
        404
    );
    // Another user has no key, and so none of this user's responses.
    let request = app.request(Method::GET, &path).bearer_auth(&tenant.key);
    let other = Reply::of(request.header("X-Relay-User", "bob")).await;
    assert_eq!(other.code(), "user_not_connected");
}

async fn what_openai_keeps_is_refused_by_name_elsewhere(app: &TestApp) {
    let tenant = connected(app).await;
    for (field, value) in [
        ("previous_response_id", json!("resp_1")),
        ("background", json!(true)),
        ("store", json!(true)),
    ] {
        for model in ["claude-sonnet-4-5", "gemini-2.5-flash"] {
            let mut body = json!({ "model": model, "input": "hi" });
            body[field] = value.clone();
            let reply = post(app, &tenant, "/v1/responses", &body).await;
            assert_eq!(reply.status, 400, "{field} {model}: {}", reply.text);
            assert_eq!(reply.json()["error"]["param"], field, "{model}");
        }
    }
    assert_eq!(app.sim.received().len(), 0);
}

async fn a_model_that_serves_responses_only_is_asked_in_responses(app: &TestApp) {
    let tenant = connected(app).await;
    for stream in [false, true] {
        app.sim.clear_received();
        let body = json!({ "model": "gpt-5-pro", "stream": stream,
                           "messages": [{ "role": "user", "content": "hi" }] });
        let reply = post(app, &tenant, "/v1/chat/completions", &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let received = app.sim.received().remove(0);
        assert!(received.path.ends_with("/responses"), "{}", received.path);
    }
}

async fn an_array_of_googles_is_closed_behind_an_error(app: &TestApp) {
    let tenant = connected(app).await;
    let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }] });
    for (provider, model) in [
        ("google", "gemini-2.5-flash"),
        ("openai", "gpt-4o-mini"),
        ("anthropic", "claude-sonnet-4-5"),
    ] {
        let path = format!("/v1beta/models/{model}:streamGenerateContent");
        let whole = post(app, &tenant, &path, &body).await.json();
        let whole = whole.as_array().expect("an array");
        assert!(
            whole.iter().all(|item| item.get("error").is_none()),
            "{model}"
        );
        app.sim.script(provider, Script::usual().cut_after(2));
        let cut = post(app, &tenant, &path, &body).await.json();
        let last = cut
            .as_array()
            .and_then(|items| items.last())
            .expect("items");
        assert_eq!(last["error"]["code"], 502, "{model}: {cut}");
    }
}

async fn what_another_provider_signed_is_left_out_of_what_passes(app: &TestApp) {
    let tenant = connected(app).await;
    let ask = |messages: Value| {
        json!({ "messages": messages, "max_tokens": 3000,
                "thinking": { "type": "enabled", "budget_tokens": 2000 } })
    };
    app.sim.script("openai", Script::usual().thinking("hm"));
    let mut first = ask(json!([{ "role": "user", "content": "hi" }]));
    first["model"] = json!("gpt-5");
    let first = post(app, &tenant, "/v1/messages", &first).await;
    let content = first.json()["content"].clone();
    assert!(first.text.contains("cmVsYXk6"), "wrapped: {content}");
    app.sim.clear_received();
    let mut next = ask(json!([
        { "role": "user", "content": "hi" },
        { "role": "assistant", "content": content },
        { "role": "user", "content": "and now" },
    ]));
    next["model"] = json!("claude-sonnet-4-5");
    let next = post(app, &tenant, "/v1/messages", &next).await;
    assert_eq!(next.status, 200, "{}", next.text);
    let sent = app.sim.received().remove(0).json();
    assert_eq!(sent["messages"].as_array().map(Vec::len), Some(3), "{sent}");
    assert!(!sent.to_string().contains("cmVsYXk6"), "{sent}");
}
