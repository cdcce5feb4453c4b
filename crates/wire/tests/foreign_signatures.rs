//! What one provider signed never reaches another, though it passes through the same client.

mod clients;

use clients::client;
use relay_wire::{ChatEvent, ChatResponse, Dialect, StreamOptions, codec, has_foreign_signature};
use serde_json::{Value, json};

/// An answer with all that its maker wants back, as a host of the dialect gives it.
fn signed_answer(maker: Dialect) -> ChatResponse {
    let body = match maker {
        Dialect::OpenAiResponses => json!({
        "id": "r", "object": "response", "status": "completed", "model": "gpt-5", "output": [
            {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Hm."}],
             "encrypted_content": "SECRET"},
            {"type": "message", "role": "assistant", "id": "m", "status": "completed",
             "content": [{"type": "output_text", "text": "Hi.", "annotations": []}]},
        ]}),
        Dialect::AnthropicMessages => json!({
        "id": "m", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "tool_use",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "SECRET"},
            {"type": "redacted_thinking", "data": "SECRET"},
            {"type": "text", "text": "Hi."},
            {"type": "tool_use", "id": "t1", "name": "f", "input": {}},
        ]}),
        Dialect::Gemini => json!({
        "responseId": "g", "modelVersion": "gemini-3-pro", "candidates": [{"finishReason": "STOP", "content": {
            "role": "model", "parts": [
                {"text": "Hm.", "thought": true},
                {"text": "Hi.", "thoughtSignature": "SECRET"},
                {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "SECRET"},
            ]}}]}),
        Dialect::BedrockConverse => json!({
            "stopReason": "end_turn", "output": {"message": {"role": "assistant", "content": [
                {"reasoningContent": {"redactedContent": "SECRET=="}}, {"text": "Hi."}]}}}),
        Dialect::OpenAiChat => panic!("it signs nothing"),
    };
    codec(maker)
        .decode_response(body.to_string().as_bytes())
        .expect("an answer")
}

/// The next request of a client that got the answer: all of it goes back, as it came.
fn next_request(carrier: Dialect, answer: &ChatResponse) -> Vec<u8> {
    let written = client(carrier).encode_response(answer).expect("writable");
    let told: Value = serde_json::from_slice(&written).expect("JSON");
    let calls = answer.choices[0]
        .parts
        .iter()
        .any(|part| matches!(part, relay_wire::Part::ToolCall(_)));
    let body = match carrier {
        Dialect::OpenAiChat => {
            let mut messages = vec![json!({"role": "user", "content": "Hello."})];
            messages.push(told["choices"][0]["message"].clone());
            if calls {
                let id = &told["choices"][0]["message"]["tool_calls"][0]["id"];
                messages.push(json!({"role": "tool", "tool_call_id": id, "content": "1"}));
            }
            json!({"model": "gpt-5", "messages": messages})
        }
        Dialect::OpenAiResponses => {
            let mut input = vec![json!({"role": "user", "content": "Hello."})];
            input.extend(told["output"].as_array().expect("items").clone());
            if calls {
                let call = input.iter().find(|item| item["type"] == "function_call");
                let id = call.expect("a call")["call_id"].clone();
                input.push(json!({"type": "function_call_output", "call_id": id, "output": "1"}));
            }
            json!({"model": "gpt-5", "input": input})
        }
        Dialect::AnthropicMessages => {
            json!({"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [
                {"role": "user", "content": "Hello."},
                {"role": "assistant", "content": told["content"]},
                {"role": "user", "content": "And?"},
            ]})
        }
        Dialect::Gemini => json!({"contents": [
            {"role": "user", "parts": [{"text": "Hello."}]},
            told["candidates"][0]["content"],
            {"role": "user", "parts": [{"text": "And?"}]},
        ]}),
        Dialect::BedrockConverse => panic!("no client speaks it"),
    };
    body.to_string().into_bytes()
}

const MAKERS: [Dialect; 4] = [
    Dialect::OpenAiResponses,
    Dialect::AnthropicMessages,
    Dialect::Gemini,
    Dialect::BedrockConverse,
];

/// A model of the dialect's own provider.
fn model_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => "gpt-5",
        Dialect::AnthropicMessages | Dialect::BedrockConverse => "claude-sonnet-4-5",
        Dialect::Gemini => "gemini-2.5-pro",
    }
}

#[test]
fn a_foreign_signature_is_told_and_does_not_come_through_its_own_dialect_again() {
    for carrier in Dialect::CLIENTS {
        for maker in MAKERS {
            let body = next_request(carrier, &signed_answer(maker));
            let model = model_of(carrier);
            let foreign = has_foreign_signature(carrier, model, &body);
            let text = String::from_utf8_lossy(&body);
            if maker == carrier {
                assert!(!foreign, "{carrier}'s own: {text}");
                assert!(text.contains("SECRET"), "{carrier}: {text}");
                continue;
            }
            assert!(foreign, "{maker} carried by {carrier}: {text}");
            let mut request = client(carrier).decode_request(&body).expect("a request");
            request.model = model.to_owned();
            let again = codec(carrier)
                .encode_request(&request)
                .expect("expressible");
            let text = String::from_utf8_lossy(&again);
            assert!(
                !has_foreign_signature(carrier, model, &again),
                "{maker} by {carrier}: {text}"
            );
            assert!(!text.contains("SECRET"), "{maker} by {carrier}: {text}");
            assert!(text.contains("Hi."), "what was said stays: {text}");
        }
    }
}

#[test]
fn streamed_signatures_are_told_too() {
    for carrier in [
        Dialect::OpenAiResponses,
        Dialect::AnthropicMessages,
        Dialect::Gemini,
    ] {
        for maker in MAKERS.into_iter().filter(|maker| *maker != carrier) {
            let mut encoder = client(carrier).stream_encoder(&StreamOptions::default());
            let mut out = Vec::new();
            for event in streamed(&signed_answer(maker)) {
                encoder.push(&event, &mut out);
            }
            encoder.finish(&mut out);
            assert!(
                has_foreign_signature(carrier, model_of(carrier), &out),
                "{maker} by {carrier}"
            );
        }
    }
}

/// The answer as a stream: written and read in its maker's dialect, or as near as there is.
fn streamed(answer: &ChatResponse) -> Vec<ChatEvent> {
    use relay_wire::{BlockDelta, BlockKind, Part};
    let mut events = vec![ChatEvent::Start(relay_wire::StreamStart::default())];
    let (choice, mut block) = (0, 0);
    for part in &answer.choices[0].parts {
        let (kind, deltas) = match part {
            Part::Reasoning(piece) => match piece.signature.clone() {
                Some(signature) if piece.redacted => {
                    (BlockKind::RedactedReasoning(signature), Vec::new())
                }
                signature => {
                    let mut deltas = vec![BlockDelta::Text(piece.text.clone())];
                    deltas.extend(signature.map(BlockDelta::Signature));
                    (BlockKind::Reasoning, deltas)
                }
            },
            Part::ToolCall(call) => {
                let kind = BlockKind::ToolCall {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    signature: call.signature.clone(),
                };
                (kind, vec![BlockDelta::Arguments("{}".to_owned())])
            }
            Part::Text(text) => (BlockKind::Text, vec![BlockDelta::Text(text.text.clone())]),
            _ => continue,
        };
        events.push(ChatEvent::BlockStart {
            choice,
            block,
            kind,
        });
        events.extend(deltas.into_iter().map(|delta| ChatEvent::BlockDelta {
            choice,
            block,
            delta,
        }));
        events.push(ChatEvent::BlockEnd { choice, block });
        block += 1;
    }
    events
}

#[test]
fn hosts_that_know_a_field_keep_it() {
    let body = next_request(
        Dialect::OpenAiChat,
        &signed_answer(Dialect::AnthropicMessages),
    );
    for (model, foreign) in [
        ("gpt-5", true),
        ("llama-3.3-70b-versatile", true),
        ("anthropic/claude-sonnet-4.5", false),
        ("openai/gpt-5", false),
    ] {
        let seen = has_foreign_signature(Dialect::OpenAiChat, model, &body);
        assert_eq!(seen, foreign, "{model}");
    }
    let body = next_request(Dialect::OpenAiChat, &signed_answer(Dialect::Gemini));
    assert!(!has_foreign_signature(
        Dialect::OpenAiChat,
        "gemini-3-pro",
        &body
    ));
}

#[test]
fn plain_conversations_pass() {
    for (dialect, body) in [
        (
            Dialect::OpenAiChat,
            r#"{"messages":[{"role":"user","content":"relay: cmVsYXk6"}]}"#,
        ),
        (
            Dialect::AnthropicMessages,
            r#"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"EqQBcmVsYXk6"}]}]}"#,
        ),
        (Dialect::Gemini, "{}"),
        (Dialect::OpenAiResponses, ""),
    ] {
        assert!(!has_foreign_signature(dialect, "m", body.as_bytes()));
    }
}
