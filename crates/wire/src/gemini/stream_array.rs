//! Writes a stream as one JSON array, which is what Gemini streams without `alt=sse`.

use crate::{ApiError, ChatEvent, StreamEncoder};

/// Turns the server-sent events of an encoder into the items of an array. Every event of this
/// dialect is one `data` line of JSON.
pub(super) struct ArrayEncoder<E> {
    inner: E,
    events: Vec<u8>,
    begun: bool,
    ended: bool,
}

impl<E: StreamEncoder> ArrayEncoder<E> {
    pub(super) const fn new(inner: E) -> Self {
        Self {
            inner,
            events: Vec::new(),
            begun: false,
            ended: false,
        }
    }

    fn drain(&mut self, out: &mut Vec<u8>) {
        for line in self.events.split(|byte| *byte == b'\n') {
            if let Some(item) = line.strip_prefix(b"data: ") {
                let before: &[u8] = if self.begun { b",\r\n" } else { b"[" };
                self.begun = true;
                out.extend_from_slice(before);
                out.extend_from_slice(item);
            }
        }
        self.events.clear();
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        self.drain(out);
        if !std::mem::replace(&mut self.ended, true) {
            if !self.begun {
                out.push(b'[');
            }
            out.extend_from_slice(b"]\n");
        }
    }
}

impl<E: StreamEncoder> StreamEncoder for ArrayEncoder<E> {
    fn push(&mut self, event: &ChatEvent, out: &mut Vec<u8>) {
        self.inner.push(event, &mut self.events);
        self.drain(out);
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.inner.finish(&mut self.events);
        self.close(out);
    }

    /// The array is closed behind the error: a client that reads it as one JSON text must be able
    /// to see the error.
    fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>) {
        self.inner.fail(error, &mut self.events);
        self.close(out);
    }
}
