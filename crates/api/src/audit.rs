use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditActor {
    /// `relay-key`, `member`, `end-user`, `operator` (the command line), or `relay` (by itself).
    pub kind: String,
    /// The relay key's or the member's id, the end user's label; empty for the operator and Relay.
    pub id: String,
    /// The relay key's name or the member's e-mail address, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One change of a tenant's things (`GET /v1/audit`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// The entry's id (UUIDv7).
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: AuditActor,
    /// What was done: `relay-key.create`, `credential.remove`, ...
    pub action: String,
    /// To what: its path below `/v1`, like `relay-keys/ID` or `users/ada/credentials/openai`.
    pub subject: String,
    /// More of it, never a secret: a JSON object.
    pub detail: std::collections::BTreeMap<String, serde_json::Value>,
}
