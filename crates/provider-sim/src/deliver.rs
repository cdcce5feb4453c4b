//! From a payload to bytes on the wire, broken off or held back where the script says so.

use std::collections::VecDeque;
use std::io;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;

use crate::connection::Connection;
use crate::reply::{Ending, Reply};

/// A response before it is sent.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Frames,
    /// What the provider sends when it fails in mid-stream, by the number of events before; the
    /// last holds for every later point.
    pub(crate) error_frames: Vec<Bytes>,
}

/// A response's body.
#[derive(Debug)]
pub(crate) enum Frames {
    Whole(Bytes),
    Events(Vec<Bytes>),
}

impl Payload {
    /// A whole JSON answer.
    pub(crate) fn json(status: u16, content_type: &'static str, value: &serde_json::Value) -> Self {
        Self {
            status,
            content_type,
            body: Frames::Whole(value.to_string().into()),
            error_frames: Vec::new(),
        }
    }
}

/// Makes the response. `provider_headers` are the provider's usual ones.
pub(crate) fn respond(
    payload: Payload,
    reply: Reply,
    provider_headers: &[(&'static str, String)],
    connection: Connection,
) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert("x-relay-sim", HeaderValue::from_static("simulated"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(payload.content_type));
    let usual = provider_headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    let scripted = reply
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in usual.chain(scripted) {
        // A script's mistake shows as a missing header.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    let body = match payload.body {
        Frames::Whole(bytes) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            if reply.ending.is_none() {
                Body::from(bytes)
            } else {
                let half = bytes.len() / 2;
                let halves = [bytes.slice(..half), bytes.slice(half..)].into();
                Delivery::body(halves, payload.error_frames, reply, connection)
            }
        }
        Frames::Events(events) => {
            Delivery::body(events.into(), payload.error_frames, reply, connection)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(payload.status).unwrap_or(StatusCode::OK);
    *response.headers_mut() = headers;
    response
}

/// A body that is being sent.
struct Delivery {
    frames: VecDeque<Bytes>,
    error_frames: Vec<Bytes>,
    sent: usize,
    reply: Reply,
    connection: Connection,
}

impl Delivery {
    fn body(
        frames: VecDeque<Bytes>,
        error_frames: Vec<Bytes>,
        reply: Reply,
        connection: Connection,
    ) -> Body {
        let delivery = Self {
            frames,
            error_frames,
            sent: 0,
            reply,
            connection,
        };
        Body::from_stream(stream::unfold(delivery, Self::next))
    }

    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        // Lets the server flush what it has: each event is a write of its own, and nothing that
        // was sent before a break is lost.
        tokio::task::yield_now().await;
        if let Some(gate) = &mut self.reply.gate
            && gate.after_events == Some(self.sent)
        {
            gate.pass().await;
        }
        match self.reply.ending {
            Some((events, ending)) if events == self.sent => return self.end(ending).await,
            _ => {}
        }
        let frame = self.frames.pop_front()?;
        if self.sent > 0 && !self.reply.pace.is_zero() {
            tokio::time::sleep(self.reply.pace).await;
        }
        self.sent += 1;
        Some((Ok(frame), self))
    }

    async fn end(mut self, ending: Ending) -> Option<(io::Result<Bytes>, Self)> {
        match ending {
            Ending::Cut => None,
            Ending::Hang => std::future::pending().await,
            Ending::Reset => {
                self.connection.reset();
                Some((Err(io::ErrorKind::ConnectionReset.into()), self))
            }
            Ending::Error => {
                self.frames.clear();
                self.reply.ending = None;
                let last = self.error_frames.len().saturating_sub(1);
                let frame = self.error_frames.get(self.sent.min(last)).cloned();
                Some((Ok(frame.unwrap_or_default()), self))
            }
        }
    }
}
