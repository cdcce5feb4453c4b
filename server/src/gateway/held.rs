//! Server-sent events as bytes: where one ends, and what has not ended yet.

use bytes::Bytes;
use relay_wire::WireError;
use relay_wire::sse::MAX_EVENT_BYTES;

/// Holds back the bytes after the last blank line: an event is passed on whole or not at all.
#[derive(Default)]
pub(super) struct Held(Vec<u8>);

impl Held {
    /// Takes the next bytes and answers the events that are whole now.
    pub(super) fn push(&mut self, chunk: Bytes) -> Result<Bytes, WireError> {
        if self.0.is_empty() && ends_event(&chunk) {
            // The usual case: whole events, and not a byte copied.
            return Ok(chunk);
        }
        // An end may stand across the seam, but nowhere before it.
        let unseen = self.0.len().saturating_sub(2);
        self.0.extend_from_slice(&chunk);
        let end = last_event_end(&self.0, unseen);
        if end == 0 && self.0.len() > MAX_EVENT_BYTES {
            return Err(WireError::too_large(MAX_EVENT_BYTES));
        }
        let rest = self.0.split_off(end);
        Ok(std::mem::replace(&mut self.0, rest).into())
    }

    /// Takes what is held.
    pub(super) fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.0).into()
    }
}

/// Where each event ends, the last one at the end of the bytes.
pub(super) fn event_ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    (1..=bytes.len()).filter(move |end| {
        *end == bytes.len() || (is_line_end(bytes[end - 1]) && ends_event(&bytes[..*end]))
    })
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn ends_event(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n\n") || bytes.ends_with(b"\n\r\n") || bytes.ends_with(b"\r\r")
}

/// Just behind the last blank line that ends after `unseen`, or 0.
fn last_event_end(bytes: &[u8], unseen: usize) -> usize {
    (unseen + 1..=bytes.len())
        .rev()
        .find(|end| is_line_end(bytes[end - 1]) && ends_event(&bytes[..*end]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(chunks: &[&[u8]]) -> (Vec<Bytes>, Bytes) {
        let mut held = Held::default();
        let passed = chunks
            .iter()
            .map(|chunk| held.push(Bytes::copy_from_slice(chunk)).expect("small"))
            .collect();
        (passed, held.rest())
    }

    #[test]
    fn an_event_is_passed_on_when_it_is_whole() {
        let (passed, rest) = through(&[
            b"data: 1\n",
            b"\ndata: 2\n\ndata",
            b": 3\r\n\r\n",
            b"data: 4",
        ]);
        assert_eq!(
            passed,
            [&b""[..], b"data: 1\n\ndata: 2\n\n", b"data: 3\r\n\r\n", b""]
        );
        assert_eq!(rest, b"data: 4"[..]);
    }

    #[test]
    fn an_event_without_end_is_an_error_not_a_leak() {
        let mut held = Held::default();
        let mib = Bytes::from(vec![b'x'; 1024 * 1024]);
        let refused = (0..10).find_map(|_| held.push(mib.clone()).err());
        assert!(refused.is_some());
    }

    #[test]
    fn every_event_has_an_end() {
        let ends = |bytes: &[u8]| event_ends(bytes).collect::<Vec<_>>();
        assert_eq!(ends(b"a\n\nbc\n\n"), [3, 7]);
        assert_eq!(ends(b"a\r\n\r\nb"), [5, 6]);
        assert_eq!(ends(b""), [0usize; 0]);
    }
}
