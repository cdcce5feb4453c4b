//! Limits and quotas as callers meet them.

use std::time::Duration;

use futures_util::future::join_all;
use relay_provider_sim::Reply as Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{OpenStream, Reply, Tenant, TestApp, chat_body};

on_each_database!(
    a_reached_limit_says_which_and_when_to_come_back,
    each_user_and_the_free_tier_are_counted_apart,
    a_full_credential_makes_room_for_the_next,
    calls_at_once_are_bounded_and_a_broken_call_leaves_its_place,
    a_quota_of_dollars_is_overspent_by_calls_in_flight_at_most,
    a_failed_call_costs_no_quota,
    a_quota_survives_a_restart_and_ends_with_the_month,
    hanging_up_early_is_no_way_around_a_limit,
);

async fn chat(app: &TestApp, key: &str) -> Reply {
    chat_with(app, key, &[]).await
}

async fn chat_with(app: &TestApp, key: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = app
        .request(Method::POST, "/v1/chat/completions")
        .bearer_auth(key)
        .json(&chat_body("gpt-4o-mini", &json!({})));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Reply::of(request).await
}

async fn tenant_with_a_key(app: &TestApp) -> Tenant {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "default").await;
    tenant
}

async fn a_reached_limit_says_which_and_when_to_come_back(app: &TestApp) {
    let tenant = tenant_with_a_key(app).await;
    let limit =
        json!({ "metric": "requests", "per": "minute", "amount": 2, "algorithm": "fixed-window" });
    let settings = json!({ "limits": [limit] });
    let key = app.key_under(&tenant, json!({}), settings).await;
    for _ in 0..2 {
        assert_eq!(chat(app, &key).await.status, 200);
    }
    let reply = chat(app, &key).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (429, "limit_reached")
    );
    let told = "requests per minute of this relay key";
    assert!(reply.text.contains(told), "{}", reply.text);
    assert_eq!(reply.header("x-ratelimit-limit"), Some("2"));
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(
        reply.header("x-relay-limit"),
        Some("relay-key requests/minute")
    );
    let wait: u64 = reply
        .header("retry-after")
        .and_then(|wait| wait.parse().ok())
        .expect("a number of seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    let row = app.ended_requests(&tenant).await.remove(0);
    assert_eq!(row.error_category.as_deref(), Some("limit"));
    app.clock.advance(Duration::from_secs(wait));
    assert_eq!(chat(app, &key).await.status, 200);
}

async fn each_user_and_the_free_tier_are_counted_apart(app: &TestApp) {
    let tenant = tenant_with_a_key(app).await;
    let limits = json!([
        { "on": "user", "metric": "requests", "per": "hour", "amount": 2 },
        { "on": "free-user", "metric": "requests", "per": "hour", "amount": 1 },
    ]);
    let rules = json!({ "keys": "pool", "limits": limits });
    let key = app.key_under(&tenant, rules, Value::Null).await;
    let user = |name| ("x-relay-user", name);
    for (headers, statuses) in [
        (vec![user("ada")], vec![200, 200, 429]),
        (vec![user("bea")], vec![200, 200, 429]),
        (
            vec![user("cleo"), ("x-relay-paid", "false")],
            vec![200, 429],
        ),
        (
            vec![user("dora"), ("x-relay-paid", "true")],
            vec![200, 200, 429],
        ),
        (vec![], vec![200, 200, 200]),
    ] {
        for status in statuses {
            let reply = chat_with(app, &key, &headers).await;
            assert_eq!(reply.status, status, "{headers:?}: {}", reply.text);
        }
    }
}

async fn a_full_credential_makes_room_for_the_next(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for name in ["a", "b"] {
        let key = app.provider_key("openai");
        let limit = json!({ "metric": "requests", "per": "day", "amount": 2 });
        let body = json!({ "apiKey": key, "limits": [limit] });
        let path = format!("/v1/credentials/openai/{name}");
        let reply = app.call(Method::PUT, &path, &tenant.key, body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    for call in 0..4 {
        let reply = chat(app, &tenant.key).await;
        assert_eq!(reply.status, 200, "{call}: {}", reply.text);
    }
    let reply = chat(app, &tenant.key).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (429, "limit_reached")
    );
    assert!(reply.text.contains("this provider key"), "{}", reply.text);
    let row = app.ended_requests(&tenant).await.remove(0);
    let reasons: Vec<_> = row
        .trace
        .attempts
        .iter()
        .map(|one| one.reason.as_deref())
        .collect();
    assert_eq!(reasons, [Some("limit"), Some("limit")]);
}

async fn calls_at_once_are_bounded_and_a_broken_call_leaves_its_place(app: &TestApp) {
    let tenant = tenant_with_a_key(app).await;
    let settings = json!({ "limits": [{ "metric": "concurrency", "amount": 1 }] });
    let key = app.key_under(&tenant, json!({}), settings).await;
    let (held, mut hold) = Script::usual().hold();
    app.sim.script("openai", held);
    let first = async {
        let reply = chat(app, &key).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    };
    let second = async {
        hold.reached().await;
        let reply = chat(app, &key).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (429, "limit_reached")
        );
        hold.release();
    };
    tokio::join!(first, second);
    app.sim.script("openai", Script::error(500, "No."));
    assert_eq!(chat(app, &key).await.status, 500);
    assert_eq!(chat(app, &key).await.status, 200, "its place is free again");
}

/// What the relay key has used this month, as the list tells.
async fn used(app: &TestApp, tenant: &Tenant) -> Value {
    app.service.meter.flush().await;
    let reply = app
        .call(Method::GET, "/v1/relay-keys", &tenant.key, Value::Null)
        .await;
    let keys = reply.json()["data"].as_array().cloned().unwrap_or_default();
    let limited = keys.into_iter().find(|key| !key["quotas"].is_null());
    limited.expect("a key with quotas")["usedThisMonth"].clone()
}

async fn a_quota_of_dollars_is_overspent_by_calls_in_flight_at_most(app: &TestApp) {
    const AT_ONCE: usize = 40;
    let tenant = tenant_with_a_key(app).await;
    // About four of the simulated answers.
    let settings = json!({ "quotas": { "dollars": 0.000_05 } });
    let key = app.key_under(&tenant, json!({}), settings).await;
    let replies = join_all((0..AT_ONCE).map(|_| chat(app, &key))).await;
    let answered = replies.iter().filter(|reply| reply.status == 200).count();
    let refused = replies
        .iter()
        .filter(|reply| reply.code() == "quota_exhausted");
    assert_eq!(answered + refused.count(), AT_ONCE);
    assert!((1..AT_ONCE).contains(&answered), "{answered}");
    // Each call reserves at least 500 tokens of output at 600 nano-dollars.
    let estimate = 500 * 600;
    let spent = used(app, &tenant).await["costNanodollars"].as_u64();
    assert!(spent.expect("a number") < 50_000 + estimate * answered as u64);
    let rows = app.ended_requests(&tenant).await;
    let priced: u64 = rows.iter().filter_map(|row| row.cost_nanos).sum();
    assert_eq!(Some(priced), spent);
}

async fn a_failed_call_costs_no_quota(app: &TestApp) {
    let tenant = tenant_with_a_key(app).await;
    let settings = json!({ "quotas": { "requests": 2 } });
    let key = app.key_under(&tenant, json!({}), settings).await;
    for status in [400, 500, 503] {
        app.sim.script("openai", Script::error(status, "No."));
        assert_eq!(chat(app, &key).await.status, status);
    }
    assert_eq!(used(app, &tenant).await["requests"], 0);
    for status in [200, 200, 429] {
        assert_eq!(chat(app, &key).await.status, status);
    }
    let used = used(app, &tenant).await;
    assert_eq!(used["requests"], 2);
    assert!(used["tokens"].as_u64().is_some_and(|tokens| tokens > 0));
}

async fn a_quota_survives_a_restart_and_ends_with_the_month(app: &TestApp) {
    let tenant = tenant_with_a_key(app).await;
    let settings = json!({ "quotas": { "requests": 1 } });
    let key = app.key_under(&tenant, json!({}), settings).await;
    assert_eq!(chat(app, &key).await.status, 200);
    app.service.meter.flush().await;
    // Another server knows only what the database does.
    let another = app.another().await;
    let call = async || {
        let url = format!("http://{}/v1/chat/completions", another.address);
        let body = chat_body("gpt-4o-mini", &json!({}));
        let request = app.elsewhere(Method::POST, &url).bearer_auth(&key);
        Reply::of(request.json(&body)).await
    };
    let reply = call().await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (429, "quota_exhausted")
    );
    app.clock.advance(Duration::from_hours(31 * 24));
    assert_eq!(call().await.status, 200);
    another.shut_down().await;
}

async fn hanging_up_early_is_no_way_around_a_limit(app: &TestApp) {
    let tenant = tenant_with_a_key(app).await;
    let limit = json!({ "metric": "tokens", "per": "hour", "amount": 600 });
    let settings = json!({ "limits": [limit] });
    let key = app.key_under(&tenant, json!({}), settings).await;
    let (script, mut hold) = Script::usual().hold_after(2);
    app.sim.script("openai", script);
    let body = chat_body("gpt-4o-mini", &json!({ "stream": true }));
    let request = app
        .request(Method::POST, "/v1/chat/completions")
        .bearer_auth(&key)
        .json(&body);
    let mut stream = OpenStream::of(request).await;
    hold.reached().await;
    stream.read_until("You ").await;
    drop(stream);
    hold.abandoned().await;
    let row = app.last_of(&tenant, 1).await;
    assert_eq!((row.partial, row.output_tokens), (true, None));
    let reply = chat(app, &key).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (429, "limit_reached")
    );
}
