//! Rollups: sums an hour and a day along one dimension at a time, added to in the transaction that
//! writes the requests they are of.

use std::collections::BTreeMap;

use sqlx::{Any, AssertSqlSafe, Transaction};

use super::many::{pieces, placeholders};
use super::metering::count;
use super::{Backend, RequestRow, Result, Store};
use crate::clock::{DAY, EpochMs, HOUR};
use crate::histogram;

/// What a rollup is named by; rollups are written in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    tenant_id: &'a str,
    grain: &'static str,
    dimension: &'static str,
    start: EpochMs,
    value: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LatencyPlace<'a> {
    tenant_id: &'a str,
    grain: &'static str,
    start: EpochMs,
    measure: &'static str,
    bucket: i64,
}

/// `requests`, `failed`, then tokens, cost and `unpriced`, in the order of the columns.
type Sums = [u64; 9];

/// What a batch adds.
pub(super) struct Rollups<'a> {
    sums: BTreeMap<Place<'a>, Sums>,
    latencies: BTreeMap<LatencyPlace<'a>, u64>,
}

impl<'a> Rollups<'a> {
    pub(super) fn of(rows: &[&'a RequestRow]) -> Self {
        let mut rollups = Self {
            sums: BTreeMap::new(),
            latencies: BTreeMap::new(),
        };
        for row in rows {
            for (grain, length) in [("hour", HOUR), ("day", DAY)] {
                rollups.count(row, grain, row.at - row.at.rem_euclid(length));
            }
        }
        rollups
    }

    fn count(&mut self, row: &'a RequestRow, grain: &'static str, start: EpochMs) {
        let tier = match row.paid {
            Some(true) => "paid",
            Some(false) => "free",
            None => "unknown",
        };
        // A name that leads nowhere is no model.
        let model = row.host.as_ref().map(|_| row.model.as_str());
        let dimensions = [
            ("all", Some("")),
            ("key", Some(row.relay_key_id.as_str())),
            ("user", row.end_user.as_deref()),
            ("tier", Some(tier)),
            ("model", model),
            ("host", row.host.as_deref()),
        ];
        let more = summands(row);
        for (dimension, value) in dimensions {
            let Some(value) = value else { continue };
            let place = Place {
                tenant_id: &row.tenant_id,
                grain,
                dimension,
                start,
                value,
            };
            let sums = self.sums.entry(place).or_default();
            for (sum, more) in sums.iter_mut().zip(more) {
                *sum = sum.saturating_add(more);
            }
        }
        if row.operation != "chat" || row.error_code.is_some() {
            return;
        }
        let measures = [
            ("first_byte", row.first_byte_ms),
            ("duration", Some(row.duration_ms)),
        ];
        for (measure, ms) in measures {
            let Some(ms) = ms else { continue };
            let place = LatencyPlace {
                tenant_id: &row.tenant_id,
                grain,
                start,
                measure,
                bucket: histogram::bucket_of(ms),
            };
            *self.latencies.entry(place).or_default() += 1;
        }
    }

    pub(super) async fn add(
        self,
        backend: Backend,
        transaction: &mut Transaction<'static, Any>,
    ) -> Result<()> {
        let sums: Vec<_> = self.sums.into_iter().collect();
        for piece in pieces(&sums) {
            let sql = format!(
                "INSERT INTO usage_rollups (tenant_id, grain, dimension, start, value, requests, \
                 failed, input_tokens, output_tokens, cached_read_tokens, cached_write_tokens, \
                 reasoning_tokens, cost_nanos, unpriced) VALUES {} \
                 ON CONFLICT (tenant_id, grain, dimension, start, value) DO UPDATE SET \
                 requests = usage_rollups.requests + excluded.requests, \
                 failed = usage_rollups.failed + excluded.failed, \
                 input_tokens = usage_rollups.input_tokens + excluded.input_tokens, \
                 output_tokens = usage_rollups.output_tokens + excluded.output_tokens, \
                 cached_read_tokens = \
                 usage_rollups.cached_read_tokens + excluded.cached_read_tokens, \
                 cached_write_tokens = \
                 usage_rollups.cached_write_tokens + excluded.cached_write_tokens, \
                 reasoning_tokens = usage_rollups.reasoning_tokens + excluded.reasoning_tokens, \
                 cost_nanos = usage_rollups.cost_nanos + excluded.cost_nanos, \
                 unpriced = usage_rollups.unpriced + excluded.unpriced",
                placeholders(backend, piece.len(), 14)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for (place, sums) in piece {
                query = query
                    .bind(place.tenant_id)
                    .bind(place.grain)
                    .bind(place.dimension)
                    .bind(place.start)
                    .bind(place.value);
                for sum in sums {
                    query = query.bind(count(*sum));
                }
            }
            query.execute(&mut **transaction).await?;
        }
        let latencies: Vec<_> = self.latencies.into_iter().collect();
        for piece in pieces(&latencies) {
            let sql = format!(
                "INSERT INTO latency_rollups (tenant_id, grain, start, measure, bucket, requests) \
                 VALUES {} ON CONFLICT (tenant_id, grain, start, measure, bucket) DO UPDATE SET \
                 requests = latency_rollups.requests + excluded.requests",
                placeholders(backend, piece.len(), 6)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for (place, requests) in piece {
                query = query
                    .bind(place.tenant_id)
                    .bind(place.grain)
                    .bind(place.start)
                    .bind(place.measure)
                    .bind(place.bucket)
                    .bind(count(*requests));
            }
            query.execute(&mut **transaction).await?;
        }
        Ok(())
    }
}

fn summands(row: &RequestRow) -> Sums {
    let known = Option::unwrap_or_default;
    [
        1,
        u64::from(row.error_code.is_some()),
        known(row.input_tokens),
        known(row.output_tokens),
        known(row.cached_read_tokens),
        known(row.cached_write_tokens),
        known(row.reasoning_tokens),
        known(row.cost_nanos),
        u64::from(row.input_tokens.is_some() && row.cost_nanos.is_none()),
    ]
}

impl Store {
    /// Forgets hourly sums, of whichever tenants, of hours that began before `before`; daily ones
    /// stay.
    pub async fn forget_hours(&self, before: EpochMs) -> Result<u64> {
        let mut forgotten = 0;
        for table in ["usage_rollups", "latency_rollups"] {
            // Tenant by tenant, along the primary key: no index is kept for this alone.
            for tenant in self.tenants().await? {
                let sql = format!(
                    "DELETE FROM {table} WHERE tenant_id = $1 AND grain = 'hour' AND start < $2"
                );
                forgotten += sqlx::query(AssertSqlSafe(sql))
                    .bind(tenant.id)
                    .bind(before)
                    .execute(self.db())
                    .await?
                    .rows_affected();
            }
        }
        Ok(forgotten)
    }
}
