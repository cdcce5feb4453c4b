//! OpenAI's error object, `{error: {message, type, code, param}}`, and what compatibles make of it.

use serde_json::{Value, json};

use crate::json::{as_count, text_at, to_bytes};
use crate::{ApiError, ErrorKind, redact_keys};

/// Reads an error answer, whatever its body is.
pub(super) fn decode(status: u16, body: &[u8]) -> ApiError {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return plain(status, &String::from_utf8_lossy(body));
    };
    let error = value
        .get("error")
        .filter(|error| !error.is_null())
        .unwrap_or(&value);
    match error {
        Value::String(message) => plain(status, message),
        _ => error_of_object(status, error),
    }
}

/// Reads the inner error object, as it also comes inside a stream.
pub(crate) fn error_of_object(status: u16, error: &Value) -> ApiError {
    let message = text_at(error, "message")
        .or_else(|| text_at(error, "detail"))
        .or_else(|| error.as_str())
        .unwrap_or("the provider gave no reason");
    let code = text_at(error, "code").map(str::to_owned);
    let class = text_at(error, "type").unwrap_or_default();
    let kind = match code.as_deref().unwrap_or(class) {
        "insufficient_quota" | "billing_hard_limit_reached" => ErrorKind::Billing,
        "context_length_exceeded" => ErrorKind::InvalidRequest,
        _ => ErrorKind::of_status(status),
    };
    ApiError {
        kind,
        code: code.or_else(|| (!class.is_empty()).then(|| class.to_owned())),
        param: text_at(error, "param").map(str::to_owned),
        ..ApiError::new(status, redact_keys(message))
    }
}

/// The status of an error inside a stream: what it names itself, else 502.
pub(crate) fn status_of_event(error: &Value) -> u16 {
    ["status_code", "status", "code"]
        .iter()
        .filter_map(|field| error.get(field).and_then(as_count))
        .find_map(|code| {
            u16::try_from(code)
                .ok()
                .filter(|code| (400..600).contains(code))
        })
        .unwrap_or_else(|| match text_at(error, "type").unwrap_or_default() {
            "invalid_request_error" => 400,
            "rate_limit_error" | "tokens" | "requests" => 429,
            _ => 502,
        })
}

/// A body that is no error object: a proxy's page, a plain sentence, nothing.
fn plain(status: u16, text: &str) -> ApiError {
    const SHOWN_CHARS: usize = 300;
    let text = text.trim();
    if text.is_empty() || text.starts_with('<') {
        return ApiError::new(
            status,
            format!("the provider answered with status {status}"),
        );
    }
    let shown: String = text.chars().take(SHOWN_CHARS).collect();
    ApiError::new(status, redact_keys(&shown))
}

/// Writes an error body.
pub(super) fn encode(error: &ApiError) -> Vec<u8> {
    to_bytes(&object_of(error))
}

/// The whole error object, as it is sent alone or as a stream's last event.
pub(super) fn object_of(error: &ApiError) -> Value {
    let class = match error.kind {
        ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::TooLarge => {
            "invalid_request_error"
        }
        ErrorKind::Authentication => "authentication_error",
        ErrorKind::Permission => "permission_error",
        ErrorKind::Billing => "insufficient_quota",
        ErrorKind::RateLimited => "rate_limit_error",
        ErrorKind::Overloaded | ErrorKind::Timeout | ErrorKind::Upstream => "server_error",
    };
    json!({"error": {
        "message": error.message,
        "type": class,
        "param": error.param,
        "code": error.code,
    }})
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::ErrorKind;

    #[test]
    fn every_shape_of_error_body_is_read() {
        let body =
            br#"{"error":{"message":"no","type":"invalid_request_error","param":"n","code":"x"}}"#;
        let error = decode(400, body);
        assert_eq!(
            (error.message.as_str(), error.param.as_deref()),
            ("no", Some("n"))
        );
        assert_eq!(error.code.as_deref(), Some("x"));
        assert_eq!(decode(400, br#"{"error":"no"}"#).message, "no");
        assert_eq!(decode(422, br#"{"message":"no","type":"t"}"#).message, "no");
        assert_eq!(decode(500, b"try later").message, "try later");
        assert!(decode(502, b"<html>").message.contains("502"));
        assert_eq!(decode(401, b"").kind, ErrorKind::Authentication);
    }

    #[test]
    fn no_money_left_is_told_from_too_fast() {
        let body = br#"{"error":{"message":"m","code":"insufficient_quota"}}"#;
        assert_eq!(decode(429, body).kind, ErrorKind::Billing);
        assert_eq!(decode(429, b"{}").kind, ErrorKind::RateLimited);
    }

    #[test]
    fn a_key_in_the_message_is_not_kept() {
        let error = decode(
            401,
            br#"{"error":{"message":"Incorrect API key provided: sk-abcdef1234."}}"#,
        );
        assert!(!error.message.contains("abcdef"));
        let round = decode(401, &encode(&error));
        assert_eq!(round.message, error.message);
    }
}
