//! Queries of lists and reports: which requests, which stretch of time.

use axum::extract::{FromRequestParts, Query};
use http::Uri;
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::clock::EpochMs;
use crate::problem::Problem;
use crate::store::{RequestFilter, StatusFilter};

/// Longer than any name that a filter compares with.
const MAX_TEXT_BYTES: usize = 1_000;

/// A query's parameters; one that the route does not know is refused, not ignored: a list that a
/// mistyped filter left whole would be believed.
pub(super) fn parameters<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    Query::<T>::try_from_uri(uri)
        .map(|Query(given)| given)
        .map_err(|_| {
            Problem::field(
                "query",
                "has a parameter that this route does not take, or has one twice",
            )
        })
}

/// An instant (`2026-11-21T02:06:58Z`) or a day, which means its first instant in UTC.
pub(super) fn instant(field: &str, text: Option<&str>) -> Result<Option<EpochMs>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let day = || {
        let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let read = text.parse::<Timestamp>().ok().or_else(day);
    let problem = "must be an instant like 2026-11-21T02:06:58Z, or a day like 2026-11-21";
    read.map(|at| Some(at.as_millisecond()))
        .ok_or_else(|| Problem::field(field, problem))
}

/// Which of the tenant's requests: `?from=&to=&key=&user=&model=&provider=&status=&id=`.
pub(super) struct Which(pub(super) RequestFilter);

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    from: Option<String>,
    to: Option<String>,
    key: Option<String>,
    user: Option<String>,
    model: Option<String>,
    provider: Option<String>,
    status: Option<String>,
    id: Option<String>,
    newer: Option<String>,
    // The list's and the export's own.
    #[serde(rename = "limit")]
    _limit: Option<String>,
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
    #[serde(rename = "format")]
    _format: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Which {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let raw: Raw = parameters(&parts.uri)?;
        Ok(Self(RequestFilter {
            from: instant("from", raw.from.as_deref())?,
            to: instant("to", raw.to.as_deref())?,
            relay_key_id: text("key", raw.key)?,
            end_user: text("user", raw.user)?,
            model: text("model", raw.model)?,
            host: text("provider", raw.provider)?,
            status: raw.status.as_deref().map(status).transpose()?,
            id_prefix: raw.id.as_deref().map(id_prefix).transpose()?,
            newer: raw.newer.as_deref().map(whole_id).transpose()?,
        }))
    }
}

fn text(field: &str, value: Option<String>) -> Result<Option<String>, Problem> {
    match value {
        Some(text) if text.len() > MAX_TEXT_BYTES || text.contains('\0') => {
            Err(Problem::field(field, "is not a name that there could be"))
        }
        value => Ok(value),
    }
}

fn status(text: &str) -> Result<StatusFilter, Problem> {
    let code = |text: &str| text.parse().ok().filter(|code| (100..600).contains(code));
    let class = |text: &str| {
        let class = text.strip_suffix("xx")?;
        class.parse().ok().filter(|class| (1..6).contains(class))
    };
    if text == "error" {
        return Ok(StatusFilter::Error);
    }
    class(text)
        .map(StatusFilter::Class)
        .or_else(|| code(text).map(StatusFilter::Exactly))
        .ok_or_else(|| Problem::field("status", "must be like 429, 4xx or error"))
}

fn whole_id(text: &str) -> Result<String, Problem> {
    let bad = |_| Problem::field("newer", "must be a request's id");
    Ok(uuid::Uuid::try_parse(text).map_err(bad)?.to_string())
}

fn id_prefix(text: &str) -> Result<String, Problem> {
    let is_id = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    if text.len() > 36 || !text.bytes().all(is_id) {
        return Err(Problem::field(
            "id",
            "must be a request's id, or its beginning",
        ));
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_or_a_day() {
        let read = |text| instant("from", Some(text)).ok().flatten();
        assert_eq!(read("2023-11-14T22:13:20Z"), Some(1_700_000_000_000));
        assert_eq!(
            read("2023-11-14T23:13:20.007+01:00"),
            Some(1_700_000_000_007)
        );
        assert_eq!(read("2023-11-14"), Some(1_699_920_000_000));
        for bad in ["", "yesterday", "2023-11-14T22", "2023-13-01", "1700000000"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_status_a_class_or_any_error() {
        let read = |text| status(text).ok();
        assert_eq!(read("429"), Some(StatusFilter::Exactly(429)));
        assert_eq!(read("5xx"), Some(StatusFilter::Class(5)));
        assert_eq!(read("error"), Some(StatusFilter::Error));
        for bad in ["", "xx", "9xx", "-4xx", "99", "600", "4x", "errors"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
