//! Calls that name themselves by an idempotency key: who has a key's turn, and what became of it.

use sqlx::{AnyConnection, Row};

use super::{Result, Store, StoreError};
use crate::clock::{DAY, EpochMs};

/// How long a key stands for its first call.
const KEPT_MS: EpochMs = DAY;
/// How long a call may be under way before it is taken to have died with its process.
const LOST_MS: EpochMs = 60 * 1_000;
/// How often a turn is asked for, should the row go away between two questions.
const TRIES: usize = 3;

/// One call that names itself by a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedCall {
    /// The call's own id: who takes a turn over has another.
    pub id: String,
    /// A hash of who asks what by which key.
    pub scope: String,
    /// A hash of what was sent.
    pub fingerprint: String,
}

/// What a call by a key finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Nothing: it is to do the work.
    Mine,
    /// A call that is under way.
    Taken,
    /// A call that sent something else.
    OfAnother,
    /// A call that is done.
    Done {
        /// The answer's status.
        status: u16,
        /// The answer's body, sealed for this scope; none where it was not kept.
        sealed: Option<Vec<u8>>,
    },
}

impl Store {
    /// Asks for the turn of a key. Of any number who ask at once, one gets it. A turn whose call has
    /// been under way for a minute is given again, to who sends the same.
    pub async fn take_turn(&self, tenant_id: &str, call: &KeyedCall, now: EpochMs) -> Result<Turn> {
        for _ in 0..TRIES {
            if self.insert_turn(tenant_id, call, now).await? {
                return Ok(Turn::Mine);
            }
            if let Some(turn) = self.turn(tenant_id, call).await? {
                return Ok(turn);
            }
        }
        Ok(Turn::Taken)
    }

    async fn insert_turn(&self, tenant_id: &str, call: &KeyedCall, now: EpochMs) -> Result<bool> {
        let taken = sqlx::query(
            "INSERT INTO idempotency_keys \
             (tenant_id, scope, id, fingerprint, keeps, started_at, expires_at) \
             VALUES ($1, $2, $3, $4, 1, $5, $6) \
             ON CONFLICT (tenant_id, scope) DO UPDATE SET id = excluded.id, \
             fingerprint = excluded.fingerprint, keeps = 1, status = NULL, sealed = NULL, \
             started_at = excluded.started_at, expires_at = excluded.expires_at \
             WHERE idempotency_keys.expires_at <= excluded.started_at \
             OR (idempotency_keys.status IS NULL AND idempotency_keys.started_at <= $7 \
             AND idempotency_keys.fingerprint = excluded.fingerprint)",
        )
        .bind(tenant_id)
        .bind(&call.scope)
        .bind(&call.id)
        .bind(&call.fingerprint)
        .bind(now)
        .bind(now + KEPT_MS)
        .bind(now - LOST_MS)
        .execute(self.db())
        .await?;
        Ok(taken.rows_affected() > 0)
    }

    /// Who has the turn, if anybody still has.
    async fn turn(&self, tenant_id: &str, call: &KeyedCall) -> Result<Option<Turn>> {
        let row = sqlx::query(
            "SELECT fingerprint, status, sealed FROM idempotency_keys \
             WHERE tenant_id = $1 AND scope = $2",
        )
        .bind(tenant_id)
        .bind(&call.scope)
        .fetch_optional(self.db())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let fingerprint: String = row.try_get("fingerprint")?;
        let status: Option<i64> = row.try_get("status")?;
        Ok(Some(match status {
            _ if fingerprint != call.fingerprint => Turn::OfAnother,
            None => Turn::Taken,
            Some(status) => Turn::Done {
                status: u16::try_from(status).map_err(|_| StoreError::Unreadable("status"))?,
                sealed: row.try_get("sealed")?,
            },
        }))
    }

    /// Ends a turn with its answer; without a body, it is known only that the call is done. What
    /// somebody else has taken over stays as it is.
    pub async fn end_turn(
        &self,
        tenant_id: &str,
        call: &KeyedCall,
        status: u16,
        sealed: Option<&[u8]>,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE idempotency_keys SET status = $4, \
             sealed = CASE WHEN keeps = 1 THEN $5 ELSE NULL END \
             WHERE tenant_id = $1 AND scope = $2 AND id = $3 AND status IS NULL",
        )
        .bind(tenant_id)
        .bind(&call.scope)
        .bind(&call.id)
        .bind(i64::from(status))
        .bind(sealed)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Gives a turn back, as if the call had never been made.
    pub async fn give_turn_back(&self, tenant_id: &str, call: &KeyedCall) -> Result<()> {
        sqlx::query(
            "DELETE FROM idempotency_keys \
             WHERE tenant_id = $1 AND scope = $2 AND id = $3 AND status IS NULL",
        )
        .bind(tenant_id)
        .bind(&call.scope)
        .bind(&call.id)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Forgets at most `limit` keys, of whichever tenants, that had expired at `now`. Answers how
    /// many.
    pub async fn forget_turns(&self, now: EpochMs, limit: u32) -> Result<u64> {
        let forgotten = sqlx::query(
            "DELETE FROM idempotency_keys WHERE (tenant_id, scope) IN \
             (SELECT tenant_id, scope FROM idempotency_keys WHERE expires_at <= $1 \
             ORDER BY expires_at LIMIT $2)",
        )
        .bind(now)
        .bind(i64::from(limit))
        .execute(self.db())
        .await?;
        Ok(forgotten.rows_affected())
    }
}

/// Takes away all answers that are kept for the tenant, and those of calls under way as soon as they
/// end: sealed as they are, nobody can tell which of them name an end user. That the calls were made
/// stays known.
pub(super) async fn take_answers_away(
    tenant_id: &str,
    connection: &mut AnyConnection,
) -> Result<()> {
    sqlx::query(
        "UPDATE idempotency_keys SET keeps = 0, sealed = NULL WHERE tenant_id = $1 AND keeps = 1",
    )
    .bind(tenant_id)
    .execute(connection)
    .await?;
    Ok(())
}
