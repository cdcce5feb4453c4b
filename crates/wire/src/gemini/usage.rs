//! Token counts as Gemini writes them: thoughts stand outside the candidates' count, and what a
//! server tool put into the prompt outside the prompt's.

use serde_json::{Value, json};

use crate::Usage;
use crate::json::{count_at, object, text_at};

/// Reads a `usageMetadata` object.
pub(crate) fn usage_from(usage: &Value) -> Usage {
    let prompt = count_at(usage, &["promptTokenCount"]);
    let candidates = count_at(usage, &["candidatesTokenCount"]);
    let thoughts = count_at(usage, &["thoughtsTokenCount"]);
    Usage {
        input_tokens: prompt.saturating_add(count_at(usage, &["toolUsePromptTokenCount"])),
        output_tokens: candidates.saturating_add(thoughts),
        cached_read_tokens: count_at(usage, &["cachedContentTokenCount"]),
        reasoning_tokens: thoughts,
        input_audio_tokens: of_modality(usage, "promptTokensDetails", "AUDIO"),
        output_audio_tokens: of_modality(usage, "candidatesTokensDetails", "AUDIO"),
        input_image_tokens: of_modality(usage, "promptTokensDetails", "IMAGE"),
        output_image_tokens: of_modality(usage, "candidatesTokensDetails", "IMAGE"),
        ..Usage::default()
    }
}

fn of_modality(usage: &Value, details: &str, modality: &str) -> u64 {
    let details = usage
        .get(details)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    details
        .filter(|detail| text_at(detail, "modality") == Some(modality))
        .map(|detail| count_at(detail, &["tokenCount"]))
        .fold(0, u64::saturating_add)
}

/// Writes a `usageMetadata` object.
pub(super) fn usage_to(usage: &Usage) -> Value {
    let mut out = object(json!({
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": usage.output_tokens.saturating_sub(usage.reasoning_tokens),
        "totalTokenCount": usage.total_tokens(),
    }));
    for (field, count) in [
        ("cachedContentTokenCount", usage.cached_read_tokens),
        ("thoughtsTokenCount", usage.reasoning_tokens),
    ] {
        if count > 0 {
            out.insert(field.to_owned(), count.into());
        }
    }
    for (field, total, audio, image) in [
        (
            "promptTokensDetails",
            usage.input_tokens,
            usage.input_audio_tokens,
            usage.input_image_tokens,
        ),
        (
            "candidatesTokensDetails",
            usage.output_tokens.saturating_sub(usage.reasoning_tokens),
            usage.output_audio_tokens,
            usage.output_image_tokens,
        ),
    ] {
        // Where all of it is text the totals say as much.
        if audio > 0 || image > 0 {
            let text = total.saturating_sub(audio).saturating_sub(image);
            let details: Vec<Value> = [("TEXT", text), ("AUDIO", audio), ("IMAGE", image)]
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(modality, count)| json!({"modality": modality, "tokenCount": count}))
                .collect();
            out.insert(field.to_owned(), details.into());
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{usage_from, usage_to};

    #[test]
    fn thoughts_are_added_to_the_output() {
        let usage = usage_from(&json!({
            "promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 20,
            "toolUsePromptTokenCount": 7, "cachedContentTokenCount": 4, "totalTokenCount": 42,
            "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 6}],
        }));
        assert_eq!((usage.input_tokens, usage.output_tokens), (17, 25));
        assert_eq!((usage.reasoning_tokens, usage.cached_read_tokens), (20, 4));
        assert_eq!((usage.input_image_tokens, usage.total_tokens()), (6, 42));
        assert_eq!(usage_to(&usage)["candidatesTokenCount"], 5);
    }
}
