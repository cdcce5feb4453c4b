//! Replays every recording of real providers' answers: each one decodes (errors as errors), is
//! written again as OpenAI chat that validates against the official SDK's schema, and a stream
//! gives the same events whole, cut into single bytes and cut at random.

mod recordings;

use std::collections::BTreeMap;

use recordings::{Body, Recording};
use relay_wire::{ChatEvent, Dialect, StreamOptions, WireError, WireErrorKind, codec};
use serde_json::Value;

/// Recordings that are no proper answers, and what is wrong with them.
const BROKEN: [(&str, &str); 1] = [(
    "vercel-ai__spliced-message-start",
    "a second answer begins within the first",
)];

/// Recordings in a chat folder that are answers of another endpoint.
const NOT_CHAT: [&str; 2] = ["groq-transcription", "mistral-transcription"];

#[derive(Default)]
struct Counts {
    answers: usize,
    streams: usize,
    errors: usize,
    valid: usize,
    chunks: usize,
}

#[test]
fn every_recording_decodes_and_becomes_valid_openai_chat() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let whole = recordings::schema(&root, "sdk_openai_ChatCompletion");
    let chunk = recordings::schema(&root, "sdk_openai_ChatCompletionChunk");
    let mut counts = BTreeMap::<String, Counts>::new();
    let mut failures = Vec::new();
    for recording in recordings::chat(&root) {
        if NOT_CHAT.iter().any(|name| recording.name.contains(name)) {
            continue;
        }
        let count = counts.entry(recording.provider.clone()).or_default();
        let outcome = match recording.body {
            Body::Whole => replay_answer(&recording, &whole, count),
            Body::Stream => replay_streams(&recording, &chunk, count),
        };
        if let Err(problem) = outcome {
            failures.push(format!("{}: {problem}", recording.name));
        }
    }
    print_counts(&counts);
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(!counts.is_empty(), "the folder holds no recordings");
}

fn print_counts(counts: &BTreeMap<String, Counts>) {
    println!(
        "{:<24}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "provider", "answers", "streams", "errors", "valid", "chunks"
    );
    let mut total = Counts::default();
    for (provider, count) in counts {
        print_row(provider, count);
        total.answers += count.answers;
        total.streams += count.streams;
        total.errors += count.errors;
        total.valid += count.valid;
        total.chunks += count.chunks;
    }
    print_row("total", &total);
}

fn print_row(name: &str, count: &Counts) {
    println!(
        "{:<24}{:>9}{:>9}{:>9}{:>9}{:>9}",
        name, count.answers, count.streams, count.errors, count.valid, count.chunks
    );
}

fn replay_answer(
    recording: &Recording,
    schema: &jsonschema::Validator,
    count: &mut Counts,
) -> Result<(), String> {
    let from = codec(recording.dialect);
    let is_error = recording.status >= 400
        || serde_json::from_slice::<Value>(&recording.bytes)
            .is_ok_and(|value| value.get("error").is_some_and(|error| !error.is_null()));
    if is_error {
        count.errors += 1;
        let error = from.decode_error(recording.status.max(400), &recording.bytes);
        if error.message.is_empty() || error.message.contains("no reason") {
            return Err(format!("the error's message was not read: {error:?}"));
        }
        return Ok(());
    }
    count.answers += 1;
    let answer = from
        .decode_response(&recording.bytes)
        .map_err(|error| error.message)?;
    let again = codec(Dialect::OpenAiChat)
        .encode_response(&answer)
        .map_err(|e| e.message)?;
    validate(schema, &again)?;
    // Every dialect reads back what it writes: the same text, calls and tokens.
    for dialect in Dialect::ALL {
        let written = codec(dialect)
            .encode_response(&answer)
            .map_err(|e| e.message)?;
        let read = codec(dialect)
            .decode_response(&written)
            .map_err(|e| e.message)?;
        recordings::same_answer(&answer, &read, dialect)?;
    }
    count.valid += 1;
    Ok(())
}

/// A recording may hold several answers of one session, one after the other.
fn replay_streams(
    recording: &Recording,
    schema: &jsonschema::Validator,
    count: &mut Counts,
) -> Result<(), String> {
    let broken = BROKEN
        .iter()
        .find(|(name, _)| recording.name.contains(name));
    for bytes in recordings::answers_of(recording) {
        let whole = decode(recording.dialect, [&bytes[..]]);
        let single = decode(recording.dialect, bytes.chunks(1));
        let random = decode(recording.dialect, cut_at_random(&bytes));
        if whole != single || whole != random {
            return Err("the events depend on how the bytes were cut".to_owned());
        }
        let events = match whole {
            Ok(events) => events,
            Err(WireError {
                kind: WireErrorKind::Upstream(_),
                ..
            }) => {
                count.errors += 1;
                continue;
            }
            Err(_) if broken.is_some() => {
                count.errors += 1;
                continue;
            }
            Err(error) => return Err(error.message),
        };
        count.streams += 1;
        recordings::keeps_its_promises(&events)?;
        for chunk in encode(&events) {
            validate(schema, chunk.as_bytes())?;
            count.chunks += 1;
        }
        for dialect in Dialect::ALL {
            let written = recordings::stream_of(&events, dialect);
            let read = decode(dialect, [&written[..]]).map_err(|error| error.message)?;
            recordings::keeps_its_promises(&read)?;
            recordings::same_stream(&events, &read, dialect)?;
        }
        // Without its last event no stream has ended.
        let cut = recordings::without_last_event(&bytes);
        if decode(recording.dialect, [cut]).is_ok() {
            return Err("a cut stream was taken for a whole one".to_owned());
        }
        count.valid += 1;
    }
    Ok(())
}

fn decode<'a>(
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
fn cut_at_random(bytes: &[u8]) -> Vec<&[u8]> {
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

/// The chunks of the stream as OpenAI chat, `[DONE]` checked and taken off.
fn encode(events: &[ChatEvent]) -> Vec<String> {
    let options = StreamOptions {
        include_usage: true,
        created: 1,
        model: "m".to_owned(),
    };
    let mut encoder = codec(Dialect::OpenAiChat).stream_encoder(&options);
    let mut out = Vec::new();
    for event in events {
        encoder.push(event, &mut out);
    }
    encoder.finish(&mut out);
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    let body = text
        .strip_suffix("data: [DONE]\n\n")
        .expect("ends in [DONE]");
    body.split_terminator("\n\n")
        .map(|event| {
            event
                .strip_prefix("data: ")
                .expect("a data line")
                .to_owned()
        })
        .collect()
}

fn validate(schema: &jsonschema::Validator, bytes: &[u8]) -> Result<(), String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    match schema.iter_errors(&value).next() {
        None => Ok(()),
        Some(error) => Err(format!(
            "does not validate at {}: {error}",
            error.instance_path()
        )),
    }
}
