use serde::{Deserialize, Serialize};

use crate::{Credential, CredentialState, Outcome, Timestamp};

/// How a tenant's own keys at one provider are doing (`GET /v1/providers`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProviderHealth {
    /// The host's id.
    pub host: String,
    /// The name people know.
    pub name: String,
    /// The tenant's keys there.
    pub credentials: Vec<CredentialHealth>,
}

/// One key of a pool and how it is doing. All but its status is what the process that answers has seen
/// since it started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CredentialHealth {
    /// The key, as lists show it.
    #[serde(flatten)]
    pub credential: Credential,
    /// How it is doing: the worst of its models.
    pub state: CredentialState,
    /// When it may serve again, if it rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What failed last, if it rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Outcome>,
    /// The models that it rests for; empty where it rests for all, or for none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<RestingModel>,
    /// The moving average of the time to the first byte, in milliseconds; absent before the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte_ms: Option<u64>,
    /// What went wrong within the last hour, newest first, at most ten.
    pub recent_errors: Vec<RecentError>,
}

/// A model that a key is not used for at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RestingModel {
    /// The model's name at the host.
    pub model: String,
    /// `resting` or `open`.
    pub state: CredentialState,
    /// When it may serve again.
    pub until: Timestamp,
    /// What failed last.
    pub reason: Outcome,
}

/// A call that failed at its provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecentError {
    /// When.
    pub at: Timestamp,
    /// The model's name at the host.
    pub model: String,
    /// What failed.
    pub outcome: Outcome,
}

/// `POST .../test`: what a provider says of a key that is connected, asked now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CredentialTest {
    /// Whether the provider takes it.
    pub ok: bool,
    /// If not, why: `key_refused`, `provider_unreachable`; or `key_limited` where it is taken but not allowed
    /// the call that tries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The same as a sentence.
    pub message: String,
    /// How long the provider took, in milliseconds.
    pub duration_ms: u64,
}
