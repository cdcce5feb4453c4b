//! Token counts as OpenAI and its compatibles write them.

use serde_json::{Value, json};

use crate::Usage;
use crate::json::{count_at, object};

/// Reads a `usage` object. OpenAI's `prompt_tokens` includes cached ones and `completion_tokens`
/// includes reasoning.
pub(crate) fn usage_from(usage: &Value) -> Usage {
    let prompt = count_at(usage, &["prompt_tokens"]);
    let completion = count_at(usage, &["completion_tokens"]);
    let total = count_at(usage, &["total_tokens"]);
    // DeepSeek, Moonshot and Mistral name the cached part differently.
    let cached = [
        &["prompt_tokens_details", "cached_tokens"][..],
        &["prompt_cache_hit_tokens"],
        &["cached_tokens"],
        &["num_cached_tokens"],
    ]
    .into_iter()
    .map(|path| count_at(usage, path))
    .find(|count| *count > 0)
    .unwrap_or(0);
    let cached = cached.min(prompt);
    let written = count_at(usage, &["prompt_tokens_details", "cache_write_tokens"]);
    Usage {
        input_tokens: prompt,
        // xAI and Google's compatible endpoint leave reasoning out of `completion_tokens` and
        // count it in `total_tokens` only.
        output_tokens: completion.max(total.saturating_sub(prompt)),
        cached_read_tokens: cached,
        // OpenRouter tells the same tokens as read and as written for some upstreams.
        cached_write_tokens: written.min(prompt - cached),
        cached_write_1h_tokens: 0,
        reasoning_tokens: count_at(usage, &["completion_tokens_details", "reasoning_tokens"]),
        input_audio_tokens: count_at(usage, &["prompt_tokens_details", "audio_tokens"]),
        output_audio_tokens: count_at(usage, &["completion_tokens_details", "audio_tokens"]),
        input_image_tokens: count_at(usage, &["prompt_tokens_details", "image_tokens"]),
        output_image_tokens: count_at(usage, &["completion_tokens_details", "image_tokens"]),
    }
}

/// Writes a `usage` object.
pub(crate) fn usage_to(usage: &Usage) -> Value {
    let mut prompt = object(json!({
        "cached_tokens": usage.cached_read_tokens,
        "audio_tokens": usage.input_audio_tokens,
    }));
    let mut completion = object(json!({
        "reasoning_tokens": usage.reasoning_tokens,
        "audio_tokens": usage.output_audio_tokens,
    }));
    // Not part of OpenAI's schema in every version: only where there is something to tell.
    for (details, field, count) in [
        (&mut prompt, "cache_write_tokens", usage.cached_write_tokens),
        (&mut completion, "image_tokens", usage.output_image_tokens),
    ] {
        if count > 0 {
            details.insert(field.to_owned(), count.into());
        }
    }
    if usage.input_image_tokens > 0 {
        prompt.insert("image_tokens".to_owned(), usage.input_image_tokens.into());
    }
    json!({
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens(),
        "prompt_tokens_details": prompt,
        "completion_tokens_details": completion,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{usage_from, usage_to};

    #[test]
    fn cached_and_reasoning_tokens_are_parts_of_the_totals() {
        let usage = usage_from(&json!({
            "prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 80},
            "completion_tokens_details": {"reasoning_tokens": 30},
        }));
        assert_eq!((usage.input_tokens, usage.output_tokens), (100, 50));
        assert_eq!((usage.cached_read_tokens, usage.reasoning_tokens), (80, 30));
        assert_eq!(usage_from(&usage_to(&usage)), usage);
    }

    #[test]
    fn reasoning_counted_only_in_the_total_is_output() {
        let usage = usage_from(&json!({
            "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 35,
            "completion_tokens_details": {"reasoning_tokens": 20},
        }));
        assert_eq!(usage.output_tokens, 25);
    }
}
