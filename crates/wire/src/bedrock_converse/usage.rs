//! Token counts as Bedrock writes them: `inputTokens` excludes what the cache read and wrote.

use serde_json::Value;

use crate::Usage;
use crate::json::{count_at, text_at};

/// Reads a `usage` object.
pub(crate) fn usage_from(usage: &Value) -> Usage {
    let read = count_at(usage, &["cacheReadInputTokens"]);
    let written = count_at(usage, &["cacheWriteInputTokens"]);
    let details = usage.get("cacheDetails").and_then(Value::as_array);
    let written_1h = details
        .into_iter()
        .flatten()
        .filter(|detail| text_at(detail, "ttl") == Some("1h"))
        .fold(0_u64, |sum, detail| {
            sum.saturating_add(count_at(detail, &["inputTokens"]))
        });
    Usage {
        input_tokens: count_at(usage, &["inputTokens"])
            .saturating_add(read)
            .saturating_add(written),
        output_tokens: count_at(usage, &["outputTokens"]),
        cached_read_tokens: read,
        cached_write_tokens: written,
        cached_write_1h_tokens: written_1h,
        ..Usage::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::usage_from;

    #[test]
    fn cached_tokens_are_added_to_the_input() {
        let usage = usage_from(&json!({
            "inputTokens": 10, "outputTokens": 5, "totalTokens": 135,
            "cacheReadInputTokens": 100, "cacheWriteInputTokens": 20,
            "cacheDetails": [{"ttl": "5m", "inputTokens": 15}, {"ttl": "1h", "inputTokens": 5}],
        }));
        assert_eq!((usage.input_tokens, usage.output_tokens), (130, 5));
        assert_eq!(usage.total_tokens(), 135);
        assert_eq!(
            (usage.cached_write_tokens, usage.cached_write_1h_tokens),
            (20, 5)
        );
    }
}
