//! The inference routes: who calls and for whom, then straight to the gateway.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, HeaderName, StatusCode};
use relay_wire::anthropic_messages::AnthropicMessages;
use relay_wire::embeddings::GeminiEmbedding;
use relay_wire::gemini::{Gemini, GeminiMethod, parse_call};
use relay_wire::openai_chat::OpenAiChat;
use relay_wire::openai_responses::OpenAiResponses;
use relay_wire::{ClientCodec, Dialect};

use super::body::{InferenceBody, Path};
use crate::app::App;
use crate::gateway::{Addressed, Call, EmbeddingShape, Form, Incoming};
use crate::problem::Problem;

/// `POST /v1/chat/completions`
pub(super) async fn chat_completions(
    State(app): State<Arc<App>>,
    call: Call,
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
) -> Result<Response, Problem> {
    let incoming = incoming(&OpenAiChat, &headers, body);
    Ok(app.gateway.chat(call, incoming).await?)
}

/// `POST /v1/responses`
pub(super) async fn responses(
    State(app): State<Arc<App>>,
    call: Call,
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
) -> Result<Response, Problem> {
    let incoming = incoming(&OpenAiResponses, &headers, body);
    Ok(app.gateway.chat(call, incoming).await?)
}

/// `POST /v1/responses/input_tokens`
pub(super) async fn input_tokens(
    State(app): State<Arc<App>>,
    call: Call,
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
) -> Result<Response, Problem> {
    let incoming = incoming(&OpenAiResponses, &headers, body);
    Ok(app.gateway.count_tokens(call, incoming).await?)
}

/// `POST /v1/messages`
pub(super) async fn messages(
    State(app): State<Arc<App>>,
    call: Call,
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
) -> Result<Response, Problem> {
    let incoming = incoming(&AnthropicMessages, &headers, body);
    Ok(app.gateway.chat(call, incoming).await?)
}

/// `POST /v1/messages/count_tokens`
pub(super) async fn count_tokens(
    State(app): State<Arc<App>>,
    call: Call,
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
) -> Result<Response, Problem> {
    let incoming = incoming(&AnthropicMessages, &headers, body);
    Ok(app.gateway.count_tokens(call, incoming).await?)
}

/// `POST /v1beta/models/{model}:{method}`
pub(super) async fn gemini(
    State(app): State<Arc<App>>,
    call: Call,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
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
    let incoming = Incoming {
        addressed: Some(Addressed { model, form }),
        ..incoming(&Gemini, &headers, body)
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
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
) -> Result<Response, Problem> {
    let incoming = incoming(&OpenAiChat, &headers, body);
    let answer = app
        .gateway
        .embeddings(call, EmbeddingShape::OpenAi, incoming);
    Ok(answer.await?)
}

fn incoming(client: &'static dyn ClientCodec, headers: &HeaderMap, body: bytes::Bytes) -> Incoming {
    Incoming {
        client,
        body,
        addressed: None,
        headers: passed_on(client.dialect(), headers),
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
