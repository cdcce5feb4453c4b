//! Base64url without padding (RFC 4648 §5), as JSON carries the bytes of keys and ciphertexts.

use base64ct::{Base64UrlUnpadded, Encoding};

/// Bytes as text.
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Text as bytes; `None` when it is not base64url without padding.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}
