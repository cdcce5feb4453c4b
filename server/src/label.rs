//! The label that a tenant gives its end user.

const MAX_CHARS: usize = 256;

/// What a label must be, to complete a sentence that names it.
pub const RULE: &str =
    "must be 1 to 256 characters, none of them a control character, and not `.` or `..`";

/// Whether an end user may be called so. Labels stand in paths, so `.` and `..` may not.
pub fn is_label(text: &str) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= MAX_CHARS
        && !text.contains(char::is_control)
        && !matches!(text, "." | "..")
}
