//! The inference routes: who calls and for whom, then straight to the gateway.

use std::sync::Arc;

use axum::extract::{FromRequest, RawQuery, Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderName, StatusCode};
use relay_wire::embeddings::GeminiEmbedding;
use relay_wire::gemini::{Gemini, GeminiMethod, parse_call};
use relay_wire::{Dialect, client_codec};

use super::body::{InferenceBody, Path};
use super::frame::Arrival;
use crate::app::App;
use crate::gateway::{Addressed, Call, EmbeddingShape, Form, Incoming};
use crate::problem::Problem;

/// `POST /v1/chat/completions`, `/v1/responses`, `/v1/messages`
pub(super) async fn chat(
    State(app): State<Arc<App>>,
    call: Call,
    incoming: Incoming,
) -> Result<Response, Problem> {
    Ok(app.gateway.chat(call, incoming).await?)
}

/// `POST /v1/responses/input_tokens`, `/v1/messages/count_tokens`
pub(super) async fn count_tokens(
    State(app): State<Arc<App>>,
    call: Call,
    incoming: Incoming,
) -> Result<Response, Problem> {
    Ok(app.gateway.count_tokens(call, incoming).await?)
}

/// `POST /v1beta/models/{model}:{method}`
pub(super) async fn gemini(
    State(app): State<Arc<App>>,
    call: Call,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let asked = parse_call(&format!("models/{name}"), query.as_deref()).ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "route_not_found",
            "There is no such method of a model. Relay serves generateContent, \
             streamGenerateContent, countTokens, embedContent and batchEmbedContents.",
        )
    })?;
    let form = match (asked.method, asked.sse) {
        (GeminiMethod::StreamGenerateContent, true) => Form::Events,
        (GeminiMethod::StreamGenerateContent, false) => Form::Array,
        _ => Form::Whole,
    };
    let model = asked.model;
    // Whatever its headers say, the path is Google's.
    let incoming = Incoming {
        client: &Gemini,
        body: incoming.body,
        addressed: Some(Addressed { model, form }),
        headers: HeaderMap::new(),
    };
    let gateway = &app.gateway;
    let embeddings = |method| EmbeddingShape::Gemini(method);
    Ok(match asked.method {
        GeminiMethod::GenerateContent | GeminiMethod::StreamGenerateContent => {
            gateway.chat(call, incoming).await?
        }
        GeminiMethod::CountTokens => gateway.count_tokens(call, incoming).await?,
        GeminiMethod::EmbedContent => {
            let shape = embeddings(GeminiEmbedding::One);
            gateway.embeddings(call, shape, incoming).await?
        }
        GeminiMethod::BatchEmbedContents => {
            let shape = embeddings(GeminiEmbedding::Batch);
            gateway.embeddings(call, shape, incoming).await?
        }
    })
}

/// `POST /v1/embeddings`
pub(super) async fn embeddings(
    State(app): State<Arc<App>>,
    call: Call,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let answer = app
        .gateway
        .embeddings(call, EmbeddingShape::OpenAi, incoming);
    Ok(answer.await?)
}

impl<S: Sync> FromRequest<S> for Incoming {
    type Rejection = Problem;

    /// Reads the body, and the dialect that the frame told from the path.
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let client = request
            .extensions()
            .get::<Arrival>()
            .and_then(|arrival| client_codec(arrival.dialect?))
            .ok_or_else(|| Problem::internal("an inference route has no dialect"))?;
        let headers = passed_on(client.dialect(), request.headers());
        let InferenceBody(body) = InferenceBody::from_request(request, state).await?;
        Ok(Self {
            client,
            body,
            addressed: None,
            headers,
        })
    }
}

/// The headers in which a client says which of the provider's features it asks for. No other
/// header of a caller's ever leaves.
fn passed_on(dialect: Dialect, headers: &HeaderMap) -> HeaderMap {
    let names: &[&'static str] = match dialect {
        Dialect::AnthropicMessages => &["anthropic-version", "anthropic-beta"],
        Dialect::OpenAiChat | Dialect::OpenAiResponses => &["openai-beta"],
        Dialect::Gemini | Dialect::BedrockConverse => &[],
    };
    let mut passed = HeaderMap::new();
    for name in names {
        for value in headers.get_all(*name) {
            passed.append(HeaderName::from_static(name), value.clone());
        }
    }
    passed
}
