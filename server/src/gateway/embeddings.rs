//! Embeddings: OpenAI's shape or Google's in, either out.

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use relay_wire::embeddings::{self, EmbeddingRequest, EncodingFormat, GeminiEmbedding};
use relay_wire::{ApiError, Dialect, WireError};

use super::answer::{Answer, respond};
use super::attempts::Operation;
use super::incoming::{Asked, Incoming};
use super::meter::Ticket;
use super::route::Candidate;
use super::send::{Outgoing, forwarded};
use super::{Call, Failure, Gateway, refusal};
use crate::catalog::{EmbeddingDialect, Target};

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
        Self::admit(call, incoming, &glance, ticket)?;
        let serves = |target: &Target| outbound(target).map(drop);
        let route = self.route(call, asked.model, ticket, serves).await?;
        self.reserve(call, route.estimate(incoming.body.len()), ticket)
            .await?;
        let embedding = Embedding {
            shape,
            incoming,
            asked,
        };
        self.attempt(call, &route, &embedding, ticket).await
    }
}

/// One embeddings call.
struct Embedding<'a> {
    shape: EmbeddingShape,
    incoming: &'a Incoming,
    asked: Asked<'a>,
}

/// How an embeddings answer is read.
struct Reading {
    outbound: EmbeddingDialect,
    /// What is translated, if the answer is not passed on as it is.
    translated: Option<EncodingFormat>,
}

fn outbound(target: &Target) -> Result<EmbeddingDialect, ApiError> {
    let host = &target.host;
    host.embeddings.ok_or_else(|| refusal::no_embeddings(host))
}

const fn dialect(outbound: EmbeddingDialect) -> Dialect {
    match outbound {
        EmbeddingDialect::Openai => Dialect::OpenAiChat,
        EmbeddingDialect::Gemini => Dialect::Gemini,
    }
}

impl Embedding<'_> {
    /// The request as it came, if the host speaks as the caller does.
    fn untouched(&self, target: &Target, outbound: EmbeddingDialect) -> Option<(String, Bytes)> {
        match (self.shape, outbound) {
            (EmbeddingShape::OpenAi, EmbeddingDialect::Openai) => Some((
                "/embeddings".to_owned(),
                self.incoming.body_for(&self.asked, &target.model, false),
            )),
            // Google's bodies repeat the model's name, so another name means another body.
            (EmbeddingShape::Gemini(method), EmbeddingDialect::Gemini)
                if self.asked.model == target.model =>
            {
                let path = embeddings::gemini_path(&target.model, method);
                Some((path, self.incoming.body.clone()))
            }
            _ => None,
        }
    }

    /// The request as Relay writes it, and how the caller wants its numbers.
    fn written(
        &self,
        target: &Target,
        outbound: EmbeddingDialect,
    ) -> Result<(String, Bytes, EncodingFormat), WireError> {
        let mut request = self.shape.decode(&self.incoming.body, self.asked.model)?;
        request.model.clone_from(&target.model);
        let (path, body) = match outbound {
            EmbeddingDialect::Openai => (
                "/embeddings".to_owned(),
                embeddings::encode_openai_request(&request)?,
            ),
            EmbeddingDialect::Gemini => (
                embeddings::gemini_path(&target.model, GeminiEmbedding::Batch),
                embeddings::encode_gemini_request(&request)?,
            ),
        };
        Ok((path, body.into(), request.encoding_format))
    }
}

impl Operation for Embedding<'_> {
    type Plan = Reading;
    type Done = Answer;

    fn plan(&self, candidate: &Candidate) -> Result<(Outgoing, Reading), ApiError> {
        let target = &candidate.target;
        let outbound = outbound(target)?;
        let (path, body, translated) = if let Some((path, body)) = self.untouched(target, outbound)
        {
            (path, body, None)
        } else {
            let written = self.written(target, outbound);
            let (path, body, format) = written.map_err(WireError::into_request_error)?;
            (path, body, Some(format))
        };
        let outgoing = Outgoing {
            method: Method::POST,
            dialect: dialect(outbound),
            path,
            model: target.model.clone(),
            headers: HeaderMap::new(),
            body,
            streamed: false,
        };
        let reading = Reading {
            outbound,
            translated,
        };
        Ok((outgoing, reading))
    }

    async fn read(
        &self,
        gateway: &Gateway,
        candidate: &Candidate,
        reading: Reading,
        upstream: reqwest::Response,
        ticket: &mut Ticket,
    ) -> Result<Answer, Failure> {
        let headers = forwarded(upstream.headers());
        let (host, outbound) = (candidate.host(), reading.outbound);
        let Some(format) = reading.translated else {
            let body = gateway
                .read_untouched(host, dialect(outbound), upstream, ticket)
                .await?;
            return Ok(Answer::Whole { headers, body });
        };
        let body = gateway.read_whole(host, upstream, ticket).await?;
        let mut response = match outbound {
            EmbeddingDialect::Openai => embeddings::decode_openai_response(&body),
            EmbeddingDialect::Gemini => embeddings::decode_gemini_response(&body),
        }
        .map_err(WireError::into_upstream_error)?;
        response.model.clone_from(&candidate.target.model);
        ticket.used(response.usage.as_ref());
        let body = match self.shape {
            EmbeddingShape::OpenAi => embeddings::encode_openai_response(&response, format),
            EmbeddingShape::Gemini(method) => embeddings::encode_gemini_response(&response, method),
        };
        Ok(Answer::Whole {
            headers,
            body: body.into(),
        })
    }
}
