//! The second factor: set up, asked for, taken away. Its secret is sealed by the vault, a code
//! works once, and recovery codes are kept as hashes.

use relay_api::{RecoveryCodes, SecondFactorSecret};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::totp::{SECRET_BYTES, base32, step_of, uri};
use super::{Identity, IdentityError, Visit, hash_bearer, random_bytes};
use crate::store::{Actor, SecondFactorRow, SessionRow};
use crate::vaulting::SealedForMember;

/// What the vault is told the secret is.
const PURPOSE: &str = "second-factor";
const RECOVERY_CODES: usize = 10;
/// 80 bits: beyond guessing, also for who has stolen the hashes.
const RECOVERY_BYTES: usize = 10;

impl Identity {
    /// Begins to set a second factor up for who knows the password.
    pub async fn begin_second_factor(
        &self,
        session: &SessionRow,
        password: String,
        visit: &Visit,
    ) -> Result<SecondFactorSecret, IdentityError> {
        self.knows_password(session, password, visit).await?;
        let secret = random_bytes::<SECRET_BYTES>();
        let sealed = self
            .vault
            .seal_for_member(&session.member_id, PURPOSE, secret.as_slice())?;
        let row = SecondFactorRow {
            root_version: sealed.root_version,
            wrapped: sealed.wrapped,
            sealed: sealed.sealed,
            confirmed_at: None,
        };
        let now = self.clock.now();
        let begun = self
            .store
            .begin_second_factor(&session.member_id, &row, now)
            .await?;
        if !begun {
            return Err(IdentityError::SecondFactorOn);
        }
        let secret = base32(secret.as_slice());
        let uri = uri(&secret, &session.email, &self.issuer());
        Ok(SecondFactorSecret {
            uri: uri.expose_secret().to_owned(),
            secret,
        })
    }

    /// What an authenticator app calls this Relay.
    fn issuer(&self) -> String {
        let host = url::Url::parse(&self.public_url).ok();
        let host = host
            .as_ref()
            .and_then(url::Url::host_str)
            .unwrap_or_default();
        format!("Relay {host}")
    }

    /// Puts the second factor in force by a code of it, and makes its recovery codes.
    pub async fn confirm_second_factor(
        &self,
        session: &SessionRow,
        code: &str,
    ) -> Result<RecoveryCodes, IdentityError> {
        let member_id = &session.member_id;
        self.throttle.code(member_id).await?;
        let row = self.store.second_factor(member_id).await?;
        let row = row.ok_or(IdentityError::SecondFactorOff)?;
        if row.confirmed_at.is_some() {
            return Err(IdentityError::SecondFactorOn);
        }
        let now = self.clock.now();
        let secret = self.open(member_id, row)?;
        let step = step_of(&secret, &tidy(code), now).ok_or(IdentityError::WrongCode)?;
        let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
        let hashes: Vec<_> = codes.iter().map(|code| hash_bearer(&tidy(code))).collect();
        let confirmed = self
            .store
            .confirm_second_factor(member_id, step, &hashes, now)
            .await?;
        if !confirmed {
            return Err(IdentityError::SecondFactorOn);
        }
        Ok(RecoveryCodes {
            recovery_codes: codes,
        })
    }

    /// Takes the second factor away from who knows the password and has a code.
    pub async fn remove_second_factor(
        &self,
        session: &SessionRow,
        password: String,
        code: &str,
        visit: &Visit,
    ) -> Result<(), IdentityError> {
        self.knows_password(session, password, visit).await?;
        let member_id = &session.member_id;
        if !self.asks_second_factor(member_id).await? {
            return Err(IdentityError::SecondFactorOff);
        }
        self.take_code(member_id, code).await?;
        let (by, now) = (Actor::Member(member_id.clone()), self.clock.now());
        self.store.remove_second_factor(member_id, &by, now).await?;
        Ok(())
    }

    /// Whether signing in as this member takes a second factor.
    pub(super) async fn asks_second_factor(&self, member_id: &str) -> Result<bool, IdentityError> {
        let row = self.store.second_factor(member_id).await?;
        Ok(row.is_some_and(|row| row.confirmed_at.is_some()))
    }

    /// Lets who has shown to be this member pass, if the second factor agrees.
    pub(super) async fn check_second_factor(
        &self,
        member_id: &str,
        code: Option<&str>,
    ) -> Result<(), IdentityError> {
        if !self.asks_second_factor(member_id).await? {
            return Ok(());
        }
        let code = code.filter(|code| !code.trim().is_empty());
        let code = code.ok_or(IdentityError::SecondFactorRequired)?;
        self.take_code(member_id, code).await
    }

    /// Uses up a code of the authenticator app, or a recovery code.
    async fn take_code(&self, member_id: &str, code: &str) -> Result<(), IdentityError> {
        self.throttle.code(member_id).await?;
        let row = self.store.second_factor(member_id).await?;
        let row = row.ok_or(IdentityError::WrongCode)?;
        let (code, now) = (tidy(code), self.clock.now());
        let taken = if let Some(step) = step_of(&self.open(member_id, row)?, &code, now) {
            self.store.take_step(member_id, step).await?
        } else {
            let hash = hash_bearer(&code);
            self.store.take_recovery_code(member_id, &hash, now).await?
        };
        if taken {
            Ok(())
        } else {
            Err(IdentityError::WrongCode)
        }
    }

    fn open(
        &self,
        member_id: &str,
        row: SecondFactorRow,
    ) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
        let sealed = SealedForMember {
            root_version: row.root_version,
            wrapped: row.wrapped,
            sealed: row.sealed,
        };
        Ok(self.vault.open_for_member(member_id, PURPOSE, &sealed)?)
    }
}

/// A code as people type it: in any case, with blanks and hyphens.
fn tidy(code: &str) -> String {
    let kept = code.chars().filter(char::is_ascii_alphanumeric).take(64);
    kept.collect::<String>().to_uppercase()
}

/// `ABCD-EFGH-IJKL-MNOP`
fn recovery_code() -> String {
    let text = base32(random_bytes::<RECOVERY_BYTES>().as_slice());
    let groups: Vec<_> = text
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(tidy(" 123 456 "), "123456");
        let code = recovery_code();
        assert_eq!((code.len(), code.matches('-').count()), (19, 3), "{code}");
        assert_eq!(tidy(&code.to_lowercase()), code.replace('-', ""));
        assert_ne!(code, recovery_code());
    }
}
