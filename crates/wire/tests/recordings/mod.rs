//! Finds the recordings and compares what is read of them.

// Each test file uses its own part of this.
#![allow(dead_code)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use relay_wire::{
    BlockDelta, BlockKind, ChatEvent, ChatResponse, Dialect, Part, StreamOptions, codec,
};
use serde_json::Value;

/// Whole or streamed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    Whole,
    Stream,
}

/// One recorded answer.
pub(crate) struct Recording {
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) bytes: Vec<u8>,
}

/// The folder of recordings and schemas beside the repository, or where `RELAY_SHARED` says.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("RELAY_SHARED").map_or(beside, PathBuf::from);
    if root.join("fixtures").is_dir() {
        return Some(root);
    }
    println!(
        "SKIPPED: no recordings at {} (set RELAY_SHARED)",
        root.display()
    );
    None
}

/// A compiled schema of the official SDK's types.
pub(crate) fn schema(root: &Path, name: &str) -> jsonschema::Validator {
    let text = fs::read(root.join(format!("specs/{name}.schema.json"))).expect("a schema");
    let schema: Value = serde_json::from_slice(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a valid schema")
}

/// Every recorded answer of a chat endpoint.
pub(crate) fn chat(root: &Path) -> Vec<Recording> {
    let mut out = Vec::new();
    for provider in folders(&root.join("fixtures")) {
        for endpoint in folders(&provider) {
            let Some(dialect) = dialect_of(&endpoint) else {
                continue;
            };
            for file in entries(&endpoint) {
                out.extend(recording(&provider, &endpoint, &file, dialect));
            }
        }
    }
    out
}

/// One recorded request.
pub(crate) struct Request {
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    pub(crate) bytes: Vec<u8>,
}

/// Every recorded request to a chat endpoint.
pub(crate) fn requests(root: &Path) -> Vec<Request> {
    let mut out = Vec::new();
    for provider in folders(&root.join("fixtures")) {
        for endpoint in folders(&provider) {
            let Some(dialect) = dialect_of(&endpoint) else {
                continue;
            };
            for file in entries(&endpoint) {
                if let Some(name) = name_of(&file).strip_suffix(".req.json") {
                    out.push(Request {
                        provider: name_of(&provider),
                        name: name.to_owned(),
                        dialect,
                        bytes: fs::read(&file).expect("a recording"),
                    });
                }
            }
        }
    }
    out
}

/// Every file of these endpoints: endpoint, name, bytes.
pub(crate) fn files(root: &Path, endpoints: &[&str]) -> Vec<(String, String, Vec<u8>)> {
    let mut out = Vec::new();
    for provider in folders(&root.join("fixtures")) {
        for endpoint in folders(&provider) {
            let folder = name_of(&endpoint);
            if endpoints.contains(&folder.as_str()) {
                for file in entries(&endpoint) {
                    let bytes = fs::read(&file).expect("a recording");
                    out.push((folder.clone(), name_of(&file), bytes));
                }
            }
        }
    }
    out
}

fn dialect_of(endpoint: &Path) -> Option<Dialect> {
    match name_of(endpoint).as_str() {
        "chat_completions" => Some(Dialect::OpenAiChat),
        "messages" => Some(Dialect::AnthropicMessages),
        "generateContent" | "streamGenerateContent" => Some(Dialect::Gemini),
        _ => None,
    }
}

fn recording(provider: &Path, endpoint: &Path, file: &Path, dialect: Dialect) -> Option<Recording> {
    let name = name_of(file);
    let (stem, is_sse) = match (
        name.strip_suffix(".res.json"),
        name.strip_suffix(".res.sse"),
    ) {
        (Some(stem), _) => (stem, false),
        (_, Some(stem)) => (stem, true),
        _ => return None,
    };
    let meta = fs::read(endpoint.join(format!("{stem}.meta.json"))).unwrap_or_default();
    let meta: Value = serde_json::from_slice(&meta).unwrap_or_default();
    let bytes = fs::read(file).expect("a recording");
    // Without `alt=sse` Gemini streams one JSON array.
    let is_array = name_of(endpoint).starts_with("stream") && bytes.trim_ascii().starts_with(b"[");
    Some(Recording {
        provider: name_of(provider),
        name: stem.to_owned(),
        dialect,
        status: meta["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(200),
        body: if is_sse || is_array {
            Body::Stream
        } else {
            Body::Whole
        },
        bytes,
    })
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    entries(folder)
        .into_iter()
        .filter(|path| path.is_dir())
        .collect()
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The answers in a recorded stream. Some Anthropic recordings hold a session of several, each
/// from `message_start` to `message_stop`.
pub(crate) fn answers_of(recording: &Recording) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(&recording.bytes);
    if recording.dialect != Dialect::AnthropicMessages {
        return vec![recording.bytes.clone()];
    }
    let mut out = vec![String::new()];
    let mut stopped = false;
    for event in text.split_inclusive("\n\n") {
        if stopped && event.contains("\"message_start\"") {
            out.push(String::new());
            stopped = false;
        }
        stopped |= event.contains("\"message_stop\"");
        if let Some(answer) = out.last_mut() {
            answer.push_str(event);
        }
    }
    out.into_iter().map(String::into_bytes).collect()
}

/// A stream cut before its last event: before `[DONE]`, `message_stop`, or the last object.
pub(crate) fn without_last_event(bytes: &[u8]) -> &[u8] {
    let trimmed = bytes.trim_ascii_end();
    let cut = trimmed
        .windows(2)
        .rposition(|pair| pair == b"\n\n" || pair == b"\n\r")
        .or_else(|| trimmed.iter().rposition(|byte| *byte == b'}'));
    &bytes[..cut.unwrap_or(0)]
}

/// Writes events as a stream of a dialect.
pub(crate) fn stream_of(events: &[ChatEvent], dialect: Dialect) -> Vec<u8> {
    let options = StreamOptions {
        include_usage: true,
        ..StreamOptions::default()
    };
    let mut encoder = codec(dialect).stream_encoder(&options);
    let mut out = Vec::new();
    for event in events {
        encoder.push(event, &mut out);
    }
    encoder.finish(&mut out);
    out
}

/// Checks the promises of `ChatEvent`.
pub(crate) fn keeps_its_promises(events: &[ChatEvent]) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("the events break a promise: {what}"));
    if !matches!(events.first(), Some(ChatEvent::Start(_))) {
        return wrong("Start is not first");
    }
    if events.last() != Some(&ChatEvent::End) {
        return wrong("End is not last");
    }
    // For each choice: the next block's number, and the open block.
    let mut choices = std::collections::BTreeMap::<u32, (u32, Option<u32>, bool)>::new();
    for event in &events[1..events.len() - 1] {
        match event {
            ChatEvent::Start(_) | ChatEvent::End => return wrong("Start or End within"),
            ChatEvent::BlockStart { choice, block, .. } => {
                let state = choices.entry(*choice).or_default();
                if state.1.is_some() || state.0 != *block || state.2 {
                    return wrong("a block starts out of turn");
                }
                *state = (block + 1, Some(*block), false);
            }
            ChatEvent::BlockDelta { choice, block, .. } => {
                if choices.entry(*choice).or_default().1 != Some(*block) {
                    return wrong("a delta of a block not open");
                }
            }
            ChatEvent::BlockEnd { choice, block } => {
                if choices.entry(*choice).or_default().1.take() != Some(*block) {
                    return wrong("an end of a block not open");
                }
            }
            ChatEvent::Finish { choice, .. } => {
                let state = choices.entry(*choice).or_default();
                if state.1.is_some() || state.2 {
                    return wrong("a finish out of turn");
                }
                state.2 = true;
            }
            ChatEvent::Usage(_) if choices.values().any(|state| !state.2) => {
                return wrong("usage before every finish");
            }
            ChatEvent::Usage(_) | ChatEvent::Logprobs { .. } => {}
        }
    }
    Ok(())
}

/// What must survive a dialect: text, reasoning and tool calls of the first choice.
#[derive(Debug, PartialEq)]
struct Essence {
    text: String,
    reasoning: String,
    calls: Vec<(String, Value)>,
}

fn arguments(text: &str) -> Value {
    if text.is_empty() {
        return Value::Object(serde_json::Map::new());
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn essence_of_answer(answer: &ChatResponse) -> Essence {
    let mut out = Essence {
        text: String::new(),
        reasoning: String::new(),
        calls: Vec::new(),
    };
    for part in answer
        .choices
        .first()
        .map(|choice| choice.parts.as_slice())
        .unwrap_or_default()
    {
        match part {
            Part::Text(text) => out.text.push_str(&text.text),
            Part::Refusal(text) => out.text.push_str(text),
            Part::Reasoning(reasoning) => out.reasoning.push_str(&reasoning.text),
            Part::ToolCall(call) => out
                .calls
                .push((call.name.clone(), arguments(&call.arguments))),
            _ => {}
        }
    }
    out
}

fn essence_of_stream(events: &[ChatEvent]) -> Essence {
    let mut out = Essence {
        text: String::new(),
        reasoning: String::new(),
        calls: Vec::new(),
    };
    let mut in_reasoning = false;
    let mut calls = Vec::<(String, String)>::new();
    for event in events {
        match event {
            ChatEvent::BlockStart {
                choice: 0, kind, ..
            } => {
                in_reasoning = *kind == BlockKind::Reasoning;
                if let BlockKind::ToolCall { name, .. } = kind {
                    calls.push((name.clone(), String::new()));
                }
            }
            ChatEvent::BlockDelta {
                choice: 0, delta, ..
            } => match delta {
                BlockDelta::Text(text) if in_reasoning => out.reasoning.push_str(text),
                BlockDelta::Text(text) => out.text.push_str(text),
                BlockDelta::Arguments(text) => {
                    let _ = calls.last_mut().expect("a call is open").1.write_str(text);
                }
                _ => {}
            },
            _ => {}
        }
    }
    out.calls = calls
        .into_iter()
        .map(|(name, text)| (name, arguments(&text)))
        .collect();
    out
}

fn same(before: &Essence, after: &Essence, dialect: Dialect) -> Result<(), String> {
    // Calls whose arguments are no object can be written in OpenAI's dialect alone.
    if dialect != Dialect::OpenAiChat && before.calls.iter().any(|(_, value)| !value.is_object()) {
        return Ok(());
    }
    if before == after {
        Ok(())
    } else {
        Err(format!("changed by {dialect}:\n  {before:?}\n  {after:?}"))
    }
}

/// Checks that an answer reads the same after it was written in a dialect.
pub(crate) fn same_answer(
    before: &ChatResponse,
    after: &ChatResponse,
    dialect: Dialect,
) -> Result<(), String> {
    same(
        &essence_of_answer(before),
        &essence_of_answer(after),
        dialect,
    )?;
    let totals = |answer: &ChatResponse| {
        answer.usage.map(|usage| {
            (
                usage.input_tokens,
                usage.output_tokens,
                usage.cached_read_tokens,
            )
        })
    };
    if before.usage.is_some() && totals(before) != totals(after) {
        return Err(format!(
            "tokens changed by {dialect}: {:?} {:?}",
            before.usage, after.usage
        ));
    }
    Ok(())
}

/// Checks that a stream reads the same after it was written in a dialect.
pub(crate) fn same_stream(
    before: &[ChatEvent],
    after: &[ChatEvent],
    dialect: Dialect,
) -> Result<(), String> {
    same(
        &essence_of_stream(before),
        &essence_of_stream(after),
        dialect,
    )?;
    let totals = |events: &[ChatEvent]| {
        events.iter().find_map(|event| match event {
            ChatEvent::Usage(usage) => Some((usage.input_tokens, usage.output_tokens)),
            _ => None,
        })
    };
    let (old, new) = (totals(before), totals(after));
    if old.is_some() && old != new {
        return Err(format!("tokens changed by {dialect}: {old:?} {new:?}"));
    }
    Ok(())
}
