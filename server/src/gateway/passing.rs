//! A stream that passes in its own dialect: whole events, tapped for usage and for the proper end.

use bytes::Bytes;
use relay_wire::gemini::ArrayRelay;
use relay_wire::openai_chat::is_usage_chunk;
use relay_wire::openai_responses::fail_passed;
use relay_wire::{ApiError, ClientCodec, Dialect, StreamOptions, Tap, Tapped, WireError};

use super::held::{Held, event_ends};
use super::side::Passed;

/// What becomes of the events besides being looked at.
pub(super) enum Manner {
    /// Nothing: they pass byte by byte as they came.
    AsTheyCame,
    /// The usage that Relay asked for is withheld from a caller who did not.
    WithoutUsage,
    /// They become the items of one JSON array (Gemini without `alt=sse`).
    AsArray,
}

/// One stream on its way in its own dialect.
pub(super) struct Passing {
    /// What speaks if the stream breaks.
    client: &'static dyn ClientCodec,
    /// Taken when the stream ends.
    tap: Option<Box<Tap>>,
    /// The event that has not ended yet: dropped, not sent, if the stream breaks.
    held: Held,
    without_usage: bool,
    array: Option<Box<ArrayRelay>>,
    /// The first and the last event of a stream whose failure must go on from them.
    edges: Option<(Bytes, Bytes)>,
    seen: Tapped,
}

impl Passing {
    pub(super) fn new(client: &'static dyn ClientCodec, manner: &Manner) -> Self {
        Self {
            client,
            tap: Some(Box::new(Tap::new(client.dialect(), true))),
            held: Held::default(),
            without_usage: matches!(manner, Manner::WithoutUsage),
            array: matches!(manner, Manner::AsArray).then(Box::default),
            edges: (client.dialect() == Dialect::OpenAiResponses).then(Default::default),
            seen: Tapped::default(),
        }
    }

    /// What the stream has told so far.
    pub(super) const fn seen(&self) -> Tapped {
        self.seen
    }

    pub(super) const fn is_array(&self) -> bool {
        self.array.is_some()
    }

    pub(super) fn push(&mut self, chunk: Bytes) -> Passed {
        match self.held.push(chunk) {
            Ok(events) => {
                let passed = self.tapped(events);
                self.framed(passed)
            }
            Err(error) => Err(error).into(),
        }
    }

    pub(super) fn finish(&mut self) -> Passed {
        let rest = self.held.rest();
        let passed = self.tapped(rest);
        let mut passed = self.framed(passed);
        if passed.broken.is_some() {
            return passed;
        }
        if let Some(tap) = self.tap.take() {
            self.seen = tap.finish();
        }
        if !self.seen.complete {
            // What was held is no whole event.
            return Err(WireError::truncated()).into();
        }
        if let Some(array) = &mut self.array {
            let mut out = Vec::from(passed.bytes);
            let closed = array.finish(&mut out);
            passed = Passed {
                bytes: out.into(),
                broken: closed.err().map(WireError::into_upstream_error),
            };
        }
        passed
    }

    pub(super) fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>) {
        match (&mut self.array, &self.edges) {
            (Some(array), _) => array.fail(error, out),
            (None, Some((first, last))) => fail_passed(first, last, error, out),
            (None, None) => self
                .client
                .stream_encoder(&StreamOptions::default())
                .fail(error, out),
        }
    }

    /// Looks at events that pass. An error among them is the end: it is told in Relay's words,
    /// which hold no key, and nothing follows it.
    fn tapped(&mut self, events: Bytes) -> Passed {
        let Some(tap) = &mut self.tap else {
            return Ok(events).into();
        };
        let mut start = 0;
        // What is left where an event is withheld; until then nothing is copied.
        let mut rest: Option<Vec<u8>> = None;
        for end in event_ends(&events) {
            let event = &events[start..end];
            tap.push(event);
            if let Some(error) = tap.error() {
                return Passed {
                    broken: Some(error.clone()),
                    bytes: rest.map_or_else(|| events.slice(..start), Bytes::from),
                };
            }
            if let Some((first, last)) = &mut self.edges {
                *last = events.slice(start..end);
                if first.is_empty() {
                    *first = last.clone();
                }
            }
            if self.without_usage && is_usage_chunk(event) {
                rest.get_or_insert_with(|| events[..start].to_vec());
            } else if let Some(rest) = &mut rest {
                rest.extend_from_slice(event);
            }
            start = end;
        }
        self.seen = tap.so_far();
        Ok(rest.map_or(events, Bytes::from)).into()
    }

    fn framed(&mut self, passed: Passed) -> Passed {
        let Some(array) = &mut self.array else {
            return passed;
        };
        let mut out = Vec::new();
        let framed = array.push(&passed.bytes, &mut out);
        Passed {
            bytes: out.into(),
            broken: passed
                .broken
                .or(framed.err().map(WireError::into_upstream_error)),
        }
    }
}
