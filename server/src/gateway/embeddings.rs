//! Embeddings: OpenAI's shape in; OpenAI's or Google's out.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use relay_wire::{ApiError, Dialect, WireError, embeddings, peek};

use super::chat::{Answer, respond};
use super::meter::Ticket;
use super::send::{Outgoing, forwarded};
use super::{Call, Gateway, refusal};
use crate::catalog::EmbeddingDialect;

impl Gateway {
    /// Answers an embeddings call of OpenAI's shape.
    pub async fn embeddings(&self, call: &Call, body: Bytes) -> Result<Response, ApiError> {
        let mut ticket = self.meter.open(call, "embeddings");
        let answer = self.embeddings_answer(call, body, &mut ticket).await;
        respond(answer, ticket)
    }

    async fn embeddings_answer(
        &self,
        call: &Call,
        body: Bytes,
        ticket: &mut Ticket,
    ) -> Result<Answer, ApiError> {
        let glance = peek(&body).map_err(WireError::into_request_error)?;
        let name = glance.model().ok_or_else(refusal::model_required)?;
        ticket.asks(name, false);
        let target = self.route(name)?;
        ticket.goes_to(&target.host.id);
        let dialect = target
            .host
            .embeddings
            .ok_or_else(|| refusal::no_embeddings(&target.host))?;
        let drawn = self.credentials.draw(call, &target.host).await?;
        ticket.uses(&drawn.row.id);
        match dialect {
            EmbeddingDialect::Openai => {
                let same_name = name == target.model;
                let outgoing = Outgoing {
                    host: Arc::clone(&target.host),
                    dialect: Dialect::OpenAiChat,
                    path: "/embeddings".to_owned(),
                    model: target.model.clone(),
                    body: if same_name {
                        body.clone()
                    } else {
                        glance.with_model(&body, &target.model).into()
                    },
                    streamed: false,
                };
                let upstream = self.send(call, &drawn, outgoing).await?;
                let headers = forwarded(upstream.headers());
                let body = self
                    .read_untouched(&target, Dialect::OpenAiChat, upstream, ticket)
                    .await?;
                Ok(Answer::Whole { headers, body })
            }
            EmbeddingDialect::Gemini => {
                let mut request = embeddings::decode_openai_request(&body)
                    .map_err(WireError::into_request_error)?;
                request.model.clone_from(&target.model);
                let outgoing = Outgoing {
                    host: Arc::clone(&target.host),
                    dialect: Dialect::Gemini,
                    path: embeddings::gemini_path(&target.model),
                    model: target.model.clone(),
                    body: embeddings::encode_gemini_request(&request)
                        .map_err(WireError::into_request_error)?
                        .into(),
                    streamed: false,
                };
                let upstream = self.send(call, &drawn, outgoing).await?;
                let headers = forwarded(upstream.headers());
                let body = self.read_whole(&target, upstream, ticket).await?;
                let mut response = embeddings::decode_gemini_response(&body)
                    .map_err(WireError::into_upstream_error)?;
                response.model.clone_from(&target.model);
                ticket.used(response.usage.as_ref());
                let body = embeddings::encode_openai_response(&response, request.encoding_format);
                Ok(Answer::Whole {
                    headers,
                    body: body.into(),
                })
            }
        }
    }
}
