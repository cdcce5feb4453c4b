//! Requests as coding tools send them: a person changes the base URL of the tool and nothing else,
//! so every field they send must be taken for an upstream of any dialect.

mod clients;

use clients::client;
use relay_wire::{Dialect, StreamOptions, WireError, codec};
use serde_json::{Value, json};

fn translate(from: Dialect, to: Dialect, body: &Value, model: &str) -> Result<Value, WireError> {
    let mut request = client(from).decode_request(body.to_string().as_bytes())?;
    model.clone_into(&mut request.model);
    let bytes = codec(to).encode_request(&request)?;
    Ok(serde_json::from_slice(&bytes).expect("JSON"))
}

const UPSTREAMS: [(Dialect, &str); 5] = [
    (Dialect::OpenAiChat, "gpt-5.1"),
    (Dialect::OpenAiResponses, "gpt-5.1"),
    (Dialect::AnthropicMessages, "claude-opus-4-6"),
    (Dialect::Gemini, "gemini-3-pro-preview"),
    (Dialect::BedrockConverse, "us.anthropic.claude-opus-4-6-v1"),
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
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "high"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "tools": [{
            "name": "Bash", "description": "Runs a command.",
            "input_schema": {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object", "properties": {"command": {"type": "string"}},
                "required": ["command"], "additionalProperties": false,
            },
        }, {
            "name": "ToolSearch", "description": "Finds tools.",
            "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}},
        }, {
            "name": "WebFetch", "description": "Was found.", "defer_loading": true,
            "input_schema": {"type": "object", "properties": {"url": {"type": "string"}}},
        }, {
            "name": "Placeholder", "description": "Was not.", "defer_loading": true,
            "input_schema": {"type": "object", "properties": {}},
        }],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "<system-reminder>x</system-reminder>"},
                {"type": "text", "text": "list files", "cache_control": {"type": "ephemeral"}},
            ]},
            {"role": "system", "content": "Environment.", "output_config": {"effort": "medium"}},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "S"},
                {"type": "text", "text": "I will look."},
                {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}},
                {"type": "tool_use", "id": "toolu_2", "name": "ToolSearch", "input": {"query": "web"}},
                {"type": "tool_use", "id": "toolu_3", "name": "Read", "input": {"file_path": "a.png"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "a.txt", "is_error": false,
                 "cache_control": {"type": "ephemeral"}},
                {"type": "tool_result", "tool_use_id": "toolu_2",
                 "content": [{"type": "tool_reference", "tool_name": "WebFetch"}]},
                {"type": "tool_result", "tool_use_id": "toolu_3", "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}},
                ]},
                {"type": "text", "text": "Tool loaded."},
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
            {"type": "function_call", "id": "fc_2", "status": "completed", "name": "close",
             "namespace": "agents", "arguments": "{}", "call_id": "call_2"},
            {"type": "custom_tool_call", "id": "ctc_3", "status": "completed", "name": "patch",
             "input": "+ a \"line\"", "call_id": "call_3"},
            {"type": "function_call_output", "id": "fco_1", "call_id": "call_1", "output": "a.txt"},
            {"type": "function_call_output", "id": "fco_2", "call_id": "call_2", "output": "closed"},
            {"type": "custom_tool_call_output", "id": "cto_3", "call_id": "call_3", "output": "patched"},
        ],
        "tools": [{
            "type": "namespace", "name": "agents", "description": "Agents.", "tools": [{
                "type": "function", "name": "close", "description": "Closes one.", "strict": false,
                "parameters": {"type": "object", "properties": {}, "additionalProperties": false},
            }],
        }, {
            "type": "custom", "name": "patch", "description": "Edits files.",
            "format": {"type": "grammar", "syntax": "lark", "definition": "start: line+"},
        }, {
            "type": "tool_search", "execution": "client", "description": "Finds tools.",
            "parameters": {"type": "object", "properties": {}},
        }, {
            "type": "web_search", "external_web_access": true, "search_content_types": ["text"],
        }, {
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
        "text": {"verbosity": "low"},
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

/// The functions on offer, in an upstream's request.
fn function_names(to: Dialect, body: &Value) -> Vec<String> {
    let tools = match to {
        Dialect::Gemini => &body["tools"][0]["functionDeclarations"],
        Dialect::BedrockConverse => &body["toolConfig"]["tools"],
        _ => &body["tools"],
    };
    let tools = tools.as_array().expect("tools").iter();
    let names = tools.map(|tool| match to {
        Dialect::OpenAiChat => &tool["function"]["name"],
        Dialect::BedrockConverse => &tool["toolSpec"]["name"],
        _ => &tool["name"],
    });
    names
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn a_tool_that_waits_to_be_found_is_on_offer_when_it_was() {
    for (to, model) in UPSTREAMS {
        let from = Dialect::AnthropicMessages;
        let body = translate(from, to, &claude_code(), model).expect("expressible");
        let names = function_names(to, &body);
        if to == from {
            assert_eq!(body["tools"], claude_code()["tools"]);
        } else {
            assert_eq!(names, ["Bash", "ToolSearch", "WebFetch"], "{to}");
            let text = body.to_string();
            assert!(
                !text.contains("defer") && !text.contains("tool_ref"),
                "{to}"
            );
        }
    }
}

#[test]
fn groups_of_tools_and_free_text_are_plain_functions_elsewhere() {
    for (to, model) in UPSTREAMS {
        let from = Dialect::OpenAiResponses;
        let body = translate(from, to, &codex(), model).expect("expressible");
        if to == from {
            assert_eq!(body["tools"], codex()["tools"]);
            continue;
        }
        assert_eq!(
            function_names(to, &body),
            ["agents__close", "patch", "shell"],
            "{to}"
        );
        let text = body.to_string();
        for part in ["closed", "patched", "+ a ", "start: line+"] {
            assert!(text.contains(part), "{to}: {part}: {text}");
        }
    }
    let chat = translate(
        Dialect::OpenAiResponses,
        Dialect::OpenAiChat,
        &codex(),
        "gpt-5.1",
    );
    let chat = chat.expect("expressible");
    let roles: Vec<&str> = chat["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|message| message["role"].as_str().expect("a role"))
        .collect();
    assert_eq!(
        roles,
        [
            "system",
            "developer",
            "user",
            "assistant",
            "tool",
            "tool",
            "tool"
        ]
    );
    assert_eq!(
        chat["messages"][3]["tool_calls"].as_array().map(Vec::len),
        Some(3)
    );
}

#[test]
fn a_search_that_is_all_there_is_is_refused() {
    let mut only = codex();
    only["tools"] = json!([{"type": "web_search"}]);
    let mut forced = codex();
    forced["tool_choice"] = json!({"type": "web_search"});
    for body in [only, forced] {
        let (from, to) = (Dialect::OpenAiResponses, Dialect::AnthropicMessages);
        let error = translate(from, to, &body, "claude-opus-4-6").expect_err("refused");
        assert!(error.to_string().contains("tool"), "{error}");
    }
}

#[test]
fn what_a_tool_shows_reaches_a_chat_upstream_as_the_users_picture() {
    let (from, to) = (Dialect::AnthropicMessages, Dialect::OpenAiChat);
    let chat = translate(from, to, &claude_code(), "gpt-5.1").expect("expressible");
    let messages = chat["messages"].as_array().expect("messages");
    let tools: Vec<&Value> = messages.iter().filter(|m| m["role"] == "tool").collect();
    assert_eq!(tools.len(), 3);
    assert!(
        tools.iter().all(|tool| tool["content"].is_string()),
        "{tools:?}"
    );
    let shown = messages
        .iter()
        .find(|m| m.to_string().contains("image_url"));
    assert_eq!(shown.expect("a picture")["role"], "user");
}

/// An answer of OpenAI at a client of Gemini, and the next request as Gemini CLI sends it:
/// thoughts left out, calls as they came.
#[test]
fn openais_reasoning_comes_back_with_the_call_of_a_client_that_drops_thoughts() {
    let events = [
        json!({"type": "response.created", "response": {"id": "resp_1", "model": "gpt-5.1"}}),
        json!({"type": "response.output_item.done", "output_index": 0, "item":
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "E"}}),
        json!({"type": "response.output_item.done", "output_index": 1, "item":
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "ls", "arguments": "{}"}}),
        json!({"type": "response.completed", "response": {"id": "resp_1", "status": "completed", "output": []}}),
    ];
    let mut decoder = codec(Dialect::OpenAiResponses).stream_decoder();
    let mut answer = Vec::new();
    for event in &events {
        let bytes = format!("data: {event}\n\n");
        answer.extend(decoder.push(bytes.as_bytes()).expect("an event"));
    }
    answer.extend(decoder.finish().expect("a whole one"));
    let mut encoder = client(Dialect::Gemini).stream_encoder(&StreamOptions::default());
    let mut out = Vec::new();
    for event in &answer {
        encoder.push(event, &mut out);
    }
    encoder.finish(&mut out);
    let parts: Vec<Value> = String::from_utf8(out)
        .expect("text")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .filter_map(|chunk| {
            chunk["candidates"][0]["content"]["parts"]
                .as_array()
                .cloned()
        })
        .flatten()
        .collect();
    let kept: Vec<&Value> = parts
        .iter()
        .filter(|part| part.get("functionCall").is_some())
        .collect();
    for history in [kept, parts.iter().collect()] {
        let next = json!({"contents": [
            {"role": "user", "parts": [{"text": "list files"}]},
            {"role": "model", "parts": history},
            {"role": "user", "parts": [{"functionResponse": {"id": "call_1", "name": "ls", "response": {"output": "a"}}}]},
        ]});
        let (from, to) = (Dialect::Gemini, Dialect::OpenAiResponses);
        let body = translate(from, to, &next, "gpt-5.1").expect("expressible");
        let kinds: Vec<&Value> = body["input"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| &item["type"])
            .collect();
        assert_eq!(
            kinds,
            [
                "message",
                "reasoning",
                "function_call",
                "function_call_output"
            ]
        );
        assert_eq!(body["input"][1]["encrypted_content"], "E");
    }
}
