//! What has to be known about models to write a request for a host of this dialect, by name.

use crate::openai_responses::reasons;
use crate::{ChatRequest, Dialect, Sampling};

/// OpenAI's reasoning models take only the newer name; most compatible hosts only the older one.
pub(super) fn max_tokens_field(model: &str) -> &'static str {
    if is_openais(model) {
        "max_completion_tokens"
    } else {
        "max_tokens"
    }
}

/// A model of OpenAI's own, as it names them.
fn is_openais(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let newer = ["gpt-", "chatgpt-", "o1", "o3", "o4"];
    // `gpt-oss` is an open model, served by compatible hosts.
    newer.iter().any(|prefix| name.starts_with(prefix)) && !name.starts_with("gpt-oss")
}

/// What clients of Gemini send with every request, Google's own defaults, and what cuts off next to
/// nothing. OpenAI knows no `top_k`, and its models that reason take none of it.
pub(crate) fn sampling_for(request: &ChatRequest) -> Sampling {
    match request.origin {
        Some(Dialect::Gemini) => without_loose_sampling(request.sampling, &request.model),
        _ => request.sampling,
    }
}

fn without_loose_sampling(mut sampling: Sampling, model: &str) -> Sampling {
    const LOOSE_TOP_K: u64 = 40;
    const LOOSE_TOP_P: f64 = 0.95;
    if !is_openais(model) {
        return sampling;
    }
    sampling.top_k = sampling.top_k.filter(|top| *top < LOOSE_TOP_K);
    if reasons(model) {
        sampling.top_p = sampling.top_p.filter(|top| *top < LOOSE_TOP_P);
        let is_usual = |temperature: f64| (temperature - 1.0).abs() < f64::EPSILON;
        sampling.temperature = sampling.temperature.filter(|t| !is_usual(*t));
    }
    sampling
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

/// The body holds what another provider signed, in a field that the model's host does not know.
/// Resellers know these fields, and mean their own by them.
pub(crate) fn has_unknown_signature(model: &str, body: &[u8]) -> bool {
    let holds = |field: &str| memchr::memmem::find(body, field.as_bytes()).is_some();
    !is_resellers(model)
        && ((!takes_reasoning(model) && holds("\"reasoning_details\""))
            || (!takes_thought_signatures(model) && holds("\"extra_content\"")))
}

/// Named as resellers name models: the vendor, a slash, the model.
pub(super) fn is_resellers(model: &str) -> bool {
    model.contains('/')
}

/// Named as only hosts that resell closed models name them (OpenRouter's `anthropic/claude-...`).
fn is_resold(name: &str) -> bool {
    name.starts_with("anthropic/") || name.starts_with("google/gemini")
}

#[cfg(test)]
mod tests {
    use super::{takes_reasoning, takes_thought_signatures, without_loose_sampling};
    use crate::Sampling;

    #[test]
    fn what_a_gemini_client_always_sends_is_no_reason_to_fail() {
        let usual = Sampling {
            temperature: Some(1.0),
            top_p: Some(0.95),
            top_k: Some(64),
            ..Sampling::default()
        };
        assert_eq!(
            without_loose_sampling(usual, "gpt-5.1"),
            Sampling::default()
        );
        let at_gpt_4 = without_loose_sampling(usual, "gpt-4o");
        assert_eq!((at_gpt_4.top_k, at_gpt_4.top_p), (None, Some(0.95)));
        assert_eq!(without_loose_sampling(usual, "deepseek-chat"), usual);
        let meant = Sampling {
            temperature: Some(0.2),
            top_p: Some(0.5),
            top_k: Some(3),
            ..Sampling::default()
        };
        assert_eq!(without_loose_sampling(meant, "gpt-5.1"), meant);
    }

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
