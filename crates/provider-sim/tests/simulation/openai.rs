//! The simulated OpenAI API.

use crate::support::{openai, send, sim};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use relay_provider_sim::Reply;
use serde_json::{Value, json};

fn chat(text: &str) -> Value {
    json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]})
}

fn weather_tool() -> Value {
    json!({"type": "function", "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }})
}

#[tokio::test]
async fn a_whole_answer_echoes_what_was_said_and_counts_tokens() {
    let sim = sim().await;
    let answer = openai(&sim, "/chat/completions", &chat("hello there")).await;
    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(
        body["choices"][0]["message"]["content"],
        "You said: hello there"
    );
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert_eq!(body["usage"]["total_tokens"], 6);
    assert_eq!(answer.headers["x-relay-sim"], "simulated");
    assert!(answer.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn a_stream_says_the_same_and_ends_with_usage_and_done() {
    let sim = sim().await;
    let mut request = chat("hello there");
    request["stream"] = json!(true);
    request["stream_options"] = json!({"include_usage": true});
    let answer = openai(&sim, "/chat/completions", &request).await;
    let events = answer.events();
    let text: String = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, "You said: hello there");
    assert_eq!(
        events.last().expect("a last event")["usage"]["completion_tokens"],
        4
    );
    assert!(answer.text().ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn usage_is_streamed_only_when_asked_for() {
    let sim = sim().await;
    let mut request = chat("hello");
    request["stream"] = json!(true);
    let answer = openai(&sim, "/chat/completions", &request).await;
    assert!(
        answer
            .events()
            .iter()
            .all(|event| event.get("usage").is_none())
    );
}

#[tokio::test]
async fn a_tool_that_the_text_names_is_called_and_its_result_is_told() {
    let sim = sim().await;
    let mut request = chat(r#"please call get_weather {"city":"Seoul"}"#);
    request["tools"] = json!([weather_tool()]);
    let first = openai(&sim, "/chat/completions", &request).await.json();
    let message = &first["choices"][0]["message"];
    assert_eq!(first["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(
        message["tool_calls"][0]["function"]["arguments"],
        r#"{"city":"Seoul"}"#
    );

    let messages = request["messages"].as_array_mut().expect("messages");
    messages.push(message.clone());
    messages.push(json!({
        "role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "sunny",
    }));
    let second = openai(&sim, "/chat/completions", &request).await.json();
    assert_eq!(
        second["choices"][0]["message"]["content"],
        "The tool answered: sunny"
    );
}

#[tokio::test]
async fn streamed_tool_arguments_come_in_pieces_that_add_up() {
    let sim = sim().await;
    sim.script(
        "openai",
        Reply::tool_call("get_weather", json!({"city": "Zürich", "days": 3})),
    );
    let mut request = chat("hello");
    request["stream"] = json!(true);
    let events = openai(&sim, "/chat/completions", &request).await.events();
    let pieces: Vec<&str> = events
        .iter()
        .filter_map(|event| {
            event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str()
        })
        .collect();
    assert!(pieces.len() > 3);
    let arguments: Value = serde_json::from_str(&pieces.concat()).expect("whole arguments");
    assert_eq!(arguments, json!({"city": "Zürich", "days": 3}));
}

#[tokio::test]
async fn max_tokens_and_stop_sequences_end_an_answer_early() {
    let sim = sim().await;
    let mut request = chat("one two three");
    request["max_tokens"] = json!(3);
    let short = openai(&sim, "/chat/completions", &request).await.json();
    assert_eq!(short["choices"][0]["message"]["content"], "You said: one ");
    assert_eq!(short["choices"][0]["finish_reason"], "length");

    let mut request = chat("one two three");
    request["stop"] = json!(["three", "two"]);
    let stopped = openai(&sim, "/chat/completions", &request).await.json();
    assert_eq!(
        stopped["choices"][0]["message"]["content"],
        "You said: one "
    );
    assert_eq!(stopped["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn a_tool_result_without_a_call_is_refused() {
    let sim = sim().await;
    let request = json!({"model": "gpt-4o-mini", "messages": [
        {"role": "user", "content": "hi"},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]});
    let answer = openai(&sim, "/chat/completions", &request).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
}

#[tokio::test]
async fn embeddings_are_the_same_as_numbers_and_as_base64() {
    let sim = sim().await;
    let mut request = json!({
        "model": "text-embedding-3-small", "input": ["a cat", "a dog"], "dimensions": 8,
    });
    let numbers = openai(&sim, "/embeddings", &request).await.json();
    request["encoding_format"] = json!("base64");
    let packed = openai(&sim, "/embeddings", &request).await.json();

    let text = packed["data"][1]["embedding"]
        .as_str()
        .expect("base64 text");
    let bytes = STANDARD.decode(text).expect("base64");
    let unpacked: Vec<f32> = bytes
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes(four.try_into().expect("four bytes")))
        .collect();
    assert_eq!(json!(unpacked), numbers["data"][1]["embedding"]);
    assert_eq!(unpacked.len(), 8);
    assert_ne!(
        numbers["data"][0]["embedding"],
        numbers["data"][1]["embedding"]
    );
    let length: f32 = unpacked.iter().map(|value| value * value).sum();
    assert!((length - 1.0).abs() < 1e-4, "a unit vector");
}

#[tokio::test]
async fn models_are_listed_and_found_one_by_one() {
    let sim = sim().await;
    let list = openai(&sim, "/models", &Value::Null).await.json();
    assert!(list["data"].as_array().expect("a list").len() > 3);
    let one = openai(&sim, "/models/gpt-4o-mini", &Value::Null)
        .await
        .json();
    assert_eq!(one["id"], "gpt-4o-mini");
    let none = openai(&sim, "/models/no-such-model", &Value::Null).await;
    assert_eq!(none.status, 404);
    assert_eq!(none.json()["error"]["code"], "model_not_found");
}

#[tokio::test]
async fn a_wrong_key_is_refused_with_a_body_that_quotes_only_its_ends() {
    let sim = sim().await;
    let headers = [("authorization", "Bearer sk-wrong-secret-middle-9999")];
    let url = format!("{}/models", sim.openai_url());
    let answer = send("GET", &url, &headers, &Value::Null).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error"]["code"], "invalid_api_key");
    assert!(!answer.text().contains("secret"));
    assert!(answer.text().contains("9999"));
}
