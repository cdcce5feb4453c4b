use serde::{Deserialize, Serialize};

/// How one request went, step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// Milliseconds from arrival to each phase that was reached.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// Every candidate that was tried, or skipped, in order.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
}

/// A phase of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    /// Which.
    pub phase: PhaseName,
    /// Milliseconds after the request arrived.
    pub at_ms: u64,
}

/// The phases, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PhaseName {
    /// The relay key was found and may be used.
    Accepted,
    /// Limits and quotas had room.
    Admitted,
    /// The candidates were known.
    Routed,
    /// A provider answered with success.
    Answered,
    /// The first byte of the answer came.
    FirstToken,
    /// The last byte went out, or the call failed.
    Completed,
    /// Its limits and quotas were settled by what it used.
    Settled,
}

/// One candidate: tried, or skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The host's id.
    pub provider: String,
    /// The model's name there.
    pub model: String,
    /// The credential's id, if one was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<String>,
    /// The credential's name in its pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// The credential's last four characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
    /// How it came out.
    pub outcome: Outcome,
    /// The provider's status, if it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The error's code, or why it was skipped, in a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Milliseconds from the request's arrival to the attempt's beginning.
    pub at_ms: u64,
    /// Milliseconds the attempt took; absent for a skipped one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// How an attempt came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Answered.
    Success,
    /// Not tried: `reason` says why.
    Skipped,
    /// The provider refuses the key.
    Auth,
    /// The provider asks to wait.
    RateLimit,
    /// The provider failed.
    ServerError,
    /// The provider was silent for too long.
    Timeout,
    /// The provider could not be reached.
    Network,
    /// The provider does not let this key do it; another key may.
    Permission,
    /// The provider finds fault with the request: no other candidate is tried.
    CallersFault,
}

/// What kind of error ended a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCategory {
    /// The provider refuses the key.
    Auth,
    /// The provider asks to wait.
    RateLimit,
    /// The provider failed, or answered what cannot be read.
    ServerError,
    /// The provider was silent for too long.
    Timeout,
    /// The provider could not be reached, or its connection broke.
    Network,
    /// The provider does not let this key do it.
    Permission,
    /// The request is at fault.
    CallersFault,
    /// A limit or quota of the relay key or its policy.
    Limit,
    /// The relay key's policy allows no such call.
    Policy,
    /// There is no key for the provider.
    NotConnected,
    /// Relay failed.
    Internal,
    /// The caller went away.
    ClientDisconnected,
}

impl ErrorCategory {
    /// The word for it in JSON and in the database: never change it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::RateLimit => "rate-limit",
            Self::ServerError => "server-error",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Permission => "permission",
            Self::CallersFault => "callers-fault",
            Self::Limit => "limit",
            Self::Policy => "policy",
            Self::NotConnected => "not-connected",
            Self::Internal => "internal",
            Self::ClientDisconnected => "client-disconnected",
        }
    }
}

impl Outcome {
    /// The outcome in a word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Skipped => "skipped",
            _ => match self.category() {
                Some(category) => category.as_str(),
                None => "",
            },
        }
    }

    /// What kind of error it is, if it is one.
    pub const fn category(self) -> Option<ErrorCategory> {
        match self {
            Self::Success | Self::Skipped => None,
            Self::Auth => Some(ErrorCategory::Auth),
            Self::RateLimit => Some(ErrorCategory::RateLimit),
            Self::ServerError => Some(ErrorCategory::ServerError),
            Self::Timeout => Some(ErrorCategory::Timeout),
            Self::Network => Some(ErrorCategory::Network),
            Self::Permission => Some(ErrorCategory::Permission),
            Self::CallersFault => Some(ErrorCategory::CallersFault),
        }
    }
}
