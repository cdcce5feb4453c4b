use serde::{Deserialize, Serialize};

use crate::{ExpiresIn, Limit, QuotaUse, Quotas, Timestamp};

/// What a relay key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Call models.
    Inference,
    /// Issue registration tokens.
    Tokens,
    /// Manage users, credentials and relay keys.
    Manage,
}

impl Scope {
    /// Every scope, in the order people read them.
    pub const ALL: [Self; 3] = [Self::Inference, Self::Tokens, Self::Manage];

    /// The scope's word in JSON, tables and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inference => "inference",
            Self::Tokens => "tokens",
            Self::Manage => "manage",
        }
    }

    /// The scope of a word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// A relay key as lists show it: everything but the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RelayKey {
    /// The key's id (UUIDv7).
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The beginning and end of the key, e.g. `rly-3fK9…x2Qa`.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// A request's own field for a user (OpenAI's `user`, Anthropic's `metadata.user_id`) names the
    /// end user where no `X-Relay-User` does: for tools that can set no header.
    #[serde(default)]
    pub user_from_body: bool,
    /// The id of its policy; none allows everything.
    #[serde(default)]
    pub policy: Option<String>,
    /// The one end user it is for, if it is bound to one.
    #[serde(default)]
    pub end_user: Option<String>,
    /// Whether it is switched off for now.
    #[serde(default)]
    pub disabled: bool,
    /// Limits, quotas, networks, and what is kept.
    #[serde(flatten)]
    pub settings: KeySettings,
    /// What it has used of its quotas this month; absent where it has no quotas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_this_month: Option<QuotaUse>,
    /// When its bearer was last replaced.
    #[serde(default)]
    pub rotated_at: Option<Timestamp>,
    /// Until when the bearer before that still works.
    #[serde(default)]
    pub previous_expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; never, when absent.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
}

/// What a relay key is held to, beside its policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeySettings {
    /// Networks calls may come from (CIDR); anywhere, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// Monthly quotas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotas: Option<Quotas>,
    /// How long prompts and completions are kept, sealed; the policy's word counts when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_bodies_for: Option<ExpiresIn>,
}

/// `POST /v1/relay-keys`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRelayKey {
    /// What people call it, 1–100 characters.
    pub name: String,
    /// What it may do; `inference` and `tokens` when left out, `inference` alone for a key that is
    /// bound to an end user, which may never `manage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
    /// Lets a request's own field for a user name the end user; no when left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub user_from_body: bool,
    /// How long it lives (`"30d"`); forever when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<ExpiresIn>,
    /// The id or name of its policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Binds it to one end user: `X-Relay-User` is implied, and another is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_user: Option<String>,
    /// Networks calls may come from (CIDR); anywhere, when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// Monthly quotas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotas: Option<Quotas>,
    /// How long prompts and completions are kept, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_bodies_for: Option<ExpiresIn>,
}

/// `PATCH /v1/relay-keys/{id}`: what is left out stays; `null` takes away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedRelayKey {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Switches it off or on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Another policy, by id or name.
    #[serde(
        default,
        with = "crate::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub policy: Option<Option<String>>,
    /// Other networks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
    /// Other limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Vec<Limit>>,
    /// Other quotas.
    #[serde(
        default,
        with = "crate::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub quotas: Option<Option<Quotas>>,
    /// Another time to keep prompts and completions.
    #[serde(
        default,
        with = "crate::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub keep_bodies_for: Option<Option<ExpiresIn>>,
}

/// `POST /v1/relay-keys/{id}/rotate`: answers a `CreatedRelayKey` of the same id with a new bearer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateRelayKey {
    /// How long the old bearer still works (`"24h"`); not at all, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<ExpiresIn>,
}

/// `201` answer to `NewRelayKey`. The only time the key is shown.
// No `Debug`: it holds the key.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedRelayKey {
    /// The bearer: `rly-...`.
    pub key: String,
    /// What later lists show of it.
    #[serde(flatten)]
    pub details: RelayKey,
}
