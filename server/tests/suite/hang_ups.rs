//! Callers who go away, connections that end late, and a server that stops meanwhile.

use relay_provider_sim::Reply as Script;
use relay_server::store::{RequestFilter, Store};
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::{CHAT_MODELS, Kind, TestApp, chat_body};

on_each_database!(
    a_caller_who_hangs_up_cancels_the_upstream_call,
    a_caller_who_hangs_up_before_the_answer_cancels_the_upstream_call,
    a_caller_who_leaves_at_done_was_answered_whole,
    a_connection_lost_after_done_is_no_error,
);

/// Events of OpenAI's `You said: hi`, with the usage that Relay asks for and `[DONE]`.
const ALL_OF_OPENAI: usize = 7;

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

/// Stops a server in the middle of a stream.
async fn stopped_in_mid_stream(kind: Kind) {
    let mut app = TestApp::start(kind).await;
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let (script, mut hold) = Script::usual().hold_after(2);
    app.sim.script("openai", script);
    let asked = json!({ "stream_options": { "include_usage": true } });
    let mut stream = app.stream(&tenant, "u", "gpt-4o", asked).await;
    hold.reached().await;
    stream.read_until("You ").await;
    let database = app.service.config.database.clone();
    let address = app.address;
    let the_rest = async {
        // The server has begun to stop when nobody is let in any more.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        hold.release();
        stream.whole().await
    };
    let ((), reply) = tokio::join!(app.shut_down(), the_rest);
    assert!(reply.is_done(), "{}", reply.text);
    assert_eq!(reply.streamed_text(), "You said: hi");
    let store = Store::open(&database).await.expect("the database");
    let rows = store
        .requests(&tenant.id, &RequestFilter::default(), None, 10)
        .await
        .expect("rows")
        .rows;
    assert_eq!(rows.len(), 1);
    let row = &rows[0].request;
    assert_eq!(
        (row.status, row.partial, row.output_tokens),
        (200, false, Some(3))
    );
    store.close().await;
    app.finish().await;
}

mod a_server_that_stops_lets_streams_end_and_keeps_their_usage {
    use crate::support::Kind;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        super::stopped_in_mid_stream(Kind::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        super::stopped_in_mid_stream(Kind::Postgres).await;
    }
}
