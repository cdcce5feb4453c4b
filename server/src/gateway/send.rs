//! Sends one request to its host and judges the answer's status.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use bytes::Bytes;
use http::Method;
use http::header::RETRY_AFTER;
use relay_api::Outcome;
use relay_wire::{Dialect, ErrorKind, codec};
use secrecy::ExposeSecret;

use super::pool::Report;
use super::route::Candidate;
use super::{Call, Failure, Gateway, credentials, refusal};
use crate::catalog::Host;
use crate::upstream::{Answered, CredentialId, Opened, Outbound, UpstreamError, read_error};

const ERROR_BODY_BYTES: usize = 256 * 1024;

/// One request, ready to go.
pub(super) struct Outgoing {
    pub(super) method: Method,
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

/// Why a candidate did not answer.
pub(super) struct Failed {
    pub(super) class: Outcome,
    /// What the provider answered, if it did.
    pub(super) status: Option<u16>,
    pub(super) failure: Failure,
    /// It is the key that fails, whatever the model.
    whole_key: bool,
}

impl Failed {
    fn new(class: Outcome, failure: impl Into<Failure>) -> Self {
        Self {
            class,
            status: None,
            failure: failure.into(),
            whole_key: class == Outcome::Auth,
        }
    }

    /// The provider answered an error.
    fn of_error(status: u16, failure: Failure) -> Self {
        let kind = failure.error.kind;
        Self {
            status: Some(status),
            whole_key: kind == ErrorKind::Billing,
            ..Self::new(class_of(kind, status), failure)
        }
    }

    /// An answer that began with success turned out to be none.
    pub(super) fn of_answer(host: &Host, status: u16, failure: Failure) -> Self {
        let error = &failure.error;
        let class = match error.code.as_deref() {
            Some("upstream_timeout") => Outcome::Timeout,
            Some("upstream_truncated" | "upstream_unreachable") => Outcome::Network,
            _ => match class_of(error.kind, error.status) {
                Outcome::CallersFault => Outcome::ServerError,
                class => class,
            },
        };
        let failure = Failure {
            error: refusal::told_of(host, failure.error),
            ..failure
        };
        Self {
            status: Some(status),
            ..Self::new(class, failure)
        }
    }

    /// As the pool hears of it.
    pub(super) fn report(&self) -> Report {
        Report::Failed {
            class: self.class,
            retry_after: self.failure.error.retry_after,
            whole_key: self.whole_key,
        }
    }
}

/// What class of failure a provider's error is.
const fn class_of(kind: ErrorKind, status: u16) -> Outcome {
    match kind {
        ErrorKind::Authentication => Outcome::Auth,
        // An account without money is as good as one that has to wait: for long.
        ErrorKind::RateLimited | ErrorKind::Billing => Outcome::RateLimit,
        ErrorKind::Permission => Outcome::Permission,
        ErrorKind::Timeout => Outcome::Timeout,
        ErrorKind::Overloaded | ErrorKind::Upstream => Outcome::ServerError,
        _ if status >= 500 => Outcome::ServerError,
        ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::TooLarge => {
            Outcome::CallersFault
        }
    }
}

impl Gateway {
    /// Sends the request with the candidate's credential. Any answer that is not a success is a
    /// failure.
    pub(super) async fn send(
        &self,
        call: &Call,
        candidate: &Candidate,
        credential: &credentials::Opened,
        outgoing: Outgoing,
    ) -> Result<reqwest::Response, Failed> {
        let Outgoing {
            method,
            dialect,
            path,
            model,
            headers,
            body,
            streamed,
        } = outgoing;
        let host = candidate.host();
        let outbound = Outbound {
            host,
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
                credential_id: &candidate.held.row.id,
            }),
            base_url: credential.base_url.as_ref(),
            provider_key: &credential.provider_key,
        };
        let rejected = || refusal::key_rejected(host, candidate.end_user(call));
        let Answered {
            response: answer,
            travelled,
        } = match self.upstream.send(outbound, opened).await {
            Ok(answered) => answered,
            Err(UpstreamError::Refused) => return Err(Failed::new(Outcome::Auth, rejected())),
            Err(error) => {
                let class = match error {
                    UpstreamError::Timeout => Outcome::Timeout,
                    UpstreamError::Unsendable => Outcome::CallersFault,
                    _ => Outcome::Network,
                };
                return Err(Failed::new(class, refusal::upstream_failed(host, error)));
            }
        };
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        if status.is_redirection() {
            let failed = Failed::new(Outcome::ServerError, refusal::redirected(host));
            return Err(Failed {
                status: Some(status.as_u16()),
                ..failed
            });
        }
        let retry_after = retry_after(answer.headers());
        let headers = Box::new(forwarded(answer.headers()));
        let body = read_error(answer, ERROR_BODY_BYTES).await;
        let mut error = codec(dialect).decode_error(status.as_u16(), &body);
        // A 401 never reaches the caller: it would blame the relay key.
        if error.kind == ErrorKind::Authentication || error.status == 401 {
            return Err(Failed {
                status: Some(status.as_u16()),
                ..Failed::new(Outcome::Auth, rejected())
            });
        }
        error.retry_after = retry_after.or(error.retry_after);
        let secret = travelled.expose_secret();
        if !secret.is_empty() {
            error.message = error.message.replace(secret, "[redacted]");
        }
        let error = refusal::told_of(host, error);
        Err(Failed::of_error(
            status.as_u16(),
            Failure { error, headers },
        ))
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
