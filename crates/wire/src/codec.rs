//! What every dialect must be able to do: a host's half ([`Codec`]) and, where clients speak it
//! too, a client's half ([`ClientCodec`]).

use std::fmt;

use crate::{
    ApiError, ChatEvent, ChatRequest, ChatResponse, Dialect, StreamStart, ToolNames, WireError,
};

/// The host's half of a dialect's translator: calls an upstream and reads what it answers.
/// Stateless; streams carry their own state machines.
pub trait Codec: Send + Sync {
    /// The path of a chat call below the host's base URL, with query where the dialect needs one:
    /// `/chat/completions`, `/models/gemini-2.5-pro:streamGenerateContent?alt=sse`.
    fn path(&self, model: &str, streamed: bool) -> String;

    /// Writes a request for an upstream of this dialect.
    ///
    /// Errors: [`WireErrorKind::Unsupported`](crate::WireErrorKind::Unsupported) naming the field
    /// that this dialect cannot express.
    fn encode_request(&self, request: &ChatRequest) -> Result<Vec<u8>, WireError>;

    /// Reads an upstream's whole (not streamed) answer of a successful status. An error object
    /// sent with a successful status is returned as
    /// [`WireErrorKind::Upstream`](crate::WireErrorKind::Upstream).
    fn decode_response(&self, body: &[u8]) -> Result<ChatResponse, WireError>;

    /// A decoder for one upstream stream.
    fn stream_decoder(&self) -> Box<dyn StreamDecoder>;

    /// Reads an upstream's error answer, whatever its body is. The result never keeps what looks
    /// like a key. `retry_after` is filled from the body only; a header is the caller's to add.
    fn decode_error(&self, status: u16, body: &[u8]) -> ApiError;
}

/// The client's half of a dialect's translator, on top of the host's: reads what a client asks
/// and answers it. Not every dialect has one; nobody but a host speaks the others.
pub trait ClientCodec: Codec {
    /// The dialect that this is the translator of.
    fn dialect(&self) -> Dialect;

    /// Reads a client's request.
    ///
    /// Errors: [`WireErrorKind::Malformed`](crate::WireErrorKind::Malformed) naming the field.
    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, WireError>;

    /// Writes a whole answer for a client.
    fn encode_response(&self, response: &ChatResponse) -> Result<Vec<u8>, WireError>;

    /// An encoder for one client stream.
    fn stream_encoder(&self, options: &StreamOptions) -> Box<dyn StreamEncoder>;

    /// Writes an error body for a client.
    fn encode_error(&self, error: &ApiError) -> Vec<u8>;
}

impl fmt::Debug for dyn ClientCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.dialect(), f)
    }
}

/// What a client asked of its stream, and what the pure encoder cannot know by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamOptions {
    /// OpenAI's `stream_options.include_usage`: emit the last chunk that carries the usage.
    pub include_usage: bool,
    /// Used where the upstream says nothing of when the answer was made. Epoch seconds.
    pub created: i64,
    /// Used where the upstream gives its answer no id.
    pub id: String,
    /// Used where the upstream does not name the model that answered.
    pub model: String,
    /// What the client calls its tools, from the request.
    pub tool_names: ToolNames,
}

impl StreamOptions {
    /// The head of the answer, with what the upstream did not tell.
    pub(crate) fn completed(&self, start: &StreamStart) -> StreamStart {
        let or = |told: &String, known: &String| if told.is_empty() { known } else { told }.clone();
        StreamStart {
            id: or(&start.id, &self.id),
            model: or(&start.model, &self.model),
            created: start.created.or(Some(self.created)),
            usage: start.usage,
        }
    }
}

/// Turns one upstream stream into canonical events. Pure; the same events come out however the
/// bytes were cut.
pub trait StreamDecoder: Send {
    /// Takes the next bytes. After an error every further call is an error.
    ///
    /// Errors: malformed data, an event over [`sse::MAX_EVENT_BYTES`](crate::sse::MAX_EVENT_BYTES),
    /// or an error event of the upstream
    /// ([`WireErrorKind::Upstream`](crate::WireErrorKind::Upstream)). Events decoded before the
    /// error within the same call are lost on purpose: the stream ends in an error anyway.
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<ChatEvent>, WireError>;

    /// Ends the stream.
    ///
    /// Errors: [`WireErrorKind::Truncated`](crate::WireErrorKind::Truncated) when the upstream
    /// stopped before the proper end.
    fn finish(&mut self) -> Result<Vec<ChatEvent>, WireError>;
}

/// Turns canonical events into one client stream.
pub trait StreamEncoder: Send {
    /// Writes what the event means to the client, possibly nothing.
    fn push(&mut self, event: &ChatEvent, out: &mut Vec<u8>);

    /// Ends the stream as a success: closing events, `[DONE]`.
    fn finish(&mut self, out: &mut Vec<u8>);

    /// Ends the stream as a failure: an error event of the dialect and never a clean end.
    fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>);
}
