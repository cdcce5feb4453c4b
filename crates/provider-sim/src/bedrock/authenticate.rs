//! Bedrock's two credentials: an API key as the bearer, or a request signed with Signature
//! Version 4, whose access key id is what is allowed as a key here.

use axum::http::HeaderMap;

use crate::fault::Fault;

const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";
const SIGNATURE_DIGITS: usize = 64;

/// Checks a credential's shape and whose it is. The signature itself is not computed again: the
/// received request holds all that whoever tests it needs.
pub(crate) fn authenticate(
    headers: &HeaderMap,
    accepts: impl Fn(&str) -> bool,
) -> Result<String, Fault> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(credential) = header("authorization") else {
        return Err(Fault::new(403, "Missing Authentication Token"));
    };
    if let Some(key) = credential.strip_prefix("Bearer ") {
        return if accepts(key) {
            Ok(key.to_owned())
        } else {
            Err(Fault::new(
                403,
                "Authentication failed: Please make sure your API Key is valid.",
            ))
        };
    }
    let Some(signed) = credential.strip_prefix(ALGORITHM) else {
        return Err(incomplete(
            "Authorization header requires existence of an algorithm.",
        ));
    };
    let parameter = |wanted: &str| {
        let mut parameters = signed.split(',').map(str::trim);
        parameters.find_map(|one| one.strip_prefix(wanted)?.strip_prefix('='))
    };
    let scope = parameter("Credential").map(|scope| scope.split('/').collect::<Vec<_>>());
    let Some([access_key, date, _region, "bedrock", "aws4_request"]) = scope.as_deref() else {
        return Err(incomplete(
            "Credential should be scoped to correct service: 'bedrock'.",
        ));
    };
    let dated = header("x-amz-date").is_some_and(|instant| instant.starts_with(date));
    if !dated {
        return Err(incomplete(
            "Authorization header requires existence of a matching 'X-Amz-Date'.",
        ));
    }
    let names: Vec<&str> = parameter("SignedHeaders")
        .map(|names| names.split(';').collect())
        .unwrap_or_default();
    if !["host", "x-amz-date"]
        .iter()
        .all(|name| names.contains(name))
    {
        return Err(incomplete(
            "'Host' or 'X-Amz-Date' must be a 'SignedHeader'.",
        ));
    }
    let signature = parameter("Signature").unwrap_or_default();
    if signature.len() != SIGNATURE_DIGITS || !signature.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(incomplete(
            "Authorization header requires 'Signature' parameter.",
        ));
    }
    if !accepts(access_key) {
        return Err(Fault::new(
            403,
            "The security token included in the request is invalid.",
        ));
    }
    Ok((*access_key).to_owned())
}

fn incomplete(message: &str) -> Fault {
    Fault::new(403, message)
}
