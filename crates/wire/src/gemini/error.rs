//! Google's error object, `{error: {code, message, status, details}}`.
//!
//! Source: Google AIP-193 and `google.rpc.Code`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::json::{as_count, object, put, text_at, to_bytes};
use crate::{ApiError, ErrorKind, redact_keys};

/// Reads an error answer, whatever its body is.
pub(super) fn decode(status: u16, body: &[u8]) -> ApiError {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => of_value(Some(status), &value),
        Err(_) => ApiError::new(
            status,
            format!("the provider answered with status {status}"),
        ),
    }
}

/// Reads an error object; inside a stream the status is the one it names.
pub(crate) fn of_value(status: Option<u16>, value: &Value) -> ApiError {
    // An array-style stream wraps its error in an array.
    let value = value.get(0).unwrap_or(value);
    let error = value
        .get("error")
        .filter(|error| !error.is_null())
        .unwrap_or(value);
    let named = error
        .get("code")
        .and_then(as_count)
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| (400..600).contains(code));
    let status = status.or(named).unwrap_or(502);
    let word = text_at(error, "status").unwrap_or_default();
    let kind = match (word, reason(error)) {
        // Google says INVALID_ARGUMENT of a wrong key; the reason tells.
        (_, Some("API_KEY_INVALID")) | ("UNAUTHENTICATED", _) => ErrorKind::Authentication,
        ("PERMISSION_DENIED", _) => ErrorKind::Permission,
        ("NOT_FOUND", _) => ErrorKind::NotFound,
        ("RESOURCE_EXHAUSTED", _) => ErrorKind::RateLimited,
        ("UNAVAILABLE", _) => ErrorKind::Overloaded,
        ("DEADLINE_EXCEEDED", _) => ErrorKind::Timeout,
        _ => ErrorKind::of_status(status),
    };
    let message = text_at(error, "message")
        .or_else(|| error.as_str())
        .unwrap_or("the provider gave no reason");
    ApiError {
        kind,
        code: reason(error)
            .or(Some(word).filter(|word| !word.is_empty()))
            .map(str::to_ascii_lowercase),
        retry_after: details(error).find_map(|detail| seconds(text_at(detail, "retryDelay")?)),
        ..ApiError::new(status, redact_keys(message))
    }
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error
        .get("details")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn reason(error: &Value) -> Option<&str> {
    details(error).find_map(|detail| text_at(detail, "reason"))
}

/// A `google.protobuf.Duration` as JSON: `"34.07s"`.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Where Google says why, for programs (`google.rpc.ErrorInfo`).
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";

/// Writes an error body.
pub(super) fn encode(error: &ApiError) -> Vec<u8> {
    to_bytes(&object_of(error))
}

/// The whole error object, as it is sent alone or as a stream's last event.
pub(super) fn object_of(error: &ApiError) -> Value {
    let word = match error.kind {
        ErrorKind::InvalidRequest | ErrorKind::TooLarge => "INVALID_ARGUMENT",
        ErrorKind::Authentication => "UNAUTHENTICATED",
        ErrorKind::Billing | ErrorKind::RateLimited => "RESOURCE_EXHAUSTED",
        ErrorKind::Permission => "PERMISSION_DENIED",
        ErrorKind::NotFound => "NOT_FOUND",
        ErrorKind::Overloaded => "UNAVAILABLE",
        ErrorKind::Timeout => "DEADLINE_EXCEEDED",
        ErrorKind::Upstream => "INTERNAL",
    };
    let mut told = object(json!({"code": error.status, "message": error.message, "status": word}));
    let reason = error
        .code
        .as_ref()
        .map(|code| json!([{"@type": ERROR_INFO, "reason": code, "domain": "relay"}]));
    put(&mut told, "details", reason);
    json!({"error": told})
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{decode, encode};
    use crate::ErrorKind;

    #[test]
    fn a_wrong_key_is_told_from_a_wrong_request() {
        let body = br#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT",
            "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#;
        assert_eq!(decode(400, body).kind, ErrorKind::Authentication);
    }

    #[test]
    fn the_wait_is_read_from_the_details() {
        let body = br#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED",
            "details":[{"retryDelay":"34.5s"}]}}"#;
        let error = decode(429, body);
        assert_eq!(error.retry_after, Some(Duration::from_millis(34_500)));
        assert_eq!(decode(429, &encode(&error)).kind, ErrorKind::RateLimited);
    }
}
