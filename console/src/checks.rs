//! What is certainly wrong with what was entered. The server has the last word.

use leptos::prelude::*;

/// The shortest password the server takes, in characters.
pub(crate) const PASSWORD_MIN: usize = 12;
/// The longest name of a person or tenant, in characters.
pub(crate) const NAME_MAX: u16 = 100;
/// The longest e-mail address.
pub(crate) const EMAIL_MAX: u16 = 254;

/// Whether a form was tried: its errors wait for that, since nobody likes to be corrected while
/// typing. Copies share one state.
#[derive(Clone, Copy)]
pub(crate) struct Tried(RwSignal<bool>);

impl Tried {
    /// Not yet.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(false))
    }

    /// What is wrong with a text, once the form was tried.
    pub(crate) fn check(
        self,
        text: RwSignal<String>,
        check: fn(&str) -> Option<String>,
    ) -> Signal<Option<String>> {
        Signal::derive(move || {
            if self.0.get() {
                text.with(|text| check(text))
            } else {
                None
            }
        })
    }

    /// Counts as a try; whether none of these is wrong.
    pub(crate) fn passes(self, errors: &[Signal<Option<String>>]) -> bool {
        self.0.set(true);
        errors.iter().all(|error| error.get_untracked().is_none())
    }
}

/// A text that is needed.
pub(crate) fn missing(text: &str, what: &str) -> Option<String> {
    text.trim().is_empty().then(|| format!("Enter {what}."))
}

/// The name of the person at the keyboard.
pub(crate) fn name(text: &str) -> Option<String> {
    missing(text, "your name")
}

/// The name of a tenant.
pub(crate) fn tenant(text: &str) -> Option<String> {
    missing(text, "a name for the tenant")
}

/// A password that exists already.
pub(crate) fn password(text: &str) -> Option<String> {
    text.is_empty().then(|| "Enter your password.".to_owned())
}

/// A code of a second factor.
pub(crate) fn code(text: &str) -> Option<String> {
    missing(text, "the code")
}

/// An e-mail address.
pub(crate) fn email(text: &str) -> Option<String> {
    let text = text.trim();
    missing(text, "an e-mail address").or_else(|| {
        let (local, domain) = text.split_once('@').unwrap_or_default();
        (local.is_empty() || domain.is_empty() || text.contains(char::is_whitespace))
            .then(|| "This does not look like an e-mail address.".to_owned())
    })
}

/// A password that is to be.
pub(crate) fn new_password(text: &str) -> Option<String> {
    let length = text.chars().count();
    (length < PASSWORD_MIN).then(|| match length {
        0 => format!("Choose a password of {PASSWORD_MIN} characters or more."),
        _ => format!("{length} of at least {PASSWORD_MIN} characters."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certainly_no_address_is_refused() {
        for good in ["a@b", "ada@example.com", " ada+x@example.co.uk "] {
            assert_eq!(email(good), None, "{good}");
        }
        for bad in ["", " ", "ada", "@b", "a@", "a b@c"] {
            assert!(email(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_measured_in_characters_not_bytes() {
        assert!(new_password("열두글자비밀번호입니").is_some());
        assert_eq!(new_password("열두글자비밀번호입니다요"), None);
        assert_eq!(new_password("correct horse"), None);
    }
}
