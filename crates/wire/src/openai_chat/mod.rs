//! OpenAI Chat Completions, and every provider that is compatible with it.
//!
//! Source: OpenAI API reference, "Chat Completions". What compatible providers add is read where
//! it is common: `reasoning` and `reasoning_content` (DeepSeek, Groq, OpenRouter, ...),
//! `reasoning_details` and `images` (OpenRouter), thinking parts (Mistral), `x_groq.usage`.

mod error;
mod extra;
mod message_in;
mod message_out;
mod model;
mod reasoning;
mod request_in;
mod request_out;
mod response_in;
mod response_out;
mod stream_choice;
mod stream_in;
mod stream_out;
mod tool_pictures;
mod usage;
mod usage_chunk;
mod watch;

use crate::json::Fields;
use crate::stream::SseDecoder;
use crate::{
    ApiError, ChatRequest, ChatResponse, ClientCodec, Codec, Dialect, StreamDecoder, StreamEncoder,
    StreamOptions, WireError,
};

pub(crate) use error::{error_of_object, status_of_event};
pub(crate) use model::{has_unknown_signature, sampling_for};
pub(crate) use request_out::{effort, native_tool_error, user};
pub(crate) use usage::usage_from;
pub use usage_chunk::is_usage_chunk;
pub(crate) use watch::ChunkWatch;

/// The OpenAI Chat Completions dialect.
#[derive(Debug, Clone, Copy)]
pub struct OpenAiChat;

impl Codec for OpenAiChat {
    fn path(&self, _model: &str, _streamed: bool) -> String {
        "/chat/completions".to_owned()
    }

    fn encode_request(&self, request: &ChatRequest) -> Result<Vec<u8>, WireError> {
        request_out::encode(request)
    }

    fn decode_response(&self, body: &[u8]) -> Result<ChatResponse, WireError> {
        response_in::decode(Fields::parse(body)?)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(SseDecoder::of_sse(stream_in::ChunkTranslator::default()))
    }

    fn decode_error(&self, status: u16, body: &[u8]) -> ApiError {
        error::decode(status, body)
    }
}

impl ClientCodec for OpenAiChat {
    fn dialect(&self) -> Dialect {
        Dialect::OpenAiChat
    }

    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, WireError> {
        request_in::decode(Fields::parse(body)?)
    }

    fn encode_response(&self, response: &ChatResponse) -> Result<Vec<u8>, WireError> {
        Ok(response_out::encode(response))
    }

    fn stream_encoder(&self, options: &StreamOptions) -> Box<dyn StreamEncoder> {
        Box::new(stream_out::ChunkEncoder::new(options.clone()))
    }

    fn encode_error(&self, error: &ApiError) -> Vec<u8> {
        error::encode(error)
    }
}
