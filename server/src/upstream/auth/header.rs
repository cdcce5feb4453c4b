//! The key itself, in the one header its host wants.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::Proof;
use crate::catalog::Auth;
use crate::upstream::UpstreamError;

pub(super) fn prove(auth: Auth, key: &SecretString) -> Result<Proof, UpstreamError> {
    let name = match auth {
        Auth::XApiKey => HeaderName::from_static("x-api-key"),
        Auth::XGoogApiKey => HeaderName::from_static("x-goog-api-key"),
        Auth::ApiKey => HeaderName::from_static("api-key"),
        Auth::Bearer | Auth::GoogleServiceAccount | Auth::Aws => return bearer(key),
    };
    let value = secret(key.expose_secret())?;
    Ok(proof(name, value, key))
}

/// `Authorization: Bearer TOKEN` (RFC 6750 §2.1).
pub(super) fn bearer(token: &SecretString) -> Result<Proof, UpstreamError> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    Ok(proof(AUTHORIZATION, secret(&text)?, token))
}

fn proof(name: HeaderName, value: HeaderValue, travels: &SecretString) -> Proof {
    Proof {
        headers: HeaderMap::from_iter([(name, value)]),
        travels: travels.clone(),
        remembered: false,
    }
}

/// A header's value that nothing prints.
pub(super) fn secret(text: &str) -> Result<HeaderValue, UpstreamError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| UpstreamError::Unsendable)?;
    value.set_sensitive(true);
    Ok(value)
}
