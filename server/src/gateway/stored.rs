//! Responses that OpenAI keeps: read, cancelled and deleted where they are. They name no model, so
//! they are asked of the catalog's first host that speaks Responses.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use relay_wire::Dialect;
use relay_wire::openai_responses::OpenAiResponses;

use super::answer::{Answer, respond};
use super::meter::Ticket;
use super::passing::{Manner, Passing};
use super::send::{Outgoing, forwarded};
use super::side::Side;
use super::{Call, Failure, Gateway, refusal};

const DIALECT: Dialect = Dialect::OpenAiResponses;

/// What is asked of a stored response.
pub struct StoredResponse {
    /// How.
    pub method: Method,
    /// The response's id, and what of it: `resp_1`, `resp_1/cancel`.
    pub path: String,
    /// The query, without a key; empty where there is none.
    pub query: String,
    /// Asked for as a stream (`?stream=true`).
    pub streamed: bool,
}

impl Gateway {
    /// Answers a call about a stored response.
    pub async fn stored_response(
        &self,
        call: &Call,
        asked: StoredResponse,
    ) -> Result<Response, Failure> {
        let mut ticket = self.meter.open(call, "stored-response");
        let answer = self.stored_answer(call, asked, &mut ticket).await;
        respond(answer, ticket)
    }

    async fn stored_answer(
        &self,
        call: &Call,
        asked: StoredResponse,
        ticket: &mut Ticket,
    ) -> Result<Answer, Failure> {
        let StoredResponse {
            method,
            path,
            query,
            streamed,
        } = asked;
        ticket.asks("", streamed);
        let hosts = self.catalog.hosts();
        let host = hosts.iter().find(|host| host.dialects.contains(&DIALECT));
        let host = host.ok_or_else(refusal::no_stored_responses)?;
        ticket.goes_to(&host.id, "");
        let drawn = self.credentials.draw(call, host).await?;
        ticket.uses(&drawn.row);
        let question = if query.is_empty() { "" } else { "?" };
        let outgoing = Outgoing {
            method,
            host: Arc::clone(host),
            dialect: DIALECT,
            path: format!("/responses/{path}{question}{query}"),
            model: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            streamed,
        };
        let upstream = self.send(call, &drawn, outgoing).await?;
        let headers = forwarded(upstream.headers());
        if streamed {
            return Ok(Answer::Streamed {
                headers,
                upstream: Box::new(upstream),
                side: Side::passing(Passing::new(&OpenAiResponses, &Manner::AsTheyCame)).into(),
                host: Arc::clone(host),
            });
        }
        // Its tokens were counted when it was made.
        let body = self.read_whole(host, upstream, ticket).await?;
        Ok(Answer::Whole { headers, body })
    }
}
