//! The OpenAI Chat Completions dialect.

use crate::{
    ApiError, ChatRequest, ChatResponse, Codec, StreamDecoder, StreamEncoder, StreamOptions,
    WireError,
};

/// The OpenAI Chat Completions dialect.
#[derive(Debug, Clone, Copy)]
pub struct OpenAiChat;

impl Codec for OpenAiChat {
    fn path(&self, _model: &str, _streamed: bool) -> String {
        unimplemented!()
    }

    fn decode_request(&self, _body: &[u8]) -> Result<ChatRequest, WireError> {
        unimplemented!()
    }

    fn encode_request(&self, _request: &ChatRequest) -> Result<Vec<u8>, WireError> {
        unimplemented!()
    }

    fn decode_response(&self, _body: &[u8]) -> Result<ChatResponse, WireError> {
        unimplemented!()
    }

    fn encode_response(&self, _response: &ChatResponse) -> Result<Vec<u8>, WireError> {
        unimplemented!()
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        unimplemented!()
    }

    fn stream_encoder(&self, _options: &StreamOptions) -> Box<dyn StreamEncoder> {
        unimplemented!()
    }

    fn decode_error(&self, _status: u16, _body: &[u8]) -> ApiError {
        unimplemented!()
    }

    fn encode_error(&self, _error: &ApiError) -> Vec<u8> {
        unimplemented!()
    }
}
