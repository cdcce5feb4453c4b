//! Replays the token counts of every provider: what each one tells, by its own rules, is what the
//! canonical account holds, and every dialect tells it on.

mod clients;
mod recordings;

use clients::client;
use std::collections::BTreeMap;

use recordings::{Body, compare};
use relay_wire::{Dialect, Usage, codec};
use serde_json::Value;

fn count(usage: &Value, path: &str) -> u64 {
    usage.pointer(path).and_then(Value::as_f64).map_or(0, |n| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = n as u64;
        whole
    })
}

fn first(usage: &Value, paths: &[&str]) -> u64 {
    paths
        .iter()
        .map(|path| count(usage, path))
        .find(|count| *count > 0)
        .unwrap_or(0)
}

fn modality(usage: &Value, details: &str, name: &str) -> u64 {
    let details = usage[details].as_array().into_iter().flatten();
    details
        .filter(|detail| detail["modality"] == name)
        .map(|detail| count(detail, "/tokenCount"))
        .sum()
}

/// What a provider's own rules say, written down once more and simply.
fn expected(dialect: Dialect, usage: &Value) -> Usage {
    match dialect {
        Dialect::OpenAiChat => {
            let prompt = count(usage, "/prompt_tokens");
            let cached = first(
                usage,
                &[
                    "/prompt_tokens_details/cached_tokens",
                    "/prompt_cache_hit_tokens",
                    "/cached_tokens",
                    "/num_cached_tokens",
                ],
            );
            let written = count(usage, "/prompt_tokens_details/cache_write_tokens");
            Usage {
                input_tokens: prompt,
                output_tokens: count(usage, "/total_tokens")
                    .saturating_sub(prompt)
                    .max(count(usage, "/completion_tokens")),
                cached_read_tokens: cached,
                cached_write_tokens: written.min(prompt - cached),
                reasoning_tokens: count(usage, "/completion_tokens_details/reasoning_tokens"),
                input_audio_tokens: count(usage, "/prompt_tokens_details/audio_tokens"),
                output_audio_tokens: count(usage, "/completion_tokens_details/audio_tokens"),
                ..Usage::default()
            }
        }
        Dialect::OpenAiResponses => {
            let input = count(usage, "/input_tokens");
            let cached = count(usage, "/input_tokens_details/cached_tokens");
            let written = count(usage, "/input_tokens_details/cache_write_tokens");
            Usage {
                input_tokens: input,
                output_tokens: count(usage, "/total_tokens") - input,
                cached_read_tokens: cached,
                cached_write_tokens: written.min(input - cached),
                reasoning_tokens: count(usage, "/output_tokens_details/reasoning_tokens"),
                ..Usage::default()
            }
        }
        Dialect::AnthropicMessages => {
            let compactions = usage["iterations"].as_array().into_iter().flatten();
            let compactions: Vec<&Value> = compactions
                .filter(|item| item["type"] == "compaction")
                .collect();
            let all = |path: &str| {
                count(usage, path)
                    + compactions
                        .iter()
                        .map(|item| count(item, path))
                        .sum::<u64>()
            };
            let (read, written) = (
                all("/cache_read_input_tokens"),
                all("/cache_creation_input_tokens"),
            );
            Usage {
                input_tokens: all("/input_tokens") + read + written,
                output_tokens: all("/output_tokens"),
                cached_read_tokens: read,
                cached_write_tokens: written,
                cached_write_1h_tokens: count(usage, "/cache_creation/ephemeral_1h_input_tokens"),
                reasoning_tokens: count(usage, "/output_tokens_details/thinking_tokens"),
                ..Usage::default()
            }
        }
        Dialect::Gemini => {
            let thoughts = count(usage, "/thoughtsTokenCount");
            Usage {
                input_tokens: count(usage, "/promptTokenCount")
                    + count(usage, "/toolUsePromptTokenCount"),
                output_tokens: count(usage, "/candidatesTokenCount") + thoughts,
                cached_read_tokens: count(usage, "/cachedContentTokenCount"),
                reasoning_tokens: thoughts,
                input_audio_tokens: modality(usage, "promptTokensDetails", "AUDIO"),
                output_audio_tokens: modality(usage, "candidatesTokensDetails", "AUDIO"),
                input_image_tokens: modality(usage, "promptTokensDetails", "IMAGE"),
                output_image_tokens: modality(usage, "candidatesTokensDetails", "IMAGE"),
                ..Usage::default()
            }
        }
    }
}

#[test]
fn every_providers_counts_are_read_by_its_own_rules_and_told_on() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let mut table = BTreeMap::<(String, Dialect), [usize; 6]>::new();
    for recording in recordings::chat(&root) {
        let Ok(body) = serde_json::from_slice::<Value>(&recording.bytes) else {
            continue;
        };
        let usage = body.get("usage").or_else(|| body.get("usageMetadata"));
        let Some(raw) = usage.filter(|usage| usage.is_object()) else {
            continue;
        };
        let from = recording.dialect;
        if recording.body != Body::Whole {
            continue;
        }
        let answer = codec(from).decode_response(&recording.bytes);
        let answer = answer.expect("an answer with usage");
        let usage = answer.usage.expect("told");
        assert_eq!(usage, expected(from, raw), "{}", recording.name);
        if let Some(total) = raw.get("totalTokenCount").and_then(Value::as_u64) {
            assert_eq!(usage.total_tokens(), total, "{}", recording.name);
        }
        for to in Dialect::CLIENTS {
            let written = client(to).encode_response(&answer).expect("writable");
            let read = codec(to).decode_response(&written).expect("our own");
            assert_eq!(
                read.usage,
                Some(compare::usage_told_in(to, usage)),
                "{} to {to}",
                recording.name
            );
        }
        let row = table.entry((recording.provider, from)).or_default();
        for (cell, counts) in row.iter_mut().zip([
            true,
            usage.cached_read_tokens > 0,
            usage.cached_write_tokens > 0,
            usage.reasoning_tokens > 0,
            usage.input_audio_tokens + usage.output_audio_tokens > 0,
            usage.input_image_tokens + usage.output_image_tokens > 0,
        ]) {
            *cell += usize::from(counts);
        }
    }
    println!(
        "| Provider | from | told | cache read | cache written | reasoning | audio | images |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for ((provider, dialect), row) in &table {
        let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
        println!("| {provider} | {dialect} | {} |", cells.join(" | "));
    }
}
