use serde::{Deserialize, Serialize};

use crate::Role;

/// `GET /api/me`: who is signed in, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The person.
    pub account: Account,
    /// The tenant this session works in.
    pub tenant: TenantSummary,
    /// The member's role in that tenant.
    pub role: Role,
    /// Every tenant the member belongs to, by name.
    pub tenants: Vec<Membership>,
    /// Whether the member may make further tenants (`POST /api/tenants`).
    pub may_create_tenants: bool,
    /// Where apps and browsers reach this Relay, without a trailing slash.
    pub public_url: String,
}

/// A member's own details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// What to call the person.
    pub name: String,
    /// The e-mail address signed in with.
    pub email: String,
    /// Whether signing in by password takes a second factor.
    pub second_factor: bool,
    /// Whether the account has a password; without one it is signed in to through a provider.
    pub has_password: bool,
}

/// A tenant that a member belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// The tenant's id (UUIDv7).
    pub id: String,
    /// The tenant's name.
    pub name: String,
    /// The member's role there.
    pub role: Role,
}

/// `GET /api/sign-in-options`: how people get in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignInOptions {
    /// Whether the first owner is still to be made.
    pub needs_setup: bool,
    /// Whether anybody may sign up.
    pub sign_up: bool,
    /// Whether Relay sends mail, so that a forgotten password can be reset by its owner.
    pub mail: bool,
    /// Who else vouches for people: a browser goes to `/api/oidc/{id}`.
    pub providers: Vec<SignInProvider>,
}

/// Somebody who vouches for people by OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignInProvider {
    /// The id in `/api/oidc/{id}`.
    pub id: String,
    /// What to call it on a button.
    pub name: String,
}

/// A tenant's name and id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantSummary {
    /// The tenant's id (UUIDv7).
    pub id: String,
    /// The tenant's name.
    pub name: String,
}

/// `POST /api/session`: signs in.
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// A code of the second factor, or a recovery code, where the account has one: the answer
    /// `second_factor_required` asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `POST /api/setup`: makes the first owner with the one-time link's token, and signs in.
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOwner {
    /// From the link printed at first start: `/console/setup#TOKEN`.
    pub setup_token: String,
    /// What to call the person.
    pub name: String,
    /// E-mail address to sign in with.
    pub email: String,
    /// Password, 12 characters or more.
    pub password: String,
    /// The name of the first tenant, e.g. the company.
    pub tenant_name: String,
}

/// `GET /api/setup`: whether the first owner is still to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SetupLink {
    /// True until the first owner exists.
    pub needed: bool,
}
