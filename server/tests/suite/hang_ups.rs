//! Callers who go away, and connections that end late.

use relay_provider_sim::Reply as Script;
use serde_json::json;

use crate::support::{CHAT_MODELS, TestApp, chat_body};

on_each_database!(
    a_caller_who_hangs_up_cancels_the_upstream_call,
    a_caller_who_hangs_up_before_the_answer_cancels_the_upstream_call,
    a_caller_who_leaves_at_done_was_answered_whole,
    a_connection_lost_after_done_is_no_error,
);

/// Events of OpenAI's `You said: hi`, `[DONE]` included.
const ALL_OF_OPENAI: usize = 6;

async fn a_caller_who_hangs_up_cancels_the_upstream_call(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (count, (provider, model)) in CHAT_MODELS.into_iter().enumerate() {
        app.connect(&tenant, "u", provider).await;
        // Anthropic says more before the first word.
        let events = if provider == "anthropic" { 4 } else { 2 };
        let (script, mut hold) = Script::usual().hold_after(events);
        app.sim.script(provider, script);
        let mut stream = app.stream(&tenant, "u", model, json!({})).await;
        hold.reached().await;
        stream.read_until("You ").await;
        drop(stream);
        hold.abandoned().await;
        let row = app.last_of(&tenant, count + 1).await;
        assert!(row.partial && row.streamed, "{provider}: {row:?}");
        assert_eq!(row.status, 499, "{provider}");
        assert_eq!(row.error_code.as_deref(), Some("client_disconnected"));
        assert_eq!(row.host.as_deref(), Some(provider));
        if provider == "anthropic" {
            assert_eq!(row.input_tokens, Some(1), "told at the stream's start");
        }
    }
}

async fn a_caller_who_hangs_up_before_the_answer_cancels_the_upstream_call(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let (script, mut hold) = Script::usual().hold();
    app.sim.script("openai", script);
    let request = app
        .chat_request(&tenant, "u")
        .json(&chat_body("gpt-4o", &json!({})));
    let calling = tokio::spawn(request.send());
    hold.reached().await;
    calling.abort();
    hold.abandoned().await;
    let row = app.last_of(&tenant, 1).await;
    assert_eq!((row.status, row.partial), (499, true));
    assert_eq!(row.model, "gpt-4o");
}

async fn a_caller_who_leaves_at_done_was_answered_whole(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let (script, mut hold) = Script::usual().hold_after(ALL_OF_OPENAI);
    app.sim.script("openai", script);
    let mut stream = app.stream(&tenant, "u", "gpt-4o", json!({})).await;
    hold.reached().await;
    stream.read_until("[DONE]").await;
    drop(stream);
    hold.abandoned().await;
    let row = app.last_of(&tenant, 1).await;
    assert_eq!(
        (row.status, row.partial, row.error_code),
        (200, false, None)
    );
}

async fn a_connection_lost_after_done_is_no_error(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let (script, mut hold) = Script::usual()
        .reset_after(ALL_OF_OPENAI)
        .hold_after(ALL_OF_OPENAI);
    app.sim.script("openai", script);
    let mut stream = app.stream(&tenant, "u", "gpt-4o", json!({})).await;
    hold.reached().await;
    stream.read_until("[DONE]").await;
    hold.release();
    let reply = stream.whole().await;
    assert!(reply.text.ends_with("data: [DONE]\n\n"), "{}", reply.text);
    let row = app.last_of(&tenant, 1).await;
    assert_eq!(
        (row.status, row.partial, row.error_code),
        (200, false, None)
    );
}
