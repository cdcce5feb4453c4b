//! What mails say. Plain text. What strangers wrote (names) stands in quotes and without line
//! breaks or links, so that nobody has Relay send their words to somebody else.

/// A mail.
#[derive(Clone)]
pub struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
}

impl Letter {
    /// To somebody who signed up.
    pub fn confirm(link: &str) -> Self {
        Self {
            subject: "Confirm your Relay account".to_owned(),
            text: format!(
                "Somebody, most likely you, signed up for Relay with this e-mail address.\n\n\
                 To confirm it and sign in, open this link within a day:\n\n{link}\n\n\
                 If it was not you, do not open it: without it there is no account.\n"
            ),
        }
    }

    /// To a member who signed up again, or somebody else did with their address.
    pub fn has_account(sign_in: &str, reset: &str) -> Self {
        Self {
            subject: "You have a Relay account already".to_owned(),
            text: format!(
                "Somebody, most likely you, signed up for Relay with this e-mail address. It has \
                 an account already.\n\nSign in: {sign_in}\n\n\
                 If you have forgotten the password, set a new one: {reset}\n\n\
                 If it was not you, there is nothing to do: nothing has changed.\n"
            ),
        }
    }

    /// To a member who has forgotten their password.
    pub fn reset(link: &str) -> Self {
        Self {
            subject: "Set a new password for Relay".to_owned(),
            text: format!(
                "Somebody, most likely you, asked to set a new password for your Relay account.\n\n\
                 To set it, open this link within an hour:\n\n{link}\n\n\
                 Whoever has this link can set it: give it to nobody. If it was not you who asked, \
                 there is nothing to do: your password stays as it is.\n"
            ),
        }
    }

    /// To a member whose password is another.
    pub fn password_changed(reset: &str) -> Self {
        Self {
            subject: "Your Relay password was changed".to_owned(),
            text: format!(
                "The password of your Relay account was changed, and every other session ended.\n\n\
                 If it was not you, set a new one at once: {reset}\n"
            ),
        }
    }

    /// To a member whose account a sign-in provider leads to from now on.
    pub fn provider_linked(provider: &str, account: &str) -> Self {
        let provider = plain(provider);
        Self {
            subject: "A sign-in provider was linked to your Relay account".to_owned(),
            text: format!(
                "\"{provider}\" signs you in to your Relay account from now on, as it was asked with \
                 your password.\n\n\
                 If it was not you, take it off your account and change your password: {account}\n"
            ),
        }
    }

    /// To somebody who is asked to join a tenant.
    pub fn invitation(inviter: &str, tenant: &str, role: relay_api::Role, link: &str) -> Self {
        let (inviter, tenant) = (plain(inviter), plain(tenant));
        Self {
            subject: "You are invited to Relay".to_owned(),
            text: format!(
                "\"{inviter}\" invites you to \"{tenant}\" on Relay, with the role {role}.\n\n\
                 To accept, open this link within a week:\n\n{link}\n\n\
                 If you do not know them, there is nothing to do.\n"
            ),
        }
    }
}

/// A name that no mail program makes a link of.
fn plain(name: &str) -> String {
    let name: String = name.chars().take(60).collect();
    name.replace("://", " ")
        .replace(['.', '/', '"', '@', '\u{2028}', '\u{2029}'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_carries_no_link() {
        let name = "visit https://evil.example/now\" or me@evil.example";
        let letter = Letter::invitation(name, name, relay_api::Role::Viewer, "LINK");
        assert!(!letter.text.contains("evil.example"), "{}", letter.text);
        assert!(letter.text.contains("LINK"));
    }
}
