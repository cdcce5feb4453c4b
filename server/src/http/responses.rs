//! Stored responses (`/v1/responses/{id}`): they live at OpenAI, and are asked for there.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{Method, StatusCode};
use url::form_urlencoded;

use super::body::Path;
use crate::app::App;
use crate::gateway::{Call, StoredResponse};
use crate::problem::Problem;

/// `GET /v1/responses/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    ask(&app, &call, Method::GET, &id, "", query).await
}

/// `DELETE /v1/responses/{id}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    call: Call,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    ask(&app, &call, Method::DELETE, &id, "", None).await
}

/// `GET /v1/responses/{id}/input_items`
pub(super) async fn input_items(
    State(app): State<Arc<App>>,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    ask(&app, &call, Method::GET, &id, "/input_items", query).await
}

/// `POST /v1/responses/{id}/cancel`
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    call: Call,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    ask(&app, &call, Method::POST, &id, "/cancel", None).await
}

async fn ask(
    app: &App,
    call: &Call,
    method: Method,
    id: &str,
    what: &str,
    query: Option<String>,
) -> Result<Response, Problem> {
    if !is_id(id) {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "This is not the id of a response.",
        ));
    }
    let query = passed_on(&query.unwrap_or_default());
    let asked = StoredResponse {
        method,
        path: format!("{id}{what}"),
        streamed: query.split('&').any(|pair| pair == "stream=true"),
        query,
    };
    Ok(app.gateway.stored_response(call, asked).await?)
}

/// The query without `key`, which may be the relay key.
fn passed_on(query: &str) -> String {
    let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "key");
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// An id as OpenAI writes them; nothing that could lead elsewhere in a path.
fn is_id(id: &str) -> bool {
    const MAX_BYTES: usize = 256;
    !id.is_empty()
        && id.len() <= MAX_BYTES
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::{is_id, passed_on};

    #[test]
    fn the_relay_key_is_not_passed_on() {
        assert_eq!(
            passed_on("key=rly-a&include%5B%5D=x&%6Bey=rly-b"),
            "include%5B%5D=x"
        );
    }

    #[test]
    fn an_id_leads_nowhere_else() {
        assert!(is_id("resp_68f3-A"));
        for bad in ["", "..", "a/b", "a?b", "a%2fb", "a b"] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
