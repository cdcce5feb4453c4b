//! A receiver of webhooks: a real server, which answers as its script says and checks signatures by
//! a computation of its own, from RFC 2104's definition.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Longer than anything here takes, so that a test fails instead of waiting forever.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How the receiver answers; 204 when its script is over.
#[derive(Clone)]
pub(crate) enum Answer {
    Status(u16),
    /// Asks to be left alone for so many seconds.
    Later(u64),
    Redirect(String),
    /// Nothing, until the receiver is told to go on.
    Hold,
    /// 200, and then a body without an end.
    Endless,
}

/// What was sent.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Clone)]
struct Shared {
    script: Arc<Mutex<VecDeque<Answer>>>,
    received: watch::Sender<Vec<Told>>,
    held: Arc<Semaphore>,
}

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    shared: Shared,
    serving: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let shared = Shared {
            script: Arc::default(),
            received: watch::Sender::new(Vec::new()),
            held: Arc::new(Semaphore::new(0)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(receive).with_state(shared.clone());
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            address,
            shared,
            serving,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks?team=1", self.address)
    }

    /// Answers so from now on, one after the other.
    pub(crate) fn script(&self, answers: &[Answer]) {
        let mut script = self.shared.script.lock().expect("unpoisoned");
        script.extend(answers.iter().cloned());
    }

    /// Lets one go on that is held.
    pub(crate) fn let_go(&self) {
        self.shared.held.add_permits(1);
    }

    pub(crate) fn received(&self) -> Vec<Told> {
        self.shared.received.borrow().clone()
    }

    /// Waits until so much has been received, and answers all of it.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Told> {
        let mut received = self.shared.received.subscribe();
        let enough = received.wait_for(|told| told.len() >= count);
        let told = tokio::time::timeout(PATIENCE, enough).await;
        told.expect("it is told").expect("it serves").clone()
    }
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).expect("text");
    shared
        .received
        .send_modify(|told| told.push(Told { headers, body }));
    let next = shared.script.lock().expect("unpoisoned").pop_front();
    match next.unwrap_or(Answer::Status(204)) {
        Answer::Status(status) => StatusCode::from_u16(status).expect("one").into_response(),
        Answer::Later(seconds) => {
            let headers = [("retry-after", seconds.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, headers).into_response()
        }
        Answer::Redirect(to) => (StatusCode::FOUND, [("location", to)]).into_response(),
        Answer::Hold => {
            let permit = shared.held.acquire().await.expect("never closed");
            permit.forget();
            StatusCode::NO_CONTENT.into_response()
        }
        Answer::Endless => {
            let piece = || {
                Some((
                    Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 8192])),
                    (),
                ))
            };
            let body = futures_util::stream::unfold((), move |()| async move { piece() });
            Body::from_stream(body).into_response()
        }
    }
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).expect(name);
        value.to_str().expect("text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// What the event is.
    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }

    /// Which of these secrets signed it.
    pub(crate) fn signed_by(&self, secrets: &[&str]) -> Vec<bool> {
        let (id, timestamp) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = format!("{id}.{timestamp}.{}", self.body);
        let sent: Vec<_> = self.header("webhook-signature").split(' ').collect();
        let by = secrets.iter().map(|secret| {
            let key = secret.strip_prefix("whsec_").expect("a secret");
            let key = BASE64_STANDARD.decode(key).expect("base64");
            let mac = BASE64_STANDARD.encode(hmac(&key, signed.as_bytes()));
            sent.contains(&format!("v1,{mac}").as_str())
        });
        by.collect()
    }
}

/// HMAC-SHA256 of a key that is no longer than a block.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |with: u8| {
        let mut block = [with; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new()
        .chain_update(padded(0x36))
        .chain_update(message);
    let outer = Sha256::new()
        .chain_update(padded(0x5c))
        .chain_update(inner.finalize());
    outer.finalize().to_vec()
}
