//! `POST /v1/chat/completions`, streamed.

use std::time::Duration;

use relay_provider_sim::Reply as Script;
use relay_server::config::Config;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{CHAT_MODELS, Reply, TestApp, chat_body};

on_each_database!(
    openais_stream_passes_untouched,
    the_first_words_arrive_before_the_last_are_made,
    a_stream_adds_up_and_ends_with_done,
    usage_is_streamed_to_callers_who_ask,
    a_streams_usage_is_recorded,
    a_stream_that_is_cut_ends_in_an_error,
    a_stream_that_is_reset_ends_in_an_error,
    an_error_inside_a_stream_is_told_once,
    an_error_inside_a_stream_holds_no_key,
    an_error_before_the_stream_is_no_stream,
);
on_each_database!(with super::impatient; a_provider_that_falls_silent_ends_in_an_error);

fn impatient(config: &mut Config) {
    config.upstream_timeout = Duration::from_secs(1);
}

/// Events of `You said: hi` after which something of it has been said.
fn some_events(provider: &str) -> usize {
    match provider {
        "openai" => 2,
        "anthropic" => 4,
        _ => 1,
    }
}

async fn openais_stream_passes_untouched(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.connect(&tenant, "u", "openai").await;
    let odd = ": a comment\r\n\r\ndata:{\"id\":\"c\" , \"choices\":[{\"index\":0,\"delta\":\
               {\"content\":\"h\\u00e9\"},\"new\":1.50}]}\r\n\r\nretry: 10\ndata: {\"id\":\"c\",\
               \"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
               data: [DONE]\n\n";
    let script = Script::raw(200, odd).header("content-type", "text/event-stream");
    app.sim.script("openai", script);
    let reply = app
        .stream(&tenant, "u", "gpt-4o", json!({}))
        .await
        .whole()
        .await;
    assert_eq!(reply.text, odd);
    assert_eq!(reply.header("cache-control"), Some("no-cache"));
    assert_eq!(reply.header("x-accel-buffering"), Some("no"));

    let mut body = chat_body(
        "gpt-4o",
        &json!({ "stream_options": { "include_usage": true } }),
    );
    body["stream"] = json!(true);
    let through = Reply::of(app.chat_request(&tenant, "u").json(&body)).await;
    let url = format!("{}/chat/completions", app.sim.openai_url());
    let direct = app
        .elsewhere(Method::POST, &url)
        .bearer_auth(key)
        .json(&body)
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a body");
    let id = |text: &str| text.split('"').nth(3).expect("an id").to_owned();
    assert_eq!(
        through.text.replace(&id(&through.text), &id(&direct)),
        direct
    );
}

async fn the_first_words_arrive_before_the_last_are_made(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        let (script, mut hold) = Script::usual().hold_after(some_events(provider));
        app.sim.script(provider, script);
        let mut stream = app.stream(&tenant, "u", model, json!({})).await;
        hold.reached().await;
        stream.read_until("You ").await;
        assert!(!stream.text.contains("[DONE]"), "{provider}");
        hold.release();
        let reply = stream.whole().await;
        assert_eq!(reply.streamed_text(), "You said: hi", "{provider}");
        let row = app.ended_requests(&tenant).await.remove(0);
        assert!(row.first_byte_ms <= Some(row.duration_ms));
    }
}

async fn a_stream_adds_up_and_ends_with_done(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        let reply = app
            .stream(&tenant, "u", model, json!({}))
            .await
            .whole()
            .await;
        assert!(
            reply.text.ends_with("data: [DONE]\n\n"),
            "{provider}: {}",
            reply.text
        );
        assert_eq!(reply.text.matches("[DONE]").count(), 1, "{provider}");
        assert_eq!(reply.streamed_text(), "You said: hi", "{provider}");
        let events = reply.events();
        let first = &events[0];
        assert_eq!(
            first["choices"][0]["delta"]["role"], "assistant",
            "{provider}"
        );
        for chunk in &events {
            assert_eq!(
                chunk["object"], "chat.completion.chunk",
                "{provider}: {chunk}"
            );
            assert_eq!(chunk["id"], first["id"], "{provider}");
            assert_eq!(chunk["model"], model, "{provider}");
            assert!(chunk["created"].is_i64(), "{provider}");
        }
        let finishes: Vec<&Value> = events
            .iter()
            .map(|chunk| &chunk["choices"][0]["finish_reason"])
            .filter(|reason| !reason.is_null())
            .collect();
        assert_eq!(finishes, ["stop"], "{provider}");
        let row = app.ended_requests(&tenant).await.remove(0);
        assert!(row.streamed && !row.partial, "{provider}: {row:?}");
        assert_eq!((row.status, row.error_code), (200, None), "{provider}");
    }
}

async fn usage_is_streamed_to_callers_who_ask(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        let quiet = app
            .stream(&tenant, "u", model, json!({}))
            .await
            .whole()
            .await;
        assert!(
            quiet.events().iter().all(|chunk| chunk["usage"].is_null()),
            "{provider}"
        );
        let asked = json!({ "stream_options": { "include_usage": true } });
        let reply = app.stream(&tenant, "u", model, asked).await.whole().await;
        let last = reply.events().pop().expect("an event");
        assert_eq!(last["choices"], json!([]), "{provider}: {}", reply.text);
        assert_eq!(last["usage"]["prompt_tokens"], 1, "{provider}");
        assert_eq!(last["usage"]["completion_tokens"], 3, "{provider}");
        assert_eq!(last["usage"]["total_tokens"], 4, "{provider}");
        assert!(reply.is_done());
    }
}

async fn a_streams_usage_is_recorded(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        // Only OpenAI has to be asked for it.
        let asked = match provider {
            "openai" => json!({ "stream_options": { "include_usage": true } }),
            _ => json!({}),
        };
        app.stream(&tenant, "u", model, asked).await.whole().await;
        let row = app.ended_requests(&tenant).await.remove(0);
        assert_eq!(
            (row.input_tokens, row.output_tokens),
            (Some(1), Some(3)),
            "{provider}"
        );
    }
}

/// Streams from every provider by `script`, and answers how each stream and its record ended.
async fn broken(
    app: &TestApp,
    script: impl Fn(usize) -> Script,
) -> Vec<(&'static str, Value, String)> {
    let tenant = app.tenant("acme").await;
    let mut endings = Vec::new();
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        app.sim.script(provider, script(some_events(provider)));
        let reply = app
            .stream(&tenant, "u", model, json!({}))
            .await
            .whole()
            .await;
        let error = reply.stream_error();
        assert!(
            "You said: hi".starts_with(&reply.streamed_text()),
            "{}",
            reply.text
        );
        let row = app.ended_requests(&tenant).await.remove(0);
        assert!(row.partial && row.streamed, "{provider}: {row:?}");
        assert_eq!(row.status, 200, "{provider}");
        let code = row.error_code.expect("an error's code");
        assert_eq!(error["code"], code.as_str(), "{provider}: {error}");
        endings.push((provider, error, code));
    }
    endings
}

async fn a_stream_that_is_cut_ends_in_an_error(app: &TestApp) {
    for (provider, error, code) in broken(app, |events| Script::usual().cut_after(events)).await {
        assert_eq!(code, "upstream_truncated", "{provider}");
        assert_eq!(error["type"], "server_error", "{provider}");
    }
}

async fn a_stream_that_is_reset_ends_in_an_error(app: &TestApp) {
    for (provider, _, code) in broken(app, |events| Script::usual().reset_after(events)).await {
        assert_eq!(code, "upstream_truncated", "{provider}");
    }
}

async fn a_provider_that_falls_silent_ends_in_an_error(app: &TestApp) {
    for (provider, _, code) in broken(app, |events| Script::usual().hang_after(events)).await {
        assert_eq!(code, "upstream_timeout", "{provider}");
    }
}

async fn an_error_inside_a_stream_is_told_once(app: &TestApp) {
    for (provider, error, code) in broken(app, |events| Script::usual().error_after(events)).await {
        let (message, word) = match provider {
            "openai" => (
                "The server had an error while processing your request.",
                "server_error",
            ),
            "anthropic" => ("Overloaded", "overloaded_error"),
            _ => continue,
        };
        assert_eq!(error["message"], message, "{provider}");
        assert_eq!(code, word, "{provider}");
    }
}

async fn an_error_inside_a_stream_holds_no_key(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        let key = app.connect(&tenant, "u", provider).await;
        let error = json!({ "error": {
            "message": format!("Incorrect API key provided: {key}."), "type": "x", "code": key, "param": key,
        } });
        let event = match provider {
            "anthropic" => format!(
                "event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"{key}\",\"message\":\"{key}\"}}}}\n\n"
            ),
            _ => format!("data: {error}\n\n"),
        };
        let script = Script::raw(200, event).header("content-type", "text/event-stream");
        app.sim.script(provider, script);
        let reply = app
            .stream(&tenant, "u", model, json!({}))
            .await
            .whole()
            .await;
        assert_eq!(reply.events().len(), 1, "{provider}: {}", reply.text);
        reply.stream_error();
    }
}

async fn an_error_before_the_stream_is_no_stream(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        app.sim.script(provider, Script::error(503, "Try later."));
        let reply = app
            .chat(&tenant, "u", model, json!({ "stream": true }))
            .await;
        assert_eq!(reply.status, 503, "{provider}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.json()["error"]["message"], "Try later.", "{provider}");
    }
}
