//! Writes every recording in every other dialect, with what a client must read of it, for the
//! official clients in `e2e/clients`. `RELAY_TRANSLATIONS_DIR` says where: one file a dialect, a
//! translation a line. Without it there is nothing to do.

mod clients;
mod recordings;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use clients::client;
use recordings::compare::{Essence, essence_of_answer, essence_of_stream};
use recordings::{Body, Recording};
use relay_wire::{
    ApiError, ChatEvent, Dialect, FinishReason, StreamOptions, Usage, WireError, codec,
};
use serde_json::{Value, json};

/// The recorder cut pieces out of these pictures, so that they are no base64 any more, which the
/// Gemini client for Python reads and others hand on.
const CUT_PICTURES: &str = "vercel-ai__openai-image-generation-tool";

#[test]
fn every_translation_is_written_for_the_official_clients() {
    let Some(folder) = std::env::var_os("RELAY_TRANSLATIONS_DIR") else {
        println!("SKIPPED: RELAY_TRANSLATIONS_DIR is not set");
        return;
    };
    let Some(root) = recordings::shared() else {
        return;
    };
    std::fs::create_dir_all(&folder).expect("a folder");
    let recordings = recordings::chat(&root);
    for to in Dialect::CLIENTS {
        let file = Path::new(&folder).join(format!("{to}.ndjson"));
        let mut out = BufWriter::new(File::create(file).expect("a file"));
        for recording in recordings.iter().filter(|one| one.dialect != to) {
            if to == Dialect::Gemini && recording.name.contains(CUT_PICTURES) {
                continue;
            }
            for translation in translations(recording, to) {
                writeln!(out, "{translation}").expect("space on the disk");
            }
        }
        out.flush().expect("space on the disk");
    }
}

/// A whole answer, an error, or the streams in a recording, each of these a second time as it
/// reads when the upstream breaks off before its end.
fn translations(recording: &Recording, to: Dialect) -> Vec<Value> {
    let from = codec(recording.dialect);
    let line = |kind: &str, number: usize, status: u16, body: Vec<u8>, expected: Value| {
        json!({
            "provider": recording.provider,
            "recording": format!("{} {number}", recording.name),
            "from": recording.dialect.as_str(),
            "kind": kind,
            "status": status,
            "body": String::from_utf8(body).expect("UTF-8"),
            "expected": expected,
        })
    };
    if recording.is_error() {
        let error = from.decode_error(recording.status.max(400), &recording.bytes);
        let body = client(to).encode_error(&error);
        return vec![line("error", 0, error.status, body, expected_error(&error))];
    }
    if recording.body == Body::Whole {
        let answer = from.decode_response(&recording.bytes);
        let mut answer = answer.expect("an answer, as `replay` checks");
        answer.created.get_or_insert(CREATED);
        let body = client(to).encode_response(&answer).expect("writable");
        let expected = expected(essence_of_answer(&answer), to);
        let mut line = line("whole", 0, 200, body, expected);
        line["replay"] = replay(recording, None);
        return vec![line];
    }
    let answers = recordings::answers_of(recording);
    let is_alone = answers.len() == 1;
    let mut out = Vec::new();
    for (number, bytes) in answers.into_iter().enumerate() {
        let cut = recordings::without_last_event(recording.dialect, &bytes);
        for (bytes, cut) in [(&bytes[..], None), (cut, Some(cut.len()))] {
            let (body, read) = translate_stream(bytes, recording.dialect, to);
            let mut line = match read {
                Ok(events) => {
                    let expected = expected(essence_of_stream(&events), to);
                    line("stream", number, 200, body, expected)
                }
                Err(error) => line("broken-stream", number, 200, body, expected_error(&error)),
            };
            if is_alone {
                line["replay"] = replay(recording, cut);
            }
            out.push(line);
        }
    }
    out
}

/// Where the upstream that replays recordings has this one, in its words: cut, and then ended
/// cleanly, or whole. Of an answer that is there whole and streamed it knows the stream alone.
fn replay(recording: &Recording, cut: Option<usize>) -> Value {
    if recording.body == Body::Whole && recording.has_stream_beside {
        return Value::Null;
    }
    let cut = cut.map(|bytes| format!(";cut={bytes};clean=1"));
    let path = recording.fixture.replace('/', "~");
    format!("/fx/{path}{}", cut.unwrap_or_default()).into()
}

/// What the server's clock says where the upstream tells no time.
const CREATED: i64 = 1_700_000_000;

/// Translates as the server does: what was read before a failure has been sent.
fn translate_stream(
    bytes: &[u8],
    from: Dialect,
    to: Dialect,
) -> (Vec<u8>, Result<Vec<ChatEvent>, ApiError>) {
    let mut decoder = codec(from).stream_decoder();
    let mut encoder = client(to).stream_encoder(&StreamOptions {
        include_usage: true,
        created: CREATED,
        ..StreamOptions::default()
    });
    let (mut out, mut all) = (Vec::new(), Vec::new());
    let mut take = |read: Result<Vec<ChatEvent>, WireError>, out: &mut Vec<u8>| match read {
        Ok(events) => {
            for event in &events {
                encoder.push(event, out);
            }
            all.extend(events);
            Ok(())
        }
        Err(error) => {
            let error = error.into_upstream_error();
            encoder.fail(&error, out);
            Err(error)
        }
    };
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        if let Err(error) = take(decoder.push(piece), &mut out) {
            return (out, Err(error));
        }
    }
    if let Err(error) = take(decoder.finish(), &mut out) {
        return (out, Err(error));
    }
    encoder.finish(&mut out);
    (out, Ok(all))
}

fn expected_error(error: &ApiError) -> Value {
    json!({"status": error.status, "message": error.message})
}

/// What a client of this dialect must read, in one shape for every client.
fn expected(essence: Essence, to: Dialect) -> Value {
    let finish = finish_word(
        to,
        essence.finish.unwrap_or(FinishReason::Stop),
        essence.stop_sequence.is_some(),
    );
    let told = essence.told_in(to);
    let calls: Vec<Value> = told
        .calls
        .iter()
        .map(|(name, arguments)| json!({"name": name, "arguments": arguments}))
        .collect();
    json!({
        "text": told.text,
        "reasoning": told.reasoning,
        "calls": calls,
        "images": told.images,
        "finish": finish,
        "usage": told.usage.map(usage_words),
    })
}

fn usage_words(usage: Usage) -> Value {
    json!({
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cacheRead": usage.cached_read_tokens,
        "cacheWrite": usage.cached_write_tokens,
        "cacheWrite1h": usage.cached_write_1h_tokens,
        "reasoning": usage.reasoning_tokens,
        "inputAudio": usage.input_audio_tokens,
        "outputAudio": usage.output_audio_tokens,
        "inputImage": usage.input_image_tokens,
        "outputImage": usage.output_image_tokens,
    })
}

/// The word for a finish, written down once more from the table in `docs/wire.md`.
fn finish_word(to: Dialect, finish: FinishReason, met_stop: bool) -> &'static str {
    use FinishReason::{ContentFilter, Error, Length, Pause, Refusal, Stop, ToolCalls};
    match (to, finish) {
        (Dialect::OpenAiChat, Stop | Pause) => "stop",
        (Dialect::OpenAiChat, Length) => "length",
        (Dialect::OpenAiChat, ToolCalls) => "tool_calls",
        (Dialect::OpenAiResponses, Stop | Pause | ToolCalls) => "completed",
        (Dialect::OpenAiResponses, Length) => "max_output_tokens",
        (Dialect::OpenAiChat | Dialect::OpenAiResponses, _) => "content_filter",
        (Dialect::AnthropicMessages, Stop) if met_stop => "stop_sequence",
        (Dialect::AnthropicMessages, Stop) => "end_turn",
        (Dialect::AnthropicMessages, Length) => "max_tokens",
        (Dialect::AnthropicMessages, ToolCalls) => "tool_use",
        (Dialect::AnthropicMessages, Pause) => "pause_turn",
        (Dialect::AnthropicMessages, ContentFilter | Refusal | Error) => "refusal",
        (Dialect::Gemini, Stop | ToolCalls | Pause) => "STOP",
        (Dialect::Gemini, Length) => "MAX_TOKENS",
        (Dialect::Gemini, ContentFilter | Refusal) => "SAFETY",
        (Dialect::Gemini, Error) => "OTHER",
        (Dialect::BedrockConverse, _) => panic!("no client speaks it"),
    }
}
