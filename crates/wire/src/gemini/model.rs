//! What has to be known about a model's name.

use std::fmt::Write;

/// The model as it stands in a path: `models/gemini-2.5-pro`. Anything that could leave its
/// segment is percent-encoded, so a client's model name reaches no other route of the upstream.
pub(crate) fn path_segment(model: &str) -> String {
    let (collection, name) = match model.split_once('/') {
        Some((collection @ ("models" | "tunedModels"), name)) => (collection, name),
        _ => ("models", model),
    };
    let mut out = format!("{collection}/");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Gemini 3 and later: steered by a thinking level, and strict about thought signatures.
pub(super) fn is_gemini_3(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    name.strip_prefix("gemini-")
        .and_then(|rest| rest.split(['-', '.']).next())
        .and_then(|major| major.parse::<u32>().ok())
        .is_some_and(|major| major >= 3)
}

#[cfg(test)]
mod tests {
    use super::{is_gemini_3, path_segment};

    #[test]
    fn a_models_name_stays_in_its_segment() {
        assert_eq!(path_segment("gemini-2.5-pro"), "models/gemini-2.5-pro");
        assert_eq!(
            path_segment("models/gemini-2.5-pro"),
            "models/gemini-2.5-pro"
        );
        assert_eq!(
            path_segment("../files?x=:y"),
            "models/..%2Ffiles%3Fx%3D%3Ay"
        );
    }

    #[test]
    fn generations_are_told_apart() {
        assert!(is_gemini_3("gemini-3-pro-preview") && is_gemini_3("models/gemini-3.1-flash"));
        assert!(!is_gemini_3("gemini-2.5-flash") && !is_gemini_3("gemma-3-27b"));
    }
}
