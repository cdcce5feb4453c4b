//! Members: people who sign in, what they sign in with, and the one-time link that makes the first
//! owner.

use relay_api::Role;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::identities::insert_identity;
use super::tenants::insert_tenant;
use super::{Actor, Audit, DataKeyRow, Result, Store, StoreError, TenantRow};
use crate::clock::EpochMs;

/// A person who signs in.
#[derive(Clone)]
pub struct MemberRow {
    /// The id.
    pub id: String,
    /// Lower case.
    pub email: String,
    /// What to call the person.
    pub name: String,
    /// Argon2id, in PHC format; empty where the account has no password.
    pub password_hash: String,
    /// Whether the person has shown that the address is theirs.
    pub email_verified: bool,
}

impl MemberRow {
    pub(super) fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            password_hash: row.try_get("password_hash")?,
            email_verified: row.try_get::<i64, _>("email_verified")? != 0,
        })
    }

    /// The password's hash, if the account has a password.
    pub fn password(&self) -> Option<String> {
        (!self.password_hash.is_empty()).then(|| self.password_hash.clone())
    }
}

/// A person with a new tenant of their own.
pub struct NewOwnerRow {
    /// The person.
    pub member: MemberRow,
    /// The tenant.
    pub tenant: TenantRow,
    /// The tenant's first data key.
    pub data_key: DataKeyRow,
}

/// What came of making somebody the owner of a new tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    /// Done; the link is used up.
    Done,
    /// The link is unknown, used or too old.
    BadLink,
    /// There is a tenant of this name already. The link is still good.
    TenantNameTaken,
    /// The address has an account already.
    HasAccount,
}

impl Store {
    /// Whether anybody can sign in yet.
    pub async fn has_members(&self) -> Result<bool> {
        Ok(sqlx::query("SELECT 1 FROM members LIMIT 1")
            .fetch_optional(self.db())
            .await?
            .is_some())
    }

    /// Makes this the only setup link.
    pub async fn replace_setup_link(
        &self,
        token_hash: &[u8; 32],
        expires_at: EpochMs,
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM setup_links")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO setup_links (token_hash, expires_at) VALUES ($1, $2)")
            .bind(token_hash.to_vec())
            .bind(expires_at)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes the first owner and tenant, using the link up, all or nothing.
    pub async fn set_up(
        &self,
        token_hash: &[u8; 32],
        owner: &NewOwnerRow,
        now: EpochMs,
    ) -> Result<Setup> {
        let mut transaction = self.begin().await?;
        let link = sqlx::query("DELETE FROM setup_links WHERE token_hash = $1 AND expires_at > $2")
            .bind(token_hash.to_vec())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        if link.rows_affected() == 0 {
            return Ok(Setup::BadLink);
        }
        let made = insert_owner(&mut transaction, owner, now).await?;
        if made == Setup::Done {
            transaction.commit().await?;
        }
        Ok(made)
    }

    /// Makes a person with a new tenant, for whom somebody vouches, and remembers who.
    pub async fn add_vouched_owner(
        &self,
        owner: &NewOwnerRow,
        issuer: &str,
        subject: &str,
        now: EpochMs,
    ) -> Result<Setup> {
        let mut transaction = self.begin().await?;
        let made = insert_owner(&mut transaction, owner, now).await?;
        if made == Setup::Done {
            insert_identity(&mut transaction, &owner.member.id, issuer, subject, now).await?;
            transaction.commit().await?;
        }
        Ok(made)
    }

    /// The member with this e-mail address (lower case).
    pub async fn member_by_email(&self, email: &str) -> Result<Option<MemberRow>> {
        let found = sqlx::query(
            "SELECT id, email, name, password_hash, email_verified FROM members WHERE email = $1",
        )
        .bind(email)
        .fetch_optional(self.db())
        .await?;
        found.as_ref().map(MemberRow::read).transpose()
    }

    /// The member with this id.
    pub async fn member(&self, member_id: &str) -> Result<Option<MemberRow>> {
        let found = sqlx::query(
            "SELECT id, email, name, password_hash, email_verified FROM members WHERE id = $1",
        )
        .bind(member_id)
        .fetch_optional(self.db())
        .await?;
        found.as_ref().map(MemberRow::read).transpose()
    }

    /// Changes what a member is called.
    pub async fn rename_member(&self, member_id: &str, name: &str, at: EpochMs) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE members SET name = $2 WHERE id = $1")
            .bind(member_id)
            .bind(name)
            .execute(&mut *transaction)
            .await?;
        record_everywhere(&mut transaction, member_id, at, "account.rename").await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Sets a member's password and ends their sessions, but the one to `keep`; links that would
    /// set another are void. `false` when the password is no longer the one of `was`.
    pub async fn change_password(
        &self,
        member_id: &str,
        was: &str,
        hash: &str,
        keep: &[u8; 32],
        at: EpochMs,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE members SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
        )
        .bind(member_id)
        .bind(was)
        .bind(hash)
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM sessions WHERE member_id = $1 AND token_hash <> $2")
            .bind(member_id)
            .bind(keep.to_vec())
            .execute(&mut *transaction)
            .await?;
        forget_resets(&mut transaction, member_id).await?;
        record_everywhere(&mut transaction, member_id, at, "account.password").await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Makes the person and the tenant, and the person its owner, within a transaction that ends
/// without a change where it answers anything but [`Setup::Done`].
pub(super) async fn insert_owner(
    connection: &mut AnyConnection,
    owner: &NewOwnerRow,
    now: EpochMs,
) -> Result<Setup> {
    if !insert_tenant(&mut *connection, &owner.tenant, &owner.data_key).await? {
        return Ok(Setup::TenantNameTaken);
    }
    if !insert_member(&mut *connection, &owner.member, now).await? {
        return Ok(Setup::HasAccount);
    }
    let (tenant_id, member_id) = (&owner.tenant.id, &owner.member.id);
    insert_membership(&mut *connection, tenant_id, member_id, Role::Owner, now).await?;
    let actor = Actor::Member(member_id.clone());
    Audit::new(&actor, now, "tenant.create", "tenant")
        .record(tenant_id, connection)
        .await?;
    Ok(Setup::Done)
}

/// `false` when the address has an account already.
pub(super) async fn insert_member(
    connection: &mut AnyConnection,
    member: &MemberRow,
    now: EpochMs,
) -> Result<bool> {
    let added = sqlx::query(
        "INSERT INTO members (id, email, name, password_hash, email_verified, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(&member.id)
    .bind(&member.email)
    .bind(&member.name)
    .bind(&member.password_hash)
    .bind(i64::from(member.email_verified))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Who belongs to the tenant already keeps their role.
pub(super) async fn insert_membership(
    connection: &mut AnyConnection,
    tenant_id: &str,
    member_id: &str,
    role: Role,
    now: EpochMs,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO memberships (tenant_id, member_id, role, created_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(tenant_id)
    .bind(member_id)
    .bind(role.as_str())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes void what would set another password.
pub(super) async fn forget_resets(connection: &mut AnyConnection, member_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM password_resets WHERE member_id = $1")
        .bind(member_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Tells every tenant that a member belongs to what the member did with their account: it concerns
/// each of them.
pub(super) async fn record_everywhere(
    connection: &mut AnyConnection,
    member_id: &str,
    at: EpochMs,
    action: &str,
) -> Result<()> {
    let actor = Actor::Member(member_id.to_owned());
    record_by(connection, &actor, member_id, at, action).await
}

/// The same of what somebody else did with a member's account.
pub(super) async fn record_by(
    connection: &mut AnyConnection,
    actor: &Actor,
    member_id: &str,
    at: EpochMs,
    action: &str,
) -> Result<()> {
    let tenants = sqlx::query("SELECT tenant_id FROM memberships WHERE member_id = $1")
        .bind(member_id)
        .fetch_all(&mut *connection)
        .await?;
    for tenant in tenants {
        let tenant_id: String = tenant.try_get("tenant_id")?;
        Audit::new(actor, at, action, format!("members/{member_id}"))
            .record(&tenant_id, &mut *connection)
            .await?;
    }
    Ok(())
}

/// A row's role. A word that this version does not know is no role at all.
pub(super) fn role(row: &AnyRow) -> Result<Role> {
    let word: String = row.try_get("role")?;
    Role::of_word(&word).ok_or(StoreError::Unreadable("role"))
}
