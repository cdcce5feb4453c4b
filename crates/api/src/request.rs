use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One inference call, as the console's request list shows it (`GET /v1/requests`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// The id in `x-relay-request-id`.
    pub id: String,
    /// When it arrived.
    pub at: Timestamp,
    /// The relay key's name.
    #[serde(default)]
    pub relay_key: Option<String>,
    /// The end user's label, if the call named one.
    #[serde(default)]
    pub end_user: Option<String>,
    /// `chat` or `embeddings`.
    pub operation: String,
    /// The model the caller asked for.
    pub model: String,
    /// The host that the model leads to, if it leads to one.
    #[serde(default)]
    pub provider: Option<String>,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// HTTP status the caller got.
    pub status: u16,
    /// The error's code, if it failed.
    #[serde(default)]
    pub error_code: Option<String>,
    /// Input tokens as the provider counted them.
    #[serde(default)]
    pub input_tokens: Option<u64>,
    /// Output tokens as the provider counted them.
    #[serde(default)]
    pub output_tokens: Option<u64>,
    /// Whole milliseconds from arrival to the last byte.
    pub duration_ms: u64,
    /// Whole milliseconds from arrival to the first byte of the answer.
    #[serde(default)]
    pub first_byte_ms: Option<u64>,
}
