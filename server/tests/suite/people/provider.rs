//! A provider that vouches for people (OpenID Connect), as bad as a test wants it to be.

use std::collections::HashMap;
use std::net::TcpListener as Listener;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use relay_server::config::{EmailTrust, OidcProvider};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::support::{EPOCH, Kind, TestApp};

const KEY: &str = include_str!("../support/keys/service-account.pem");
pub(super) const SECRET: &str = "the-client-secret-of-relay-at-the-provider";

/// What the next ID token says, and how it is signed.
#[derive(Clone)]
pub(super) struct Says {
    pub(super) claims: Value,
    pub(super) userinfo: Value,
    pub(super) nonce: Option<String>,
    pub(super) signed: Signed,
    /// The challenge that the browser came with.
    pub(super) challenge: String,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Signed {
    Well,
    /// By the client's secret, which is no key of the provider's.
    BySecret,
    Not,
}

struct Inner {
    issuer: String,
    says: Mutex<Says>,
}

/// The provider.
#[derive(Clone)]
pub(super) struct Provider(Arc<Inner>);

impl Provider {
    pub(super) fn start() -> Self {
        let listener = Listener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("set");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let says = Says {
            claims: json!({}),
            userinfo: json!({}),
            nonce: None,
            signed: Signed::Well,
            challenge: String::new(),
        };
        let provider = Self(Arc::new(Inner {
            issuer,
            says: Mutex::new(says),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(provider.clone());
        tokio::spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await
        });
        provider
    }

    /// What Relay is told of it.
    pub(super) fn wanted(&self, id: &str, trust: EmailTrust) -> OidcProvider {
        OidcProvider {
            id: id.to_owned(),
            name: id.to_uppercase(),
            issuer: self.0.issuer.clone(),
            client_id: "relay".to_owned(),
            client_secret: Some(SecretString::from(SECRET)),
            trust,
        }
    }

    /// Changes what it says next.
    pub(super) fn say(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.0.says.lock().expect("not poisoned"));
    }
}

async fn describe(State(provider): State<Provider>) -> Json<Value> {
    let issuer = &provider.0.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256"],
    }))
}

fn key() -> EncodingKey {
    EncodingKey::from_rsa_pem(KEY.as_bytes()).expect("a key")
}

async fn keys() -> Json<Value> {
    let mut jwk = Jwk::from_encoding_key(&key(), Algorithm::RS256).expect("a key");
    jwk.common.key_id = Some("one".to_owned());
    let mut jwk = serde_json::to_value(jwk).expect("JSON");
    jwk["use"] = json!("sig");
    Json(json!({ "keys": [jwk] }))
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    body: String,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let says = provider.0.says.lock().expect("not poisoned").clone();
    let asked: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let basic = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("relay:{SECRET}"))
    );
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&asked["code_verifier"]));
    let known = headers
        .get("authorization")
        .is_some_and(|sent| *sent == *basic)
        && challenge == says.challenge
        && asked["code"] == "good"
        && asked["redirect_uri"].contains("/api/oidc/");
    if !known {
        let error = json!({ "error": "invalid_grant" });
        return Err((StatusCode::BAD_REQUEST, Json(error)));
    }
    let mut claims = json!({
        "iss": provider.0.issuer, "aud": "relay", "nonce": says.nonce,
        "iat": EPOCH / 1000, "exp": EPOCH / 1000 + 3600,
    });
    for (name, value) in says.claims.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    let header = |algorithm| Header {
        kid: Some("one".to_owned()),
        ..Header::new(algorithm)
    };
    let signed = match says.signed {
        Signed::Well => jsonwebtoken::encode(&header(Algorithm::RS256), &claims, &key()),
        Signed::BySecret => {
            let key = EncodingKey::from_secret(SECRET.as_bytes());
            jsonwebtoken::encode(&header(Algorithm::HS256), &claims, &key)
        }
        Signed::Not => {
            let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
            Ok(format!(
                "{}.{}.",
                part(&json!({ "alg": "none" })),
                part(&claims)
            ))
        }
    };
    Ok(Json(json!({
        "access_token": "access", "token_type": "Bearer", "expires_in": 60,
        "id_token": signed.expect("signed"),
    })))
}

async fn userinfo(State(provider): State<Provider>) -> Json<Value> {
    let says = provider.0.says.lock().expect("not poisoned").clone();
    let mut info = says.userinfo;
    if info["sub"].is_null() {
        info["sub"] = says.claims["sub"].clone();
    }
    Json(info)
}

/// A server with two names for one provider: `trusted`, which is believed about addresses, and
/// `plain`, which is not; and with `google`, believed as Google is.
pub(super) async fn with_provider(kind: Kind) -> (TestApp, Provider) {
    let provider = Provider::start();
    let wanted = [
        provider.wanted("trusted", EmailTrust::Verified),
        provider.wanted("plain", EmailTrust::No),
        provider.wanted("google", EmailTrust::Google),
    ];
    let app = TestApp::start_with(kind, |config| config.people.oidc = wanted.to_vec()).await;
    (app, provider)
}

/// Runs each named `async fn(&TestApp, &Provider)` once on each database.
macro_rules! at_provider_on_each_database {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let (app, provider) = super::with_provider($crate::support::Kind::Sqlite).await;
                super::$name(&app, &provider).await;
                app.finish().await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let (app, provider) = super::with_provider($crate::support::Kind::Postgres).await;
                super::$name(&app, &provider).await;
                app.finish().await;
            }
        }
    )+ };
}
