//! `POST /token`: an assertion that a service account has signed, for an access token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::TOKEN_PATH;
use crate::deliver::Payload;
use crate::{Provider, Shared};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const JSON: &str = "application/json; charset=utf-8";
/// Google's tokens last an hour at most, and so may an assertion.
const HOUR_SECONDS: i64 = 3600;

/// Gives a token to a service account that is allowed as a key. The assertion's shape is checked;
/// its signature is not, for nobody has registered a public key here: whoever tests it finds it
/// among the received requests.
pub(super) fn exchange(shared: &Shared, body: &[u8], number: u64) -> Payload {
    match account(body).and_then(|account| {
        if shared.accepts(Provider::Vertex, &account) {
            Ok(())
        } else {
            Err(("invalid_grant", "Invalid grant: account not found"))
        }
    }) {
        Ok(()) => {
            let token = format!("ya29.simulated-{number}");
            shared.allow_key(Provider::Vertex, &token);
            let given = json!({
                "access_token": token, "expires_in": HOUR_SECONDS - 1, "token_type": "Bearer",
            });
            Payload::json(200, JSON, &given)
        }
        Err((error, description)) => {
            let refusal = json!({"error": error, "error_description": description});
            Payload::json(400, JSON, &refusal)
        }
    }
}

type Refused = (&'static str, &'static str);

/// The e-mail address of the account whose assertion this is.
fn account(body: &[u8]) -> Result<String, Refused> {
    let field = |wanted: &str| {
        url::form_urlencoded::parse(body)
            .find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    if field("grant_type").as_deref() != Some(GRANT) {
        return Err(("unsupported_grant_type", "Invalid grant_type"));
    }
    let assertion = field("assertion").ok_or(("invalid_request", "Missing assertion"))?;
    let malformed = (
        "invalid_grant",
        "Invalid JWT: it is not three parts of JSON",
    );
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err(malformed);
    };
    let (header, claims) = (
        decoded(header).ok_or(malformed)?,
        decoded(claims).ok_or(malformed)?,
    );
    let signed = URL_SAFE_NO_PAD
        .decode(signature)
        .is_ok_and(|bytes| !bytes.is_empty());
    if header["alg"] != "RS256" || !signed {
        return Err(("invalid_grant", "Invalid JWT Signature."));
    }
    let to_us = claims["aud"]
        .as_str()
        .is_some_and(|audience| audience.ends_with(TOKEN_PATH));
    if !to_us {
        return Err(("invalid_grant", "Invalid JWT: Failed audience check."));
    }
    let lasts = match (claims["iat"].as_i64(), claims["exp"].as_i64()) {
        (Some(from), Some(until)) => until - from,
        _ => 0,
    };
    if !(1..=HOUR_SECONDS).contains(&lasts) {
        return Err((
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable \
             timeframe. Check your iat and exp values in the JWT claim.",
        ));
    }
    let scoped = claims["scope"]
        .as_str()
        .is_some_and(|scope| !scope.is_empty());
    if !scoped {
        return Err(("invalid_scope", "Empty or missing scope not allowed."));
    }
    let account = claims["iss"].as_str();
    account.map(str::to_owned).ok_or(malformed)
}

fn decoded(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
