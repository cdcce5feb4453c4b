//! Tries a provider key against its provider before it is stored: one cheap authenticated call.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use relay_wire::{ErrorKind, codec};
use secrecy::SecretString;
use url::Url;

use crate::catalog::Host;
use crate::upstream::{Opened, Outbound, Upstream, UpstreamError, read_error};

/// More of an error's body than this says nothing more.
const ERROR_BODY_BYTES: usize = 64 * 1024;

/// What the provider says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeVerdict {
    /// It works, or is only asked to wait (429).
    Accepted,
    /// It is known, but not allowed this call: it may be allowed others.
    Limited,
    /// It is refused.
    Refused,
    /// The provider gave no answer worth believing; try again.
    Unreachable(UpstreamError),
}

/// Asks providers about keys.
#[derive(Clone)]
pub struct Probe {
    upstream: Upstream,
    timeout: Duration,
}

impl Probe {
    /// Asks through this client, and waits this long for an answer.
    pub fn new(upstream: Upstream, timeout: Duration) -> Self {
        Self { upstream, timeout }
    }

    /// What `host` says of the key. A host that has no call to try it by is not asked, but for the
    /// access token that a service account is exchanged for.
    pub async fn check(
        &self,
        host: &Arc<Host>,
        base_url: Option<&Url>,
        provider_key: &SecretString,
    ) -> ProbeVerdict {
        let opened = Opened {
            id: None,
            base_url,
            provider_key,
        };
        if host.check.is_empty() {
            return match self.upstream.try_credential(host, opened).await {
                Ok(()) => ProbeVerdict::Accepted,
                Err(error) => unanswered(error),
            };
        }
        let call = Outbound {
            host,
            method: Method::GET,
            path: &host.check,
            model: None,
            accept: "application/json",
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: Some(self.timeout),
        };
        let answer = match self.upstream.send(call, opened).await {
            Ok(answered) => answered.response,
            Err(error) => return unanswered(error),
        };
        let status = answer.status();
        match status {
            status if status.is_success() => ProbeVerdict::Accepted,
            StatusCode::TOO_MANY_REQUESTS => ProbeVerdict::Accepted,
            StatusCode::UNAUTHORIZED => ProbeVerdict::Refused,
            status if status.is_client_error() => {
                // Google refuses a bad key with 400 and AWS with 403, and say so in the body only.
                let body = read_error(answer, ERROR_BODY_BYTES).await;
                match codec(host.dialect())
                    .decode_error(status.as_u16(), &body)
                    .kind
                {
                    ErrorKind::Authentication => ProbeVerdict::Refused,
                    _ => ProbeVerdict::Limited,
                }
            }
            _ => ProbeVerdict::Unreachable(UpstreamError::Unreachable),
        }
    }
}

/// What it means that a provider could not be asked.
fn unanswered(error: UpstreamError) -> ProbeVerdict {
    match error {
        // A key that no header can hold is none of the provider's.
        UpstreamError::Refused | UpstreamError::Unsendable => ProbeVerdict::Refused,
        error => ProbeVerdict::Unreachable(error),
    }
}
