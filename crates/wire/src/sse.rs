//! Server-sent events: the reader (bounded, indifferent to how the bytes were cut) and the writer.
//!
//! Source: WHATWG HTML Living Standard, section 9.2 "Server-sent events".

use crate::WireError;

/// The most bytes one event may hold, field names included. 8 MiB.
pub const MAX_EVENT_BYTES: usize = 8 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// The event's type; empty where the stream gives none.
    pub name: String,
    /// The data lines, joined with newlines.
    pub data: String,
}

/// Cuts a stream of bytes into events. Comments, ids and retry hints are skipped; lines may end
/// in LF, CRLF or CR.
#[derive(Debug)]
pub struct SseReader {
    limit_bytes: usize,
    /// The line so far, without its end.
    line: Vec<u8>,
    /// The last byte was a CR: a LF that follows belongs to it.
    after_cr: bool,
    first_line: bool,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

impl Default for SseReader {
    fn default() -> Self {
        Self::with_limit(MAX_EVENT_BYTES)
    }
}

impl SseReader {
    /// A reader that refuses events over `limit_bytes`.
    pub const fn with_limit(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            line: Vec::new(),
            after_cr: false,
            first_line: true,
            name: Vec::new(),
            data: Vec::new(),
            has_data: false,
        }
    }

    /// Takes the next bytes and appends the events they complete.
    ///
    /// Errors: [`WireErrorKind::TooLarge`](crate::WireErrorKind::TooLarge), or data that is not
    /// UTF-8.
    pub fn push(&mut self, mut bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), WireError> {
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend_line(&bytes[..end])?;
            let ended_in_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if ended_in_cr {
                self.after_cr = bytes.is_empty();
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
            self.end_line(events)?;
        }
        self.extend_line(bytes)
    }

    /// Ends the stream. An event whose closing blank line is missing still counts: some providers
    /// leave it out after their last event.
    pub fn finish(&mut self, events: &mut Vec<SseEvent>) -> Result<(), WireError> {
        if !self.line.is_empty() {
            self.end_line(events)?;
        }
        self.dispatch(events)
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        if self.line.len() + self.data.len() + bytes.len() > self.limit_bytes {
            return Err(WireError::too_large(self.limit_bytes));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, events: &mut Vec<SseEvent>) -> Result<(), WireError> {
        let mut line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.first_line) && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        if line.is_empty() {
            self.dispatch(events)?;
        } else {
            self.take_field(&line);
        }
        // Keeps the allocation for the next line.
        line.clear();
        self.line = line;
        Ok(())
    }

    fn take_field(&mut self, line: &[u8]) {
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &b""[..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            b"event" => value.clone_into(&mut self.name),
            _ => {}
        }
    }

    fn dispatch(&mut self, events: &mut Vec<SseEvent>) -> Result<(), WireError> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        if !std::mem::take(&mut self.has_data) {
            return Ok(());
        }
        let not_utf8 = |_| WireError::malformed("the upstream's stream is not UTF-8");
        events.push(SseEvent {
            name: String::from_utf8(name).map_err(not_utf8)?,
            data: String::from_utf8(data).map_err(not_utf8)?,
        });
        Ok(())
    }
}

/// Writes one event of one data line. `data` must hold no line end; JSON text never does.
pub fn write_event(name: Option<&str>, data: &[u8], out: &mut Vec<u8>) {
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::{SseEvent, SseReader, write_event};
    use crate::WireErrorKind;

    fn read(pieces: &[&[u8]]) -> Vec<SseEvent> {
        let mut reader = SseReader::default();
        let mut events = Vec::new();
        for piece in pieces {
            reader.push(piece, &mut events).expect("within the bound");
        }
        reader.finish(&mut events).expect("valid");
        events
    }

    fn event(name: &str, data: &str) -> SseEvent {
        SseEvent {
            name: name.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn every_line_end_means_the_same() {
        let expected = vec![event("a", "1\n2"), event("", "3")];
        for end in ["\n", "\r\n", "\r"] {
            let text = [
                "event: a", "data: 1", "data:2", "", ": hi", "id: 7", "data: 3", "", "",
            ]
            .join(end);
            assert_eq!(read(&[text.as_bytes()]), expected, "{end:?}");
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(read(&bytes), expected, "{end:?}, byte by byte");
        }
    }

    #[test]
    fn comments_and_empty_events_are_skipped() {
        assert_eq!(
            read(&[b": ping\n\nevent: ping\n\n\n\ndata\n\n"]),
            vec![event("", "")]
        );
    }

    #[test]
    fn a_character_cut_in_two_is_whole_again() {
        let text = "\u{feff}data: 한글\n\n".as_bytes();
        for cut in 0..text.len() {
            assert_eq!(read(&[&text[..cut], &text[cut..]]), vec![event("", "한글")]);
        }
    }

    #[test]
    fn a_last_event_without_its_blank_line_counts() {
        assert_eq!(read(&[b"data: [DONE]"]), vec![event("", "[DONE]")]);
    }

    #[test]
    fn an_event_over_the_bound_is_an_error() {
        for piece in ["x", "data: x\n"] {
            let mut reader = SseReader::with_limit(100);
            let mut events = Vec::new();
            let error = std::iter::repeat_n(piece, 1000)
                .find_map(|piece| reader.push(piece.as_bytes(), &mut events).err())
                .expect("endless");
            assert_eq!(error.kind, WireErrorKind::TooLarge);
            assert!(events.is_empty());
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut out = Vec::new();
        write_event(Some("delta"), b"{}", &mut out);
        write_event(None, b"[DONE]", &mut out);
        assert_eq!(
            read(&[&out]),
            vec![event("delta", "{}"), event("", "[DONE]")]
        );
    }
}
