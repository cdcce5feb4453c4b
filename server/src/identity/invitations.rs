//! How people join a tenant.

use std::time::Duration;

use relay_api::{AcceptInvitation, InvitationSeen, NewInvitation};
use secrecy::{ExposeSecret, SecretString};

use super::forms::{bad, check_password, email, name};
use super::{Identity, IdentityError, SignedIn, Visit, hash_bearer, new_bearer};
use crate::clock::{millis, new_id};
use crate::mail::Letter;
use crate::store::{
    Actor, Audit, FoundInvitation, InvitationRow, Joined, Joining, MemberRow, SessionRow,
    StoreError,
};

/// An invitation works this long.
const INVITATION_LIFE: Duration = Duration::from_hours(7 * 24);

/// An invitation that was made.
pub struct Invited {
    /// What is kept of it.
    pub row: InvitationRow,
    /// The link to send by hand, where Relay sends no mail.
    pub url: Option<String>,
}

impl Identity {
    /// Asks somebody to join the tenant, with at most the role that the inviter has.
    pub async fn invite(
        &self,
        session: &SessionRow,
        wanted: NewInvitation,
    ) -> Result<Invited, IdentityError> {
        let email = email(&wanted.email)?;
        if wanted.role > session.role {
            return Err(IdentityError::RoleMayNot);
        }
        self.throttle
            .makes(&session.member_id, "invitation")
            .await?;
        let members = self.store.members(&session.tenant_id).await?;
        if members.iter().any(|member| member.email == email) {
            return Err(IdentityError::MemberAlready);
        }
        let token = new_bearer("");
        let now = self.clock.now();
        let row = InvitationRow {
            id: new_id(),
            email,
            role: wanted.role,
            mailed: self.mailer.sends(),
            invited_by: session.member_id.clone(),
            created_at: now,
            expires_at: now + millis(INVITATION_LIFE),
        };
        let hash = hash_bearer(token.expose_secret());
        let added = self
            .store
            .add_invitation(&session.tenant_id, &row, &hash)
            .await?;
        if !added {
            return Err(IdentityError::RoleMayNot);
        }
        let url = self.link("invitation", token.expose_secret());
        if !row.mailed {
            return Ok(Invited {
                row,
                url: Some(url),
            });
        }
        let (inviter, tenant) = (&session.member_name, &session.tenant_name);
        let letter = Letter::invitation(inviter, tenant, row.role, &url);
        self.mailer.send(&row.email, letter);
        Ok(Invited { row, url: None })
    }

    /// The tenant's invitations that still work.
    pub async fn invitations(
        &self,
        session: &SessionRow,
    ) -> Result<Vec<InvitationRow>, StoreError> {
        let now = self.clock.now();
        self.store.invitations(&session.tenant_id, now).await
    }

    /// Takes an invitation back.
    pub async fn revoke_invitation(
        &self,
        session: &SessionRow,
        id: &str,
    ) -> Result<(), IdentityError> {
        let actor = Actor::Member(session.member_id.clone());
        let subject = format!("invitations/{id}");
        let audit = Audit::new(&actor, self.clock.now(), "invitation.revoke", subject);
        let tenant_id = &session.tenant_id;
        if self.store.revoke_invitation(tenant_id, id, &audit).await? {
            Ok(())
        } else {
            Err(IdentityError::NotThere("invitation"))
        }
    }

    /// What the invitation of a link is for.
    pub async fn look_at_invitation(
        &self,
        token: &str,
        visit: &Visit,
    ) -> Result<InvitationSeen, IdentityError> {
        let found = self.invitation_of(token, visit).await?;
        let member = self.store.member_by_email(&found.row.email).await?;
        Ok(InvitationSeen {
            tenant_name: found.tenant_name,
            email: found.row.email,
            role: found.row.role,
            has_account: member.is_some(),
        })
    }

    /// Joins by an invitation's link. An address that has an account joins as that account, signed
    /// in; the link alone is no proof of being its owner. Another makes its account here.
    pub async fn accept_invitation(
        &self,
        form: AcceptInvitation,
        session: Option<&SessionRow>,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        let found = self.invitation_of(&form.token, visit).await?;
        let known = self.store.member_by_email(&found.row.email).await?;
        let member_id = if let Some(member) = known {
            let session = session.ok_or(IdentityError::NotSignedIn)?;
            if session.member_id != member.id {
                return Err(IdentityError::ForAnother);
            }
            self.join(&found, &Joining::Member(&member.id)).await?;
            member.id
        } else {
            let member = self.newcomer(&found.row.email, form).await?;
            self.join(&found, &Joining::New(&member)).await?;
            member.id
        };
        let tenant_id = Some(found.tenant_id.as_str());
        self.begin_session(&member_id, tenant_id, visit).await
    }

    async fn newcomer(
        &self,
        email: &str,
        form: AcceptInvitation,
    ) -> Result<MemberRow, IdentityError> {
        let missing = |field| bad(field, "is missing: the address has no account yet");
        let name = name("name", &form.name.ok_or_else(|| missing("name"))?)?;
        let password = form.password.ok_or_else(|| missing("password"))?;
        let password = SecretString::from(password);
        check_password("password", &password, email)?;
        Ok(MemberRow {
            id: new_id(),
            email: email.to_owned(),
            name,
            password_hash: self.passwords.hash(password).await?,
            // Shown by the link itself, if it was mailed: the store knows.
            email_verified: false,
        })
    }

    async fn invitation_of(
        &self,
        token: &str,
        visit: &Visit,
    ) -> Result<FoundInvitation, IdentityError> {
        self.throttle.link(visit.address).await?;
        let (hash, now) = (hash_bearer(token.trim()), self.clock.now());
        let found = self.store.invitation_by_link(&hash, now).await?;
        found.ok_or(IdentityError::BadLink)
    }

    pub(super) async fn join(
        &self,
        found: &FoundInvitation,
        who: &Joining<'_>,
    ) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let joined = self
            .store
            .join(&found.tenant_id, &found.row.id, who, now)
            .await?;
        match joined {
            Joined::Done => Ok(()),
            Joined::BadLink => Err(IdentityError::BadLink),
            // Made since it was looked at: sign in to it.
            Joined::HasAccount => Err(IdentityError::NotSignedIn),
        }
    }
}
