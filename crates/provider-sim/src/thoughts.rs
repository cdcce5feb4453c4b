//! Thoughts handed out sealed, as providers do: the caller cannot read or change the seal, and
//! brings it back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::embedding::fnv1a;

/// The signature, or the encrypted form, of a thought: always the same for the same thought.
pub(crate) fn seal(thought: &str) -> String {
    let mut sealed = b"simulated seal of a thought:".to_vec();
    sealed.extend(fnv1a(thought.as_bytes()).to_be_bytes());
    STANDARD.encode(sealed)
}
