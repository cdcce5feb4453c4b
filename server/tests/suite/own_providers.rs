//! `RELAY_CATALOG`: a provider that the operator adds as one row, at run time.

use std::fs;

use relay_provider_sim::Reply as Script;
use relay_server::config::Config;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, chat_body};

on_each_database!(with super::add_a_provider;
    one_row_is_a_provider_for_whole_and_streamed_calls,
    a_host_that_refuses_stream_options_is_sent_none,
    the_widget_offers_it_only_to_tokens_that_are_for_it,
    a_bad_key_for_it_is_refused_when_it_is_connected,
    a_host_has_timeouts_of_its_own,
    a_slow_key_makes_room_for_the_next,
);

/// Adds a row: a host that is the simulated OpenAI under another name. And one more, which takes
/// less.
fn add_a_provider(config: &mut Config) {
    let url = &config.host_urls["openai"];
    let row = format!("[[host]]\nid = \"acme\"\nname = \"Acme\"\nbase_url = \"{url}\"\n");
    let plain = row.replace("acme", "plain") + "stream_usage = false\n";
    let path = config.data_dir.join("catalog.toml");
    let hasty = row.replace("acme", "hasty") + "first_byte_timeout = 1\nidle_timeout = 1\n";
    fs::write(&path, row + &plain + &hasty).expect("written");
    config.catalog = Some(path);
}

async fn one_row_is_a_provider_for_whole_and_streamed_calls(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.provider_key("openai");
    let path = "/v1/users/u/credentials/acme";
    let body = json!({ "apiKey": key });
    let put = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!(put.status, 201, "{}", put.text);
    app.sim.clear_received();
    let reply = app.chat(&tenant, "u", "acme:some-model", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let received = app.sim.received();
    let bearer = format!("Bearer {key}");
    assert_eq!(received[0].path, "/openai/v1/chat/completions");
    assert_eq!(received[0].header("authorization"), Some(bearer.as_str()));
    let sent: Value = serde_json::from_slice(&received[0].body).expect("JSON");
    assert_eq!(sent["model"], "some-model");
    let stream = app.stream(&tenant, "u", "acme/some-model", json!({})).await;
    let streamed = stream.whole().await;
    assert!(streamed.is_done(), "{}", streamed.text);
    assert!(!streamed.streamed_text().is_empty());
    app.assert_every_client_is_answered(&tenant, "acme:some-model")
        .await;
}

async fn a_host_that_refuses_stream_options_is_sent_none(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "apiKey": app.provider_key("openai") });
    let path = "/v1/users/u/credentials/plain";
    let put = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!(put.status, 201, "{}", put.text);
    app.sim.clear_received();
    app.assert_every_client_is_answered(&tenant, "plain:some-model")
        .await;
    for received in app.sim.received() {
        let sent: Value = serde_json::from_slice(&received.body).expect("JSON");
        assert_eq!(sent["stream_options"], Value::Null, "{sent}");
        assert_eq!(sent["messages"][0]["content"], "hi", "{sent}");
    }
}

async fn the_widget_offers_it_only_to_tokens_that_are_for_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, offered) in [
        (Value::Null, json!(["openai", "anthropic", "google"])),
        (json!("acme"), json!(["acme"])),
    ] {
        let mut body = json!({ "endUserLabel": "u" });
        if provider.is_string() {
            body["provider"] = provider;
        }
        let path = "/v1/registration-tokens";
        let token = app.call(Method::POST, path, &tenant.key, body).await.json();
        let token = token["registrationToken"].as_str().expect("a token");
        let session = app
            .call(Method::GET, "/v1/widget/session", token, Value::Null)
            .await
            .json();
        let listed = session["providers"].as_array().expect("a list");
        let ids: Vec<&Value> = listed.iter().map(|provider| &provider["id"]).collect();
        assert_eq!(json!(ids), offered);
    }
}

async fn a_host_has_timeouts_of_its_own(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "apiKey": app.provider_key("openai") });
    let path = "/v1/users/u/credentials/hasty";
    let put = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!(put.status, 201, "{}", put.text);
    app.sim.script("openai", Script::hang());
    let reply = app.chat(&tenant, "u", "hasty:some-model", json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (504, "upstream_timeout")
    );
    app.sim.script("openai", Script::usual().hang_after(1));
    let stream = app
        .stream(&tenant, "u", "hasty:some-model", json!({}))
        .await;
    let streamed = stream.whole().await;
    assert!(
        streamed.text.contains("upstream_timeout"),
        "{}",
        streamed.text
    );
}

async fn a_bad_key_for_it_is_refused_when_it_is_connected(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "apiKey": app.unknown_provider_key("openai") });
    let path = "/v1/credentials/acme";
    let put = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!((put.status, put.code().as_str()), (422, "key_refused"));
}

async fn a_slow_key_makes_room_for_the_next(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let mut keys = Vec::new();
    for name in ["a-slow", "b-well"] {
        let key = app.provider_key("openai");
        let path = format!("/v1/credentials/hasty/{name}");
        let body = json!({ "apiKey": key });
        let put = app.call(Method::PUT, &path, &tenant.key, body).await;
        assert_eq!(put.status, 201, "{}", put.text);
        keys.push(key);
    }
    app.sim
        .script("openai", Script::hang().with_key(&keys[0]).always());
    for call in 0..4 {
        let body = chat_body("hasty:some-model", &json!({ "stream": call % 2 == 1 }));
        let path = "/v1/chat/completions";
        let reply = app.call(Method::POST, path, &tenant.key, body).await;
        assert_eq!(reply.status, 200, "{call}: {}", reply.text);
    }
    let row = app.ended_requests(&tenant).await.remove(0);
    let told: Vec<_> = row
        .trace
        .attempts
        .iter()
        .map(|one| one.reason.as_deref())
        .collect();
    assert_eq!(
        told,
        [Some("timeout"), None],
        "skipped after three silences"
    );
}
