//! Errors that few callers ever see.

use relay_provider_sim::Reply as Script;
use relay_server::config::Config;
use relay_server::limits::WithoutRedis;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Reply, TestApp, chat_body};

on_each_database!(
    what_there_is_no_route_for_is_said_to_be_so,
    a_body_that_ends_too_soon_is_refused,
    an_answer_that_is_too_large_is_a_bad_gateway,
    tokens_that_nobody_can_count_are_not_guessed,
    responses_that_nobody_keeps_are_not_looked_for,
);
on_each_database!(with super::without_its_redis; calls_that_nobody_can_count_are_refused_if_the_operator_says_so);

fn told(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn what_there_is_no_route_for_is_said_to_be_so(app: &TestApp) {
    let reply = app.get("/v1/nothing").await;
    assert_eq!(told(&reply), is(404, "route_not_found"));
    let request = app.request(Method::PUT, "/v1/chat/completions");
    let reply = Reply::of(request).await;
    assert_eq!(told(&reply), is(405, "method_not_allowed"));
}

async fn a_body_that_ends_too_soon_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let mut connection = TcpStream::connect(app.address).await.expect("connected");
    let key = &tenant.key;
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    );
    // One piece of nine bytes, and then what is no piece's length.
    let sent = format!("{head}9\r\n{{\"model\":\r\nnone\r\n");
    let written = connection.write_all(sent.as_bytes()).await;
    written.expect("sent");
    let mut answer = String::new();
    let read = connection.read_to_string(&mut answer).await;
    read.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["error"]["code"], "body_cut_short");
}

async fn an_answer_that_is_too_large_is_a_bad_gateway(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    let endless = Script::raw(200, vec![b' '; 64 * 1024 * 1024 + 1]);
    app.sim.script("openai", endless);
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(told(&reply), is(502, "upstream_too_large"));
}

async fn tokens_that_nobody_can_count_are_not_guessed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = chat_body("groq:llama-3.3-70b-versatile", &json!({}));
    let path = "/v1/messages/count_tokens";
    let reply = app.call(Method::POST, path, &tenant.key, body).await;
    assert_eq!(told(&reply), is(400, "token_count_unsupported"));
}

async fn responses_that_nobody_keeps_are_not_looked_for(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "default").await;
    let rules = json!({ "hosts": { "allow": ["anthropic"] } });
    let key = app.key_under(&tenant, rules, Value::Null).await;
    let path = "/v1/responses/resp_1";
    let reply = app.call(Method::GET, path, &key, Value::Null).await;
    assert_eq!(told(&reply), is(400, "stored_responses_unsupported"));
    assert!(app.sim.received().is_empty(), "nobody is asked");
}

/// Where nothing listens.
fn without_its_redis(config: &mut Config) {
    config.redis_url = Some("redis://127.0.0.1:1".to_owned().into());
    config.limits_without_redis = WithoutRedis::FailClosed;
}

async fn calls_that_nobody_can_count_are_refused_if_the_operator_says_so(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.pool_key(&tenant, "openai", "default").await;
    let limit = json!({ "metric": "requests", "per": "minute", "amount": 10 });
    let settings = json!({ "limits": [limit] });
    let limited = app.key_under(&tenant, json!({}), settings).await;
    let free = app.key_under(&tenant, json!({}), json!({})).await;
    let call = async |key: &str| {
        let body = chat_body("gpt-4o-mini", &json!({}));
        let path = "/v1/chat/completions";
        app.call(Method::POST, path, key, body).await
    };
    let reply = call(&limited).await;
    assert_eq!(told(&reply), is(503, "limits_unavailable"));
    assert!(app.sim.received().is_empty(), "the provider is not asked");
    let row = app.ended_requests(&tenant).await.remove(0);
    assert_eq!(row.error_category.as_deref(), Some("limit"));
    assert_eq!(call(&free).await.status, 200, "it has no limit to count");
}
