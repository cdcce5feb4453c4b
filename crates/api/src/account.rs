//! A person's own account: sign-up, sessions, password, second factor.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// `POST /api/sign-up`. The answer is the same whether the address has an account.
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSignUp {
    /// What to call the person.
    pub name: String,
    /// E-mail address; a link is mailed to it: `/console/confirm#TOKEN`.
    pub email: String,
    /// Password, 12 characters or more.
    pub password: String,
    /// The name of the person's own tenant, e.g. the company.
    pub tenant_name: String,
}

/// `POST /api/password-reset`. The answer is the same whether the address has an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskedReset {
    /// E-mail address; a link is mailed to it: `/console/reset#TOKEN`.
    pub email: String,
}

/// `POST /api/password-reset/confirm`: sets the password, ends every other session, signs in.
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPassword {
    /// From the link: `/console/reset#TOKEN`.
    pub token: String,
    /// Password, 12 characters or more.
    pub password: String,
    /// A code of the second factor, or a recovery code, where the account has one: the answer
    /// `second_factor_required` asks for it, and leaves the link good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `POST /api/session/second-factor`: ends a sign-in through a provider (OIDC) that came back with
/// `/console/sign-in?problem=second_factor_required`.
// No `Debug`: it holds a code.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondFactorCode {
    /// A code of the second factor, or a recovery code.
    pub code: String,
}

/// `POST /api/session/tenant`: goes to another tenant of the member's, with a new session token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SwitchTenant {
    /// The tenant's id.
    pub tenant_id: String,
}

/// One place where the member is signed in (`GET /api/sessions`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The session's id.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// What the browser called itself; empty where it did not.
    pub user_agent: String,
    /// The address it began from; empty where that is not known.
    pub address: String,
}

/// `PATCH /api/account`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedAccount {
    /// What to call the person.
    pub name: String,
}

/// `POST /api/account/password`: ends every other session.
// No `Debug`: it holds passwords.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedPassword {
    /// The password so far.
    pub current: String,
    /// The new one, 12 characters or more.
    pub new: String,
}

/// `POST /api/account/totp`: begins to set up a second factor.
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSecondFactor {
    /// The account's password.
    pub password: String,
}

/// `POST /api/account/providers/{provider}`: adds a sign-in provider to the account.
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkProvider {
    /// The account's password.
    pub password: String,
}

/// Where the browser goes to add a sign-in provider; it comes back to `/console/account`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LinkedProvider {
    /// The provider's page.
    pub url: String,
}

/// A sign-in provider that leads to the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProviderLink {
    /// The provider's id, as in its address: `/api/oidc/{provider}`.
    pub provider: String,
    /// What the sign-in page calls it.
    pub name: String,
    /// Since when.
    pub linked_at: Timestamp,
}

/// What an authenticator app is to be told. It is in force once a code of it was confirmed.
// No `Debug`: it is a secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecondFactorSecret {
    /// The secret in Base32, to be typed.
    pub secret: String,
    /// The same as `otpauth://totp/...`, to be shown as a QR code.
    pub uri: String,
}

/// `POST /api/account/totp/confirm`: the only sight of them; each works once.
// No `Debug`: they are secrets.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// Codes to keep for the day when the authenticator app is lost.
    pub recovery_codes: Vec<String>,
}

/// `POST /api/account/totp/remove`
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovedSecondFactor {
    /// The account's password.
    pub password: String,
    /// A code of the second factor, or a recovery code.
    pub code: String,
}

/// `POST /api/tenants`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTenant {
    /// The tenant's name, unique.
    pub name: String,
}

/// `DELETE /api/tenant`: destroys the tenant's keys and removes everything of it, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovedTenant {
    /// The tenant's name, typed out.
    pub name: String,
}
