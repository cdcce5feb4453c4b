//! Properties: what holds for any bytes, however they are cut.

mod clients;
mod stories;

use proptest::prelude::*;
use relay_wire::sse::{SseEvent, SseReader};
use relay_wire::{Dialect, Tap, client_codec, codec, peek, redact_keys};
use serde_json::{Value, json};
use stories::STREAMS;

/// Cuts at the given places, wherever they fall.
fn cut<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places
        .iter()
        .map(|place| place.index(bytes.len() + 1))
        .collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for place in places {
        pieces.push(&bytes[from..place]);
        from = place;
    }
    pieces.push(&bytes[from..]);
    pieces
}

fn read(pieces: &[&[u8]]) -> Result<Vec<SseEvent>, relay_wire::WireError> {
    let mut reader = SseReader::default();
    let mut events = Vec::new();
    for piece in pieces {
        reader.push(piece, &mut events)?;
    }
    reader.finish(&mut events)?;
    Ok(events)
}

/// Text made of what matters to an event stream.
fn event_stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "data",
        "event",
        "id",
        ":",
        " ",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "x",
        "한",
        "{}",
        "[DONE]",
        "\u{feff}",
        "data: {\"a\":1}\n\n",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("\"model\":\"x\"")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z]{1,6}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn events_do_not_depend_on_the_cuts(
        bytes in event_stream(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        prop_assert_eq!(read(&cut(&bytes, &places)), read(&[&bytes]));
    }

    #[test]
    fn decoded_events_do_not_depend_on_the_cuts(
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        for (dialect, bytes) in STREAMS {
            let decode = |pieces: &[&[u8]]| {
                let mut decoder = codec(dialect).stream_decoder();
                let mut events = Vec::new();
                for piece in pieces {
                    events.extend(decoder.push(piece)?);
                }
                events.extend(decoder.finish()?);
                Ok::<_, relay_wire::WireError>(events)
            };
            prop_assert_eq!(decode(&cut(bytes, &places)), decode(&[bytes]));
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = peek(&bytes);
        for dialect in Dialect::ALL {
            let codec = codec(dialect);
            let _ = client_codec(dialect).map(|codec| codec.decode_request(&bytes));
            let _ = codec.decode_response(&bytes);
            let _ = codec.decode_error(500, &bytes);
            let mut tap = Tap::new(dialect, true);
            tap.push(&bytes);
            prop_assert!(!tap.finish().complete);
        }
    }

    #[test]
    fn no_json_makes_a_reader_panic(value in json_value(), place in any::<prop::sample::Index>()) {
        // Put where a decoder expects something.
        let fields = ["messages", "contents", "content", "choices", "candidates", "tools", "delta",
            "usage", "error", "system", "generationConfig", "response_format", "tool_choice",
            "input", "output", "text", "reasoning", "item", "part", "response"];
        let field = fields[place.index(fields.len())];
        let body = json!({"model": "m", "messages": [], field: value, "type": "content_block_delta", "output_index": 0});
        let body = body.to_string();
        for dialect in Dialect::ALL {
            let codec = codec(dialect);
            let client = client_codec(dialect);
            if let Some(Ok(request)) = client.map(|client| client.decode_request(body.as_bytes())) {
                for to in Dialect::ALL {
                    let _ = relay_wire::codec(to).encode_request(&request);
                }
            }
            if let Ok(response) = codec.decode_response(body.as_bytes()) {
                for to in Dialect::ALL.into_iter().filter_map(client_codec) {
                    let _ = to.encode_response(&response);
                }
            }
            for event in ["", "response.output_item.added", "response.output_item.done",
                "response.content_part.added", "response.completed", "message_start"] {
                let mut body: Value = serde_json::from_str(&body).expect("JSON");
                body["type"] = event.into();
                let mut decoder = codec.stream_decoder();
                let _ = decoder.push(format!("data: {body}\n\n").as_bytes());
                let _ = decoder.finish();
            }
        }
    }

    #[test]
    fn a_peek_finds_the_model_and_changes_nothing_else(
        before in prop::collection::vec(("[a-l]{1,6}", json_value()), 0..4),
        after in prop::collection::vec(("[n-z]{1,3}", json_value()), 0..4),
        old in "\\PC{1,20}",
        new in "\\PC{1,20}",
        stream in any::<bool>(),
    ) {
        let mut body = Value::Object(before.into_iter().collect());
        body["model"] = old.clone().into();
        body["stream"] = stream.into();
        for (field, value) in after {
            body[field] = value;
        }
        let bytes = body.to_string().into_bytes();
        let seen = peek(&bytes).expect("a valid body");
        prop_assert_eq!(seen.model(), Some(old.as_str()));
        prop_assert_eq!(seen.stream(), stream);
        let changed = seen.with_model(&bytes, &new);
        let again = peek(&changed).expect("still valid");
        prop_assert_eq!(again.model(), Some(new.as_str()));
        body["model"] = new.into();
        prop_assert_eq!(serde_json::from_slice::<Value>(&changed).expect("still JSON"), body);
        let back = again.with_model(&changed, &old);
        prop_assert_eq!(back, bytes);
    }

    #[test]
    fn a_key_never_survives_redaction(
        prefix in prop::sample::select(vec!["sk-", "sk-ant-api03-", "AIza", "gsk_", "rly-", "xai-"]),
        key in "[A-Za-z0-9]{16,48}",
        before in "[a-z ]{0,20}[ :='\"(]",
        after in "[ .,'\")&][a-z ]{0,20}",
    ) {
        let text = format!("{before}{prefix}{key}{after}");
        prop_assert!(!redact_keys(&text).contains(&key), "{}", redact_keys(&text));
    }
}
