//! The simulated Anthropic API.

use crate::support::{ANTHROPIC_KEY, anthropic, send, sim};
use relay_provider_sim::Reply;
use serde_json::{Value, json};

fn message(text: &str) -> Value {
    json!({
        "model": "claude-sonnet-4-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": text}],
    })
}

#[tokio::test]
async fn a_whole_answer_echoes_what_was_said() {
    let sim = sim().await;
    let answer = anthropic(&sim, "/messages", &message("hello there")).await;
    let body = answer.json();
    assert_eq!(body["content"][0]["text"], "You said: hello there");
    assert_eq!(body["stop_reason"], "end_turn");
    assert_eq!(body["usage"]["output_tokens"], 4);
    assert!(answer.headers.contains_key("request-id"));
}

#[tokio::test]
async fn a_stream_has_its_events_in_the_documented_order() {
    let sim = sim().await;
    let mut request = message("hi");
    request["stream"] = json!(true);
    let answer = anthropic(&sim, "/messages", &request).await;
    let text = answer.text();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    assert_eq!(
        names,
        [
            "message_start",
            "content_block_start",
            "ping",
            "content_block_delta",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_is_told() {
    let sim = sim().await;
    let mut request = message(r#"get_weather {"city":"Seoul"}"#);
    request["tools"] = json!([{"name": "get_weather", "input_schema": {"type": "object"}}]);
    let first = anthropic(&sim, "/messages", &request).await.json();
    assert_eq!(first["stop_reason"], "tool_use");
    assert_eq!(first["content"][0]["input"], json!({"city": "Seoul"}));

    let messages = request["messages"].as_array_mut().expect("messages");
    messages.push(json!({"role": "assistant", "content": first["content"]}));
    messages.push(json!({"role": "user", "content": [{
        "type": "tool_result", "tool_use_id": first["content"][0]["id"], "content": "sunny",
    }]}));
    let second = anthropic(&sim, "/messages", &request).await.json();
    assert_eq!(second["content"][0]["text"], "The tool answered: sunny");
}

#[tokio::test]
async fn two_streamed_tool_calls_are_two_blocks() {
    let sim = sim().await;
    let calls = [
        ("a".to_owned(), json!({"x": 1})),
        ("b".to_owned(), json!({})),
    ];
    sim.script("anthropic", Reply::tool_calls(calls));
    let mut request = message("hi");
    request["stream"] = json!(true);
    let events = anthropic(&sim, "/messages", &request).await.events();
    let starts: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "content_block_start")
        .collect();
    assert_eq!(starts.len(), 2);
    assert_eq!(starts[1]["index"], 1);
    assert_eq!(starts[1]["content_block"]["name"], "b");
}

#[tokio::test]
async fn what_anthropic_refuses_is_refused() {
    let sim = sim().await;
    let mut unknown = message("hi");
    unknown["frequency_penalty"] = json!(1);
    let answer = anthropic(&sim, "/messages", &unknown).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .text()
            .contains("frequency_penalty: Extra inputs are not permitted")
    );

    let mut no_limit = message("hi");
    no_limit["max_tokens"] = Value::Null;
    assert_eq!(anthropic(&sim, "/messages", &no_limit).await.status, 400);

    let url = format!("{}/messages", sim.anthropic_url());
    let no_version = send(
        "POST",
        &url,
        &[("x-api-key", ANTHROPIC_KEY)],
        &message("hi"),
    )
    .await;
    assert!(no_version.text().contains("anthropic-version"));
}

#[tokio::test]
async fn a_wrong_key_and_a_second_credential_are_refused() {
    let sim = sim().await;
    let url = format!("{}/models", sim.anthropic_url());
    let wrong = send("GET", &url, &[("x-api-key", "sk-ant-wrong")], &Value::Null).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json()["error"]["type"], "authentication_error");
    let both = [
        ("x-api-key", ANTHROPIC_KEY),
        ("authorization", "Bearer rly-x"),
    ];
    assert_eq!(send("GET", &url, &both, &Value::Null).await.status, 401);
}

#[tokio::test]
async fn a_key_is_taken_as_a_bearer_too() {
    let sim = sim().await;
    let url = format!("{}/models/claude-sonnet-4-5", sim.anthropic_url());
    for (key, status) in [(ANTHROPIC_KEY, 200), ("sk-ant-wrong", 401)] {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("anthropic-version", "2023-06-01"),
        ];
        assert_eq!(
            send("GET", &url, &headers, &Value::Null).await.status,
            status
        );
    }
}

#[tokio::test]
async fn tokens_are_counted() {
    let sim = sim().await;
    let mut request = message("one two three");
    request
        .as_object_mut()
        .expect("an object")
        .remove("max_tokens");
    let count = anthropic(&sim, "/messages/count_tokens", &request)
        .await
        .json();
    assert_eq!(count["input_tokens"], 3);
}
