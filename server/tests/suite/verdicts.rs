//! What the provider says of a pasted key, and what becomes of the key and its token then.

use std::time::Duration;

use relay_provider_sim::Reply as Scripted;
use relay_server::config::Config;
use reqwest::Method;
use serde_json::json;

use crate::support::{Kind, Reply, Tenant, TestApp};
use crate::widget::{SUBMIT, connected, submit};

on_each_database!(
    a_key_that_its_provider_refuses_is_not_stored_and_may_be_replaced,
    a_key_that_may_not_be_checked_is_stored_as_limited,
    a_key_that_is_asked_to_wait_is_accepted,
    a_provider_that_fails_stores_nothing_and_the_token_stays_good,
    a_provider_that_redirects_is_not_followed,
    the_check_carries_the_key_alone_where_each_provider_wants_it,
    a_refused_key_leaves_the_connected_one_in_place,
);

/// Submits with this token until it works, and checks that nothing was stored before.
async fn still_connects(app: &TestApp, tenant: &Tenant, token: &str, provider: &str) {
    assert!(
        connected(app, tenant, "ada").await.is_empty(),
        "{provider}: nothing is stored"
    );
    let reply = submit(app, token, provider, &app.provider_key(provider)).await;
    assert_eq!(reply.status, 201, "{provider}: {}", reply.text);
    let path = "/v1/users/ada";
    let reply = app
        .call(Method::DELETE, path, &tenant.key, serde_json::Value::Null)
        .await;
    assert_eq!(reply.status, 204, "{}", reply.text);
}

async fn a_key_that_its_provider_refuses_is_not_stored_and_may_be_replaced(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    // OpenAI and Anthropic answer 401, Google 400 with API_KEY_INVALID.
    for (provider, name) in [
        ("openai", "OpenAI"),
        ("anthropic", "Anthropic"),
        ("google", "Google"),
    ] {
        let token = app.registration_token(&tenant, "ada").await;
        let key = app.unknown_provider_key(provider);
        let reply = submit(app, &token, provider, &key).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "key_refused"),
            "{provider}"
        );
        assert!(
            reply.text.contains(name),
            "it says who refused: {}",
            reply.text
        );
        still_connects(app, &tenant, &token, provider).await;
    }
}

async fn a_key_that_may_not_be_checked_is_stored_as_limited(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in [
        ("openai", "gpt-4o-mini"),
        ("anthropic", "claude-sonnet-4-5"),
        ("google", "gemini-2.5-flash"),
    ] {
        let token = app.registration_token(&tenant, "ada").await;
        app.sim.script(
            provider,
            Scripted::error(403, "no listing for you").on("/models"),
        );
        let reply = submit(app, &token, provider, &app.provider_key(provider)).await;
        assert_eq!(reply.status, 201, "{provider}: {}", reply.text);
        assert_eq!(reply.json()["status"], "limited", "{provider}");
        let reply = app.chat(&tenant, "ada", model, json!({})).await;
        assert_eq!(reply.status, 200, "it may do other calls: {}", reply.text);
    }
}

async fn a_key_that_is_asked_to_wait_is_accepted(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    app.sim
        .script("openai", Scripted::error(429, "slow down").on("/models"));
    let reply = submit(app, &token, "openai", &app.provider_key("openai")).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.json()["status"], "active");
}

async fn a_provider_that_fails_stores_nothing_and_the_token_stays_good(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for provider in ["openai", "anthropic", "google"] {
        let token = app.registration_token(&tenant, "ada").await;
        let key = app.provider_key(provider);
        for failure in [
            Scripted::error(500, "oops"),
            Scripted::error(503, "overloaded"),
            Scripted::raw(502, "<html>bad gateway</html>"),
            Scripted::reset(),
        ] {
            app.sim.script(provider, failure.on("/models"));
            let reply = submit(app, &token, provider, &key).await;
            let refused = (reply.status, reply.code());
            assert_eq!(
                refused,
                (502, "provider_unreachable".to_owned()),
                "{provider}"
            );
            assert!(reply.text.contains("try again"), "{}", reply.text);
            for detail in ["oops", "overloaded", "html", "127.0.0.1", "http"] {
                assert!(!reply.text.contains(detail), "no detail: {}", reply.text);
            }
        }
        still_connects(app, &tenant, &token, provider).await;
    }
}

async fn a_provider_that_redirects_is_not_followed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    let elsewhere = format!("{}/models", app.sim.anthropic_url());
    let redirect = Scripted::raw(302, "").header("location", elsewhere);
    app.sim.script("openai", redirect.on("/models"));
    let reply = submit(app, &token, "openai", &app.provider_key("openai")).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (502, "provider_unreachable")
    );
    assert_eq!(app.sim.received().len(), 1, "the key went nowhere else");
    still_connects(app, &tenant, &token, "openai").await;
}

async fn the_check_carries_the_key_alone_where_each_provider_wants_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, header) in [
        ("openai", "authorization"),
        ("anthropic", "x-api-key"),
        ("google", "x-goog-api-key"),
    ] {
        app.sim.clear_received();
        let token = app.registration_token(&tenant, "ada").await;
        let key = app.provider_key(provider);
        // A browser's headers, and those of an app that mixes things up.
        let request = app
            .request(Method::POST, SUBMIT)
            .bearer_auth(&token)
            .header("Cookie", "relay_session=secret; theirs=too")
            .header("X-Relay-User", "somebody")
            .header("X-Relay-Paid", "true")
            .header("Origin", "https://app.example.com")
            .header("Referer", "https://app.example.com/page")
            .header("X-Forwarded-For", "203.0.113.9")
            .header("X-Custom", "theirs")
            .json(&json!({ "provider": provider, "apiKey": key }));
        let reply = Reply::of(request).await;
        assert_eq!(reply.status, 201, "{provider}: {}", reply.text);

        let received = app.sim.received();
        assert_eq!(received.len(), 1, "{provider}: one cheap call");
        let check = &received[0];
        assert_eq!(check.method, "GET", "{provider}");
        assert!(check.body.is_empty(), "{provider}");
        let query = check.query.as_deref().unwrap_or_default();
        assert!(!query.contains("key"), "{provider}: ?{query}");
        let holding: Vec<_> = check
            .headers
            .iter()
            .filter(|(_, value)| value.contains(key.as_str()))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(holding, [header], "{provider}: the key is in one header");
        let own = ["host", "accept", "user-agent", "anthropic-version", header];
        for (name, value) in &check.headers {
            assert!(
                own.contains(&name.as_str()),
                "{provider}: {name}: {value} went out"
            );
            assert!(
                !value.contains(token.as_str()),
                "{provider}: {name} holds the token"
            );
        }
    }
}

async fn a_refused_key_leaves_the_connected_one_in_place(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.connect(&tenant, "ada", "openai").await;
    let token = app.registration_token(&tenant, "ada").await;
    let refused = app.unknown_provider_key("openai");
    assert_eq!(submit(app, &token, "openai", &refused).await.status, 422);
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let last = app.sim.received().pop().expect("the chat call");
    assert_eq!(
        last.header("authorization"),
        Some(format!("Bearer {key}").as_str())
    );
}

mod a_provider_that_says_nothing_is_given_up {
    use super::{Kind, TestApp, impatient};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        let app = TestApp::start_with(Kind::Sqlite, impatient).await;
        super::hangs(&app).await;
        app.finish().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        let app = TestApp::start_with(Kind::Postgres, impatient).await;
        super::hangs(&app).await;
        app.finish().await;
    }
}

fn impatient(config: &mut Config) {
    config.check_timeout = Duration::from_millis(100);
}

async fn hangs(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    app.sim.script("openai", Scripted::hang().on("/models"));
    let reply = submit(app, &token, "openai", &app.provider_key("openai")).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (502, "provider_unreachable")
    );
    assert!(
        connected(app, &tenant, "ada").await.is_empty(),
        "nothing is stored"
    );
    let reply = crate::widget::session(app, &token).await;
    assert_eq!(reply.status, 200, "the token is still good: {}", reply.text);
}
