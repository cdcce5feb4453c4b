//! Links that are mailed, or handed over, and work once: sign-ups and password resets.

use sqlx::Row;

use super::identities::claim;
use super::members::{forget_resets, insert_owner, record_by, record_everywhere};
use super::{Actor, MemberRow, NewOwnerRow, Result, Setup, Store};
use crate::clock::EpochMs;

/// Somebody who signed up and has not followed the mailed link yet.
#[derive(Clone)]
pub struct SignUpRow {
    /// Lower case.
    pub email: String,
    /// What to call the person.
    pub name: String,
    /// Argon2id, in PHC format.
    pub password_hash: String,
    /// What the person's tenant is to be called.
    pub tenant_name: String,
    /// Until when the link works.
    pub expires_at: EpochMs,
}

/// A link that sets a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetRow {
    /// Whose.
    pub member_id: String,
    /// The tenant whose admin made it, if one did.
    pub made_in: Option<String>,
    /// Whether it was mailed, so that whoever has it has the address too.
    pub mailed: bool,
    /// Until when it works.
    pub expires_at: EpochMs,
}

impl Store {
    /// Remembers who signed up.
    pub async fn add_sign_up(&self, token_hash: &[u8; 32], sign_up: &SignUpRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO sign_ups (token_hash, email, name, password_hash, tenant_name, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(token_hash.to_vec())
        .bind(&sign_up.email)
        .bind(&sign_up.name)
        .bind(&sign_up.password_hash)
        .bind(&sign_up.tenant_name)
        .bind(sign_up.expires_at)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// The sign-up of this link, if it still works.
    pub async fn sign_up(&self, token_hash: &[u8; 32], now: EpochMs) -> Result<Option<SignUpRow>> {
        sqlx::query(
            "SELECT email, name, password_hash, tenant_name, expires_at FROM sign_ups \
             WHERE token_hash = $1 AND expires_at > $2",
        )
        .bind(token_hash.to_vec())
        .bind(now)
        .fetch_optional(self.db())
        .await?
        .map(|row| {
            Ok(SignUpRow {
                email: row.try_get("email")?,
                name: row.try_get("name")?,
                password_hash: row.try_get("password_hash")?,
                tenant_name: row.try_get("tenant_name")?,
                expires_at: row.try_get("expires_at")?,
            })
        })
        .transpose()
    }

    /// Makes the account and the tenant of a sign-up, using its link up, and every other link that
    /// was mailed to the same address.
    pub async fn confirm_sign_up(
        &self,
        token_hash: &[u8; 32],
        owner: &NewOwnerRow,
        now: EpochMs,
    ) -> Result<Setup> {
        let mut transaction = self.begin().await?;
        let link = sqlx::query("DELETE FROM sign_ups WHERE token_hash = $1 AND expires_at > $2")
            .bind(token_hash.to_vec())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        if link.rows_affected() == 0 {
            return Ok(Setup::BadLink);
        }
        let made = insert_owner(&mut transaction, owner, now).await?;
        if made == Setup::Done {
            sqlx::query("DELETE FROM sign_ups WHERE email = $1")
                .bind(&owner.member.email)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(made)
    }

    /// Keeps a link that sets a member's password. Of those that are handed over it is the only one;
    /// a mailed one leaves others as they are, for strangers can have them mailed. Who made it by
    /// hand, and when, is told to the member's tenants.
    pub async fn add_reset(
        &self,
        token_hash: &[u8; 32],
        reset: &ResetRow,
        made_by: Option<(&Actor, EpochMs)>,
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        if !reset.mailed {
            sqlx::query("DELETE FROM password_resets WHERE member_id = $1 AND mailed = 0")
                .bind(&reset.member_id)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query(
            "INSERT INTO password_resets (token_hash, member_id, made_in, mailed, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(token_hash.to_vec())
        .bind(&reset.member_id)
        .bind(reset.made_in.as_deref())
        .bind(i64::from(reset.mailed))
        .bind(reset.expires_at)
        .execute(&mut *transaction)
        .await?;
        if let Some((by, at)) = made_by {
            let member_id = &reset.member_id;
            record_by(&mut transaction, by, member_id, at, "member.reset-link").await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The member whose password a link sets, if it still works, and whether it was mailed: one that
    /// an admin made is good while its member belongs to that admin's tenant alone.
    pub async fn member_of_reset(
        &self,
        token_hash: &[u8; 32],
        now: EpochMs,
    ) -> Result<Option<(MemberRow, bool)>> {
        let found = sqlx::query(
            "SELECT m.id, m.email, m.name, m.password_hash, m.email_verified, r.mailed \
             FROM password_resets r JOIN members m ON m.id = r.member_id \
             WHERE r.token_hash = $1 AND r.expires_at > $2 AND (r.made_in IS NULL OR NOT EXISTS \
             (SELECT 1 FROM memberships o WHERE o.member_id = m.id AND o.tenant_id <> r.made_in))",
        )
        .bind(token_hash.to_vec())
        .bind(now)
        .fetch_optional(self.db())
        .await?;
        found
            .map(|row| {
                let mailed: i64 = row.try_get("mailed")?;
                Ok((MemberRow::read(&row)?, mailed != 0))
            })
            .transpose()
    }

    /// Uses a reset link up: sets the password, ends every session of the member's, and unlinks the
    /// providers they signed in with, for it may not have been they who linked them. Who shows by a
    /// mailed link, for the first time, that the address is theirs, is rid of the second factor of
    /// whoever had the account before. `false` when the link does not work any more.
    pub async fn reset_password(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        now: EpochMs,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let used = sqlx::query(
            "DELETE FROM password_resets WHERE token_hash = $1 AND expires_at > $2 \
             AND (made_in IS NULL OR NOT EXISTS (SELECT 1 FROM memberships o \
             WHERE o.member_id = password_resets.member_id \
             AND o.tenant_id <> password_resets.made_in)) RETURNING member_id, mailed",
        )
        .bind(token_hash.to_vec())
        .bind(now)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(used) = used else {
            return Ok(false);
        };
        let member_id: String = used.try_get("member_id")?;
        let mailed: i64 = used.try_get("mailed")?;
        if mailed != 0 {
            claim(&mut transaction, &member_id).await?;
        }
        sqlx::query("UPDATE members SET password_hash = $2 WHERE id = $1")
            .bind(&member_id)
            .bind(password_hash)
            .execute(&mut *transaction)
            .await?;
        for sql in [
            "DELETE FROM sessions WHERE member_id = $1",
            "DELETE FROM member_identities WHERE member_id = $1",
        ] {
            sqlx::query(sql)
                .bind(&member_id)
                .execute(&mut *transaction)
                .await?;
        }
        forget_resets(&mut transaction, &member_id).await?;
        record_everywhere(&mut transaction, &member_id, now, "account.reset").await?;
        transaction.commit().await?;
        Ok(true)
    }
}
