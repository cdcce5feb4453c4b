//! What translation costs: time and allocations a request, an answer, a stream.
//!
//! `cargo bench -p relay-wire`. The inputs are the small fixtures of the tests, repeated where size
//! matters, so the numbers need no recordings.

mod samples;

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher, black_box};
use relay_wire::sse::SseReader;
use relay_wire::{Dialect, StreamOptions, Tap, codec, peek};
use samples::{DELTAS, REQUEST, answer, client, decode, long_stream, picture_request};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
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

/// From an upstream's bytes to a client's: to Chat, and from Chat to Anthropic.
#[divan::bench(args = Dialect::ALL)]
fn translate_stream(bencher: Bencher, from: Dialect) {
    let stream = long_stream(from);
    let to = if from == Dialect::OpenAiChat {
        Dialect::AnthropicMessages
    } else {
        Dialect::OpenAiChat
    };
    bencher
        .counter(BytesCount::of_slice(&stream))
        .counter(ItemsCount::new(DELTAS))
        .bench(|| {
            let mut decoder = codec(from).stream_decoder();
            let mut encoder = client(to).stream_encoder(&StreamOptions::default());
            let mut out = Vec::new();
            for event in decoder.push(black_box(&stream)).expect("a whole stream") {
                encoder.push(&event, &mut out);
            }
            for event in decoder.finish().expect("a whole stream") {
                encoder.push(&event, &mut out);
            }
            encoder.finish(&mut out);
            out
        });
}

#[divan::bench(args = Dialect::ALL)]
fn decode_answer(bencher: Bencher, from: Dialect) {
    let body = answer(from);
    bencher
        .counter(BytesCount::of_slice(&body))
        .bench(|| codec(from).decode_response(black_box(&body)));
}

#[divan::bench(args = Dialect::CLIENTS)]
fn encode_answer(bencher: Bencher, to: Dialect) {
    let answer = codec(to).decode_response(&answer(to)).expect("an answer");
    bencher.bench(|| client(to).encode_response(black_box(&answer)));
}

#[divan::bench(args = Dialect::CLIENTS)]
fn decode_request(bencher: Bencher, from: Dialect) {
    let request = client(Dialect::OpenAiChat).decode_request(&without_stop());
    let body = codec(from)
        .encode_request(&request.expect("valid"))
        .expect("expressible");
    bencher
        .counter(BytesCount::of_slice(&body))
        .bench(|| client(from).decode_request(black_box(&body)));
}

#[divan::bench(args = Dialect::ALL)]
fn encode_request(bencher: Bencher, to: Dialect) {
    let mut request = client(Dialect::OpenAiChat)
        .decode_request(&without_stop())
        .expect("valid");
    "anthropic.claude-sonnet-4-5".clone_into(&mut request.model);
    codec(to).encode_request(&request).expect("expressible");
    bencher.bench(|| codec(to).encode_request(black_box(&request)));
}

/// The request without the one field that Responses cannot express.
fn without_stop() -> Vec<u8> {
    let mut body: serde_json::Value = serde_json::from_slice(REQUEST).expect("JSON");
    if let Some(body) = body.as_object_mut() {
        body.remove("stop");
    }
    body.to_string().into_bytes()
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
fn rewrite_a_picture(bencher: Bencher) {
    let body = picture_request();
    bencher.counter(BytesCount::of_slice(&body)).bench(|| {
        let seen = peek(black_box(&body)).expect("valid");
        seen.rewritten(&body, Some("gpt-5-mini"), true)
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
