//! One provider: its description, kept for an hour; leaving for it, and asking it who came back.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use relay_vault::base64url;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::fetch::Fetch;
use crate::clock::{Clock, EpochMs, HOUR};
use crate::config::{EmailTrust, OidcProvider};

/// How soon a description is read again because of a signature that its keys do not make: so that
/// nobody has it read at every try.
const AGAIN_AFTER_MS: EpochMs = 60 * 1000;
/// Signatures that are believed. None by a shared secret, and none by `none`.
const BELIEVED: [CoreJwsSigningAlgorithm; 6] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];
const MAX_SUBJECT_BYTES: usize = 255;
const MAX_NAME_CHARS: usize = 100;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider of the configuration.
pub(super) struct Provider {
    pub(super) wanted: OidcProvider,
    /// Where it sends browsers back to.
    back: String,
    clock: Arc<dyn Clock>,
    described: Mutex<Option<(EpochMs, CoreProviderMetadata)>>,
}

/// A browser that leaves for the provider.
pub(super) struct Left {
    pub(super) url: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

/// For whom a provider vouches.
pub(super) struct Person {
    /// The provider's own name for the person, which never changes hands.
    pub(super) subject: String,
    /// An e-mail address in lower case, if this provider is trusted to know that it is theirs.
    pub(super) email: Option<String>,
    /// What to call the person, if it says.
    pub(super) name: Option<String>,
}

/// What the claims say of an address.
struct Address {
    email: String,
    verified: bool,
    /// Of a Google Workspace's own domain.
    hosted: bool,
}

impl Provider {
    pub(super) fn new(wanted: OidcProvider, back: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            wanted,
            back,
            clock,
            described: Mutex::new(None),
        }
    }

    /// Sends a browser away.
    pub(super) async fn leave(&self, fetch: &Fetch) -> Result<Left, String> {
        let client = self.client(self.described(fetch, HOUR).await?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Left {
            url: url.into(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        })
    }

    /// Asks for whom the provider vouches by this code.
    pub(super) async fn ask(
        &self,
        fetch: &Fetch,
        code: AuthorizationCode,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
    ) -> Result<Person, String> {
        let client = self.client(self.described(fetch, HOUR).await?)?;
        let calls = fetch.of(self.is_plain());
        let tokens = client
            .exchange_code(code)
            .map_err(|error| error.to_string())?
            .set_pkce_verifier(verifier)
            .request_async(&calls)
            .await
            .map_err(|error| explain("the code was not exchanged", &error))?;
        let claims = self.claims(&client, &tokens, nonce);
        let claims = if let Ok(claims) = claims {
            claims
        } else {
            // Its keys may be others by now.
            let anew = self.client(self.described(fetch, AGAIN_AFTER_MS).await?)?;
            self.claims(&anew, &tokens, nonce)?
        };
        let subject = claims.subject().as_str().to_owned();
        if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES || subject.contains('\0') {
            return Err("its name for the person cannot be kept".to_owned());
        }
        let mut name = claims.name().and_then(|name| name.get(None));
        let hosted = tokens.id_token().is_some_and(is_hosted);
        let mut address = address(claims.email(), claims.email_verified(), hosted);
        let info: CoreUserInfoClaims;
        if address.is_none()
            && let Ok(request) = client.user_info(
                tokens.access_token().clone(),
                Some(claims.subject().clone()),
            )
        {
            info = request
                .request_async(&calls)
                .await
                .map_err(|error| explain("the person's address was not told", &error))?;
            name = name.or_else(|| info.name().and_then(|name| name.get(None)));
            address = self::address(info.email(), info.email_verified(), hosted);
        }
        Ok(Person {
            subject,
            email: address
                .filter(|a| self.trusts(a))
                .map(|address| address.email),
            name: name.and_then(|name| tidy(name.as_str())),
        })
    }

    /// What the ID token says, if it is genuine, for Relay, of now, and of this very sign-in.
    fn claims(
        &self,
        client: &Client,
        tokens: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, String> {
        let token = tokens.id_token().ok_or("it sent no ID token")?;
        let clock = Arc::clone(&self.clock);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(BELIEVED)
            .set_time_fn(move || now(&*clock));
        let claims = token
            .claims(&verifier, nonce)
            .map_err(|error| format!("its ID token is not believed: {error}"))?;
        if let Some(expected) = claims.access_token_hash() {
            let told =
                |error: &dyn std::fmt::Display| format!("its ID token cannot be held: {error}");
            let algorithm = token.signing_alg().map_err(|error| told(&error))?;
            let key = token.signing_key(&verifier).map_err(|error| told(&error))?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|error| told(&error))?;
            if actual != *expected {
                return Err("its access token is another's".to_owned());
            }
        }
        Ok(claims.clone())
    }

    /// Whether the operator wants an address that this provider calls verified to be believed.
    fn trusts(&self, address: &Address) -> bool {
        address.verified
            && match self.wanted.trust {
                EmailTrust::No => false,
                EmailTrust::Verified => true,
                // Google is authoritative for its own addresses and for those of its Workspaces.
                EmailTrust::Google => address.hosted || address.email.ends_with("@gmail.com"),
            }
    }

    fn is_plain(&self) -> bool {
        self.wanted.issuer.starts_with("http://")
    }

    /// The provider's description, read anew if it is older than this.
    async fn described(
        &self,
        fetch: &Fetch,
        at_most: EpochMs,
    ) -> Result<CoreProviderMetadata, String> {
        let now = self.clock.now();
        let kept = self.kept();
        if let Some((read_at, described)) = kept
            && now - read_at < at_most
        {
            return Ok(described);
        }
        let issuer = IssuerUrl::new(self.wanted.issuer.clone()).map_err(|e| e.to_string())?;
        let calls = fetch.of(self.is_plain());
        let described = CoreProviderMetadata::discover_async(issuer, &calls)
            .await
            .map_err(|error| explain("its description was not read", &error))?;
        let mut kept = self
            .described
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = Some((now, described.clone()));
        Ok(described)
    }

    fn kept(&self) -> Option<(EpochMs, CoreProviderMetadata)> {
        let kept = self
            .described
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    fn client(&self, described: CoreProviderMetadata) -> Result<Client, String> {
        let methods = described.token_endpoint_auth_methods_supported();
        let knows = |method| methods.is_some_and(|known| known.contains(&method));
        let in_body = knows(CoreClientAuthMethod::ClientSecretPost)
            && !knows(CoreClientAuthMethod::ClientSecretBasic);
        let id = ClientId::new(self.wanted.client_id.clone());
        let secret = self.wanted.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let back = RedirectUrl::new(self.back.clone()).map_err(|error| error.to_string())?;
        let client = CoreClient::from_provider_metadata(described, id, secret);
        let client = if in_body {
            client.set_auth_type(AuthType::RequestBody)
        } else {
            client
        };
        Ok(client.set_redirect_uri(back))
    }
}

fn now(clock: &dyn Clock) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(clock.now()).unwrap_or_default()
}

fn address(
    email: Option<&openidconnect::EndUserEmail>,
    verified: Option<bool>,
    hosted: bool,
) -> Option<Address> {
    Some(Address {
        email: email?.as_str().trim().to_lowercase(),
        verified: verified == Some(true),
        hosted,
    })
}

/// Whether a token that was verified says that the person is of a Google Workspace's own domain.
fn is_hosted(token: &CoreIdToken) -> bool {
    let token = token.to_string();
    let payload = token.split('.').nth(1).and_then(base64url::decode);
    let claims = payload.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    claims.is_some_and(|claims| {
        claims["hd"]
            .as_str()
            .is_some_and(|domain| !domain.is_empty())
    })
}

/// A name without what no name has.
fn tidy(name: &str) -> Option<String> {
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_CHARS)
        .collect();
    let name = name.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// An error with what caused it, which the libraries keep apart.
fn explain(what: &str, error: &dyn std::error::Error) -> String {
    let mut text = format!("{what}: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
