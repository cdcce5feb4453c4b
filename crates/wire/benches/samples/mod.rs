//! What both benches measure.

// Each bench uses its own part of this.
#![allow(dead_code)]

#[path = "../../tests/bedrock_frames/mod.rs"]
mod bedrock_frames;

use relay_wire::{ChatEvent, ClientCodec, Dialect, client_codec, codec};
use serde_json::json;

pub(crate) const REQUEST: &[u8] = include_bytes!("../../tests/fixtures/chat_request.json");
const CHAT_STREAM: &str = include_str!("../../tests/fixtures/openai_stream.sse");
const RESPONSES_STREAM: &str = include_str!("../../tests/fixtures/openai_responses_stream.sse");
const ANTHROPIC_STREAM: &str = include_str!("../../tests/fixtures/anthropic_stream.sse");
const GEMINI_STREAM: &str = include_str!("../../tests/fixtures/gemini_stream.sse");

/// How many text deltas a long stream has.
pub(crate) const DELTAS: usize = 1000;

/// A stream of a dialect with [`DELTAS`] text deltas, each of its own event.
pub(crate) fn long_stream(dialect: Dialect) -> Vec<u8> {
    let (stream, delta) = match dialect {
        Dialect::OpenAiChat => (CHAT_STREAM, "\"content\":\"날씨 \""),
        Dialect::OpenAiResponses => (RESPONSES_STREAM, "\"delta\":\"날씨 \""),
        Dialect::AnthropicMessages => (ANTHROPIC_STREAM, "\"text\":\"날씨 \""),
        Dialect::Gemini => (GEMINI_STREAM, "\"text\":\"날씨 \""),
        Dialect::BedrockConverse => return long_frames(),
    };
    stream
        .split_inclusive("\n\n")
        .flat_map(|event| repeated(event.as_bytes(), event.contains(delta)))
        .collect()
}

fn long_frames() -> Vec<u8> {
    bedrock_frames::events()
        .flat_map(|(name, payload)| {
            let frame = bedrock_frames::event(&name, &payload);
            repeated(&frame, payload.contains("\"text\":\"날씨 \""))
        })
        .collect()
}

fn repeated(event: &[u8], is_delta: bool) -> Vec<u8> {
    event.repeat(if is_delta { DELTAS } else { 1 })
}

pub(crate) fn decode(dialect: Dialect, stream: &[u8]) -> Vec<ChatEvent> {
    let mut decoder = codec(dialect).stream_decoder();
    let mut events = decoder.push(stream).expect("a whole stream");
    events.extend(decoder.finish().expect("a whole stream"));
    events
}

/// A body with one picture of a megabyte.
pub(crate) fn picture_request() -> Vec<u8> {
    let url = format!("data:image/png;base64,{}", "A".repeat(1 << 20));
    let content = json!([{"type": "image_url", "image_url": {"url": url}}]);
    json!({"messages": [{"role": "user", "content": content}], "model": "gpt-5"})
        .to_string()
        .into_bytes()
}

pub(crate) fn client(dialect: Dialect) -> &'static dyn ClientCodec {
    client_codec(dialect).expect("a dialect that clients speak")
}

/// A whole answer with text and a call, as a host of a dialect writes it.
pub(crate) fn answer(dialect: Dialect) -> Vec<u8> {
    if dialect == Dialect::BedrockConverse {
        let content = json!([
            {"text": "날씨 ☀️"},
            {"toolUse": {"toolUseId": "a", "name": "locate", "input": {"picture": 1}}},
        ]);
        let usage = json!({"inputTokens": 15, "outputTokens": 30, "totalTokens": 45});
        return json!({
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": "tool_use", "usage": usage,
        })
        .to_string()
        .into_bytes();
    }
    let answer = codec(Dialect::BedrockConverse)
        .decode_response(&answer(Dialect::BedrockConverse))
        .expect("an answer");
    client(dialect).encode_response(&answer).expect("writable")
}
