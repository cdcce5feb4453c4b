//! One small recording of our own a dialect, all of them telling the same story.

// Each test file uses its own part of this.
#![allow(dead_code)]

use crate::clients::client;
use relay_wire::{ChatEvent, Dialect, StreamOptions, WireError, codec};
use serde_json::Value;

pub(crate) const STREAMS: [(Dialect, &[u8]); 4] = [
    (
        Dialect::OpenAiChat,
        include_bytes!("../fixtures/openai_stream.sse"),
    ),
    (
        Dialect::OpenAiResponses,
        include_bytes!("../fixtures/openai_responses_stream.sse"),
    ),
    (
        Dialect::AnthropicMessages,
        include_bytes!("../fixtures/anthropic_stream.sse"),
    ),
    (
        Dialect::Gemini,
        include_bytes!("../fixtures/gemini_stream.sse"),
    ),
];

pub(crate) fn decode<'a>(
    dialect: Dialect,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<ChatEvent>, WireError> {
    let mut decoder = codec(dialect).stream_decoder();
    let mut events = Vec::new();
    for piece in pieces {
        events.extend(decoder.push(piece)?);
    }
    events.extend(decoder.finish()?);
    Ok(events)
}

/// The stream as an OpenAI client gets it: the chunks, and whether `[DONE]` came.
pub(crate) fn to_openai(events: &[ChatEvent], include_usage: bool) -> (Vec<Value>, bool) {
    let options = StreamOptions {
        include_usage,
        created: 99,
        model: "asked".to_owned(),
        ..StreamOptions::default()
    };
    let mut encoder = client(Dialect::OpenAiChat).stream_encoder(&options);
    let mut out = Vec::new();
    for event in events {
        encoder.push(event, &mut out);
    }
    encoder.finish(&mut out);
    read_chunks(&out)
}

pub(crate) fn read_chunks(out: &[u8]) -> (Vec<Value>, bool) {
    let text = std::str::from_utf8(out).expect("UTF-8");
    let data: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .collect();
    let done = data.last() == Some(&"[DONE]");
    let chunks = data
        .iter()
        .filter(|data| **data != "[DONE]")
        .map(|data| serde_json::from_str(data).expect("JSON"))
        .collect();
    (chunks, done)
}

/// What an OpenAI client puts together of the chunks.
pub(crate) fn gather(chunks: &[Value]) -> (String, String, Vec<(String, String, String)>) {
    let (mut text, mut thoughts) = (String::new(), String::new());
    let mut calls = Vec::<(String, String, String)>::new();
    for delta in chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0].get("delta"))
    {
        text.push_str(delta["content"].as_str().unwrap_or_default());
        thoughts.push_str(delta["reasoning_content"].as_str().unwrap_or_default());
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            let index = usize::try_from(call["index"].as_u64().expect("an index")).expect("small");
            if index == calls.len() {
                let text = |value: &Value| value.as_str().expect("a text").to_owned();
                calls.push((
                    text(&call["id"]),
                    text(&call["function"]["name"]),
                    String::new(),
                ));
            }
            calls[index]
                .2
                .push_str(call["function"]["arguments"].as_str().unwrap_or_default());
        }
    }
    (text, thoughts, calls)
}
