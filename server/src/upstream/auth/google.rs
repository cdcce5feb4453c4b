//! Google: a service account signs an assertion (RFC 7523), which is exchanged for an access token
//! of an hour. The token is kept until shortly before its end, so that a warm call asks nobody.
//!
//! A key file names the place of the exchange itself (`token_uri`). Whoever brings a key file may
//! have written anything there, so it is never read: the host's row says where.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use http::Method;
use http::header::CONTENT_TYPE;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};
use zeroize::{Zeroize, Zeroizing};

use super::{Misshapen, Proof, header, is_word};
use crate::clock::{EpochMs, millis};
use crate::upstream::{CredentialId, Upstream, UpstreamError, classify, read_bounded};

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long an assertion is good for: the longest that Google takes.
const ASSERTION_LIFE: Duration = Duration::from_hours(1);
/// A token is not used in the last of its time: the call has to arrive, too.
const MARGIN: Duration = Duration::from_mins(1);
/// How long the exchange may take.
const PATIENCE: Duration = Duration::from_secs(15);
const ANSWER_BYTES: usize = 64 * 1024;
/// How many credentials' tokens are kept in memory.
const TOKENS: u64 = 10_000;
/// A token lives an hour; a slot that nobody asked for so long is empty.
const IDLE: Duration = Duration::from_hours(1);

/// What Relay reads of a service account's key file, and `location`, which may be added to it.
#[derive(Deserialize)]
pub(in crate::upstream) struct ServiceAccount {
    #[serde(rename = "type")]
    kind: String,
    pub(super) project_id: String,
    #[serde(default)]
    pub(super) private_key_id: String,
    private_key: SecretString,
    client_email: String,
    #[serde(default)]
    pub(super) location: Option<String>,
}

impl ServiceAccount {
    pub(super) fn read(text: &SecretString) -> Result<Self, Misshapen> {
        // The parser's own words may hold some of the text.
        let account: Self = serde_json::from_str(text.expose_secret()).map_err(|_| {
            Misshapen::Document(
                "must be a service account's key file: JSON with `type`, `project_id`, \
                 `private_key_id`, `private_key` and `client_email`",
            )
        })?;
        if account.kind != "service_account" {
            return Err(Misshapen::Document(
                "must have the `type` `service_account`",
            ));
        }
        // Both become part of a URL.
        if !is_project(&account.project_id) {
            return Err(Misshapen::Document("has a `project_id` that cannot be one"));
        }
        if !account.location.as_deref().is_none_or(is_word) {
            return Err(Misshapen::Document("has a `location` that cannot be one"));
        }
        Ok(account)
    }

    /// Checks the private key, which only the exchange needs: a warm call does without.
    pub(super) fn check_key(&self) -> Result<(), Misshapen> {
        let key = self.signing_key().map(drop);
        key.ok_or(Misshapen::Document(
            "has a `private_key` that is no RSA key in PEM",
        ))
    }

    fn signing_key(&self) -> Option<EncodingKey> {
        EncodingKey::from_rsa_pem(self.private_key.expose_secret().as_bytes()).ok()
    }

    /// The signed claim to be this account, for whoever answers at `audience`.
    fn assertion(&self, audience: &Url, now: EpochMs) -> Option<Zeroizing<String>> {
        let issued = now / 1_000;
        let claims = Claims {
            iss: &self.client_email,
            scope: SCOPE,
            aud: audience.as_str(),
            iat: issued,
            exp: issued + millis(ASSERTION_LIFE) / 1_000,
        };
        let header = Header {
            kid: Some(self.private_key_id.clone()),
            ..Header::new(Algorithm::RS256)
        };
        jsonwebtoken::encode(&header, &claims, &self.signing_key()?)
            .ok()
            .map(Zeroizing::new)
    }
}

/// Projects of a domain are called `example.com:project`.
fn is_project(text: &str) -> bool {
    text.split(['.', ':']).all(is_word)
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    /// Seconds since the epoch, like `exp`.
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    /// In seconds.
    #[serde(default)]
    expires_in: u64,
}

/// OAuth's error (RFC 6749 §5.2).
#[derive(Deserialize)]
struct Denied {
    error: String,
}

/// The access tokens in memory.
pub(in crate::upstream) struct Tokens {
    slots: Cache<OwnedId, Arc<Slot>>,
}

type OwnedId = (Box<str>, Box<str>);

/// One credential's token. Who wants one while it is fetched waits for that one.
#[derive(Default)]
struct Slot {
    /// How many exchanges have ended.
    ended: AtomicU64,
    state: Mutex<Option<Token>>,
    /// How the last exchange failed, if it did.
    failure: std::sync::Mutex<Option<UpstreamError>>,
}

#[derive(Clone)]
struct Token {
    text: Arc<SecretString>,
    good_until: EpochMs,
}

impl Default for Tokens {
    fn default() -> Self {
        let slots = Cache::builder()
            .max_capacity(TOKENS)
            .time_to_idle(IDLE)
            .build();
        Self { slots }
    }
}

impl Tokens {
    fn slot(&self, id: CredentialId<'_>) -> Arc<Slot> {
        let id = (id.tenant_id.into(), id.credential_id.into());
        self.slots.get_with(id, Arc::default)
    }

    /// The credential's token was refused: it is not used again.
    pub(in crate::upstream) fn forget(&self, id: CredentialId<'_>) {
        let id: OwnedId = (id.tenant_id.into(), id.credential_id.into());
        self.slots.invalidate(&id);
    }
}

impl Upstream {
    /// A proof by access token: the one in memory, or one that is fetched now. A credential that
    /// is not stored yet (`id` is none) has none in memory.
    pub(super) async fn access_token(
        &self,
        token_url: &Url,
        account: &ServiceAccount,
        id: Option<CredentialId<'_>>,
    ) -> Result<Proof, UpstreamError> {
        let Some(id) = id else {
            let token = self.exchange(token_url, account).await?;
            return header::bearer(&token.text);
        };
        let slot = self.tokens.slot(id);
        let seen = slot.ended.load(Ordering::SeqCst);
        let mut state = slot.state.lock().await;
        if let Some(token) = state.as_ref()
            && self.clock.now() < token.good_until
        {
            let proof = header::bearer(&token.text)?;
            return Ok(Proof {
                remembered: true,
                ..proof
            });
        }
        // Whoever waited for an exchange that failed has its answer: else each would wait in turn.
        if slot.ended.load(Ordering::SeqCst) != seen
            && let Some(failure) = slot.last_failure()
        {
            return Err(failure);
        }
        *state = None;
        let exchanged = self.exchange(token_url, account).await;
        slot.ends(exchanged.as_ref().err().copied());
        let token = exchanged?;
        let proof = header::bearer(&token.text)?;
        *state = Some(token);
        Ok(proof)
    }

    async fn exchange(
        &self,
        token_url: &Url,
        account: &ServiceAccount,
    ) -> Result<Token, UpstreamError> {
        let now = self.clock.now();
        let assertion = account
            .assertion(token_url, now)
            .ok_or(UpstreamError::Unsendable)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", GRANT)
            .append_pair("assertion", &assertion)
            .finish();
        let answer = self
            .clients
            .usual(self.reach(token_url)?)
            .request(Method::POST, token_url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .timeout(PATIENCE)
            .body(form)
            .send()
            .await
            .map_err(|error| classify(&error))?;
        let status = answer.status();
        let body = read_bounded(answer, ANSWER_BYTES).await?;
        if !status.is_success() {
            return Err(denied(&body));
        }
        let granted = serde_json::from_slice::<Granted>(&body);
        if let Ok(mut body) = body.try_into_mut() {
            body.zeroize();
        }
        let granted = granted.map_err(|_| UpstreamError::Unreachable)?;
        let life = Duration::from_secs(granted.expires_in).min(ASSERTION_LIFE);
        Ok(Token {
            text: Arc::new(granted.access_token),
            good_until: now.saturating_add(millis(life.saturating_sub(MARGIN))),
        })
    }
}

impl Slot {
    fn last_failure(&self) -> Option<UpstreamError> {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ends(&self, failure: Option<UpstreamError>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        self.ended.fetch_add(1, Ordering::SeqCst);
    }
}

/// What an error of the exchange says: that the account is not (or no longer) what it claims to
/// be, or nothing about the account.
fn denied(body: &[u8]) -> UpstreamError {
    let error = serde_json::from_slice::<Denied>(body).map(|denied| denied.error);
    match error.as_deref() {
        Ok("invalid_grant" | "invalid_client" | "unauthorized_client" | "access_denied") => {
            UpstreamError::Refused
        }
        _ => UpstreamError::Unreachable,
    }
}
