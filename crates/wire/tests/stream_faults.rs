//! Streams that go wrong: cut, failing, endless. None of them may look like a success.

mod clients;
mod stories;

use clients::client;
use relay_wire::sse::MAX_EVENT_BYTES;
use relay_wire::{ApiError, ChatEvent, Dialect, StreamOptions, WireErrorKind, codec};
use stories::{STREAMS, decode};

#[test]
fn a_stream_cut_anywhere_before_its_end_is_an_error() {
    for (dialect, bytes) in STREAMS {
        // The end is the last line with anything on it.
        let mut end = bytes.trim_ascii_end();
        if dialect == Dialect::OpenAiChat {
            // Its usage, told after every finish reason, is as good an end as `[DONE]`.
            end = end.strip_suffix(b"data: [DONE]").expect("an end");
            end = end.trim_ascii_end();
        }
        for cut in 0..end.len() {
            let outcome = decode(dialect, [&bytes[..cut]]);
            assert!(outcome.is_err(), "{dialect} cut at {cut} of {}", end.len());
        }
        assert!(
            decode(dialect, [end]).is_ok(),
            "{dialect}: the closing blank line is not needed"
        );
    }
}

#[test]
fn an_error_event_within_a_stream_is_an_error_and_ends_it() {
    let errors = [
        (
            Dialect::OpenAiChat,
            "data: {\"error\":{\"message\":\"too many\",\"type\":\"rate_limit_error\"}}\n\n",
            429,
        ),
        (
            Dialect::OpenAiResponses,
            "data: {\"type\":\"error\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"too many\"}}\n\n",
            429,
        ),
        (
            Dialect::AnthropicMessages,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too many\"}}\n\n",
            529,
        ),
        (
            Dialect::Gemini,
            "data: {\"error\":{\"code\":503,\"message\":\"too many\",\"status\":\"UNAVAILABLE\"}}\n\n",
            503,
        ),
    ];
    for ((dialect, error, status), (_, stream)) in errors.into_iter().zip(STREAMS) {
        let first = stream
            .windows(2)
            .position(|pair| pair == b"\n\n")
            .expect("an event")
            + 2;
        let mut decoder = codec(dialect).stream_decoder();
        decoder.push(&stream[..first]).expect("so far so good");
        let failure = decoder.push(error.as_bytes()).expect_err("an error event");
        let WireErrorKind::Upstream(api) = &failure.kind else {
            panic!("{failure:?}")
        };
        assert_eq!(
            (api.status, api.message.as_str()),
            (status, "too many"),
            "{dialect}"
        );
        assert!(
            decoder.push(&stream[first..]).is_err(),
            "{dialect}: it stays failed"
        );
        assert!(decoder.finish().is_err(), "{dialect}: it stays failed");
    }
}

#[test]
fn an_endless_event_is_an_error_and_does_not_grow_without_bound() {
    for (dialect, start) in [
        (Dialect::OpenAiChat, &b"data: "[..]),
        (Dialect::OpenAiResponses, b"data: "),
        (Dialect::AnthropicMessages, b"data: "),
        (Dialect::Gemini, b"[{\"a\":\""),
    ] {
        let mut decoder = codec(dialect).stream_decoder();
        decoder.push(start).expect("a start");
        let piece = vec![b'x'; 1 << 20];
        let failure = (0..=MAX_EVENT_BYTES / piece.len())
            .find_map(|_| decoder.push(&piece).err())
            .expect("over the bound");
        assert_eq!(failure.kind, WireErrorKind::TooLarge, "{dialect}");
    }
}

#[test]
fn a_failed_stream_ends_in_an_error_and_never_cleanly() {
    let error = ApiError::new(502, "the upstream was cut");
    for dialect in Dialect::CLIENTS {
        let mut encoder = client(dialect).stream_encoder(&StreamOptions::default());
        let mut out = Vec::new();
        encoder.push(
            &ChatEvent::Start(relay_wire::StreamStart::default()),
            &mut out,
        );
        encoder.fail(&error, &mut out);
        let before = out.len();
        encoder.finish(&mut out);
        assert_eq!(out.len(), before, "{dialect}: nothing follows an error");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.contains("the upstream was cut"), "{dialect}");
        assert!(
            !text.contains("[DONE]")
                && !text.contains("message_stop")
                && !text.contains("response.completed"),
            "{dialect}"
        );
    }
}

#[test]
fn a_chat_stream_without_done_must_have_told_everything() {
    let chunk =
        |rest: &str| format!("data: {{\"id\":\"i\",\"model\":\"m\",\"choices\":[{rest}]}}\n\n");
    let text = chunk(r#"{"index":0,"delta":{"content":"a"}}"#);
    let finish = chunk(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#);
    let usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
    let outcome = |pieces: &[&str]| {
        let stream = pieces.concat();
        decode(Dialect::OpenAiChat, [stream.as_bytes()])
    };
    assert!(outcome(&[&text, &finish, usage]).is_ok());
    assert!(outcome(&[&text, usage, &finish]).is_ok());
    assert!(outcome(&[&text, &finish]).is_err(), "the usage was cut");
    assert!(outcome(&[&text, usage]).is_err(), "the answer was cut");
}
