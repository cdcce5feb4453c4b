//! Anthropic Messages.
//!
//! Source: Anthropic API reference, "Messages", "Streaming", "Errors".

mod content_in;
mod content_out;
mod error;
mod model;
mod portable;
mod request_in;
mod request_out;
mod response_in;
mod response_out;
mod stream_in;
mod stream_out;
mod usage;
mod watch;

use crate::json::Fields;
use crate::stream::SseDecoder;
use crate::{
    ApiError, ChatRequest, ChatResponse, ClientCodec, Codec, Dialect, StreamDecoder, StreamEncoder,
    StreamOptions, WireError,
};

pub(crate) use content_out::{input as tool_input, tool_id};
pub(crate) use model::default_max_tokens;
pub(crate) use portable::portable;
pub(crate) use request_out::{JSON_OBJECT, input_schema, thinking_fields};
pub(crate) use usage::usage_from;
pub(crate) use watch::EventWatch;

/// The Anthropic Messages dialect.
#[derive(Debug, Clone, Copy)]
pub struct AnthropicMessages;

impl Codec for AnthropicMessages {
    fn path(&self, _model: &str, _streamed: bool) -> String {
        "/messages".to_owned()
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
        error::decode(status, body)
    }
}

impl ClientCodec for AnthropicMessages {
    fn dialect(&self) -> Dialect {
        Dialect::AnthropicMessages
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
        error::encode(error)
    }
}
