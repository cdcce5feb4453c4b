//! Who vouches for a member: sign-in providers, by the names they have for people.

use sqlx::{AnyConnection, Row};

use super::members::record_everywhere;
use super::{MemberRow, Result, Store};
use crate::clock::EpochMs;

/// A provider that vouches for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// The provider's issuer.
    pub issuer: String,
    /// Since when.
    pub linked_at: EpochMs,
}

/// What came of taking a provider off an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlinked {
    /// Done.
    Done,
    /// It was not linked.
    NotThere,
    /// The account has no password and no other provider: nobody could get in any more.
    LastWayIn,
}

impl Store {
    /// The member whom this issuer vouches for by this name.
    pub async fn member_of_identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<MemberRow>> {
        sqlx::query(
            "SELECT m.id, m.email, m.name, m.password_hash, m.email_verified \
             FROM member_identities i JOIN members m ON m.id = i.member_id \
             WHERE i.issuer = $1 AND i.subject = $2",
        )
        .bind(issuer)
        .bind(subject)
        .fetch_optional(self.db())
        .await?
        .as_ref()
        .map(MemberRow::read)
        .transpose()
    }

    /// Remembers that this issuer vouches for the member, who asked for it themselves.
    pub async fn add_identity(
        &self,
        member_id: &str,
        issuer: &str,
        subject: &str,
        at: EpochMs,
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        insert_identity(&mut transaction, member_id, issuer, subject, at).await?;
        record_everywhere(&mut transaction, member_id, at, "account.link").await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Remembers that this issuer vouches for the member, who owns the address. Whoever had set the
    /// account up without showing that they own it loses what they set: password, second factor,
    /// sessions.
    pub async fn link_identity(
        &self,
        member_id: &str,
        issuer: &str,
        subject: &str,
        at: EpochMs,
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        if claim(&mut transaction, member_id).await? {
            record_everywhere(&mut transaction, member_id, at, "account.claim").await?;
        }
        insert_identity(&mut transaction, member_id, issuer, subject, at).await?;
        record_everywhere(&mut transaction, member_id, at, "account.link").await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Who vouches for the member, since when.
    pub async fn identities(&self, member_id: &str) -> Result<Vec<IdentityRow>> {
        sqlx::query(
            "SELECT issuer, created_at FROM member_identities WHERE member_id = $1 \
             ORDER BY created_at, issuer",
        )
        .bind(member_id)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            Ok(IdentityRow {
                issuer: row.try_get("issuer")?,
                linked_at: row.try_get("created_at")?,
            })
        })
        .collect()
    }

    /// This issuer vouches for the member no more, unless nothing else would let them in.
    pub async fn remove_identity(
        &self,
        member_id: &str,
        issuer: &str,
        at: EpochMs,
    ) -> Result<Unlinked> {
        let mut transaction = self.begin().await?;
        let removed =
            sqlx::query("DELETE FROM member_identities WHERE member_id = $1 AND issuer = $2")
                .bind(member_id)
                .bind(issuer)
                .execute(&mut *transaction)
                .await?;
        if removed.rows_affected() == 0 {
            return Ok(Unlinked::NotThere);
        }
        let others = sqlx::query(
            "SELECT 1 FROM members WHERE id = $1 AND (password_hash <> '' \
             OR EXISTS (SELECT 1 FROM member_identities i WHERE i.member_id = members.id))",
        )
        .bind(member_id)
        .fetch_optional(&mut *transaction)
        .await?;
        if others.is_none() {
            return Ok(Unlinked::LastWayIn);
        }
        record_everywhere(&mut transaction, member_id, at, "account.unlink").await?;
        transaction.commit().await?;
        Ok(Unlinked::Done)
    }
}

pub(super) async fn insert_identity(
    connection: &mut AnyConnection,
    member_id: &str,
    issuer: &str,
    subject: &str,
    now: EpochMs,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO member_identities (issuer, subject, member_id, created_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(issuer)
    .bind(subject)
    .bind(member_id)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the address is the member's own. `false` when that was known: until then anybody may have
/// made the account with it, and loses all that they set.
pub(super) async fn claim(connection: &mut AnyConnection, member_id: &str) -> Result<bool> {
    let claimed = sqlx::query(
        "UPDATE members SET email_verified = 1, password_hash = '' \
         WHERE id = $1 AND email_verified = 0",
    )
    .bind(member_id)
    .execute(&mut *connection)
    .await?;
    if claimed.rows_affected() == 0 {
        return Ok(false);
    }
    for sql in [
        "DELETE FROM sessions WHERE member_id = $1",
        "DELETE FROM second_factors WHERE member_id = $1",
        "DELETE FROM recovery_codes WHERE member_id = $1",
        "DELETE FROM member_identities WHERE member_id = $1",
        "DELETE FROM password_resets WHERE member_id = $1",
    ] {
        sqlx::query(sql)
            .bind(member_id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(true)
}
