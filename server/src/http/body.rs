//! Reading what was sent: bounded, and with errors that name the fault but repeat no content,
//! which may be a key.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;
use crate::store::PAGE_LIMIT_ROWS;

/// An inference request holds documents and images.
const INFERENCE_BYTES: usize = 64 * 1024 * 1024;
/// Relay's own requests are small.
const JSON_BYTES: usize = 256 * 1024;
const PAGE_ROWS: usize = 50;
/// A cursor is an id, or an end user's label.
const MAX_CURSOR_BYTES: usize = 1_024;

/// The whole body of an inference request.
pub(super) struct InferenceBody(pub(super) Bytes);

impl<S: Sync> FromRequest<S> for InferenceBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, INFERENCE_BYTES).await.map(Self)
    }
}

/// A JSON body of one of Relay's own routes.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = zeroize::Zeroizing::new(Vec::from(own(request).await?));
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "invalid_json", explain(&error)))
    }
}

/// serde's message where it names fields only; else just the place.
fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let names_fields = ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|beginning| text.strip_prefix(beginning)?.split('`').next())
        .is_some_and(is_field_name);
    if names_fields {
        return format!("The JSON does not fit: {text}.");
    }
    format!(
        "The body is not the JSON this route takes: see line {} column {}.",
        error.line(),
        error.column()
    )
}

/// Whether a name is one that a person gives a field. What a body holds in a field's place may be
/// a key, and keys have digits, dashes and length.
fn is_field_name(name: &str) -> bool {
    name.len() <= 24
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

/// The whole body of a request to one of Relay's own routes.
pub(super) async fn own(request: Request) -> Result<Bytes, Problem> {
    read(request, JSON_BYTES).await
}

async fn read(request: Request, limit: usize) -> Result<Bytes, Problem> {
    to_bytes(request.into_body(), limit).await.map_err(|error| {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if error.is::<http_body_util::LengthLimitError>() {
                let message = format!("The body is over {} KiB.", limit / 1024);
                return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message);
            }
            cause = error.source();
        }
        Problem::new(
            StatusCode::BAD_REQUEST,
            "body_cut_short",
            "The body did not arrive whole.",
        )
    })
}

/// What the path's pattern leaves open, as text that every database takes.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let bad = || Problem::field("path", "must be UTF-8, without the character U+0000");
        if parts.uri.path().contains("%00") {
            return Err(bad());
        }
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(given)| Self(given))
            .map_err(|_| bad())
    }
}

/// `?limit=&cursor=` of a list.
pub(super) struct PageOf {
    pub(super) limit: usize,
    pub(super) cursor: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for PageOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct Raw {
            limit: Option<String>,
            cursor: Option<String>,
        }
        let bad = || Problem::field("limit", "must be a number from 1 to 200");
        let Query(raw) = Query::<Raw>::try_from_uri(&parts.uri).map_err(|_| bad())?;
        let limit = match raw.limit {
            None => PAGE_ROWS,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=PAGE_LIMIT_ROWS).contains(limit))
                .ok_or_else(bad)?,
        };
        if raw
            .cursor
            .as_ref()
            .is_some_and(|cursor| cursor.len() > MAX_CURSOR_BYTES || cursor.contains('\0'))
        {
            return Err(Problem::field(
                "cursor",
                "is not one that a list answered with",
            ));
        }
        Ok(Self {
            limit,
            cursor: raw.cursor,
        })
    }
}
