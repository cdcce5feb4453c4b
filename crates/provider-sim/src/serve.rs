//! A request's way through the simulation: record, authenticate, take the script, answer.

use std::io;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::net::TcpListener;

use crate::authenticate::authenticate;
use crate::connection::{Connection, ResettableListener};
use crate::deliver::{Frames, Payload, respond};
use crate::fault::Fault;
use crate::reply::Content;
use crate::{
    Provider, Received, Reply, Shared, anthropic, azure, bedrock, control, gemini, limits, openai,
    vertex,
};

/// The largest request body taken.
const BODY_LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// A provider call on its way: what the provider modules look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// Below the provider's base, from its `/` on.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a Bytes,
    /// The accepted key: whose call it is.
    pub(crate) key: &'a str,
    pub(crate) shared: &'a Shared,
    /// What the script says, for operations that let a model speak.
    pub(crate) content: &'a Content,
    /// What the model thinks first, if the script says so.
    pub(crate) thought: Option<&'a str>,
    /// For ids.
    pub(crate) number: u64,
}

impl Call<'_> {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<serde_json::Value, Fault> {
        serde_json::from_slice(self.body)
            .map_err(|_| Fault::invalid("We could not parse the JSON body of your request."))
    }
}

/// Serves the simulated providers and the control endpoints until the future is dropped.
pub async fn serve(listener: TcpListener, shared: Shared) -> io::Result<()> {
    let app = app(shared).into_make_service_with_connect_info::<Connection>();
    axum::serve(ResettableListener(listener), app).await
}

/// Everything that is served.
pub(crate) fn app(shared: Shared) -> Router {
    Router::new()
        .nest("/__sim", control::router())
        .fallback(upstream)
        .with_state(shared)
}

async fn upstream(
    State(shared): State<Shared>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let Some((provider, below)) = Provider::of_path(path) else {
        return no_provider(path);
    };
    let Ok(body) = read(body).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    shared.record(received(provider, &parts, &body));

    let number = shared.next_number();
    let query = parts.uri.query();
    let is_open = provider == Provider::Vertex && below == vertex::TOKEN_PATH;
    let key = match authenticate(&shared, provider, &parts.headers, query) {
        Ok(key) => key,
        Err(_) if is_open => String::new(),
        Err(fault) => {
            let payload = refusal(provider, &fault, number);
            let headers = usual_headers(provider, payload.status, number);
            return respond(payload, Reply::usual(), &headers, connection);
        }
    };
    let mut reply = shared
        .next_reply(provider, path, &key)
        .unwrap_or(Reply::usual());
    wait(&mut reply).await;
    let call = Call {
        method: parts.method.as_str(),
        path: below,
        query,
        parts: &parts,
        body: &body,
        key: &key,
        shared: &shared,
        content: &reply.content,
        thought: reply.thought.as_deref(),
        number,
    };
    let outcome = match &reply.content {
        Content::Hang => std::future::pending().await,
        Content::Reset => {
            connection.reset();
            return Response::default();
        }
        Content::Close => {
            connection.close();
            return Response::default();
        }
        Content::Error(message) => Err(Fault::new(reply.status, message)),
        Content::RateLimited(seconds) => {
            let seconds = *seconds;
            // What a script sets itself comes later and counts.
            reply
                .headers
                .splice(..0, limits::headers(provider, seconds));
            Err(limits::fault(seconds))
        }
        Content::Raw(bytes) => Ok(raw(reply.status, bytes.clone())),
        Content::Usual | Content::Text(_) | Content::Calls(_) => answer(provider, &call),
    };
    let payload = outcome.unwrap_or_else(|fault| refusal(provider, &fault, number));
    let headers = usual_headers(provider, payload.status, number);
    respond(payload, reply, &headers, connection)
}

async fn read(body: Body) -> Result<Bytes, axum::Error> {
    to_bytes(body, BODY_LIMIT_BYTES).await
}

/// Waits as long as the script says before the response begins.
async fn wait(reply: &mut Reply) {
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    if let Some(gate) = &mut reply.gate
        && gate.after_events.is_none()
    {
        gate.pass().await;
    }
}

fn answer(provider: Provider, call: &Call<'_>) -> Result<Payload, Fault> {
    match provider {
        Provider::OpenAi => openai::answer(call),
        Provider::Anthropic => anthropic::answer(call),
        Provider::Google => gemini::answer(call),
        Provider::Azure => azure::answer(call),
        Provider::Bedrock => bedrock::answer(call),
        Provider::Vertex => vertex::answer(call),
    }
}

fn refusal(provider: Provider, fault: &Fault, number: u64) -> Payload {
    let (content_type, body) = match provider {
        Provider::OpenAi => ("application/json", openai::error(fault)),
        Provider::Anthropic => ("application/json", anthropic::error(fault, number)),
        Provider::Google | Provider::Vertex => {
            ("application/json; charset=UTF-8", gemini::error(fault))
        }
        Provider::Azure => ("application/json", azure::error(fault)),
        Provider::Bedrock => ("application/json", bedrock::error(fault)),
    };
    Payload::json(fault.status, content_type, &body)
}

fn usual_headers(provider: Provider, status: u16, number: u64) -> Vec<(&'static str, String)> {
    match provider {
        Provider::OpenAi => openai::headers(number),
        Provider::Anthropic => anthropic::headers(number),
        Provider::Google | Provider::Vertex => gemini::headers(),
        Provider::Azure => azure::headers(number),
        Provider::Bedrock => bedrock::headers(status, number),
    }
}

fn raw(status: u16, bytes: Bytes) -> Payload {
    Payload {
        status,
        content_type: "application/json",
        body: Frames::Whole(bytes),
        error_frames: Vec::new(),
    }
}

fn received(provider: Provider, parts: &Parts, body: &Bytes) -> Received {
    let headers = parts.headers.iter().map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    Received {
        provider,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: headers.collect(),
        body: body.clone(),
    }
}

fn no_provider(path: &str) -> Response {
    let bases = Provider::ALL.map(Provider::base_path).join(", ");
    let message = format!("Nothing is simulated at {path}; base paths are {bases}.\n");
    (StatusCode::NOT_FOUND, message).into_response()
}
