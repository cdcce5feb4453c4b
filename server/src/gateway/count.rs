//! Token counts: asked of the model's host, never guessed.

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use relay_wire::{ApiError, Dialect, WireError, token_count};

use super::answer::{Answer, respond};
use super::attempts::Operation;
use super::incoming::{Asked, Incoming};
use super::meter::Ticket;
use super::route::Candidate;
use super::send::{Outgoing, forwarded};
use super::{Call, Failure, Gateway, refusal};
use crate::catalog::Target;
use crate::limits::Cost;

/// One call for a count.
struct Count<'a> {
    incoming: &'a Incoming,
    asked: Asked<'a>,
}

impl Gateway {
    /// Answers how many input tokens a request has.
    pub async fn count_tokens(
        &self,
        mut call: Call,
        incoming: Incoming,
    ) -> Result<Response, Failure> {
        let mut ticket = self.meter.open(&call, "count-tokens");
        let answer = self.count_answer(&mut call, &incoming, &mut ticket).await;
        respond(answer, ticket)
    }

    async fn count_answer(
        &self,
        call: &mut Call,
        incoming: &Incoming,
        ticket: &mut Ticket,
    ) -> Result<Answer, Failure> {
        let glance = incoming.glance()?;
        let asked = incoming.asked(&glance)?;
        ticket.asks(asked.model, false);
        Self::admit(call, incoming, &glance, ticket)?;
        let inbound = incoming.dialect();
        let serves = |target: &Target| outbound(target, inbound).map(drop);
        let route = self.route(call, asked.model, ticket, serves).await?;
        self.reserve(call, Cost::of_request(0, 0), ticket).await?;
        let count = Count { incoming, asked };
        self.attempt(call, &route, &count, ticket).await
    }
}

/// What the host is asked in: the caller's dialect if the model is served in it, else the best that
/// can count.
fn outbound(target: &Target, inbound: Dialect) -> Result<(Dialect, String), ApiError> {
    std::iter::once(target.outbound(inbound, false))
        .chain(target.host.dialects.iter().copied())
        .find_map(|dialect| Some((dialect, token_count::path(dialect, &target.model)?)))
        .ok_or_else(|| refusal::no_token_counts(&target.host))
}

impl Operation for Count<'_> {
    type Plan = Dialect;
    type Done = Answer;

    fn plan(&self, candidate: &Candidate) -> Result<(Outgoing, Dialect), ApiError> {
        let target = &candidate.target;
        let inbound = self.incoming.dialect();
        let (dialect, path) = outbound(target, inbound)?;
        let (body, headers) = if dialect == inbound && self.asked.model == target.model {
            (self.incoming.body.clone(), self.incoming.headers.clone())
        } else {
            let mut request = token_count::decode_request(inbound, &self.incoming.body)
                .map_err(WireError::into_request_error)?;
            request.model.clone_from(&target.model);
            let body = token_count::encode_request(dialect, &request)
                .map_err(WireError::into_request_error)?;
            (Bytes::from(body), HeaderMap::new())
        };
        let outgoing = Outgoing {
            method: Method::POST,
            dialect,
            path,
            model: target.model.clone(),
            headers,
            body,
            streamed: false,
        };
        Ok((outgoing, dialect))
    }

    async fn read(
        &self,
        gateway: &Gateway,
        candidate: &Candidate,
        dialect: Dialect,
        upstream: reqwest::Response,
        ticket: &mut Ticket,
    ) -> Result<Answer, Failure> {
        let headers = forwarded(upstream.headers());
        let body = gateway
            .read_whole(candidate.host(), upstream, ticket)
            .await?;
        let tokens =
            token_count::decode_response(dialect, &body).map_err(WireError::into_upstream_error)?;
        let inbound = self.incoming.dialect();
        let body = if dialect == inbound {
            body
        } else {
            token_count::encode_response(inbound, tokens).into()
        };
        Ok(Answer::Whole { headers, body })
    }
}
