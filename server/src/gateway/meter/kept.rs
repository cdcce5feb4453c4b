//! What a tenant wants kept of a call: the request, and the answer as its caller got it.

use crate::clock::EpochMs;

/// So much is kept of each; what follows is cut.
const KEPT_BYTES: usize = 256 * 1024;

/// The beginning of something, and whether anything followed.
#[derive(Debug, Default)]
pub(crate) struct Beginning {
    pub(super) bytes: Vec<u8>,
    pub(super) cut: bool,
}

impl Beginning {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = KEPT_BYTES - self.bytes.len();
        self.cut |= bytes.len() > room;
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// What is kept of one call.
pub(crate) struct Kept {
    pub(super) prompt: Beginning,
    pub(super) completion: Beginning,
    /// Until when.
    #[allow(dead_code, reason = "written next")]
    pub(super) expires_at: EpochMs,
}

impl Kept {
    pub(super) fn until(expires_at: EpochMs) -> Self {
        Self {
            prompt: Beginning::default(),
            completion: Beginning::default(),
            expires_at,
        }
    }

    pub(super) fn has_something(&self) -> bool {
        self.bytes() > 0
    }

    /// How much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.prompt.bytes.len() + self.completion.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_bounded_and_says_when_it_was_cut() {
        let mut beginning = Beginning::default();
        beginning.push(&vec![b'x'; KEPT_BYTES - 1]);
        beginning.push(b"y");
        assert!(!beginning.cut);
        beginning.push(b"");
        assert!(!beginning.cut);
        beginning.push(b"z");
        assert!(beginning.cut);
        assert_eq!(beginning.bytes.len(), KEPT_BYTES);
    }
}
