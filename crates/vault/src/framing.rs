//! How several fields become one string of bytes that nothing else can spell.
//!
//! Each field is preceded by its length (u64, big-endian), so `("ab", "c")` and `("a", "bc")` differ, and
//! the first field is a label that names the purpose, so no two uses share a string.

/// Frames `fields` behind `label`.
pub(crate) fn frame(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let length = fields
        .iter()
        .fold(8 + label.len(), |sum, field| sum + 8 + field.len());
    let mut framed = Vec::with_capacity(length);
    for field in std::iter::once(label.as_bytes()).chain(fields.iter().copied()) {
        framed.extend_from_slice(&(field.len() as u64).to_be_bytes());
        framed.extend_from_slice(field);
    }
    framed
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn moving_a_byte_between_fields_changes_the_frame() {
        assert_ne!(frame("l", &[b"ab", b"c"]), frame("l", &[b"a", b"bc"]));
        assert_ne!(frame("l", &[b"a", b""]), frame("l", &[b"", b"a"]));
        assert_ne!(frame("l", &[b"a"]), frame("l", &[b"a", b""]));
        assert_ne!(frame("la", &[b""]), frame("l", &[b"a"]));
    }
}
