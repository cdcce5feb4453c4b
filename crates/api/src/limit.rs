use serde::{Deserialize, Serialize};

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Calls.
    Requests,
    /// Tokens, input and output together: reserved by estimate, settled by what the provider counted.
    Tokens,
    /// Calls under way at once. Has no period.
    Concurrency,
}

/// How a limit counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// A bucket of `amount` that refills evenly over the period: allows bursts, then a steady rate.
    #[default]
    TokenBucket,
    /// No more than `amount` in any stretch of the period's length.
    SlidingWindow,
    /// `amount` in each period of the clock (each full minute, hour or day, UTC).
    FixedWindow,
    /// The period begins with the first call and ends after its length; the next call begins another.
    SessionWindow,
}

/// Whose calls a limit counts together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LimitOn {
    /// Everything that goes through the policy, relay key or credential that has the limit.
    #[default]
    All,
    /// Each relay key by itself.
    Key,
    /// Each end user by themselves.
    User,
    /// All calls that say `X-Relay-Paid: false` together.
    FreeTier,
    /// Each end user by themselves, where the call says `X-Relay-Paid: false`.
    FreeUser,
}

/// One limit of a policy, a relay key or a credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limit {
    /// Whose calls it counts together. A credential's limits know `all` only.
    #[serde(default)]
    pub on: LimitOn,
    /// What it counts.
    pub metric: Metric,
    /// `minute`, `hour`, `day`, or a span like `5h`; absent for `concurrency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// How much is allowed, at least 1.
    pub amount: u64,
    /// How it counts.
    #[serde(default)]
    pub algorithm: Algorithm,
}

/// What a relay key may use in a calendar month (UTC); what is absent is not limited.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quotas {
    /// Calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Tokens, input and output together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// US dollars, by the catalog's prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dollars: Option<f64>,
}

/// What a relay key has used in the current calendar month (UTC).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct QuotaUse {
    /// Calls that were answered.
    pub requests: u64,
    /// Tokens, input and output together.
    pub tokens: u64,
    /// Cost in billionths of a US dollar.
    pub cost_nanodollars: u64,
}
