use serde::{Deserialize, Serialize};

use crate::{KeySource, Limit, PolicyRules, Strategy, Timestamp};

/// `POST /v1/reach`: what would a relay key, a policy, or rules that are not saved yet let through?
/// At most one of `relayKeyId`, `policyId` and `rules`; without any, what a key without a policy may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReachAsked {
    /// A relay key's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay_key_id: Option<String>,
    /// A policy's id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_id: Option<String>,
    /// Rules as they would be saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<PolicyRules>,
    /// One model, by whatever name a caller would use; the whole catalog, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Of the catalog, models whose id or name has this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// The end user that a call would name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether a call would say that this user pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<bool>,
    /// The dialect that a call would be in; any, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// How many models at most, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `nextCursor` of the answer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What would be reached, decided by the very code that routes calls, but calling nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// The policy's name; empty where there is none.
    pub policy: String,
    /// Whose keys a call uses.
    pub keys: KeySource,
    /// In which order candidates are tried.
    pub strategy: Strategy,
    /// Why no call with this relay key is let in at all, whatever it asks for: `relay_key_expired`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// The limits that such a call has to pass.
    pub limits: Vec<Limit>,
    /// How many models of those that were asked about are reached.
    pub reachable: u64,
    /// How many were asked about.
    pub total: u64,
    /// The models, those that are reached first.
    pub models: Vec<ReachedModel>,
    /// Pass as `cursor` to get the next ones; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Why something is refused, in the words that a caller would get.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// The error's code, as in the list of errors: `model_not_allowed`, `user_not_connected`, ...
    pub code: String,
    /// The sentence.
    pub message: String,
}

/// What would become of a call of one model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReachedModel {
    /// The model's id, or the name that was asked about.
    pub id: String,
    /// Whether a call of it would be sent to somebody.
    pub allowed: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// The hosts that the model leads to, in the order in which they are tried.
    pub hosts: Vec<ReachedHost>,
}

/// One host that a model leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReachedHost {
    /// The host's id.
    pub host: String,
    /// The host's name.
    pub name: String,
    /// The model's name there.
    pub model: String,
    /// The model of the policy's fallbacks that leads here, if not the model itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// Whether a call may be sent there, with a key that there is.
    pub allowed: bool,
    /// Why not: the error's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The keys that may be used there. Told where one model was asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<ReachedCredential>,
}

/// One key that a call may use at a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReachedCredential {
    /// The credential's id.
    pub id: String,
    /// Its name in the pool; `default` for an end user's.
    pub name: String,
    /// The key's last four characters.
    pub last4: String,
    /// The end user it belongs to; the tenant's own, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How it is doing.
    pub state: CredentialState,
    /// When it may serve again, if it rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// How a credential is doing, as the process that answers has seen it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CredentialState {
    /// It serves.
    #[default]
    Ok,
    /// Its provider asked to wait.
    Resting,
    /// It failed several times in a row and is left alone for a while: its breaker is open.
    Open,
    /// Its provider refuses it.
    Broken,
    /// It is switched off.
    Disabled,
}
