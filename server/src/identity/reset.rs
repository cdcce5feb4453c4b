//! How people come back who have forgotten their password.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::forms::{check_password, email};
use super::{Identity, IdentityError, SignedIn, Visit, hash_bearer, new_bearer};
use crate::clock::{EpochMs, millis};
use crate::mail::Letter;
use crate::store::{Actor, MemberRow, ResetRow, SessionRow};

/// A link that sets a password works this long.
const RESET_LIFE: Duration = Duration::from_hours(1);
/// One that is handed over by hand works longer.
const HANDED_LIFE: Duration = Duration::from_hours(24);

/// A link to hand over.
pub struct HandedLink {
    /// The link.
    pub url: String,
    /// Until when it works.
    pub expires_at: EpochMs,
}

impl Identity {
    /// Mails a link to who has forgotten their password. The answer, and how long it takes, are
    /// the same whether the address has an account.
    pub async fn ask_reset(&self, address: &str, visit: &Visit) -> Result<(), IdentityError> {
        self.throttle.asks_for_mail(visit.address).await?;
        let email = email(address)?;
        if !self.mailer.sends() {
            return Ok(());
        }
        let token = new_bearer("");
        let letter = Letter::reset(&self.link("reset", token.expose_secret()));
        let expires_at = self.clock.now() + millis(RESET_LIFE);
        let (store, mailer) = (self.store.clone(), self.mailer.clone());
        let throttle = self.throttle.clone();
        self.mailer.behind(async move {
            if !throttle.may_mail_reset(&email).await {
                return;
            }
            let member = match store.member_by_email(&email).await {
                Ok(Some(member)) => member,
                Ok(None) => return,
                Err(error) => {
                    tracing::error!(%error, "a password reset was not looked at");
                    return;
                }
            };
            let reset = ResetRow {
                member_id: member.id,
                made_in: None,
                mailed: true,
                expires_at,
            };
            let hash = hash_bearer(token.expose_secret());
            match store.add_reset(&hash, &reset, None).await {
                Ok(()) => mailer.deliver(&member.email, letter).await,
                Err(error) => tracing::error!(%error, "a password reset was not kept"),
            }
        });
        Ok(())
    }

    /// Sets a password by a link, ends every session of the member's, and signs in. A link does
    /// not stand in for the second factor, but for one that somebody set up who never showed that
    /// the address is theirs.
    pub async fn reset_password(
        &self,
        form: relay_api::NewPassword,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        self.throttle.link(visit.address).await?;
        let (token_hash, now) = (hash_bearer(form.token.trim()), self.clock.now());
        let found = self.store.member_of_reset(&token_hash, now).await?;
        let (member, mailed) = found.ok_or(IdentityError::BadLink)?;
        let password = SecretString::from(form.password);
        check_password("password", &password, &member.email)?;
        if member.email_verified || !mailed {
            let code = form.code.as_deref();
            self.check_second_factor(&member.id, code).await?;
        }
        let hash = self.passwords.hash(password).await?;
        if !self.store.reset_password(&token_hash, &hash, now).await? {
            return Err(IdentityError::BadLink);
        }
        self.tell_of_new_password(&member);
        self.begin_session(&member.id, None, visit).await
    }

    /// Makes a link for another member of the tenant, where Relay sends no mail. Whoever has it is
    /// that member, so it is made only for who belongs to this tenant alone and has no higher role.
    pub async fn reset_link(
        &self,
        session: &SessionRow,
        member_id: &str,
    ) -> Result<HandedLink, IdentityError> {
        let belongs = self.store.memberships(member_id).await?;
        let here = belongs
            .iter()
            .find(|one| one.tenant_id == session.tenant_id);
        let here = here.ok_or(IdentityError::NotThere("member"))?;
        if here.role > session.role {
            return Err(IdentityError::RoleMayNot);
        }
        if self.mailer.sends() {
            return Err(IdentityError::MailSendsLinks);
        }
        // One's own password is changed by who knows it: a stolen session must not do.
        if belongs.len() > 1 || member_id == session.member_id {
            return Err(IdentityError::NotYoursToReset);
        }
        let by = Actor::Member(session.member_id.clone());
        let made_in = Some(session.tenant_id.clone());
        self.hand_link(member_id, made_in, &by).await
    }

    /// Makes a link for any member: for the operator's command line only.
    pub async fn operators_reset_link(
        &self,
        address: &str,
    ) -> Result<Option<HandedLink>, IdentityError> {
        let Some(member) = self.member_at(address).await? else {
            return Ok(None);
        };
        let link = self.hand_link(&member.id, None, &Actor::Operator).await?;
        Ok(Some(link))
    }

    /// Takes any member's second factor away: for the operator's command line only. `false` where
    /// there is none.
    pub async fn operators_second_factor_off(
        &self,
        address: &str,
    ) -> Result<Option<bool>, IdentityError> {
        let Some(member) = self.member_at(address).await? else {
            return Ok(None);
        };
        let (by, now) = (Actor::Operator, self.clock.now());
        let removed = self.store.remove_second_factor(&member.id, &by, now);
        Ok(Some(removed.await?))
    }

    async fn member_at(&self, address: &str) -> Result<Option<MemberRow>, IdentityError> {
        Ok(self.store.member_by_email(&email(address)?).await?)
    }

    async fn hand_link(
        &self,
        member_id: &str,
        made_in: Option<String>,
        by: &Actor,
    ) -> Result<HandedLink, IdentityError> {
        let token = new_bearer("");
        let now = self.clock.now();
        let reset = ResetRow {
            member_id: member_id.to_owned(),
            made_in,
            mailed: false,
            expires_at: now + millis(HANDED_LIFE),
        };
        let hash = hash_bearer(token.expose_secret());
        self.store.add_reset(&hash, &reset, Some((by, now))).await?;
        Ok(HandedLink {
            url: self.link("reset", token.expose_secret()),
            expires_at: reset.expires_at,
        })
    }
}
