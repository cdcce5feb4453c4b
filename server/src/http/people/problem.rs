//! What people are told when they are not let in, and what to do next.

use http::StatusCode;

use crate::identity::IdentityError;
use crate::problem::Problem;

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::BadField { field, problem } => Self::field(field, problem),
            IdentityError::NotThere(what) => Self::not_found(what),
            IdentityError::TooMany(wait) => {
                let mut problem = Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_attempts",
                    "There were too many attempts. Wait as long as `Retry-After` says, then try again.",
                );
                problem.error.retry_after = Some(wait);
                problem
            }
            IdentityError::Store(error) => error.into(),
            IdentityError::Vault(error) => Self::internal(error),
            IdentityError::Keys(error) => Self::internal(error),
            IdentityError::Internal(error) => Self::internal(error),
            error => sign_in(&error)
                .or_else(|| links(&error))
                .or_else(|| rights(&error))
                .unwrap_or_else(|| Self::internal(error)),
        }
    }
}

fn sign_in(error: &IdentityError) -> Option<Problem> {
    Some(match error {
        IdentityError::WrongPassword => Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong_password",
            "The e-mail address or the password is wrong.",
        ),
        IdentityError::SecondFactorRequired => Problem::new(
            StatusCode::UNAUTHORIZED,
            "second_factor_required",
            "This account has a second factor. Send a code of the authenticator app, or a recovery \
             code, as `code`.",
        ),
        IdentityError::WrongCode => Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong_code",
            "This code is not the one of now, or was used already. Wait for the next one, or use a \
             recovery code.",
        ),
        IdentityError::NotSignedIn => {
            Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in first.")
        }
        IdentityError::SignInExpired => Problem::new(
            StatusCode::UNAUTHORIZED,
            "sign_in_expired",
            "This sign-in took too long. Begin again.",
        ),
        IdentityError::ProviderFailed => Problem::new(
            StatusCode::BAD_GATEWAY,
            "provider_failed",
            "The sign-in provider could not be reached. Try again, and tell whoever runs this Relay \
             if it stays.",
        ),
        IdentityError::Uncounted => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "limits_unavailable",
            "Attempts cannot be counted just now. Try again in a moment.",
        ),
        _ => return None,
    })
}

fn links(error: &IdentityError) -> Option<Problem> {
    Some(match error {
        IdentityError::BadSetupLink => Problem::new(
            StatusCode::FORBIDDEN,
            "setup_link_invalid",
            "This setup link does not work any more. Start Relay again and open the link it logs.",
        ),
        IdentityError::BadLink => Problem::new(
            StatusCode::FORBIDDEN,
            "link_invalid",
            "This link does not work any more: it was used, taken back, or is too old. Ask for \
             another.",
        ),
        IdentityError::ForAnother => Problem::new(
            StatusCode::FORBIDDEN,
            "invitation_for_another",
            "This invitation is for another e-mail address than the one you are signed in with. \
             Sign in with that one.",
        ),
        IdentityError::SignUpClosed => Problem::new(
            StatusCode::FORBIDDEN,
            "sign_up_closed",
            "Nobody can sign up here. Ask a member to invite you.",
        ),
        IdentityError::TenantNameTaken => Problem::new(
            StatusCode::CONFLICT,
            "tenant_name_taken",
            "There is a tenant of this name already. Choose another name.",
        ),
        IdentityError::MailSendsLinks => Problem::new(
            StatusCode::CONFLICT,
            "mail_sends_links",
            "This Relay sends mail: the member asks for a link on the sign-in page.",
        ),
        IdentityError::NotYoursToReset => Problem::new(
            StatusCode::CONFLICT,
            "not_yours_to_reset",
            "A link is made only for another member, one who belongs to no other tenant. Ask \
             whoever runs this Relay: relay members reset-link.",
        ),
        _ => return None,
    })
}

fn rights(error: &IdentityError) -> Option<Problem> {
    Some(match error {
        IdentityError::RoleMayNot => Problem::new(
            StatusCode::FORBIDDEN,
            "role_may_not",
            "Your role may not do this. Ask an owner of this tenant.",
        ),
        IdentityError::NoMoreTenants => Problem::new(
            StatusCode::FORBIDDEN,
            "no_more_tenants",
            "You may not make tenants here. Ask whoever runs this Relay: relay tenants create.",
        ),
        IdentityError::MemberAlready => Problem::new(
            StatusCode::CONFLICT,
            "member_already",
            "This person is a member of the tenant already.",
        ),
        IdentityError::LastOwner => Problem::new(
            StatusCode::CONFLICT,
            "last_owner",
            "A tenant needs an owner. Make somebody else one first.",
        ),
        IdentityError::NoPassword => Problem::new(
            StatusCode::CONFLICT,
            "no_password",
            "This account has no password yet. Set one: ask for a reset link on the sign-in page.",
        ),
        IdentityError::SecondFactorOn => Problem::new(
            StatusCode::CONFLICT,
            "second_factor_on",
            "This account has a second factor already. Remove it first.",
        ),
        IdentityError::SecondFactorOff => Problem::new(
            StatusCode::CONFLICT,
            "second_factor_off",
            "This account has no second factor. Set one up first.",
        ),
        _ => return None,
    })
}

/// The same where somebody is signed in and confirms something: not a sign that they are not.
pub(super) fn unconfirmed(error: IdentityError) -> Problem {
    let refused = matches!(
        error,
        IdentityError::WrongPassword | IdentityError::WrongCode
    );
    let mut problem = Problem::from(error);
    if refused {
        problem.error.status = StatusCode::FORBIDDEN.as_u16();
    }
    problem
}
