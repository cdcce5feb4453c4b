//! What is done to a stream's bytes on their way: the same dialect passes through as it is, tapped
//! for usage; another is decoded and encoded again.

use bytes::Bytes;
use relay_wire::{
    ApiError, ChatEvent, Dialect, StreamDecoder, StreamEncoder, StreamOptions, Tap, Usage,
    WireError, client_codec,
};

use super::held::{Held, event_ends};

/// One stream on its way from a provider to a caller.
pub(super) struct Side {
    way: Way,
    usage: Option<Usage>,
    /// All that was to be said has been passed on.
    complete: bool,
}

enum Way {
    Passing {
        /// What speaks if the stream breaks.
        dialect: Dialect,
        /// Taken when the stream ends.
        tap: Option<Box<Tap>>,
        /// The event that has not ended yet: dropped, not sent, if the stream breaks.
        held: Held,
    },
    Translating {
        decoder: Box<dyn StreamDecoder>,
        encoder: Box<dyn StreamEncoder>,
    },
}

/// What has become of some bytes: more for the caller and, if the stream broke there, why.
pub(super) struct Passed {
    pub(super) bytes: Bytes,
    pub(super) broken: Option<ApiError>,
}

impl From<Result<Bytes, WireError>> for Passed {
    fn from(result: Result<Bytes, WireError>) -> Self {
        let (bytes, broken) = match result {
            Ok(bytes) => (bytes, None),
            Err(error) => (Bytes::new(), Some(error.into_upstream_error())),
        };
        Self { bytes, broken }
    }
}

impl Side {
    fn of(way: Way) -> Self {
        Self {
            way,
            usage: None,
            complete: false,
        }
    }

    /// Nothing but a look.
    pub(super) fn passing(dialect: Dialect) -> Self {
        Self::of(Way::Passing {
            dialect,
            tap: Some(Box::new(Tap::new(dialect, true))),
            held: Held::default(),
        })
    }

    /// From one dialect to another.
    pub(super) fn translating(
        decoder: Box<dyn StreamDecoder>,
        encoder: Box<dyn StreamEncoder>,
    ) -> Self {
        Self::of(Way::Translating { decoder, encoder })
    }

    /// What has been used so far.
    pub(super) fn usage(&self) -> Option<&Usage> {
        self.usage.as_ref()
    }

    /// Whether the caller has been passed all there was.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The provider's next bytes.
    pub(super) fn push(&mut self, chunk: Bytes) -> Passed {
        match &mut self.way {
            Way::Passing { held, .. } => match held.push(chunk) {
                Ok(events) => self.tapped(events),
                Err(error) => Err(error).into(),
            },
            Way::Translating { decoder, encoder } => decoder
                .push(&chunk)
                .map(|events| encode(encoder.as_mut(), &mut self.usage, &events).into())
                .into(),
        }
    }

    /// The provider's bytes have ended.
    pub(super) fn finish(&mut self) -> Passed {
        match &mut self.way {
            Way::Passing { held, .. } => {
                let rest = held.rest();
                let passed = self.tapped(rest);
                if passed.broken.is_some() {
                    return passed;
                }
                self.close_tap();
                if self.complete {
                    passed
                } else {
                    // What was held is no whole event.
                    Err(WireError::truncated()).into()
                }
            }
            Way::Translating { decoder, encoder } => match decoder.finish() {
                Ok(events) => {
                    let mut out = encode(encoder.as_mut(), &mut self.usage, &events);
                    encoder.finish(&mut out);
                    self.complete = true;
                    Ok(out.into()).into()
                }
                Err(error) => Err(error).into(),
            },
        }
    }

    /// An error event of the caller's dialect.
    pub(super) fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>) {
        match &mut self.way {
            Way::Passing { dialect, .. } => {
                // A caller speaks it, so it has one.
                if let Some(codec) = client_codec(*dialect) {
                    codec
                        .stream_encoder(&StreamOptions::default())
                        .fail(error, out);
                }
            }
            Way::Translating { encoder, .. } => encoder.fail(error, out),
        }
    }

    /// Looks at events that pass. An error among them is the end: it is told in Relay's words,
    /// which hold no key, and nothing follows it.
    fn tapped(&mut self, events: Bytes) -> Passed {
        let Way::Passing { tap: Some(tap), .. } = &mut self.way else {
            return Ok(events).into();
        };
        let mut start = 0;
        for end in event_ends(&events) {
            tap.push(&events[start..end]);
            if let Some(error) = tap.error() {
                return Passed {
                    broken: Some(error.clone()),
                    bytes: events.slice(..start),
                };
            }
            start = end;
        }
        let seen = tap.so_far();
        (self.usage, self.complete) = (seen.usage, seen.complete);
        Ok(events).into()
    }

    fn close_tap(&mut self) {
        if let Way::Passing { tap, .. } = &mut self.way
            && let Some(tap) = tap.take()
        {
            let seen = tap.finish();
            (self.usage, self.complete) = (seen.usage, seen.complete);
        }
    }
}

fn encode(
    encoder: &mut dyn StreamEncoder,
    usage: &mut Option<Usage>,
    events: &[ChatEvent],
) -> Vec<u8> {
    let mut out = Vec::new();
    for event in events {
        match event {
            ChatEvent::Usage(seen) => *usage = Some(*seen),
            // What a stream tells at its start counts until it tells more.
            ChatEvent::Start(start) if start.usage.is_some() => *usage = start.usage,
            _ => {}
        }
        encoder.push(event, &mut out);
    }
    out
}
