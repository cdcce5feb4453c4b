//! What has to be known about models to write a request for a host of this dialect, by name.

/// OpenAI's reasoning models take only the newer name; most compatible hosts only the older one.
pub(super) fn max_tokens_field(model: &str) -> &'static str {
    let name = model.rsplit('/').next().unwrap_or(model);
    let newer = ["gpt-", "chatgpt-", "o1", "o3", "o4"];
    // `gpt-oss` is an open model, served by compatible hosts.
    if newer.iter().any(|prefix| name.starts_with(prefix)) && !name.starts_with("gpt-oss") {
        "max_completion_tokens"
    } else {
        "max_tokens"
    }
}

/// The model wants its reasoning back in the conversation. OpenAI has no field for it, and hosts
/// such as Groq and Mistral refuse a message with a field they do not know.
pub(super) fn takes_reasoning(model: &str) -> bool {
    let name = model.to_ascii_lowercase();
    ["deepseek", "kimi", "glm", "minimax", "mimo"]
        .iter()
        .any(|family| name.contains(family))
        || is_resold(&name)
}

/// The host wants Google's thought signatures back: Google's own endpoint of this dialect, and who
/// resells it.
pub(super) fn takes_thought_signatures(model: &str) -> bool {
    model.contains("gemini")
}

/// Named as only hosts that resell closed models name them (OpenRouter's `anthropic/claude-...`).
fn is_resold(name: &str) -> bool {
    name.starts_with("anthropic/") || name.starts_with("google/gemini")
}

#[cfg(test)]
mod tests {
    use super::{takes_reasoning, takes_thought_signatures};

    #[test]
    fn reasoning_goes_back_only_to_who_takes_it() {
        for model in [
            "deepseek-reasoner",
            "moonshotai/Kimi-K2",
            "anthropic/claude-sonnet-4.5",
        ] {
            assert!(takes_reasoning(model), "{model}");
        }
        for model in [
            "gpt-5",
            "openai/gpt-oss-120b",
            "magistral-medium",
            "gemini-3-pro",
        ] {
            assert!(!takes_reasoning(model), "{model}");
        }
        assert!(takes_thought_signatures("gemini-3-pro") && !takes_thought_signatures("gpt-5"));
    }
}
