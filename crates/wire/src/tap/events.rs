//! Cuts a stream into raw server-sent events, without reading them.

use crate::WireError;
use crate::sse::MAX_EVENT_BYTES;

/// What has come of an event that is not whole yet.
#[derive(Debug, Default)]
pub(super) struct RawEvents {
    carry: Vec<u8>,
}

impl RawEvents {
    /// Takes the next bytes and shows each event that they complete, its blank line included. An
    /// event that lies whole within them is not copied.
    ///
    /// Errors: an event over the bound, and those of `see`.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut see: impl FnMut(&[u8]) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        if self.carry.is_empty() {
            let done = each(bytes, 0, &mut see)?;
            self.carry.extend_from_slice(&bytes[done..]);
        } else {
            // The blank line may have been cut: at most its first three bytes are behind.
            let from = self.carry.len().saturating_sub(3);
            self.carry.extend_from_slice(bytes);
            let done = each(&self.carry, from, &mut see)?;
            self.carry.drain(..done);
        }
        if self.carry.len() > MAX_EVENT_BYTES {
            return Err(WireError::too_large(MAX_EVENT_BYTES));
        }
        Ok(())
    }

    /// The last event, whose blank line some providers leave out.
    pub(super) fn rest(&self) -> &[u8] {
        &self.carry
    }
}

/// Shows each whole event; where the last of them ends. No blank line is before `from`.
fn each(
    bytes: &[u8],
    from: usize,
    see: &mut impl FnMut(&[u8]) -> Result<(), WireError>,
) -> Result<usize, WireError> {
    let (mut done, mut from) = (0, from);
    while let Some(end) = event_end(bytes, from) {
        see(&bytes[done..end])?;
        (done, from) = (end, end);
    }
    Ok(done)
}

/// Just behind the first blank line. Lines end in LF, CRLF or CR.
fn event_end(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let end = from + memchr::memchr2(b'\n', b'\r', bytes.get(from..)?)?;
        let next = end + line_end(&bytes[end..]);
        match line_end(bytes.get(next..)?) {
            0 => from = next,
            blank => return Some(next + blank),
        }
    }
}

/// How long the line end is that stands at the front; 0 where none does.
fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::RawEvents;

    #[test]
    fn events_are_whole_however_they_are_cut() {
        for end in ["\n", "\r\n", "\r"] {
            let text = [
                "event: a",
                "data: 1",
                "",
                ": hi",
                "",
                "data: 한",
                "data",
                "",
            ]
            .join(end);
            let text = format!("{text}{end}data: 4");
            for size in 1..text.len() {
                let (mut events, mut seen) = (RawEvents::default(), String::new());
                for piece in text.as_bytes().chunks(size) {
                    let see = |event: &[u8]| {
                        seen.push_str(String::from_utf8_lossy(event).trim());
                        seen.push('|');
                        Ok(())
                    };
                    events.push(piece, see).expect("small");
                }
                let lines = format!("event: a{end}data: 1|: hi|data: 한{end}data|");
                // A CRLF that was cut between the two leaves an event of a line end alone.
                assert_eq!(seen.replace("||", "|"), lines, "{end:?} by {size}");
                assert_eq!(events.rest().trim_ascii(), b"data: 4");
            }
        }
    }
}
