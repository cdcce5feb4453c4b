//! Anthropic's error object, `{type: "error", error: {type, message}, request_id}`.

use serde_json::{Value, json};

use crate::json::{object, put, text_at, to_bytes};
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

/// Reads an error object; inside a stream there is no status but what its type says.
pub(super) fn of_value(status: Option<u16>, value: &Value) -> ApiError {
    let error = value
        .get("error")
        .filter(|error| !error.is_null())
        .unwrap_or(value);
    let class = text_at(error, "type").unwrap_or_default();
    let (usual_status, kind) = match class {
        "invalid_request_error" => (400, ErrorKind::InvalidRequest),
        "authentication_error" => (401, ErrorKind::Authentication),
        "billing_error" => (402, ErrorKind::Billing),
        "permission_error" => (403, ErrorKind::Permission),
        "not_found_error" => (404, ErrorKind::NotFound),
        "request_too_large" => (413, ErrorKind::TooLarge),
        "rate_limit_error" => (429, ErrorKind::RateLimited),
        "timeout_error" => (504, ErrorKind::Timeout),
        "overloaded_error" => (529, ErrorKind::Overloaded),
        _ => (502, ErrorKind::of_status(status.unwrap_or(502))),
    };
    let message = text_at(error, "message")
        .or_else(|| error.as_str())
        .unwrap_or("the provider gave no reason");
    ApiError {
        kind,
        code: (!class.is_empty()).then(|| class.to_owned()),
        ..ApiError::new(status.unwrap_or(usual_status), redact_keys(message))
    }
}

/// Writes an error body.
pub(super) fn encode(error: &ApiError) -> Vec<u8> {
    to_bytes(&object_of(error))
}

/// The whole error object, as it is sent alone or as a stream's last event.
pub(super) fn object_of(error: &ApiError) -> Value {
    let class = match error.kind {
        ErrorKind::InvalidRequest => "invalid_request_error",
        ErrorKind::Authentication => "authentication_error",
        ErrorKind::Billing => "billing_error",
        ErrorKind::Permission => "permission_error",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::TooLarge => "request_too_large",
        ErrorKind::RateLimited => "rate_limit_error",
        ErrorKind::Overloaded => "overloaded_error",
        ErrorKind::Timeout => "timeout_error",
        ErrorKind::Upstream => "api_error",
    };
    let mut told = object(json!({"type": class, "message": error.message}));
    // Anthropic has no word for it, and its clients pass it on all the same.
    put(&mut told, "code", error.code.clone());
    json!({"type": "error", "error": told})
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::ErrorKind;

    #[test]
    fn the_type_says_more_than_the_status() {
        let body =
            br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        let error = decode(529, body);
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::Overloaded, "Overloaded")
        );
        assert_eq!(decode(529, &encode(&error)).kind, ErrorKind::Overloaded);
    }

    #[test]
    fn a_body_that_is_no_error_object_still_is_an_error() {
        assert_eq!(decode(503, b"<html>").status, 503);
        assert_eq!(decode(401, b"{}").kind, ErrorKind::Authentication);
    }
}
