//! Second factors: a sealed secret each, the last code that was taken, and recovery codes.

use sqlx::Row;

use super::members::{record_by, record_everywhere};
use super::{Actor, Result, Store, StoreError};
use crate::clock::EpochMs;

/// A member's second factor.
#[derive(Clone)]
pub struct SecondFactorRow {
    /// The root key that wraps the data key.
    pub root_version: u32,
    /// The data key of the member's own, wrapped.
    pub wrapped: Vec<u8>,
    /// The secret, sealed under that data key.
    pub sealed: Vec<u8>,
    /// Since when it is asked for; none while it is being set up.
    pub confirmed_at: Option<EpochMs>,
}

impl Store {
    /// A member's second factor, also one that is being set up.
    pub async fn second_factor(&self, member_id: &str) -> Result<Option<SecondFactorRow>> {
        sqlx::query(
            "SELECT root_version, wrapped, sealed, confirmed_at FROM second_factors \
             WHERE member_id = $1",
        )
        .bind(member_id)
        .fetch_optional(self.db())
        .await?
        .map(|row| {
            let version: i64 = row.try_get("root_version")?;
            Ok(SecondFactorRow {
                root_version: u32::try_from(version)
                    .map_err(|_| StoreError::Unreadable("root version"))?,
                wrapped: row.try_get("wrapped")?,
                sealed: row.try_get("sealed")?,
                confirmed_at: row.try_get("confirmed_at")?,
            })
        })
        .transpose()
    }

    /// Begins to set a second factor up. `false` when one is in force.
    pub async fn begin_second_factor(
        &self,
        member_id: &str,
        factor: &SecondFactorRow,
        now: EpochMs,
    ) -> Result<bool> {
        let put = sqlx::query(
            "INSERT INTO second_factors (member_id, root_version, wrapped, sealed, last_step, \
             created_at) VALUES ($1, $2, $3, $4, 0, $5) \
             ON CONFLICT (member_id) DO UPDATE SET root_version = excluded.root_version, \
             wrapped = excluded.wrapped, sealed = excluded.sealed, last_step = 0, \
             created_at = excluded.created_at WHERE second_factors.confirmed_at IS NULL",
        )
        .bind(member_id)
        .bind(i64::from(factor.root_version))
        .bind(factor.wrapped.clone())
        .bind(factor.sealed.clone())
        .bind(now)
        .execute(self.db())
        .await?;
        Ok(put.rows_affected() > 0)
    }

    /// Puts a second factor in force with its recovery codes, by the code of this time step.
    /// `false` when there is none that waits for that.
    pub async fn confirm_second_factor(
        &self,
        member_id: &str,
        step: i64,
        recovery: &[[u8; 32]],
        now: EpochMs,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let confirmed = sqlx::query(
            "UPDATE second_factors SET confirmed_at = $3, last_step = $2 \
             WHERE member_id = $1 AND confirmed_at IS NULL",
        )
        .bind(member_id)
        .bind(step)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        if confirmed.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM recovery_codes WHERE member_id = $1")
            .bind(member_id)
            .execute(&mut *transaction)
            .await?;
        for hash in recovery {
            sqlx::query("INSERT INTO recovery_codes (member_id, code_hash) VALUES ($1, $2)")
                .bind(member_id)
                .bind(hash.to_vec())
                .execute(&mut *transaction)
                .await?;
        }
        record_everywhere(
            &mut transaction,
            member_id,
            now,
            "account.second-factor.add",
        )
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Takes the code of a time step. `false` when it, or one after it, was taken before: of two
    /// sign-ins with one code at once, one passes.
    pub async fn take_step(&self, member_id: &str, step: i64) -> Result<bool> {
        let taken = sqlx::query(
            "UPDATE second_factors SET last_step = $2 WHERE member_id = $1 AND last_step < $2",
        )
        .bind(member_id)
        .bind(step)
        .execute(self.db())
        .await?;
        Ok(taken.rows_affected() > 0)
    }

    /// Uses a recovery code up. `false` when there is none such, or not any more.
    pub async fn take_recovery_code(
        &self,
        member_id: &str,
        code_hash: &[u8; 32],
        now: EpochMs,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let used =
            sqlx::query("DELETE FROM recovery_codes WHERE member_id = $1 AND code_hash = $2")
                .bind(member_id)
                .bind(code_hash.to_vec())
                .execute(&mut *transaction)
                .await?;
        if used.rows_affected() == 0 {
            return Ok(false);
        }
        record_everywhere(
            &mut transaction,
            member_id,
            now,
            "account.recovery-code.use",
        )
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Takes a member's second factor away. `false` when there is none.
    pub async fn remove_second_factor(
        &self,
        member_id: &str,
        by: &Actor,
        now: EpochMs,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let removed = sqlx::query("DELETE FROM second_factors WHERE member_id = $1")
            .bind(member_id)
            .execute(&mut *transaction)
            .await?;
        if removed.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM recovery_codes WHERE member_id = $1")
            .bind(member_id)
            .execute(&mut *transaction)
            .await?;
        let action = "account.second-factor.remove";
        record_by(&mut transaction, by, member_id, now, action).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
