//! Errors inside a response or its stream. An error answer is the same object as in Chat.

use serde_json::{Value, json};

use crate::openai_chat::{error_of_object, status_of_event};
use crate::{ApiError, ErrorKind};

/// Reads the `error` of a failed response or of an `error` event.
pub(super) fn of_value(error: &Value) -> ApiError {
    let status = match error.get("code").and_then(Value::as_str) {
        Some("rate_limit_exceeded" | "insufficient_quota") => 429,
        Some("invalid_prompt" | "context_length_exceeded") => 400,
        _ => status_of_event(error),
    };
    error_of_object(status, error)
}

/// The `error` event. OpenAI sends the fields within `error`, its documentation has them outside;
/// clients look in either place, so both are there.
pub(super) fn event_of(error: &ApiError) -> Value {
    json!({
        "code": error.code,
        "message": error.message,
        "param": error.param,
        "error": {
            "type": class_of(error.kind),
            "code": error.code,
            "message": error.message,
            "param": error.param,
        },
    })
}

/// The `error` of a failed response, whose codes are a closed list.
pub(super) fn failure_of(error: &ApiError) -> Value {
    let code = match error.kind {
        ErrorKind::RateLimited | ErrorKind::Billing => "rate_limit_exceeded",
        ErrorKind::InvalidRequest | ErrorKind::TooLarge => "invalid_prompt",
        _ => "server_error",
    };
    json!({"code": code, "message": error.message})
}

const fn class_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::TooLarge => {
            "invalid_request_error"
        }
        ErrorKind::Authentication => "authentication_error",
        ErrorKind::Permission => "permission_error",
        ErrorKind::Billing => "insufficient_quota",
        ErrorKind::RateLimited => "rate_limit_error",
        ErrorKind::Overloaded | ErrorKind::Timeout | ErrorKind::Upstream => "server_error",
    }
}
