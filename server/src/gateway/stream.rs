//! Relays a stream: the same dialect passes through as it is, tapped for usage; another is decoded
//! and encoded again. Either way a stream that breaks ends in an error event of the caller's
//! dialect, never in a clean end.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use relay_wire::{
    ApiError, ChatEvent, Dialect, StreamDecoder, StreamEncoder, StreamOptions, Tap, Usage,
    WireError, codec,
};

use super::meter::Ticket;
use crate::upstream::{UpstreamError, classify};

/// What is done to the bytes on their way.
pub(super) enum Side {
    /// Nothing but a look.
    Passing {
        /// What speaks if the stream breaks.
        dialect: Dialect,
        /// Taken when the stream ends.
        tap: Option<Tap>,
        usage: Option<Usage>,
        /// The event that has not ended yet: dropped, not sent, if the stream breaks.
        held: Held,
    },
    /// Another dialect.
    Translating {
        decoder: Box<dyn StreamDecoder>,
        encoder: Box<dyn StreamEncoder>,
        usage: Option<Usage>,
    },
}

impl Side {
    pub(super) fn passing(dialect: Dialect, tap: Tap) -> Self {
        Self::Passing {
            dialect,
            tap: Some(tap),
            usage: None,
            held: Held::default(),
        }
    }

    pub(super) fn translating(
        decoder: Box<dyn StreamDecoder>,
        encoder: Box<dyn StreamEncoder>,
    ) -> Self {
        Self::Translating {
            decoder,
            encoder,
            usage: None,
        }
    }

    fn push(&mut self, chunk: Bytes) -> Result<Bytes, WireError> {
        match self {
            Self::Passing { tap, held, .. } => {
                if let Some(tap) = tap {
                    tap.push(&chunk);
                }
                held.push(chunk)
            }
            Self::Translating {
                decoder,
                encoder,
                usage,
            } => {
                let events = decoder.push(&chunk)?;
                Ok(encode(encoder.as_mut(), usage, &events).into())
            }
        }
    }

    fn finish(&mut self) -> Result<Bytes, WireError> {
        let complete = self.close_tap();
        match self {
            Self::Passing { held, .. } if complete => Ok(held.rest()),
            Self::Passing { .. } => Err(WireError::truncated()),
            Self::Translating {
                decoder,
                encoder,
                usage,
            } => {
                let events = decoder.finish()?;
                let mut out = encode(encoder.as_mut(), usage, &events);
                encoder.finish(&mut out);
                Ok(out.into())
            }
        }
    }

    /// What has been used so far.
    fn usage(&mut self) -> Option<Usage> {
        self.close_tap();
        match self {
            Self::Passing { usage, .. } | Self::Translating { usage, .. } => *usage,
        }
    }

    /// Ends the tap, once; whether the stream that passed came to its proper end.
    fn close_tap(&mut self) -> bool {
        let Self::Passing { tap, usage, .. } = self else {
            return false;
        };
        let Some(tapped) = tap.take().map(Tap::finish) else {
            return false;
        };
        *usage = tapped.usage;
        tapped.complete
    }

    fn fail(&mut self, error: &ApiError) -> Bytes {
        let mut out = Vec::new();
        match self {
            Self::Passing { dialect, .. } => {
                codec(*dialect)
                    .stream_encoder(&StreamOptions::default())
                    .fail(error, &mut out);
            }
            Self::Translating { encoder, .. } => encoder.fail(error, &mut out),
        }
        out.into()
    }
}

fn encode(
    encoder: &mut dyn StreamEncoder,
    usage: &mut Option<Usage>,
    events: &[ChatEvent],
) -> Vec<u8> {
    let mut out = Vec::new();
    for event in events {
        if let ChatEvent::Usage(seen) = event {
            *usage = Some(*seen);
        }
        encoder.push(event, &mut out);
    }
    out
}

/// Holds back the bytes after the last blank line: an event is passed on whole or not at all.
#[derive(Default)]
pub(super) struct Held(Vec<u8>);

impl Held {
    fn push(&mut self, chunk: Bytes) -> Result<Bytes, WireError> {
        if self.0.is_empty() && ends_event(&chunk) {
            // The usual case: whole events, and not a byte copied.
            return Ok(chunk);
        }
        // An end may stand across the seam, but nowhere before it.
        let unseen = self.0.len().saturating_sub(2);
        self.0.extend_from_slice(&chunk);
        let end = last_event_end(&self.0, unseen);
        if end == 0 && self.0.len() > relay_wire::sse::MAX_EVENT_BYTES {
            return Err(WireError::too_large(relay_wire::sse::MAX_EVENT_BYTES));
        }
        let rest = self.0.split_off(end);
        Ok(std::mem::replace(&mut self.0, rest).into())
    }

    fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.0).into()
    }
}

fn ends_event(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n\n") || bytes.ends_with(b"\n\r\n") || bytes.ends_with(b"\r\r")
}

/// Just behind the last blank line that ends after `unseen`, or 0.
fn last_event_end(bytes: &[u8], unseen: usize) -> usize {
    (unseen + 1..=bytes.len())
        .rev()
        .find(|end| matches!(bytes[end - 1], b'\n' | b'\r') && ends_event(&bytes[..*end]))
        .unwrap_or(0)
}

/// The body of a streamed answer. Dropped before its end (the caller went away), it cancels the
/// upstream call, and its ticket records what was seen so far as partial.
pub(super) struct Relaying {
    upstream: BoxStream<'static, reqwest::Result<Bytes>>,
    side: Side,
    ticket: Option<Ticket>,
}

impl Relaying {
    pub(super) fn new(upstream: reqwest::Response, side: Side, ticket: Ticket) -> Self {
        Self {
            upstream: upstream.bytes_stream().boxed(),
            side,
            ticket: Some(ticket),
        }
    }

    fn end(&mut self) -> Bytes {
        match self.side.finish() {
            Ok(bytes) => {
                if let Some(ticket) = self.close() {
                    ticket.done(200);
                }
                bytes
            }
            Err(error) => self.break_off(&error.into_upstream_error()),
        }
    }

    fn break_off(&mut self, error: &ApiError) -> Bytes {
        if let Some(ticket) = self.close() {
            ticket.broke_off(error);
        }
        self.side.fail(error)
    }

    /// Takes the ticket, with all that has been used written on it.
    fn close(&mut self) -> Option<Ticket> {
        let mut ticket = self.ticket.take()?;
        ticket.used(self.side.usage().as_ref());
        Some(ticket)
    }
}

impl Stream for Relaying {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.ticket.is_none() {
                return Poll::Ready(None);
            }
            let bytes = match ready!(self.upstream.poll_next_unpin(context)) {
                Some(Ok(chunk)) => {
                    if let Some(ticket) = &mut self.ticket {
                        ticket.first_byte();
                    }
                    match self.side.push(chunk) {
                        Ok(bytes) => bytes,
                        Err(error) => self.break_off(&error.into_upstream_error()),
                    }
                }
                Some(Err(error)) => self.break_off(&cut(classify(&error))),
                None => self.end(),
            };
            if !bytes.is_empty() {
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
    }
}

impl Drop for Relaying {
    fn drop(&mut self) {
        drop(self.close());
    }
}

/// A connection that failed in the middle of a stream.
fn cut(error: UpstreamError) -> ApiError {
    match error {
        UpstreamError::Timeout => {
            let message = "The provider fell silent in the middle of its answer.";
            ApiError {
                code: Some("upstream_timeout".to_owned()),
                ..ApiError::new(504, message)
            }
        }
        _ => WireError::truncated().into_upstream_error(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(chunks: &[&[u8]]) -> (Vec<Bytes>, Bytes) {
        let mut held = Held::default();
        let passed = chunks
            .iter()
            .map(|chunk| held.push(Bytes::copy_from_slice(chunk)).expect("small"))
            .collect();
        (passed, held.rest())
    }

    #[test]
    fn an_event_is_passed_on_when_it_is_whole() {
        let (passed, rest) = through(&[
            b"data: 1\n",
            b"\ndata: 2\n\ndata",
            b": 3\r\n\r\n",
            b"data: 4",
        ]);
        assert_eq!(
            passed,
            [&b""[..], b"data: 1\n\ndata: 2\n\n", b"data: 3\r\n\r\n", b""]
        );
        assert_eq!(rest, b"data: 4"[..]);
    }

    #[test]
    fn an_event_without_end_is_an_error_not_a_leak() {
        let mut held = Held::default();
        let mib = Bytes::from(vec![b'x'; 1024 * 1024]);
        let refused = (0..10).find_map(|_| held.push(mib.clone()).err());
        assert!(refused.is_some());
    }
}
