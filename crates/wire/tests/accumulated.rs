//! A streamed Chat answer, put together as the official Python client does, is the whole answer;
//! sent back, it says to its maker what its maker said.

mod clients;

use std::fmt::Write as _;

use clients::client;
use relay_wire::{Dialect, StreamOptions, codec};
use serde_json::{Map, Value, json};

/// The official Python client's rule: texts are joined, numbers added, items of a list found by
/// their `index`. A list that goes on without one is an error there.
fn add(whole: &mut Map<String, Value>, delta: Map<String, Value>) {
    for (key, more) in delta {
        match (whole.get_mut(&key), more) {
            (None | Some(Value::Null), more) => {
                whole.insert(key, more);
            }
            (Some(old), more) if key == "index" || key == "type" => *old = more,
            (Some(Value::String(text)), Value::String(more)) => text.push_str(&more),
            (Some(Value::Object(old)), Value::Object(more)) => add(old, more),
            (Some(Value::Array(items)), Value::Array(more)) => {
                for item in more {
                    let index = item["index"].as_u64().expect("an item that has an index");
                    let index = usize::try_from(index).expect("small");
                    match (items.get_mut(index), item) {
                        (Some(Value::Object(old)), Value::Object(item)) => add(old, item),
                        (_, item) => items.push(item),
                    }
                }
            }
            (_, Value::Null) => {}
            (Some(old), more) => panic!("{key}: {old} and then {more}"),
        }
    }
}

fn accumulated(stream: &[u8]) -> Map<String, Value> {
    let mut message = Map::new();
    let text = std::str::from_utf8(stream).expect("UTF-8");
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    for chunk in data.filter(|data| *data != "[DONE]") {
        let chunk: Value = serde_json::from_str(chunk).expect("JSON");
        if let Value::Object(delta) = &chunk["choices"][0]["delta"] {
            add(&mut message, delta.clone());
        }
    }
    message
}

/// Two thoughts, a search of the provider's own, two texts with sources: what makes Chat's lists
/// grow in the course of a stream.
fn blocks() -> Vec<Value> {
    let source = |at: &str| {
        json!({"type": "web_search_result_location", "url": format!("https://a.example/{at}"),
               "title": at, "cited_text": at, "encrypted_index": "E"})
    };
    vec![
        json!({"type": "thinking", "thinking": "First. ", "signature": "SIG1"}),
        json!({"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "q"}}),
        json!({"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": []}),
        json!({"type": "thinking", "thinking": "Second.", "signature": "SIG2"}),
        json!({"type": "redacted_thinking", "data": "DATA"}),
        json!({"type": "text", "text": "One. ", "citations": [source("1"), source("2")]}),
        json!({"type": "text", "text": "Two.", "citations": [source("3")]}),
    ]
}

/// The events in which Anthropic tells these blocks.
fn stream_of(blocks: &[Value]) -> String {
    let mut events = vec![json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 1},
    }})];
    for (index, block) in blocks.iter().enumerate() {
        let mut start = block.clone();
        let mut deltas = Vec::new();
        match block["type"].as_str() {
            Some("thinking") => {
                start["thinking"] = "".into();
                start["signature"] = "".into();
                deltas.push(json!({"type": "thinking_delta", "thinking": block["thinking"]}));
                deltas.push(json!({"type": "signature_delta", "signature": block["signature"]}));
            }
            Some("text") => {
                start = json!({"type": "text", "text": ""});
                for citation in block["citations"].as_array().into_iter().flatten() {
                    deltas.push(json!({"type": "citations_delta", "citation": citation}));
                }
                deltas.push(json!({"type": "text_delta", "text": block["text"]}));
            }
            _ => {}
        }
        events.push(json!({"type": "content_block_start", "index": index, "content_block": start}));
        for delta in deltas {
            events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
        }
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                       "usage": {"output_tokens": 5}}),
    );
    events.push(json!({"type": "message_stop"}));
    let mut out = String::new();
    for event in events {
        writeln!(out, "data: {event}\n").expect("memory");
    }
    out
}

fn streamed_to_chat(blocks: &[Value]) -> Vec<u8> {
    let mut decoder = codec(Dialect::AnthropicMessages).stream_decoder();
    let mut encoder = client(Dialect::OpenAiChat).stream_encoder(&StreamOptions::default());
    let mut out = Vec::new();
    let stream = stream_of(blocks);
    let mut events = decoder.push(stream.as_bytes()).expect("a stream");
    events.extend(decoder.finish().expect("a whole stream"));
    for event in &events {
        encoder.push(event, &mut out);
    }
    encoder.finish(&mut out);
    out
}

#[test]
fn it_is_the_whole_answer() {
    let answer = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude",
        "content": blocks(), "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 3, "output_tokens": 5},
    });
    let answer = codec(Dialect::AnthropicMessages).decode_response(answer.to_string().as_bytes());
    let whole = client(Dialect::OpenAiChat).encode_response(&answer.expect("an answer"));
    let whole: Value = serde_json::from_slice(&whole.expect("writable")).expect("JSON");
    let whole = whole["choices"][0]["message"].as_object().expect("one");

    let message = accumulated(&streamed_to_chat(&blocks()));
    for (field, value) in whole {
        assert_eq!(message.get(field), Some(value), "{field}");
    }
    assert_eq!(whole["annotations"].as_array().map(Vec::len), Some(3));
}

#[test]
fn its_thoughts_go_back_to_their_maker_as_they_came() {
    let message = accumulated(&streamed_to_chat(&blocks()));
    let request = json!({"model": "claude-sonnet-4-5", "max_tokens": 99, "messages": [
        {"role": "user", "content": "hi"}, message, {"role": "user", "content": "on"},
    ]});
    let request = client(Dialect::OpenAiChat).decode_request(request.to_string().as_bytes());
    let body = codec(Dialect::AnthropicMessages).encode_request(&request.expect("a request"));
    let body: Value = serde_json::from_slice(&body.expect("expressible")).expect("JSON");
    let sent = body["messages"][1]["content"].as_array().expect("blocks");
    let thoughts = |blocks: &[Value]| -> Vec<Value> {
        let kinds = ["thinking", "redacted_thinking"];
        let thought = |block: &&Value| kinds.iter().any(|kind| block["type"] == *kind);
        blocks.iter().filter(thought).cloned().collect()
    };
    assert_eq!(thoughts(sent), thoughts(&blocks()));
}

#[test]
fn it_reads_as_one_reasoning_where_relay_is_the_upstream() {
    let stream = streamed_to_chat(&blocks());
    let mut decoder = codec(Dialect::OpenAiChat).stream_decoder();
    let mut events = decoder.push(&stream).expect("a stream");
    events.extend(decoder.finish().expect("a whole stream"));
    let mut encoder = client(Dialect::OpenAiChat).stream_encoder(&StreamOptions::default());
    let mut again = Vec::new();
    for event in &events {
        encoder.push(event, &mut again);
    }
    let (one, two) = (accumulated(&stream), accumulated(&again));
    assert_eq!(one["reasoning_content"], "First. Second.");
    assert_eq!(one["reasoning_content"], two["reasoning_content"]);
    assert_eq!(one["reasoning_details"], two["reasoning_details"]);
}
