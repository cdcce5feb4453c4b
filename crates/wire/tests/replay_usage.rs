//! Replays the token counts of every provider: what each one tells, by its own rules, is what the
//! canonical account holds, and every dialect tells it on.

mod clients;
mod recordings;

use clients::client;
use std::collections::BTreeMap;

use recordings::table::Table;
use recordings::{Body, Recording, compare};
use relay_wire::{
    ChatEvent, ChatResponse, Choice, Dialect, FinishReason, StreamStart, Usage, codec,
};
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
        Dialect::BedrockConverse => panic!("there are no recordings of it"),
    }
}

/// The usage that an upstream told, as it told it, and what was read of it: of a whole answer one,
/// of a stream one for each answer in it.
fn told(recording: &Recording) -> Vec<(Value, Usage)> {
    let dialect = recording.dialect;
    if recording.body == Body::Whole {
        let body: Value = serde_json::from_slice(&recording.bytes).unwrap_or_default();
        let usage = body.get("usage").or_else(|| body.get("usageMetadata"));
        let Some(raw) = usage.filter(|usage| usage.is_object()) else {
            return Vec::new();
        };
        let answer = codec(dialect).decode_response(&recording.bytes);
        let answer = answer.expect("an answer with usage");
        return vec![(raw.clone(), answer.usage.expect("told"))];
    }
    let mut out = Vec::new();
    for bytes in recordings::answers_of(recording) {
        // A stream that ended in an error has no usage to trust.
        let Ok(events) = recordings::decode(dialect, [&bytes[..]]) else {
            continue;
        };
        let raw = streamed_usage(dialect, &bytes);
        let read = compare::essence_of_stream(&events).usage;
        match (raw, read) {
            (Some(raw), Some(read)) => out.push((raw, read)),
            (None, None) => {}
            (raw, read) => panic!("{}: {raw:?} is read as {read:?}", recording.name),
        }
    }
    out
}

/// The account at the end of a stream, by each provider's own rules.
fn streamed_usage(dialect: Dialect, bytes: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(bytes);
    let events: Vec<Value> = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text).expect("an array")
    } else {
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        data.filter_map(|data| serde_json::from_str(data.trim()).ok())
            .collect()
    };
    let paths: &[&str] = match dialect {
        Dialect::OpenAiChat => &["/usage", "/x_groq/usage"],
        Dialect::OpenAiResponses => &["/response/usage"],
        Dialect::AnthropicMessages => &["/message/usage", "/usage"],
        Dialect::Gemini => &["/usageMetadata"],
        Dialect::BedrockConverse => &[],
    };
    let told = events.iter().filter_map(|event| {
        let usage = paths.iter().find_map(|path| event.pointer(path));
        usage?.as_object().cloned()
    });
    told.reduce(|mut before, after| {
        // Anthropic completes the account, the others tell the whole of it again.
        if dialect != Dialect::AnthropicMessages {
            return after;
        }
        before.extend(after.into_iter().filter(|(_, value)| !value.is_null()));
        before
    })
    .map(Value::Object)
}

#[test]
fn every_providers_counts_are_read_by_its_own_rules_and_told_on() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let mut table = BTreeMap::<(String, Dialect), [usize; 7]>::new();
    for recording in recordings::chat(&root) {
        let from = recording.dialect;
        for (raw, usage) in told(&recording) {
            assert_eq!(usage, expected(from, &raw), "{}", recording.name);
            if let Some(total) = raw.get("totalTokenCount").and_then(Value::as_u64) {
                assert_eq!(usage.total_tokens(), total, "{}", recording.name);
            }
            tell_on(usage, &recording.name);
            let key = (recording.provider.clone(), from);
            let row = table.entry(key).or_default();
            for (cell, counts) in row.iter_mut().zip([
                true,
                usage.cached_read_tokens > 0,
                usage.cached_write_tokens > 0,
                usage.cached_write_1h_tokens > 0,
                usage.reasoning_tokens > 0,
                usage.input_audio_tokens + usage.output_audio_tokens > 0,
                usage.input_image_tokens + usage.output_image_tokens > 0,
            ]) {
                *cell += usize::from(counts);
            }
        }
    }
    let mut page = Table::new(&[
        "Provider",
        "from",
        "told",
        "cache read",
        "cache written",
        "for an hour",
        "reasoning",
        "audio",
        "images",
    ]);
    for ((provider, dialect), row) in &table {
        let mut cells = vec![provider.clone(), dialect.to_string()];
        cells.extend(row.iter().map(ToString::to_string));
        page.row(cells);
    }
    page.is_on_the_page();
}

/// Every dialect's answers, whole and streamed, tell what it has words for.
fn tell_on(usage: Usage, name: &str) {
    let answer = ChatResponse {
        id: "i".to_owned(),
        model: "m".to_owned(),
        choices: vec![Choice::default()],
        usage: Some(usage),
        ..ChatResponse::default()
    };
    let events = [
        // Who writes caches for an hour says so at the start, and Anthropic's clients read it there.
        ChatEvent::Start(StreamStart {
            usage: Some(usage),
            ..StreamStart::default()
        }),
        ChatEvent::Finish {
            choice: 0,
            reason: FinishReason::Stop,
            stop_sequence: None,
        },
        ChatEvent::Usage(usage),
        ChatEvent::End,
    ];
    for to in Dialect::CLIENTS {
        let told = Some(compare::usage_told_in(to, usage));
        let written = client(to).encode_response(&answer).expect("writable");
        let read = codec(to).decode_response(&written).expect("our own");
        assert_eq!(read.usage, told, "{name} to {to}");
        let stream = recordings::stream_of(&events, to);
        let read = recordings::decode(to, [&stream[..]]).expect("our own");
        let streamed = compare::essence_of_stream(&read).usage;
        assert_eq!(streamed, told, "{name} streamed to {to}");
    }
}

#[test]
fn every_count_that_no_recording_has_is_told_on_too() {
    let usage = Usage {
        input_tokens: 1000,
        output_tokens: 500,
        cached_read_tokens: 300,
        cached_write_tokens: 200,
        cached_write_1h_tokens: 150,
        reasoning_tokens: 400,
        input_audio_tokens: 30,
        output_audio_tokens: 20,
        input_image_tokens: 11,
        output_image_tokens: 12,
    };
    tell_on(usage, "made up");
}
