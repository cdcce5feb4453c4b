//! AWS Bedrock `Converse` and `ConverseStream`. Hosts speak it; clients of ours do not.
//!
//! One form for the models of many vendors. What only one of them knows goes through
//! `additionalModelRequestFields`, so the encoder looks at the model's name (`model`). An answer
//! names neither itself nor its model, and its stream is binary frames (`frames`).
//!
//! Source: Amazon Bedrock API reference, "Amazon Bedrock Runtime": `Converse`, `ConverseStream`;
//! Smithy specification, "Amazon Event Stream".

mod content_in;
mod content_out;
mod error;
mod frames;
mod model;
mod reasoning_out;
mod request_out;
mod response_in;
mod stream_in;
mod usage;

use crate::json::Fields;
use crate::stream::Decoder;
use crate::{ApiError, ChatRequest, ChatResponse, Codec, StreamDecoder, WireError};

pub use error::error_of_type;

pub(crate) use model::path_segment;
pub(crate) use usage::usage_from;

/// The Bedrock Converse dialect.
#[derive(Debug, Clone, Copy)]
pub struct BedrockConverse;

impl Codec for BedrockConverse {
    fn path(&self, model: &str, streamed: bool) -> String {
        let call = if streamed {
            "converse-stream"
        } else {
            "converse"
        };
        format!("/model/{}/{call}", path_segment(model))
    }

    fn encode_request(&self, request: &ChatRequest) -> Result<Vec<u8>, WireError> {
        request_out::encode(request)
    }

    fn decode_response(&self, body: &[u8]) -> Result<ChatResponse, WireError> {
        response_in::decode(Fields::parse(body)?)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(Decoder::new(
            frames::Frames::default(),
            stream_in::EventTranslator::default(),
        ))
    }

    fn decode_error(&self, status: u16, body: &[u8]) -> ApiError {
        error::decode(status, None, body)
    }
}
