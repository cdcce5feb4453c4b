//! Pure translation between provider dialects through one canonical form; no I/O.
//!
//! Every dialect is one folder that translates to and from the canonical form ([`ChatRequest`],
//! [`ChatResponse`], [`ChatEvent`], [`Usage`]), so a dialect is written once, never once a pair.
//! Where it stands in the request path: the server peeks at an incoming body ([`peek()`]); when
//! the upstream speaks the same dialect the bytes pass through untouched and a [`Tap`] reads the
//! usage off them; else the body is decoded, encoded for the upstream, and the answer takes the
//! same way back. What a target cannot express is refused with a [`WireError`] that names the
//! field. The field-by-field table is `docs/wire.md`.
//!
//! Nothing here reads a clock, a random source, a file or a socket.

pub mod anthropic_messages;
pub mod bedrock_converse;
mod canonical;
mod codec;
mod dialect;
pub mod embeddings;
mod error;
mod foreign;
pub mod gemini;
mod json;
mod media;
pub mod models;
pub mod openai_chat;
pub mod openai_responses;
mod peek;
mod portable;
mod redact;
mod refusal;
pub mod sse;
mod stream;
mod tap;
pub mod token_count;
mod tool_names;

pub use canonical::event::{BlockDelta, BlockKind, ChatEvent, StreamStart};
pub use canonical::extensions::Extensions;
pub use canonical::message::{
    Annotation, Audio, File, Image, ImageDetail, Media, Message, Part, Reasoning, Role, Signature,
    Text, ToolCall, ToolResult,
};
pub use canonical::request::{
    ChatRequest, Effort, LogprobsOptions, ReasoningOptions, ResponseFormat, Sampling, Tool,
    ToolChoice,
};
pub use canonical::response::{ChatResponse, Choice, FinishReason};
pub use canonical::usage::Usage;
pub use codec::{ClientCodec, Codec, StreamDecoder, StreamEncoder, StreamOptions};
pub use dialect::{Dialect, UnknownDialect, client_codec, codec};
pub use error::{ApiError, ErrorKind, WireError, WireErrorKind};
pub use foreign::has_foreign_signature;
pub use peek::{Peek, peek};
pub use redact::redact_keys;
pub use tap::{Tap, Tapped};
pub use tool_names::ToolNames;
