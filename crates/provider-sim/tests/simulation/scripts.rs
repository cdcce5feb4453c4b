//! Scripted replies, the record of requests, and the control endpoints.

use std::sync::Arc;

use crate::support::{OPENAI_KEY, anthropic, client, gemini, openai, request, send, sim};
use axum::body::Body;
use axum::http::Response;
use http_body_util::BodyExt;
use relay_provider_sim::{Provider, Reply, Sim};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

fn chat(stream: bool) -> Value {
    let messages = json!([{"role": "user", "content": "one two three"}]);
    json!({"model": "gpt-4o-mini", "messages": messages, "stream": stream})
}

/// Sends a chat request and gives the response as soon as it begins.
async fn begin(sim: &Sim, stream: bool) -> Result<Response<Body>, String> {
    let url = format!("{}/chat/completions", sim.openai_url());
    let bearer = format!("Bearer {OPENAI_KEY}");
    let body = chat(stream).to_string().into();
    let request = request("POST", &url, &[("authorization", &bearer)], body);
    let response = client()
        .request(request)
        .await
        .map_err(|error| format!("{error:?}"))?;
    Ok(response.map(Body::new))
}

/// How many frames arrive, and how it ends.
async fn drain(response: Response<Body>) -> (usize, Result<(), String>) {
    let mut body = response.into_body();
    let mut frames = 0;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(_) => frames += 1,
            Err(error) => return (frames, Err(format!("{error:?}"))),
        }
    }
    (frames, Ok(()))
}

#[tokio::test]
async fn scripted_replies_are_used_in_order_and_then_the_usual_answer() {
    let sim = sim().await;
    sim.script("openai", Reply::text("first"));
    sim.script(
        "openai",
        Reply::error(429, "Slow down.").header("retry-after", "7"),
    );
    let said = async |sim: &Sim| openai(sim, "/chat/completions", &chat(false)).await;
    assert_eq!(
        said(&sim).await.json()["choices"][0]["message"]["content"],
        "first"
    );
    let limited = said(&sim).await;
    assert_eq!(limited.status, 429);
    assert_eq!(limited.headers["retry-after"], "7");
    assert_eq!(limited.json()["error"]["code"], "rate_limit_exceeded");
    assert_eq!(said(&sim).await.status, 200);
}

#[tokio::test]
async fn errors_take_each_providers_shape() {
    let sim = sim().await;
    sim.script("anthropic", Reply::error(529, "Overloaded"));
    sim.script("gemini", Reply::error(503, "The model is overloaded."));
    let body = json!({});
    let first = anthropic(&sim, "/messages", &body).await.json();
    assert_eq!(first["error"]["type"], "overloaded_error");
    let second = gemini(&sim, "/models/gemini-2.5-pro:generateContent", &body)
        .await
        .json();
    assert_eq!(second["error"]["status"], "UNAVAILABLE");
}

#[tokio::test]
async fn a_reply_may_wait_for_its_path_and_serve_more_than_once() {
    let sim = sim().await;
    sim.script("openai", Reply::error(403, "No.").on("/models").times(2));
    assert_eq!(
        openai(&sim, "/chat/completions", &chat(false)).await.status,
        200
    );
    assert_eq!(openai(&sim, "/models", &Value::Null).await.status, 403);
    assert_eq!(openai(&sim, "/models", &Value::Null).await.status, 403);
    assert_eq!(openai(&sim, "/models", &Value::Null).await.status, 200);
}

#[tokio::test]
async fn a_held_reply_begins_only_when_released() {
    let sim = sim().await;
    let (reply, mut hold) = Reply::usual().hold();
    sim.script("openai", reply);
    let call = tokio::spawn({
        let url = format!("{}/models", sim.openai_url());
        async move {
            let bearer = format!("Bearer {OPENAI_KEY}");
            send("GET", &url, &[("authorization", &bearer)], &Value::Null)
                .await
                .status
        }
    });
    hold.reached().await;
    assert!(!call.is_finished());
    hold.release();
    assert_eq!(call.await.expect("the call ends"), 200);
}

#[tokio::test]
async fn a_stream_held_in_the_middle_has_sent_what_came_before() {
    let sim = sim().await;
    let (reply, mut hold) = Reply::usual().hold_after(2);
    sim.script("openai", reply);
    let mut body = begin(&sim, true).await.expect("a response").into_body();
    assert!(body.frame().await.expect("a first event").is_ok());
    assert!(body.frame().await.expect("a second event").is_ok());
    hold.reached().await;
    hold.release();
    let rest = body.collect().await.expect("the rest").to_bytes();
    assert!(rest.ends_with(b"data: [DONE]\n\n"));
}

#[tokio::test]
async fn a_cut_stream_ends_in_good_order_without_its_last_events() {
    let sim = sim().await;
    sim.script("openai", Reply::usual().cut_after(3));
    let (frames, end) = drain(begin(&sim, true).await.expect("a response")).await;
    assert_eq!((frames, end), (3, Ok(())));
}

#[tokio::test]
async fn a_whole_answer_that_is_cut_is_shorter_than_it_promised() {
    let sim = sim().await;
    sim.script("openai", Reply::usual().cut_after(1));
    let (frames, end) = drain(begin(&sim, false).await.expect("a response")).await;
    assert_eq!(frames, 1);
    assert!(end.is_err());
}

#[tokio::test]
async fn a_reset_stream_breaks_after_its_events() {
    let sim = sim().await;
    sim.script("openai", Reply::usual().reset_after(3));
    let (frames, end) = drain(begin(&sim, true).await.expect("a response")).await;
    assert_eq!(frames, 3);
    assert!(
        end.expect_err("a broken stream")
            .contains("ConnectionReset")
    );
}

#[tokio::test]
async fn a_connection_may_be_reset_before_any_answer() {
    let sim = sim().await;
    sim.script("openai", Reply::reset());
    assert!(begin(&sim, false).await.is_err());
    assert_eq!(sim.received().len(), 1);
}

#[tokio::test]
async fn behind_tls_there_is_a_certificate_that_nobody_trusts() {
    let sim = sim().await;
    let url = sim.untrusted_url(Provider::OpenAi);
    let address = url
        .strip_prefix("https://")
        .and_then(|rest| rest.split('/').next())
        .expect("an address");
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.expect("it listens");
    let name = "127.0.0.1".try_into().expect("a name");
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let error = connecting.await.expect_err("no certificate to trust");
    assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");
}

#[tokio::test]
async fn a_connection_may_be_closed_before_any_answer() {
    let sim = sim().await;
    sim.script("openai", Reply::close());
    assert!(begin(&sim, false).await.is_err());
    assert_eq!(begin(&sim, false).await.expect("a response").status(), 200);
}

#[tokio::test]
async fn a_rate_limit_is_told_as_each_provider_tells_it() {
    let sim = sim().await;
    for provider in ["openai", "anthropic", "gemini"] {
        sim.script(provider, Reply::rate_limited(17));
    }
    let first = openai(&sim, "/models", &Value::Null).await;
    assert_eq!(first.status, 429);
    assert_eq!(first.headers["retry-after"], "17");
    assert_eq!(first.headers["x-ratelimit-remaining-requests"], "0");
    let second = anthropic(&sim, "/models", &Value::Null).await;
    assert_eq!(second.headers["retry-after"], "17");
    assert_eq!(
        second.headers["anthropic-ratelimit-requests-remaining"],
        "0"
    );
    let third = gemini(&sim, "/models", &Value::Null).await;
    assert!(!third.headers.contains_key("retry-after"));
    let details = &third.json()["error"]["details"];
    assert_eq!(details[0]["retryDelay"], "17s");
}

#[tokio::test]
async fn an_error_may_come_in_mid_stream() {
    let sim = sim().await;
    sim.script("anthropic", Reply::usual().error_after(3));
    let request = json!({
        "model": "claude-sonnet-4-5", "max_tokens": 9, "stream": true,
        "messages": [{"role": "user", "content": "hi"}],
    });
    let events = anthropic(&sim, "/messages", &request).await.events();
    assert_eq!(events.len(), 4);
    assert_eq!(events[3]["error"]["type"], "overloaded_error");
}

#[tokio::test]
async fn what_was_received_is_kept_to_the_last_byte() {
    let sim = sim().await;
    let body = json!({"model": "gpt-4o-mini", "messages": [], "x_unknown": 1});
    openai(&sim, "/chat/completions?a=b", &body).await;
    let received = sim.received();
    assert_eq!(received[0].method, "POST");
    assert_eq!(received[0].path, "/openai/v1/chat/completions");
    assert_eq!(received[0].query.as_deref(), Some("a=b"));
    assert_eq!(received[0].body, body.to_string());
    assert_eq!(
        received[0].header("authorization"),
        Some(&*format!("Bearer {OPENAI_KEY}"))
    );
    sim.clear_received();
    assert!(sim.received().is_empty());
}

#[tokio::test]
async fn a_key_can_be_refused_again() {
    let sim = sim().await;
    assert_eq!(openai(&sim, "/models", &Value::Null).await.status, 200);
    sim.refuse_key("openai", OPENAI_KEY);
    assert_eq!(openai(&sim, "/models", &Value::Null).await.status, 401);
}

#[tokio::test]
async fn waiting_for_requests_ends_when_they_have_arrived() {
    let sim = sim().await;
    let wait = sim.wait_for_requests(2);
    let calls = async {
        openai(&sim, "/models", &Value::Null).await;
        openai(&sim, "/models", &Value::Null).await;
    };
    tokio::join!(wait, calls);
    assert_eq!(sim.received().len(), 2);
}

#[tokio::test]
async fn dropping_the_simulation_closes_its_port() {
    let sim = sim().await;
    let address = sim.address();
    drop(sim);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn another_process_can_do_all_this_over_control_endpoints() {
    let sim = Sim::start().await;
    let control = format!("http://{}/__sim", sim.address());
    let json_type = [("content-type", "application/json")];
    let key = json!({"provider": "openai", "key": OPENAI_KEY});
    assert_eq!(
        send("PUT", &format!("{control}/keys"), &json_type, &key)
            .await
            .status,
        204
    );
    let script = json!({"provider": "openai", "text": "scripted", "hold": "h", "on": "/chat"});
    assert_eq!(
        send("POST", &format!("{control}/script"), &json_type, &script)
            .await
            .status,
        204
    );

    let call = async { openai(&sim, "/chat/completions", &chat(false)).await.json() };
    let release = async {
        sim.wait_for_requests(1).await;
        let body = json!({"hold": "h"});
        send("POST", &format!("{control}/release"), &json_type, &body)
            .await
            .status
    };
    let (answer, released) = tokio::join!(call, release);
    assert_eq!(released, 204);
    assert_eq!(answer["choices"][0]["message"]["content"], "scripted");

    let seen = send("GET", &format!("{control}/requests"), &[], &Value::Null)
        .await
        .json();
    assert_eq!(seen[0]["body"]["model"], "gpt-4o-mini");
    send("DELETE", &format!("{control}/requests"), &[], &Value::Null).await;
    assert!(sim.received().is_empty());
    assert_eq!(
        send("DELETE", &format!("{control}/keys"), &json_type, &key)
            .await
            .status,
        204
    );
    assert_eq!(openai(&sim, "/models", &Value::Null).await.status, 401);
}
