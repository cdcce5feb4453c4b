//! The way out to providers: one guarded HTTP client. It follows no redirects, uses no proxy,
//! forwards nothing of the caller's, and sends what the vault holds in the one way its host wants.
//!
//! A host's row, an opened credential and a call make a request: [`place`] finds its URL, [`auth`]
//! the headers that prove who calls.

mod auth;
mod clients;
mod guard;
mod place;
mod post;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Client;
use secrecy::SecretString;
use url::Url;

use crate::catalog::Host;
use crate::clock::Clock;
use crate::config::Config;
use auth::{Credential, Proof, Tokens, Unproven};
use clients::Clients;
use guard::{Guard, Reach};

pub use auth::{Examined, Misshapen, examine};
pub use post::Posted;

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
    /// It refuses the credential before any call is made with it.
    #[error("the credential is refused")]
    Refused,
    /// Its answer is larger than Relay takes.
    #[error("the answer is too large")]
    TooLarge,
}

/// The client for every call to a provider.
#[derive(Clone)]
pub struct Upstream {
    guard: Arc<Guard>,
    clients: Arc<Clients>,
    /// Access tokens that credentials were exchanged for.
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
}

/// Which credential of which tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialId<'a> {
    /// The tenant it belongs to.
    pub tenant_id: &'a str,
    /// Its id there; a credential that is replaced gets another.
    pub credential_id: &'a str,
}

/// A credential, open for one call.
#[derive(Clone, Copy)]
pub struct Opened<'a> {
    /// Which one it is; none if it is not stored yet.
    pub id: Option<CredentialId<'a>>,
    /// The base URL it brings, if it brings one.
    pub base_url: Option<&'a Url>,
    /// What it says.
    pub provider_key: &'a SecretString,
}

/// A call to a host.
pub struct Outbound<'a> {
    /// The host.
    pub host: &'a Host,
    /// `GET` or `POST`.
    pub method: Method,
    /// Below the host's API, as the dialect or the row's `check` has it: `/chat/completions`.
    pub path: &'a str,
    /// The model's name there, if the call is one model's: some hosts have it in the path.
    pub model: Option<&'a str>,
    /// What is wanted back: a media type.
    pub accept: &'static str,
    /// The caller's, as far as the host may see them. They take the place of the host's own.
    pub headers: HeaderMap,
    /// JSON, or nothing.
    pub body: Bytes,
    /// How long the whole answer may take, where not as long as it likes.
    pub timeout: Option<Duration>,
}

/// What a host answered.
pub struct Answered {
    /// Its answer, whatever the status.
    pub response: reqwest::Response,
    /// The secret that went with the call: hosts have been seen to repeat it.
    pub travelled: SecretString,
}

impl Upstream {
    /// A client that may reach what the configuration allows.
    pub fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(Guard::new(config.upstream_allow.clone()));
        Ok(Self {
            clients: Arc::new(Clients::new(&guard, config.upstream_timeout)?),
            guard,
            tokens: Arc::default(),
            clock,
        })
    }

    /// Sends a call with a credential. Any status is an answer; an error is that there is none.
    pub async fn send(
        &self,
        call: Outbound<'_>,
        opened: Opened<'_>,
    ) -> Result<Answered, UpstreamError> {
        let credential = read(call.host, &opened)?;
        let proof = self.prepare(&call, &opened, &credential).await?;
        let (answered, remembered) = self.send_proven(&call, proof).await?;
        // A token that was good when it was fetched may have been taken back since.
        if let Some(id) = opened.id
            && remembered
            && answered.response.status() == StatusCode::UNAUTHORIZED
        {
            self.tokens.forget(id);
            let proof = self.prepare(&call, &opened, &credential).await?;
            return Ok(self.send_proven(&call, proof).await?.0);
        }
        Ok(answered)
    }

    /// Goes as far with a credential as is possible without a call to the host's API.
    pub async fn try_credential(
        &self,
        host: &Host,
        opened: Opened<'_>,
    ) -> Result<(), UpstreamError> {
        let credential = read(host, &opened)?;
        let call = Outbound {
            host,
            method: Method::GET,
            path: "",
            model: None,
            accept: "*/*",
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: None,
        };
        self.prepare(&call, &opened, &credential).await.map(drop)
    }

    /// The URL of a call, and the proof of it.
    async fn prepare(
        &self,
        call: &Outbound<'_>,
        opened: &Opened<'_>,
        credential: &Credential<'_>,
    ) -> Result<(Url, Proof), UpstreamError> {
        let base_url = opened.base_url;
        let place = place::find(call.host, base_url, credential, call.path, call.model)?;
        // Before any proof is fetched or made for it.
        self.client(call.host, &place.url)?;
        let unproven = Unproven {
            host: call.host,
            method: &call.method,
            url: &place.url,
            region: &place.region,
            body: &call.body,
        };
        let proof = self.prove(&unproven, opened, credential).await?;
        Ok((place.url, proof))
    }

    /// Sends it; also answers whether the proof was from memory.
    async fn send_proven(
        &self,
        call: &Outbound<'_>,
        (url, proof): (Url, Proof),
    ) -> Result<(Answered, bool), UpstreamError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &call.host.headers {
            let name = HeaderName::try_from(name).map_err(|_| UpstreamError::Unsendable)?;
            let value = HeaderValue::try_from(value).map_err(|_| UpstreamError::Unsendable)?;
            headers.insert(name, value);
        }
        headers.extend(call.headers.clone());
        headers.insert(ACCEPT, HeaderValue::from_static(call.accept));
        headers.extend(proof.headers);
        let client = self.client(call.host, &url)?;
        let mut request = client.request(call.method.clone(), url).headers(headers);
        if !call.body.is_empty() {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(call.body.clone());
        }
        if let Some(timeout) = call.timeout {
            request = request.timeout(timeout);
        }
        let sent = request.send();
        let response = match call.host.first_byte_timeout {
            None => sent.await,
            Some(seconds) => {
                let patience = Duration::from_secs(u64::from(seconds.get()));
                let answered = tokio::time::timeout(patience, sent).await;
                answered.map_err(|_| UpstreamError::Timeout)?
            }
        };
        let response = response.map_err(|error| classify(&error))?;
        let answered = Answered {
            response,
            travelled: proof.travels,
        };
        Ok((answered, proof.remembered))
    }

    /// The client for a host's URL, if it may be reached.
    fn client(&self, host: &Host, url: &Url) -> Result<Client, UpstreamError> {
        self.clients.of(host, self.reach(url)?)
    }

    /// How far a call to this URL may go, if it may go there at all.
    fn reach(&self, url: &Url) -> Result<Reach, UpstreamError> {
        let reach = match url.scheme() {
            "https" => Reach::Public,
            "http" => Reach::Allowed,
            _ => return Err(UpstreamError::Unsendable),
        };
        // A name is checked when it is resolved; a literal address never is, so it is checked here.
        self.guard.check_literal(url, reach)?;
        Ok(reach)
    }
}

/// The credential as its host reads it. What is stored has been read before, so one that does not
/// fit is as good as refused.
fn read<'a>(host: &Host, opened: &Opened<'a>) -> Result<Credential<'a>, UpstreamError> {
    Credential::read(host.auth, opened.provider_key).map_err(|_| UpstreamError::Refused)
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

/// Reads an error's body, of at most `limit` bytes; nothing, if it cannot be read. AWS has the kind
/// of its errors in a header: it is put where its other services have it, in the body's `__type`.
pub async fn read_error(answer: reqwest::Response, limit: usize) -> Bytes {
    let kind = answer.headers().get("x-amzn-errortype").cloned();
    let body = read_bounded(answer, limit).await.unwrap_or_default();
    let Some(kind) = kind.as_ref().and_then(|kind| kind.to_str().ok()) else {
        return body;
    };
    match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&body) {
        Ok(mut error) => {
            error.entry("__type").or_insert_with(|| kind.into());
            serde_json::Value::from(error).to_string().into()
        }
        Err(_) => body,
    }
}
