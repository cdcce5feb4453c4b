//! Streams of Bedrock Converse: binary frames.

mod bedrock_frames;
mod clients;
mod stories;

use bedrock_frames::{event, exception, frame, story};
use clients::client;
use proptest::prelude::*;
use relay_wire::sse::MAX_EVENT_BYTES;
use relay_wire::{ChatEvent, Dialect, ErrorKind, StreamOptions, Tap, WireErrorKind, codec};
use serde_json::json;
use stories::{decode, gather, to_openai};

const OWN: Dialect = Dialect::BedrockConverse;

#[test]
fn its_streams_tell_the_same_story_as_the_others() {
    let events = decode(OWN, [&story()[..]]).expect("a whole stream");
    let (chunks, done) = to_openai(&events, true);
    assert!(done);
    let (text, thoughts, calls) = gather(&chunks);
    assert_eq!((text.as_str(), thoughts.as_str()), ("날씨 ☀️", "Hm. "));
    let told: Vec<_> = calls
        .iter()
        .map(|(_, name, args)| (name.as_str(), args.as_str()))
        .collect();
    assert_eq!(told, [("locate", r#"{"picture":1}"#), ("now", "{}")]);
    let usage = &chunks[chunks.len() - 1]["usage"];
    assert_eq!(usage["prompt_tokens"], 20);
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 5);
    let signature = chunks
        .iter()
        .find_map(|chunk| chunk["choices"][0]["delta"]["reasoning_details"].get(0));
    assert_eq!(signature.expect("a signature")["signature"], "SIG");
}

#[test]
fn an_answer_without_a_name_gets_one_from_the_options() {
    let options = StreamOptions {
        id: "request-1".to_owned(),
        model: "nova".to_owned(),
        created: 7,
        ..StreamOptions::default()
    };
    for dialect in Dialect::CLIENTS {
        let mut encoder = client(dialect).stream_encoder(&options);
        let mut out = Vec::new();
        for event in decode(OWN, [&story()[..]]).expect("a whole stream") {
            encoder.push(&event, &mut out);
        }
        encoder.finish(&mut out);
        let told = decode(dialect, [&out[..]]).expect("our own");
        let ChatEvent::Start(start) = &told[0] else {
            panic!("{told:?}")
        };
        assert_eq!(
            (start.id.as_str(), start.model.as_str()),
            ("request-1", "nova")
        );
    }
    let body = br#"{"output":{"message":{"content":[]}},"stopReason":"end_turn"}"#;
    let mut answer = codec(OWN).decode_response(body).expect("an answer");
    answer.fill_in("request-1", "nova", 7);
    assert_eq!((answer.id.as_str(), answer.created), ("request-1", Some(7)));
}

#[test]
fn a_stream_cut_anywhere_is_an_error() {
    let story = story();
    for cut in 0..story.len() {
        assert!(decode(OWN, [&story[..cut]]).is_err(), "cut at {cut}");
    }
    let mut tap = Tap::new(OWN, true);
    tap.push(&story);
    assert_eq!(tap.finish().usage.map(|usage| usage.input_tokens), Some(20));
}

#[test]
fn a_flipped_bit_anywhere_is_an_error() {
    let story = story();
    for at in 0..story.len() {
        let mut damaged = story.clone();
        damaged[at] ^= 0x10;
        assert!(decode(OWN, [&damaged[..]]).is_err(), "flipped at {at}");
    }
}

#[test]
fn an_exception_within_a_stream_is_the_upstreams_error() {
    for (name, payload, status, kind) in [
        (
            "throttlingException",
            r#"{"message":"slow down"}"#,
            429,
            ErrorKind::RateLimited,
        ),
        (
            "validationException",
            r#"{"message":"slow down"}"#,
            400,
            ErrorKind::InvalidRequest,
        ),
        (
            "modelStreamErrorException",
            r#"{"originalMessage":"slow down","originalStatusCode":424}"#,
            424,
            ErrorKind::Upstream,
        ),
    ] {
        let mut decoder = codec(OWN).stream_decoder();
        let start = event("messageStart", r#"{"role":"assistant"}"#);
        decoder.push(&start).expect("so far so good");
        let failure = decoder
            .push(&exception(name, payload))
            .expect_err("an exception");
        let WireErrorKind::Upstream(error) = &failure.kind else {
            panic!("{failure:?}")
        };
        assert_eq!((error.status, error.kind), (status, kind), "{name}");
        assert_eq!(error.message, "slow down");
        assert!(decoder.finish().is_err(), "it stays failed");
    }
    let unmodeled = frame(
        &[
            (":message-type", "error"),
            (":error-code", "InternalServerException"),
            (":error-message", "oops"),
        ],
        "",
    );
    let failure = decode(OWN, [&unmodeled[..]]).expect_err("an error");
    assert!(matches!(failure.kind, WireErrorKind::Upstream(error) if error.status == 500));
}

#[test]
fn an_endless_frame_is_an_error() {
    let length = u32::try_from(MAX_EVENT_BYTES + 1)
        .expect("small")
        .to_be_bytes();
    let failure = decode(OWN, [&length[..]]).expect_err("too large");
    assert_eq!(failure.kind, WireErrorKind::TooLarge);
}

#[test]
fn events_out_of_turn_are_errors_and_unknown_ones_are_not() {
    let start = event("messageStart", "{}");
    let text = |index: u32| {
        let delta = json!({"contentBlockIndex": index, "delta": {"text": "x"}});
        event("contentBlockDelta", &delta.to_string())
    };
    let stop = event("messageStop", r#"{"stopReason":"end_turn"}"#);
    let end = event("metadata", "{}");
    for out_of_turn in [
        vec![text(0)],
        vec![start.clone(), start.clone()],
        vec![start.clone(), text(0), text(1)],
        vec![start.clone(), text(0), stop.clone()],
        vec![start.clone(), end.clone()],
        vec![start.clone(), stop.clone(), text(0)],
        vec![
            event("messageStart", "{}"),
            event("contentBlockDelta", "[]"),
        ],
    ] {
        let bytes = out_of_turn.concat();
        let mut decoder = codec(OWN).stream_decoder();
        assert!(decoder.push(&bytes).is_err());
    }
    let unknown = [
        event("initial-response", ""),
        start,
        event("news", "x"),
        stop,
        end,
    ]
    .concat();
    let events = decode(OWN, [&unknown[..]]).expect("a whole stream");
    assert_eq!(events.last(), Some(&ChatEvent::End));
}

#[test]
fn withheld_reasoning_is_put_together_of_its_pieces() {
    let piece = |data: &str| {
        let delta = json!({"contentBlockIndex": 0, "delta": {"reasoningContent": {"redactedContent": data}}});
        event("contentBlockDelta", &delta.to_string())
    };
    let bytes = [
        event("messageStart", "{}"),
        piece("QQ=="),
        piece("QkM="),
        event("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        event("messageStop", r#"{"stopReason":"end_turn"}"#),
        event("metadata", "{}"),
    ]
    .concat();
    let events = decode(OWN, [&bytes[..]]).expect("a whole stream");
    let (chunks, _) = to_openai(&events, false);
    let detail = chunks
        .iter()
        .find_map(|chunk| chunk["choices"][0]["delta"]["reasoning_details"].get(0))
        .expect("withheld reasoning");
    assert_eq!(
        (&detail["data"], &detail["format"]),
        (&json!("QUJD"), &json!("amazon-bedrock-v1"))
    );
}

proptest! {
    #[test]
    fn events_do_not_depend_on_the_cuts(
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let story = story();
        let mut places: Vec<_> = places.iter().map(|place| place.index(story.len() + 1)).collect();
        places.extend([0, story.len()]);
        places.sort_unstable();
        let pieces = places.windows(2).map(|pair| &story[pair[0]..pair[1]]);
        prop_assert_eq!(decode(OWN, pieces), decode(OWN, [&story[..]]));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        headers in prop::collection::vec(("[:a-z-]{1,20}", "\\PC{0,12}"), 0..4),
        payload in "\\PC{0,60}",
        bytes in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut stream = frame(&headers, &payload);
        stream.extend(&bytes);
        prop_assert!(decode(OWN, [&stream[..]]).is_err());
    }
}
