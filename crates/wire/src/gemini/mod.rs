//! Google Gemini `generateContent`, as the Gemini API and Vertex AI speak it.
//!
//! Source: Gemini API reference, `models.generateContent`; Vertex AI reference,
//! `GenerateContentResponse`.

mod call;
mod carried;
mod content_in;
mod content_out;
mod error;
mod frames;
mod grounding;
mod model;
mod partial_args;
mod request_in;
mod request_out;
mod response_in;
mod response_out;
mod stream_array;
mod stream_in;
mod stream_out;
mod usage;
mod watch;

use crate::json::Fields;
use crate::{
    ApiError, ChatRequest, ChatResponse, ClientCodec, Codec, Dialect, StreamDecoder, StreamEncoder,
    StreamOptions, WireError,
};

pub use call::{GeminiCall, GeminiMethod, parse_call};
pub use stream_array::ArrayRelay;

pub(crate) use error::of_value as error_of_value;
pub(crate) use model::path_segment;
pub(crate) use usage::usage_from;
pub(crate) use watch::ChunkWatch;

/// The Gemini dialect. A request's model and whether it streams stand in its path, not in its
/// body: whoever decodes one sets [`ChatRequest::model`] and [`ChatRequest::stream`] from there.
#[derive(Debug, Clone, Copy)]
pub struct Gemini;

/// An encoder for a client that asked for a stream without `alt=sse`: one JSON array.
pub fn array_stream_encoder(options: &StreamOptions) -> Box<dyn StreamEncoder> {
    let events = stream_out::ChunkEncoder::new(options.clone());
    Box::new(stream_array::ArrayEncoder::new(events))
}

impl Codec for Gemini {
    fn path(&self, model: &str, streamed: bool) -> String {
        let method = if streamed {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        format!("/{}:{method}", path_segment(model))
    }

    fn encode_request(&self, request: &ChatRequest) -> Result<Vec<u8>, WireError> {
        request_out::encode(request)
    }

    fn decode_response(&self, body: &[u8]) -> Result<ChatResponse, WireError> {
        response_in::decode(Fields::parse(body)?)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(stream_in::ChunkDecoder::default())
    }

    fn decode_error(&self, status: u16, body: &[u8]) -> ApiError {
        error::decode(status, body)
    }
}

impl ClientCodec for Gemini {
    fn dialect(&self) -> Dialect {
        Dialect::Gemini
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
