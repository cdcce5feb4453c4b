//! The answer to a call, on its way to become a response that closes the call's ticket.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use bytes::Bytes;

use super::meter::{Ticket, category_of};
use super::side::Side;
use super::stream::{Begun, Relaying};
use super::{Failure, refusal};
use crate::catalog::Host;

/// Tells nginx and its kin not to hold a stream back.
const NO_BUFFERING: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What is to be answered.
pub(super) enum Answer {
    Whole {
        headers: HeaderMap,
        body: Bytes,
    },
    Streamed {
        headers: HeaderMap,
        upstream: Box<Begun>,
        side: Box<Side>,
        host: Arc<Host>,
    },
}

/// Turns the answer into a response that closes the ticket when it ends.
pub(super) fn respond(
    answer: Result<Answer, Failure>,
    mut ticket: Ticket,
) -> Result<Response, Failure> {
    match answer {
        Ok(Answer::Whole { mut headers, body }) => {
            ticket.keeps_answer(&body);
            ticket.done(200);
            headers.insert(CONTENT_TYPE, JSON);
            let mut response = Response::new(Body::from(body));
            *response.headers_mut() = headers;
            Ok(response)
        }
        Ok(Answer::Streamed {
            mut headers,
            upstream,
            side,
            host,
        }) => {
            let content_type = if side.is_array() {
                JSON
            } else {
                HeaderValue::from_static("text/event-stream")
            };
            headers.insert(CONTENT_TYPE, content_type);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            headers.insert(NO_BUFFERING.0, NO_BUFFERING.1);
            let body = Body::from_stream(Relaying::new(*upstream, *side, host, ticket));
            let mut response = Response::new(body);
            *response.headers_mut() = headers;
            Ok(response)
        }
        Err(Failure { error, headers }) => {
            let error = refusal::presentable(error);
            ticket.refused(&error, category_of(&error));
            Err(Failure { error, headers })
        }
    }
}
