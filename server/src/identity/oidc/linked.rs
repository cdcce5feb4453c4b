//! The providers that lead to an account: seen, and taken off, by its member.

use super::{Identity, IdentityError};
use crate::config::OidcProvider;
use crate::mail::Letter;
use crate::store::{IdentityRow, MemberRow, SessionRow, Unlinked};

impl Identity {
    /// The providers that sign the member in, as far as this Relay knows them.
    pub async fn linked_providers(
        &self,
        session: &SessionRow,
    ) -> Result<Vec<(&OidcProvider, IdentityRow)>, IdentityError> {
        let rows = self.store.identities(&session.member_id).await?;
        let known = rows.into_iter().filter_map(|row| {
            let mut providers = self.oidc.providers.values();
            let provider = providers.find(|provider| provider.wanted.issuer == row.issuer)?;
            Some((&provider.wanted, row))
        });
        Ok(known.collect())
    }

    /// Takes a provider off the account.
    pub async fn unlink_provider(
        &self,
        session: &SessionRow,
        provider: &str,
    ) -> Result<(), IdentityError> {
        let known = self.oidc.providers.get(provider);
        let issuer = &known
            .ok_or(IdentityError::NotThere("provider"))?
            .wanted
            .issuer;
        let (member_id, now) = (&session.member_id, self.clock.now());
        match self.store.remove_identity(member_id, issuer, now).await? {
            Unlinked::Done => Ok(()),
            Unlinked::NotThere => Err(IdentityError::NotThere("provider")),
            Unlinked::LastWayIn => Err(IdentityError::NoPassword),
        }
    }

    /// Tells a member that there is another way into their account.
    pub(super) fn tell_of_link(&self, member: &MemberRow, provider: &OidcProvider) {
        if self.mailer.sends() {
            let account = format!("{}/console/account", self.public_url);
            let letter = Letter::provider_linked(&provider.name, &account);
            self.mailer.send(&member.email, letter);
        }
    }
}
