//! How people come: the first owner by the link in the log, others by signing up, if they may.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::forms::{check_password, email, name};
use super::{Identity, IdentityError, SignedIn, Visit, hash_bearer, new_bearer};
use crate::clock::{millis, new_id};
use crate::mail::Letter;
use crate::store::{MemberRow, NewOwnerRow, Setup, SignUpRow, StoreError, TenantRow};

/// The first owner's link works this long.
const SETUP_LIFE: Duration = Duration::from_hours(24);
/// A mailed link that confirms an address works this long.
const CONFIRM_LIFE: Duration = Duration::from_hours(24);
/// How many names are tried for a tenant whose name is taken.
const NAMES: usize = 8;

impl Identity {
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
    pub async fn set_up(
        &self,
        form: relay_api::NewOwner,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        self.throttle.link(visit.address).await?;
        let email = email(&form.email)?;
        let password = SecretString::from(form.password);
        check_password("password", &password, &email)?;
        let member_name = name("name", &form.name)?;
        let tenant_name = name("tenantName", &form.tenant_name)?;
        let password_hash = self.passwords.hash(password).await?;
        let link = hash_bearer(form.setup_token.trim());
        let member = MemberRow {
            id: new_id(),
            email,
            name: member_name,
            password_hash,
            // Whoever reads this installation's log runs it.
            email_verified: true,
        };
        let owner = self.owner(member, tenant_name)?;
        match self.store.set_up(&link, &owner, self.clock.now()).await? {
            Setup::Done => self.begin_session(&owner.member.id, None, visit).await,
            Setup::BadLink | Setup::HasAccount => Err(IdentityError::BadSetupLink),
            Setup::TenantNameTaken => Err(IdentityError::TenantNameTaken),
        }
    }

    /// Takes a sign-up. What comes of it is mailed: the answer, and how long it takes, are the same
    /// whether the address has an account.
    pub async fn sign_up(
        &self,
        form: relay_api::NewSignUp,
        visit: &Visit,
    ) -> Result<(), IdentityError> {
        if !self.people.sign_up {
            return Err(IdentityError::SignUpClosed);
        }
        self.throttle.asks_for_mail(visit.address).await?;
        let email = email(&form.email)?;
        let password = SecretString::from(form.password);
        check_password("password", &password, &email)?;
        let sign_up = SignUpRow {
            name: name("name", &form.name)?,
            tenant_name: name("tenantName", &form.tenant_name)?,
            password_hash: self.passwords.hash(password).await?,
            expires_at: self.clock.now() + millis(CONFIRM_LIFE),
            email,
        };
        let token = new_bearer("");
        let link = self.link("confirm", token.expose_secret());
        let known = Letter::has_account(
            &format!("{}/console/sign-in", self.public_url),
            &format!("{}/console/reset", self.public_url),
        );
        let (store, mailer) = (self.store.clone(), self.mailer.clone());
        let throttle = self.throttle.clone();
        self.mailer.behind(async move {
            let email = sign_up.email.clone();
            if !throttle.may_mail_sign_up(&email).await {
                return;
            }
            let letter = match store.member_by_email(&email).await {
                Ok(Some(_)) => known,
                Ok(None) => {
                    let hash = hash_bearer(token.expose_secret());
                    if let Err(error) = store.add_sign_up(&hash, &sign_up).await {
                        tracing::error!(%error, "a sign-up was not kept");
                        return;
                    }
                    Letter::confirm(&link)
                }
                Err(error) => {
                    tracing::error!(%error, "a sign-up was not looked at");
                    return;
                }
            };
            mailer.deliver(&email, letter).await;
        });
        Ok(())
    }

    /// Makes the account and tenant of a sign-up by its mailed link, and signs in. It takes the
    /// password that was chosen, too: whoever only has the mail may have followed the link of
    /// somebody else's sign-up with their address.
    pub async fn confirm_sign_up(
        &self,
        form: relay_api::ConfirmedSignUp,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        self.throttle.link(visit.address).await?;
        let (hash, now) = (hash_bearer(form.token.trim()), self.clock.now());
        let sign_up = self.store.sign_up(&hash, now).await?;
        let sign_up = sign_up.ok_or(IdentityError::BadLink)?;
        self.throttle
            .password(&sign_up.email, visit.address)
            .await?;
        let chosen = Some(sign_up.password_hash.clone());
        if !self.passwords.verify(form.password.into(), chosen).await? {
            return Err(IdentityError::WrongPassword);
        }
        for tenant_name in names(&sign_up.tenant_name) {
            let member = MemberRow {
                id: new_id(),
                email: sign_up.email.clone(),
                name: sign_up.name.clone(),
                password_hash: sign_up.password_hash.clone(),
                email_verified: true,
            };
            let owner = self.owner(member, tenant_name)?;
            match self.store.confirm_sign_up(&hash, &owner, now).await? {
                Setup::Done => return self.begin_session(&owner.member.id, None, visit).await,
                Setup::TenantNameTaken => {}
                Setup::BadLink | Setup::HasAccount => return Err(IdentityError::BadLink),
            }
        }
        Err(IdentityError::TenantNameTaken)
    }

    /// A person with a tenant of their own.
    pub(super) fn owner(
        &self,
        member: MemberRow,
        tenant_name: String,
    ) -> Result<NewOwnerRow, IdentityError> {
        let tenant = TenantRow {
            id: new_id(),
            name: tenant_name,
            created_at: self.clock.now(),
        };
        Ok(NewOwnerRow {
            data_key: self.vault.first_data_key(&tenant.id)?,
            member,
            tenant,
        })
    }
}

/// The name, and what to try where it is taken: who confirms an address cannot choose again.
pub(super) fn names(name: &str) -> impl Iterator<Item = String> + use<> {
    let name = name.to_owned();
    (1..=NAMES).map(move |number| {
        let short: String = name.chars().take(88).collect();
        match number {
            1 => name.clone(),
            NAMES => {
                let random: String = new_bearer("").expose_secret().chars().take(8).collect();
                format!("{short} {random}")
            }
            number => format!("{short} {number}"),
        }
    })
}
