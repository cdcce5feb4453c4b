//! OpenAI Responses.
//!
//! Source: OpenAI API reference, "Responses" and "Streaming events". A response is a list of
//! items; a turn of the canonical form is the run of items that the model made one after another.
//! What lives at OpenAI (`previous_response_id`, `conversation`, `background`, `prompt`, stored
//! responses, built-in tools) has no canonical word and is refused by name elsewhere.

mod annotation;
mod content_in;
mod error;
mod item_in;
mod item_out;
mod logprobs;
mod model;
mod portable;
mod request_in;
mod request_out;
mod response_in;
mod response_out;
mod stream_done;
mod stream_fail;
mod stream_in;
mod stream_item;
mod stream_out;
mod usage;
mod watch;

use crate::json::Fields;
use crate::stream::SseDecoder;
use crate::{
    ApiError, ChatRequest, ChatResponse, ClientCodec, Codec, Dialect, StreamDecoder, StreamEncoder,
    StreamOptions, WireError,
};

pub use stream_fail::fail_passed;

pub(crate) use model::reasons;
pub(crate) use portable::{portable, tool_names};
pub(crate) use usage::usage_from;
pub(crate) use watch::EventWatch;

const OWN: Dialect = Dialect::OpenAiResponses;

/// The OpenAI Responses dialect.
#[derive(Debug, Clone, Copy)]
pub struct OpenAiResponses;

impl Codec for OpenAiResponses {
    fn path(&self, _model: &str, _streamed: bool) -> String {
        "/responses".to_owned()
    }

    fn encode_request(&self, request: &ChatRequest) -> Result<Vec<u8>, WireError> {
        request_out::encode(request)
    }

    fn decode_response(&self, body: &[u8]) -> Result<ChatResponse, WireError> {
        response_in::decode(Fields::parse(body)?)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(SseDecoder::of_sse(stream_in::EventTranslator::default()))
    }

    fn decode_error(&self, status: u16, body: &[u8]) -> ApiError {
        crate::openai_chat::OpenAiChat.decode_error(status, body)
    }
}

impl ClientCodec for OpenAiResponses {
    fn dialect(&self) -> Dialect {
        Dialect::OpenAiResponses
    }

    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, WireError> {
        request_in::decode(Fields::parse(body)?)
    }

    fn encode_response(&self, response: &ChatResponse) -> Result<Vec<u8>, WireError> {
        Ok(response_out::encode(response))
    }

    fn stream_encoder(&self, options: &StreamOptions) -> Box<dyn StreamEncoder> {
        Box::new(stream_out::EventEncoder::new(options.clone()))
    }

    fn encode_error(&self, error: &ApiError) -> Vec<u8> {
        crate::openai_chat::OpenAiChat.encode_error(error)
    }
}
