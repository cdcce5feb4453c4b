//! Embeddings: OpenAI's shape or Google's in, either out.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use relay_wire::embeddings::{self, EmbeddingRequest, GeminiEmbedding};
use relay_wire::{Dialect, WireError};

use super::answer::{Answer, respond};
use super::incoming::Incoming;
use super::meter::Ticket;
use super::send::{Outgoing, forwarded};
use super::{Call, Failure, Gateway, refusal};
use crate::catalog::EmbeddingDialect;

/// The shape a caller asks in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbeddingShape {
    /// `POST /v1/embeddings`.
    OpenAi,
    /// `embedContent` or `batchEmbedContents`.
    Gemini(GeminiEmbedding),
}

impl EmbeddingShape {
    fn decode(self, body: &[u8], model: &str) -> Result<EmbeddingRequest, WireError> {
        match self {
            Self::OpenAi => embeddings::decode_openai_request(body),
            Self::Gemini(method) => embeddings::decode_gemini_request(body, model, method),
        }
    }
}

impl Gateway {
    /// Answers an embeddings call.
    pub async fn embeddings(
        &self,
        mut call: Call,
        shape: EmbeddingShape,
        incoming: Incoming,
    ) -> Result<Response, Failure> {
        let mut ticket = self.meter.open(&call, "embeddings");
        let answer = self
            .embeddings_answer(&mut call, shape, &incoming, &mut ticket)
            .await;
        respond(answer, ticket)
    }

    async fn embeddings_answer(
        &self,
        call: &mut Call,
        shape: EmbeddingShape,
        incoming: &Incoming,
        ticket: &mut Ticket,
    ) -> Result<Answer, Failure> {
        let glance = incoming.glance()?;
        let asked = incoming.asked(&glance)?;
        ticket.asks(asked.model, false);
        ticket.speaks(incoming.dialect());
        ticket.keeps_prompt(&incoming.body);
        call.name_end_user(incoming.dialect(), &glance, ticket)?;
        let target = self.route(asked.model)?;
        ticket.goes_to(&target.host.id, &target.model);
        ticket.priced(target.prices.clone());
        let host = &target.host;
        let outbound = host
            .embeddings
            .ok_or_else(|| refusal::no_embeddings(host))?;
        let drawn = self.credentials.draw(call, host).await?;
        ticket.uses(&drawn.row);
        let outgoing = |path: String, body: Bytes| Outgoing {
            method: Method::POST,
            host: Arc::clone(host),
            dialect: match outbound {
                EmbeddingDialect::Openai => Dialect::OpenAiChat,
                EmbeddingDialect::Gemini => Dialect::Gemini,
            },
            path,
            model: target.model.clone(),
            headers: HeaderMap::new(),
            body,
            streamed: false,
        };
        let untouched = match (shape, outbound) {
            (EmbeddingShape::OpenAi, EmbeddingDialect::Openai) => Some((
                "/embeddings".to_owned(),
                incoming.body_for(&asked, &target.model, false),
            )),
            // Google's bodies repeat the model's name, so another name means another body.
            (EmbeddingShape::Gemini(method), EmbeddingDialect::Gemini)
                if asked.model == target.model =>
            {
                let path = embeddings::gemini_path(&target.model, method);
                Some((path, incoming.body.clone()))
            }
            _ => None,
        };
        if let Some((path, body)) = untouched {
            let outgoing = outgoing(path, body);
            let dialect = outgoing.dialect;
            let upstream = self.send(call, &drawn, outgoing).await?;
            let headers = forwarded(upstream.headers());
            let body = self.read_untouched(host, dialect, upstream, ticket).await?;
            return Ok(Answer::Whole { headers, body });
        }
        let mut request = shape
            .decode(&incoming.body, asked.model)
            .map_err(WireError::into_request_error)?;
        request.model.clone_from(&target.model);
        let (path, body) = match outbound {
            EmbeddingDialect::Openai => (
                "/embeddings".to_owned(),
                embeddings::encode_openai_request(&request),
            ),
            EmbeddingDialect::Gemini => (
                embeddings::gemini_path(&target.model, GeminiEmbedding::Batch),
                embeddings::encode_gemini_request(&request),
            ),
        };
        let body = body.map_err(WireError::into_request_error)?;
        let upstream = self.send(call, &drawn, outgoing(path, body.into())).await?;
        let headers = forwarded(upstream.headers());
        let body = self.read_whole(host, upstream, ticket).await?;
        let mut response = match outbound {
            EmbeddingDialect::Openai => embeddings::decode_openai_response(&body),
            EmbeddingDialect::Gemini => embeddings::decode_gemini_response(&body),
        }
        .map_err(WireError::into_upstream_error)?;
        response.model.clone_from(&target.model);
        ticket.used(response.usage.as_ref());
        let body = match shape {
            EmbeddingShape::OpenAi => {
                embeddings::encode_openai_response(&response, request.encoding_format)
            }
            EmbeddingShape::Gemini(method) => embeddings::encode_gemini_response(&response, method),
        };
        Ok(Answer::Whole {
            headers,
            body: body.into(),
        })
    }
}
