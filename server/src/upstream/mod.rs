//! The way out to providers: one guarded HTTP client. It follows no redirects, uses no proxy,
//! forwards nothing of the caller's, and sends the vault's key in the one header its host wants.

mod guard;

use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use zeroize::Zeroizing;

use crate::catalog::{Auth, Host};
use crate::config::Config;
use guard::{Guard, GuardedResolver, Reach};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);
const USER_AGENT: &str = concat!("relay/", env!("CARGO_PKG_VERSION"));

/// Why a provider was not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// Its address is not one that Relay may reach.
    #[error("the address is not one that upstream URLs may reach")]
    Forbidden,
    /// It cannot be called so: not a URL, or a key that no header can hold.
    #[error("the call cannot be made")]
    Unsendable,
    /// It did not answer in time.
    #[error("it did not answer in time")]
    Timeout,
    /// The connection failed: DNS, TCP, TLS, or it was cut.
    #[error("the connection failed")]
    Unreachable,
    /// Its answer is larger than Relay takes.
    #[error("the answer is too large")]
    TooLarge,
}

/// The client for every call to a provider.
#[derive(Clone)]
pub struct Upstream {
    guard: Arc<Guard>,
    /// For https: the public internet and what the operator allows.
    secure: Client,
    /// For plain http: only what the operator allows.
    plain: Client,
}

impl Upstream {
    /// A client that may reach what the configuration allows.
    #[expect(clippy::disallowed_methods, reason = "this is the guarded client")]
    pub fn new(config: &Config) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(Guard::new(config.upstream_allow.clone()));
        let client = |reach| {
            Client::builder()
                .tls_backend_preconfigured(tls())
                .redirect(Policy::none())
                .no_proxy()
                .tcp_nodelay(true)
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(config.upstream_timeout)
                .pool_idle_timeout(POOL_IDLE_TIMEOUT)
                .user_agent(USER_AGENT)
                .referer(false)
                .dns_resolver(GuardedResolver::new(Arc::clone(&guard), reach))
                .build()
        };
        Ok(Self {
            secure: client(Reach::Public)?,
            plain: client(Reach::Allowed)?,
            guard,
        })
    }

    /// A call to `path` below the host's base URL (or the credential's own), with the vault's key.
    pub fn call(
        &self,
        method: Method,
        host: &Host,
        base_url: Option<&Url>,
        path: &str,
        provider_key: &SecretString,
    ) -> Result<RequestBuilder, UpstreamError> {
        let base = base_url
            .unwrap_or(&host.base_url)
            .as_str()
            .trim_end_matches('/');
        let url = Url::parse(&format!("{base}{path}")).map_err(|_| UpstreamError::Unsendable)?;
        let (client, reach) = match url.scheme() {
            "https" => (&self.secure, Reach::Public),
            "http" => (&self.plain, Reach::Allowed),
            _ => return Err(UpstreamError::Unsendable),
        };
        // A name is checked when it is resolved; a literal address never is, so it is checked here.
        self.guard.check_literal(&url, reach)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &host.headers {
            let name = HeaderName::try_from(name).map_err(|_| UpstreamError::Unsendable)?;
            let value = HeaderValue::try_from(value).map_err(|_| UpstreamError::Unsendable)?;
            headers.insert(name, value);
        }
        let (name, value) = authorization(host.auth, provider_key)?;
        headers.insert(name, value);
        Ok(client.request(method, url).headers(headers))
    }
}

fn authorization(
    auth: Auth,
    provider_key: &SecretString,
) -> Result<(HeaderName, HeaderValue), UpstreamError> {
    let key = provider_key.expose_secret();
    let (name, text) = match auth {
        Auth::Bearer => (AUTHORIZATION, Zeroizing::new(format!("Bearer {key}"))),
        Auth::XApiKey => (
            HeaderName::from_static("x-api-key"),
            Zeroizing::new(key.to_owned()),
        ),
        Auth::XGoogApiKey => (
            HeaderName::from_static("x-goog-api-key"),
            Zeroizing::new(key.to_owned()),
        ),
    };
    let mut value =
        HeaderValue::from_bytes(text.as_bytes()).map_err(|_| UpstreamError::Unsendable)?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// What a failed call was, without the detail that reqwest's own error would tell (its URL).
pub fn classify(error: &reqwest::Error) -> UpstreamError {
    if guard::is_forbidden(error) {
        UpstreamError::Forbidden
    } else if error.is_timeout() {
        UpstreamError::Timeout
    } else if error.is_builder() {
        UpstreamError::Unsendable
    } else {
        UpstreamError::Unreachable
    }
}

/// Whether a base URL that a tenant or a user gives can be called at all.
pub fn parse_base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let callable = matches!(url.scheme(), "https" | "http")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    callable.then_some(url)
}

/// TLS as every client here speaks it: ring, and the certificates that the system trusts.
pub fn tls() -> rustls::ClientConfig {
    use rustls_platform_verifier::BuilderVerifierExt;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
        .with_platform_verifier()
        .expect("ring supports the platform's verifier")
        .with_no_client_auth()
}

/// Reads a whole body of at most `limit` bytes.
pub async fn read_bounded(
    mut answer: reqwest::Response,
    limit: usize,
) -> Result<bytes::Bytes, UpstreamError> {
    let mut body = bytes::BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| classify(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(UpstreamError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
