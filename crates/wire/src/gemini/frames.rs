//! Cuts a stream into its JSON objects: server-sent events (`alt=sse`), or the items of one JSON
//! array, which is what Gemini streams without `alt=sse`.

use crate::WireError;
use crate::sse::{MAX_EVENT_BYTES, SseReader};
use crate::stream::JsonNesting;

/// Which of the two it is shows in the first byte.
#[derive(Debug, Default)]
pub(super) enum Frames {
    #[default]
    Unknown,
    Sse(SseReader),
    Array(ArrayReader),
}

/// Cuts a JSON array into its items.
#[derive(Debug, Default)]
pub(super) struct ArrayReader {
    item: Vec<u8>,
    nesting: JsonNesting,
    closed: bool,
}

impl Frames {
    /// Takes the next bytes and appends the objects they complete.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<String>) -> Result<(), WireError> {
        let mut bytes = bytes;
        if matches!(self, Self::Unknown) {
            bytes = bytes.trim_ascii_start();
            match bytes.first() {
                None => return Ok(()),
                Some(b'[') => {
                    bytes = &bytes[1..];
                    *self = Self::Array(ArrayReader::default());
                }
                Some(_) => *self = Self::Sse(SseReader::default()),
            }
        }
        match self {
            Self::Unknown => Ok(()),
            Self::Sse(reader) => {
                let mut events = Vec::new();
                reader.push(bytes, &mut events)?;
                out.extend(events.into_iter().map(|event| event.data));
                Ok(())
            }
            Self::Array(reader) => reader.push(bytes, out),
        }
    }

    /// Ends the stream.
    ///
    /// Errors: an array that was not closed.
    pub(super) fn finish(&mut self, out: &mut Vec<String>) -> Result<(), WireError> {
        match self {
            Self::Sse(reader) => {
                let mut events = Vec::new();
                reader.finish(&mut events)?;
                out.extend(events.into_iter().map(|event| event.data));
                Ok(())
            }
            Self::Array(reader) if reader.closed => Ok(()),
            Self::Unknown | Self::Array(_) => Err(WireError::truncated()),
        }
    }
}

impl ArrayReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<String>) -> Result<(), WireError> {
        for &byte in bytes {
            let within = !self.item.is_empty();
            if !within && (byte.is_ascii_whitespace() || byte == b',') {
                continue;
            }
            if !within && byte == b']' {
                self.closed = true;
                continue;
            }
            if self.closed || (!within && byte != b'{') {
                return Err(WireError::malformed(
                    "the upstream's stream is not an array of objects",
                ));
            }
            self.item.push(byte);
            if self.item.len() > MAX_EVENT_BYTES {
                return Err(WireError::too_large(MAX_EVENT_BYTES));
            }
            if self.nesting.take(byte) {
                let item = std::mem::take(&mut self.item);
                let not_utf8 = |_| WireError::malformed("the upstream's stream is not UTF-8");
                out.push(String::from_utf8(item).map_err(not_utf8)?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Frames;

    #[test]
    fn both_forms_give_the_same_objects_however_they_are_cut() {
        for text in [
            "data: {\"a\":\"}]\"}\n\ndata: {\"b\":[1]}\n\n",
            "[{\"a\":\"}]\"}\n,\r\n{\"b\":[1]}\n]\n",
        ] {
            for size in 1..text.len() {
                let (mut frames, mut out) = (Frames::default(), Vec::new());
                for piece in text.as_bytes().chunks(size) {
                    frames.push(piece, &mut out).expect("valid");
                }
                frames.finish(&mut out).expect("whole");
                assert_eq!(out, ["{\"a\":\"}]\"}", "{\"b\":[1]}"]);
            }
        }
    }

    #[test]
    fn an_array_that_was_not_closed_is_cut() {
        let (mut frames, mut out) = (Frames::default(), Vec::new());
        frames.push(b"[{\"a\":1}", &mut out).expect("so far");
        assert!(frames.finish(&mut out).is_err());
    }
}
