//! Invitations: who was asked to join a tenant and has not yet.

use relay_api::Role;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::identities::insert_identity;
use super::members::{insert_member, insert_membership, role};
use super::memberships::role_of;
use super::{Actor, Audit, MemberRow, Result, Store};
use crate::clock::EpochMs;

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// The id.
    pub id: String,
    /// Who is asked, in lower case.
    pub email: String,
    /// The role that the person will have.
    pub role: Role,
    /// Whether the link was mailed, so that whoever has it has the address too.
    pub mailed: bool,
    /// The member who asks.
    pub invited_by: String,
    /// When it was made.
    pub created_at: EpochMs,
    /// Until when it works.
    pub expires_at: EpochMs,
}

/// An invitation that is looked at by its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInvitation {
    /// The tenant that asks.
    pub tenant_id: String,
    /// Its name.
    pub tenant_name: String,
    /// The invitation.
    pub row: InvitationRow,
}

/// Who accepts an invitation.
pub enum Joining<'a> {
    /// A member, by their id; their address is the invitation's.
    Member(&'a str),
    /// Somebody new, with the invitation's address.
    New(&'a MemberRow),
}

/// What came of accepting one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// Done.
    Done,
    /// The link is unknown, used, revoked or too old.
    BadLink,
    /// The address has an account by now.
    HasAccount,
}

impl Store {
    /// Adds an invitation in the place of an earlier one for the same address. `false` when the
    /// inviter may not give this role any more.
    pub async fn add_invitation(
        &self,
        tenant_id: &str,
        invitation: &InvitationRow,
        token_hash: &[u8; 32],
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let inviter = role_of(&mut transaction, tenant_id, &invitation.invited_by).await?;
        if inviter.is_none_or(|own| own < Role::Admin || own < invitation.role) {
            return Ok(false);
        }
        sqlx::query("DELETE FROM invitations WHERE tenant_id = $1 AND email = $2")
            .bind(tenant_id)
            .bind(&invitation.email)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO invitations (tenant_id, id, email, role, token_hash, mailed, invited_by, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant_id)
        .bind(&invitation.id)
        .bind(&invitation.email)
        .bind(invitation.role.as_str())
        .bind(token_hash.to_vec())
        .bind(i64::from(invitation.mailed))
        .bind(&invitation.invited_by)
        .bind(invitation.created_at)
        .bind(invitation.expires_at)
        .execute(&mut *transaction)
        .await?;
        let actor = Actor::Member(invitation.invited_by.clone());
        let subject = format!("invitations/{}", invitation.id);
        Audit::new(&actor, invitation.created_at, "invitation.create", subject)
            .with(serde_json::json!({ "email": invitation.email, "role": invitation.role }))
            .record(tenant_id, &mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The tenant's invitations that still work, newest first.
    pub async fn invitations(&self, tenant_id: &str, now: EpochMs) -> Result<Vec<InvitationRow>> {
        sqlx::query(
            "SELECT id, email, role, mailed, invited_by, created_at, expires_at FROM invitations \
             WHERE tenant_id = $1 AND expires_at > $2 ORDER BY id DESC",
        )
        .bind(tenant_id)
        .bind(now)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// Takes an invitation back. `false` when there is none such.
    pub async fn revoke_invitation(
        &self,
        tenant_id: &str,
        id: &str,
        audit: &Audit,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let removed = sqlx::query("DELETE FROM invitations WHERE tenant_id = $1 AND id = $2")
            .bind(tenant_id)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        if removed.rows_affected() == 0 {
            return Ok(false);
        }
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The invitation of this link, if it still works.
    pub async fn invitation_by_link(
        &self,
        token_hash: &[u8; 32],
        now: EpochMs,
    ) -> Result<Option<FoundInvitation>> {
        sqlx::query(
            "SELECT i.tenant_id, t.name AS tenant_name, i.id, i.email, i.role, i.mailed, \
             i.invited_by, i.created_at, i.expires_at \
             FROM invitations i JOIN tenants t ON t.id = i.tenant_id \
             WHERE i.token_hash = $1 AND i.expires_at > $2",
        )
        .bind(token_hash.to_vec())
        .bind(now)
        .fetch_optional(self.db())
        .await?
        .as_ref()
        .map(found)
        .transpose()
    }

    /// The invitations for an address, in any tenant, that still work: for who has shown that the
    /// address is theirs.
    pub async fn invitations_for(&self, email: &str, now: EpochMs) -> Result<Vec<FoundInvitation>> {
        sqlx::query(
            "SELECT i.tenant_id, t.name AS tenant_name, i.id, i.email, i.role, i.mailed, \
             i.invited_by, i.created_at, i.expires_at \
             FROM invitations i JOIN tenants t ON t.id = i.tenant_id \
             WHERE i.email = $1 AND i.expires_at > $2 ORDER BY i.id",
        )
        .bind(email)
        .bind(now)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(found)
        .collect()
    }

    /// Uses an invitation up: who accepts it belongs to its tenant.
    pub async fn join(
        &self,
        tenant_id: &str,
        invitation_id: &str,
        who: &Joining<'_>,
        now: EpochMs,
    ) -> Result<Joined> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let member_id = match who {
            Joining::Member(member_id) => *member_id,
            Joining::New(member) => {
                if !insert_member(&mut transaction, member, now).await? {
                    return Ok(Joined::HasAccount);
                }
                &member.id
            }
        };
        if !accept(&mut transaction, tenant_id, invitation_id, member_id, now).await? {
            return Ok(Joined::BadLink);
        }
        transaction.commit().await?;
        Ok(Joined::Done)
    }

    /// Makes a member of somebody for whom an issuer vouches, with the invitation they have.
    pub async fn join_vouched(
        &self,
        invitation: &FoundInvitation,
        member: &MemberRow,
        issuer: &str,
        subject: &str,
        now: EpochMs,
    ) -> Result<Joined> {
        let tenant_id = &invitation.tenant_id;
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        if !insert_member(&mut transaction, member, now).await? {
            return Ok(Joined::HasAccount);
        }
        insert_identity(&mut transaction, &member.id, issuer, subject, now).await?;
        let id = &invitation.row.id;
        if !accept(&mut transaction, tenant_id, id, &member.id, now).await? {
            return Ok(Joined::BadLink);
        }
        transaction.commit().await?;
        Ok(Joined::Done)
    }

    /// Forgets invitations, sign-ups and reset links whose time is over.
    pub async fn forget_links(&self, expired_before: EpochMs) -> Result<()> {
        for sql in [
            "DELETE FROM invitations WHERE expires_at < $1",
            "DELETE FROM sign_ups WHERE expires_at < $1",
            "DELETE FROM password_resets WHERE expires_at < $1",
        ] {
            sqlx::query(sql)
                .bind(expired_before)
                .execute(self.db())
                .await?;
        }
        Ok(())
    }
}

/// Uses the invitation up for a member, if it works and its address is the member's.
async fn accept(
    transaction: &mut Transaction<'static, Any>,
    tenant_id: &str,
    invitation_id: &str,
    member_id: &str,
    now: EpochMs,
) -> Result<bool> {
    let used = sqlx::query(
        "DELETE FROM invitations WHERE tenant_id = $1 AND id = $2 AND expires_at > $3 \
         AND email = (SELECT email FROM members WHERE id = $4) RETURNING role, mailed",
    )
    .bind(tenant_id)
    .bind(invitation_id)
    .bind(now)
    .bind(member_id)
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(used) = used else {
        return Ok(false);
    };
    let role = role(&used)?;
    insert_membership(&mut *transaction, tenant_id, member_id, role, now).await?;
    if used.try_get::<i64, _>("mailed")? != 0 {
        sqlx::query("UPDATE members SET email_verified = 1 WHERE id = $1")
            .bind(member_id)
            .execute(&mut **transaction)
            .await?;
    }
    // A link that an admin of another tenant made must not lead into this one.
    sqlx::query("DELETE FROM password_resets WHERE member_id = $1 AND made_in IS NOT NULL")
        .bind(member_id)
        .execute(&mut **transaction)
        .await?;
    let actor = Actor::Member(member_id.to_owned());
    Audit::new(&actor, now, "member.join", format!("members/{member_id}"))
        .with(serde_json::json!({ "role": role }))
        .record(tenant_id, &mut *transaction)
        .await?;
    Ok(true)
}

fn found(row: &AnyRow) -> Result<FoundInvitation> {
    Ok(FoundInvitation {
        tenant_id: row.try_get("tenant_id")?,
        tenant_name: row.try_get("tenant_name")?,
        row: read(row)?,
    })
}

fn read(row: &AnyRow) -> Result<InvitationRow> {
    Ok(InvitationRow {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        role: role(row)?,
        mailed: row.try_get::<i64, _>("mailed")? != 0,
        invited_by: row.try_get("invited_by")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
    })
}
