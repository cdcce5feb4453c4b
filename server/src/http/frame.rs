//! The frame around every answer: the request's id, the log line, and errors written in the
//! dialect of the route they came from. The one place that turns errors into HTTP.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, STRICT_TRANSPORT_SECURITY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use relay_api::{ErrorBody, ErrorDetail, REQUEST_ID_HEADER};
use relay_wire::{ApiError, Dialect, client_codec};
use tracing::Instrument;

use super::dialect;
use crate::app::App;
use crate::clock::EpochMs;
use crate::problem::Problem;

/// What Relay's own answers are written in.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CLIENTS_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ANTHROPICS_REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// When a request arrived and what it is called.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) id: String,
    pub(super) at: EpochMs,
    pub(super) started: Instant,
    /// What its caller speaks; none on Relay's own routes.
    pub(super) dialect: Option<Dialect>,
}

/// Frames one request and its answer.
pub(super) async fn frame(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let at = app.clock.now();
    let arrival = Arrival {
        id: app.request_ids.next(at),
        at,
        started: Instant::now(),
        dialect: dialect::of(request.uri().path(), request.headers()),
    };
    // The pattern, not the path: a path may name an end user, a query may hold a key.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let dialect = arrival.dialect;
    let method = request.method().clone();
    let span = tracing::info_span!("request", id = %arrival.id);
    request.extensions_mut().insert(arrival.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    let problem = response.extensions_mut().remove::<Problem>();
    span.in_scope(|| {
        tracing::info!(
            %method, route, status = response.status().as_u16(),
            code = problem.as_ref().and_then(|problem| problem.error.code.as_deref()),
            elapsed_ms = arrival.started.elapsed().as_millis(), "answered"
        );
    });
    if let Some(Problem { error, .. }) = problem {
        write_error(&mut response, &error, dialect, &arrival.id);
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(&arrival.id) {
        if let Some(dialect) = dialect {
            // What the official clients show as a request's id, unless the provider gave its own.
            let name = match dialect {
                Dialect::AnthropicMessages => ANTHROPICS_REQUEST_ID,
                _ => CLIENTS_REQUEST_ID,
            };
            headers.entry(name).or_insert(id.clone());
        }
        headers.insert(HeaderName::from_static(REQUEST_ID_HEADER), id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if app.config.is_https() {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn write_error(response: &mut Response, error: &ApiError, dialect: Option<Dialect>, id: &str) {
    let body = match dialect.and_then(client_codec) {
        Some(codec) => codec.encode_error(error),
        None => own_error(error, id),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.remove(http::header::CONTENT_LENGTH);
    if let Some(wait) = error.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    if error.status == 401 {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    *response.body_mut() = Body::from(body);
}

/// The body of an error of Relay's own routes, in answer to the request of this id.
pub(super) fn own_error(error: &ApiError, id: &str) -> Vec<u8> {
    serde_json::to_vec(&ErrorBody {
        error: ErrorDetail {
            code: error.code.clone().unwrap_or_else(|| "error".to_owned()),
            message: error.message.clone(),
            request_id: id.to_owned(),
        },
    })
    .unwrap_or_default()
}
