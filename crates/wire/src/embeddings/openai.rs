//! OpenAI `POST /v1/embeddings`.

use super::{EmbeddingRequest, EmbeddingResponse, EncodingFormat};
use crate::WireError;

/// Reads a client's request.
pub fn decode_openai_request(_body: &[u8]) -> Result<EmbeddingRequest, WireError> {
    unimplemented!()
}

/// Writes a request for an OpenAI upstream.
pub fn encode_openai_request(_request: &EmbeddingRequest) -> Result<Vec<u8>, WireError> {
    unimplemented!()
}

/// Reads an OpenAI upstream's answer.
pub fn decode_openai_response(_body: &[u8]) -> Result<EmbeddingResponse, WireError> {
    unimplemented!()
}

/// Writes an answer for a client.
pub fn encode_openai_response(_response: &EmbeddingResponse, _format: EncodingFormat) -> Vec<u8> {
    unimplemented!()
}
