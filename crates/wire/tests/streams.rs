//! Streams: what must always hold, tested without the provider recordings.

mod clients;
mod stories;

use clients::client;
use relay_wire::gemini::array_stream_encoder;
use relay_wire::{
    ApiError, BlockKind, ChatEvent, ChatRequest, Dialect, Extensions, FinishReason, Message, Part,
    Reasoning, Role, StreamOptions, Tap, ToolCall, Usage, codec,
};
use serde_json::{Value, json};
use stories::{STREAMS, decode, gather, to_openai};

#[test]
fn the_same_events_come_out_however_the_bytes_are_cut() {
    for (dialect, bytes) in STREAMS {
        let whole = decode(dialect, [bytes]).expect("a whole stream");
        for size in 1..40 {
            assert_eq!(
                decode(dialect, bytes.chunks(size)).expect("whole"),
                whole,
                "{dialect}"
            );
        }
        let crlf = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
        assert_eq!(
            decode(dialect, crlf.as_bytes().chunks(1)).expect("whole"),
            whole,
            "{dialect}"
        );
    }
}

#[test]
fn every_upstream_tells_an_openai_client_the_same_story() {
    for (dialect, bytes) in STREAMS {
        let events = decode(dialect, [bytes]).expect("a whole stream");
        let (chunks, done) = to_openai(&events, true);
        assert!(done, "{dialect}");
        let (text, thoughts, calls) = gather(&chunks);
        assert_eq!(
            (text.as_str(), thoughts.as_str()),
            ("날씨 ☀️", "Hm. "),
            "{dialect}"
        );
        let told: Vec<_> = calls
            .iter()
            .map(|(_, name, args)| (name.as_str(), args.as_str()))
            .collect();
        assert_eq!(
            told,
            [("locate", r#"{"picture":1}"#), ("now", "{}")],
            "{dialect}"
        );
        assert_ne!(calls[0].0, calls[1].0, "{dialect}: ids are distinct");
        assert_eq!(
            chunks[0]["choices"][0]["delta"]["role"], "assistant",
            "{dialect}"
        );
        let last = &chunks[chunks.len() - 2]["choices"][0];
        assert_eq!(last["finish_reason"], "tool_calls", "{dialect}");
        let usage = &chunks[chunks.len() - 1]["usage"];
        assert_eq!(usage["prompt_tokens"], 20, "{dialect}");
        assert_eq!(usage["completion_tokens"], 30, "{dialect}");
        assert_eq!(
            usage["prompt_tokens_details"]["cached_tokens"], 5,
            "{dialect}"
        );
    }
}

#[test]
fn usage_is_withheld_from_a_client_that_did_not_ask() {
    for (dialect, bytes) in STREAMS {
        let events = decode(dialect, [bytes]).expect("a whole stream");
        let (chunks, done) = to_openai(&events, false);
        assert!(done);
        assert!(
            chunks.iter().all(|chunk| chunk.get("usage").is_none()),
            "{dialect}"
        );
        assert!(
            chunks.iter().all(|chunk| chunk["choices"] != json!([])),
            "{dialect}"
        );
    }
}

#[test]
fn what_the_upstream_does_not_tell_comes_from_the_options() {
    let (dialect, bytes) = STREAMS[2];
    let events = decode(dialect, [bytes]).expect("a whole stream");
    let (chunks, _) = to_openai(&events, false);
    assert_eq!(
        (&chunks[0]["created"], &chunks[0]["model"]),
        (&json!(99), &json!("m-1"))
    );
}

#[test]
fn signatures_are_kept_for_the_next_request() {
    let events = decode(STREAMS[2].0, [STREAMS[2].1]).expect("a whole stream");
    let (chunks, _) = to_openai(&events, false);
    let detail = chunks
        .iter()
        .find_map(|chunk| chunk["choices"][0]["delta"]["reasoning_details"].get(0))
        .expect("a signature");
    assert_eq!(
        (&detail["signature"], &detail["format"]),
        (&json!("SIG"), &json!("anthropic-claude-v1"))
    );
    let events = decode(STREAMS[3].0, [STREAMS[3].1]).expect("a whole stream");
    let (chunks, _) = to_openai(&events, false);
    let call = chunks
        .iter()
        .find_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].get(0))
        .expect("a call");
    assert_eq!(call["extra_content"]["google"]["thought_signature"], "SIG");
}

#[test]
fn a_thoughts_signature_reaches_a_gemini_client_with_text_beside_it() {
    let events = decode(STREAMS[2].0, [STREAMS[2].1]).expect("a whole stream");
    let mut encoder = client(Dialect::Gemini).stream_encoder(&StreamOptions::default());
    let mut out = Vec::new();
    for event in &events {
        encoder.push(event, &mut out);
    }
    encoder.finish(&mut out);
    let thoughts: Vec<Value> = String::from_utf8(out)
        .expect("text")
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
        .map(|chunk: Value| chunk["candidates"][0]["content"]["parts"][0].clone())
        .filter(|part| part["thought"] == true)
        .collect();
    let text: String = thoughts
        .iter()
        .filter_map(|part| part["text"].as_str())
        .collect();
    assert_eq!(text, "Hm. ");
    let (last, before) = thoughts.split_last().expect("thoughts");
    assert_ne!(last["text"], "");
    assert!(last["thoughtSignature"].is_string());
    assert!(
        before
            .iter()
            .all(|part| part["thoughtSignature"].is_null() && part["text"] != "")
    );
}

#[test]
fn interleaved_calls_never_overlap() {
    for (dialect, bytes) in &STREAMS[..2] {
        let events = decode(*dialect, [*bytes]).expect("a whole stream");
        let mut open = None;
        for event in &events {
            match event {
                ChatEvent::BlockStart { block, .. } => assert_eq!(open.replace(*block), None),
                ChatEvent::BlockDelta { block, .. } => assert_eq!(open, Some(*block)),
                ChatEvent::BlockEnd { block, .. } => assert_eq!(open.take(), Some(*block)),
                _ => {}
            }
        }
    }
}

#[test]
fn streams_in_every_dialect_are_read_back_alike() {
    for (from, bytes) in STREAMS {
        let events = decode(from, [bytes]).expect("a whole stream");
        for to in Dialect::CLIENTS {
            let options = StreamOptions {
                include_usage: true,
                ..StreamOptions::default()
            };
            let mut encoder = client(to).stream_encoder(&options);
            let mut out = Vec::new();
            for event in &events {
                encoder.push(event, &mut out);
            }
            encoder.finish(&mut out);
            let again = decode(to, out.chunks(3)).expect("a whole stream");
            let (text, thoughts, calls) = gather(&to_openai(&again, false).0);
            assert_eq!(
                (text.as_str(), thoughts.as_str()),
                ("날씨 ☀️", "Hm. "),
                "{from} to {to}"
            );
            assert_eq!(calls.len(), 2, "{from} to {to}");
            assert_eq!(calls[0].2, r#"{"picture":1}"#, "{from} to {to}");
            assert!(
                again.iter().any(|event| matches!(
                    event,
                    ChatEvent::Finish {
                        reason: FinishReason::ToolCalls,
                        ..
                    }
                )),
                "{from} to {to}"
            );
        }
    }
}

#[test]
fn a_tap_reads_usage_and_the_end_off_passing_bytes() {
    for (dialect, bytes) in STREAMS {
        for size in [1, 7, bytes.len()] {
            let mut tap = Tap::new(dialect, true);
            bytes.chunks(size).for_each(|piece| tap.push(piece));
            let seen = tap.finish();
            assert!(seen.complete, "{dialect}");
            let usage: Usage = seen.usage.expect("told");
            assert_eq!(
                (usage.input_tokens, usage.output_tokens),
                (20, 30),
                "{dialect}"
            );
        }
        let mut tap = Tap::new(dialect, true);
        tap.push(&bytes[..bytes.len() / 2]);
        assert!(!tap.finish().complete, "{dialect}");
    }
}

#[test]
fn several_choices_keep_their_own_blocks() {
    let chunk = |index: u32, delta: Value, finish: Value| {
        let choice = json!({"index": index, "delta": delta, "finish_reason": finish});
        format!(
            "data: {}\n\n",
            json!({"id": "i", "model": "m", "choices": [choice]})
        )
    };
    let stream = [
        chunk(0, json!({"content": "a"}), Value::Null),
        chunk(1, json!({"content": "x"}), Value::Null),
        chunk(0, json!({"content": "b"}), json!("stop")),
        chunk(1, json!({"content": "y"}), json!("length")),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat();
    let events = decode(Dialect::OpenAiChat, [stream.as_bytes()]).expect("a whole stream");
    let finishes: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            ChatEvent::Finish { choice, reason, .. } => Some((*choice, *reason)),
            _ => None,
        })
        .collect();
    assert_eq!(
        finishes,
        [(0, FinishReason::Stop), (1, FinishReason::Length)]
    );
    let starts = events
        .iter()
        .filter(|event| matches!(event, ChatEvent::BlockStart { .. }))
        .count();
    assert_eq!(starts, 2);
}

#[test]
fn a_blocked_prompt_is_an_answer_that_was_filtered() {
    let stream =
        b"data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"},\"responseId\":\"r\"}\n\n";
    let events = decode(Dialect::Gemini, [&stream[..]]).expect("an answer");
    let (chunks, done) = to_openai(&events, false);
    assert!(done);
    assert_eq!(
        chunks[chunks.len() - 1]["choices"][0]["finish_reason"],
        "content_filter"
    );
}

#[test]
fn a_gemini_client_without_sse_gets_one_json_array() {
    let options = StreamOptions::default();
    for (from, bytes) in STREAMS {
        let events = decode(from, [bytes]).expect("a whole stream");
        let mut encoder = array_stream_encoder(&options);
        let mut out = Vec::new();
        for event in &events {
            encoder.push(event, &mut out);
        }
        encoder.finish(&mut out);
        let items: Vec<Value> = serde_json::from_slice(&out).expect("one array");
        assert!(items.len() > 3, "{from}");
        let again = decode(Dialect::Gemini, out.chunks(5)).expect("a whole stream");
        let (text, thoughts, calls) = gather(&to_openai(&again, false).0);
        assert_eq!(
            (text.as_str(), thoughts.as_str(), calls.len()),
            ("날씨 ☀️", "Hm. ", 2)
        );
    }
    let mut encoder = array_stream_encoder(&options);
    let mut out = Vec::new();
    encoder.push(
        &ChatEvent::Start(relay_wire::StreamStart::default()),
        &mut out,
    );
    encoder.fail(&ApiError::new(502, "cut"), &mut out);
    let items: Vec<Value> = serde_json::from_slice(&out).expect("one array");
    assert_eq!(items.last().expect("an error")["error"]["message"], "cut");
    assert!(decode(Dialect::Gemini, [&out[..]]).is_err());
}

#[test]
fn a_calls_signature_comes_back_from_a_client_of_any_dialect() {
    let (_, bytes) = STREAMS[3];
    let events = decode(Dialect::Gemini, [bytes]).expect("a whole stream");
    for carrier in [Dialect::AnthropicMessages, Dialect::OpenAiResponses] {
        let mut encoder = client(carrier).stream_encoder(&StreamOptions::default());
        let mut out = Vec::new();
        for event in &events {
            encoder.push(event, &mut out);
        }
        encoder.finish(&mut out);
        let mut turn = Vec::new();
        for event in decode(carrier, [&out[..]]).expect("a whole stream") {
            if let ChatEvent::BlockStart { kind, .. } = event {
                turn.extend(match kind {
                    BlockKind::RedactedReasoning(signature) => Some(Part::Reasoning(Reasoning {
                        signature: Some(signature),
                        redacted: true,
                        ..Reasoning::default()
                    })),
                    BlockKind::ToolCall { id, name, .. } => Some(Part::ToolCall(ToolCall {
                        id,
                        name,
                        arguments: String::new(),
                        signature: None,
                        extensions: Extensions::default(),
                    })),
                    _ => None,
                });
            }
        }
        let request = ChatRequest {
            model: "gemini-3-pro".to_owned(),
            messages: vec![Message::new(Role::Assistant, turn)],
            ..ChatRequest::default()
        };
        let body = codec(Dialect::Gemini)
            .encode_request(&request)
            .expect("expressible");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            body["contents"][0]["parts"][0]["thoughtSignature"], "SIG",
            "{carrier}: {body}"
        );
    }
}
