//! The simulated Amazon Bedrock.

use crate::support::{Answer, send, sim};
use aws_smithy_eventstream::frame::read_message_from;
use relay_provider_sim::{Provider, Reply, Sim};
use serde_json::{Value, json};

const API_KEY: &str = "bedrock-api-key-sim";
const ACCESS_KEY: &str = "AKIASIMULATED0000000";
const MODEL: &str = "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0";

async fn bedrock() -> Sim {
    let sim = sim().await;
    sim.allow_key("bedrock", API_KEY);
    sim.allow_key("bedrock", ACCESS_KEY);
    sim
}

async fn ask(sim: &Sim, operation: &str, body: &Value) -> Answer {
    let url = format!("{}{MODEL}/{operation}", sim.url(Provider::Bedrock));
    let bearer = format!("Bearer {API_KEY}");
    send("POST", &url, &[("authorization", &bearer)], body).await
}

fn said(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": text}]}]})
}

/// The kinds and payloads of a binary stream.
fn frames(answer: &Answer) -> Vec<(String, Value)> {
    let mut bytes = answer.body.clone();
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let frame = read_message_from(&mut bytes).expect("a whole frame");
        let kind = frame
            .headers()
            .iter()
            .find(|header| [":event-type", ":exception-type"].contains(&header.name().as_str()))
            .expect("a kind");
        let kind = kind.value().as_string().expect("text").as_str().to_owned();
        let payload = serde_json::from_slice(frame.payload()).expect("JSON");
        frames.push((kind, payload));
    }
    frames
}

#[tokio::test]
async fn a_whole_answer_echoes_what_was_said() {
    let sim = bedrock().await;
    let body = ask(&sim, "converse", &said("hello there")).await.json();
    let content = &body["output"]["message"]["content"];
    assert_eq!(content[0]["text"], "You said: hello there");
    assert_eq!(body["stopReason"], "end_turn");
    assert_eq!(body["usage"]["totalTokens"], 6);
}

#[tokio::test]
async fn a_stream_is_binary_frames_that_say_the_same() {
    let sim = bedrock().await;
    let answer = ask(&sim, "converse-stream", &said("hi")).await;
    let content_type = "application/vnd.amazon.eventstream";
    assert_eq!(answer.headers["content-type"], content_type);
    let frames = frames(&answer);
    let kinds: Vec<&str> = frames.iter().map(|frame| frame.0.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "messageStart",
            "contentBlockDelta",
            "contentBlockDelta",
            "contentBlockDelta",
            "contentBlockStop",
            "messageStop",
            "metadata",
        ]
    );
    let text: String = frames
        .iter()
        .filter_map(|frame| frame.1["delta"]["text"].as_str())
        .collect();
    assert_eq!(text, "You said: hi");
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_is_told() {
    let sim = bedrock().await;
    let mut request = said(r#"get_weather {"city":"Seoul"}"#);
    let schema = json!({"json": {"type": "object"}});
    request["toolConfig"] =
        json!({"tools": [{"toolSpec": {"name": "get_weather", "inputSchema": schema}}]});
    let first = ask(&sim, "converse", &request).await.json();
    let message = &first["output"]["message"];
    let used = &message["content"][0]["toolUse"];
    assert_eq!(used["input"], json!({"city": "Seoul"}));
    let result = json!({"toolUseId": used["toolUseId"], "content": [{"text": "sunny"}]});
    let messages = request["messages"].as_array_mut().expect("messages");
    messages.push(message.clone());
    messages.push(json!({"role": "user", "content": [{"toolResult": result}]}));
    let second = ask(&sim, "converse", &request).await.json();
    let told = &second["output"]["message"]["content"][0]["text"];
    assert_eq!(told, "The tool answered: sunny");
}

#[tokio::test]
async fn a_signed_request_is_taken_by_its_shape_and_its_access_key() {
    let sim = bedrock().await;
    let url = format!("{}{MODEL}/converse", sim.url(Provider::Bedrock));
    let signed = |access_key: &str, service: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/20250101/us-east-1/{service}/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, Signature={}",
            "0f".repeat(32)
        )
    };
    let status = async |credential: &str| {
        let headers = [
            ("authorization", credential),
            ("x-amz-date", "20250101T000000Z"),
        ];
        send("POST", &url, &headers, &said("hi")).await.status
    };
    assert_eq!(status(&signed(ACCESS_KEY, "bedrock")).await, 200);
    assert_eq!(status(&signed(ACCESS_KEY, "s3")).await, 403);
    assert_eq!(status(&signed("AKIAOTHER", "bedrock")).await, 403);
    assert_eq!(status("Bearer other").await, 403);
    let without_date = signed(ACCESS_KEY, "bedrock");
    let headers = [("authorization", without_date.as_str())];
    assert_eq!(send("POST", &url, &headers, &said("hi")).await.status, 403);
}

#[tokio::test]
async fn errors_name_their_kind_in_a_header_or_in_a_frame() {
    let sim = bedrock().await;
    sim.script("bedrock", Reply::error(429, "Too many requests."));
    let answer = ask(&sim, "converse", &said("hi")).await;
    assert_eq!(answer.headers["x-amzn-errortype"], "ThrottlingException");
    assert_eq!(answer.json(), json!({"message": "Too many requests."}));

    sim.script("bedrock", Reply::usual().error_after(2));
    let frames = frames(&ask(&sim, "converse-stream", &said("hi")).await);
    assert_eq!(frames.len(), 3);
    assert_eq!(frames[2].0, "internalServerException");
}
