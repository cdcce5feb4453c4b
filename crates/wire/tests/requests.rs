//! Requests: what each upstream is sent for a client's OpenAI request, and what is refused.

mod clients;

use clients::client;
use relay_wire::{ChatRequest, Dialect, Media, Part, Role, ToolChoice, WireError, codec};
use serde_json::{Value, json};

const CHAT: &[u8] = include_bytes!("fixtures/chat_request.json");
const ANTHROPIC: &[u8] = include_bytes!("fixtures/anthropic_request.json");
const GEMINI: &[u8] = include_bytes!("fixtures/gemini_request.json");

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
        let request = client(dialect)
            .decode_request(body)
            .expect("a valid request");
        assert_eq!(request.messages[0].role, Role::System);
        assert_eq!(request.tool_choice, Some(ToolChoice::Required));
        let again = codec(dialect)
            .encode_request(&request)
            .expect("its own dialect");
        assert_eq!(
            client(dialect).decode_request(&again).expect("valid"),
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
    // A reseller knows everybody's; Google's own endpoint would refuse Anthropic's.
    let mut resold = request.clone();
    resold.model = "google/gemini-3-pro".to_owned();
    let again = encode(&resold, Dialect::OpenAiChat).expect("its own dialect");
    assert_eq!(decode(&again).messages, request.messages);
    let direct = encode(&request, Dialect::OpenAiChat).expect("its own dialect");
    assert!(direct.to_string().contains("G1") && !direct.to_string().contains("S1"));
}

#[test]
fn a_turn_that_lost_its_thought_goes_on_at_anthropic_without_thinking() {
    let calling = json!({"role": "assistant", "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}},
    ]});
    let mut signed = calling.clone();
    signed["reasoning_details"] = json!([
        {"type": "reasoning.text", "text": "think", "signature": "S1", "format": "anthropic-claude-v1"},
    ]);
    let user = json!({"role": "user", "content": "hi"});
    let result = json!({"role": "tool", "tool_call_id": "c", "content": "ok"});
    let thinking = |model: &str, messages: &Value| {
        let request = json!({"model": model, "reasoning_effort": "low", "messages": messages});
        let body = encode(&decode(&request_with(&request)), Dialect::AnthropicMessages);
        body.expect("expressible")["thinking"]["type"].clone()
    };
    let budgeted = "claude-sonnet-4-5";
    assert_eq!(
        thinking(budgeted, &json!([user, calling, result])),
        json!(null)
    );
    assert_eq!(
        thinking(budgeted, &json!([user, signed, result])),
        "enabled"
    );
    // It is the turn's beginning that counts, and of the last turn only.
    assert_eq!(
        thinking(budgeted, &json!([user, signed, result, calling, result])),
        "enabled"
    );
    assert_eq!(
        thinking(budgeted, &json!([user, calling, result, signed, result])),
        json!(null)
    );
    assert_eq!(
        thinking(budgeted, &json!([user, calling, result, user])),
        "enabled"
    );
    assert_eq!(
        thinking("claude-opus-4-6", &json!([user, calling, result])),
        "adaptive"
    );
}

#[test]
fn a_picture_in_the_url_safe_alphabet_reaches_others_in_the_standard_one() {
    let request = json!({"contents": [{"role": "user", "parts": [
        {"inlineData": {"mime_type": "image/png", "data": "-_-_AA"}},
    ]}]});
    let request = client(Dialect::Gemini)
        .decode_request(request.to_string().as_bytes())
        .expect("a valid request");
    let body = encode(&request, Dialect::AnthropicMessages).expect("expressible");
    assert_eq!(
        body["messages"][0]["content"][0]["source"]["data"],
        "+/+/AA=="
    );
    let body = encode(&request, Dialect::OpenAiChat).expect("expressible");
    assert_eq!(
        body["messages"][0]["content"][0]["image_url"]["url"],
        "data:image/png;base64,+/+/AA=="
    );
}

#[test]
fn results_without_ids_in_contents_of_their_own_answer_a_call_each() {
    let call = |city: &str| json!({"functionCall": {"name": "f", "args": {"city": city}}});
    let result = |text: &str| {
        let response = json!({"name": "f", "response": {"result": text}});
        json!({"role": "user", "parts": [{"functionResponse": response}]})
    };
    let request = json!({"contents": [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [call("Seoul"), call("Busan")]},
        result("sunny"),
        result("rainy"),
    ]});
    let request = client(Dialect::Gemini)
        .decode_request(request.to_string().as_bytes())
        .expect("a valid request");
    let body = encode(&request, Dialect::OpenAiChat).expect("expressible");
    let calls = &body["messages"][1]["tool_calls"];
    assert_eq!(body["messages"][2]["tool_call_id"], calls[0]["id"]);
    assert_eq!(body["messages"][3]["tool_call_id"], calls[1]["id"]);
    assert_ne!(calls[0]["id"], calls[1]["id"]);
}

#[test]
fn a_thought_that_a_gemini_client_collected_in_pieces_goes_back_whole() {
    // base64 of `relay:anthropic-messages:S1`
    let signature = "cmVsYXk6YW50aHJvcGljLW1lc3NhZ2VzOlMx";
    let request = json!({"contents": [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [
            {"text": "The ", "thought": true},
            {"text": "user", "thought": true},
            {"text": "", "thought": true, "thoughtSignature": signature},
            {"functionCall": {"name": "f", "args": {}}},
        ]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"result": "x"}}}]},
    ]});
    let request = client(Dialect::Gemini)
        .decode_request(request.to_string().as_bytes())
        .expect("a valid request");
    let body = encode(&request, Dialect::AnthropicMessages).expect("expressible");
    assert_eq!(
        body["messages"][1]["content"][0],
        json!({"type": "thinking", "thinking": "The user", "signature": "S1"})
    );
}

#[test]
fn what_openais_client_read_for_its_caller_is_left_out() {
    let request = json!({"model": "m", "input": [
        {"role": "user", "content": "hi"},
        {"type": "message", "role": "assistant", "content": [
            {"type": "output_text", "text": "{}", "annotations": [], "parsed": {}},
        ]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "parsed_arguments": {}},
        {"type": "function_call_output", "call_id": "c", "output": "ok"},
    ]});
    let request = client(Dialect::OpenAiResponses)
        .decode_request(request.to_string().as_bytes())
        .expect("a valid request");
    for dialect in [Dialect::AnthropicMessages, Dialect::Gemini] {
        assert!(encode(&request, dialect).is_ok(), "{dialect}");
    }
}

#[test]
fn a_thought_named_by_its_id_alone_is_left_out() {
    let request = |id: &str| {
        let request = json!({"model": "m", "input": [
            {"role": "user", "content": "hi"},
            {"type": "item_reference", "id": id},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "ok"},
            {"type": "item_reference", "id": id},
        ]});
        client(Dialect::OpenAiResponses)
            .decode_request(request.to_string().as_bytes())
            .expect("a valid request")
    };
    let body = encode(&request("rs_1"), Dialect::AnthropicMessages).expect("expressible");
    assert_eq!(body["messages"].as_array().map(Vec::len), Some(3));
    assert_eq!(body["messages"][1]["content"][0]["type"], "tool_use");
    assert!(encode(&request("msg_1"), Dialect::AnthropicMessages).is_err());
    let own = encode(&request("rs_1"), Dialect::OpenAiResponses).expect("its own dialect");
    assert_eq!(
        own["input"][1],
        json!({"type": "item_reference", "id": "rs_1"})
    );
}

#[test]
fn one_forced_tool_is_called_once_at_gemini_too() {
    let mut request = request_with(&json!({
        "parallel_tool_calls": false,
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
    }));
    assert!(encode(&decode(&request), Dialect::Gemini).is_ok());
    request["tool_choice"] = json!("required");
    assert!(encode(&decode(&request), Dialect::Gemini).is_ok());
    request["tool_choice"] = json!("auto");
    assert!(encode(&decode(&request), Dialect::Gemini).is_err());
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
        codec(Dialect::OpenAiResponses).path("m", true),
        "/responses"
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

#[test]
fn a_responses_request_is_read_as_turns_and_written_back_as_items() {
    let body = json!({
        "model": "gpt-5", "instructions": "Be brief.", "store": false,
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"verbosity": "low"},
        "input": [
            {"type": "message", "role": "user", "content": "hi"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "E1"},
            {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
             "content": [{"type": "output_text", "text": "Look: ", "annotations": []}]},
            {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call", "id": "fc_2", "call_id": "c2", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "1"},
            {"type": "function_call_output", "call_id": "c2", "output": "2"},
        ],
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
    });
    let request = client(Dialect::OpenAiResponses)
        .decode_request(body.to_string().as_bytes())
        .expect("a valid request");
    let roles: Vec<_> = request
        .messages
        .iter()
        .map(|message| message.role)
        .collect();
    assert_eq!(
        roles,
        [Role::System, Role::User, Role::Assistant, Role::Tool]
    );
    let own = encode(&request, Dialect::OpenAiResponses).expect("its own dialect");
    assert_eq!(own, body);
    let chat = encode(&request, Dialect::OpenAiChat).expect("expressible");
    assert_eq!(
        chat["messages"][2]["tool_calls"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(chat["verbosity"], "low");
    let mut request = request;
    request.extensions = relay_wire::Extensions::default();
    let anthropic = encode(&request, Dialect::AnthropicMessages).expect("expressible");
    assert_eq!(anthropic["messages"][1]["content"][0]["text"], "Look: ");
    assert!(!anthropic.to_string().contains("E1"));
}

#[test]
fn a_request_of_another_dialect_leaves_nothing_at_openai() {
    for (model, encrypted) in [("gpt-5.1", true), ("gpt-4.1", false)] {
        let tools = json!([{"type": "function", "function": {"name": "f"}}]);
        let fields = json!({"model": model, "tools": tools, "max_tokens": 7, "seed": 3});
        let body =
            encode(&decode(&request_with(&fields)), Dialect::OpenAiResponses).expect("expressible");
        assert_eq!(body["store"], false);
        assert_eq!(
            body["tools"][0]["strict"], false,
            "strict is the default there"
        );
        assert_eq!(body["max_output_tokens"], 7);
        assert_eq!(body.get("include").is_some(), encrypted, "{model}");
    }
}

#[test]
fn json_object_becomes_words_for_anthropic() {
    let fields = json!({"response_format": {"type": "json_object"}});
    let body =
        encode(&decode(&request_with(&fields)), Dialect::AnthropicMessages).expect("expressible");
    let words = body["system"][0]["text"].as_str().expect("an instruction");
    assert!(words.contains("one JSON object"), "{words}");
}

#[test]
fn a_thinking_object_means_what_it_means_at_anthropic() {
    for (thinking, budget) in [
        (
            json!({"type": "enabled", "budget_tokens": 2000}),
            json!(2000),
        ),
        (json!({"type": "disabled"}), Value::Null),
    ] {
        let fields = json!({"model": "claude-sonnet-4-5", "thinking": thinking});
        let request = decode(&request_with(&fields));
        let body = encode(&request, Dialect::AnthropicMessages).expect("expressible");
        assert_eq!(body["thinking"]["budget_tokens"], budget);
        let own = encode(&request, Dialect::OpenAiChat).expect("its own dialect");
        assert_eq!(own["thinking"], thinking);
    }
}

#[test]
fn a_host_gets_only_the_reasoning_it_takes() {
    let body = |model: &str| {
        json!({
            "model": model, "max_tokens": 9, "metadata": {"user_id": "u".repeat(100)},
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "S"},
                    {"type": "tool_use", "id": "c", "name": "f", "input": {}},
                ]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "1"}]},
            ],
        })
    };
    for (model, expected) in [("gpt-5", Value::Null), ("deepseek-chat", json!("Hm."))] {
        let request = client(Dialect::AnthropicMessages)
            .decode_request(body(model).to_string().as_bytes())
            .expect("a valid request");
        let chat = encode(&request, Dialect::OpenAiChat).expect("expressible");
        assert_eq!(
            chat["messages"][1]["reasoning_content"], expected,
            "{model}"
        );
        assert_eq!(chat["messages"][1]["tool_calls"][0]["id"], "c");
        assert_eq!(chat["user"].as_str().map(str::len), Some(64));
    }
}
