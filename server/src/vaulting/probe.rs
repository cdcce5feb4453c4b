//! Tries a provider key against its provider before it is stored: one cheap authenticated call.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use relay_wire::{ErrorKind, codec};
use secrecy::SecretString;
use url::Url;

use crate::catalog::Host;
use crate::upstream::{Upstream, UpstreamError, classify, read_bounded};

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

    /// What `host` says of the key. One that has no call to try it by is not asked.
    pub async fn check(
        &self,
        host: &Arc<Host>,
        base_url: Option<&Url>,
        provider_key: &SecretString,
    ) -> ProbeVerdict {
        if host.check.is_empty() {
            return ProbeVerdict::Accepted;
        }
        let call = self
            .upstream
            .call(Method::GET, host, base_url, &host.check, provider_key);
        let answer = match call {
            Ok(call) => call.timeout(self.timeout).send().await,
            // A key that no header can hold is none of the provider's.
            Err(UpstreamError::Unsendable) => return ProbeVerdict::Refused,
            Err(error) => return ProbeVerdict::Unreachable(error),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return ProbeVerdict::Unreachable(classify(&error)),
        };
        let status = answer.status();
        match status {
            status if status.is_success() => ProbeVerdict::Accepted,
            StatusCode::TOO_MANY_REQUESTS => ProbeVerdict::Accepted,
            StatusCode::UNAUTHORIZED => ProbeVerdict::Refused,
            StatusCode::BAD_REQUEST => {
                // Google refuses a bad key with 400 and says so in the body only.
                let body = read_bounded(answer, ERROR_BODY_BYTES)
                    .await
                    .unwrap_or_default();
                match codec(host.dialect())
                    .decode_error(status.as_u16(), &body)
                    .kind
                {
                    ErrorKind::Authentication => ProbeVerdict::Refused,
                    _ => ProbeVerdict::Limited,
                }
            }
            status if status.is_client_error() => ProbeVerdict::Limited,
            _ => ProbeVerdict::Unreachable(UpstreamError::Unreachable),
        }
    }
}
