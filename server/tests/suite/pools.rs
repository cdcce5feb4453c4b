//! Several keys behind one relay key: calls go round the dead, the throttled and the slow, and the
//! trace tells why.

use std::time::Duration;

use relay_provider_sim::Reply as Script;
use reqwest::Method;
use serde_json::json;

use crate::support::{Reply, Tenant, TestApp, chat_body};

on_each_database!(
    three_keys_carry_thirty_calls_that_one_alone_could_not,
    a_dead_a_throttled_and_a_failing_key_fail_nobody,
    a_key_that_its_provider_takes_again_returns_by_itself,
    the_callers_fault_is_nobody_elses_to_try,
    a_stream_fails_over_until_its_first_byte,
);

const MODEL: &str = "gpt-4o-mini";

/// More keys for OpenAI in the tenant's pool.
async fn pool(app: &TestApp, tenant: &Tenant, names: &[&str]) -> Vec<String> {
    let mut keys = Vec::new();
    for name in names {
        keys.push(app.pool_key(tenant, "openai", name).await);
    }
    keys
}

async fn chat(app: &TestApp, tenant: &Tenant) -> Reply {
    let body = chat_body(MODEL, &json!({}));
    app.call(Method::POST, "/v1/chat/completions", &tenant.key, body)
        .await
}

/// How often each key was sent to the provider since the last look.
fn sent(app: &TestApp, keys: &[String]) -> Vec<usize> {
    let received = app.sim.received();
    app.sim.clear_received();
    let with = |key: &String| {
        let bearer = format!("Bearer {key}");
        let authorized = received
            .iter()
            .filter_map(|sent| sent.header("authorization"));
        authorized.filter(|header| *header == bearer).count()
    };
    keys.iter().map(with).collect()
}

/// What became of each candidate of the newest request: `name outcome/reason`.
async fn trace(app: &TestApp, tenant: &Tenant) -> Vec<String> {
    let row = app.ended_requests(tenant).await.remove(0);
    let attempts = row.trace.attempts.iter().map(|attempt| {
        let name = attempt.credential.clone().unwrap_or_default();
        let reason = attempt.reason.as_deref().unwrap_or("-");
        format!("{name} {}/{reason}", attempt.outcome.word())
    });
    attempts.collect()
}

async fn three_keys_carry_thirty_calls_that_one_alone_could_not(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let keys = pool(app, &tenant, &["a", "b", "c"]).await;
    for key in &keys {
        // Ten requests a minute, and not one more.
        app.sim
            .script("openai", Script::usual().with_key(key).times(10));
        app.sim
            .script("openai", Script::rate_limited(60).with_key(key).always());
    }
    for call in 0..30 {
        let reply = chat(app, &tenant).await;
        assert_eq!(reply.status, 200, "call {call}: {}", reply.text);
    }
    // Each was asked once too often, but the last.
    assert_eq!(sent(app, &keys), [11, 11, 10]);
    let reply = chat(app, &tenant).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (429, "rate_limit_exceeded")
    );
    let reply = chat(app, &tenant).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (429, "providers_busy")
    );
    assert_eq!(reply.header("retry-after"), Some("60"));
    let skipped = [
        "a skipped/rate-limit",
        "b skipped/rate-limit",
        "c skipped/rate-limit",
    ];
    assert_eq!(trace(app, &tenant).await, skipped);
    app.sim.clear_scripts();
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(chat(app, &tenant).await.status, 200);
}

async fn a_dead_a_throttled_and_a_failing_key_fail_nobody(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let keys = pool(
        app,
        &tenant,
        &["a-dead", "b-throttled", "c-failing", "d-well"],
    )
    .await;
    app.sim.refuse_key("openai", &keys[0]);
    app.sim.script(
        "openai",
        Script::rate_limited(2).with_key(&keys[1]).always(),
    );
    app.sim.script(
        "openai",
        Script::error(503, "Later.").with_key(&keys[2]).always(),
    );
    for _ in 0..5 {
        let reply = chat(app, &tenant).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    // The dead and the throttled were asked once; the failing until three failures in a row.
    assert_eq!(sent(app, &keys), [1, 1, 3, 5]);
    let told = [
        "a-dead skipped/auth",
        "b-throttled skipped/rate-limit",
        "c-failing skipped/server-error",
        "d-well success/-",
    ];
    assert_eq!(trace(app, &tenant).await, told);
    // After two seconds the throttled one is asked again, once; it says the same.
    app.clock.advance(Duration::from_secs(2));
    for _ in 0..2 {
        assert_eq!(chat(app, &tenant).await.status, 200);
    }
    assert_eq!(sent(app, &keys), [0, 1, 0, 2]);
}

async fn a_key_that_its_provider_takes_again_returns_by_itself(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let keys = pool(app, &tenant, &["a", "b"]).await;
    app.sim.refuse_key("openai", &keys[0]);
    assert_eq!(chat(app, &tenant).await.status, 200);
    assert_eq!(app.service.gateway.heal().await, 0, "not yet");
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(app.service.gateway.heal().await, 0, "still refused");
    app.sim.allow_key("openai", &keys[0]);
    assert_eq!(
        app.service.gateway.heal().await,
        0,
        "its next time has not come"
    );
    app.clock.advance(Duration::from_secs(20));
    assert_eq!(app.service.gateway.heal().await, 1);
    sent(app, &keys);
    assert_eq!(chat(app, &tenant).await.status, 200);
    assert_eq!(sent(app, &keys), [1, 0], "it serves again");
}

async fn the_callers_fault_is_nobody_elses_to_try(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let keys = pool(app, &tenant, &["a", "b"]).await;
    for status in [400, 404, 413, 422] {
        app.sim.script("openai", Script::error(status, "Yours."));
        let reply = chat(app, &tenant).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        assert_eq!(sent(app, &keys), [1, 0], "{status}");
    }
    assert_eq!(chat(app, &tenant).await.status, 200);
    assert_eq!(sent(app, &keys), [1, 0], "it trips nothing");
}

async fn a_stream_fails_over_until_its_first_byte(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let keys = pool(app, &tenant, &["a", "b"]).await;
    for broken in [Script::reset(), Script::close(), Script::error(500, "No.")] {
        app.sim.script("openai", broken.with_key(&keys[0]));
        let body = chat_body(MODEL, &json!({ "stream": true }));
        let reply = app
            .call(Method::POST, "/v1/chat/completions", &tenant.key, body)
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert!(reply.text.ends_with("data: [DONE]\n\n"), "{}", reply.text);
        let trace = trace(app, &tenant).await;
        assert_eq!(trace.len(), 2, "{trace:?}");
        assert_eq!(trace[1], "b success/-");
        app.clock.advance(Duration::from_mins(10));
        // A well answer in between, so that the failures are not in a row.
        assert_eq!(chat(app, &tenant).await.status, 200);
    }
}
