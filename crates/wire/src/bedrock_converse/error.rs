//! AWS's errors: a type in a header (`x-amzn-errortype`) or in the body (`__type`), and a message.
//!
//! Source: Amazon Bedrock API reference, "Common Errors" and the errors of `Converse`; Smithy
//! specification, "AWS restJson1 protocol", operation error serialization.

use serde_json::Value;

use crate::json::{as_count, text_at};
use crate::{ApiError, ErrorKind, redact_keys};

/// Reads an error answer whose `x-amzn-errortype` header is known: Bedrock often names the type
/// there and nowhere else. [`Codec::decode_error`](crate::Codec::decode_error) reads one without.
pub fn error_of_type(status: u16, error_type: &str, body: &[u8]) -> ApiError {
    decode(status, Some(error_type), body)
}

pub(super) fn decode(status: u16, error_type: Option<&str>, body: &[u8]) -> ApiError {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => of_value(Some(status), error_type, &value),
        Err(_) => of_value(Some(status), error_type, &Value::Null),
    }
}

/// Reads an error object; inside a stream the type says the status.
pub(super) fn of_value(status: Option<u16>, error_type: Option<&str>, value: &Value) -> ApiError {
    let named = error_type
        .or_else(|| text_at(value, "__type"))
        .or_else(|| text_at(value, "code"));
    let class = named.map(bare_type);
    let (usual_status, kind) = class.map_or((502, None), class_of);
    let original = value
        .get("originalStatusCode")
        .and_then(as_count)
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| (400..600).contains(code));
    let status = status.or(original).unwrap_or(usual_status);
    let message = ["message", "Message", "originalMessage"]
        .iter()
        .find_map(|field| text_at(value, field));
    // A key that is not believed is forbidden to Bedrock (403), whatever it is called.
    let kind = match message {
        Some(message) if status == 403 && speaks_of_the_key(message) => ErrorKind::Authentication,
        _ => kind.unwrap_or_else(|| ErrorKind::of_status(status)),
    };
    let message = message.map_or_else(
        || format!("the provider answered with status {status}"),
        redact_keys,
    );
    ApiError {
        kind,
        code: class.map(str::to_owned),
        ..ApiError::new(status, message)
    }
}

/// A type without what may stand around it: `aws.protocoltests#Foo:http://...` is `Foo`.
fn bare_type(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or(name);
    name.rsplit('#').next().unwrap_or(name)
}

/// The status a type has, and its class where that is not what the status suggests. Types begin
/// with a small letter inside a stream.
fn class_of(class: &str) -> (u16, Option<ErrorKind>) {
    let is = |name: &str| class.eq_ignore_ascii_case(name);
    if is("ValidationException") {
        (400, None)
    } else if is("ServiceQuotaExceededException") || is("ThrottlingException") {
        (429, Some(ErrorKind::RateLimited))
    } else if is("ModelNotReadyException") || is("ServiceUnavailableException") {
        (503, Some(ErrorKind::Overloaded))
    } else if is("AccessDeniedException") {
        (403, None)
    } else if is("UnrecognizedClientException")
        || is("InvalidSignatureException")
        || is("IncompleteSignatureException")
        || is("ExpiredTokenException")
        || is("MissingAuthenticationTokenException")
    {
        (403, Some(ErrorKind::Authentication))
    } else if is("ResourceNotFoundException") {
        (404, None)
    } else if is("ModelTimeoutException") {
        (408, None)
    } else if is("ModelErrorException") || is("ModelStreamErrorException") {
        // 424, "failed dependency": the model's fault, not the request's.
        (424, Some(ErrorKind::Upstream))
    } else if is("InternalServerException") {
        (500, None)
    } else {
        (502, None)
    }
}

fn speaks_of_the_key(message: &str) -> bool {
    ["API Key", "Bearer Token", "security token", "signature"]
        .iter()
        .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::{decode, error_of_type};
    use crate::ErrorKind;

    #[test]
    fn the_type_is_read_from_the_header_and_from_the_body() {
        let body = br#"{"message":"Too many tokens, please wait"}"#;
        let error = error_of_type(429, "ThrottlingException:http://internal.amazon.com/", body);
        assert_eq!(error.code.as_deref(), Some("ThrottlingException"));
        assert_eq!(error.kind, ErrorKind::RateLimited);
        let body = br#"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request is invalid."}"#;
        let error = decode(403, None, body);
        assert_eq!(error.code.as_deref(), Some("UnrecognizedClientException"));
        assert_eq!(error.kind, ErrorKind::Authentication);
    }

    #[test]
    fn a_key_that_is_not_believed_is_told_from_a_model_that_is_not_allowed() {
        let key =
            br#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#;
        assert_eq!(decode(403, None, key).kind, ErrorKind::Authentication);
        let model =
            br#"{"message":"You don't have access to the model with the specified model ID."}"#;
        assert_eq!(decode(403, None, model).kind, ErrorKind::Permission);
    }

    #[test]
    fn a_failing_model_is_the_upstreams_fault() {
        let error = error_of_type(424, "ModelErrorException", b"{}");
        assert_eq!((error.status, error.kind), (424, ErrorKind::Upstream));
        assert_eq!(decode(503, None, b"<html>").kind, ErrorKind::Overloaded);
    }
}
