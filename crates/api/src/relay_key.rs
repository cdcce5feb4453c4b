use serde::{Deserialize, Serialize};

use crate::{ExpiresIn, Timestamp};

/// What a relay key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// `POST /v1/relay-keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRelayKey {
    /// What people call it, 1–100 characters.
    pub name: String,
    /// What it may do; `inference` and `tokens` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
    /// Lets a request's own field for a user name the end user; no when left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub user_from_body: bool,
    /// How long it lives (`"30d"`); forever when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<ExpiresIn>,
}

/// `201` answer to [`NewRelayKey`]. The only time the key is shown. Has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedRelayKey {
    /// The bearer: `rly-...`.
    pub key: String,
    /// What later lists show of it.
    #[serde(flatten)]
    pub details: RelayKey,
}
