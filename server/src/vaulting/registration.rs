//! Registration tokens: signed JWTs (HS256, RFC 7519) that let one end user connect one credential, or manage
//! what is connected. The signing key comes from the root key, so there is nothing to store until a token is used up.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use relay_api::TokenScope;
use relay_vault::{RootKeys, VaultError};
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, EpochMs, millis, new_id};

const AUDIENCE: &str = "relay:registration";
const KEY_PURPOSE: &str = "registration-token";
/// Longer than any token this server makes: anything over it is not one.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// What a registration token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The token's id; a token that connects is used up once.
    #[serde(rename = "jti")]
    pub token_id: String,
    /// The tenant that issued it.
    #[serde(rename = "tid")]
    pub tenant_id: String,
    /// The end user's label.
    #[serde(rename = "sub")]
    pub end_user_label: String,
    /// The only provider it may connect, if locked.
    #[serde(rename = "prv", default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The only web origins it may come from, if restricted.
    #[serde(rename = "org", default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    /// What it allows. A token without a word on it is from before there was one: it connects.
    #[serde(rename = "scp", default)]
    pub scope: TokenScope,
    /// When it was made, in epoch seconds.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    /// When it stops working, in epoch seconds.
    #[serde(rename = "exp")]
    pub expires_at: i64,
    /// Always [`AUDIENCE`].
    aud: String,
}

impl Claims {
    /// When it stops working.
    pub fn expires_at_ms(&self) -> EpochMs {
        self.expires_at.saturating_mul(1_000)
    }
}

/// What a token is to say.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// The tenant that issues it.
    pub tenant_id: &'a str,
    /// The end user's label.
    pub end_user_label: &'a str,
    /// The only provider, if locked.
    pub provider: Option<&'a str>,
    /// The only web origins, if restricted.
    pub allowed_origins: Option<&'a [String]>,
    /// What it allows.
    pub scope: TokenScope,
    /// For how long.
    pub life: Duration,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of this server.
    #[error("not a registration token of this server")]
    Invalid,
    /// It was one, until it expired.
    #[error("the registration token has expired")]
    Expired,
}

/// Issues and reads registration tokens.
pub struct Registration {
    roots: Arc<RootKeys>,
    clock: Arc<dyn Clock>,
}

impl Registration {
    /// Signs with the current root key; reads what any of them signed.
    pub fn new(roots: Arc<RootKeys>, clock: Arc<dyn Clock>) -> Self {
        Self { roots, clock }
    }

    /// Issues a token and says what it holds.
    pub fn issue(&self, grant: Grant<'_>) -> Result<(String, Claims), VaultError> {
        let now = self.clock.now();
        let claims = Claims {
            token_id: new_id(),
            tenant_id: grant.tenant_id.to_owned(),
            end_user_label: grant.end_user_label.to_owned(),
            provider: grant.provider.map(str::to_owned),
            allowed_origins: grant.allowed_origins.map(<[String]>::to_vec),
            scope: grant.scope,
            issued_at: now / 1_000,
            expires_at: (now + millis(grant.life)) / 1_000,
            aud: AUDIENCE.to_owned(),
        };
        let version = self.roots.current_version();
        let key = self.roots.derive(version, KEY_PURPOSE)?;
        let header = Header {
            kid: Some(version.to_string()),
            ..Header::new(Algorithm::HS256)
        };
        let token =
            jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.as_slice()))
                .map_err(|_| VaultError::Malformed)?;
        Ok((token, claims))
    }

    /// Reads a token that is genuine and has not expired.
    pub fn read(&self, token: &str) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let version = header
            .kid
            .and_then(|kid| kid.parse().ok())
            .ok_or(TokenError::Invalid)?;
        let key = self
            .roots
            .derive(version, KEY_PURPOSE)
            .map_err(|_| TokenError::Invalid)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        // Checked below, by the server's own clock.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(
            token,
            &DecodingKey::from_secret(key.as_slice()),
            &validation,
        )
        .map_err(|_| TokenError::Invalid)?
        .claims;
        if claims.expires_at_ms() <= self.clock.now() {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const MINUTE: Duration = Duration::from_mins(1);
    const GRANT: Grant<'_> = Grant {
        tenant_id: "t",
        end_user_label: "user 7",
        provider: None,
        allowed_origins: None,
        scope: TokenScope::Connect,
        life: MINUTE,
    };

    fn registration(roots: &Arc<RootKeys>, clock: &ManualClock) -> Registration {
        Registration::new(Arc::clone(roots), Arc::new(clock.clone()))
    }

    #[test]
    fn a_token_says_what_it_was_issued_for_until_it_expires() {
        let roots = Arc::new(RootKeys::generate().expect("randomness"));
        let clock = ManualClock::at(1_700_000_000_000);
        let registration = registration(&roots, &clock);
        let (token, issued) = registration
            .issue(Grant {
                provider: Some("openai"),
                scope: TokenScope::Manage,
                life: 15 * MINUTE,
                ..GRANT
            })
            .expect("issued");
        clock.advance((15 * MINUTE).checked_sub(Duration::from_secs(1)).unwrap());
        assert_eq!(registration.read(&token), Ok(issued));
        clock.advance(Duration::from_secs(1));
        assert_eq!(registration.read(&token), Err(TokenError::Expired));
    }

    #[test]
    fn a_changed_foreign_or_unsigned_token_is_refused() {
        let roots = Arc::new(RootKeys::generate().expect("randomness"));
        let clock = ManualClock::at(1_700_000_000_000);
        let registration = registration(&roots, &clock);
        let (token, _) = registration.issue(GRANT).expect("issued");
        let mut parts: Vec<&str> = token.split('.').collect();
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'Q' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ascii");
            // The last character of each part holds bits that base64 does not use.
            if token
                .as_bytes()
                .get(at + 1)
                .is_none_or(|next| *next == b'.')
            {
                continue;
            }
            assert_eq!(
                registration.read(&changed),
                Err(TokenError::Invalid),
                "byte {at}"
            );
        }
        let foreign = Arc::new(RootKeys::generate().expect("randomness"));
        let other = Registration::new(foreign, Arc::new(clock.clone()));
        assert_eq!(other.read(&token), Err(TokenError::Invalid));
        let none = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIiwia2lkIjoiMSJ9";
        parts[0] = none;
        parts[2] = "";
        assert_eq!(
            registration.read(&parts.join(".")),
            Err(TokenError::Invalid)
        );
    }
}
