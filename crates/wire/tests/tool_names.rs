//! Answers to clients whose tools have other names than the upstream's plain functions.

mod clients;

use clients::client;
use relay_wire::{
    BlockDelta, BlockKind, ChatEvent, ChatResponse, Choice, Dialect, FinishReason, Part,
    StreamOptions, StreamStart, ToolCall, ToolNames,
};
use serde_json::{Value, json};

fn asked() -> Value {
    json!({
        "model": "gpt-5.1", "input": "hi",
        "tools": [
            {"type": "namespace", "name": "agents", "tools": [{"type": "function", "name": "close"}]},
            {"type": "custom", "name": "patch"},
            {"type": "function", "name": "shell"},
        ],
    })
}

fn called() -> Vec<(&'static str, &'static str)> {
    vec![
        ("agents__close", r#"{"target":"x"}"#),
        ("patch", r#"{"input":"+ a \"line\""}"#),
        ("shell", r#"{"command":["ls"]}"#),
    ]
}

/// The calls as the client made its tools known, without ids.
fn as_the_client_calls_them(items: &Value) {
    let items: Vec<Value> = items
        .as_array()
        .expect("items")
        .iter()
        .map(|item| {
            let mut item = item.clone();
            let fields = item.as_object_mut().expect("an item");
            assert!(
                fields.shift_remove("id").is_some() && fields.shift_remove("call_id").is_some()
            );
            item
        })
        .collect();
    assert_eq!(
        items,
        [
            json!({"type": "function_call", "name": "close", "namespace": "agents",
               "arguments": "{\"target\":\"x\"}", "status": "completed"}),
            json!({"type": "custom_tool_call", "name": "patch", "input": "+ a \"line\"",
               "status": "completed"}),
            json!({"type": "function_call", "name": "shell", "arguments": "{\"command\":[\"ls\"]}",
               "status": "completed"}),
        ]
    );
}

fn names_of(body: &Value) -> ToolNames {
    let request = client(Dialect::OpenAiResponses).decode_request(body.to_string().as_bytes());
    request.expect("well-formed").tool_names()
}

#[test]
fn an_answer_calls_the_tools_by_the_clients_names() {
    let parts = called().into_iter().map(|(name, arguments)| {
        Part::ToolCall(ToolCall {
            id: format!("call_{name}"),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            signature: None,
            extensions: relay_wire::Extensions::default(),
        })
    });
    let response = ChatResponse {
        id: "resp_1".to_owned(),
        choices: vec![Choice {
            parts: parts.collect(),
            finish: Some(FinishReason::ToolCalls),
            ..Choice::default()
        }],
        tool_names: names_of(&asked()),
        ..ChatResponse::default()
    };
    let bytes = client(Dialect::OpenAiResponses)
        .encode_response(&response)
        .expect("written");
    let body: Value = serde_json::from_slice(&bytes).expect("JSON");
    as_the_client_calls_them(&body["output"]);
}

#[test]
fn a_streamed_answer_calls_the_tools_by_the_clients_names() {
    let mut encoder = client(Dialect::OpenAiResponses).stream_encoder(&StreamOptions {
        tool_names: names_of(&asked()),
        ..StreamOptions::default()
    });
    let mut events = vec![ChatEvent::Start(StreamStart {
        id: "resp_1".to_owned(),
        ..StreamStart::default()
    })];
    for (block, (name, arguments)) in (0..).zip(called()) {
        let kind = BlockKind::ToolCall {
            id: format!("call_{name}"),
            name: name.to_owned(),
            signature: None,
        };
        events.push(ChatEvent::BlockStart {
            choice: 0,
            block,
            kind,
        });
        let (first, second) = arguments.split_at(4);
        for piece in [first, second] {
            let delta = BlockDelta::Arguments(piece.to_owned());
            events.push(ChatEvent::BlockDelta {
                choice: 0,
                block,
                delta,
            });
        }
        events.push(ChatEvent::BlockEnd { choice: 0, block });
    }
    events.push(ChatEvent::Finish {
        choice: 0,
        reason: FinishReason::ToolCalls,
        stop_sequence: None,
    });
    events.push(ChatEvent::End);
    let mut out = Vec::new();
    for event in &events {
        encoder.push(event, &mut out);
    }
    encoder.finish(&mut out);
    let text = String::from_utf8(out).expect("text");
    let data: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let last = data.last().expect("events");
    as_the_client_calls_them(&last["response"]["output"]);
    let kinds: Vec<&str> = data
        .iter()
        .map(|event| event["type"].as_str().expect("a type"))
        .collect();
    let patch: Vec<&&str> = kinds
        .iter()
        .filter(|kind| kind.contains("custom"))
        .collect();
    assert_eq!(
        patch,
        [
            &"response.custom_tool_call_input.delta",
            &"response.custom_tool_call_input.done",
        ]
    );
}
