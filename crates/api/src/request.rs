use serde::{Deserialize, Serialize};

use crate::{Timestamp, Trace};

/// One inference call, as the console's request list shows it (`GET /v1/requests`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// The id in `x-relay-request-id`.
    pub id: String,
    /// When it arrived.
    pub at: Timestamp,
    /// The relay key's id.
    #[serde(default)]
    pub relay_key_id: String,
    /// The relay key's name.
    #[serde(default)]
    pub relay_key: Option<String>,
    /// The id of the policy it was held to.
    #[serde(default)]
    pub policy: Option<String>,
    /// The end user's label, if the call named one.
    #[serde(default)]
    pub end_user: Option<String>,
    /// Whether the app said that this user pays (`X-Relay-Paid`).
    #[serde(default)]
    pub paid: Option<bool>,
    /// `chat`, `embeddings` or `count-tokens`.
    pub operation: String,
    /// What the caller spoke: `openai-chat`, `anthropic-messages`, ...
    #[serde(default)]
    pub dialect: Option<String>,
    /// The model the caller asked for.
    pub model: String,
    /// The host that the model leads to, if it leads to one.
    #[serde(default)]
    pub provider: Option<String>,
    /// The model's name at that host.
    #[serde(default)]
    pub upstream_model: Option<String>,
    /// The last four characters of the provider key that answered, or was tried last.
    #[serde(default)]
    pub credential_last4: Option<String>,
    /// How many candidates were tried.
    #[serde(default)]
    pub attempts: u64,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// HTTP status the caller got.
    pub status: u16,
    /// The error's code, if it failed.
    #[serde(default)]
    pub error_code: Option<String>,
    /// What kind of error, in the words of `ErrorCategory`.
    #[serde(default)]
    pub error_category: Option<String>,
    /// Whether the answer ended before it was whole.
    #[serde(default)]
    pub partial: bool,
    /// Input tokens as the provider counted them.
    #[serde(default)]
    pub input_tokens: Option<u64>,
    /// Output tokens as the provider counted them.
    #[serde(default)]
    pub output_tokens: Option<u64>,
    /// The part of `input_tokens` that was read from the provider's cache.
    #[serde(default)]
    pub cached_read_tokens: Option<u64>,
    /// The part of `input_tokens` that was written to the provider's cache.
    #[serde(default)]
    pub cached_write_tokens: Option<u64>,
    /// The part of `output_tokens` spent on reasoning.
    #[serde(default)]
    pub reasoning_tokens: Option<u64>,
    /// Cost in billionths of a US dollar by the catalog's price at the time; absent where the price or the usage is
    /// not known.
    #[serde(default)]
    pub cost_nanodollars: Option<u64>,
    /// Whole milliseconds from arrival to the last byte.
    pub duration_ms: u64,
    /// Whole milliseconds from arrival to the first byte of the answer.
    #[serde(default)]
    pub first_byte_ms: Option<u64>,
}

/// `GET /v1/requests/{id}`: a request and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestDetail {
    /// The request.
    #[serde(flatten)]
    pub request: RequestRecord,
    /// Its phases and attempts.
    pub trace: Trace,
    /// The body that was sent, if it was kept, without what looks like a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Whether only its beginning was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prompt_cut: bool,
    /// The answer as the caller got it (a stream's events), if it was kept, without what looks like a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion: Option<String>,
    /// Whether only its beginning was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub completion_cut: bool,
}
