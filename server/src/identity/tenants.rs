//! Tenants that members make and remove.

use relay_api::Role;

use super::forms::{bad, name};
use super::{Identity, IdentityError, SignedIn, Visit};
use crate::clock::new_id;
use crate::store::{MembershipRow, SessionRow, TenantRow};

impl Identity {
    /// Whether a member with these memberships may make further tenants.
    pub fn may_create_tenants(&self, belongs: &[MembershipRow]) -> bool {
        let owns = belongs.iter().any(|one| one.role == Role::Owner);
        self.people.sign_up || (self.people.owners_make_tenants && owns)
    }

    /// Makes a tenant, its maker the owner, and goes there.
    pub async fn create_tenant(
        &self,
        session: &SessionRow,
        wanted: &str,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        let wanted = name("name", wanted)?;
        let belongs = self.store.memberships(&session.member_id).await?;
        if !self.may_create_tenants(&belongs) {
            return Err(IdentityError::NoMoreTenants);
        }
        self.throttle.makes(&session.member_id, "tenant").await?;
        let tenant = TenantRow {
            id: new_id(),
            name: wanted,
            created_at: self.clock.now(),
        };
        let data_key = self.vault.first_data_key(&tenant.id)?;
        let made = self
            .store
            .found_tenant(&tenant, &data_key, &session.member_id);
        if !made.await? {
            return Err(IdentityError::TenantNameTaken);
        }
        self.go_on_in(session, &tenant.id, visit).await
    }

    /// Destroys the tenant that the session works in, if its name was typed out.
    pub async fn remove_tenant(
        &self,
        session: &SessionRow,
        typed: &str,
    ) -> Result<(), IdentityError> {
        if typed != session.tenant_name {
            return Err(bad(
                "name",
                "is not the name of the tenant that is to be deleted",
            ));
        }
        let (tenant_id, owner_id) = (&session.tenant_id, &session.member_id);
        if !self.store.remove_tenant(tenant_id, owner_id).await? {
            return Err(IdentityError::RoleMayNot);
        }
        // Its audit trail went with it: this line is what is left.
        tracing::warn!(
            tenant = tenant_id,
            member = owner_id,
            "a tenant was deleted"
        );
        Ok(())
    }
}
