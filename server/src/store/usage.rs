//! Reads the rollups: what was used, by whom or what, and how long answers took.

use relay_api::{Grain, UsageBy};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Result, Store};
use crate::clock::{DAY, EpochMs, HOUR};

const SUMS: &str = "CAST(SUM(requests) AS BIGINT) AS requests, \
     CAST(SUM(failed) AS BIGINT) AS failed, \
     CAST(SUM(input_tokens) AS BIGINT) AS input_tokens, \
     CAST(SUM(output_tokens) AS BIGINT) AS output_tokens, \
     CAST(SUM(cached_read_tokens) AS BIGINT) AS cached_read_tokens, \
     CAST(SUM(cached_write_tokens) AS BIGINT) AS cached_write_tokens, \
     CAST(SUM(reasoning_tokens) AS BIGINT) AS reasoning_tokens, \
     CAST(SUM(cost_nanos) AS BIGINT) AS cost_nanos, \
     CAST(SUM(unpriced) AS BIGINT) AS unpriced";

/// A stretch of time in hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// In which steps.
    pub grain: Grain,
    /// When the first step begins.
    pub from: EpochMs,
    /// When the last has ended.
    pub to: EpochMs,
}

/// What some requests add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageSums {
    /// When the hour or day begins; 0 for the whole span.
    pub start: EpochMs,
    /// Whose or which; empty for all.
    pub value: String,
    /// Calls.
    pub requests: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Input tokens, cached ones included.
    pub input_tokens: u64,
    /// Output tokens, reasoning included.
    pub output_tokens: u64,
    /// Input tokens read from a cache.
    pub cached_read_tokens: u64,
    /// Input tokens written to a cache.
    pub cached_write_tokens: u64,
    /// Output tokens spent on reasoning.
    pub reasoning_tokens: u64,
    /// Billionths of a US dollar.
    pub cost_nanos: u64,
    /// Calls with usage whose price is not known.
    pub unpriced: u64,
}

/// How many answers took so long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatencyCount {
    /// When the hour or day begins.
    pub start: EpochMs,
    /// `first_byte` or `duration`.
    pub measure: String,
    /// The bucket, as [`crate::histogram`] counts.
    pub bucket: i64,
    /// How many.
    pub requests: u64,
}

impl Span {
    /// How long a step is.
    fn step(self) -> EpochMs {
        match self.grain {
            Grain::Hour => HOUR,
            Grain::Day => DAY,
        }
    }

    fn grain(self) -> &'static str {
        match self.grain {
            Grain::Hour => "hour",
            Grain::Day => "day",
        }
    }
}

/// The dimension's word in the table.
const fn dimension(by: UsageBy) -> &'static str {
    match by {
        UsageBy::Key => "key",
        UsageBy::User => "user",
        UsageBy::Model => "model",
        UsageBy::Provider => "host",
        UsageBy::Tier => "tier",
    }
}

impl Store {
    /// The tenant's sums over the span of the `limit` values that cost most, or, at no cost, were
    /// called most; the greatest first. What erased end users had used is nobody's, and left out.
    pub async fn greatest_usage(
        &self,
        tenant_id: &str,
        span: Span,
        by: UsageBy,
        limit: u32,
    ) -> Result<Vec<UsageSums>> {
        let sql = format!(
            "SELECT value, {SUMS} FROM usage_rollups \
             WHERE tenant_id = $1 AND grain = $2 AND dimension = $3 AND start >= $4 AND start < $5 \
             AND value <> '' GROUP BY value ORDER BY SUM(cost_nanos) DESC, SUM(requests) DESC, value LIMIT $6"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(tenant_id)
            .bind(span.grain())
            .bind(dimension(by))
            .bind(span.from)
            .bind(span.to)
            .bind(i64::from(limit))
            .fetch_all(self.db())
            .await?
            .iter()
            .map(|row| read(row, 0, row.try_get("value")?))
            .collect()
    }

    /// The tenant's sums of each step of the span in which something was called.
    pub async fn usage(&self, tenant_id: &str, span: Span) -> Result<Vec<UsageSums>> {
        let sql = format!(
            "SELECT start, {SUMS} FROM usage_rollups \
             WHERE tenant_id = $1 AND grain = $2 AND dimension = 'all' AND start >= $3 AND start < $4 \
             GROUP BY start ORDER BY start"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(tenant_id)
            .bind(span.grain())
            .bind(span.from)
            .bind(span.to)
            .fetch_all(self.db())
            .await?
            .iter()
            .map(|row| read(row, row.try_get("start")?, String::new()))
            .collect()
    }

    /// The same of some of a dimension's values, each by itself.
    pub async fn usage_of(
        &self,
        tenant_id: &str,
        span: Span,
        by: UsageBy,
        values: &[String],
    ) -> Result<Vec<UsageSums>> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = (0..values.len()).map(|n| format!("${}", n + 6)).collect();
        let sql = format!(
            "SELECT * FROM usage_rollups \
             WHERE tenant_id = $1 AND grain = $2 AND dimension = $3 AND start >= $4 AND start < $5 \
             AND value IN ({}) ORDER BY start, value",
            places.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant_id)
            .bind(span.grain())
            .bind(dimension(by))
            .bind(span.from)
            .bind(span.to);
        for value in values {
            query = query.bind(value);
        }
        query
            .fetch_all(self.db())
            .await?
            .iter()
            .map(|row| read(row, row.try_get("start")?, row.try_get("value")?))
            .collect()
    }

    /// The sums of each step of the span, and of each of some of a dimension's values. Every row is
    /// looked for by its whole key, so it matters not how many other values there are.
    pub async fn usage_at(
        &self,
        tenant_id: &str,
        span: Span,
        by: UsageBy,
        values: &[String],
    ) -> Result<Vec<UsageSums>> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let step = span.step();
        let starts: Vec<_> = std::iter::successors(Some(span.from), |start| Some(start + step))
            .take_while(|start| *start < span.to)
            .collect();
        let starts: Vec<_> = starts.iter().map(ToString::to_string).collect();
        let places: Vec<_> = (0..values.len()).map(|n| format!("${}", n + 4)).collect();
        let sql = format!(
            "SELECT * FROM usage_rollups WHERE tenant_id = $1 AND grain = $2 AND dimension = $3 \
             AND start IN ({}) AND value IN ({}) ORDER BY start, value",
            starts.join(", "),
            places.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant_id)
            .bind(span.grain())
            .bind(dimension(by));
        for value in values {
            query = query.bind(value);
        }
        let rows = query.fetch_all(self.db()).await?;
        rows.iter()
            .map(|row| read(row, row.try_get("start")?, row.try_get("value")?))
            .collect()
    }

    /// How long the tenant's answers took, step by step, in the buckets' order.
    pub async fn latencies(&self, tenant_id: &str, span: Span) -> Result<Vec<LatencyCount>> {
        sqlx::query(
            "SELECT start, measure, bucket, requests FROM latency_rollups \
             WHERE tenant_id = $1 AND grain = $2 AND start >= $3 AND start < $4 \
             ORDER BY start, measure, bucket",
        )
        .bind(tenant_id)
        .bind(span.grain())
        .bind(span.from)
        .bind(span.to)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            Ok(LatencyCount {
                start: row.try_get("start")?,
                measure: row.try_get("measure")?,
                bucket: row.try_get("bucket")?,
                requests: row.try_get::<i64, _>("requests")?.cast_unsigned(),
            })
        })
        .collect()
    }
}

fn read(row: &AnyRow, start: EpochMs, value: String) -> Result<UsageSums> {
    let sum = |name: &str| -> Result<u64> { Ok(row.try_get::<i64, _>(name)?.cast_unsigned()) };
    Ok(UsageSums {
        start,
        value,
        requests: sum("requests")?,
        failed: sum("failed")?,
        input_tokens: sum("input_tokens")?,
        output_tokens: sum("output_tokens")?,
        cached_read_tokens: sum("cached_read_tokens")?,
        cached_write_tokens: sum("cached_write_tokens")?,
        reasoning_tokens: sum("reasoning_tokens")?,
        cost_nanos: sum("cost_nanos")?,
        unpriced: sum("unpriced")?,
    })
}
