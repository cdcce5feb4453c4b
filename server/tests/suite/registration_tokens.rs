//! `POST /v1/registration-tokens`

use std::time::Duration;

use relay_api::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

const PATH: &str = "/v1/registration-tokens";

on_each_database!(
    a_token_lives_fifteen_minutes_unless_told_otherwise,
    a_life_of_one_to_sixty_minutes_is_accepted_in_either_form,
    a_life_outside_one_to_sixty_minutes_is_refused_by_name,
    a_token_stops_working_when_it_expires,
    a_token_locked_to_a_provider_connects_no_other,
    an_unknown_provider_is_refused_and_the_known_ones_are_named,
    a_token_for_named_origins_works_from_their_pages_only,
    an_origin_that_is_none_is_refused_by_name,
    a_label_must_be_sendable,
    issuing_needs_the_scope_tokens,
    bad_json_is_refused_without_repeating_it,
);

async fn issue(app: &TestApp, key: &str, body: Value) -> Reply {
    app.call(Method::POST, PATH, key, body).await
}

async fn issued(app: &TestApp, key: &str, body: Value) -> String {
    let reply = issue(app, key, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["registrationToken"]
        .as_str()
        .expect("a token")
        .to_owned()
}

async fn session(app: &TestApp, token: &str) -> Reply {
    app.call(Method::GET, "/v1/widget/session", token, Value::Null)
        .await
}

async fn a_token_lives_fifteen_minutes_unless_told_otherwise(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let reply = issue(app, &tenant.key, json!({ "endUserLabel": "ada" })).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.json()["expiresAt"], "2023-11-14T22:28:20.000Z");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

async fn a_life_of_one_to_sixty_minutes_is_accepted_in_either_form(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (life, expires_at) in [
        (json!(1), "2023-11-14T22:14:20.000Z"),
        (json!(60), "2023-11-14T23:13:20.000Z"),
        (json!("15m"), "2023-11-14T22:28:20.000Z"),
        (json!("90s"), "2023-11-14T22:14:50.000Z"),
        (json!("1h"), "2023-11-14T23:13:20.000Z"),
    ] {
        let body = json!({ "endUserLabel": "ada", "expiresIn": life });
        let reply = issue(app, &tenant.key, body).await;
        assert_eq!(reply.status, 201, "{life}: {}", reply.text);
        assert_eq!(reply.json()["expiresAt"], expires_at, "{life}");
    }
}

async fn a_life_outside_one_to_sixty_minutes_is_refused_by_name(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for life in [
        json!(0),
        json!(61),
        json!("59s"),
        json!("61m"),
        json!("2h"),
        json!("99999999999999999999d"),
        json!("soon"),
        json!("15"),
        json!(""),
    ] {
        let body = json!({ "endUserLabel": "ada", "expiresIn": life });
        let reply = issue(app, &tenant.key, body).await;
        assert_eq!(reply.status, 400, "{life}: {}", reply.text);
        assert_eq!(reply.code(), "invalid_request", "{life}");
        let message = reply.json()["error"]["message"].to_string();
        assert!(
            message.contains("`expiresIn` must be 1 to 60 minutes"),
            "{message}"
        );
    }
    for life in [json!(-5), json!(1.5), json!(["15m"])] {
        let body = json!({ "endUserLabel": "ada", "expiresIn": life });
        let reply = issue(app, &tenant.key, body).await;
        assert_eq!(reply.status, 400, "{life}: {}", reply.text);
    }
}

async fn a_token_stops_working_when_it_expires(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "endUserLabel": "ada", "expiresIn": 2 });
    let token = issued(app, &tenant.key, body).await;
    app.clock.advance(Duration::from_secs(119));
    assert_eq!(session(app, &token).await.status, 200);
    app.clock.advance(Duration::from_secs(1));
    let reply = session(app, &token).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "token_expired")
    );
    let key = app.provider_key("openai");
    let submitted = json!({ "provider": "openai", "apiKey": key });
    let reply = app
        .call(Method::POST, "/v1/widget/credentials", &token, submitted)
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "token_expired")
    );
    assert!(app.sim.received().is_empty(), "no provider was asked");
}

async fn a_token_locked_to_a_provider_connects_no_other(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "endUserLabel": "ada", "provider": "anthropic" });
    let token = issued(app, &tenant.key, body).await;
    let shown = session(app, &token).await.json();
    assert_eq!(shown["provider"], "anthropic");
    let providers = shown["providers"].as_array().expect("a list");
    assert_eq!(providers.len(), 1);
    assert_eq!(providers[0]["id"], "anthropic");

    let other = json!({ "provider": "openai", "apiKey": app.provider_key("openai") });
    let path = "/v1/widget/credentials";
    let reply = app.call(Method::POST, path, &token, other).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "provider_locked")
    );
    assert!(app.sim.received().is_empty(), "no provider was asked");

    let own = json!({ "provider": "anthropic", "apiKey": app.provider_key("anthropic") });
    let reply = app.call(Method::POST, path, &token, own).await;
    assert_eq!(reply.status, 201, "the token is still good: {}", reply.text);
}

async fn an_unknown_provider_is_refused_and_the_known_ones_are_named(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "endUserLabel": "ada", "provider": "closedai" });
    let reply = issue(app, &tenant.key, body).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "unknown_provider")
    );
    for known in ["openai", "anthropic", "google"] {
        assert!(reply.text.contains(known), "{}", reply.text);
    }
}

async fn a_token_for_named_origins_works_from_their_pages_only(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    // As people write them: upper case, the default port, a slash at the end.
    let body = json!({
        "endUserLabel": "ada",
        "allowedOrigins": ["https://App.Example.com:443/", "http://localhost:5173"],
    });
    let token = issued(app, &tenant.key, body).await;
    let from = async |origin: Option<&str>| {
        let mut request = app
            .request(Method::GET, "/v1/widget/session")
            .bearer_auth(&token);
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        Reply::of(request).await
    };
    let own_page = app.service.config.public_url.clone();
    for origin in [
        "https://app.example.com",
        "http://localhost:5173",
        &own_page,
    ] {
        assert_eq!(from(Some(origin)).await.status, 200, "{origin}");
    }
    for origin in [
        Some("https://evil.example"),
        Some("http://app.example.com"),
        Some("https://app.example.com.evil.example"),
        Some("null"),
        None,
    ] {
        let reply = from(origin).await;
        let refused = (reply.status, reply.code());
        assert_eq!(
            refused,
            (403, "origin_not_allowed".to_owned()),
            "{origin:?}"
        );
    }
}

async fn an_origin_that_is_none_is_refused_by_name(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let too_many: Vec<String> = (0..21).map(|n| format!("https://a{n}.example")).collect();
    for origins in [
        json!([]),
        json!(["app.example.com"]),
        json!(["https://app.example.com/widget"]),
        json!(["https://app.example.com?x=1"]),
        json!(["https://user@app.example.com"]),
        json!(["file:///tmp/page.html"]),
        json!(["*"]),
        json!(too_many),
    ] {
        let body = json!({ "endUserLabel": "ada", "allowedOrigins": origins });
        let reply = issue(app, &tenant.key, body).await;
        assert_eq!(reply.status, 400, "{origins}: {}", reply.text);
        assert!(reply.text.contains("`allowedOrigins`"), "{}", reply.text);
    }
}

async fn a_label_must_be_sendable(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let longest = "x".repeat(256);
    for label in ["ada", "이용자 7", "a/b?c#d%", longest.as_str()] {
        issued(app, &tenant.key, json!({ "endUserLabel": label })).await;
    }
    let too_long = "x".repeat(257);
    for label in ["", "  ", "a\nb", ".", "..", "a\u{0}b", too_long.as_str()] {
        let reply = issue(app, &tenant.key, json!({ "endUserLabel": label })).await;
        assert_eq!(reply.status, 400, "{label:?}: {}", reply.text);
        assert!(reply.text.contains("`endUserLabel`"), "{}", reply.text);
    }
}

async fn issuing_needs_the_scope_tokens(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "endUserLabel": "ada" });
    let others = app
        .relay_key(&tenant.id, &[Scope::Inference, Scope::Manage])
        .await;
    let reply = issue(app, &others, body.clone()).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "missing_scope")
    );
    assert!(reply.text.contains("`tokens`"), "{}", reply.text);
    let tokens = app.relay_key(&tenant.id, &[Scope::Tokens]).await;
    assert_eq!(issue(app, &tokens, body).await.status, 201);
}

async fn bad_json_is_refused_without_repeating_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    // `Reply` fails on any answer that holds a provider key.
    let key = app.unknown_provider_key("openai");
    for body in [
        format!("{{\"endUserLabel\": \"ada\" \"{key}\"}}"),
        format!("{{\"endUserLabel\": [\"{key}\"]}}"),
        format!("{{\"endUserLabel\": \"ada\", \"expiresIn\": {{\"{key}\": 1}}}}"),
        format!("{{\"endUserLabel\": \"ada\", \"{key}\": 1}}"),
        format!("{{\"endUserLabel\": \"ada\", \"provider\": \"{key}\"}}"),
        format!("{{\"endUserLabel\": \"ada\", \"expiresIn\": \"{key}\"}}"),
        format!("{{\"endUserLabel\": \"ada\", \"allowedOrigins\": [\"{key}\"]}}"),
        format!("\"{key}\""),
        key.clone(),
    ] {
        let request = app
            .request(Method::POST, PATH)
            .bearer_auth(&tenant.key)
            .header("Content-Type", "application/json")
            .body(body);
        let reply = Reply::of(request).await;
        assert_eq!(reply.status, 400, "{}", reply.text);
    }
    let typo = json!({ "endUserLabel": "ada", "expireIn": 5 });
    let reply = issue(app, &tenant.key, typo).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_json"));
    assert!(
        reply.text.contains("`expireIn`") && reply.text.contains("`expiresIn`"),
        "a typo is named, with what was expected: {}",
        reply.text
    );
}
