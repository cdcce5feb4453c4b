//! Where a call may go: the public internet and what the operator allows, and nowhere else.

use relay_server::config::Config;
use reqwest::Method;
use serde_json::json;

use crate::support::{CHAT_MODELS, TestApp};

on_each_database!(
    an_operators_allowance_reaches_by_name_too,
    a_base_url_that_is_none_is_refused,
    a_models_name_leads_to_no_other_route,
);
on_each_database!(with super::public_only;
    a_private_address_is_out_of_reach,
    a_name_of_a_private_address_is_out_of_reach,
    no_key_is_sent_to_a_private_address_to_try_it,
);

/// The operator allows no private network.
fn public_only(config: &mut Config) {
    config.upstream_allow.clear();
}

/// The simulated OpenAI's base URL with another host in it.
fn openai_at(app: &TestApp, host: &str) -> String {
    app.sim.openai_url().replace("127.0.0.1", host)
}

async fn assert_out_of_reach(app: &TestApp, base_url: String) {
    let tenant = app.tenant(&base_url).await;
    app.plant(&tenant, "u", "openai", Some(base_url.clone()))
        .await;
    for more in [json!({}), json!({ "stream": true })] {
        let reply = app.chat(&tenant, "u", "gpt-4o", more).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (502, "upstream_forbidden"),
            "{base_url}"
        );
        assert!(!reply.text.contains("127.0.0.1") && !reply.text.contains("localhost"));
    }
    assert!(app.sim.received().is_empty(), "{base_url}");
}

async fn a_private_address_is_out_of_reach(app: &TestApp) {
    let tenant = app.tenant("built-in").await;
    for (provider, model) in CHAT_MODELS {
        app.plant(&tenant, provider, provider, None).await;
        let reply = app.chat(&tenant, provider, model, json!({})).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (502, "upstream_forbidden")
        );
    }
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ] {
        assert_out_of_reach(app, openai_at(app, host)).await;
        let secure = openai_at(app, host).replace("http:", "https:");
        assert_out_of_reach(app, secure).await;
    }
    for url in [
        "https://169.254.169.254/latest",
        "https://10.0.0.1/v1",
        "http://[fd00::1]/v1",
    ] {
        assert_out_of_reach(app, url.to_owned()).await;
    }
    // Even a public address is out of reach without TLS.
    assert_out_of_reach(app, "http://1.1.1.1/v1".to_owned()).await;
}

async fn a_name_of_a_private_address_is_out_of_reach(app: &TestApp) {
    for host in ["localhost", "LOCALHOST"] {
        assert_out_of_reach(app, openai_at(app, host)).await;
        let secure = openai_at(app, host).replace("http:", "https:");
        assert_out_of_reach(app, secure).await;
    }
}

async fn no_key_is_sent_to_a_private_address_to_try_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for host in ["localhost", "127.0.0.1"] {
        let body = json!({
            "apiKey": app.provider_key("openai"), "baseUrl": openai_at(app, host),
        });
        for path in ["/v1/users/u/credentials/openai", "/v1/credentials/openai"] {
            let reply = app.call(Method::PUT, path, &tenant.key, body.clone()).await;
            assert!((400..=599).contains(&reply.status), "{}", reply.text);
        }
    }
    assert!(app.sim.received().is_empty());
    let reply = app.chat(&tenant, "u", "gpt-4o", json!({})).await;
    assert_eq!(reply.code(), "user_not_connected");
}

async fn an_operators_allowance_reaches_by_name_too(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (label, base_url) in [
        ("address", app.sim.openai_url()),
        ("slash", format!("{}/", app.sim.openai_url())),
        ("name", openai_at(app, "localhost")),
    ] {
        let path = format!("/v1/users/{label}/credentials/openai");
        let body = json!({ "apiKey": app.provider_key("openai"), "baseUrl": base_url });
        let put = app.call(Method::PUT, &path, &tenant.key, body).await;
        assert_eq!(put.status, 201, "{base_url}: {}", put.text);
        app.sim.clear_received();
        let reply = app.chat(&tenant, label, "gpt-4o", json!({})).await;
        assert_eq!(reply.status, 200, "{base_url}: {}", reply.text);
        assert_eq!(app.sim.received()[0].path, "/openai/v1/chat/completions");
    }
}

async fn a_base_url_that_is_none_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for base_url in [
        "",
        "api.openai.com/v1",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://user:pass@api.openai.com/v1",
        "https://api.openai.com/v1?key=x",
        "https://api.openai.com/v1#x",
    ] {
        let body = json!({ "apiKey": app.provider_key("openai"), "baseUrl": base_url });
        let path = "/v1/users/u/credentials/openai";
        let reply = app.call(Method::PUT, path, &tenant.key, body).await;
        assert_eq!(reply.status, 400, "{base_url}: {}", reply.text);
    }
    assert!(app.sim.received().is_empty());
}

async fn a_models_name_leads_to_no_other_route(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "google").await;
    for name in [
        "google:../../files/x?a=",
        "google:..",
        "google:x/../../../y",
        "google:x?key=stolen&",
        "google:x#",
        "google:x:countTokens?",
        "google:a b%2e%2e\\c",
    ] {
        for path in ["/v1/chat/completions", "/v1/embeddings"] {
            app.sim.clear_received();
            let request = app
                .request(Method::POST, path)
                .bearer_auth(&tenant.key)
                .header("X-Relay-User", "u")
                .json(&json!({
                    "model": name, "input": "x",
                    "messages": [{ "role": "user", "content": "x" }],
                }));
            request.send().await.expect("an answer");
            for call in app.sim.received() {
                assert!(
                    call.path.starts_with("/gemini/v1beta/models/"),
                    "{name}: {call:?}"
                );
                assert!(
                    call.path.ends_with(":generateContent")
                        || call.path.ends_with(":batchEmbedContents"),
                    "{name}: {call:?}"
                );
                assert_eq!(call.query, None, "{name}");
            }
        }
    }
}
