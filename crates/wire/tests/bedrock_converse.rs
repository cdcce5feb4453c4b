//! Bedrock Converse: requests and whole answers.

mod clients;

use clients::client;
use relay_wire::{
    ChatRequest, Dialect, FinishReason, WireError, WireErrorKind, codec, token_count,
};
use serde_json::{Value, json};

const OWN: Dialect = Dialect::BedrockConverse;
const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

fn request(from: Dialect, model: &str, body: &Value) -> ChatRequest {
    let mut request = client(from)
        .decode_request(body.to_string().as_bytes())
        .expect("a valid request");
    model.clone_into(&mut request.model);
    request
}

fn written(from: Dialect, model: &str, body: &Value) -> Result<Value, WireError> {
    let bytes = codec(OWN).encode_request(&request(from, model, body))?;
    Ok(serde_json::from_slice(&bytes).expect("JSON"))
}

fn chat(model: &str, more: &Value) -> Result<Value, WireError> {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (field, value) in more.as_object().expect("an object") {
        body[field] = value.clone();
    }
    written(Dialect::OpenAiChat, model, &body)
}

#[test]
fn the_model_stands_in_the_path() {
    assert_eq!(
        codec(OWN).path(CLAUDE, false),
        "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse"
    );
    assert_eq!(
        codec(OWN).path("arn:aws:bedrock:x/y", true),
        "/model/arn%3Aaws%3Abedrock%3Ax%2Fy/converse-stream"
    );
}

#[test]
fn a_whole_conversation_is_carried() {
    let out = written(
        Dialect::AnthropicMessages,
        CLAUDE,
        &json!({
            "model": "m", "max_tokens": 4000, "temperature": 0.5, "top_p": 0.9, "top_k": 40,
            "stop_sequences": ["END"], "thinking": {"type": "enabled", "budget_tokens": 2000},
            "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            "tools": [{"name": "locate", "description": "d", "input_schema": {"type": "object"},
                "cache_control": {"type": "ephemeral"}}],
            "tool_choice": {"type": "any"},
            "messages": [
                {"role": "user", "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "AAAA"}},
                    {"type": "document", "title": "a.b_c.pdf", "source": {"type": "base64", "media_type": "application/pdf", "data": "BBBB"}},
                    {"type": "document", "title": "a.b_c.pdf", "citations": {"enabled": true},
                     "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
                    {"type": "text", "text": "where?", "cache_control": {"type": "ephemeral"}},
                    {"type": "text", "text": " \n"},
                ]},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "SIG"},
                    {"type": "redacted_thinking", "data": "of Anthropic's"},
                    {"type": "tool_use", "id": "t:1", "name": "locate", "input": {"a": 1}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t:1", "is_error": true, "content": [
                        {"type": "text", "text": "no"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "CCCC"}},
                    ]},
                ]},
            ],
        }),
    );
    assert_eq!(
        out.expect("expressible"),
        json!({
            "system": [{"text": "s"}, {"cachePoint": {"type": "default", "ttl": "1h"}}],
            "messages": [
                {"role": "user", "content": [
                    {"image": {"format": "jpeg", "source": {"bytes": "AAAA"}}},
                    {"document": {"format": "pdf", "name": "a b c", "source": {"bytes": "BBBB"}}},
                    {"document": {"format": "txt", "name": "a b c 2", "source": {"bytes": "eA=="},
                        "citations": {"enabled": true}}},
                    {"text": "where?"},
                    {"cachePoint": {"type": "default"}},
                ]},
                {"role": "assistant", "content": [
                    {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "SIG"}}},
                    {"toolUse": {"toolUseId": "t_1", "name": "locate", "input": {"a": 1}}},
                ]},
                {"role": "user", "content": [
                    {"toolResult": {"toolUseId": "t_1", "status": "error", "content": [
                        {"text": "no"},
                        {"image": {"format": "png", "source": {"bytes": "CCCC"}}},
                    ]}},
                ]},
            ],
            "inferenceConfig": {"maxTokens": 4000, "temperature": 0.5, "topP": 0.9, "stopSequences": ["END"]},
            "toolConfig": {
                "tools": [
                    {"toolSpec": {"name": "locate", "description": "d", "inputSchema": {"json": {"type": "object"}}}},
                    {"cachePoint": {"type": "default"}},
                ],
                "toolChoice": {"any": {}},
            },
            "additionalModelRequestFields": {
                "thinking": {"type": "enabled", "budget_tokens": 2000}, "top_k": 40,
            },
        })
    );
}

#[test]
fn every_family_is_steered_in_its_own_words() {
    let fields = |model, more: &Value| {
        chat(model, more).map(|out| out["additionalModelRequestFields"].clone())
    };
    let high = json!({"reasoning_effort": "high", "max_completion_tokens": 30_000});
    assert_eq!(
        fields(CLAUDE, &high).expect("expressible"),
        json!({"thinking": {"type": "enabled", "budget_tokens": 16_384}})
    );
    assert_eq!(
        fields("anthropic.claude-opus-4-6-v1", &high).expect("expressible"),
        json!({"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "high"}})
    );
    assert_eq!(
        fields("us.amazon.nova-2-lite-v1:0", &high).expect("expressible"),
        json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}})
    );
    assert_eq!(
        fields("openai.gpt-oss-20b-1:0", &high).expect("expressible"),
        json!({"reasoning_effort": "high"})
    );
    let llama = "meta.llama3-3-70b-instruct-v1:0";
    let refused = fields(llama, &high).expect_err("it does not reason");
    assert_eq!(refused.param.as_deref(), Some("reasoning_effort"));
    assert_eq!(
        fields(llama, &json!({"reasoning_effort": "none"})).expect("nothing is asked for"),
        Value::Null
    );
}

#[test]
fn only_models_that_cache_get_cache_points() {
    let marked = json!({"messages": [{"role": "user", "content": [
        {"type": "text", "text": "hi", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]}]});
    for (model, expected) in [
        (
            CLAUDE,
            json!([{"text": "hi"}, {"cachePoint": {"type": "default", "ttl": "1h"}}]),
        ),
        (
            "amazon.nova-pro-v1:0",
            json!([{"text": "hi"}, {"cachePoint": {"type": "default"}}]),
        ),
        ("mistral.mistral-large-2407-v1:0", json!([{"text": "hi"}])),
    ] {
        let out = chat(model, &marked).expect("expressible");
        assert_eq!(out["messages"][0]["content"], expected, "{model}");
    }
}

#[test]
fn a_schema_is_written_as_text() {
    let format = json!({"response_format": {"type": "json_schema", "json_schema": {
        "name": "n", "strict": true, "schema": {"type": "object"}}}});
    let out = chat("openai.gpt-oss-20b-1:0", &format).expect("expressible");
    assert_eq!(
        out["outputConfig"],
        json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
            "schema": "{\"type\":\"object\"}", "name": "n"}}}})
    );
}

#[test]
fn what_converse_cannot_express_is_refused_by_name() {
    let tool = json!([{"type": "function", "function": {"name": "f"}}]);
    let called = json!([
        {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
    ]);
    let picture = |url: &str| {
        json!([{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": url}}]}])
    };
    for (more, field) in [
        (json!({"n": 2}), "n"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"presence_penalty": 1.0}), "presence_penalty"),
        (json!({"temperature": 1.5}), "temperature"),
        (
            json!({"tools": tool, "parallel_tool_calls": false}),
            "parallel_tool_calls",
        ),
        (json!({"service_tier": "scale"}), "service_tier"),
        (json!({"logit_bias": {"1": 2}}), "logit_bias"),
        (json!({"messages": called}), "tools"),
        (
            json!({"messages": called, "tools": tool, "tool_choice": "none"}),
            "tool_choice",
        ),
        (
            json!({"messages": picture("https://example.com/a.png")}),
            "messages[0].content[0]",
        ),
        (
            json!({"messages": picture("data:image/heic;base64,AA==")}),
            "messages[0].content[0]",
        ),
    ] {
        let refused = chat(CLAUDE, &more).expect_err(field);
        assert_eq!(refused.param.as_deref(), Some(field));
        assert_eq!(refused.kind, WireErrorKind::Unsupported, "{field}");
    }
    let refused = chat("meta.llama3-8b", &json!({"top_k": 5})).expect_err("not Llama's");
    assert_eq!(refused.param.as_deref(), Some("top_k"));
    // Zero tools to call is no tools at all.
    let out = chat(CLAUDE, &json!({"tools": tool, "tool_choice": "none"})).expect("expressible");
    assert!(out.get("toolConfig").is_none());
}

#[test]
fn an_answer_is_read_and_told_to_a_client() {
    let body = json!({
        "output": {"message": {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "SIG"}}},
            {"reasoningContent": {"redactedContent": "QUJD"}},
            {"text": "hello"},
            {"citationsContent": {"content": [{"text": " cited"}], "citations": [{"title": "t"}]}},
            {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"a": 1}}},
        ]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 13, "cacheReadInputTokens": 10},
        "metrics": {"latencyMs": 5}, "serviceTier": {"type": "flex"},
    });
    let answer = codec(OWN)
        .decode_response(body.to_string().as_bytes())
        .expect("an answer");
    assert_eq!(answer.usage.map(|usage| usage.input_tokens), Some(11));
    assert_eq!(answer.service_tier.as_deref(), Some("flex"));
    assert_eq!(answer.choices[0].finish, Some(FinishReason::ToolCalls));
    let told = client(Dialect::AnthropicMessages)
        .encode_response(&answer)
        .expect("writable");
    let told: Value = serde_json::from_slice(&told).expect("JSON");
    let kinds: Vec<_> = told["content"]
        .as_array()
        .expect("blocks")
        .iter()
        .map(|block| block["type"].as_str().expect("a type"))
        .collect();
    assert_eq!(
        kinds,
        ["thinking", "redacted_thinking", "text", "text", "tool_use"]
    );
    // Claude's signature is Anthropic's own; what is withheld goes back to Bedrock only.
    assert_eq!(told["content"][0]["signature"], "SIG");
    let again = written(
        Dialect::AnthropicMessages,
        CLAUDE,
        &json!({"max_tokens": 10, "tools": [{"name": "f", "input_schema": {}}], "model": "m",
            "messages": [{"role": "assistant", "content": told["content"]}]}),
    )
    .expect("expressible");
    let content = &again["messages"][0]["content"];
    assert_eq!(
        content[1],
        json!({"reasoningContent": {"redactedContent": "QUJD"}})
    );
    assert_eq!(content[4]["toolUse"]["input"], json!({"a": 1}));
    for body in [&b"{}"[..], b"[]", b"", br#"{"output":{}}"#] {
        assert!(codec(OWN).decode_response(body).is_err());
    }
}

#[test]
fn tokens_are_counted_of_the_same_request() {
    let body = json!({"model": "m", "max_tokens": 5, "system": "s", "messages": [{"role": "user", "content": "hi"}]});
    let request = request(Dialect::AnthropicMessages, CLAUDE, &body);
    let out = token_count::encode_request(OWN, &request).expect("expressible");
    assert_eq!(
        serde_json::from_slice::<Value>(&out).expect("JSON"),
        json!({"input": {"converse": {
            "system": [{"text": "s"}], "messages": [{"role": "user", "content": [{"text": "hi"}]}]}}})
    );
    assert_eq!(
        token_count::decode_response(OWN, br#"{"inputTokens":7}"#),
        Ok(7)
    );
}
