//! What has to be known about OpenAI's models to write a request: one rule, by name.

/// The model reasons and so can hand out its reasoning encrypted; the others refuse to be asked.
pub(crate) fn reasons(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let digit_after = |prefix: &str| {
        name.strip_prefix(prefix)
            .and_then(|rest| rest.bytes().next())
            .filter(u8::is_ascii_digit)
    };
    let newer = digit_after("gpt-").is_some_and(|major| major >= b'5') && !name.contains("-chat");
    newer || digit_after("o").is_some() || name.contains("codex")
}

#[cfg(test)]
mod tests {
    use super::reasons;

    #[test]
    fn reasoning_models_are_told_by_their_names() {
        for name in [
            "gpt-5.1",
            "gpt-6-sol",
            "o3-mini",
            "openai/o1",
            "codex-mini-latest",
        ] {
            assert!(reasons(name), "{name}");
        }
        for name in [
            "gpt-4.1",
            "gpt-4o",
            "gpt-5-chat-latest",
            "omni-x",
            "llama-3",
        ] {
            assert!(!reasons(name), "{name}");
        }
    }
}
