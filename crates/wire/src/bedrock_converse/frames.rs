//! Cuts a stream of `application/vnd.amazon.eventstream` frames into its events.

use aws_smithy_eventstream::frame::read_message_from;
use serde_json::{Value, json};

use super::error::of_value;
use crate::WireError;
use crate::sse::{MAX_EVENT_BYTES, SseEvent};
use crate::stream::Framing;

/// The frames so far. An event's name is its `:event-type`, its data the JSON payload.
#[derive(Debug, Default)]
pub(super) struct Frames {
    buffer: Vec<u8>,
}

impl Framing for Frames {
    /// Errors: a frame over the bound, a damaged one (both checksums are checked), and an
    /// exception that the upstream reports.
    fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), WireError> {
        self.buffer.extend_from_slice(bytes);
        let mut done = 0;
        let mut result = Ok(());
        while let Some(frame) = next_frame(&self.buffer[done..]).transpose() {
            let event = frame.and_then(|frame| {
                done += frame.len();
                read(frame)
            });
            match event {
                Ok(event) => events.extend(event),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        self.buffer.drain(..done);
        result
    }

    fn finish(&mut self, _events: &mut Vec<SseEvent>) -> Result<(), WireError> {
        if self.buffer.is_empty() {
            Ok(())
        } else {
            Err(WireError::truncated())
        }
    }
}

/// The first frame, if it is whole. A frame begins with its own length.
fn next_frame(bytes: &[u8]) -> Result<Option<&[u8]>, WireError> {
    let Some(length) = bytes.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > MAX_EVENT_BYTES {
        return Err(WireError::too_large(MAX_EVENT_BYTES));
    }
    // A length below that of an empty frame is for the reader to refuse.
    Ok(bytes.get(..length.max(MIN_FRAME_BYTES)))
}

/// Lengths, headers' length, and two checksums.
const MIN_FRAME_BYTES: usize = 16;

/// Reads one frame; `None` for one that says nothing.
fn read(frame: &[u8]) -> Result<Option<SseEvent>, WireError> {
    let mut rest = frame;
    let message = read_message_from(&mut rest)
        .ok()
        .filter(|_| rest.is_empty())
        .ok_or_else(|| WireError::malformed("the upstream's stream has a damaged frame"))?;
    let header = |name: &str| {
        message
            .headers()
            .iter()
            .find(|header| header.name().as_str() == name)
            .and_then(|header| header.value().as_string().ok())
            .map(aws_smithy_types::str_bytes::StrBytes::as_str)
    };
    match header(":message-type") {
        Some("event") => {}
        Some("exception") => {
            let value = serde_json::from_slice(message.payload()).unwrap_or(Value::Null);
            let error = of_value(None, header(":exception-type"), &value);
            return Err(WireError::upstream(error));
        }
        Some("error") => {
            let value = json!({"message": header(":error-message")});
            let error = of_value(None, header(":error-code"), &value);
            return Err(WireError::upstream(error));
        }
        _ => return Ok(None),
    }
    let data = String::from_utf8(message.payload().to_vec())
        .map_err(|_| WireError::malformed("the upstream's stream is not UTF-8"))?;
    Ok(Some(SseEvent {
        name: header(":event-type").unwrap_or_default().to_owned(),
        data,
    }))
}
