//! Token counts as Anthropic writes them: `input_tokens` excludes what the cache read and wrote.

use serde_json::{Value, json};

use crate::Usage;
use crate::json::{as_count, count_at, object, text_at};

/// The counts told so far. A stream tells some at its start and some, cumulative, at its end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UsageAccount {
    uncached_input: u64,
    cache_read: u64,
    cache_write: u64,
    cache_write_1h: u64,
    output: u64,
    thinking: u64,
    compaction: Compaction,
}

/// What compacting the context took: it is billed, but the totals leave it out.
#[derive(Debug, Clone, Copy, Default)]
struct Compaction {
    uncached_input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
}

impl Compaction {
    /// Sums up the compactions among the `iterations`. Those of other models (the advisor's) are
    /// left out here as in Anthropic's totals: they have other prices.
    fn of(iterations: &[Value]) -> Self {
        let compactions = iterations
            .iter()
            .filter(|item| text_at(item, "type") == Some("compaction"));
        compactions.fold(Self::default(), |sum, item| {
            let add = |so_far: u64, field| so_far.saturating_add(count_at(item, &[field]));
            Self {
                uncached_input: add(sum.uncached_input, "input_tokens"),
                cache_read: add(sum.cache_read, "cache_read_input_tokens"),
                cache_write: add(sum.cache_write, "cache_creation_input_tokens"),
                output: add(sum.output, "output_tokens"),
            }
        })
    }
}

impl UsageAccount {
    /// Takes a `usage` object; what it does not mention stays.
    pub(super) fn update(&mut self, usage: &Value) {
        let told = |field: &str| usage.get(field).and_then(as_count);
        for (count, field) in [
            (&mut self.uncached_input, "input_tokens"),
            (&mut self.cache_read, "cache_read_input_tokens"),
            (&mut self.cache_write, "cache_creation_input_tokens"),
            (&mut self.output, "output_tokens"),
        ] {
            *count = told(field).unwrap_or(*count);
        }
        if let Some(iterations) = usage.get("iterations").and_then(Value::as_array) {
            self.compaction = Compaction::of(iterations);
        }
        if usage.get("cache_creation").is_some_and(Value::is_object) {
            self.cache_write_1h = count_at(usage, &["cache_creation", "ephemeral_1h_input_tokens"]);
        }
        if usage
            .get("output_tokens_details")
            .is_some_and(Value::is_object)
        {
            self.thinking = count_at(usage, &["output_tokens_details", "thinking_tokens"]);
        }
    }

    /// The canonical account.
    pub(super) const fn usage(&self) -> Usage {
        let extra = self.compaction;
        let cached_read = self.cache_read.saturating_add(extra.cache_read);
        let cached_write = self.cache_write.saturating_add(extra.cache_write);
        let uncached = self.uncached_input.saturating_add(extra.uncached_input);
        Usage {
            input_tokens: uncached
                .saturating_add(cached_read)
                .saturating_add(cached_write),
            output_tokens: self.output.saturating_add(extra.output),
            cached_read_tokens: cached_read,
            cached_write_tokens: cached_write,
            cached_write_1h_tokens: self.cache_write_1h,
            reasoning_tokens: self.thinking,
            input_audio_tokens: 0,
            output_audio_tokens: 0,
            input_image_tokens: 0,
            output_image_tokens: 0,
        }
    }
}

/// Reads a whole answer's `usage`.
pub(crate) fn usage_from(usage: &Value) -> Usage {
    let mut account = UsageAccount::default();
    account.update(usage);
    account.usage()
}

/// Writes a `usage` object.
pub(super) fn usage_to(usage: &Usage) -> Value {
    let cached = usage
        .cached_read_tokens
        .saturating_add(usage.cached_write_tokens);
    let five_minutes = usage
        .cached_write_tokens
        .saturating_sub(usage.cached_write_1h_tokens);
    let mut out = object(json!({
        "input_tokens": usage.input_tokens.saturating_sub(cached),
        "cache_creation_input_tokens": usage.cached_write_tokens,
        "cache_read_input_tokens": usage.cached_read_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": five_minutes,
            "ephemeral_1h_input_tokens": usage.cached_write_1h_tokens,
        },
        "output_tokens": usage.output_tokens,
    }));
    if usage.reasoning_tokens > 0 {
        let details = json!({"thinking_tokens": usage.reasoning_tokens});
        out.insert("output_tokens_details".to_owned(), details);
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{UsageAccount, usage_from, usage_to};

    #[test]
    fn cached_tokens_are_added_to_the_input() {
        let usage = usage_from(&json!({
            "input_tokens": 10, "output_tokens": 5,
            "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20,
            "cache_creation": {"ephemeral_5m_input_tokens": 15, "ephemeral_1h_input_tokens": 5},
        }));
        assert_eq!(usage.input_tokens, 130);
        assert_eq!(
            (usage.cached_write_tokens, usage.cached_write_1h_tokens),
            (20, 5)
        );
        assert_eq!(usage_to(&usage)["input_tokens"], 10);
        assert_eq!(usage_from(&usage_to(&usage)), usage);
    }

    #[test]
    fn compacting_the_context_is_counted_too() {
        let usage = usage_from(&json!({
            "input_tokens": 229, "output_tokens": 5, "iterations": [
                {"type": "compaction", "input_tokens": 100, "output_tokens": 131,
                 "cache_creation_input_tokens": 55_096},
                {"type": "message", "input_tokens": 229, "output_tokens": 5},
            ],
        }));
        assert_eq!((usage.input_tokens, usage.output_tokens), (55_425, 136));
        assert_eq!(usage.cached_write_tokens, 55_096);
    }

    #[test]
    fn the_end_of_a_stream_completes_what_its_start_told() {
        let mut account = UsageAccount::default();
        account
            .update(&json!({"input_tokens": 10, "cache_read_input_tokens": 3, "output_tokens": 1}));
        account.update(&json!({"output_tokens": 50}));
        assert_eq!(
            (account.usage().input_tokens, account.usage().output_tokens),
            (13, 50)
        );
    }
}
