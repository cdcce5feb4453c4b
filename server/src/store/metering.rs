//! The meter's writes: a batch of requests of whichever tenants, with the sums they add to, in one
//! transaction. Statements write many rows, and rows that many writers share are taken in one
//! order, so that no two writers wait for each other.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use sqlx::{Any, AssertSqlSafe, Row, Transaction};

use super::backend::Records;
use super::bodies::BodyRow;
use super::erasure::erased_meanwhile;
use super::many::{pieces, placeholders};
use super::rollups::Rollups;
use super::thresholds::{Grown, KeyQuotas, tell};
use super::{Backend, RequestRow, Result, Store, to_json};
use crate::clock::{EpochMs, month_of};

const COLUMNS: usize = 30;

/// What the meter writes at once.
#[derive(Debug, Default)]
pub struct UsageBatch {
    /// The requests.
    pub rows: Vec<RequestRow>,
    /// What is kept of some of them, sealed.
    pub bodies: Vec<BodyRow>,
    /// What relay keys, by tenant and id, may use in a month, if that is limited.
    pub quotas: BTreeMap<(String, String), KeyQuotas>,
    /// Relay keys, by tenant and id, and when they were last used.
    pub keys_used: BTreeMap<(String, String), EpochMs>,
    /// The same of credentials.
    pub credentials_used: BTreeMap<(String, String), EpochMs>,
}

/// A count as the database takes it.
pub(super) fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Store {
    /// Writes a batch. A request that is there already (a batch written twice) stays as it is and
    /// adds to no sum; a request whose tenant is gone is left out, and one whose end user was erased
    /// while it was under way is nobody's, without its bodies.
    pub async fn add_requests(&self, batch: &UsageBatch) -> Result<()> {
        let mut transaction = self.begin().await?;
        Records::Add.take(self.backend, &mut transaction).await?;
        let nobodys = erased_meanwhile(&mut transaction, &batch.rows).await?;
        let mut rows = Cow::Borrowed(batch.rows.as_slice());
        if !nobodys.is_empty() {
            let erased = |row: &&mut RequestRow| nobodys.contains(&row.id);
            for row in rows.to_mut().iter_mut().filter(erased) {
                row.end_user = None;
            }
        }
        let mut added = HashSet::new();
        for piece in pieces(&rows) {
            insert(self.backend, &mut transaction, piece, &mut added).await?;
        }
        // Each once, also if the batch has a request twice.
        let mut left = added.clone();
        let new: Vec<&RequestRow> = rows.iter().filter(|row| left.remove(&row.id)).collect();
        let quotas = &batch.quotas;
        add_to_quotas(self.backend, &mut transaction, &new, quotas).await?;
        Rollups::of(&new)
            .add(self.backend, &mut transaction)
            .await?;
        for body in &batch.bodies {
            if added.contains(&body.request_id) && !nobodys.contains(&body.request_id) {
                body.add(&mut transaction).await?;
            }
        }
        for (table, used) in [
            ("relay_keys", &batch.keys_used),
            ("credentials", &batch.credentials_used),
        ] {
            let sql = format!(
                "UPDATE {table} SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2 \
                 AND (last_used_at IS NULL OR last_used_at < $3)"
            );
            for ((tenant_id, id), at) in used {
                sqlx::query(AssertSqlSafe(sql.clone()))
                    .bind(tenant_id)
                    .bind(id)
                    .bind(*at)
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Inserts what is new of `rows`, and adds its ids to `added`.
async fn insert(
    backend: Backend,
    transaction: &mut Transaction<'static, Any>,
    rows: &[RequestRow],
    added: &mut HashSet<String>,
) -> Result<()> {
    let sql = format!(
        "INSERT INTO requests (tenant_id, id, at, relay_key_id, end_user, paid, operation, model, \
         host, streamed, status, error_code, partial, input_tokens, output_tokens, \
         cached_read_tokens, reasoning_tokens, duration_ms, first_byte_ms, policy_id, \
         credential_id, credential_last4, upstream_model, dialect, attempts, error_category, \
         cached_write_tokens, audio_tokens, cost_nanos, trace) \
         SELECT v.* FROM (VALUES {}) AS v \
         WHERE EXISTS (SELECT 1 FROM tenants t WHERE t.id = v.column1) \
         ON CONFLICT DO NOTHING RETURNING id",
        placeholders(backend, rows.len(), COLUMNS)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in rows {
        query = query
            .bind(&row.tenant_id)
            .bind(&row.id)
            .bind(row.at)
            .bind(&row.relay_key_id)
            .bind(row.end_user.clone())
            .bind(row.paid.map(i64::from))
            .bind(&row.operation)
            .bind(&row.model)
            .bind(row.host.clone())
            .bind(i64::from(row.streamed))
            .bind(i64::from(row.status))
            .bind(row.error_code.clone())
            .bind(i64::from(row.partial))
            .bind(row.input_tokens.map(count))
            .bind(row.output_tokens.map(count))
            .bind(row.cached_read_tokens.map(count))
            .bind(row.reasoning_tokens.map(count))
            .bind(count(row.duration_ms))
            .bind(row.first_byte_ms.map(count))
            .bind(row.policy_id.clone())
            .bind(row.credential_id.clone())
            .bind(row.credential_last4.clone())
            .bind(row.upstream_model.clone())
            .bind(row.dialect.clone())
            .bind(count(row.attempts))
            .bind(row.error_category.clone())
            .bind(row.cached_write_tokens.map(count))
            .bind(row.audio_tokens.map(count))
            .bind(row.cost_nanos.map(count))
            .bind(to_json(&row.trace)?);
    }
    for row in query.fetch_all(&mut **transaction).await? {
        added.insert(row.try_get("id")?);
    }
    Ok(())
}

/// What is charged against quotas: what produced something, in the month it arrived. Tells of those
/// that are nearly used up.
async fn add_to_quotas(
    backend: Backend,
    transaction: &mut Transaction<'static, Any>,
    rows: &[&RequestRow],
    quotas: &BTreeMap<(String, String), KeyQuotas>,
) -> Result<()> {
    let mut used: BTreeMap<_, ([u64; 3], EpochMs)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.produced()) {
        let key = (row.tenant_id.as_str(), &row.relay_key_id, month_of(row.at));
        let (sums, at) = used.entry(key).or_default();
        *at = row.at.max(*at);
        let more = [1, row.tokens(), row.cost_nanos.unwrap_or_default()];
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum = sum.saturating_add(more);
        }
    }
    let used: Vec<_> = used.into_iter().collect();
    for piece in pieces(&used) {
        let sql = format!(
            "INSERT INTO quota_usage \
             (tenant_id, relay_key_id, month, requests, tokens, cost_nanos) VALUES {} \
             ON CONFLICT (tenant_id, relay_key_id, month) DO UPDATE SET \
             requests = quota_usage.requests + excluded.requests, \
             tokens = quota_usage.tokens + excluded.tokens, \
             cost_nanos = quota_usage.cost_nanos + excluded.cost_nanos \
             RETURNING tenant_id, relay_key_id, month, requests, tokens, cost_nanos",
            placeholders(backend, piece.len(), 6)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for ((tenant_id, relay_key_id, month), ([requests, tokens, cost], _)) in piece {
            query = query
                .bind(*tenant_id)
                .bind(relay_key_id.as_str())
                .bind(*month)
                .bind(count(*requests))
                .bind(count(*tokens))
                .bind(count(*cost));
        }
        for row in query.fetch_all(&mut **transaction).await? {
            let key = (row.try_get("tenant_id")?, row.try_get("relay_key_id")?);
            let Some(limited) = quotas.get(&key) else {
                continue;
            };
            let month = row.try_get("month")?;
            let place = (key.0.as_str(), &key.1, month);
            let Ok(at) = used.binary_search_by(|(known, _)| known.cmp(&place)) else {
                continue;
            };
            let (added, at) = used[at].1;
            let mut after = [0; 3];
            for (sum, column) in after.iter_mut().zip(["requests", "tokens", "cost_nanos"]) {
                *sum = row.try_get::<i64, _>(column)?.cast_unsigned();
            }
            let mut before = after;
            for (sum, added) in before.iter_mut().zip(added) {
                *sum = sum.saturating_sub(added);
            }
            let grown = Grown {
                tenant_id: &key.0,
                relay_key_id: &key.1,
                month,
                before,
                after,
                at,
            };
            tell(transaction, &grown, limited).await?;
        }
    }
    Ok(())
}
