//! Token counts: asked of the model's host, never guessed.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, Method};
use relay_wire::{Dialect, WireError, token_count};

use super::answer::{Answer, respond};
use super::incoming::Incoming;
use super::meter::Ticket;
use super::send::{Outgoing, forwarded};
use super::{Call, Failure, Gateway, refusal};

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
        ticket.speaks(incoming.dialect());
        ticket.keeps_prompt(&incoming.body);
        call.name_end_user(incoming.dialect(), &glance, ticket)?;
        let target = self.route(asked.model)?;
        ticket.goes_to(&target.host.id, &target.model);
        ticket.priced(target.prices.clone());
        let inbound = incoming.dialect();
        let counts = |dialect: &Dialect| token_count::path(*dialect, &target.model).is_some();
        // Its own dialect if the model is served in it, else the best that can count.
        let outbound = std::iter::once(target.outbound(inbound, false))
            .chain(target.host.dialects.iter().copied())
            .find(counts)
            .ok_or_else(|| refusal::no_token_counts(&target.host))?;
        let drawn = self.credentials.draw(call, &target.host).await?;
        ticket.uses(&drawn.row);
        let untouched = outbound == inbound && asked.model == target.model;
        let (body, headers) = if untouched {
            (incoming.body.clone(), incoming.headers.clone())
        } else {
            let mut request = token_count::decode_request(inbound, &incoming.body)
                .map_err(WireError::into_request_error)?;
            request.model.clone_from(&target.model);
            let body = token_count::encode_request(outbound, &request)
                .map_err(WireError::into_request_error)?;
            (body.into(), HeaderMap::new())
        };
        let outgoing = Outgoing {
            method: Method::POST,
            host: Arc::clone(&target.host),
            dialect: outbound,
            path: token_count::path(outbound, &target.model).unwrap_or_default(),
            model: target.model.clone(),
            headers,
            body,
            streamed: false,
        };
        let upstream = self.send(call, &drawn, outgoing).await?;
        let headers = forwarded(upstream.headers());
        let body = self.read_whole(&target.host, upstream, ticket).await?;
        let tokens = token_count::decode_response(outbound, &body)
            .map_err(WireError::into_upstream_error)?;
        let body = if outbound == inbound {
            body
        } else {
            token_count::encode_response(inbound, tokens).into()
        };
        Ok(Answer::Whole { headers, body })
    }
}
