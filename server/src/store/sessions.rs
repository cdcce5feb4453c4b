//! Sessions: where a member is signed in, and the tenant each works in.

use relay_api::Role;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::members::{record_everywhere, role};
use super::{Result, Store};
use crate::clock::EpochMs;

/// A session that is alive, with what every page needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// What is stored of the cookie's secret.
    pub token_hash: Vec<u8>,
    /// Who is signed in.
    pub member_id: String,
    /// The member's e-mail address.
    pub email: String,
    /// The member's name.
    pub member_name: String,
    /// Whether the account has a password.
    pub has_password: bool,
    /// Whether signing in by password takes a second factor.
    pub second_factor: bool,
    /// The tenant this session works in.
    pub tenant_id: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// The member's role in that tenant.
    pub role: Role,
    /// When it was last used, to some minutes.
    pub last_seen_at: EpochMs,
    /// When it ends.
    pub expires_at: EpochMs,
}

/// A session in a member's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSession {
    /// What is stored of the cookie's secret.
    pub token_hash: Vec<u8>,
    /// When it began.
    pub created_at: EpochMs,
    /// When it was last used, to some minutes.
    pub last_seen_at: EpochMs,
    /// When it ends.
    pub expires_at: EpochMs,
    /// What the browser called itself.
    pub user_agent: String,
    /// The address it began from.
    pub address: String,
}

/// A session that begins.
pub struct NewSessionRow<'a> {
    /// What is stored of the cookie's secret.
    pub token_hash: [u8; 32],
    /// What the browser calls itself.
    pub user_agent: &'a str,
    /// The address it begins from; empty where that is not known.
    pub address: String,
    /// The session of the same browser that it takes the place of.
    pub replaces: Option<[u8; 32]>,
    /// When it begins.
    pub at: EpochMs,
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

impl Store {
    /// Begins a session in this tenant, or else in the member's first, and ends the one it
    /// replaces. `false` when the member does not belong there, or to none.
    pub async fn begin_session(
        &self,
        member_id: &str,
        tenant_id: Option<&str>,
        session: &NewSessionRow<'_>,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        if let Some(replaced) = session.replaces {
            sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                .bind(replaced.to_vec())
                .execute(&mut *transaction)
                .await?;
        }
        let begun = sqlx::query(
            "INSERT INTO sessions (token_hash, member_id, tenant_id, created_at, expires_at, \
             last_seen_at, user_agent, address) \
             SELECT $1, member_id, tenant_id, $3, $4, $3, $6, $7 FROM memberships \
             WHERE member_id = $2 AND ($5 = '' OR tenant_id = $5) \
             ORDER BY created_at, tenant_id LIMIT 1",
        )
        .bind(session.token_hash.to_vec())
        .bind(member_id)
        .bind(session.at)
        .bind(session.expires_at)
        .bind(tenant_id.unwrap_or_default())
        .bind(session.user_agent)
        .bind(&session.address)
        .execute(&mut *transaction)
        .await?;
        if begun.rows_affected() == 0 {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// The session of this cookie, if it is alive and its member still belongs to its tenant.
    pub async fn session(&self, token_hash: &[u8; 32], now: EpochMs) -> Result<Option<SessionRow>> {
        sqlx::query(
            "SELECT s.token_hash, s.member_id, m.email, m.name AS member_name, m.password_hash, \
             s.tenant_id, t.name AS tenant_name, p.role, s.last_seen_at, s.expires_at, \
             f.confirmed_at \
             FROM sessions s \
             JOIN members m ON m.id = s.member_id \
             JOIN tenants t ON t.id = s.tenant_id \
             JOIN memberships p ON p.tenant_id = s.tenant_id AND p.member_id = s.member_id \
             LEFT JOIN second_factors f ON f.member_id = s.member_id \
             WHERE s.token_hash = $1 AND s.expires_at > $2",
        )
        .bind(token_hash.to_vec())
        .bind(now)
        .fetch_optional(self.db())
        .await?
        .as_ref()
        .map(read)
        .transpose()
    }

    /// Notes that a session is in use.
    pub async fn session_seen(&self, token_hash: &[u8], now: EpochMs) -> Result<()> {
        sqlx::query("UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1")
            .bind(token_hash.to_vec())
            .bind(now)
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Where a member is signed in, what was used last first.
    pub async fn sessions(&self, member_id: &str, now: EpochMs) -> Result<Vec<ListedSession>> {
        sqlx::query(
            "SELECT token_hash, created_at, last_seen_at, expires_at, user_agent, address \
             FROM sessions WHERE member_id = $1 AND expires_at > $2 \
             ORDER BY last_seen_at DESC, created_at DESC",
        )
        .bind(member_id)
        .bind(now)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            Ok(ListedSession {
                token_hash: row.try_get("token_hash")?,
                created_at: row.try_get("created_at")?,
                last_seen_at: row.try_get("last_seen_at")?,
                expires_at: row.try_get("expires_at")?,
                user_agent: row.try_get("user_agent")?,
                address: row.try_get("address")?,
            })
        })
        .collect()
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

    /// Signs out.
    pub async fn end_session(&self, token_hash: &[u8; 32]) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(token_hash.to_vec())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Ends one of a member's sessions from another. `false` when there is none such.
    pub async fn revoke_session(
        &self,
        member_id: &str,
        token_hash: &[u8],
        at: EpochMs,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let ended = sqlx::query("DELETE FROM sessions WHERE member_id = $1 AND token_hash = $2")
            .bind(member_id)
            .bind(token_hash.to_vec())
            .execute(&mut *transaction)
            .await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        record_everywhere(&mut transaction, member_id, at, "session.revoke").await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Ends all of a member's sessions but one.
    pub async fn revoke_other_sessions(
        &self,
        member_id: &str,
        keep: &[u8],
        at: EpochMs,
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE member_id = $1 AND token_hash <> $2")
            .bind(member_id)
            .bind(keep.to_vec())
            .execute(&mut *transaction)
            .await?;
        record_everywhere(&mut transaction, member_id, at, "session.revoke").await?;
        transaction.commit().await?;
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

fn read(row: &AnyRow) -> Result<SessionRow> {
    let password_hash: String = row.try_get("password_hash")?;
    let confirmed_at: Option<EpochMs> = row.try_get("confirmed_at")?;
    Ok(SessionRow {
        token_hash: row.try_get("token_hash")?,
        member_id: row.try_get("member_id")?,
        email: row.try_get("email")?,
        member_name: row.try_get("member_name")?,
        has_password: !password_hash.is_empty(),
        second_factor: confirmed_at.is_some(),
        tenant_id: row.try_get("tenant_id")?,
        tenant_name: row.try_get("tenant_name")?,
        role: role(row)?,
        last_seen_at: row.try_get("last_seen_at")?,
        expires_at: row.try_get("expires_at")?,
    })
}
