use serde::{Deserialize, Serialize};

use crate::{Limit, MonthUse, Timestamp};

/// A provider a key can be connected for, as pickers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// The host's id in the catalog: `openai`, `anthropic`, `google`, ...
    pub id: String,
    /// The name people know: `OpenAI`.
    pub name: String,
    /// How keys of this provider usually begin (`sk-`). A hint only: formats change.
    pub key_hint: String,
    /// Where a person gets a key.
    pub key_url: String,
}

/// Whether a credential is expected to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CredentialStatus {
    /// The provider accepted it.
    Active,
    /// The provider knows it but refused the check (403): some calls may be refused.
    Limited,
    /// The provider refuses it now: the end user has to connect again.
    Broken,
}

/// What may be shown of a key in the vault. The key itself is shown to nobody, by no route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// The credential's id (UUIDv7).
    pub id: String,
    /// The host's id: `openai`, `anthropic`, `google`, ...
    pub provider: String,
    /// `default`, or the name given to one of several keys in a tenant's pool.
    pub name: String,
    /// The key's last four characters.
    pub last4: String,
    /// A keyed fingerprint of the key: equal for equal keys of one tenant, useless elsewhere.
    pub fingerprint: String,
    /// Whether it is expected to work.
    pub status: CredentialStatus,
    /// The base URL, where it is not the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Where the operator keeps the key, if it is not in the vault: `env:NAME` or `file:PATH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its share of the turns, by the strategy `weighted`.
    #[serde(default = "one")]
    pub weight: u32,
    /// Its place in the order, lower first.
    #[serde(default)]
    pub priority: u32,
    /// Whether it is switched off for now.
    #[serde(default)]
    pub disabled: bool,
    /// Limits on its use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// When it was connected, or last replaced.
    pub connected_at: Timestamp,
    /// When it last answered a call.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
}

/// `PUT /v1/credentials/{provider}`, `PUT /v1/credentials/{provider}/{name}` and
/// `PUT /v1/users/{label}/credentials/{provider}`.
///
/// What a pool's credential is not told anew (weight, priority, disabled, limits) stays as it is;
/// a new key without `baseUrl` is the provider's own.
// No `Debug`: it holds a key.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCredential {
    /// The provider key; left out, only the pool's use of a connected credential changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// `env:NAME` or `file:PATH`: for the operator's command line alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// A base URL other than the provider's own; with `apiKey` only, so that no key that is
    /// connected is ever sent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Its share of the turns, 1 to 1000. A pool's credentials only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// Its place in the order, 0 to 1000, lower first. A pool's credentials only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
    /// Switches it off or on. A pool's credentials only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Limits on its use. A pool's credentials only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Vec<Limit>>,
}

impl Default for Credential {
    fn default() -> Self {
        Self {
            id: String::new(),
            provider: String::new(),
            name: String::new(),
            last4: String::new(),
            fingerprint: String::new(),
            status: CredentialStatus::Active,
            base_url: None,
            reference: None,
            weight: one(),
            priority: 0,
            disabled: false,
            limits: Vec::new(),
            connected_at: Timestamp::new(),
            last_used_at: None,
        }
    }
}

const fn one() -> u32 {
    1
}

/// A tenant's customer, known by the label the tenant chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EndUser {
    /// The label the tenant sends in `X-Relay-User`.
    pub label: String,
    /// When the label was first seen.
    pub created_at: Timestamp,
    /// What this user has connected.
    pub credentials: Vec<Credential>,
    /// What this user has used this month.
    #[serde(default)]
    pub usage: MonthUse,
}
