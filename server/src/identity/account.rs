//! A person's own account.

use secrecy::{ExposeSecret, SecretString};

use super::forms::{MAX_PASSWORD_BYTES, check_password, name};
use super::{Identity, IdentityError, Visit, hash_bearer};
use crate::mail::Letter;
use crate::store::{MemberRow, SessionRow};

impl Identity {
    /// Changes what the person is called.
    pub async fn rename(&self, session: &SessionRow, wanted: &str) -> Result<(), IdentityError> {
        let wanted = name("name", wanted)?;
        let (member_id, now) = (&session.member_id, self.clock.now());
        self.store.rename_member(member_id, &wanted, now).await?;
        Ok(())
    }

    /// Changes the password for who knows the one so far, and ends every other session.
    pub async fn change_password(
        &self,
        session: &SessionRow,
        form: relay_api::ChangedPassword,
        visit: &Visit,
    ) -> Result<(), IdentityError> {
        let member = self.knows_password(session, form.current, visit).await?;
        let new = SecretString::from(form.new);
        check_password("new", &new, &member.email)?;
        let hash = self.passwords.hash(new).await?;
        let token = visit.token.as_ref().ok_or(IdentityError::NotSignedIn)?;
        let keep = hash_bearer(token.expose_secret());
        let (was, now) = (&member.password_hash, self.clock.now());
        let changed = self
            .store
            .change_password(&member.id, was, &hash, &keep, now);
        if !changed.await? {
            return Err(IdentityError::WrongPassword);
        }
        self.tell_of_new_password(&member);
        Ok(())
    }

    /// The member who is signed in, if this is their password: before what a stolen session must
    /// not do.
    pub(super) async fn knows_password(
        &self,
        session: &SessionRow,
        password: String,
        visit: &Visit,
    ) -> Result<MemberRow, IdentityError> {
        let member = self.store.member(&session.member_id).await?;
        let member = member.ok_or(IdentityError::NotSignedIn)?;
        let hash = member.password().ok_or(IdentityError::NoPassword)?;
        self.throttle.password(&member.email, visit.address).await?;
        let password = SecretString::from(password);
        let short = password.expose_secret().len() <= MAX_PASSWORD_BYTES;
        if !short || !self.passwords.verify(password, Some(hash)).await? {
            return Err(IdentityError::WrongPassword);
        }
        Ok(member)
    }

    pub(super) fn tell_of_new_password(&self, member: &MemberRow) {
        if self.mailer.sends() {
            let again = format!("{}/console/reset", self.public_url);
            self.mailer
                .send(&member.email, Letter::password_changed(&again));
        }
    }
}
