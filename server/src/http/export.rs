//! `GET /v1/requests/export`: all the requests that a filter wants, as CSV or NDJSON, read page by
//! page while the caller reads.

use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use http::Uri;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use relay_api::RequestRecord;
use serde::Deserialize;
use serde_json::Value;

use super::access::Principal;
use super::asked::Which;
use super::requests::shown;
use crate::app::App;
use crate::problem::Problem;
use crate::store::{PAGE_LIMIT_ROWS, RequestFilter, StoreError};

/// The CSV's columns: the fields of a [`RequestRecord`], in this order for good; new ones at the end.
const COLUMNS: [&str; 27] = [
    "id",
    "at",
    "relayKeyId",
    "relayKey",
    "policy",
    "endUser",
    "paid",
    "operation",
    "model",
    "provider",
    "upstreamModel",
    "credentialLast4",
    "attempts",
    "streamed",
    "status",
    "errorCode",
    "errorCategory",
    "partial",
    "inputTokens",
    "outputTokens",
    "cachedReadTokens",
    "cachedWriteTokens",
    "reasoningTokens",
    "costNanodollars",
    "durationMs",
    "firstByteMs",
    "dialect",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    NdJson,
}

impl Format {
    fn of(uri: &Uri) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct Raw {
            format: Option<String>,
        }
        let Raw { format } = super::asked::parameters(uri)?;
        match format.as_deref() {
            None | Some("csv") => Ok(Self::Csv),
            Some("ndjson") => Ok(Self::NdJson),
            Some(_) => Err(Problem::field("format", "must be `csv` or `ndjson`")),
        }
    }

    const fn headers(self) -> [(http::HeaderName, &'static str); 2] {
        let (content_type, disposition) = match self {
            Self::Csv => (
                "text/csv; charset=utf-8; header=present",
                "attachment; filename=\"relay-requests.csv\"",
            ),
            Self::NdJson => (
                "application/x-ndjson",
                "attachment; filename=\"relay-requests.ndjson\"",
            ),
        };
        [
            (CONTENT_TYPE, content_type),
            (CONTENT_DISPOSITION, disposition),
        ]
    }

    fn head(self) -> String {
        match self {
            Self::Csv => format!("{}\r\n", COLUMNS.join(",")),
            Self::NdJson => String::new(),
        }
    }

    fn write(self, record: &RequestRecord, out: &mut String) -> serde_json::Result<()> {
        match self {
            Self::NdJson => {
                out.push_str(&serde_json::to_string(record)?);
                out.push('\n');
            }
            Self::Csv => {
                let fields = serde_json::to_value(record)?;
                for (place, column) in COLUMNS.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    cell(&fields[column], out);
                }
                out.push_str("\r\n");
            }
        }
        Ok(())
    }
}

/// A CSV field (RFC 4180). Text that a spreadsheet would run as a formula gets an apostrophe in
/// front, which spreadsheets take as the sign of text.
fn cell(value: &Value, out: &mut String) {
    match value {
        Value::Null => {}
        Value::String(text) => {
            out.push('"');
            if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
                out.push('\'');
            }
            out.push_str(&text.replace('"', "\"\""));
            out.push('"');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Where an export is.
struct Reading {
    app: Arc<App>,
    tenant_id: String,
    filter: RequestFilter,
    format: Format,
    after: Option<String>,
    done: bool,
}

impl Reading {
    async fn page(&mut self) -> Result<String, StoreError> {
        let after = self.after.as_deref();
        let rows = self
            .app
            .store
            .requests(&self.tenant_id, &self.filter, after, PAGE_LIMIT_ROWS)
            .await?;
        let mut out = match self.after {
            None => self.format.head(),
            Some(_) => String::new(),
        };
        self.done = !rows.more;
        self.after = rows.rows.last().map(|row| row.request.id.clone());
        for row in rows.rows {
            self.format
                .write(&shown(row), &mut out)
                .map_err(|_| StoreError::Unreadable("request"))?;
        }
        Ok(out)
    }
}

pub(super) async fn export(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    uri: Uri,
    Which(filter): Which,
) -> Result<Response, Problem> {
    let format = Format::of(&uri)?;
    if filter.newer.is_some() {
        return Err(Problem::field(
            "newer",
            "is for the list; export `from` an instant",
        ));
    }
    let mut reading = Reading {
        app,
        tenant_id: principal.tenant_id,
        filter,
        format,
        after: None,
        done: false,
    };
    // The first page now, so that what fails at once is told with a status.
    let first = reading.page().await?;
    let rest = try_unfold((Some(first), reading), |(first, mut reading)| async move {
        let page = match first {
            Some(first) => first,
            None if reading.done => return Ok(None),
            None => reading.page().await.map_err(|error| {
                // The answer has begun: it is cut, which a client sees.
                tracing::error!(%error, "an export broke off");
                io::Error::other("an export broke off")
            })?,
        };
        Ok::<_, io::Error>(Some((Bytes::from(page), (None, reading))))
    });
    Ok((format.headers(), Body::from_stream(rest)).into_response())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> String {
        let mut out = String::new();
        cell(value, &mut out);
        out
    }

    #[test]
    fn text_is_quoted_and_runs_in_no_spreadsheet() {
        assert_eq!(written(&json!("a \"b\", c\nd")), "\"a \"\"b\"\", c\nd\"");
        for formula in ["=1+1", "+1", "-1", "@x", "\t=1"] {
            assert_eq!(written(&json!(formula)), format!("\"'{formula}\""));
        }
        assert_eq!(written(&json!(-1)), "-1");
        assert_eq!(
            (written(&json!(true)), written(&Value::Null)),
            ("true".to_owned(), String::new())
        );
    }

    #[test]
    fn the_columns_are_all_fields_of_a_record() {
        let record = serde_json::to_value(RequestRecord::default()).expect("JSON");
        let mut fields: Vec<&str> = record
            .as_object()
            .expect("fields")
            .keys()
            .map(String::as_str)
            .collect();
        let mut columns = COLUMNS;
        fields.sort_unstable();
        columns.sort_unstable();
        assert_eq!(fields, columns);
    }
}
