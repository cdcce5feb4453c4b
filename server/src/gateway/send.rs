//! Sends one request to its host and judges the answer's status.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use relay_wire::{ApiError, Dialect, ErrorKind, codec};
use secrecy::ExposeSecret;

use super::draw::Drawn;
use super::{Call, Gateway, refusal};
use crate::catalog::Host;
use crate::upstream::{classify, read_bounded};

const ERROR_BODY_BYTES: usize = 256 * 1024;

/// One request, ready to go.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) host: Arc<Host>,
    /// The dialect of the host's errors.
    pub(super) dialect: Dialect,
    /// Below the base URL.
    pub(super) path: String,
    /// The caller's, as far as the host may see them.
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) streamed: bool,
}

impl Gateway {
    /// Sends the request with the drawn credential. Any answer that is not a success is an error;
    /// a credential that the provider refuses is marked broken.
    pub(super) async fn send(
        &self,
        call: &Call,
        drawn: &Drawn,
        outgoing: Outgoing,
    ) -> Result<reqwest::Response, ApiError> {
        let Outgoing {
            method,
            host,
            dialect,
            path,
            headers,
            body,
            streamed,
        } = outgoing;
        let accept = if streamed {
            "text/event-stream"
        } else {
            "application/json"
        };
        let answer = self
            .upstream
            .call(
                method,
                &host,
                drawn.base_url.as_ref(),
                &path,
                &drawn.provider_key,
            )
            .map_err(|error| refusal::upstream_failed(&host, error))?
            .headers(headers)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, accept)
            .body(body)
            .send()
            .await
            .map_err(|error| refusal::upstream_failed(&host, classify(&error)))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        if status.is_redirection() {
            return Err(refusal::redirected(&host));
        }
        let retry_after = retry_after(answer.headers());
        let body = read_bounded(answer, ERROR_BODY_BYTES)
            .await
            .unwrap_or_default();
        let mut error = codec(dialect).decode_error(status.as_u16(), &body);
        // A 401 never reaches the caller: it would blame the relay key.
        if error.kind == ErrorKind::Authentication || error.status == 401 {
            self.credentials.mark_broken(call, &drawn.row.id).await;
            return Err(refusal::key_rejected(&host, call.end_user.as_deref()));
        }
        error.retry_after = retry_after.or(error.retry_after);
        let key = drawn.provider_key.expose_secret();
        error.message = error.message.replace(key, "[redacted]");
        Err(error)
    }
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3); providers do not send the date form.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

/// The provider's headers that a caller may see: its limits and its own request id.
pub(super) fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let wanted = |name: &HeaderName| {
        let name = name.as_str();
        name.starts_with("x-ratelimit-")
            || name.starts_with("anthropic-ratelimit-")
            || name == "retry-after"
            || name == "openai-processing-ms"
            || name == "x-request-id"
    };
    headers
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
