use serde::{Deserialize, Serialize};

use crate::{ExpiresIn, Limit, Timestamp};

/// Names that are allowed and denied. `*` stands for any run of characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Filter {
    /// Allowed; everything, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// Denied, also where allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
}

/// Whose provider keys a call may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum KeySource {
    /// The named end user's where a call names one, else the tenant's pool.
    #[default]
    UserElsePool,
    /// End users' only: a call has to name one.
    User,
    /// The tenant's pool only, whoever is named.
    Pool,
    /// The named end user's first; where the user has none that works, the tenant's pool stands in.
    UserThenPool,
}

/// In which order candidates are tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// By the credentials' `priority` (lower first); the next only when those before cannot serve.
    #[default]
    Priority,
    /// Turns in proportion to the credentials' `weight`, within the best priority.
    Weighted,
    /// The one that has rested longest.
    LeastRecent,
    /// The better of two drawn at random, by the moving average of the time to the first token.
    Fastest,
    /// By the catalog's price of the model at each host.
    Cheapest,
}

/// What a policy says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyRules {
    /// Models, by the name callers use.
    #[serde(default)]
    pub models: Filter,
    /// Hosts, by id.
    #[serde(default)]
    pub hosts: Filter,
    /// Dialects callers may speak (`openai-chat`, ...); all, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dialects: Vec<String>,
    /// Whose keys.
    #[serde(default)]
    pub keys: KeySource,
    /// In which order.
    #[serde(default)]
    pub strategy: Strategy,
    /// Models to try, in order, when the one asked for cannot be served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
    /// How often one call may be tried in all, 1 to 10; 4 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u8>,
    /// Limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// How long prompts and completions are kept, sealed (`"7d"`); not at all, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_bodies_for: Option<ExpiresIn>,
}

/// A policy (`GET /v1/policies`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The policy's id (UUIDv7).
    pub id: String,
    /// What people call it; one name is one policy of the tenant.
    pub name: String,
    /// What it says.
    pub rules: PolicyRules,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// `POST /v1/policies`, and `PUT /v1/policies/{id}`, which replaces the whole policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPolicy {
    /// What people are to call it, 1–100 characters.
    pub name: String,
    /// What it says; everything is allowed, when absent.
    #[serde(default)]
    pub rules: PolicyRules,
}
