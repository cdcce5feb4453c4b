//! What translation costs: time and allocations a request, an answer, a stream.
//!
//! `cargo bench -p relay-wire`. The inputs are the small fixtures of the tests, repeated where size
//! matters, so the numbers need no recordings.

#[path = "../tests/bedrock_frames/mod.rs"]
mod bedrock_frames;

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher, black_box};
use relay_wire::sse::SseReader;
use relay_wire::{ChatEvent, ClientCodec, Dialect, StreamOptions, Tap, client_codec, codec, peek};
use serde_json::json;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const REQUEST: &[u8] = include_bytes!("../tests/fixtures/chat_request.json");
const CHAT_STREAM: &str = include_str!("../tests/fixtures/openai_stream.sse");
const RESPONSES_STREAM: &str = include_str!("../tests/fixtures/openai_responses_stream.sse");
const ANTHROPIC_STREAM: &str = include_str!("../tests/fixtures/anthropic_stream.sse");
const GEMINI_STREAM: &str = include_str!("../tests/fixtures/gemini_stream.sse");

/// How many text deltas a long stream has.
const DELTAS: usize = 1000;

/// A stream of a dialect with [`DELTAS`] text deltas, each of its own event.
fn long_stream(dialect: Dialect) -> Vec<u8> {
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

fn decode(dialect: Dialect, stream: &[u8]) -> Vec<ChatEvent> {
    let mut decoder = codec(dialect).stream_decoder();
    let mut events = decoder.push(stream).expect("a whole stream");
    events.extend(decoder.finish().expect("a whole stream"));
    events
}

/// A body with one picture of a megabyte.
fn picture_request() -> Vec<u8> {
    let url = format!("data:image/png;base64,{}", "A".repeat(1 << 20));
    let content = json!([{"type": "image_url", "image_url": {"url": url}}]);
    json!({"messages": [{"role": "user", "content": content}], "model": "gpt-5"})
        .to_string()
        .into_bytes()
}

fn client(dialect: Dialect) -> &'static dyn ClientCodec {
    client_codec(dialect).expect("a dialect that clients speak")
}

#[divan::bench(args = Dialect::ALL)]
fn request_to(bencher: Bencher, to: Dialect) {
    bencher.counter(BytesCount::of_slice(REQUEST)).bench(|| {
        let request = client(Dialect::OpenAiChat).decode_request(black_box(REQUEST));
        codec(to).encode_request(&request.expect("valid"))
    });
}

#[divan::bench(args = Dialect::ALL)]
fn decode_stream(bencher: Bencher, from: Dialect) {
    let stream = long_stream(from);
    bencher
        .counter(BytesCount::of_slice(&stream))
        .counter(ItemsCount::new(DELTAS))
        .bench(|| decode(from, black_box(&stream)));
}

#[divan::bench(args = Dialect::CLIENTS)]
fn encode_stream(bencher: Bencher, to: Dialect) {
    let events = decode(Dialect::OpenAiChat, &long_stream(Dialect::OpenAiChat));
    bencher.counter(ItemsCount::new(events.len())).bench(|| {
        let mut encoder = client(to).stream_encoder(&StreamOptions::default());
        let mut out = Vec::new();
        for event in black_box(&events) {
            encoder.push(event, &mut out);
        }
        encoder.finish(&mut out);
        out
    });
}

/// The pass-through path: what a stream of the client's own dialect costs.
#[divan::bench(args = Dialect::CLIENTS)]
fn tap_stream(bencher: Bencher, dialect: Dialect) {
    let stream = long_stream(dialect);
    bencher
        .counter(BytesCount::of_slice(&stream))
        .counter(ItemsCount::new(DELTAS))
        .bench(|| {
            let mut tap = Tap::new(dialect, true);
            tap.push(black_box(&stream));
            tap.finish()
        });
}

#[divan::bench]
fn read_events(bencher: Bencher) {
    let stream = long_stream(Dialect::OpenAiChat);
    bencher.counter(BytesCount::of_slice(&stream)).bench(|| {
        let mut events = Vec::new();
        let mut reader = SseReader::default();
        reader.push(black_box(&stream), &mut events)
    });
}

/// The pass-through path of a megabyte: one scan and one copy.
#[divan::bench]
fn splice_the_model_into_a_picture(bencher: Bencher) {
    let body = picture_request();
    bencher.counter(BytesCount::of_slice(&body)).bench(|| {
        let seen = peek(black_box(&body)).expect("valid");
        seen.with_model(&body, "gpt-5-mini")
    });
}

/// What the above is measured against.
#[divan::bench]
fn copy_a_picture(bencher: Bencher) {
    let body = picture_request();
    bencher
        .counter(BytesCount::of_slice(&body))
        .bench(|| black_box(&body).clone());
}

#[divan::bench(args = Dialect::ALL)]
fn picture_to(bencher: Bencher, to: Dialect) {
    let body = picture_request();
    bencher.counter(BytesCount::of_slice(&body)).bench(|| {
        let request = client(Dialect::OpenAiChat).decode_request(black_box(&body));
        codec(to).encode_request(&request.expect("valid"))
    });
}
