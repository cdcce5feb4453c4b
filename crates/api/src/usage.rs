use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// In which steps usage is told. Steps begin at full hours and at midnight, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Grain {
    /// Hour by hour.
    Hour,
    /// Day by day.
    #[default]
    Day,
}

/// What usage is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum UsageBy {
    /// The relay key.
    Key,
    /// The end user; calls that name none are in no user's sum.
    User,
    /// The model, by the name callers used; calls that led nowhere are in no model's sum.
    Model,
    /// The host that answered, or was tried last.
    Provider,
    /// `paid`, `free`, or `unknown` where the call does not say.
    Tier,
}

/// `GET /v1/usage?from=&to=&by=&grain=`: what was used in a stretch of time. The stretch is widened to full
/// hours or days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// When the first step begins.
    pub from: Timestamp,
    /// When the last step has ended.
    pub to: Timestamp,
    /// The steps.
    pub grain: Grain,
    /// What it is told apart by; by nothing, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UsageBy>,
    /// The whole stretch, everything together.
    pub total: UsagePoint,
    /// The whole stretch by value: those that cost most (then: were called most) first, at most 50, and the rest
    /// together as `other`: with it they add up to `total`. Empty without `by`.
    #[serde(default)]
    pub values: Vec<UsagePoint>,
    /// Step by step, of the same values, in the order of time; steps without calls are left out.
    pub points: Vec<UsagePoint>,
}

/// Sums over a stretch of time, for one value of what they are grouped by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UsagePoint {
    /// When the hour, the day or the whole stretch begins.
    pub start: Timestamp,
    /// The relay key's id, the end user's label, the model, the host or the tier; empty for all together.
    pub value: String,
    /// A name people know for `value`, where it is an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether these are the calls of all values that are not told apart, and those that have none (refused before
    /// their model was known, of no end user, or of one erased since); `value` is empty then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other: bool,
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

/// What somebody used in this calendar month (UTC).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MonthUse {
    /// Calls.
    pub requests: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Input and output tokens together.
    pub tokens: u64,
    /// Cost in billionths of a US dollar, of the calls whose price is known.
    pub cost_nanodollars: u64,
}

/// `GET /v1/usage/latency?from=&to=&grain=`: how long chats took that were answered whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// When the first step begins.
    pub from: Timestamp,
    /// When the last step has ended.
    pub to: Timestamp,
    /// The steps.
    pub grain: Grain,
    /// The whole stretch.
    pub total: LatencyPoint,
    /// Step by step, in the order of time; steps without answers are left out.
    pub points: Vec<LatencyPoint>,
}

/// How long the answers of one stretch of time took, read off a histogram: at most a fifth too high.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LatencyPoint {
    /// When it begins.
    pub start: Timestamp,
    /// Answers that were timed.
    pub answers: u64,
    /// From arrival to the first byte of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte: Option<Percentiles>,
    /// From arrival to the last byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Percentiles>,
}

/// Milliseconds within which 50, 90 and 99 of a hundred answers stayed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Percentiles {
    /// The median.
    pub p50: u64,
    /// Of 90.
    pub p90: u64,
    /// Of 99.
    pub p99: u64,
}
