use serde::{Deserialize, Serialize};

/// `GET /api/me`: who is signed in, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The person.
    pub account: Account,
    /// The tenant this session works in.
    pub tenant: TenantSummary,
    /// `owner`, `admin`, `developer` or `viewer`.
    pub role: String,
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
