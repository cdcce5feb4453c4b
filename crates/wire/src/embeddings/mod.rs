//! Embeddings: OpenAI and Gemini, in and out.
//!
//! Sources: OpenAI API reference "Embeddings"; Gemini API reference `models.batchEmbedContents`.

mod gemini;
mod gemini_in;
mod openai;

use crate::Usage;

pub use gemini::{decode_gemini_response, encode_gemini_request, gemini_path};
pub use gemini_in::{GeminiEmbedding, decode_gemini_request, encode_gemini_response};
pub use openai::{
    decode_openai_request, decode_openai_response, encode_openai_request, encode_openai_response,
};

/// A request for embeddings.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingRequest {
    /// The model's name.
    pub model: String,
    /// What is to be embedded, at least one.
    pub inputs: Vec<EmbeddingInput>,
    /// The wanted length of each vector; `None` is the model's own.
    pub dimensions: Option<u32>,
    /// How the vectors are written in the answer.
    pub encoding_format: EncodingFormat,
    /// The application's name for its user.
    pub user: Option<String>,
    /// Fields with no canonical word.
    pub extensions: crate::Extensions,
}

/// One thing to embed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbeddingInput {
    /// Text.
    Text(String),
    /// Token ids of the model's own tokenizer (OpenAI only).
    Tokens(Vec<u64>),
}

/// How vectors are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EncodingFormat {
    /// JSON numbers.
    #[default]
    Float,
    /// Base64 of little-endian 32-bit floats.
    Base64,
}

/// Embeddings, in the order of the inputs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EmbeddingResponse {
    /// The model that answered; empty where the upstream does not tell (Gemini).
    pub model: String,
    /// One vector an input.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens, where the upstream counted them.
    pub usage: Option<Usage>,
}

/// The numbers of a vector. Providers write 32-bit floats, so nothing is lost.
fn floats(items: &[serde_json::Value]) -> Option<Vec<f32>> {
    #[expect(clippy::cast_possible_truncation)]
    items
        .iter()
        .map(|item| item.as_f64().map(|number| number as f32))
        .collect()
}
