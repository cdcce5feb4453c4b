//! Requests that are refused, and fields that ask for nothing and so are taken.

mod clients;

use clients::client;
use relay_wire::{ChatRequest, Dialect, WireError, WireErrorKind, codec};
use serde_json::{Value, json};

fn decode(value: &Value) -> ChatRequest {
    client(Dialect::OpenAiChat)
        .decode_request(value.to_string().as_bytes())
        .expect("a valid request")
}

fn encode(request: &ChatRequest, dialect: Dialect) -> Result<Value, WireError> {
    let bytes = codec(dialect).encode_request(request)?;
    Ok(serde_json::from_slice(&bytes).expect("JSON"))
}

/// A small request with these fields besides.
fn request_with(fields: &Value) -> Value {
    let mut request = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (field, value) in fields.as_object().expect("fields") {
        request[field] = value.clone();
    }
    request
}

#[test]
fn what_a_target_cannot_express_is_refused_by_name() {
    let refused = [
        (Dialect::AnthropicMessages, "n", json!({"n": 2})),
        (
            Dialect::AnthropicMessages,
            "logprobs",
            json!({"logprobs": true}),
        ),
        (
            Dialect::AnthropicMessages,
            "frequency_penalty",
            json!({"frequency_penalty": 0.5}),
        ),
        (
            Dialect::AnthropicMessages,
            "presence_penalty",
            json!({"presence_penalty": 0.5}),
        ),
        (
            Dialect::AnthropicMessages,
            "temperature",
            json!({"temperature": 1.5}),
        ),
        (
            Dialect::AnthropicMessages,
            "logit_bias",
            json!({"logit_bias": {"1": 1}}),
        ),
        (
            Dialect::AnthropicMessages,
            "service_tier",
            json!({"service_tier": "flex"}),
        ),
        (
            Dialect::AnthropicMessages,
            "web_search_options",
            json!({"web_search_options": {"a": 1}}),
        ),
        (
            Dialect::AnthropicMessages,
            "tools[0]",
            json!({"tools": [{"type": "web_search"}]}),
        ),
        (Dialect::OpenAiResponses, "n", json!({"n": 2})),
        (Dialect::OpenAiResponses, "stop", json!({"stop": "END"})),
        (Dialect::OpenAiResponses, "top_k", json!({"top_k": 3})),
        (
            Dialect::OpenAiResponses,
            "tools[0]",
            json!({"tools": [{"type": "web_search"}]}),
        ),
        (
            Dialect::Gemini,
            "logit_bias",
            json!({"logit_bias": {"1": 1}}),
        ),
        (
            Dialect::Gemini,
            "modalities",
            json!({"modalities": ["text", "audio"]}),
        ),
        (Dialect::Gemini, "seed", json!({"seed": 1_i64 << 40})),
        (
            Dialect::Gemini,
            "parallel_tool_calls",
            json!({
                "parallel_tool_calls": false,
                "tools": [{"type": "function", "function": {"name": "f"}}],
            }),
        ),
        (
            Dialect::AnthropicMessages,
            "messages[0].content[0]",
            json!({"messages": [
                {"role": "user", "content": [
                    {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
                ]},
            ]}),
        ),
    ];
    for (dialect, field, fields) in refused {
        let error = encode(&decode(&request_with(&fields)), dialect).expect_err(field);
        assert_eq!(error.param.as_deref(), Some(field), "{dialect}: {error}");
        assert_eq!(error.kind, WireErrorKind::Unsupported, "{dialect}: {error}");
        assert!(error.message.contains(field), "{error}");
        assert_eq!(error.into_request_error().status, 400);
    }
}

#[test]
fn fields_that_ask_for_what_happens_anyway_are_taken() {
    let fields = json!({
        "n": 1, "logprobs": false, "frequency_penalty": 0, "presence_penalty": 0.0,
        "logit_bias": {}, "modalities": ["text"], "store": true, "user": null, "seed": null,
        "prompt_cache_key": "k", "parallel_tool_calls": false, "tool_choice": "auto",
        "service_tier": "auto", "response_format": {"type": "text"}, "safety_identifier": "s",
    });
    for dialect in Dialect::ALL {
        encode(&decode(&request_with(&fields)), dialect).expect("nothing is asked for");
    }
}

#[test]
fn malformed_requests_are_refused_by_name() {
    for (field, fields) in [
        (
            "messages[0].role",
            json!({"messages": [{"role": "king", "content": "x"}]}),
        ),
        (
            "messages[0].content",
            json!({"messages": [{"role": "user", "content": 1}]}),
        ),
        (
            "messages[0].tool_call_id",
            json!({"messages": [{"role": "tool", "content": "x"}]}),
        ),
        ("temperature", json!({"temperature": "hot"})),
        ("stop", json!({"stop": [1]})),
        ("tool_choice", json!({"tool_choice": "maybe"})),
        (
            "response_format.type",
            json!({"response_format": {"type": "xml"}}),
        ),
        (
            "tools[0].function.name",
            json!({"tools": [{"type": "function", "function": {}}]}),
        ),
        ("reasoning_effort", json!({"reasoning_effort": "enormous"})),
        ("max_tokens", json!({"max_tokens": -1})),
    ] {
        let body = request_with(&fields).to_string();
        let error = client(Dialect::OpenAiChat)
            .decode_request(body.as_bytes())
            .expect_err("malformed");
        assert_eq!(error.param.as_deref(), Some(field), "{error}");
    }
}

#[test]
fn a_result_that_answers_no_call_is_refused_for_gemini() {
    let request = decode(&request_with(&json!({"messages": [
        {"role": "tool", "tool_call_id": "nobody", "content": "ok"},
    ]})));
    let error = encode(&request, Dialect::Gemini).expect_err("no name is known");
    assert_eq!(
        error.param.as_deref(),
        Some("messages[0].content[0].tool_call_id")
    );
}

#[test]
fn what_openai_keeps_is_refused_clearly_elsewhere() {
    for fields in [
        json!({"previous_response_id": "resp_1"}),
        json!({"conversation": "conv_1"}),
        json!({"background": true}),
        json!({"store": true}),
        json!({"prompt": {"id": "pmpt_1"}}),
    ] {
        let mut body = json!({"model": "m", "input": "hi"});
        let field = fields
            .as_object()
            .expect("fields")
            .keys()
            .next()
            .expect("one");
        body[field] = fields[field].clone();
        let request = client(Dialect::OpenAiResponses)
            .decode_request(body.to_string().as_bytes())
            .expect("a valid request");
        let own = encode(&request, Dialect::OpenAiResponses).expect("its own dialect");
        assert_eq!(own[field], fields[field]);
        for dialect in [
            Dialect::OpenAiChat,
            Dialect::AnthropicMessages,
            Dialect::Gemini,
        ] {
            let error = encode(&request, dialect).expect_err(field);
            assert_eq!(error.param.as_ref(), Some(field), "{dialect}");
            assert!(error.message.contains("what OpenAI keeps"), "{error}");
        }
    }
}
