//! Requests as coding tools send them: a person changes the base URL of the tool and nothing else,
//! so every field they send must be taken for an upstream of any dialect.

mod clients;

use clients::client;
use relay_wire::{Dialect, WireError, codec};
use serde_json::{Value, json};

fn translate(from: Dialect, to: Dialect, body: &Value, model: &str) -> Result<Value, WireError> {
    let mut request = client(from).decode_request(body.to_string().as_bytes())?;
    model.clone_into(&mut request.model);
    let bytes = codec(to).encode_request(&request)?;
    Ok(serde_json::from_slice(&bytes).expect("JSON"))
}

const UPSTREAMS: [(Dialect, &str); 4] = [
    (Dialect::OpenAiChat, "gpt-5.1"),
    (Dialect::OpenAiResponses, "gpt-5.1"),
    (Dialect::AnthropicMessages, "claude-opus-4-6"),
    (Dialect::Gemini, "gemini-3-pro-preview"),
];

/// A turn of a tool loop as Claude Code sends it.
fn claude_code() -> Value {
    json!({
        "model": "claude-sonnet-4-5-20250929",
        "max_tokens": 32000,
        "stream": true,
        "metadata": {"user_id": format!("user_{}_account__session_1", "a".repeat(64))},
        "system": [
            {"type": "text", "text": "You are a coding tool.", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ],
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "high"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "tools": [{
            "name": "Bash", "description": "Runs a command.",
            "input_schema": {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object", "properties": {"command": {"type": "string"}},
                "required": ["command"], "additionalProperties": false,
            },
        }],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "<system-reminder>x</system-reminder>"},
                {"type": "text", "text": "list files", "cache_control": {"type": "ephemeral"}},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "S"},
                {"type": "text", "text": "I will look."},
                {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "a.txt", "is_error": false,
                 "cache_control": {"type": "ephemeral"}},
            ]},
        ],
    })
}

/// A turn of a tool loop as Codex sends it (`wire_api = "responses"`).
fn codex() -> Value {
    json!({
        "model": "gpt-5-codex",
        "instructions": "You are a coding agent.",
        "input": [
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "<permissions>"}]},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "list files"}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}], "content": null,
             "encrypted_content": "E"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I will look."}]},
            {"type": "function_call", "name": "shell", "arguments": "{\"command\":[\"ls\"]}", "call_id": "call_1"},
            {"type": "function_call_output", "call_id": "call_1", "output": "a.txt"},
        ],
        "tools": [{
            "type": "function", "name": "shell", "description": "Runs a command.", "strict": false,
            "parameters": {
                "type": "object",
                "properties": {"command": {"type": "array", "items": {"type": "string"}}},
                "required": ["command"], "additionalProperties": false,
            },
        }],
        "tool_choice": "auto",
        "parallel_tool_calls": true,
        "reasoning": {"effort": "medium", "summary": "auto"},
        "store": false,
        "stream": true,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "0199",
        "text": {"verbosity": "medium"},
        "client_metadata": {"session": "1"},
    })
}

#[test]
fn claude_codes_requests_are_taken_for_every_upstream() {
    for (to, model) in UPSTREAMS {
        let from = Dialect::AnthropicMessages;
        let body =
            translate(from, to, &claude_code(), model).unwrap_or_else(|e| panic!("{to}: {e}"));
        let text = body.to_string();
        assert!(
            text.contains("Bash") && text.contains("a.txt"),
            "{to}: {text}"
        );
    }
}

#[test]
fn codexs_requests_are_taken_for_every_upstream() {
    for (to, model) in UPSTREAMS {
        let from = Dialect::OpenAiResponses;
        let body = translate(from, to, &codex(), model).unwrap_or_else(|e| panic!("{to}: {e}"));
        let text = body.to_string();
        assert!(
            text.contains("shell") && text.contains("a.txt"),
            "{to}: {text}"
        );
        assert_eq!(text.contains("\"E\""), to == from, "{to}: {text}");
    }
}

#[test]
fn a_tool_loop_keeps_its_shape_at_a_chat_upstream() {
    let loops = [
        (Dialect::AnthropicMessages, claude_code()),
        (Dialect::OpenAiResponses, codex()),
    ];
    for (from, body) in loops {
        let chat = translate(from, Dialect::OpenAiChat, &body, "gpt-5.1").expect("expressible");
        let messages = chat["messages"].as_array().expect("messages");
        let call = messages
            .iter()
            .position(|message| message.get("tool_calls").is_some())
            .expect("a call");
        assert_eq!(messages[call]["content"], "I will look.", "{from}");
        assert_eq!(
            messages[call]["tool_calls"][0]["id"],
            messages[call + 1]["tool_call_id"],
            "{from}: the result follows its call"
        );
    }
}
