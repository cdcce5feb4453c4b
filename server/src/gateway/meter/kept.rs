//! What a tenant wants kept of a call: the request, and the answer as its caller got it.

use relay_wire::redact_keys;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::EpochMs;
use crate::vaulting::{KeyError, Vault};

/// What the sealed record of a request's bodies is for: never change it.
pub const KEPT_BODIES: &str = "request-bodies";

/// So much is kept of each; what follows is cut.
const KEPT_BYTES: usize = 256 * 1024;

/// The record that is sealed. It holds nothing that looks like a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBodies {
    /// The request's body.
    pub prompt: String,
    /// Whether it went on.
    pub prompt_cut: bool,
    /// The answer as the caller got it.
    pub completion: String,
    /// Whether it went on.
    pub completion_cut: bool,
}

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

    /// As it is kept: what looks like a key is taken out.
    fn text(&self) -> String {
        redact_keys(&String::from_utf8_lossy(&self.bytes))
    }
}

/// What is kept of one call.
pub(crate) struct Kept {
    pub(super) prompt: Beginning,
    pub(super) completion: Beginning,
    /// Until when.
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

    /// The record of it, sealed for its request.
    pub(super) async fn sealed(
        &self,
        vault: &Vault,
        tenant_id: &str,
        request_id: &str,
    ) -> Result<Vec<u8>, KeyError> {
        let record = KeptBodies {
            prompt: self.prompt.text(),
            prompt_cut: self.prompt.cut,
            completion: self.completion.text(),
            completion_cut: self.completion.cut,
        };
        let json = Zeroizing::new(serde_json::to_vec(&record).unwrap_or_default());
        vault
            .seal_record(tenant_id, KEPT_BODIES, request_id, &json)
            .await
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
