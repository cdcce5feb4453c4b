//! Replays every recording of real providers' answers: each one decodes (errors as errors), is
//! written in every dialect, validates there against the official SDK's types and reads back the
//! same; a stream gives the same events whole, cut into single bytes and cut at random.

mod clients;
mod recordings;

use clients::client;
use std::collections::BTreeMap;

use recordings::schemas::Schemas;
use recordings::table::Table;
use recordings::{Body, Recording, compare, cut_at_random, decode};
use relay_wire::{
    ApiError, ChatEvent, Dialect, StreamOptions, StreamStart, WireError, WireErrorKind, codec,
};

/// Recordings that are no proper answers, and what is wrong with them.
const BROKEN: [(&str, &str); 2] = [
    (
        "vercel-ai__spliced-message-start",
        "a second answer begins within the first",
    ),
    (
        "vercel-ai__parallel-tool-call-wrapper",
        "an event lacks its last brace",
    ),
];

/// Recordings that hold what the official types do not know, so they do not validate as they are
/// in their own dialect either.
const NOT_IN_SCHEMA: [&str; 2] = [
    "vercel-ai__anthropic-fallback",
    "vercel-ai__xai-web-search-tool",
];

#[derive(Default)]
struct Counts {
    answers: usize,
    streams: usize,
    errors: usize,
    /// Answers and streams that validate and read back the same, by target.
    valid: BTreeMap<Dialect, usize>,
    /// Events of those streams.
    events: usize,
}

#[test]
fn every_recording_decodes_and_is_valid_in_every_dialect() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let schemas = Schemas::load(&root);
    let mut counts = BTreeMap::<(String, Dialect), Counts>::new();
    let mut failures = Vec::new();
    for recording in recordings::chat(&root) {
        let key = (recording.provider.clone(), recording.dialect);
        let count = counts.entry(key).or_default();
        match recording.body {
            Body::Whole => replay_answer(&recording, &schemas, count, &mut failures),
            Body::Stream => replay_streams(&recording, &schemas, count, &mut failures),
        }
    }
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(!counts.is_empty(), "the folder holds no recordings");
    table_of(&counts).is_on_the_page();
}

fn table_of(counts: &BTreeMap<(String, Dialect), Counts>) -> Table {
    let mut table = Table::new(&[
        "Provider",
        "from",
        "answers",
        "streams",
        "errors",
        "to openai-chat",
        "to openai-responses",
        "to anthropic-messages",
        "to gemini",
        "events",
    ]);
    let mut total = Counts::default();
    for ((provider, dialect), count) in counts {
        table.row(cells(provider, dialect.as_str(), count));
        total.answers += count.answers;
        total.streams += count.streams;
        total.errors += count.errors;
        total.events += count.events;
        for (dialect, valid) in &count.valid {
            *total.valid.entry(*dialect).or_default() += valid;
        }
    }
    table.row(cells("total", "", &total));
    table
}

fn cells(provider: &str, from: &str, count: &Counts) -> Vec<String> {
    let mut cells = vec![provider.to_owned(), from.to_owned()];
    cells.extend([count.answers, count.streams, count.errors].map(|count| count.to_string()));
    let valid = |dialect| count.valid.get(dialect).unwrap_or(&0).to_string();
    cells.extend(Dialect::CLIENTS.iter().map(valid));
    cells.push(count.events.to_string());
    cells
}

fn replay_answer(
    recording: &Recording,
    schemas: &Schemas,
    count: &mut Counts,
    failures: &mut Vec<String>,
) {
    let from = codec(recording.dialect);
    if recording.is_error() {
        count.errors += 1;
        let error = from.decode_error(recording.status.max(400), &recording.bytes);
        if error.message.is_empty() || error.message.contains("no reason") {
            failures.push(format!("{}: unread error {error:?}", recording.name));
        }
        return;
    }
    count.answers += 1;
    let answer = match from.decode_response(&recording.bytes) {
        Ok(answer) => answer,
        Err(error) => return failures.push(format!("{}: {error}", recording.name)),
    };
    for to in Dialect::CLIENTS {
        let checked = (|| {
            let written = client(to).encode_response(&answer).map_err(text)?;
            if !is_beyond_schema(recording, to) {
                schemas.answer(to, to != recording.dialect, &written)?;
            }
            let read = codec(to).decode_response(&written).map_err(text)?;
            compare::same(
                compare::essence_of_answer(&answer),
                &compare::essence_of_answer(&read),
                to,
            )
        })();
        match checked {
            Ok(()) => *count.valid.entry(to).or_default() += 1,
            Err(problem) => failures.push(format!("{} to {to}: {problem}", recording.name)),
        }
    }
}

fn is_beyond_schema(recording: &Recording, to: Dialect) -> bool {
    to == recording.dialect
        && NOT_IN_SCHEMA
            .iter()
            .any(|name| recording.name.contains(name))
}

fn text(error: WireError) -> String {
    error.message
}

/// A recording may hold several answers of one session, one after the other.
fn replay_streams(
    recording: &Recording,
    schemas: &Schemas,
    count: &mut Counts,
    failures: &mut Vec<String>,
) {
    let is_broken = BROKEN.iter().any(|(name, _)| recording.name.contains(name));
    for bytes in recordings::answers_of(recording) {
        let whole = decode(recording.dialect, [&bytes[..]]);
        let single = decode(recording.dialect, bytes.chunks(1));
        let random = decode(recording.dialect, cut_at_random(&bytes));
        if whole != single || whole != random {
            failures.push(format!("{}: depends on the cuts", recording.name));
        }
        let events = match whole {
            Ok(events) => events,
            Err(error) => {
                count.errors += 1;
                if !is_broken && !matches!(error.kind, WireErrorKind::Upstream(_)) {
                    failures.push(format!("{}: {error}", recording.name));
                }
                continue;
            }
        };
        count.streams += 1;
        if let Err(problem) = compare::keeps_its_promises(&events) {
            failures.push(format!("{}: {problem}", recording.name));
        }
        // Without its last event no stream has ended.
        let cut = recordings::without_last_event(recording.dialect, &bytes);
        if decode(recording.dialect, [cut]).is_ok() {
            failures.push(format!("{}: cut, taken for whole", recording.name));
        }
        for to in Dialect::CLIENTS {
            let written = recordings::stream_of(&events, to);
            let checked = (|| {
                if !is_beyond_schema(recording, to) {
                    count.events += schemas.stream(to, to != recording.dialect, &written)?;
                }
                let read = decode(to, [&written[..]]).map_err(text)?;
                compare::keeps_its_promises(&read)?;
                compare::same(
                    compare::essence_of_stream(&events),
                    &compare::essence_of_stream(&read),
                    to,
                )
            })();
            match checked {
                Ok(()) => *count.valid.entry(to).or_default() += 1,
                Err(problem) => failures.push(format!("{} to {to}: {problem}", recording.name)),
            }
        }
    }
}

#[test]
fn a_failed_responses_stream_is_valid_too() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let schemas = Schemas::load(&root);
    let mut encoder = client(Dialect::OpenAiResponses).stream_encoder(&StreamOptions::default());
    let mut out = Vec::new();
    encoder.push(&ChatEvent::Start(StreamStart::default()), &mut out);
    encoder.fail(&ApiError::new(529, "overloaded"), &mut out);
    assert_eq!(schemas.stream(Dialect::OpenAiResponses, true, &out), Ok(4));
}
