//! How many input tokens a request has: Anthropic `count_tokens`, Gemini `countTokens`, OpenAI
//! `responses/input_tokens`, Bedrock `CountTokens`. The request is a chat request, so everything about it is translated
//! as in a call. Chat Completions has no such endpoint.
//!
//! Sources: Anthropic API reference "Count tokens in a Message"; Gemini API reference
//! `models.countTokens`; OpenAI API reference "Get input token counts".

use serde_json::{Value, json};

use crate::gemini::path_segment;
use crate::json::{Fields, Object, count_at, object, to_bytes};
use crate::{ChatRequest, Dialect, WireError, bedrock_converse, client_codec, codec};

/// The path below the host's base URL; `None` where the dialect cannot count.
pub fn path(dialect: Dialect, model: &str) -> Option<String> {
    match dialect {
        Dialect::OpenAiChat => None,
        Dialect::OpenAiResponses => Some("/responses/input_tokens".to_owned()),
        Dialect::AnthropicMessages => Some("/messages/count_tokens".to_owned()),
        Dialect::Gemini => Some(format!("/{}:countTokens", path_segment(model))),
        Dialect::BedrockConverse => {
            let model = bedrock_converse::path_segment(model);
            Some(format!("/model/{model}/count-tokens"))
        }
    }
}

/// Reads a client's request. A Gemini request's model stands in its path.
///
/// Errors: as [`ClientCodec::decode_request`](crate::ClientCodec::decode_request), or the dialect
/// is none that clients speak.
pub fn decode_request(dialect: Dialect, body: &[u8]) -> Result<ChatRequest, WireError> {
    let codec = client_codec(dialect)
        .ok_or_else(|| WireError::malformed(format!("no client speaks {dialect}")))?;
    if dialect != Dialect::Gemini {
        return codec.decode_request(body);
    }
    // Either the contents alone, or a whole request within.
    let mut fields = Fields::parse(body)?;
    match fields.take_either("generateContentRequest", "generate_content_request") {
        Some(whole) => codec.decode_request(&to_bytes(&whole)),
        None => codec.decode_request(body),
    }
}

/// Writes a request for an upstream.
///
/// Errors: as [`Codec::encode_request`](crate::Codec::encode_request), or
/// [`WireErrorKind::Unsupported`](crate::WireErrorKind::Unsupported) where the dialect cannot count.
pub fn encode_request(dialect: Dialect, request: &ChatRequest) -> Result<Vec<u8>, WireError> {
    let mut body = Fields::parse(&codec(dialect).encode_request(request)?)?.rest();
    match dialect {
        Dialect::OpenAiChat => Err(WireError::unsupported(
            "model",
            "is served in openai-chat, which cannot count tokens",
        )),
        Dialect::OpenAiResponses => {
            // What steers the answer is no part of the input.
            keep(
                &mut body,
                &[
                    "model",
                    "input",
                    "instructions",
                    "tools",
                    "tool_choice",
                    "parallel_tool_calls",
                    "text",
                    "reasoning",
                    "truncation",
                    "conversation",
                    "previous_response_id",
                ],
            );
            Ok(to_bytes(&Value::Object(body)))
        }
        Dialect::AnthropicMessages => {
            for field in [
                "max_tokens",
                "stream",
                "temperature",
                "top_p",
                "top_k",
                "stop_sequences",
                "metadata",
                "service_tier",
            ] {
                body.shift_remove(field);
            }
            Ok(to_bytes(&Value::Object(body)))
        }
        Dialect::Gemini => {
            let name = request.model.trim_start_matches("models/");
            let mut whole = object(json!({"model": format!("models/{name}")}));
            whole.extend(body);
            Ok(to_bytes(&json!({"generateContentRequest": whole})))
        }
        Dialect::BedrockConverse => {
            keep(
                &mut body,
                &[
                    "messages",
                    "system",
                    "toolConfig",
                    "additionalModelRequestFields",
                ],
            );
            Ok(to_bytes(&json!({"input": {"converse": body}})))
        }
    }
}

fn keep(body: &mut Object, fields: &[&str]) {
    body.retain(|field, _| fields.contains(&field.as_str()));
}

/// Reads an upstream's count.
///
/// Errors: an answer without one.
pub fn decode_response(dialect: Dialect, body: &[u8]) -> Result<u64, WireError> {
    let fields = Fields::parse(body)?;
    let field = match dialect {
        Dialect::Gemini => "totalTokens",
        Dialect::BedrockConverse => "inputTokens",
        _ => "input_tokens",
    };
    if fields.peek(field).is_none() {
        return Err(fields.wrong(field, "is missing in the upstream's answer"));
    }
    Ok(count_at(&Value::Object(fields.rest()), &[field]))
}

/// Writes a count for a client.
pub fn encode_response(dialect: Dialect, tokens: u64) -> Vec<u8> {
    to_bytes(&match dialect {
        Dialect::Gemini => json!({"totalTokens": tokens}),
        Dialect::AnthropicMessages => json!({"input_tokens": tokens}),
        // The last is no client's, so nobody asks for it.
        Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::BedrockConverse => {
            json!({"object": "response.input_tokens", "input_tokens": tokens})
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{decode_request, decode_response, encode_request, encode_response, path};
    use crate::Dialect;

    const COUNTING: [Dialect; 3] = [
        Dialect::OpenAiResponses,
        Dialect::AnthropicMessages,
        Dialect::Gemini,
    ];

    #[test]
    fn a_count_is_asked_in_every_dialect_that_can() {
        let body = br#"{"model":"claude-sonnet-4-5","system":"s","messages":[{"role":"user","content":"hi"}]}"#;
        let request = decode_request(Dialect::AnthropicMessages, body).expect("a valid request");
        for dialect in COUNTING {
            assert!(path(dialect, "m").is_some());
            let out = encode_request(dialect, &request).expect("expressible");
            let out: Value = serde_json::from_slice(&out).expect("JSON");
            assert!(
                out.get("max_tokens").is_none() && out.get("store").is_none(),
                "{out}"
            );
            let again = decode_request(dialect, out.to_string().as_bytes()).expect("our own");
            assert_eq!(again.messages.len(), 2, "{dialect}");
            assert_eq!(
                decode_response(dialect, &encode_response(dialect, 7)),
                Ok(7)
            );
        }
        assert!(encode_request(Dialect::OpenAiChat, &request).is_err());
    }

    #[test]
    fn contents_alone_are_read_too() {
        let body = json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}).to_string();
        let request = decode_request(Dialect::Gemini, body.as_bytes()).expect("a valid request");
        assert_eq!(request.messages.len(), 1);
    }
}
