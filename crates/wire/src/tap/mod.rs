//! Reads usage and the proper end off an answer that passes through untouched.
//!
//! Of a stream only the events that can matter are read (`Watch`, one a dialect); which they are
//! shows in their bytes (`needles`).

mod events;
mod needles;

use serde::Deserialize;
use serde_json::Value;

use crate::sse::{SseEvent, SseReader};
use crate::{
    ApiError, ChatEvent, Dialect, StreamDecoder, Usage, WireError, WireErrorKind,
    anthropic_messages, bedrock_converse, codec, gemini, openai_chat, openai_responses,
};

/// The most of a whole answer that is kept to be read at its end. A larger one passes all the
/// same, with its usage unread. 32 MiB.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// What a [`Tap`] saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tapped {
    /// Tokens, where the answer told. Of a stream that was cut: what it had told by then.
    pub usage: Option<Usage>,
    /// The answer came to its proper end and reported no error.
    pub complete: bool,
}

/// Reads usage and the proper end off an answer that passes through untouched. It sees copies of
/// the bytes and never fails: what it cannot read only leaves [`Tapped::complete`] false.
pub struct Tap {
    dialect: Dialect,
    state: State,
    /// Anything but blanks has come.
    begun: bool,
    seen: Tapped,
    error: Option<ApiError>,
}

enum State {
    Watched(RawEvents, Box<dyn Watch>),
    /// A dialect without a watch is decoded in full.
    Decoded(Box<dyn StreamDecoder>),
    Body(Vec<u8>),
    /// Cannot be read any more.
    Lost,
}

/// Follows a stream by the few of its events that matter.
pub(crate) trait Watch: Send {
    /// Takes a quick look at a raw event; true if it has to be read. A doubt is a yes.
    fn look(&mut self, event: &[u8]) -> bool;

    /// Reads an event.
    ///
    /// Errors: it is malformed, or the upstream reports an error.
    fn read(&mut self, event: &SseEvent) -> Result<(), WireError>;

    /// The tokens told so far.
    fn usage(&self) -> Option<Usage>;

    /// The answer is whole, should no more bytes come: `ended` says that none will.
    fn is_complete(&self, ended: bool) -> bool;
}

impl Tap {
    /// A tap for one answer of a dialect.
    pub fn new(dialect: Dialect, streamed: bool) -> Self {
        let state = match (streamed, watch(dialect)) {
            (true, Some(watch)) => State::Watched(RawEvents::default(), watch),
            (true, None) => State::Decoded(codec(dialect).stream_decoder()),
            (false, _) => State::Body(Vec::new()),
        };
        Self {
            dialect,
            state,
            begun: false,
            seen: Tapped::default(),
            error: None,
        }
    }

    /// Sees the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.mind_arrays(bytes);
        let read = match &mut self.state {
            State::Watched(events, watch) => events.push(bytes, |event| see(watch.as_mut(), event)),
            State::Decoded(decoder) => match decoder.push(bytes) {
                Ok(events) => {
                    self.decoded(&events);
                    Ok(())
                }
                Err(error) => Err(error),
            },
            State::Body(body) if body.len() + bytes.len() > MAX_BODY_BYTES => {
                self.state = State::Lost;
                Ok(())
            }
            State::Body(body) => {
                body.extend_from_slice(bytes);
                Ok(())
            }
            State::Lost => Ok(()),
        };
        if let Err(error) = read {
            self.seen = self.so_far();
            self.seen.complete = false;
            self.state = State::Lost;
            if let WireErrorKind::Upstream(error) = error.kind {
                self.error = Some(*error);
            }
        }
    }

    /// What was seen so far, of a stream that goes on. It is worked out at each call.
    pub fn so_far(&self) -> Tapped {
        match &self.state {
            State::Watched(_, watch) => Tapped {
                usage: watch.usage(),
                complete: watch.is_complete(false),
            },
            _ => self.seen,
        }
    }

    /// The error that the upstream reported inside its stream, if it has.
    pub const fn error(&self) -> Option<&ApiError> {
        self.error.as_ref()
    }

    /// Ends the answer.
    pub fn finish(mut self) -> Tapped {
        self.seen = self.so_far();
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Watched(events, mut watch) => {
                // What has no blank line behind it may be cut, so it is read whatever it is.
                let read = read(watch.as_mut(), events.rest());
                self.seen.usage = watch.usage();
                self.seen.complete = read.is_ok() && watch.is_complete(true);
            }
            State::Decoded(mut decoder) => {
                if let Ok(events) = decoder.finish() {
                    self.decoded(&events);
                }
            }
            State::Body(body) => {
                if let Ok(glance) = serde_json::from_slice::<Glance>(&body) {
                    self.seen.complete = glance.error.is_none_or(|error| error.is_null());
                    self.seen.usage = glance.usage.map(|usage| read_usage(self.dialect, &usage));
                }
            }
            State::Lost => {}
        }
        self.seen
    }

    /// Gemini streams an array where nobody asked for events, and only its decoder reads those.
    fn mind_arrays(&mut self, bytes: &[u8]) {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let Some(first) = first else { return };
        if !std::mem::replace(&mut self.begun, true)
            && self.dialect == Dialect::Gemini
            && *first == b'['
            && matches!(self.state, State::Watched(..))
        {
            self.state = State::Decoded(codec(self.dialect).stream_decoder());
        }
    }

    fn decoded(&mut self, events: &[ChatEvent]) {
        for event in events {
            match event {
                ChatEvent::Start(start) => self.seen.usage = start.usage,
                ChatEvent::Usage(usage) => self.seen.usage = Some(*usage),
                ChatEvent::End => self.seen.complete = true,
                _ => {}
            }
        }
    }
}

/// What follows a stream of this dialect, where there is something lighter than its decoder.
fn watch(dialect: Dialect) -> Option<Box<dyn Watch>> {
    Some(match dialect {
        Dialect::OpenAiChat => Box::new(openai_chat::ChunkWatch::default()),
        Dialect::OpenAiResponses => Box::new(openai_responses::EventWatch::default()),
        Dialect::AnthropicMessages => Box::new(anthropic_messages::EventWatch::default()),
        Dialect::Gemini => Box::new(gemini::ChunkWatch::default()),
        // No client speaks it, so it never passes through.
        Dialect::BedrockConverse => return None,
    })
}

/// Reads a raw event if it may matter.
fn see(watch: &mut dyn Watch, raw: &[u8]) -> Result<(), WireError> {
    if watch.look(raw) {
        read(watch, raw)
    } else {
        Ok(())
    }
}

fn read(watch: &mut dyn Watch, raw: &[u8]) -> Result<(), WireError> {
    let mut reader = SseReader::default();
    let mut events = Vec::new();
    reader.push(raw, &mut events)?;
    reader.finish(&mut events)?;
    events.iter().try_for_each(|event| watch.read(event))
}

/// The two fields that matter; the rest is skipped without making a tree of it.
#[derive(Deserialize)]
struct Glance {
    #[serde(default, alias = "usageMetadata")]
    usage: Option<Value>,
    #[serde(default)]
    error: Option<Value>,
}

fn read_usage(dialect: Dialect, usage: &Value) -> Usage {
    match dialect {
        Dialect::OpenAiChat => openai_chat::usage_from(usage),
        Dialect::OpenAiResponses => openai_responses::usage_from(usage),
        Dialect::AnthropicMessages => anthropic_messages::usage_from(usage),
        Dialect::Gemini => gemini::usage_from(usage),
        Dialect::BedrockConverse => bedrock_converse::usage_from(usage),
    }
}

pub(crate) use needles::{Field, Word};

use events::RawEvents;

#[cfg(test)]
mod tests {
    use super::Tap;
    use crate::Dialect;

    #[test]
    fn a_whole_answer_tells_its_usage_and_end() {
        let mut tap = Tap::new(Dialect::OpenAiChat, false);
        tap.push(br#"{"choices":[],"usage":{"prompt_tokens":3,"#);
        tap.push(br#""completion_tokens":4,"total_tokens":7}}"#);
        let seen = tap.finish();
        assert!(seen.complete);
        assert_eq!(
            seen.usage
                .map(|usage| (usage.input_tokens, usage.output_tokens)),
            Some((3, 4))
        );
    }

    #[test]
    fn a_cut_answer_is_not_complete() {
        let mut tap = Tap::new(Dialect::Gemini, false);
        tap.push(br#"{"candidates":[{"content":"#);
        assert!(!tap.finish().complete);
    }

    #[test]
    fn an_error_inside_a_stream_is_told() {
        let mut tap = Tap::new(Dialect::OpenAiChat, true);
        tap.push(b"data: {\"error\":{\"message\":\"no more\",\"code\":\"overloaded\"}}\n\n");
        let error = tap.error().expect("reported");
        assert_eq!(error.code.as_deref(), Some("overloaded"));
        assert!(!tap.finish().complete);
    }

    #[test]
    fn a_cut_stream_tells_what_it_had_told() {
        let mut tap = Tap::new(Dialect::AnthropicMessages, true);
        tap.push(
            b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",",
        );
        tap.push(b"\"model\":\"c\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n");
        assert_eq!(tap.so_far().usage.map(|usage| usage.input_tokens), Some(9));
        let seen = tap.finish();
        assert!(!seen.complete);
        assert_eq!(seen.usage.map(|usage| usage.input_tokens), Some(9));
    }
}
