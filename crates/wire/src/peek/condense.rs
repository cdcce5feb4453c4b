//! A large JSON text without its long strings, so that a glance at it costs little: pictures and
//! documents are found by their quotes alone, many times faster than a parser reads them.

use memchr::{memchr, memchr2};

/// Shorter texts are not worth it.
const MIN_TEXT_BYTES: usize = 64 * 1024;
/// What makes a string long. No name or label is.
const MIN_STRING_BYTES: usize = 8 * 1024;

/// A JSON text whose long strings have been emptied. What stood in them is not looked at: whether
/// they are sound is for whoever reads them.
pub(crate) struct Condensed {
    pub(crate) text: Vec<u8>,
    /// Where a string was emptied in `text`, and how many bytes have been left out up to there.
    cuts: Vec<(usize, usize)>,
}

impl Condensed {
    /// `None` where there is nothing long to leave out.
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        if text.len() < MIN_TEXT_BYTES {
            return None;
        }
        let mut condensed = Self {
            text: Vec::new(),
            cuts: Vec::new(),
        };
        let (mut kept, mut at, mut left_out) = (0, 0, 0);
        while let Some(quote) = memchr(b'"', &text[at..]) {
            let start = at + quote + 1;
            // A string without end is the parser's to complain about.
            let Some(end) = string_end(text, start) else {
                break;
            };
            if end - start >= MIN_STRING_BYTES {
                condensed.text.extend_from_slice(&text[kept..start]);
                left_out += end - start;
                condensed.cuts.push((condensed.text.len(), left_out));
                kept = end;
            }
            at = end + 1;
        }
        if condensed.cuts.is_empty() {
            return None;
        }
        condensed.text.extend_from_slice(&text[kept..]);
        Some(condensed)
    }

    /// Where a place of the condensed text stands in the whole one.
    pub(crate) fn original(&self, place: usize) -> usize {
        let before = self.cuts.partition_point(|(cut, _)| *cut <= place);
        place + before.checked_sub(1).map_or(0, |last| self.cuts[last].1)
    }
}

/// Where the quote stands that ends the string whose content begins at `start`.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let found = at + memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[found] == b'"' {
            return Some(found);
        }
        // Past the backslash and what it escapes.
        at = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::Condensed;

    #[test]
    fn long_strings_are_emptied_and_places_are_found_again() {
        let long = format!("{}\\\"{}\\\\", "x".repeat(50_000), "é".repeat(30_000));
        let text =
            format!("{{\"a\\\"b\":\"{long}\",\"short\":\"kept\",\"c\":[\"{long}\"],\"d\":1}}");
        let condensed = Condensed::of(text.as_bytes()).expect("long");
        let seen = std::str::from_utf8(&condensed.text).expect("UTF-8");
        assert_eq!(seen, r#"{"a\"b":"","short":"kept","c":[""],"d":1}"#);
        for word in ["a\\", "short", "kept", "\"d\""] {
            let place = seen.find(word).expect("there");
            assert_eq!(Some(condensed.original(place)), text.find(word), "{word}");
        }
    }

    #[test]
    fn what_is_short_or_broken_is_left_to_the_parser() {
        assert!(Condensed::of(b"{\"a\":\"b\"}").is_none());
        let broken = format!("{{\"a\":\"{}", "x".repeat(100_000));
        assert!(Condensed::of(broken.as_bytes()).is_none());
        assert!(Condensed::of(format!("{broken}\\").as_bytes()).is_none());
        let many = format!("[{}1]", "\"word\",".repeat(20_000));
        assert!(Condensed::of(many.as_bytes()).is_none());
    }
}
