//! Requests: one row an inference call.

use relay_api::{ErrorCategory, Trace};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Result, Rows, Store, StoreError, from_json, limit_plus_one};
use crate::clock::{EpochMs, first_id_at};

const CLIENT_DISCONNECTED: &str = ErrorCategory::ClientDisconnected.as_str();

/// One inference call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestRow {
    /// The tenant that called.
    pub tenant_id: String,
    /// The id in `x-relay-request-id`.
    pub id: String,
    /// When it arrived.
    pub at: EpochMs,
    /// The relay key it came with.
    pub relay_key_id: String,
    /// The end user's label, if one was named.
    pub end_user: Option<String>,
    /// Whether the app said that this user pays.
    pub paid: Option<bool>,
    /// `chat` or `embeddings`.
    pub operation: String,
    /// The model the caller asked for.
    pub model: String,
    /// The host that the model leads to, if it leads to one.
    pub host: Option<String>,
    /// The policy it was held to.
    pub policy_id: Option<String>,
    /// The credential that answered, or was tried last.
    pub credential_id: Option<String>,
    /// Its last four characters.
    pub credential_last4: Option<String>,
    /// The model's name at the host.
    pub upstream_model: Option<String>,
    /// What the caller spoke.
    pub dialect: Option<String>,
    /// How many candidates were tried.
    pub attempts: u64,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// HTTP status the caller got.
    pub status: u16,
    /// The error's code, if it failed.
    pub error_code: Option<String>,
    /// What kind of error.
    pub error_category: Option<String>,
    /// Whether the answer ended before it was whole.
    pub partial: bool,
    /// Input tokens, cached ones included.
    pub input_tokens: Option<u64>,
    /// Output tokens, reasoning included.
    pub output_tokens: Option<u64>,
    /// Input tokens that were read from the provider's cache.
    pub cached_read_tokens: Option<u64>,
    /// Input tokens that were written to the provider's cache.
    pub cached_write_tokens: Option<u64>,
    /// Output tokens spent on reasoning.
    pub reasoning_tokens: Option<u64>,
    /// Audio tokens, in and out.
    pub audio_tokens: Option<u64>,
    /// Billionths of a US dollar, if the price and the usage are known.
    pub cost_nanos: Option<u64>,
    /// How it went.
    pub trace: Trace,
    /// Milliseconds from arrival to the last byte.
    pub duration_ms: u64,
    /// Milliseconds from arrival to the first byte of the answer.
    pub first_byte_ms: Option<u64>,
}

impl RequestRow {
    /// Whether anything was produced, so that it counts against quotas: the call was answered, the
    /// provider told usage before it failed, or the caller left an answer that had begun.
    pub fn produced(&self) -> bool {
        let left = self.error_category.as_deref() == Some(CLIENT_DISCONNECTED);
        self.error_code.is_none()
            || self.input_tokens.is_some()
            || (left && self.first_byte_ms.is_some())
    }

    /// Input and output tokens together.
    pub fn tokens(&self) -> u64 {
        let tokens = [self.input_tokens, self.output_tokens];
        tokens.into_iter().flatten().fold(0, u64::saturating_add)
    }
}

/// A request with its relay key's name, as lists show it.
#[derive(Debug, Clone)]
pub struct ListedRequest {
    /// The request.
    pub request: RequestRow,
    /// The relay key's name, if the key still exists.
    pub relay_key: Option<String>,
}

/// What a status is asked for as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// This one.
    Exactly(u16),
    /// Of this class: 4 is 400 to 499.
    Class(u16),
    /// Whatever ended in an error, also after it had begun with 200.
    Error,
}

/// Which requests are wanted; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Arrived then or later.
    pub from: Option<EpochMs>,
    /// Arrived before.
    pub to: Option<EpochMs>,
    /// With this relay key's id.
    pub relay_key_id: Option<String>,
    /// For the end user with this label.
    pub end_user: Option<String>,
    /// For this model, by the name callers used.
    pub model: Option<String>,
    /// At this host.
    pub host: Option<String>,
    /// With this status.
    pub status: Option<StatusFilter>,
    /// Whose id begins so.
    pub id_prefix: Option<String>,
    /// Arrived after the one with this id; the oldest first then.
    pub newer: Option<String>,
}

/// Conditions, and the values of their placeholders, which begin at `$2`.
#[derive(Default)]
struct Conditions {
    sql: String,
    texts: Vec<String>,
}

impl Conditions {
    fn of(filter: &RequestFilter, after: Option<&str>) -> Self {
        let mut conditions = Self::default();
        // Ids begin with the moment of arrival, so the primary key serves for times as well.
        let ids = [
            (">=", filter.from.map(first_id_at)),
            ("<", filter.to.map(first_id_at)),
            (">=", filter.id_prefix.clone()),
            // `g` follows every hexadecimal digit.
            ("<", filter.id_prefix.as_ref().map(|id| format!("{id}g"))),
            ("<", after.map(str::to_owned)),
            (">", filter.newer.clone()),
        ];
        for (comparison, value) in ids {
            conditions.add("id", comparison, value);
        }
        let equal = [
            ("relay_key_id", &filter.relay_key_id),
            ("end_user", &filter.end_user),
            ("model", &filter.model),
            ("host", &filter.host),
        ];
        for (column, value) in equal {
            conditions.add(column, "=", value.clone());
        }
        let status = match filter.status {
            Some(StatusFilter::Exactly(status)) => format!(" AND r.status = {status}"),
            Some(StatusFilter::Class(class)) => {
                let (low, high) = (class * 100, class * 100 + 99);
                format!(" AND r.status BETWEEN {low} AND {high}")
            }
            Some(StatusFilter::Error) => " AND r.error_code IS NOT NULL".to_owned(),
            None => String::new(),
        };
        conditions.sql.push_str(&status);
        conditions
    }

    fn add(&mut self, column: &str, comparison: &str, value: Option<String>) {
        let Some(value) = value else { return };
        self.texts.push(value);
        let place = self.texts.len() + 1;
        let condition = format!(" AND r.{column} {comparison} ${place}");
        self.sql.push_str(&condition);
    }
}

const LISTED: &str = "SELECT r.*, k.name AS relay_key FROM requests r \
     LEFT JOIN relay_keys k ON k.tenant_id = r.tenant_id AND k.id = r.relay_key_id \
     WHERE r.tenant_id = $1";

impl Store {
    /// The tenant's requests that the filter wants, newest first, after the one with id `after`;
    /// or, where it wants those newer than one, the oldest of them first.
    pub async fn requests(
        &self,
        tenant_id: &str,
        filter: &RequestFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Rows<ListedRequest>> {
        let conditions = Conditions::of(filter, after);
        let limit_place = conditions.texts.len() + 2;
        let order = if filter.newer.is_some() {
            "ASC"
        } else {
            "DESC"
        };
        let sql = format!(
            "{LISTED}{} ORDER BY r.id {order} LIMIT ${limit_place}",
            conditions.sql
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(tenant_id);
        for text in conditions.texts {
            query = query.bind(text);
        }
        let rows = query
            .bind(limit_plus_one(limit))
            .fetch_all(self.db())
            .await?
            .iter()
            .map(listed)
            .collect::<Result<_>>()?;
        Ok(Rows::page(rows, limit))
    }

    /// One of the tenant's requests.
    pub async fn request(&self, tenant_id: &str, id: &str) -> Result<Option<ListedRequest>> {
        let sql = format!("{LISTED} AND r.id = $2");
        sqlx::query(AssertSqlSafe(sql))
            .bind(tenant_id)
            .bind(id)
            .fetch_optional(self.db())
            .await?
            .as_ref()
            .map(listed)
            .transpose()
    }

    /// Forgets at most `limit` requests, of whichever tenants, that arrived before `before`, the
    /// oldest first, and what was kept of them. Answers how many.
    pub async fn forget_requests(&self, before: EpochMs, limit: u32) -> Result<u64> {
        let oldest = format!(
            "SELECT tenant_id, id FROM requests WHERE at < $1 \
             ORDER BY at, tenant_id, id LIMIT {limit}"
        );
        let mut transaction = self.begin().await?;
        let mut forgotten = 0;
        for delete in [
            "DELETE FROM request_bodies WHERE (tenant_id, request_id)",
            "DELETE FROM requests WHERE (tenant_id, id)",
        ] {
            forgotten = sqlx::query(AssertSqlSafe(format!("{delete} IN ({oldest})")))
                .bind(before)
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        transaction.commit().await?;
        Ok(forgotten)
    }
}

fn listed(row: &AnyRow) -> Result<ListedRequest> {
    Ok(ListedRequest {
        request: read(row)?,
        relay_key: row.try_get("relay_key")?,
    })
}

fn read(row: &AnyRow) -> Result<RequestRow> {
    let flag = |name: &str| -> Result<bool> { Ok(row.try_get::<i64, _>(name)? != 0) };
    let number = |name: &str| -> Result<Option<u64>> {
        Ok(row.try_get::<Option<i64>, _>(name)?.map(i64::cast_unsigned))
    };
    Ok(RequestRow {
        tenant_id: row.try_get("tenant_id")?,
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        relay_key_id: row.try_get("relay_key_id")?,
        end_user: row.try_get("end_user")?,
        paid: row.try_get::<Option<i64>, _>("paid")?.map(|paid| paid != 0),
        operation: row.try_get("operation")?,
        model: row.try_get("model")?,
        host: row.try_get("host")?,
        policy_id: row.try_get("policy_id")?,
        credential_id: row.try_get("credential_id")?,
        credential_last4: row.try_get("credential_last4")?,
        upstream_model: row.try_get("upstream_model")?,
        dialect: row.try_get("dialect")?,
        attempts: number("attempts")?.unwrap_or_default(),
        error_category: row.try_get("error_category")?,
        streamed: flag("streamed")?,
        status: u16::try_from(row.try_get::<i64, _>("status")?)
            .map_err(|_| StoreError::Unreadable("status"))?,
        error_code: row.try_get("error_code")?,
        partial: flag("partial")?,
        input_tokens: number("input_tokens")?,
        output_tokens: number("output_tokens")?,
        cached_read_tokens: number("cached_read_tokens")?,
        cached_write_tokens: number("cached_write_tokens")?,
        reasoning_tokens: number("reasoning_tokens")?,
        audio_tokens: number("audio_tokens")?,
        cost_nanos: number("cost_nanos")?,
        trace: from_json(row, "trace")?,
        duration_ms: number("duration_ms")?.unwrap_or_default(),
        first_byte_ms: number("first_byte_ms")?,
    })
}
