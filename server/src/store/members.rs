//! Members, their sessions, and the one-time link that makes the first owner.

use relay_api::Role;
use sqlx::Row;
use sqlx::any::AnyRow;

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
    /// Argon2id, in PHC format.
    pub password_hash: String,
}

/// A session that is alive, with what every page needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Who is signed in.
    pub member_id: String,
    /// The member's e-mail address.
    pub email: String,
    /// The member's name.
    pub member_name: String,
    /// The tenant this session works in.
    pub tenant_id: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// The member's role in that tenant.
    pub role: Role,
    /// When it ends.
    pub expires_at: EpochMs,
}

/// A tenant that a member belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    /// The tenant.
    pub tenant_id: String,
    /// Its name.
    pub tenant_name: String,
    /// The member's role in it.
    pub role: Role,
}

/// The first owner, with a tenant of its own.
pub struct NewOwnerRow {
    /// The person.
    pub member: MemberRow,
    /// The tenant.
    pub tenant: TenantRow,
    /// The tenant's first data key.
    pub data_key: DataKeyRow,
}

/// What came of making the first owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    /// Done; the link is used up.
    Done,
    /// The link is unknown, used or too old.
    BadLink,
    /// There is a tenant of this name already.
    TenantNameTaken,
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
        if !insert_tenant(&mut transaction, &owner.tenant, &owner.data_key).await? {
            return Ok(Setup::TenantNameTaken);
        }
        let member = &owner.member;
        sqlx::query(
            "INSERT INTO members (id, email, name, password_hash, created_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&member.id)
        .bind(&member.email)
        .bind(&member.name)
        .bind(&member.password_hash)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO memberships (tenant_id, member_id, role, created_at) \
             VALUES ($1, $2, 'owner', $3)",
        )
        .bind(&owner.tenant.id)
        .bind(&member.id)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let actor = Actor::Member(member.id.clone());
        Audit::new(&actor, now, "tenant.create", "tenant")
            .record(&owner.tenant.id, &mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(Setup::Done)
    }

    /// The member with this e-mail address (lower case).
    pub async fn member_by_email(&self, email: &str) -> Result<Option<MemberRow>> {
        sqlx::query("SELECT id, email, name, password_hash FROM members WHERE email = $1")
            .bind(email)
            .fetch_optional(self.db())
            .await?
            .map(|row| {
                Ok(MemberRow {
                    id: row.try_get("id")?,
                    email: row.try_get("email")?,
                    name: row.try_get("name")?,
                    password_hash: row.try_get("password_hash")?,
                })
            })
            .transpose()
    }

    /// Begins a session in the member's first tenant. `false` when the member has none.
    pub async fn begin_session(
        &self,
        member_id: &str,
        token_hash: &[u8; 32],
        now: EpochMs,
        expires_at: EpochMs,
    ) -> Result<bool> {
        let begun = sqlx::query(
            "INSERT INTO sessions (token_hash, member_id, tenant_id, created_at, expires_at) \
             SELECT $1, member_id, tenant_id, $3, $4 FROM memberships WHERE member_id = $2 \
             ORDER BY created_at, tenant_id LIMIT 1",
        )
        .bind(token_hash.to_vec())
        .bind(member_id)
        .bind(now)
        .bind(expires_at)
        .execute(self.db())
        .await?;
        Ok(begun.rows_affected() > 0)
    }

    /// The session of this cookie, if it is alive and its member still belongs to its tenant.
    pub async fn session(&self, token_hash: &[u8; 32], now: EpochMs) -> Result<Option<SessionRow>> {
        sqlx::query(
            "SELECT s.member_id, m.email, m.name AS member_name, s.tenant_id, \
             t.name AS tenant_name, p.role, s.expires_at \
             FROM sessions s \
             JOIN members m ON m.id = s.member_id \
             JOIN tenants t ON t.id = s.tenant_id \
             JOIN memberships p ON p.tenant_id = s.tenant_id AND p.member_id = s.member_id \
             WHERE s.token_hash = $1 AND s.expires_at > $2",
        )
        .bind(token_hash.to_vec())
        .bind(now)
        .fetch_optional(self.db())
        .await?
        .map(|row| {
            Ok(SessionRow {
                member_id: row.try_get("member_id")?,
                email: row.try_get("email")?,
                member_name: row.try_get("member_name")?,
                tenant_id: row.try_get("tenant_id")?,
                tenant_name: row.try_get("tenant_name")?,
                role: role(&row)?,
                expires_at: row.try_get("expires_at")?,
            })
        })
        .transpose()
    }

    /// The tenants that a member belongs to, by name, with the role in each.
    pub async fn memberships(&self, member_id: &str) -> Result<Vec<MembershipRow>> {
        sqlx::query(
            "SELECT t.id, t.name, p.role FROM memberships p JOIN tenants t ON t.id = p.tenant_id \
             WHERE p.member_id = $1 ORDER BY t.name",
        )
        .bind(member_id)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            Ok(MembershipRow {
                tenant_id: row.try_get("id")?,
                tenant_name: row.try_get("name")?,
                role: role(row)?,
            })
        })
        .collect()
    }

    /// Ends a session.
    pub async fn end_session(&self, token_hash: &[u8; 32]) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(token_hash.to_vec())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Forgets sessions that have ended by themselves.
    pub async fn forget_sessions(&self, expired_before: EpochMs) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE expires_at < $1")
            .bind(expired_before)
            .execute(self.db())
            .await?;
        Ok(())
    }
}

/// A row's role. A word that this version does not know is no role at all.
pub(super) fn role(row: &AnyRow) -> Result<Role> {
    let word: String = row.try_get("role")?;
    Role::of_word(&word).ok_or(StoreError::Unreadable("role"))
}
