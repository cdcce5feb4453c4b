//! Requests: what each upstream is sent for a client's OpenAI request, and what is refused.

use relay_wire::{
    ChatRequest, Dialect, Media, Part, Role, ToolChoice, WireError, WireErrorKind, codec,
};
use serde_json::{Value, json};

const CHAT: &[u8] = include_bytes!("fixtures/chat_request.json");
const ANTHROPIC: &[u8] = include_bytes!("fixtures/anthropic_request.json");
const GEMINI: &[u8] = include_bytes!("fixtures/gemini_request.json");

fn decode(value: &Value) -> ChatRequest {
    codec(Dialect::OpenAiChat)
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

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

#[test]
fn an_openai_request_becomes_what_anthropic_wants() {
    let request = decode(&value(CHAT));
    assert_eq!(
        encode(&request, Dialect::AnthropicMessages).expect("expressible"),
        value(ANTHROPIC)
    );
}

#[test]
fn an_openai_request_becomes_what_gemini_wants() {
    let request = decode(&value(CHAT));
    assert_eq!(
        encode(&request, Dialect::Gemini).expect("expressible"),
        value(GEMINI)
    );
}

#[test]
fn an_openai_request_survives_its_own_dialect() {
    let request = decode(&value(CHAT));
    let again = encode(&request, Dialect::OpenAiChat).expect("its own dialect");
    assert_eq!(
        encode(&decode(&again), Dialect::OpenAiChat).expect("the same"),
        again
    );
    let mut expected = value(CHAT);
    // No arguments are written as an empty object, and the older name of the limit is anyone's.
    expected["messages"][3]["tool_calls"][1]["function"]["arguments"] = json!("{}");
    let fields = expected.as_object_mut().expect("an object");
    let limit = fields.remove("max_completion_tokens").expect("a limit");
    fields.insert("max_tokens".to_owned(), limit);
    assert_eq!(again, expected);
}

#[test]
fn the_other_dialects_are_read_back_as_what_they_mean() {
    for (dialect, body) in [
        (Dialect::AnthropicMessages, ANTHROPIC),
        (Dialect::Gemini, GEMINI),
    ] {
        let request = codec(dialect)
            .decode_request(body)
            .expect("a valid request");
        assert_eq!(request.messages[0].role, Role::System);
        assert_eq!(request.tool_choice, Some(ToolChoice::Required));
        let again = codec(dialect)
            .encode_request(&request)
            .expect("its own dialect");
        assert_eq!(
            codec(dialect).decode_request(&again).expect("valid"),
            request,
            "{dialect}"
        );
        let chat = encode(&request, Dialect::OpenAiChat).expect("expressible");
        let roles: Vec<_> = chat["messages"]
            .as_array()
            .expect("messages")
            .iter()
            .map(|message| message["role"].as_str().expect("a role"))
            .collect();
        assert_eq!(
            roles,
            ["system", "user", "assistant", "tool", "tool", "user"],
            "{dialect}"
        );
        assert_eq!(
            chat["messages"][2]["tool_calls"][0]["id"],
            chat["messages"][3]["tool_call_id"]
        );
    }
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
        (Dialect::AnthropicMessages, "seed", json!({"seed": 1})),
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
            "response_format",
            json!({"response_format": {"type": "json_object"}}),
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
        (Dialect::Gemini, "verbosity", json!({"verbosity": "low"})),
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
    for dialect in [Dialect::AnthropicMessages, Dialect::Gemini] {
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
        let error = codec(Dialect::OpenAiChat)
            .decode_request(body.as_bytes())
            .expect_err("malformed");
        assert_eq!(error.param.as_deref(), Some(field), "{error}");
    }
}

#[test]
fn anthropic_gets_a_limit_where_the_client_gives_none() {
    for (model, limit) in [
        ("claude-3-haiku-20240307", 4096),
        ("claude-sonnet-4-5", 32_000),
        ("kimi-k2", 8192),
    ] {
        let request = decode(&request_with(&json!({"model": model})));
        let body = encode(&request, Dialect::AnthropicMessages).expect("expressible");
        assert_eq!(body["max_tokens"], limit, "{model}");
    }
}

#[test]
fn effort_becomes_what_the_model_understands() {
    let sent = |dialect, model: &str| {
        let fields = json!({"model": model, "reasoning_effort": "high"});
        encode(&decode(&request_with(&fields)), dialect).expect("expressible")
    };
    let budget = sent(Dialect::AnthropicMessages, "claude-sonnet-4-5");
    assert_eq!(
        budget["thinking"],
        json!({"type": "enabled", "budget_tokens": 16_384})
    );
    let adaptive = sent(Dialect::AnthropicMessages, "claude-opus-4-6");
    assert_eq!(adaptive["thinking"]["type"], "adaptive");
    assert_eq!(adaptive["output_config"]["effort"], "high");
    let gemini = sent(Dialect::Gemini, "gemini-2.5-flash");
    assert_eq!(
        gemini["generationConfig"]["thinkingConfig"]["thinkingBudget"],
        24_576
    );
    let gemini = sent(Dialect::Gemini, "gemini-3-pro-preview");
    assert_eq!(
        gemini["generationConfig"]["thinkingConfig"]["thinkingLevel"],
        "high"
    );
}

#[test]
fn signatures_go_back_to_the_provider_that_made_them_and_to_no_other() {
    let request = decode(&request_with(
        &json!({"model": "gemini-3-pro", "messages": [
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": null,
                "reasoning_content": "think",
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "think", "signature": "S1", "format": "anthropic-claude-v1"},
                    {"type": "reasoning.encrypted", "data": "R1", "format": "anthropic-claude-v1"},
                ],
                "tool_calls": [{
                    "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"},
                    "extra_content": {"google": {"thought_signature": "G1"}},
                }],
            },
            {"role": "tool", "tool_call_id": "c", "content": "ok"},
        ]}),
    ));
    let anthropic = encode(&request, Dialect::AnthropicMessages).expect("expressible");
    let blocks = &anthropic["messages"][1]["content"];
    assert_eq!(
        blocks[0],
        json!({"type": "thinking", "thinking": "think", "signature": "S1"})
    );
    assert_eq!(
        blocks[1],
        json!({"type": "redacted_thinking", "data": "R1"})
    );
    assert!(!anthropic.to_string().contains("G1"));
    let gemini = encode(&request, Dialect::Gemini).expect("expressible");
    assert_eq!(gemini["contents"][1]["parts"][0]["thoughtSignature"], "G1");
    assert!(!gemini.to_string().contains("S1"));
    let again = encode(&request, Dialect::OpenAiChat).expect("its own dialect");
    assert_eq!(decode(&again).messages, request.messages);
}

#[test]
fn gemini_3_gets_a_stand_in_for_a_signature_the_client_did_not_keep() {
    let messages = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "c", "content": "ok"},
    ]);
    for (model, expected) in [
        ("gemini-3-flash", json!("skip_thought_signature_validator")),
        ("gemini-2.5-pro", json!(null)),
    ] {
        let request = decode(&request_with(
            &json!({"model": model, "messages": messages}),
        ));
        let body = encode(&request, Dialect::Gemini).expect("expressible");
        assert_eq!(
            body["contents"][1]["parts"][0]["thoughtSignature"],
            expected
        );
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
fn ids_of_other_providers_are_made_fit_for_anthropic_alike_in_call_and_result() {
    let request = decode(&request_with(&json!({"messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "tool_calls": [
            {"id": "functions.f:0", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "functions.f:0", "content": "ok"},
    ]})));
    let body = encode(&request, Dialect::AnthropicMessages).expect("expressible");
    assert_eq!(body["messages"][1]["content"][0]["id"], "functions_f_0");
    assert_eq!(
        body["messages"][2]["content"][0]["tool_use_id"],
        "functions_f_0"
    );
}

#[test]
fn pictures_and_files_are_carried_in_each_dialects_own_way() {
    let request = decode(&request_with(
        &json!({"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="}},
        ]}]}),
    ));
    assert!(matches!(&request.messages[0].parts[0],
        Part::Image(image) if image.media == Media::Url("https://example.com/a.png".to_owned())));
    let anthropic = encode(&request, Dialect::AnthropicMessages).expect("expressible");
    let blocks = &anthropic["messages"][0]["content"];
    assert_eq!(
        blocks[0]["source"],
        json!({"type": "url", "url": "https://example.com/a.png"})
    );
    assert_eq!(blocks[1]["source"]["media_type"], "application/pdf");
    let gemini = encode(&request, Dialect::Gemini).expect("expressible");
    let parts = &gemini["contents"][0]["parts"];
    assert_eq!(parts[0]["fileData"]["mimeType"], "image/png");
    assert_eq!(parts[1]["inlineData"]["data"], "AA==");
}

#[test]
fn each_dialect_is_called_at_its_own_path() {
    assert_eq!(
        codec(Dialect::OpenAiChat).path("m", true),
        "/chat/completions"
    );
    assert_eq!(
        codec(Dialect::AnthropicMessages).path("m", false),
        "/messages"
    );
    assert_eq!(
        codec(Dialect::Gemini).path("m", false),
        "/models/m:generateContent"
    );
    assert_eq!(
        codec(Dialect::Gemini).path("m", true),
        "/models/m:streamGenerateContent?alt=sse"
    );
}
