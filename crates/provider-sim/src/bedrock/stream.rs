//! An answer of Converse as AWS's binary event stream: each message holds its kind in headers, its
//! event as JSON, and checksums over both.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message as Frame};
use bytes::Bytes;
use serde_json::{Value, json};

use super::message::Message;
use crate::deliver::{Frames, Payload};
use crate::thoughts::seal;

pub(super) fn payload(message: &Message) -> Payload {
    Payload {
        status: 200,
        content_type: "application/vnd.amazon.eventstream",
        body: Frames::Events(events(message)),
        error_frames: vec![frame(
            "exception",
            "internalServerException",
            &json!({"message": "The system encountered an unexpected error during processing."}),
        )],
    }
}

fn events(message: &Message) -> Vec<Bytes> {
    let answer = &message.answer;
    let mut events = vec![event("messageStart", json!({"role": "assistant"}))];
    let mut index = 0;
    if let Some(thought) = &answer.thought {
        for piece in thought.split_inclusive(' ') {
            events.push(delta(index, &json!({"reasoningContent": {"text": piece}})));
        }
        let signature = json!({"reasoningContent": {"signature": seal(thought)}});
        events.push(delta(index, &signature));
        events.push(stop(index));
        index += 1;
    }
    if answer.calls.is_empty() {
        events.extend(
            answer
                .pieces()
                .map(|piece| delta(index, &json!({"text": piece}))),
        );
        events.push(stop(index));
    }
    for (place, call) in answer.calls.iter().enumerate() {
        let begin = json!({"toolUse": {"toolUseId": message.use_id(place), "name": call.name}});
        let start = json!({"contentBlockIndex": index, "start": begin});
        events.push(event("contentBlockStart", start));
        for piece in call.argument_pieces() {
            events.push(delta(index, &json!({"toolUse": {"input": piece}})));
        }
        events.push(stop(index));
        index += 1;
    }
    let end = json!({"stopReason": message.stop_reason()});
    events.push(event("messageStop", end));
    let metadata = json!({"usage": message.usage(), "metrics": {"latencyMs": 1}});
    events.push(event("metadata", metadata));
    events
}

fn delta(index: usize, delta: &Value) -> Bytes {
    let delta = json!({"contentBlockIndex": index, "delta": delta});
    event("contentBlockDelta", delta)
}

fn stop(index: usize) -> Bytes {
    event("contentBlockStop", json!({"contentBlockIndex": index}))
}

/// An event, with the padding that hides its length from who watches the line.
fn event(kind: &str, mut event: Value) -> Bytes {
    event["p"] = json!("sim");
    frame("event", kind, &event)
}

fn frame(message_type: &'static str, kind: &str, payload: &Value) -> Bytes {
    let header =
        |name: &'static str, value: String| Header::new(name, HeaderValue::String(value.into()));
    let frame = Frame::new(payload.to_string())
        .add_header(header(":message-type", message_type.to_owned()))
        .add_header(match message_type {
            "exception" => header(":exception-type", kind.to_owned()),
            _ => header(":event-type", kind.to_owned()),
        })
        .add_header(header(":content-type", "application/json".to_owned()));
    let mut bytes = Vec::new();
    write_message_to(&frame, &mut bytes).expect("a small message with short headers fits a frame");
    bytes.into()
}
