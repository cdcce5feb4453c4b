//! The tap reads few events of a stream, and must see what its decoder sees of all of them.

mod bedrock_frames;
mod clients;
mod recordings;
mod stories;

use proptest::prelude::*;
use recordings::Body;
use relay_wire::{ApiError, ChatEvent, Dialect, Tap, Usage, WireErrorKind, codec};
use stories::STREAMS;

#[derive(Debug, Default, PartialEq)]
struct Seen {
    usage: Option<Usage>,
    complete: bool,
    error: Option<ApiError>,
}

/// What the decoder makes of the whole stream.
fn in_full(dialect: Dialect, bytes: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let mut decoder = codec(dialect).stream_decoder();
    let mut decoded = Vec::new();
    // Event by event, since those before an error within one push are lost.
    let read = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .try_for_each(|line| decoder.push(line).map(|events| decoded.extend(events)))
        .and_then(|()| decoder.finish().map(|events| decoded.extend(events)));
    if let Err(error) = read
        && let WireErrorKind::Upstream(error) = error.kind
    {
        seen.error = Some(*error);
    }
    for event in decoded {
        match event {
            ChatEvent::Start(start) => seen.usage = start.usage,
            ChatEvent::Usage(usage) => seen.usage = Some(usage),
            ChatEvent::End => seen.complete = true,
            _ => {}
        }
    }
    seen
}

fn tapped<'a>(dialect: Dialect, pieces: impl IntoIterator<Item = &'a [u8]>) -> Seen {
    let mut tap = Tap::new(dialect, true);
    for piece in pieces {
        tap.push(piece);
    }
    let error = tap.error().cloned();
    let seen = tap.finish();
    Seen {
        usage: seen.usage,
        complete: seen.complete,
        error,
    }
}

/// The tap sees what the decoder sees. Of a stream that is not whole it may know of tokens that the
/// decoder tells only at the end.
fn check(dialect: Dialect, bytes: &[u8], what: &str) {
    let full = in_full(dialect, bytes);
    for size in [bytes.len(), 7, 1000] {
        let light = tapped(dialect, bytes.chunks(size.max(1)));
        assert_eq!(light.complete, full.complete, "{what}");
        // An error that ends a stream without a blank line is nobody's to show any more.
        if light.error.is_some() || bytes.ends_with(b"\n\n") {
            assert_eq!(light.error, full.error, "{what}");
        }
        if full.complete || full.usage.is_some() && dialect != Dialect::AnthropicMessages {
            assert_eq!(light.usage, full.usage, "{what}");
        }
    }
}

/// Just behind each event.
fn ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair == b"\n\n")
        .map(|(at, _)| at + 2)
}

#[test]
fn every_recorded_stream_shows_the_tap_what_its_decoder_sees() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let mut streams = 0;
    for recording in recordings::chat(&root) {
        if recording.body != Body::Stream {
            continue;
        }
        streams += 1;
        let (dialect, bytes) = (recording.dialect, &recording.bytes[..]);
        check(dialect, bytes, &recording.name);
        // And broken off at its middle, and before its last event.
        let ends: Vec<_> = ends(bytes).collect();
        for cut in [ends.len() / 2, ends.len().saturating_sub(2)] {
            if let Some(cut) = ends.get(cut) {
                let what = format!("{} cut at {cut}", recording.name);
                check(dialect, &bytes[..*cut], &what);
            }
        }
    }
    println!("{streams} streams");
}

#[test]
fn a_stream_cut_anywhere_is_complete_for_both_or_for_neither() {
    for (dialect, bytes) in STREAMS {
        for cut in 0..=bytes.len() {
            check(dialect, &bytes[..cut], &format!("{dialect} cut at {cut}"));
        }
    }
}

#[test]
fn what_a_model_says_is_never_taken_for_what_its_host_says() {
    let text = r#"\"usage\":{\"prompt_tokens\":9},\"error\":{},\"finish_reason\":\"stop\" [DONE] message_stop"#;
    let stream = format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"\"}}}}]}}\n\n\
         data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}],\"usage\":null}}\n\n"
    );
    let seen = tapped(Dialect::OpenAiChat, [stream.as_bytes()]);
    assert_eq!(seen, Seen::default());
    let stream = format!(
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
         \"delta\":{{\"type\":\"text_delta\",\"text\":\"{text}\"}}}}\n\n"
    );
    let seen = tapped(Dialect::AnthropicMessages, [stream.as_bytes()]);
    assert_eq!(seen, Seen::default());
}

#[test]
fn every_choice_and_candidate_is_awaited() {
    let chunk = |index: u32, finish: &str| {
        format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{}},\"finish_reason\":{finish}}}],\"usage\":{{\"prompt_tokens\":1}}}}\n\n"
        )
    };
    let one = [chunk(0, "null"), chunk(1, "null"), chunk(0, "\"stop\"")].concat();
    check(Dialect::OpenAiChat, one.as_bytes(), "one of two");
    let both = one + &chunk(1, "\"stop\"");
    check(Dialect::OpenAiChat, both.as_bytes(), "both");
    assert!(tapped(Dialect::OpenAiChat, [both.as_bytes()]).complete);
    let candidate = |index: u32, finish: &str| {
        format!(
            "data: {{\"candidates\":[{{\"index\":{index}{finish}}}],\"usageMetadata\":{{\"promptTokenCount\":1}}}}\n\n"
        )
    };
    let stop = ",\"finishReason\":\"STOP\"";
    let one = [candidate(0, ""), candidate(1, ""), candidate(0, stop)].concat();
    check(Dialect::Gemini, one.as_bytes(), "one of two");
    let both = one + &candidate(1, stop);
    check(Dialect::Gemini, both.as_bytes(), "both");
    assert!(tapped(Dialect::Gemini, [both.as_bytes()]).complete);
}

#[test]
fn an_array_of_geminis_is_read_too() {
    let array = "\n[{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":3}}\n]";
    for size in [1, 2, array.len()] {
        let seen = tapped(Dialect::Gemini, array.as_bytes().chunks(size));
        assert!(seen.complete);
        assert_eq!(seen.usage.map(|usage| usage.input_tokens), Some(3));
    }
}

#[test]
fn a_cut_stream_tells_the_tokens_it_had_told() {
    let chat = "data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n";
    let seen = tapped(Dialect::OpenAiChat, [chat.as_bytes()]);
    assert!(!seen.complete);
    assert_eq!(seen.usage.map(|usage| usage.output_tokens), Some(1));
    let gemini = "data: {\"candidates\":[{}],\"usageMetadata\":{\"promptTokenCount\":3}}\r\n\r\n";
    let seen = tapped(Dialect::Gemini, [gemini.as_bytes()]);
    assert!(!seen.complete);
    assert_eq!(seen.usage.map(|usage| usage.input_tokens), Some(3));
}

proptest! {
    #[test]
    fn what_is_seen_does_not_depend_on_the_cuts(sizes in prop::collection::vec(1_usize..60, 1..20)) {
        for (dialect, bytes) in STREAMS {
            let crlf = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
            for bytes in [bytes, crlf.as_bytes()] {
                let whole = tapped(dialect, [bytes]);
                prop_assert!(whole.complete);
                let mut rest = bytes;
                let pieces = sizes.iter().cycle().map_while(|size| {
                    let (piece, more) = rest.split_at((*size).min(rest.len()));
                    rest = more;
                    (!piece.is_empty()).then_some(piece)
                });
                prop_assert_eq!(tapped(dialect, pieces), whole);
            }
        }
    }
}
