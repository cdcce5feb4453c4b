//! Sends one request to its host and judges the answer's status.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use bytes::Bytes;
use http::Method;
use http::header::RETRY_AFTER;
use relay_wire::{ApiError, Dialect, ErrorKind, codec};
use secrecy::ExposeSecret;

use super::draw::Drawn;
use super::{Call, Failure, Gateway, refusal};
use crate::catalog::Host;
use crate::upstream::{Answered, CredentialId, Opened, Outbound, UpstreamError, read_error};

const ERROR_BODY_BYTES: usize = 256 * 1024;

/// One request, ready to go.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) host: Arc<Host>,
    /// The dialect of the host's errors.
    pub(super) dialect: Dialect,
    /// Below the host's API, as its dialect has it.
    pub(super) path: String,
    /// The model's name there: some hosts have it in their paths.
    pub(super) model: String,
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
    ) -> Result<reqwest::Response, Failure> {
        let Outgoing {
            method,
            host,
            dialect,
            path,
            model,
            headers,
            body,
            streamed,
        } = outgoing;
        let outbound = Outbound {
            host: &host,
            method,
            path: &path,
            model: Some(&model)
                .filter(|model| !model.is_empty())
                .map(String::as_str),
            headers,
            accept: accept(dialect, streamed),
            body,
            timeout: None,
        };
        let opened = Opened {
            id: Some(CredentialId {
                tenant_id: call.tenant_id(),
                credential_id: &drawn.row.id,
            }),
            base_url: drawn.base_url.as_ref(),
            provider_key: &drawn.provider_key,
        };
        let Answered {
            response: answer,
            travelled,
        } = match self.upstream.send(outbound, opened).await {
            Ok(answered) => answered,
            Err(UpstreamError::Refused) => {
                return Err(self.rejected(call, drawn, &host).await.into());
            }
            Err(error) => return Err(refusal::upstream_failed(&host, error).into()),
        };
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        if status.is_redirection() {
            return Err(refusal::redirected(&host).into());
        }
        let retry_after = retry_after(answer.headers());
        let headers = Box::new(forwarded(answer.headers()));
        let body = read_error(answer, ERROR_BODY_BYTES).await;
        let mut error = codec(dialect).decode_error(status.as_u16(), &body);
        // A 401 never reaches the caller: it would blame the relay key.
        if error.kind == ErrorKind::Authentication || error.status == 401 {
            return Err(self.rejected(call, drawn, &host).await.into());
        }
        error.retry_after = retry_after.or(error.retry_after);
        let secret = travelled.expose_secret();
        if !secret.is_empty() {
            error.message = error.message.replace(secret, "[redacted]");
        }
        Err(Failure { error, headers })
    }

    /// The provider refuses the credential: it is not used again, and the caller is told.
    async fn rejected(&self, call: &Call, drawn: &Drawn, host: &Host) -> ApiError {
        self.credentials.mark_broken(call, &drawn.row.id).await;
        refusal::key_rejected(host, call.end_user.as_deref())
    }
}

/// The media type that is wanted back.
const fn accept(dialect: Dialect, streamed: bool) -> &'static str {
    match dialect {
        _ if !streamed => "application/json",
        Dialect::BedrockConverse => "application/vnd.amazon.eventstream",
        _ => "text/event-stream",
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
            || name == "request-id"
    };
    headers
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
