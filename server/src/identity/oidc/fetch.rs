//! How providers are called. Whom is the operator's choice (an issuer, and what the issuer's own
//! description names), so private networks may be reached; but no redirect is followed and no
//! proxy used, answers are bounded in size and time, and only an issuer on this machine may be
//! spoken to in the clear.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;

use crate::upstream::tls;

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(15);
const MAX_BYTES: usize = 512 * 1024;

/// A call to a provider failed. It says where, and never what was sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0}")]
    Failed(String),
    #[error("its answer is over 512 KiB")]
    TooLarge,
    #[error("it would be called in the clear")]
    InTheClear,
}

/// The client.
#[derive(Clone)]
pub(super) struct Fetch(reqwest::Client);

impl Fetch {
    #[expect(
        clippy::disallowed_methods,
        reason = "for addresses that the operator gave: see above"
    )]
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls())
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent(concat!("relay/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
    }

    /// For one provider; in the clear only where the issuer itself is.
    pub(super) fn of(&self, plain: bool) -> Calls {
        Calls {
            client: self.0.clone(),
            plain,
        }
    }
}

/// Calls to one provider.
pub(super) struct Calls {
    client: reqwest::Client,
    plain: bool,
}

impl<'c> AsyncHttpClient<'c> for Calls {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Calls {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        if request.uri().scheme_str() != Some("https") && !self.plain {
            return Err(FetchError::InTheClear);
        }
        let failed = |error: reqwest::Error| FetchError::Failed(error.without_url().to_string());
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        answer
            .body(body)
            .map_err(|error| FetchError::Failed(error.to_string()))
    }
}
