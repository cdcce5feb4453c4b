//! Relays a stream to its caller. One that breaks ends in an error event of the caller's dialect,
//! never in a clean end.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};

use relay_wire::{ApiError, WireError};

use super::meter::{Ticket, category_of};
use super::refusal;
use super::side::{Passed, Side};
use crate::catalog::Host;
use crate::upstream::{UpstreamError, classify};

/// The body of a streamed answer. Dropped before its end (the caller went away), it cancels the
/// upstream call, and its ticket records what was seen so far as partial.
pub(super) struct Relaying {
    upstream: BoxStream<'static, reqwest::Result<Bytes>>,
    side: Side,
    host: Arc<Host>,
    ticket: Option<Ticket>,
}

/// A stream whose first bytes have come.
pub(super) struct Begun {
    first: Bytes,
    rest: reqwest::Response,
}

impl Begun {
    /// Waits for the first bytes. Until they come, another candidate could still answer.
    pub(super) async fn wait(
        host: &Host,
        mut upstream: reqwest::Response,
        ticket: &mut Ticket,
    ) -> Result<Self, ApiError> {
        let first = upstream.chunk();
        let first = match host.first_byte_timeout {
            None => first.await,
            Some(seconds) => {
                let patience = Duration::from_secs(seconds.get().into());
                let came = tokio::time::timeout(patience, first).await;
                came.map_err(|_| refusal::upstream_failed(host, UpstreamError::Timeout))?
            }
        };
        let first = first
            .map_err(|error| refusal::upstream_broke_off(host, classify(&error)))?
            .ok_or_else(|| WireError::truncated().into_upstream_error())?;
        ticket.first_byte();
        Ok(Self {
            first,
            rest: upstream,
        })
    }
}

impl Relaying {
    pub(super) fn new(upstream: Begun, side: Side, host: Arc<Host>, ticket: Ticket) -> Self {
        Self {
            upstream: futures_util::stream::once(std::future::ready(Ok(upstream.first)))
                .chain(upstream.rest.bytes_stream())
                .boxed(),
            side,
            host,
            ticket: Some(ticket),
        }
    }

    fn push(&mut self, chunk: Bytes) -> Bytes {
        let passed = self.side.push(chunk);
        self.keep(&passed);
        self.broken_or_not(passed)
    }

    /// The upstream's bytes have ended: by themselves, or because the connection failed. A stream
    /// that had said all is whole either way.
    fn end(&mut self, failed: Option<UpstreamError>) -> Bytes {
        let mut passed = self.side.finish();
        self.keep(&passed);
        if let (Some(broken), Some(UpstreamError::Timeout)) = (&mut passed.broken, failed) {
            *broken = refusal::fell_silent(&self.host);
        }
        if passed.broken.is_none()
            && let Some(ticket) = self.close()
        {
            ticket.done(200);
        }
        self.broken_or_not(passed)
    }

    fn keep(&mut self, passed: &Passed) {
        if let Some(ticket) = &mut self.ticket {
            ticket.keeps_answer(&passed.bytes);
        }
    }

    fn broken_or_not(&mut self, passed: Passed) -> Bytes {
        let Some(error) = passed.broken else {
            return passed.bytes;
        };
        let error = refusal::presentable(refusal::told_of(&self.host, error));
        if let Some(ticket) = self.close() {
            ticket.broke_off(&error, category_of(&error));
        }
        let mut out = Vec::from(passed.bytes);
        self.side.fail(&error, &mut out);
        out.into()
    }

    /// Takes the ticket, with all that has been used written on it.
    fn close(&mut self) -> Option<Ticket> {
        let mut ticket = self.ticket.take()?;
        ticket.used(self.side.usage());
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
                Some(Ok(chunk)) => self.push(chunk),
                Some(Err(error)) => self.end(Some(classify(&error))),
                None => self.end(None),
            };
            if !bytes.is_empty() {
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
    }
}

impl Drop for Relaying {
    fn drop(&mut self) {
        let Some(ticket) = self.close() else { return };
        // Clients hang up at `[DONE]`, without waiting for the connection's end.
        if self.side.is_complete() {
            ticket.done(200);
        }
    }
}
