//! Writes a stream as one JSON array, which is what Gemini streams without `alt=sse`.

use serde::de::IgnoredAny;

use super::error::object_of;
use super::frames::Frames;
use crate::{ApiError, ChatEvent, StreamEncoder, WireError};

/// The brackets and commas around the items of one array.
#[derive(Debug, Default)]
struct ArrayWriter {
    begun: bool,
    ended: bool,
}

impl ArrayWriter {
    fn item(&mut self, item: &[u8], out: &mut Vec<u8>) {
        let before: &[u8] = if self.begun { b",\r\n" } else { b"[" };
        self.begun = true;
        out.extend_from_slice(before);
        out.extend_from_slice(item);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.ended, true) {
            if !self.begun {
                out.push(b'[');
            }
            out.extend_from_slice(b"]\n");
        }
    }
}

/// Turns the server-sent events of an encoder into the items of an array. Every event of this
/// dialect is one `data` line of JSON.
pub(super) struct ArrayEncoder<E> {
    inner: E,
    events: Vec<u8>,
    array: ArrayWriter,
}

impl<E: StreamEncoder> ArrayEncoder<E> {
    pub(super) fn new(inner: E) -> Self {
        Self {
            inner,
            events: Vec::new(),
            array: ArrayWriter::default(),
        }
    }

    fn drain(&mut self, out: &mut Vec<u8>) {
        for line in self.events.split(|byte| *byte == b'\n') {
            if let Some(item) = line.strip_prefix(b"data: ") {
                self.array.item(item, out);
            }
        }
        self.events.clear();
    }
}

impl<E: StreamEncoder> StreamEncoder for ArrayEncoder<E> {
    fn push(&mut self, event: &ChatEvent, out: &mut Vec<u8>) {
        self.inner.push(event, &mut self.events);
        self.drain(out);
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.inner.finish(&mut self.events);
        self.drain(out);
        self.array.close(out);
    }

    /// The array is closed behind the error: a client that reads it as one JSON text must be able
    /// to see the error.
    fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>) {
        self.inner.fail(error, &mut self.events);
        self.drain(out);
        self.array.close(out);
    }
}

/// Turns the bytes of a Gemini upstream's stream into one JSON array, for a client that asked
/// without `alt=sse`. The objects stay as they came; only what stands around them changes. Takes
/// server-sent events cut anywhere, with comments and line ends of any kind, and an array too.
#[derive(Debug, Default)]
pub struct ArrayRelay {
    frames: Frames,
    array: ArrayWriter,
}

impl ArrayRelay {
    /// Takes the next bytes and writes the items they complete.
    ///
    /// Errors: an event over [`MAX_EVENT_BYTES`](crate::sse::MAX_EVENT_BYTES), or one that is not
    /// JSON and would make the whole array unreadable. [`Self::fail`] is what is left to call;
    /// what was written to `out` before the error is to be sent all the same.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
        let mut items = Vec::new();
        let read = self.frames.push(bytes, &mut items);
        self.write(&items, out).and(read)
    }

    /// Ends the stream as a success: closes the array.
    ///
    /// Errors: a last event that is not JSON, or nothing at all was sent.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), WireError> {
        if self.array.ended {
            return Ok(());
        }
        let mut items = Vec::new();
        let read = self.frames.finish(&mut items);
        self.write(&items, out).and(read)?;
        self.array.close(out);
        Ok(())
    }

    /// Ends the stream as a failure: an error object as the last item, and the array is closed
    /// behind it so that it can be read.
    pub fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>) {
        if !self.array.ended {
            self.array
                .item(object_of(error).to_string().as_bytes(), out);
            self.array.close(out);
        }
    }

    fn write(&mut self, items: &[String], out: &mut Vec<u8>) -> Result<(), WireError> {
        for item in items {
            if self.array.ended || item.trim().is_empty() {
                continue;
            }
            serde_json::from_str::<IgnoredAny>(item).map_err(|_| {
                WireError::malformed("the upstream's stream holds what is not JSON")
            })?;
            self.array.item(item.as_bytes(), out);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::ArrayRelay;
    use crate::{ApiError, WireErrorKind};

    fn relayed(text: &str, size: usize) -> String {
        let (mut relay, mut out) = (ArrayRelay::default(), Vec::new());
        for piece in text.as_bytes().chunks(size) {
            relay.push(piece, &mut out).expect("valid");
        }
        relay.finish(&mut out).expect("whole");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn events_become_the_items_of_one_array_however_they_are_cut() {
        for text in [
            "data: {\"a\": 1.50}\n\n: ping\n\ndata: {\"b\":\"한\"}\n\n",
            "data: {\"a\": 1.50}\r\n\r\nid: 1\r\ndata: {\"b\":\"한\"}\r\n\r\n",
            "data:{\"a\": 1.50}\r\rdata: {\"b\":\"한\"}",
            "[{\"a\": 1.50}\n,\n{\"b\":\"한\"}\n]",
        ] {
            for size in 1..text.len() {
                assert_eq!(relayed(text, size), "[{\"a\": 1.50},\r\n{\"b\":\"한\"}]\n");
            }
        }
    }

    #[test]
    fn an_item_of_several_lines_is_one_item() {
        assert_eq!(relayed("data: {\"a\":\ndata: 1}\n\n", 3), "[{\"a\":\n1}]\n");
    }

    #[test]
    fn a_failure_is_the_last_item_and_the_array_can_be_read() {
        let (mut relay, mut out) = (ArrayRelay::default(), Vec::new());
        relay
            .push(b"data: {\"a\":1}\n\nda", &mut out)
            .expect("valid");
        relay.fail(&ApiError::new(502, "broken"), &mut out);
        relay.fail(&ApiError::new(502, "again"), &mut out);
        relay.finish(&mut out).expect("ended already");
        let items: Vec<serde_json::Value> = serde_json::from_slice(&out).expect("an array");
        assert_eq!(items.len(), 2);
        assert_eq!(items[1]["error"]["message"], "broken");
    }

    #[test]
    fn what_is_not_json_never_gets_into_the_array() {
        let (mut relay, mut out) = (ArrayRelay::default(), Vec::new());
        let error = relay
            .push(b"data: {\"a\":1}\n\ndata: <html>\n\n", &mut out)
            .expect_err("not JSON");
        assert_eq!(error.kind, WireErrorKind::Malformed);
        relay.fail(&error.into_upstream_error(), &mut out);
        let items: Vec<serde_json::Value> = serde_json::from_slice(&out).expect("an array");
        assert_eq!((items.len(), &items[0]["a"]), (2, &1.into()));
    }

    #[test]
    fn a_stream_of_nothing_is_cut() {
        assert!(ArrayRelay::default().finish(&mut Vec::new()).is_err());
    }
}
