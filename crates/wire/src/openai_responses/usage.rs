//! Token counts as Responses writes them: `input_tokens` includes cached ones, `output_tokens`
//! includes reasoning.

use serde_json::{Value, json};

use crate::Usage;
use crate::json::{count_at, object};

/// Reads a `usage` object.
pub(crate) fn usage_from(usage: &Value) -> Usage {
    let input = count_at(usage, &["input_tokens"]);
    let output = count_at(usage, &["output_tokens"]);
    let total = count_at(usage, &["total_tokens"]);
    let of_input = |field: &str| count_at(usage, &["input_tokens_details", field]);
    let of_output = |field: &str| count_at(usage, &["output_tokens_details", field]);
    let cached = of_input("cached_tokens").min(input);
    Usage {
        input_tokens: input,
        // Hosts that leave reasoning out of the output count it in the total only.
        output_tokens: output.max(total.saturating_sub(input)),
        cached_read_tokens: cached,
        cached_write_tokens: of_input("cache_write_tokens").min(input - cached),
        cached_write_1h_tokens: 0,
        reasoning_tokens: of_output("reasoning_tokens"),
        input_audio_tokens: of_input("audio_tokens"),
        output_audio_tokens: of_output("audio_tokens"),
        input_image_tokens: of_input("image_tokens"),
        output_image_tokens: of_output("image_tokens"),
    }
}

/// Writes a `usage` object.
pub(super) fn usage_to(usage: &Usage) -> Value {
    let mut input = object(json!({
        "cached_tokens": usage.cached_read_tokens,
        "cache_write_tokens": usage.cached_write_tokens,
    }));
    let mut output = object(json!({"reasoning_tokens": usage.reasoning_tokens}));
    for (details, field, count) in [
        (&mut input, "audio_tokens", usage.input_audio_tokens),
        (&mut output, "audio_tokens", usage.output_audio_tokens),
    ] {
        if count > 0 {
            details.insert(field.to_owned(), count.into());
        }
    }
    for (details, field, count) in [
        (&mut input, "image_tokens", usage.input_image_tokens),
        (&mut output, "image_tokens", usage.output_image_tokens),
    ] {
        if count > 0 {
            details.insert(field.to_owned(), count.into());
        }
    }
    json!({
        "input_tokens": usage.input_tokens,
        "input_tokens_details": input,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": output,
        "total_tokens": usage.total_tokens(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{usage_from, usage_to};

    #[test]
    fn cached_and_reasoning_tokens_are_parts_of_the_totals() {
        let usage = usage_from(&json!({
            "input_tokens": 100, "output_tokens": 50, "total_tokens": 150,
            "input_tokens_details": {"cached_tokens": 80, "cache_write_tokens": 15},
            "output_tokens_details": {"reasoning_tokens": 30},
        }));
        assert_eq!((usage.input_tokens, usage.output_tokens), (100, 50));
        assert_eq!((usage.cached_read_tokens, usage.reasoning_tokens), (80, 30));
        assert_eq!(usage.cached_write_tokens, 15);
        assert_eq!(usage_from(&usage_to(&usage)), usage);
    }
}
