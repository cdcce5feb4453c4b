use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Sums over a stretch of time, for one value of what they are grouped by (`GET /v1/usage`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsagePoint {
    /// When the hour or day begins.
    pub start: Timestamp,
    /// The relay key's id, the end user's label, the model, the host or the tier; empty for all together.
    pub value: String,
    /// A name people know for `value`, where it is an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Calls.
    pub requests: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Input tokens, cached ones included.
    pub input_tokens: u64,
    /// Output tokens, reasoning included.
    pub output_tokens: u64,
    /// The part of `input_tokens` read from a provider's cache.
    pub cached_read_tokens: u64,
    /// The part of `input_tokens` written to a provider's cache.
    pub cached_write_tokens: u64,
    /// The part of `output_tokens` spent on reasoning.
    pub reasoning_tokens: u64,
    /// Cost in billionths of a US dollar, of the calls whose price is known.
    pub cost_nanodollars: u64,
    /// Calls with usage whose price is not known.
    pub unpriced: u64,
}
