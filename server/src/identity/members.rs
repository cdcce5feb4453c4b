//! Who belongs to a tenant, and as what.

use relay_api::Role;

use super::{Identity, IdentityError};
use crate::store::{Changer, ListedMember, MembershipChange, SessionRow, StoreError};

impl Identity {
    /// The tenant's members.
    pub async fn members(&self, session: &SessionRow) -> Result<Vec<ListedMember>, StoreError> {
        self.store.members(&session.tenant_id).await
    }

    /// Gives a member of the tenant another role.
    pub async fn change_role(
        &self,
        session: &SessionRow,
        member_id: &str,
        role: Role,
    ) -> Result<ListedMember, IdentityError> {
        let tenant_id = &session.tenant_id;
        let by = self.changer(session);
        let changed = self.store.change_role(tenant_id, member_id, role, &by);
        done(changed.await?)?;
        let members = self.store.members(tenant_id).await?;
        let changed = members.into_iter().find(|member| member.id == member_id);
        changed.ok_or(IdentityError::NotThere("member"))
    }

    /// Takes a member out of the tenant.
    pub async fn remove_member(
        &self,
        session: &SessionRow,
        member_id: &str,
    ) -> Result<(), IdentityError> {
        let by = self.changer(session);
        let removed = self.store.remove_member(&session.tenant_id, member_id, &by);
        done(removed.await?)
    }

    /// Takes the one who is signed in out of the tenant that the session works in.
    pub async fn leave_tenant(&self, session: &SessionRow) -> Result<(), IdentityError> {
        self.remove_member(session, &session.member_id).await
    }

    fn changer<'a>(&self, session: &'a SessionRow) -> Changer<'a> {
        Changer {
            member_id: &session.member_id,
            at: self.clock.now(),
        }
    }
}

fn done(change: MembershipChange) -> Result<(), IdentityError> {
    match change {
        MembershipChange::Done => Ok(()),
        MembershipChange::Gone => Err(IdentityError::NotThere("member")),
        MembershipChange::OwnersOnly => Err(IdentityError::RoleMayNot),
        MembershipChange::LastOwner => Err(IdentityError::LastOwner),
    }
}
