//! Who belongs to a tenant, and who is asked to.

use serde::{Deserialize, Serialize};

use crate::{Role, Timestamp};

/// A member of the tenant (`GET /api/members`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The member's id (UUIDv7).
    pub id: String,
    /// What to call the person.
    pub name: String,
    /// The e-mail address signed in with.
    pub email: String,
    /// The role in this tenant.
    pub role: Role,
    /// Since when the person belongs to this tenant.
    pub joined_at: Timestamp,
    /// When a session of theirs in this tenant was last used, to some minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// Whether signing in by password takes a second factor.
    pub second_factor: bool,
}

/// `PATCH /api/members/{id}`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedMember {
    /// The new role. Only an owner gives or takes the role of an owner; the last owner stays one.
    pub role: Role,
}

/// `POST /api/members/{id}/reset-link`: to be handed over in person; it is in no list.
// No `Debug`: whoever has the link sets the password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResetLink {
    /// The page at which the member sets a new password, once.
    pub url: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// Somebody who was asked to join the tenant (`GET /api/invitations`).
// No `Debug`: whoever has the link joins.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The invitation's id (UUIDv7).
    pub id: String,
    /// Who is asked.
    pub email: String,
    /// The role that the person will have.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// The link to send by hand: shown once, when the invitation is made, and only where Relay
    /// sends no mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// `POST /api/invitations`. One for the same address takes the place of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewInvitation {
    /// Who is asked.
    pub email: String,
    /// The role that the person will have; at most the inviter's own.
    pub role: Role,
}

/// `POST /api/invitations/look`: what an invitation is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvitationSeen {
    /// The tenant that asks.
    pub tenant_name: String,
    /// Who is asked.
    pub email: String,
    /// The role that the person will have.
    pub role: Role,
    /// Whether the address has an account, which has to be signed in to before accepting.
    pub has_account: bool,
}

/// `POST /api/invitations/accept`
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptInvitation {
    /// From the link: `/console/invitation#TOKEN`.
    pub token: String,
    /// What to call the person; needed where the address has no account yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A password, 12 characters or more; needed where the address has no account yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// `POST /api/sign-up/confirm`: the link that was mailed, and who follows it.
// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmedSignUp {
    /// From the link: `/console/confirm#TOKEN`.
    pub token: String,
    /// The password that was chosen when signing up.
    pub password: String,
}

/// The token of a link: `POST /api/invitations/look`.
// No `Debug`: it is as good as a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkToken {
    /// What stands behind the link's `#`.
    pub token: String,
}
