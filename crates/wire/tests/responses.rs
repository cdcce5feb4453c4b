//! Whole answers: what an OpenAI client gets of each upstream's answer.

mod clients;

use clients::client;
use relay_wire::{Dialect, ErrorKind, WireErrorKind, codec};
use serde_json::{Value, json};

fn to_openai(dialect: Dialect, answer: &Value) -> Value {
    let mut response = codec(dialect)
        .decode_response(answer.to_string().as_bytes())
        .expect("an answer");
    response.created.get_or_insert(99);
    let body = client(Dialect::OpenAiChat)
        .encode_response(&response)
        .expect("writable");
    serde_json::from_slice(&body).expect("JSON")
}

#[test]
fn an_anthropic_answer_reads_as_openai_chat() {
    let out = to_openai(
        Dialect::AnthropicMessages,
        &json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "SIG"},
                {"type": "text", "text": "One, "},
                {"type": "text", "text": "two."},
                {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": [1]}},
            ],
            "stop_reason": "tool_use", "stop_sequence": null,
            "usage": {"input_tokens": 3, "cache_read_input_tokens": 7, "output_tokens": 5},
        }),
    );
    let choice = &out["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], "One, two.");
    assert_eq!(choice["message"]["reasoning_content"], "Hm.");
    assert_eq!(
        choice["message"]["reasoning_details"][0]["signature"],
        "SIG"
    );
    assert_eq!(
        choice["message"]["tool_calls"][0],
        json!({"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":[1]}"}})
    );
    assert_eq!(out["usage"]["prompt_tokens"], 10);
    assert_eq!(out["usage"]["total_tokens"], 15);
    assert_eq!(
        (&out["created"], &out["object"]),
        (&json!(99), &json!("chat.completion"))
    );
}

#[test]
fn a_gemini_answer_reads_as_openai_chat() {
    let out = to_openai(
        Dialect::Gemini,
        &json!({
            "candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
                {"text": "Hm.", "thought": true},
                {"text": "Look: "},
                {"inlineData": {"mimeType": "image/png", "data": "AA=="}},
                {"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": "SIG"},
                {"functionCall": {"name": "f", "args": {"a": 2}}},
            ]}}],
            "usageMetadata": {
                "promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 5,
                "totalTokenCount": 12,
            },
            "modelVersion": "gemini", "responseId": "r-1",
        }),
    );
    let message = &out["choices"][0]["message"];
    assert_eq!(message["content"], "Look: ");
    assert_eq!(message["reasoning_content"], "Hm.");
    assert_eq!(
        message["images"][0]["image_url"]["url"],
        "data:image/png;base64,AA=="
    );
    let calls = message["tool_calls"].as_array().expect("calls");
    assert_eq!(
        (&calls[0]["id"], &calls[1]["id"]),
        (&json!("call_r1_0"), &json!("call_r1_1"))
    );
    assert_eq!(
        calls[0]["extra_content"]["google"]["thought_signature"],
        "SIG"
    );
    assert_eq!(out["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(out["usage"]["completion_tokens"], 9);
    assert_eq!(
        out["usage"]["completion_tokens_details"]["reasoning_tokens"],
        5
    );
}

#[test]
fn a_forced_call_ends_in_tool_calls_whatever_the_host_says() {
    let out = to_openai(
        Dialect::OpenAiChat,
        &json!({"id": "c", "model": "m", "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": null, "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}},
            ]},
        }]}),
    );
    assert_eq!(out["choices"][0]["finish_reason"], "tool_calls");
    let call = &out["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(call["function"]["arguments"], "{\"a\":1}");
}

#[test]
fn a_refusal_stays_a_refusal() {
    let out = to_openai(
        Dialect::OpenAiChat,
        &json!({"id": "c", "model": "m", "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": null, "refusal": "I will not."},
        }]}),
    );
    assert_eq!(out["choices"][0]["message"]["refusal"], "I will not.");
    assert_eq!(out["choices"][0]["message"]["content"], Value::Null);
    let out = to_openai(
        Dialect::AnthropicMessages,
        &json!({"id": "m", "model": "c", "content": [], "stop_reason": "refusal"}),
    );
    assert_eq!(out["choices"][0]["finish_reason"], "content_filter");
}

#[test]
fn an_error_with_a_good_status_is_an_error() {
    for (dialect, body, kind) in [
        (
            Dialect::OpenAiChat,
            json!({"error": {"message": "no", "code": 429}}),
            ErrorKind::RateLimited,
        ),
        (
            Dialect::AnthropicMessages,
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "no"}}),
            ErrorKind::Overloaded,
        ),
        (
            Dialect::Gemini,
            json!({"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}}),
            ErrorKind::Permission,
        ),
    ] {
        let error = codec(dialect)
            .decode_response(body.to_string().as_bytes())
            .expect_err("an error object");
        let WireErrorKind::Upstream(api) = &error.kind else {
            panic!("{error:?}")
        };
        assert_eq!((api.kind, api.message.as_str()), (kind, "no"), "{dialect}");
    }
}

#[test]
fn what_is_no_answer_is_an_error() {
    for dialect in Dialect::ALL {
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "<html>",
            "{\"choices\":1,\"content\":1,\"candidates\":1}",
        ] {
            assert!(
                codec(dialect).decode_response(body.as_bytes()).is_err(),
                "{dialect}: {body}"
            );
        }
    }
}

#[test]
fn errors_keep_their_class_in_every_dialect() {
    for kind in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Upstream),
        (503, ErrorKind::Overloaded),
    ] {
        let error = relay_wire::ApiError::new(kind.0, "why");
        assert_eq!(error.kind, kind.1);
        for dialect in Dialect::CLIENTS {
            let body = client(dialect).encode_error(&error);
            let again = codec(dialect).decode_error(kind.0, &body);
            assert_eq!(
                (again.kind, again.message.as_str()),
                (kind.1, "why"),
                "{dialect}"
            );
        }
    }
}
