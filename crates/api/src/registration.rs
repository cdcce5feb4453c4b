use serde::{Deserialize, Serialize};

use crate::{Branding, Credential, MonthUse, Provider, Timestamp};

/// A life span: a number of minutes (`15`), or text with a unit (`"90s"`, `"15m"`, `"1h"`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum ExpiresIn {
    /// Whole minutes.
    Minutes(u32),
    /// A number and one of `s`, `m`, `h`, `d`.
    Text(String),
}

/// `POST /v1/registration-tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRegistrationToken {
    /// The tenant's own name for the end user, 1–256 characters: opaque to Relay.
    pub end_user_label: String,
    /// Locks the token to one provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Default 15 minutes; 1 to 60 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<ExpiresIn>,
    /// Web origins (`https://app.example.com`) whose pages may use the token. Left out: the tenant's allowed
    /// origins (`/v1/settings`), or any page where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    /// What the end user may do with it; connect one key, when left out.
    #[serde(default)]
    pub scope: TokenScope,
}

/// What an end user may do with a registration token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TokenScope {
    /// Connect one key, or replace one. Works once.
    #[default]
    Connect,
    /// See what is connected, replace and disconnect. Works until it expires.
    Manage,
}

/// `201` answer to `NewRegistrationToken`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RegistrationToken {
    /// The signed token for `Relay.mount`.
    pub registration_token: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// The public key a browser seals a provider key to (HPKE, RFC 9180).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SealingKey {
    /// Which root-key version it comes from; sent back with the submission.
    pub id: String,
    /// X25519 public key, 32 bytes, base64url without padding.
    pub public_key: String,
}

/// `GET /v1/widget/session`: all the widget needs to draw itself and to seal a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WidgetSession {
    /// The tenant's name, to say who asks.
    pub tenant_name: String,
    /// Bound into the seal.
    pub tenant_id: String,
    /// The registration token's id, bound into the seal.
    pub token_id: String,
    /// The provider the token is locked to, if any.
    #[serde(default)]
    pub provider: Option<String>,
    /// What can be connected, in the order to show. Only the locked one, if locked.
    pub providers: Vec<Provider>,
    /// What this end user has connected already, of the providers the token is for.
    pub credentials: Vec<WidgetCredential>,
    /// What the token allows.
    #[serde(default)]
    pub scope: TokenScope,
    /// How the tenant wants the widget to look.
    #[serde(default)]
    pub branding: Branding,
    /// The key to seal to.
    pub sealing_key: SealingKey,
    /// When the token stops working.
    pub expires_at: Timestamp,
}

/// A credential as its own end user sees it. `lastUsedAt` and `usage` are for tokens of the scope `manage`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WidgetCredential {
    /// The credential.
    #[serde(flatten)]
    pub credential: Credential,
    /// What was called with it this month, since it was connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<MonthUse>,
}

/// A provider key sealed in the browser: `relay_vault::seal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedKey {
    /// The sealing key's `id`.
    pub key_id: String,
    /// HPKE encapsulated key, base64url without padding.
    pub enc: String,
    /// HPKE ciphertext, base64url without padding.
    pub ciphertext: String,
}

/// `POST /v1/widget/credentials`; answered `201` with a `Credential`. Exactly one of
/// `sealedKey` (the widget) and `apiKey` (a server or mobile app that submits itself) is given.
// No `Debug`: it may hold a key.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectCredential {
    /// The provider the key is for.
    pub provider: String,
    /// The key, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_key: Option<SealedKey>,
    /// The key, in the clear over TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}
