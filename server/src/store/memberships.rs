//! Who belongs to a tenant, with which role.

use relay_api::Role;
use sqlx::{AnyConnection, Row};

use super::members::{insert_membership, role};
use super::tenants::insert_tenant;
use super::{Actor, Audit, DataKeyRow, Result, Store, TenantRow};
use crate::clock::EpochMs;

/// A member, as the tenant's list shows one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMember {
    /// The member's id.
    pub id: String,
    /// The member's name.
    pub name: String,
    /// The member's e-mail address.
    pub email: String,
    /// The role in the tenant.
    pub role: Role,
    /// Since when.
    pub joined_at: EpochMs,
    /// When a session in the tenant was last used.
    pub last_seen_at: Option<EpochMs>,
    /// Whether signing in by password takes a second factor.
    pub second_factor: bool,
}

/// What came of a change of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipChange {
    /// Done.
    Done,
    /// There is no such member in the tenant.
    Gone,
    /// An owner's role is for an owner to give and to take.
    OwnersOnly,
    /// The tenant would be left without an owner.
    LastOwner,
}

/// Who changes a membership.
pub struct Changer<'a> {
    /// The member's id.
    pub member_id: &'a str,
    /// When.
    pub at: EpochMs,
}

/// A member's address, which the audit trail tells for when there is no such member any more.
async fn email_of(connection: &mut AnyConnection, member_id: &str) -> Result<String> {
    let row = sqlx::query("SELECT email FROM members WHERE id = $1")
        .bind(member_id)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("email")?)
}

impl Store {
    /// The tenant's members, by name.
    pub async fn members(&self, tenant_id: &str) -> Result<Vec<ListedMember>> {
        sqlx::query(
            "SELECT m.id, m.name, m.email, p.role, p.created_at, f.confirmed_at, \
             (SELECT MAX(s.last_seen_at) FROM sessions s \
              WHERE s.member_id = m.id AND s.tenant_id = p.tenant_id) AS last_seen_at \
             FROM memberships p JOIN members m ON m.id = p.member_id \
             LEFT JOIN second_factors f ON f.member_id = m.id \
             WHERE p.tenant_id = $1 ORDER BY m.name, m.id",
        )
        .bind(tenant_id)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            let confirmed_at: Option<EpochMs> = row.try_get("confirmed_at")?;
            let last_seen_at: Option<EpochMs> = row.try_get("last_seen_at")?;
            Ok(ListedMember {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                email: row.try_get("email")?,
                role: role(row)?,
                joined_at: row.try_get("created_at")?,
                last_seen_at: last_seen_at.filter(|at| *at > 0),
                second_factor: confirmed_at.is_some(),
            })
        })
        .collect()
    }

    /// Gives a member another role. The changer's own is looked at anew: it may just have changed.
    pub async fn change_role(
        &self,
        tenant_id: &str,
        member_id: &str,
        to: Role,
        by: &Changer<'_>,
    ) -> Result<MembershipChange> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let from = match may_change(&mut transaction, tenant_id, member_id, Some(to), by).await? {
            Ok(from) => from,
            Err(refused) => return Ok(refused),
        };
        if from == to {
            return Ok(MembershipChange::Done);
        }
        sqlx::query("UPDATE memberships SET role = $3 WHERE tenant_id = $1 AND member_id = $2")
            .bind(tenant_id)
            .bind(member_id)
            .bind(to.as_str())
            .execute(&mut *transaction)
            .await?;
        if to < from {
            forget_invitations_of(&mut transaction, tenant_id, member_id).await?;
        }
        forget_handed_links(&mut transaction, tenant_id).await?;
        let email = email_of(&mut transaction, member_id).await?;
        let detail = serde_json::json!({ "email": email, "from": from, "to": to });
        let actor = Actor::Member(by.member_id.to_owned());
        Audit::new(&actor, by.at, "member.role", format!("members/{member_id}"))
            .with(detail)
            .record(tenant_id, &mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(MembershipChange::Done)
    }

    /// Takes a member out of the tenant, ends their sessions there, and voids the invitations they
    /// made. Who belongs to no tenant any more has no account any more.
    pub async fn remove_member(
        &self,
        tenant_id: &str,
        member_id: &str,
        by: &Changer<'_>,
    ) -> Result<MembershipChange> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let change = may_change(&mut transaction, tenant_id, member_id, None, by).await?;
        let was = match change {
            Ok(was) => was,
            Err(refused) => return Ok(refused),
        };
        let email = email_of(&mut transaction, member_id).await?;
        for sql in [
            "DELETE FROM sessions WHERE tenant_id = $1 AND member_id = $2",
            "DELETE FROM memberships WHERE tenant_id = $1 AND member_id = $2",
        ] {
            sqlx::query(sql)
                .bind(tenant_id)
                .bind(member_id)
                .execute(&mut *transaction)
                .await?;
        }
        forget_invitations_of(&mut transaction, tenant_id, member_id).await?;
        forget_handed_links(&mut transaction, tenant_id).await?;
        sqlx::query(
            "DELETE FROM members WHERE id = $1 \
             AND NOT EXISTS (SELECT 1 FROM memberships WHERE member_id = $1)",
        )
        .bind(member_id)
        .execute(&mut *transaction)
        .await?;
        let actor = Actor::Member(by.member_id.to_owned());
        let action = if member_id == by.member_id {
            "member.leave"
        } else {
            "member.remove"
        };
        Audit::new(&actor, by.at, action, format!("members/{member_id}"))
            .with(serde_json::json!({ "email": email, "role": was }))
            .record(tenant_id, &mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(MembershipChange::Done)
    }

    /// A new tenant of which a member is the owner. `false` when the name is taken.
    pub async fn found_tenant(
        &self,
        tenant: &TenantRow,
        data_key: &DataKeyRow,
        member_id: &str,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        if !insert_tenant(&mut transaction, tenant, data_key).await? {
            return Ok(false);
        }
        let at = tenant.created_at;
        insert_membership(&mut transaction, &tenant.id, member_id, Role::Owner, at).await?;
        let actor = Actor::Member(member_id.to_owned());
        Audit::new(&actor, at, "tenant.create", "tenant")
            .record(&tenant.id, &mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes a tenant with everything of it: its data keys first, without which nothing of its
    /// vault opens, in no backup that lacks them either. Members of no other tenant go with it.
    /// `false` when this owner is none any more.
    pub async fn remove_tenant(&self, tenant_id: &str, owner_id: &str) -> Result<bool> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        if role_of(&mut transaction, tenant_id, owner_id).await? != Some(Role::Owner) {
            return Ok(false);
        }
        for sql in [
            "DELETE FROM data_keys WHERE tenant_id = $1",
            "DELETE FROM members WHERE id IN \
             (SELECT member_id FROM memberships WHERE tenant_id = $1) AND NOT EXISTS \
             (SELECT 1 FROM memberships o WHERE o.member_id = members.id AND o.tenant_id <> $1)",
            "DELETE FROM tenants WHERE id = $1",
        ] {
            sqlx::query(sql)
                .bind(tenant_id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}

/// The role that a member has, if the one who changes it may, and may give the new one. Anybody may
/// leave, but the last owner.
async fn may_change(
    connection: &mut AnyConnection,
    tenant_id: &str,
    member_id: &str,
    to: Option<Role>,
    by: &Changer<'_>,
) -> Result<std::result::Result<Role, MembershipChange>> {
    let Some(from) = role_of(&mut *connection, tenant_id, member_id).await? else {
        return Ok(Err(MembershipChange::Gone));
    };
    let changer = role_of(&mut *connection, tenant_id, by.member_id).await?;
    let leaves = to.is_none() && member_id == by.member_id;
    let touches_owner = from == Role::Owner || to == Some(Role::Owner);
    let needed = if touches_owner {
        Role::Owner
    } else {
        Role::Admin
    };
    if !leaves && changer.is_none_or(|role| role < needed) {
        return Ok(Err(MembershipChange::OwnersOnly));
    }
    if from == Role::Owner && to != Some(Role::Owner) {
        let owners: i64 = sqlx::query(
            "SELECT COUNT(*) AS owners FROM memberships WHERE tenant_id = $1 AND role = 'owner'",
        )
        .bind(tenant_id)
        .fetch_one(connection)
        .await?
        .try_get("owners")?;
        if owners < 2 {
            return Ok(Err(MembershipChange::LastOwner));
        }
    }
    Ok(Ok(from))
}

pub(super) async fn role_of(
    connection: &mut AnyConnection,
    tenant_id: &str,
    member_id: &str,
) -> Result<Option<Role>> {
    sqlx::query("SELECT role FROM memberships WHERE tenant_id = $1 AND member_id = $2")
        .bind(tenant_id)
        .bind(member_id)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(role)
        .transpose()
}

/// Who has lost a role must not have given it away before.
async fn forget_invitations_of(
    connection: &mut AnyConnection,
    tenant_id: &str,
    member_id: &str,
) -> Result<()> {
    sqlx::query("DELETE FROM invitations WHERE tenant_id = $1 AND invited_by = $2")
        .bind(tenant_id)
        .bind(member_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// An admin's link that sets a member's password was for the role that the member had, and is worth
/// what the admin's own role was: no such link outlives a change of either.
async fn forget_handed_links(connection: &mut AnyConnection, tenant_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM password_resets WHERE made_in = $1")
        .bind(tenant_id)
        .execute(connection)
        .await?;
    Ok(())
}
