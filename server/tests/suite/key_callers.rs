//! Who may call with a relay key: from which networks, and for which end user.

use reqwest::Method;
use serde_json::{Value, json};

use crate::key_settings::{PATH, is, made, patch, refused, told, works};
use crate::support::{Reply, TestApp, chat_body};

on_each_database!(
    a_key_is_refused_from_outside_its_networks,
    a_bound_key_calls_for_its_end_user_alone,
    a_bound_key_manages_nothing_and_issues_tokens_for_its_user_alone,
);

on_each_database!(
    with |config| config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    behind_a_trusted_proxy_the_address_before_it_counts,
);

async fn a_key_is_refused_from_outside_its_networks(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let inside = json!({ "name": "k", "sources": ["127.0.0.0/8"] });
    let key = made(app, &tenant, inside).await;
    assert_eq!(told(app, &key.bearer).await, works());
    let elsewhere = json!({ "sources": ["203.0.113.0/24", "2001:db8::/32"] });
    patch(app, &tenant, &key, elsewhere).await;
    assert_eq!(told(app, &key.bearer).await, is(403, "source_not_allowed"));
    // Nobody here is a proxy whose word counts.
    let request = app
        .request(Method::GET, "/v1/models")
        .bearer_auth(&key.bearer)
        .header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(
        refused(&Reply::of(request).await),
        is(403, "source_not_allowed")
    );
    // Managing keys are held to it as well.
    let body = json!({ "name": "k", "scopes": ["manage"], "sources": ["203.0.113.9"] });
    let key = made(app, &tenant, body).await;
    let reply = app.call(Method::GET, PATH, &key.bearer, Value::Null).await;
    assert_eq!(refused(&reply), is(403, "source_not_allowed"));
}

async fn behind_a_trusted_proxy_the_address_before_it_counts(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "name": "k", "sources": ["203.0.113.0/24"] });
    let key = made(app, &tenant, body).await;
    for (forwarded, answer) in [
        ("203.0.113.9", works()),
        ("203.0.113.9, 127.0.0.1", works()),
        ("198.51.100.7, 203.0.113.9", works()),
        ("203.0.113.9, 198.51.100.7", is(403, "source_not_allowed")),
        ("nonsense", is(403, "source_not_allowed")),
    ] {
        let request = app
            .request(Method::GET, "/v1/models")
            .bearer_auth(&key.bearer)
            .header("X-Forwarded-For", forwarded);
        assert_eq!(refused(&Reply::of(request).await), answer, "{forwarded}");
    }
    assert_eq!(told(app, &key.bearer).await, is(403, "source_not_allowed"));
}

async fn a_bound_key_calls_for_its_end_user_alone(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let adas = app.connect(&tenant, "ada", "openai").await;
    app.connect(&tenant, "bob", "openai").await;
    let body = json!({ "name": "cursor", "endUser": "ada", "userFromBody": true });
    let key = made(app, &tenant, body).await;
    assert_eq!(
        key.shown["scopes"],
        json!(["inference"]),
        "as usual for such a key"
    );
    let chat = async |bearer: &str, user: Option<&str>, more: Value| {
        let mut request = app
            .request(Method::POST, "/v1/chat/completions")
            .bearer_auth(bearer)
            .json(&chat_body("gpt-4o-mini", &more));
        if let Some(user) = user {
            request = request.header("X-Relay-User", user);
        }
        refused(&Reply::of(request).await)
    };
    let bearer = key.bearer.as_str();
    let suffixed = |label: &str| format!("{bearer}:user={label}");
    let bob = json!({ "user": "bob" });
    for (bearer, user, more) in [
        (bearer, None, json!({})),
        (bearer, Some("ada"), json!({})),
        (&suffixed("ada"), None, json!({})),
        // The request's own field is a label of the tool's, not a word on whose key it is.
        (bearer, None, bob.clone()),
    ] {
        app.sim.clear_received();
        assert_eq!(chat(bearer, user, more).await, works(), "{user:?}");
        let received = app.sim.received().pop().expect("the chat call");
        let with = format!("Bearer {adas}");
        assert_eq!(received.header("authorization"), Some(with.as_str()));
    }
    app.sim.clear_received();
    for (bearer, user) in [
        (bearer, Some("bob")),
        (&suffixed("bob"), None),
        (&suffixed("bob"), Some("bob")),
    ] {
        let answer = chat(bearer, user, json!({})).await;
        assert_eq!(answer, is(403, "end_user_bound"), "{user:?}");
    }
    assert!(app.sim.received().is_empty(), "no provider was called");
}

async fn a_bound_key_manages_nothing_and_issues_tokens_for_its_user_alone(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "name": "k", "endUser": "ada", "scopes": ["inference", "manage"] });
    let reply = app.call(Method::POST, PATH, &tenant.key, body).await;
    assert_eq!(refused(&reply), is(400, "invalid_request"));
    assert!(reply.text.contains("`scopes`"), "{}", reply.text);
    let body = json!({ "name": "k", "endUser": "ada", "scopes": ["tokens"] });
    let key = made(app, &tenant, body).await;
    for (label, answer) in [("ada", is(201, "")), ("bob", is(403, "end_user_bound"))] {
        let body = json!({ "endUserLabel": label });
        let path = "/v1/registration-tokens";
        let reply = app.call(Method::POST, path, &key.bearer, body).await;
        assert_eq!(refused(&reply), answer, "{label}");
    }
}
