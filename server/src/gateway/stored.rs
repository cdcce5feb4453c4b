//! Responses that OpenAI keeps: read, cancelled and deleted where they are. They name no model, so
//! they are asked of the catalog's first host that speaks Responses.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use relay_wire::openai_responses::OpenAiResponses;
use relay_wire::{ApiError, Dialect};

use super::answer::{Answer, respond};
use super::attempts::Operation;
use super::meter::Ticket;
use super::passing::{Manner, Passing};
use super::route::Candidate;
use super::send::{Outgoing, forwarded};
use super::side::Side;
use super::stream::Begun;
use super::{Call, Failure, Gateway, refusal};
use crate::catalog::Target;
use crate::limits::Cost;

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
        ticket.asks("", asked.streamed);
        let catalog = self.catalog_of(call).await?;
        let host = catalog
            .hosts()
            .filter(|host| host.dialects.contains(&DIALECT))
            .find(|host| call.key.policy.allows_host(&host.id));
        let host = host.ok_or_else(refusal::no_stored_responses)?;
        let route = self.route_to(call, Target::of_host(host), ticket).await?;
        self.reserve(call, Cost::of_request(0, 0), ticket).await?;
        self.attempt(call, &route, &asked, ticket).await
    }
}

impl Operation for StoredResponse {
    type Plan = ();
    type Done = Answer;

    fn plan(&self, _: &Candidate) -> Result<(Outgoing, ()), ApiError> {
        let question = if self.query.is_empty() { "" } else { "?" };
        let outgoing = Outgoing {
            method: self.method.clone(),
            dialect: DIALECT,
            path: format!("/responses/{}{question}{}", self.path, self.query),
            model: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            streamed: self.streamed,
        };
        Ok((outgoing, ()))
    }

    async fn read(
        &self,
        gateway: &Gateway,
        candidate: &Candidate,
        (): (),
        upstream: reqwest::Response,
        ticket: &mut Ticket,
    ) -> Result<Answer, Failure> {
        let headers = forwarded(upstream.headers());
        let host = candidate.host();
        if self.streamed {
            return Ok(Answer::Streamed {
                headers,
                upstream: Box::new(Begun::wait(host, upstream, ticket).await?),
                side: Side::passing(Passing::new(&OpenAiResponses, &Manner::AsTheyCame)).into(),
                host: Arc::clone(host),
            });
        }
        // Its tokens were counted when it was made.
        let body = gateway.read_whole(host, upstream, ticket).await?;
        Ok(Answer::Whole { headers, body })
    }
}
