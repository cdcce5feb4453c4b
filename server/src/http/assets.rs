//! The widget's and the console's files, from inside the binary (from `target/web` in development
//! builds), compressed beforehand.

use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::body::Path;
use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/web"]
#[allow_missing = true]
struct Web;

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Kept, and asked about at each use: it names hashed files, which an update replaces.
const REVALIDATED: &str = "public, no-cache";
pub(super) const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
/// Everything of the console's own; WebAssembly needs its own word. The frame is the widget builder's preview.
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
    frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `GET /`
pub(super) async fn to_console() -> Redirect {
    Redirect::temporary("/console")
}

/// `GET /widget.js`, `GET /widget/v1.js`: a classic script for any page. Its interface is of version 1: what
/// would break a page comes at another address.
pub(super) async fn widget_script(headers: HeaderMap) -> Result<Response, Problem> {
    let response = file("widget/widget.js", &headers, REVALIDATED)?;
    Ok(for_any_page(response))
}

/// `GET /widget/integrity.json`: what the script's bytes hash to.
pub(super) async fn widget_integrity(headers: HeaderMap) -> Result<Response, Problem> {
    let response = file("widget/integrity.json", &headers, REVALIDATED)?;
    Ok(for_any_page(response))
}

/// `GET /widget/assets/{file}`
pub(super) async fn widget_asset(
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let response = file(&format!("widget/assets/{name}"), &headers, IMMUTABLE)?;
    Ok(for_any_page(response))
}

/// `GET /console/assets/{file}`
pub(super) async fn console_asset(
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    file(&format!("console/assets/{name}"), &headers, IMMUTABLE)
}

/// `GET /console` and every page below it: one application.
pub(super) async fn console_page(headers: HeaderMap) -> Result<Response, Problem> {
    let mut response = file("console/index.html", &headers, REVALIDATED)?;
    let set = response.headers_mut();
    set.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONSOLE_POLICY),
    );
    set.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

fn for_any_page(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// One of the files, as the browser takes it.
pub(super) fn file(
    path: &str,
    headers: &HeaderMap,
    caching: &'static str,
) -> Result<Response, Problem> {
    let (encoding, found) = find(path, headers).ok_or_else(|| missing(path))?;
    let tag = format!(
        "\"{}\"",
        URL_SAFE_NO_PAD.encode(found.metadata.sha256_hash())
    );
    let mut response = if has(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(found.data).into_response()
    };
    let set = response.headers_mut();
    set.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    set.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    set.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        set.insert(ETAG, tag);
    }
    if let Some(encoding) = encoding {
        set.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

/// Whether the browser has it already (RFC 9110 §13.1.2). A proxy that compresses makes the tag a weak one.
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    known.is_some_and(|known| {
        known
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
    })
}

/// The file, in the best encoding that the browser takes.
fn find(path: &str, headers: &HeaderMap) -> Option<(Option<&'static str>, EmbeddedFile)> {
    // In development builds the files come from a folder: nothing outside it is one of them.
    if path
        .split('/')
        .any(|part| part.is_empty() || part.starts_with('.'))
        || path.contains('\\')
    {
        return None;
    }
    let accepted = headers
        .get(ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let accepts = |name: &str| accepted.split(',').any(|part| part.trim() == name);
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(encoding))
        .find_map(|(encoding, suffix)| {
            Some((Some(encoding), Web::get(&format!("{path}.{suffix}"))?))
        })
        .or_else(|| Some((None, Web::get(path)?)))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

fn missing(path: &str) -> Problem {
    if Web::iter().next().is_none() {
        return Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "assets_not_built",
            "This binary was built without the widget and the console. Build them: cargo xtask wasm.",
        );
    }
    tracing::debug!(path, "no such file");
    Problem::not_found("file")
}
