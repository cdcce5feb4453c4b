//! What is done to a stream's bytes on their way: the same dialect passes, another is decoded and
//! encoded again.

use bytes::Bytes;
use relay_wire::{ApiError, ChatEvent, StreamDecoder, StreamEncoder, Usage, WireError};

use super::incoming::Form;
use super::passing::Passing;

/// One stream on its way from a provider to a caller.
pub(super) struct Side {
    way: Way,
    usage: Option<Usage>,
    /// All that was to be said has been passed on.
    complete: bool,
}

enum Way {
    Passing(Passing),
    Translating {
        decoder: Box<dyn StreamDecoder>,
        encoder: Box<dyn StreamEncoder>,
        form: Form,
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

    /// In its own dialect.
    pub(super) fn passing(passing: Passing) -> Self {
        Self::of(Way::Passing(passing))
    }

    /// From one dialect to another.
    pub(super) fn translating(
        decoder: Box<dyn StreamDecoder>,
        encoder: Box<dyn StreamEncoder>,
        form: Form,
    ) -> Self {
        Self::of(Way::Translating {
            decoder,
            encoder,
            form,
        })
    }

    /// Whether the caller gets one JSON array, not events.
    pub(super) fn is_array(&self) -> bool {
        match &self.way {
            Way::Passing(passing) => passing.is_array(),
            Way::Translating { form, .. } => *form == Form::Array,
        }
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
            Way::Passing(passing) => {
                let passed = passing.push(chunk);
                let seen = passing.seen();
                (self.usage, self.complete) = (seen.usage, seen.complete);
                passed
            }
            Way::Translating {
                decoder, encoder, ..
            } => decoder
                .push(&chunk)
                .map(|events| encode(encoder.as_mut(), &mut self.usage, &events).into())
                .into(),
        }
    }

    /// The provider's bytes have ended.
    pub(super) fn finish(&mut self) -> Passed {
        match &mut self.way {
            Way::Passing(passing) => {
                let passed = passing.finish();
                let seen = passing.seen();
                (self.usage, self.complete) = (seen.usage, seen.complete);
                passed
            }
            Way::Translating {
                decoder, encoder, ..
            } => match decoder.finish() {
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
            Way::Passing(passing) => passing.fail(error, out),
            Way::Translating { encoder, .. } => encoder.fail(error, out),
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
