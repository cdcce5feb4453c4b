//! `/__sim/...`: what a test in another process does through [`Sim`](crate::Sim)'s methods.
//!
//! | Route | Does |
//! | --- | --- |
//! | `PUT /__sim/keys` `{"provider": "openai", "key": "sk-..."}` | accepts a key; `DELETE` with the same body refuses it |
//! | `POST /__sim/script` | adds one reply (see [`Scripted`]); `DELETE` throws all away |
//! | `POST /__sim/release` `{"hold": "name"}` | lets a held reply go on |
//! | `GET /__sim/requests` | lists what was received; `DELETE` forgets it |
//! | `GET /__sim/health` | says that it runs, and that it is simulated |

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Provider, Reply, Shared};

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/health", get(health))
        .route("/keys", put(allow_key).delete(refuse_key))
        .route("/script", post(add_reply).delete(clear_scripts))
        .route("/release", post(release))
        .route("/requests", get(requests).delete(clear_requests))
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok", "simulated": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    provider: String,
    key: String,
}

async fn allow_key(State(shared): State<Shared>, Json(body): Json<Key>) -> Response {
    with_provider(&body.provider, |provider| {
        shared.allow_key(provider, &body.key);
    })
}

async fn refuse_key(State(shared): State<Shared>, Json(body): Json<Key>) -> Response {
    with_provider(&body.provider, |provider| {
        shared.refuse_key(provider, &body.key);
    })
}

/// One scripted reply. At most one of `text`, `toolCalls`, `error`, `rateLimited`, `body`, `reset`,
/// `close` and `hang` says what is answered (the usual answer, if none); the rest says when, and how it breaks off.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scripted {
    provider: String,
    /// Only for a request whose path contains this.
    on: Option<String>,
    text: Option<String>,
    tool_calls: Option<Vec<ScriptedCall>>,
    /// What the model thinks first; see [`Reply::thinking`].
    thinking: Option<String>,
    /// An error message, in the provider's own shape; with `status`.
    error: Option<String>,
    /// Exactly this body: text as it is, anything else as JSON; with `status`.
    body: Option<Value>,
    #[serde(default)]
    reset: bool,
    #[serde(default)]
    close: bool,
    /// A 429 that says to come back in this many seconds.
    rate_limited: Option<u64>,
    #[serde(default)]
    hang: bool,
    /// For `error` (500 when absent) and `body` (200).
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    times: Option<usize>,
    delay_ms: Option<u64>,
    pace_ms: Option<u64>,
    cut_after: Option<usize>,
    reset_after: Option<usize>,
    hang_after: Option<usize>,
    error_after: Option<usize>,
    /// A name for `POST /__sim/release`; with `holdAfter`, events go out before the hold.
    hold: Option<String>,
    hold_after: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptedCall {
    name: String,
    arguments: Value,
}

async fn add_reply(State(shared): State<Shared>, Json(scripted): Json<Scripted>) -> Response {
    let provider = scripted.provider.clone();
    with_provider(&provider, |provider| {
        let hold_name = scripted.hold.clone();
        let hold_after = scripted.hold_after;
        let mut reply = scripted.into_reply();
        if let Some(name) = hold_name {
            let (held, hold) = match hold_after {
                None => reply.hold(),
                Some(events) => reply.hold_after(events),
            };
            shared.keep_hold(name, hold);
            reply = held;
        }
        shared.script(provider, reply);
    })
}

impl Scripted {
    fn into_reply(self) -> Reply {
        let mut reply = match (self.text, self.tool_calls, self.error, self.body) {
            (Some(text), ..) => Reply::text(text),
            (_, Some(calls), ..) => {
                Reply::tool_calls(calls.into_iter().map(|call| (call.name, call.arguments)))
            }
            (_, _, Some(message), _) => Reply::error(self.status.unwrap_or(500), message),
            (_, _, _, Some(Value::String(text))) => Reply::raw(self.status.unwrap_or(200), text),
            (_, _, _, Some(json)) => Reply::raw(self.status.unwrap_or(200), json.to_string()),
            _ if self.reset => Reply::reset(),
            _ if self.close => Reply::close(),
            _ if self.rate_limited.is_some() => {
                Reply::rate_limited(self.rate_limited.unwrap_or_default())
            }
            _ if self.hang => Reply::hang(),
            _ => Reply::usual(),
        };
        if let Some(thought) = self.thinking {
            reply = reply.thinking(thought);
        }
        for (name, value) in self.headers {
            reply = reply.header(name, value);
        }
        if let Some(part) = self.on {
            reply = reply.on(part);
        }
        reply = reply
            .times(self.times.unwrap_or(1))
            .delay(Duration::from_millis(self.delay_ms.unwrap_or(0)))
            .pace(Duration::from_millis(self.pace_ms.unwrap_or(0)));
        if let Some(events) = self.cut_after {
            reply = reply.cut_after(events);
        }
        if let Some(events) = self.reset_after {
            reply = reply.reset_after(events);
        }
        if let Some(events) = self.hang_after {
            reply = reply.hang_after(events);
        }
        if let Some(events) = self.error_after {
            reply = reply.error_after(events);
        }
        reply
    }
}

async fn clear_scripts(State(shared): State<Shared>) -> StatusCode {
    shared.clear_scripts();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    hold: String,
}

async fn release(State(shared): State<Shared>, Json(body): Json<Release>) -> Response {
    match shared.take_hold(&body.hold) {
        Some(hold) => {
            hold.release();
            StatusCode::NO_CONTENT.into_response()
        }
        None => (StatusCode::NOT_FOUND, "nothing is held under this name\n").into_response(),
    }
}

async fn requests(State(shared): State<Shared>) -> Response {
    let received = shared.received();
    let listed: Vec<_> = received.iter().map(crate::Received::listed).collect();
    Json(listed).into_response()
}

async fn clear_requests(State(shared): State<Shared>) -> StatusCode {
    shared.clear_received();
    StatusCode::NO_CONTENT
}

fn with_provider(name: &str, act: impl FnOnce(Provider)) -> Response {
    match Provider::named(name) {
        Some(provider) => {
            act(provider);
            StatusCode::NO_CONTENT.into_response()
        }
        None => (
            StatusCode::BAD_REQUEST,
            format!("provider: one of {}\n", Provider::NAMES),
        )
            .into_response(),
    }
}
