//! Why somebody was not let in, or something was not done.

use std::time::Duration;

use relay_vault::VaultError;

use crate::store::StoreError;
use crate::vaulting::KeyError;

/// Why somebody was not let in, or something was not done.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No member with this e-mail address and password. It does not say which.
    #[error("the e-mail address or the password is wrong")]
    WrongPassword,
    /// The password was right; a code has to come with it.
    #[error("a code of the second factor is needed")]
    SecondFactorRequired,
    /// The code is not one of now, was used before, or is no recovery code.
    #[error("the code is wrong or was used")]
    WrongCode,
    /// Too many tries; how long to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// Tries cannot be counted, and the operator wants none uncounted.
    #[error("attempts cannot be counted")]
    Uncounted,
    /// The setup link is unknown, used or too old.
    #[error("the setup link does not work any more")]
    BadSetupLink,
    /// Another link is unknown, used or too old.
    #[error("the link does not work any more")]
    BadLink,
    /// A field of the form cannot be used.
    #[error("{field} {problem}")]
    BadField {
        /// The field, as JSON names it.
        field: &'static str,
        /// What is wrong with it, completing "`field` ...".
        problem: &'static str,
    },
    /// There is a tenant of this name already.
    #[error("there is a tenant of this name already")]
    TenantNameTaken,
    /// Nobody may sign up by themselves.
    #[error("sign-up is closed")]
    SignUpClosed,
    /// This member may make no tenants.
    #[error("this member may make no tenants")]
    NoMoreTenants,
    /// There is no such thing in this tenant.
    #[error("there is no such {0}")]
    NotThere(&'static str),
    /// Somebody has to be signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The invitation is for another address than the one signed in with.
    #[error("the invitation is for somebody else")]
    ForAnother,
    /// The one who is invited belongs to the tenant already.
    #[error("this is a member already")]
    MemberAlready,
    /// The role does not suffice.
    #[error("the role does not suffice")]
    RoleMayNot,
    /// The tenant would be left without an owner.
    #[error("a tenant needs an owner")]
    LastOwner,
    /// Relay sends mail, so nobody needs to make links for others.
    #[error("mail is configured")]
    MailSendsLinks,
    /// The member belongs to other tenants too, or is the one who asks.
    #[error("this member's password is not this tenant's affair")]
    NotYoursToReset,
    /// The account has no password.
    #[error("the account has no password")]
    NoPassword,
    /// A second factor is in force.
    #[error("a second factor is in force")]
    SecondFactorOn,
    /// There is no second factor.
    #[error("there is no second factor")]
    SecondFactorOff,
    /// A sign-in that waits for a code has waited too long, or there is none.
    #[error("there is no sign-in that waits")]
    SignInExpired,
    /// A provider cannot be reached.
    #[error("the provider cannot be reached")]
    ProviderFailed,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The vault's keys failed.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The password hash failed, or something else that should not.
    #[error("{0}")]
    Internal(String),
}
