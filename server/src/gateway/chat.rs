//! Chat: the same dialect on both sides passes through untouched; else it is translated.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use relay_wire::{ApiError, ClientCodec, Peek, StreamOptions, codec, peek};

use super::draw::Drawn;
use super::meter::Ticket;
use super::send::{Outgoing, forwarded};
use super::side::Side;
use super::stream::Relaying;
use super::{Call, Gateway, refusal};
use crate::catalog::Target;

/// Tells nginx and its kin not to hold a stream back.
const NO_BUFFERING: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

/// What is to be answered.
pub(super) enum Answer {
    Whole {
        headers: HeaderMap,
        body: Bytes,
    },
    Streamed {
        headers: HeaderMap,
        upstream: Box<reqwest::Response>,
        side: Side,
    },
}

impl Gateway {
    /// Answers a chat call of a client that speaks `inbound`.
    pub async fn chat(
        &self,
        call: &Call,
        inbound: &'static dyn ClientCodec,
        body: Bytes,
    ) -> Result<Response, ApiError> {
        let mut ticket = self.meter.open(call, "chat");
        let answer = self.chat_answer(call, inbound, body, &mut ticket).await;
        respond(answer, ticket)
    }

    async fn chat_answer(
        &self,
        call: &Call,
        inbound: &'static dyn ClientCodec,
        body: Bytes,
        ticket: &mut Ticket,
    ) -> Result<Answer, ApiError> {
        let glance = peek(&body).map_err(relay_wire::WireError::into_request_error)?;
        let name = glance.model().ok_or_else(refusal::model_required)?;
        ticket.asks(name, glance.stream());
        let target = self.route(name)?;
        ticket.goes_to(&target.host.id);
        let drawn = self.credentials.draw(call, &target.host).await?;
        ticket.uses(&drawn.row.id);
        if target.host.dialect() == inbound.dialect() {
            self.pass_through(call, &drawn, &target, &glance, &body, ticket)
                .await
        } else {
            self.translate(call, inbound, &drawn, &target, &glance, &body, ticket)
                .await
        }
    }

    pub(super) fn route(&self, name: &str) -> Result<Target, ApiError> {
        self.catalog
            .resolve(name)
            .map_err(|unresolved| refusal::model_not_found(name, &unresolved))
    }

    async fn pass_through(
        &self,
        call: &Call,
        drawn: &Drawn,
        target: &Target,
        glance: &Peek<'_>,
        body: &Bytes,
        ticket: &mut Ticket,
    ) -> Result<Answer, ApiError> {
        let (dialect, streamed) = (target.host.dialect(), glance.stream());
        let same_name = glance.model() == Some(target.model.as_str());
        let outgoing = Outgoing {
            host: Arc::clone(&target.host),
            dialect,
            path: codec(dialect).path(&target.model, streamed),
            model: target.model.clone(),
            body: if same_name {
                body.clone()
            } else {
                glance.with_model(body, &target.model).into()
            },
            streamed,
        };
        let upstream = self.send(call, drawn, outgoing).await?;
        let headers = forwarded(upstream.headers());
        if streamed {
            return Ok(Answer::Streamed {
                headers,
                upstream: Box::new(upstream),
                side: Side::passing(dialect),
            });
        }
        let body = self
            .read_untouched(target, dialect, upstream, ticket)
            .await?;
        Ok(Answer::Whole { headers, body })
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one step of one path, called from one place"
    )]
    async fn translate(
        &self,
        call: &Call,
        inbound: &'static dyn ClientCodec,
        drawn: &Drawn,
        target: &Target,
        glance: &Peek<'_>,
        body: &[u8],
        ticket: &mut Ticket,
    ) -> Result<Answer, ApiError> {
        let host = codec(target.host.dialect());
        let bad_request = relay_wire::WireError::into_request_error;
        let bad_answer = relay_wire::WireError::into_upstream_error;
        let mut request = inbound.decode_request(body).map_err(bad_request)?;
        request.model.clone_from(&target.model);
        let outgoing = Outgoing {
            host: Arc::clone(&target.host),
            dialect: target.host.dialect(),
            path: host.path(&target.model, glance.stream()),
            model: target.model.clone(),
            body: host.encode_request(&request).map_err(bad_request)?.into(),
            streamed: glance.stream(),
        };
        let upstream = self.send(call, drawn, outgoing).await?;
        let headers = forwarded(upstream.headers());
        let created = self.clock.now() / 1_000;
        if glance.stream() {
            let options = StreamOptions {
                include_usage: glance.include_usage(),
                created,
                model: target.model.clone(),
                tool_names: request.tool_names(),
            };
            let side = Side::translating(host.stream_decoder(), inbound.stream_encoder(&options));
            return Ok(Answer::Streamed {
                headers,
                upstream: Box::new(upstream),
                side,
            });
        }
        let body = self.read_whole(target, upstream, ticket).await?;
        let mut response = host.decode_response(&body).map_err(bad_answer)?;
        response.created.get_or_insert(created);
        response.tool_names = request.tool_names();
        ticket.used(response.usage.as_ref());
        let body = inbound.encode_response(&response).map_err(bad_answer)?;
        Ok(Answer::Whole {
            headers,
            body: body.into(),
        })
    }
}

/// Turns the answer into a response that closes the ticket when it ends.
pub(super) fn respond(
    answer: Result<Answer, ApiError>,
    ticket: Ticket,
) -> Result<Response, ApiError> {
    match answer {
        Ok(Answer::Whole { mut headers, body }) => {
            ticket.done(200);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let mut response = Response::new(Body::from(body));
            *response.headers_mut() = headers;
            Ok(response)
        }
        Ok(Answer::Streamed {
            mut headers,
            upstream,
            side,
        }) => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            headers.insert(NO_BUFFERING.0, NO_BUFFERING.1);
            let body = Body::from_stream(Relaying::new(*upstream, side, ticket));
            let mut response = Response::new(body);
            *response.headers_mut() = headers;
            Ok(response)
        }
        Err(error) => {
            let error = refusal::presentable(error);
            ticket.refused(&error);
            Err(error)
        }
    }
}
