//! Reads usage and the proper end off an answer that passes through untouched.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    ApiError, ChatEvent, Dialect, StreamDecoder, Usage, WireErrorKind, anthropic_messages,
    bedrock_converse, codec, gemini, openai_chat, openai_responses,
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
    seen: Tapped,
    error: Option<ApiError>,
}

enum State {
    Stream(Box<dyn StreamDecoder>),
    Body(Vec<u8>),
    /// Cannot be read any more.
    Lost,
}

impl Tap {
    /// A tap for one answer of a dialect.
    pub fn new(dialect: Dialect, streamed: bool) -> Self {
        let state = if streamed {
            State::Stream(codec(dialect).stream_decoder())
        } else {
            State::Body(Vec::new())
        };
        Self {
            dialect,
            state,
            seen: Tapped::default(),
            error: None,
        }
    }

    /// Sees the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Stream(decoder) => match decoder.push(bytes) {
                Ok(events) => self.see(&events),
                Err(error) => {
                    self.state = State::Lost;
                    if let WireErrorKind::Upstream(error) = error.kind {
                        self.error = Some(*error);
                    }
                }
            },
            State::Body(body) if body.len() + bytes.len() > MAX_BODY_BYTES => {
                self.state = State::Lost;
            }
            State::Body(body) => body.extend_from_slice(bytes),
            State::Lost => {}
        }
    }

    /// What was seen so far, of a stream that goes on.
    pub const fn so_far(&self) -> Tapped {
        self.seen
    }

    /// The error that the upstream reported inside its stream, if it has.
    pub const fn error(&self) -> Option<&ApiError> {
        self.error.as_ref()
    }

    /// Ends the answer.
    pub fn finish(mut self) -> Tapped {
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Stream(mut decoder) => {
                if let Ok(events) = decoder.finish() {
                    self.see(&events);
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

    fn see(&mut self, events: &[ChatEvent]) {
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
