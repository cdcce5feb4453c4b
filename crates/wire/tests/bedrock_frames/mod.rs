//! Writes event-stream frames, as Bedrock sends them.

// Each test file uses its own part of this.
#![allow(dead_code)]

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use serde_json::Value;

/// The story that the streams of `stories` tell, in frames.
pub(crate) fn story() -> Vec<u8> {
    events()
        .flat_map(|(name, payload)| event(&name, &payload))
        .collect()
}

/// The same, each event by its name and payload.
pub(crate) fn events() -> impl Iterator<Item = (String, String)> {
    let lines = include_str!("../fixtures/bedrock_stream.jsonl").lines();
    lines.map(|line| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let member = line.as_object().and_then(|event| event.iter().next());
        let (name, payload) = member.expect("one member");
        (name.clone(), payload.to_string())
    })
}

pub(crate) fn event(name: &str, payload: &str) -> Vec<u8> {
    frame(
        &[
            (":event-type", name),
            (":content-type", "application/json"),
            (":message-type", "event"),
        ],
        payload,
    )
}

pub(crate) fn exception(name: &str, payload: &str) -> Vec<u8> {
    frame(
        &[(":exception-type", name), (":message-type", "exception")],
        payload,
    )
}

pub(crate) fn frame(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let text = |text: &str| HeaderValue::String(text.to_owned().into());
    let message = headers.iter().fold(
        Message::new(payload.to_owned()),
        |message, (name, value)| message.add_header(Header::new((*name).to_owned(), text(value))),
    );
    let mut out = Vec::new();
    write_message_to(&message, &mut out).expect("short headers");
    out
}
