//! `POST /v1/chat/completions` when it cannot be done for the request's or the provider's sake.
//! Whose key is missing or refused is in `whose_key`.

use std::time::Duration;

use relay_provider_sim::Reply as Script;
use relay_server::config::Config;
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{CHAT_MODELS, Reply, TestApp, chat_body};

on_each_database!(
    a_providers_error_keeps_its_status_in_openais_shape,
    retry_after_is_passed_on,
    an_error_holds_no_key_even_if_the_provider_repeats_it,
    a_broken_connection_is_a_bad_gateway,
    half_an_answer_is_a_bad_gateway,
    an_error_sent_as_a_success_is_an_error,
    a_redirect_is_not_followed,
    an_unknown_model_is_answered_with_the_nearest_names,
    a_request_that_cannot_be_read_is_refused,
    a_body_over_the_limit_is_refused,
    an_end_user_who_cannot_be_one_is_refused,
);
on_each_database!(with super::impatient; a_provider_that_never_answers_is_a_timeout);

fn impatient(config: &mut Config) {
    config.upstream_timeout = Duration::from_secs(1);
}

async fn a_providers_error_keeps_its_status_in_openais_shape(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        for (status, class) in [
            (400, "invalid_request_error"),
            (403, "permission_error"),
            (404, "invalid_request_error"),
            (413, "invalid_request_error"),
            (429, "rate_limit_error"),
            (500, "server_error"),
            (503, "server_error"),
            (529, "server_error"),
        ] {
            app.sim
                .script(provider, Script::error(status, "Not this one."));
            let reply = app.chat(&tenant, "u", model, json!({})).await;
            assert_eq!(reply.status, status, "{provider}");
            let error = &reply.json()["error"];
            assert_eq!(error["message"], "Not this one.", "{provider} {status}");
            assert!(error.get("param").is_some() && error.get("code").is_some());
            // Gemini has no status of its own for 413 and 529 and says INVALID_ARGUMENT.
            if provider != "google" || ![413, 529].contains(&status) {
                assert_eq!(error["type"], class, "{provider} {status}: {error}");
            }
            let row = app.ended_requests(&tenant).await.remove(0);
            assert_eq!(row.status, status, "{provider}");
            assert!(
                row.error_code.is_some() && !row.partial,
                "{provider} {status}"
            );
        }
        assert_eq!(
            app.credential_status(&tenant, "u", provider).await,
            "active"
        );
    }
}

async fn retry_after_is_passed_on(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        for status in [429, 503] {
            let script = Script::error(status, "Slower.").header("retry-after", "17");
            app.sim.script(provider, script);
            let reply = app.chat(&tenant, "u", model, json!({})).await;
            assert_eq!(
                (reply.status, reply.header("retry-after")),
                (status, Some("17"))
            );
            // The key is asked to wait: nobody hammers the provider meanwhile.
            let sent = app.sim.received().len();
            let reply = app.chat(&tenant, "u", model, json!({})).await;
            if status == 429 {
                assert_eq!(
                    (
                        reply.status,
                        reply.code().as_str(),
                        reply.header("retry-after")
                    ),
                    (429, "providers_busy", Some("17"))
                );
                assert_eq!(app.sim.received().len(), sent, "the provider is not asked");
            }
            app.clock.advance(Duration::from_secs(17));
        }
    }
}

async fn an_error_holds_no_key_even_if_the_provider_repeats_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        let key = app.connect(&tenant, "u", provider).await;
        let told = format!("The key '{key}' may not, nor may `Bearer {key}`: x={key}&y.");
        let everywhere = json!({ "error": {
            "message": told, "code": key, "type": key, "param": key, "status": key,
            "details": [{ "reason": key, "message": key }],
        } });
        for body in [
            everywhere.to_string(),
            told.clone(),
            format!("\"{key}\""),
            String::new(),
        ] {
            for status in [400, 403, 500] {
                app.sim.script(provider, Script::raw(status, body.clone()));
                // The harness looks for the key in the answer, and later in rows and logs.
                let reply = app.chat(&tenant, "u", model, json!({})).await;
                assert_eq!(reply.status, status, "{provider}: {}", reply.text);
                assert!(reply.json()["error"]["message"].is_string());
            }
        }
    }
}

async fn a_broken_connection_is_a_bad_gateway(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        app.sim.script(provider, Script::reset());
        let reply = app.chat(&tenant, "u", model, json!({})).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (502, "upstream_unreachable")
        );
        assert_eq!(reply.json()["error"]["type"], "server_error");
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = closed.local_addr().expect("an address");
    drop(closed);
    app.plant(
        &tenant,
        "refused",
        "openai",
        Some(format!("http://{address}/v1")),
    )
    .await;
    let reply = app.chat(&tenant, "refused", "gpt-4o", json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (502, "upstream_unreachable")
    );
    assert!(
        !reply.text.contains(&address.port().to_string()),
        "{}",
        reply.text
    );
}

async fn a_provider_that_never_answers_is_a_timeout(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    app.sim.script("openai", Script::hang());
    let reply = app.chat(&tenant, "u", "gpt-4o", json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (504, "upstream_timeout")
    );
    app.sim.script("openai", Script::usual().hang_after(1));
    let reply = app.chat(&tenant, "u", "gpt-4o", json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (504, "upstream_timeout")
    );
}

async fn half_an_answer_is_a_bad_gateway(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        for half in ["", "{\"choices\":[", "<html>login</html>", "[]", "null"] {
            app.sim.script(provider, Script::raw(200, half));
            let reply = app.chat(&tenant, "u", model, json!({})).await;
            assert_eq!(reply.status, 502, "{provider} {half}: {}", reply.text);
            assert_eq!(reply.code(), "upstream_malformed", "{provider} {half}");
        }
        app.sim.script(provider, Script::usual().cut_after(1));
        let reply = app.chat(&tenant, "u", model, json!({})).await;
        assert_eq!(reply.status, 502, "{provider}: {}", reply.text);
        app.sim.script(provider, Script::usual().reset_after(1));
        let reply = app.chat(&tenant, "u", model, json!({})).await;
        assert_eq!(reply.status, 502, "{provider}: {}", reply.text);
    }
}

async fn an_error_sent_as_a_success_is_an_error(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        let key = app.connect(&tenant, "u", provider).await;
        let body = json!({ "type": "error", "error": { "message": format!("no {key}") } });
        app.sim.script(provider, Script::raw(200, body.to_string()));
        let reply = app.chat(&tenant, "u", model, json!({})).await;
        assert_eq!(reply.status, 502, "{provider}: {}", reply.text);
        assert_eq!(
            reply.json()["error"]["message"],
            "no [redacted]",
            "{provider}"
        );
    }
}

async fn a_redirect_is_not_followed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        for status in [301, 302, 303, 307, 308] {
            app.sim.clear_received();
            let elsewhere = format!("{}/models", app.sim.anthropic_url());
            let script = Script::raw(status, "").header("location", elsewhere);
            app.sim.script(provider, script);
            let reply = app.chat(&tenant, "u", model, json!({})).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (502, "upstream_redirect")
            );
            assert!(reply.header("location").is_none());
            assert_eq!(app.sim.received().len(), 1, "{provider} {status}");
        }
    }
}

async fn an_unknown_model_is_answered_with_the_nearest_names(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let reply = app.chat(&tenant, "u", "gtp-4o", json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (404, "model_not_found")
    );
    let error = &reply.json()["error"];
    assert_eq!(error["param"], "model");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("gpt-4o"), "{message}");
    app.connect(&tenant, "u", "openai").await;
    let upstream = app
        .chat(&tenant, "u", "openai/no-such-model", json!({}))
        .await;
    assert_eq!(
        (upstream.status, upstream.code().as_str()),
        (404, "model_not_found")
    );
}

async fn a_request_that_cannot_be_read_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    app.connect(&tenant, "u", "anthropic").await;
    app.sim.clear_received();
    for (body, code) in [
        ("", "invalid_request"),
        ("{", "invalid_request"),
        ("[]", "invalid_request"),
        ("\u{feff}{}", "invalid_request"),
        (
            "{\"model\":\"gpt-4o\",\"model\":\"gpt-5\"}",
            "invalid_request",
        ),
        ("{\"model\":7}", "invalid_request"),
        (
            "{\"model\":\"gpt-4o\",\"stream\":\"yes\"}",
            "invalid_request",
        ),
        ("{}", "model_required"),
        ("{\"model\":null}", "model_required"),
        (
            "{\"model\":\"claude-sonnet-4-5\",\"messages\":7}",
            "invalid_request",
        ),
        ("{\"model\":\"claude-sonnet-4-5\"}", "invalid_request"),
    ] {
        let reply = Reply::of(app.chat_request(&tenant, "u").body(body)).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{body}");
        assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
    }
    assert!(app.sim.received().is_empty());
    assert_eq!(
        app.ended_requests(&tenant).await.len(),
        11,
        "each is recorded"
    );
}

async fn a_body_over_the_limit_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = vec![b' '; 64 * 1024 * 1024 + 1];
    let reply = Reply::of(app.chat_request(&tenant, "u").body(body)).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (413, "body_too_large")
    );
    assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
}

async fn an_end_user_who_cannot_be_one_is_refused(app: &TestApp) {
    type Headers<'a> = &'a [(&'a str, &'a [u8])];
    let tenant = app.tenant("acme").await;
    let long = "u".repeat(257);
    let cases: [(Headers<'_>, &str); 7] = [
        (&[("x-relay-user", b"")], "X-Relay-User"),
        (&[("x-relay-user", b"  ")], "X-Relay-User"),
        (&[("x-relay-user", long.as_bytes())], "X-Relay-User"),
        (&[("x-relay-user", b"\xff\xfe")], "X-Relay-User"),
        (
            &[("x-relay-user", b"a"), ("x-relay-user", b"b")],
            "X-Relay-User",
        ),
        (
            &[("x-relay-user", b"a"), ("x-relay-paid", b"maybe")],
            "X-Relay-Paid",
        ),
        (
            &[("x-relay-paid", b"true"), ("x-relay-paid", b"false")],
            "X-Relay-Paid",
        ),
    ];
    for (headers, at_fault) in cases {
        let mut request = app
            .request(reqwest::Method::POST, "/v1/chat/completions")
            .bearer_auth(&tenant.key)
            .json(&chat_body("gpt-4o", &json!({})));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = Reply::of(request).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request")
        );
        assert_eq!(reply.json()["error"]["param"], at_fault, "{headers:?}");
    }
}
