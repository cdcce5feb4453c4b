//! Who signs in to the console: the first owner, passwords and sessions.

mod key_settings;
mod password;
mod relay_keys;
mod secret;

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::clock::{Clock, EpochMs, millis, new_id};
use crate::store::{MemberRow, NewOwnerRow, SessionRow, Setup, Store, StoreError, TenantRow};
use crate::vaulting::Vault;

pub use key_settings::{check_scopes, check_settings};
pub use password::Passwords;
pub use relay_keys::{
    KeyInForce, NewKey, PREFIX, RelayKeyChangeError, RelayKeyError, RelayKeys, is_grace, is_life,
};
pub use secret::{hash_bearer, new_bearer, random_bytes};

/// A session ends this long after it began.
pub const SESSION_LIFE: Duration = Duration::from_hours(336);
/// The first owner's link works this long.
const SETUP_LIFE: Duration = Duration::from_hours(24);
/// Characters of a password at least (NIST SP 800-63B-4 asks 15 without, 8 with a second factor).
pub const MIN_PASSWORD_CHARS: usize = 12;
const MAX_PASSWORD_BYTES: usize = 1024;
const MAX_NAME_CHARS: usize = 100;

/// Why somebody was not let in, or not made.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No member with this e-mail address and password. It does not say which.
    #[error("the e-mail address or the password is wrong")]
    WrongPassword,
    /// The setup link is unknown, used or too old.
    #[error("the setup link does not work any more")]
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
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault or the password hash failed.
    #[error("{0}")]
    Internal(String),
}

/// Who is signed in, with the cookie's secret on the way out.
pub struct SignedIn {
    /// The session.
    pub session: SessionRow,
    /// The session's secret, for the cookie.
    pub token: SecretString,
}

/// Members and sessions.
pub struct Identity {
    store: Store,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
}

impl Identity {
    /// Over this store and vault.
    pub fn new(store: Store, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            vault,
            clock,
            passwords: Passwords::default(),
        }
    }

    /// A new one-time secret for the first owner, in place of any earlier one; none when somebody
    /// can sign in already.
    pub async fn new_setup_token(&self) -> Result<Option<SecretString>, StoreError> {
        if self.store.has_members().await? {
            return Ok(None);
        }
        let token = new_bearer("");
        let expires_at = self.clock.now() + millis(SETUP_LIFE);
        self.store
            .replace_setup_link(&hash_bearer(token.expose_secret()), expires_at)
            .await?;
        Ok(Some(token))
    }

    /// Whether the first owner is still to be made.
    pub async fn needs_setup(&self) -> Result<bool, StoreError> {
        Ok(!self.store.has_members().await?)
    }

    /// Makes the first owner with a tenant, and signs in.
    pub async fn set_up(&self, form: relay_api::NewOwner) -> Result<SignedIn, IdentityError> {
        let email = email(&form.email)?;
        let password = SecretString::from(form.password);
        check_password(&password, &email)?;
        let member_name = name("name", &form.name)?;
        let tenant_name = name("tenantName", &form.tenant_name)?;
        let now = self.clock.now();
        let password_hash = self.passwords.hash(password).await?;
        let tenant = TenantRow {
            id: new_id(),
            name: tenant_name,
            created_at: now,
        };
        let data_key = self
            .vault
            .first_data_key(&tenant.id)
            .map_err(|error| IdentityError::Internal(error.to_string()))?;
        let member = MemberRow {
            id: new_id(),
            email,
            name: member_name,
            password_hash,
        };
        let member_id = member.id.clone();
        let link = hash_bearer(form.setup_token.trim());
        let owner = NewOwnerRow {
            member,
            tenant,
            data_key,
        };
        match self.store.set_up(&link, &owner, now).await? {
            Setup::Done => self.begin_session(&member_id, now).await,
            Setup::BadLink => Err(IdentityError::BadLink),
            Setup::TenantNameTaken => Err(IdentityError::TenantNameTaken),
        }
    }

    /// Signs in. Takes as long for an address nobody has as for a wrong password.
    pub async fn sign_in(&self, form: relay_api::SignIn) -> Result<SignedIn, IdentityError> {
        let password = SecretString::from(form.password);
        if password.expose_secret().len() > MAX_PASSWORD_BYTES {
            return Err(IdentityError::WrongPassword);
        }
        let member = match email(&form.email) {
            Ok(email) => self.store.member_by_email(&email).await?,
            Err(_) => None,
        };
        let hash = member.as_ref().map(|member| member.password_hash.clone());
        if !self.passwords.verify(password, hash).await? {
            return Err(IdentityError::WrongPassword);
        }
        let member = member.ok_or(IdentityError::WrongPassword)?;
        self.begin_session(&member.id, self.clock.now()).await
    }

    /// The session of a cookie's secret, if it is alive.
    pub async fn session(&self, token: &str) -> Result<Option<SessionRow>, StoreError> {
        self.store
            .session(&hash_bearer(token), self.clock.now())
            .await
    }

    /// Signs out.
    pub async fn sign_out(&self, token: &str) -> Result<(), StoreError> {
        self.store.end_session(&hash_bearer(token)).await
    }

    async fn begin_session(
        &self,
        member_id: &str,
        now: EpochMs,
    ) -> Result<SignedIn, IdentityError> {
        let token = new_bearer("");
        let hash = hash_bearer(token.expose_secret());
        let begun = self
            .store
            .begin_session(member_id, &hash, now, now + millis(SESSION_LIFE))
            .await?;
        // A member of no tenant has nowhere to go.
        let session = if begun {
            self.store.session(&hash, now).await?
        } else {
            None
        };
        let session = session.ok_or(IdentityError::WrongPassword)?;
        Ok(SignedIn { session, token })
    }
}

fn bad(field: &'static str, problem: &'static str) -> IdentityError {
    IdentityError::BadField { field, problem }
}

fn email(text: &str) -> Result<String, IdentityError> {
    let email = text.trim().to_lowercase();
    let sound = email.len() <= 254
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && !host.is_empty() && !host.contains('@')
        });
    if sound {
        Ok(email)
    } else {
        Err(bad("email", "is not an e-mail address"))
    }
}

fn name(field: &'static str, text: &str) -> Result<String, IdentityError> {
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

fn check_password(password: &SecretString, email: &str) -> Result<(), IdentityError> {
    let password = password.expose_secret();
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(bad("password", "is shorter than 12 characters"));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(bad("password", "is longer than 1024 bytes"));
    }
    if password.to_lowercase() == email {
        return Err(bad("password", "is the e-mail address"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_checked_field_by_field() {
        assert_eq!(email(" A@Example.com ").expect("fine"), "a@example.com");
        for text in ["", "a", "@b", "a@", "a b@c", "a@b@c"] {
            assert!(email(text).is_err(), "{text}");
        }
        assert!(name("name", "  ").is_err());
        assert!(name("name", "a\nb").is_err());
        assert_eq!(name("name", " Ada ").expect("fine"), "Ada");
        for text in ["short", "a@example.com"] {
            assert!(check_password(&SecretString::from(text), "a@example.com").is_err());
        }
        assert!(check_password(&SecretString::from("correct horse"), "a@b").is_ok());
    }
}
