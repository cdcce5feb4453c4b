//! The stream decoder of `bedrock-converse`. Checksums keep random bytes out, so a part of the input
//! is put into frames: a line is an event, its first word the name. The rest follows as it is.

#![no_main]

mod stream;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use libfuzzer_sys::fuzz_target;
use relay_wire::Dialect;

fuzz_target!(|input: (u8, &str, &[u8])| {
    let (size, lines, rest) = input;
    let mut bytes = Vec::new();
    for line in lines.lines() {
        let (name, payload) = line.split_once(' ').unwrap_or((line, ""));
        let text = |text: &str| HeaderValue::String(text.to_owned().into());
        let (kind, field) = match name.strip_prefix('!') {
            Some(_) => ("exception", ":exception-type"),
            None => ("event", ":event-type"),
        };
        let message = Message::new(payload.to_owned())
            .add_header(Header::new(":message-type", text(kind)))
            .add_header(Header::new(field, text(name)));
        if write_message_to(&message, &mut bytes).is_err() {
            return;
        }
    }
    bytes.extend(rest);
    stream::check(Dialect::BedrockConverse, size, &bytes);
});
