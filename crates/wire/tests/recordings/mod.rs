//! Finds the recordings, reads and writes them.

// Each test file uses its own part of this.
#![allow(dead_code)]

pub(crate) mod compare;
pub(crate) mod leaves;
pub(crate) mod schemas;
pub(crate) mod table;

use std::fs;
use std::path::{Path, PathBuf};

use crate::clients::client;
use relay_wire::{ChatEvent, Dialect, StreamOptions, WireError, codec};
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
    /// Where it is in the folder: `provider/endpoint/name`.
    pub(crate) fixture: String,
    /// Whole, and there as a stream too.
    pub(crate) has_stream_beside: bool,
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) bytes: Vec<u8>,
}

impl Recording {
    /// Whether it is an error, whole: some hosts send one with status 200.
    pub(crate) fn is_error(&self) -> bool {
        self.body == Body::Whole
            && (self.status >= 400
                || serde_json::from_slice::<Value>(&self.bytes)
                    .is_ok_and(|value| value.get("error").is_some_and(|error| !error.is_null())))
    }
}

/// Recordings in a chat folder that are answers of another endpoint.
const NOT_CHAT: [&str; 2] = ["groq-transcription", "mistral-transcription"];

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
    out.retain(|recording| !NOT_CHAT.iter().any(|name| recording.name.contains(name)));
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
        "responses" => Some(Dialect::OpenAiResponses),
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
        fixture: format!("{}/{}/{stem}", name_of(provider), name_of(endpoint)),
        has_stream_beside: !is_sse && endpoint.join(format!("{stem}.res.sse")).exists(),
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

/// The answers in a recorded stream. Some recordings hold a session of several, each from its
/// first event to its last.
pub(crate) fn answers_of(recording: &Recording) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(&recording.bytes);
    let (first, last) = match recording.dialect {
        Dialect::AnthropicMessages => ("\"message_start\"", "\"message_stop\""),
        Dialect::OpenAiResponses => ("\"response.created\"", "\"response.completed\""),
        _ => return vec![recording.bytes.clone()],
    };
    let mut out = vec![String::new()];
    let mut stopped = false;
    for event in text.split_inclusive("\n\n") {
        if stopped && event.contains(first) {
            out.push(String::new());
            stopped = false;
        }
        stopped |= event.contains(last);
        if let Some(answer) = out.last_mut() {
            answer.push_str(event);
        }
    }
    out.into_iter().map(String::into_bytes).collect()
}

/// A stream cut before its last event: before `message_stop`, the last object, or the first chunk
/// of Chat that tells a finish reason.
pub(crate) fn without_last_event(dialect: Dialect, bytes: &[u8]) -> &[u8] {
    let mut trimmed = bytes.trim_ascii_end();
    if dialect == Dialect::OpenAiChat {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let finish = text.match_indices("\"finish_reason\"").find(|(at, found)| {
            let value = text[at + found.len()..].trim_start_matches([':', ' ']);
            value.starts_with('"') && !value.starts_with("\"\"")
        });
        trimmed = &bytes[..finish.map_or(bytes.len(), |(at, _)| at)];
    }
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
    let mut encoder = client(dialect).stream_encoder(&options);
    let mut out = Vec::new();
    for event in events {
        encoder.push(event, &mut out);
    }
    encoder.finish(&mut out);
    out
}

/// Reads a stream that comes in these pieces.
pub(crate) fn decode<'a>(
    dialect: Dialect,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<ChatEvent>, WireError> {
    let mut decoder = codec(dialect).stream_decoder();
    let mut events = Vec::new();
    for piece in pieces {
        events.extend(decoder.push(piece)?);
    }
    events.extend(decoder.finish()?);
    Ok(events)
}

/// Pieces of 1 to 400 bytes, the same ones every time (Knuth's MMIX generator).
pub(crate) fn cut_at_random(bytes: &[u8]) -> Vec<&[u8]> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut rest = bytes;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let size = usize::try_from((state >> 33) % 400).unwrap_or(0) + 1;
        let (piece, after) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
