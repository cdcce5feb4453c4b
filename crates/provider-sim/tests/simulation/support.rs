//! A plain HTTP client for the tests of the simulated providers.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use relay_provider_sim::Sim;
use serde_json::Value;

pub(crate) const OPENAI_KEY: &str = "sk-sim-openai-0123456789";
pub(crate) const ANTHROPIC_KEY: &str = "sk-ant-sim-0123456789";
pub(crate) const GOOGLE_KEY: &str = "AIza-sim-0123456789";

/// A simulation that accepts the three keys above.
pub(crate) async fn sim() -> Sim {
    let sim = Sim::start().await;
    sim.allow_key("openai", OPENAI_KEY);
    sim.allow_key("anthropic", ANTHROPIC_KEY);
    sim.allow_key("gemini", GOOGLE_KEY);
    sim
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the answer is JSON")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("the answer is text")
    }

    /// The `data:` lines of a stream as JSON; `[DONE]` is left out.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.text()
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).expect("each event is JSON"))
            .collect()
    }
}

pub(crate) fn client() -> Client<HttpConnector, Body> {
    Client::builder(TokioExecutor::new()).build_http()
}

pub(crate) fn request(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(Body::from(body))
        .expect("the test's request is well formed")
}

pub(crate) async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let body = if body.is_null() {
        Bytes::new()
    } else {
        body.to_string().into()
    };
    send_bytes(method, url, headers, body).await
}

pub(crate) async fn send_bytes(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Answer {
    let response = client()
        .request(request(method, url, headers, body))
        .await
        .expect("the simulation answers");
    let (parts, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .expect("the body arrives whole")
        .to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

pub(crate) async fn openai(sim: &Sim, path: &str, body: &Value) -> Answer {
    let method = if body.is_null() { "GET" } else { "POST" };
    openai_with(sim, OPENAI_KEY, method, path, body).await
}

pub(crate) async fn openai_with(
    sim: &Sim,
    key: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Answer {
    let bearer = format!("Bearer {key}");
    send(
        method,
        &format!("{}{path}", sim.openai_url()),
        &[("authorization", &bearer)],
        body,
    )
    .await
}

pub(crate) async fn anthropic(sim: &Sim, path: &str, body: &Value) -> Answer {
    let headers = [
        ("x-api-key", ANTHROPIC_KEY),
        ("anthropic-version", "2023-06-01"),
    ];
    let method = if body.is_null() { "GET" } else { "POST" };
    send(
        method,
        &format!("{}{path}", sim.anthropic_url()),
        &headers,
        body,
    )
    .await
}

pub(crate) async fn gemini(sim: &Sim, path: &str, body: &Value) -> Answer {
    let headers = [("x-goog-api-key", GOOGLE_KEY)];
    let method = if body.is_null() { "GET" } else { "POST" };
    send(
        method,
        &format!("{}{path}", sim.gemini_url()),
        &headers,
        body,
    )
    .await
}
