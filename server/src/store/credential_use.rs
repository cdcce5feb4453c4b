//! What was called with each of an end user's keys.

use std::collections::HashMap;

use relay_api::MonthUse;
use sqlx::Row;

use super::{Result, Store};
use crate::clock::{EpochMs, first_id_at};

impl Store {
    /// What the end user's calls since `from` add up to, by the credential that answered. Read from the requests
    /// themselves, along the index by user: the sums know of users and of hosts, not of both.
    pub async fn month_use(
        &self,
        tenant_id: &str,
        end_user: &str,
        from: EpochMs,
    ) -> Result<HashMap<String, MonthUse>> {
        sqlx::query(
            "SELECT credential_id, COUNT(*) AS requests, \
             CAST(SUM(CASE WHEN error_code IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS failed, \
             CAST(SUM(COALESCE(input_tokens, 0) + COALESCE(output_tokens, 0)) AS BIGINT) AS tokens, \
             CAST(SUM(COALESCE(cost_nanos, 0)) AS BIGINT) AS cost_nanos FROM requests \
             WHERE tenant_id = $1 AND end_user = $2 AND id >= $3 AND credential_id IS NOT NULL \
             GROUP BY credential_id",
        )
        .bind(tenant_id)
        .bind(end_user)
        .bind(first_id_at(from))
        .fetch_all(self.db())
        .await?
        .iter()
        .map(|row| {
            let sum = |name: &str| -> Result<u64> { Ok(row.try_get::<i64, _>(name)?.cast_unsigned()) };
            let used = MonthUse {
                requests: sum("requests")?,
                failed: sum("failed")?,
                tokens: sum("tokens")?,
                cost_nanodollars: sum("cost_nanos")?,
            };
            Ok((row.try_get("credential_id")?, used))
        })
        .collect()
    }
}
