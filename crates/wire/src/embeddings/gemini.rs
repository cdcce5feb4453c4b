//! Gemini `POST /v1beta/models/{model}:batchEmbedContents`.

use super::{EmbeddingRequest, EmbeddingResponse};
use crate::WireError;

/// The path below the host's base URL.
pub fn gemini_path(model: &str) -> String {
    format!("/models/{model}:batchEmbedContents")
}

/// Writes a request for a Gemini upstream.
pub fn encode_gemini_request(_request: &EmbeddingRequest) -> Result<Vec<u8>, WireError> {
    unimplemented!()
}

/// Reads a Gemini upstream's answer.
pub fn decode_gemini_response(_body: &[u8]) -> Result<EmbeddingResponse, WireError> {
    unimplemented!()
}
