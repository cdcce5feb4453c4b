//! Whom a provider vouches for, among Relay's members.
//!
//! A member is known by the provider's own name for them (issuer and subject). An e-mail address
//! counts once, when the two are first joined, and only where the operator trusts the provider to
//! verify addresses: else whoever can write any address into their account at some provider would
//! sign in as anybody.

use super::provider::{Person, Provider};
use super::{Identity, IdentityError, Returned};
use crate::clock::new_id;
use crate::identity::forms;
use crate::identity::sign_up::names;
use crate::store::{FoundInvitation, Joined, Joining, MemberRow, SessionRow, Setup};

impl Identity {
    /// The member that this person is: known already, joined by address, new where anybody may sign
    /// up, or else invited. Else a code that says why not, the same whether the address has an
    /// account.
    pub(super) async fn recognise(
        &self,
        provider: &Provider,
        person: &Person,
    ) -> Result<Result<MemberRow, &'static str>, IdentityError> {
        let (issuer, subject) = (&provider.wanted.issuer, &person.subject);
        if let Some(member) = self.store.member_of_identity(issuer, subject).await? {
            return Ok(Ok(member));
        }
        let email = person.email.as_deref().map(forms::email);
        let Some(Ok(email)) = email else {
            return Ok(Err("account_not_linked"));
        };
        let now = self.clock.now();
        if let Some(member) = self.store.member_by_email(&email).await? {
            self.store
                .link_identity(&member.id, issuer, subject, now)
                .await?;
            return Ok(Ok(member));
        }
        let name = person.name.clone().unwrap_or_else(|| email.clone());
        let member = MemberRow {
            id: new_id(),
            email,
            name,
            password_hash: String::new(),
            email_verified: true,
        };
        // Where anybody may have a tenant, anybody may invite: one joins by the link, asked.
        if self.people.sign_up {
            return self.newcomer_of(provider, person, member).await;
        }
        let invitations = self.store.invitations_for(&member.email, now).await?;
        if let Some((first, others)) = invitations.split_first() {
            return self.invited(provider, person, member, first, others).await;
        }
        Ok(Err("no_account"))
    }

    async fn invited(
        &self,
        provider: &Provider,
        person: &Person,
        member: MemberRow,
        first: &FoundInvitation,
        others: &[FoundInvitation],
    ) -> Result<Result<MemberRow, &'static str>, IdentityError> {
        let (issuer, subject) = (&provider.wanted.issuer, &person.subject);
        let now = self.clock.now();
        let joined = self
            .store
            .join_vouched(first, &member, issuer, subject, now)
            .await?;
        if joined != Joined::Done {
            return Ok(Err("sign_in_expired"));
        }
        for other in others {
            self.join(other, &Joining::Member(&member.id)).await?;
        }
        Ok(Ok(member))
    }

    async fn newcomer_of(
        &self,
        provider: &Provider,
        person: &Person,
        member: MemberRow,
    ) -> Result<Result<MemberRow, &'static str>, IdentityError> {
        let (issuer, subject) = (&provider.wanted.issuer, &person.subject);
        for name in names(&member.name) {
            let owner = self.owner(member.clone(), name)?;
            let now = self.clock.now();
            let made = self
                .store
                .add_vouched_owner(&owner, issuer, subject, now)
                .await?;
            match made {
                Setup::Done => return Ok(Ok(member)),
                Setup::TenantNameTaken => {}
                Setup::HasAccount | Setup::BadLink => return Ok(Err("sign_in_expired")),
            }
        }
        Ok(Err("sign_in_expired"))
    }

    /// Adds the provider to the account that asked for it, if it is the one still signed in.
    pub(super) async fn link_to(
        &self,
        provider: &Provider,
        person: &Person,
        member_id: &str,
        session: Option<&SessionRow>,
    ) -> Result<Returned, IdentityError> {
        if session.is_none_or(|session| session.member_id != member_id) {
            return Ok(Returned::Refused("sign_in_expired"));
        }
        let (issuer, subject) = (&provider.wanted.issuer, &person.subject);
        match self.store.member_of_identity(issuer, subject).await? {
            Some(member) if member.id != member_id => Ok(Returned::Refused("linked_to_another")),
            Some(_) => Ok(Returned::Linked),
            None => {
                let now = self.clock.now();
                self.store
                    .add_identity(member_id, issuer, subject, now)
                    .await?;
                if let Some(member) = self.store.member(member_id).await? {
                    self.tell_of_link(&member, &provider.wanted);
                }
                Ok(Returned::Linked)
            }
        }
    }
}
