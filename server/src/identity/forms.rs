//! What people type: checked field by field, with words that say what is wrong.

use secrecy::{ExposeSecret, SecretString};

use super::breached::{is_breached, is_pattern};
use super::{IdentityError, MIN_PASSWORD_CHARS};

pub(super) const MAX_PASSWORD_BYTES: usize = 1024;
const MAX_NAME_CHARS: usize = 100;

pub(super) fn bad(field: &'static str, problem: &'static str) -> IdentityError {
    IdentityError::BadField { field, problem }
}

/// An e-mail address, in lower case.
pub(super) fn email(text: &str) -> Result<String, IdentityError> {
    let email = text.trim().to_lowercase();
    let sound = email.len() <= 254
        && !email
            .contains(|c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c))
        && email.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && !host.is_empty() && !host.contains('@')
        });
    if sound {
        Ok(email)
    } else {
        Err(bad("email", "is not an e-mail address"))
    }
}

pub(super) fn name(field: &'static str, text: &str) -> Result<String, IdentityError> {
    let name = text.trim();
    if name.is_empty() {
        return Err(bad(field, "is empty"));
    }
    if name.chars().count() > MAX_NAME_CHARS || name.contains(char::is_control) {
        return Err(bad(
            field,
            "is longer than 100 characters or holds control characters",
        ));
    }
    Ok(name.to_owned())
}

/// A password that may be chosen (NIST SP 800-63B-4 §3.1.1: long, and none that is known; no rules
/// of composition).
pub(super) fn check_password(
    field: &'static str,
    password: &SecretString,
    email: &str,
) -> Result<(), IdentityError> {
    let password = password.expose_secret();
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(bad(field, "is shorter than 12 characters"));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(bad(field, "is longer than 1024 bytes"));
    }
    if password.to_lowercase() == email {
        return Err(bad(field, "is the e-mail address"));
    }
    if is_pattern(password) || is_breached(password) {
        return Err(bad(
            field,
            "is one that attackers try first, because it is in lists of stolen passwords or a simple \
             pattern. Choose another, for example some words that have nothing to do with each other",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_checked_field_by_field() {
        assert_eq!(email(" A@Example.com ").expect("fine"), "a@example.com");
        for text in [
            "", "a", "@b", "a@", "a b@c", "a@b@c", "<a@b>", "a@b,c@d", "a\u{0}@b",
        ] {
            assert!(email(text).is_err(), "{text}");
        }
        assert!(name("name", "  ").is_err());
        assert!(name("name", "a\nb").is_err());
        assert_eq!(name("name", " Ada ").expect("fine"), "Ada");
        let check =
            |text: &str| check_password("password", &SecretString::from(text), "a@example.com");
        for text in [
            "short",
            "a@example.com",
            "Password1234",
            "abababababab",
            "123456789012",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
        assert!(check("correct horse").is_ok());
    }
}
