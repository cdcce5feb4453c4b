//! The simulated Gemini API.

use crate::support::{GOOGLE_KEY, gemini, send, sim};
use relay_provider_sim::Reply;
use serde_json::{Value, json};

const FLASH: &str = "/models/gemini-2.5-flash";

fn contents(text: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]})
}

#[tokio::test]
async fn a_whole_answer_echoes_what_was_said() {
    let sim = sim().await;
    let body = gemini(
        &sim,
        &format!("{FLASH}:generateContent"),
        &contents("hello there"),
    )
    .await
    .json();
    assert_eq!(
        body["candidates"][0]["content"]["parts"][0]["text"],
        "You said: hello there"
    );
    assert_eq!(body["candidates"][0]["finishReason"], "STOP");
    assert_eq!(body["usageMetadata"]["candidatesTokenCount"], 4);
}

#[tokio::test]
async fn a_stream_comes_as_events_or_as_one_array() {
    let sim = sim().await;
    let path = format!("{FLASH}:streamGenerateContent");
    let text = |chunks: &[Value]| -> String {
        chunks
            .iter()
            .filter_map(|chunk| chunk["candidates"][0]["content"]["parts"][0]["text"].as_str())
            .collect()
    };
    let events = gemini(&sim, &format!("{path}?alt=sse"), &contents("hi"))
        .await
        .events();
    assert_eq!(text(&events), "You said: hi");
    let array = gemini(&sim, &path, &contents("hi")).await.json();
    assert_eq!(text(array.as_array().expect("an array")), "You said: hi");
}

#[tokio::test]
async fn a_function_is_called_and_its_response_is_told() {
    let sim = sim().await;
    let path = format!("{FLASH}:generateContent");
    let mut request = contents(r#"get_weather {"city":"Seoul"}"#);
    request["tools"] = json!([{"functionDeclarations": [{"name": "get_weather"}]}]);
    let first = gemini(&sim, &path, &request).await.json();
    let content = &first["candidates"][0]["content"];
    assert_eq!(
        content["parts"][0]["functionCall"]["args"],
        json!({"city": "Seoul"})
    );

    let contents = request["contents"].as_array_mut().expect("contents");
    contents.push(content.clone());
    contents.push(json!({"role": "user", "parts": [{"functionResponse": {
        "name": "get_weather", "response": {"result": "sunny"},
    }}]}));
    let second = gemini(&sim, &path, &request).await.json();
    let told = &second["candidates"][0]["content"]["parts"][0]["text"];
    assert_eq!(told, "The tool answered: sunny");
}

#[tokio::test]
async fn a_wrong_key_is_a_400_with_a_reason() {
    let sim = sim().await;
    let url = format!("{}/models", sim.gemini_url());
    let answer = send(
        "GET",
        &url,
        &[("x-goog-api-key", "AIza-wrong")],
        &Value::Null,
    )
    .await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["error"]["details"][0]["reason"],
        "API_KEY_INVALID"
    );
}

#[tokio::test]
async fn a_key_anywhere_else_or_twice_is_refused() {
    let sim = sim().await;
    let url = format!("{}/models", sim.gemini_url());
    let both = [
        ("x-goog-api-key", GOOGLE_KEY),
        ("authorization", "Bearer x"),
    ];
    assert_eq!(send("GET", &url, &both, &Value::Null).await.status, 400);
    let twice = format!("{url}?key={GOOGLE_KEY}");
    let header = [("x-goog-api-key", GOOGLE_KEY)];
    assert_eq!(send("GET", &twice, &header, &Value::Null).await.status, 400);
    assert_eq!(send("GET", &twice, &[], &Value::Null).await.status, 403);
    let bearer = format!("Bearer {GOOGLE_KEY}");
    assert_eq!(
        send("GET", &url, &[("authorization", &bearer)], &Value::Null)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn embeddings_have_the_size_asked_for() {
    let sim = sim().await;
    let each = |text: &str| {
        json!({
            "model": "models/gemini-embedding-001",
            "content": {"parts": [{"text": text}]},
            "outputDimensionality": 5,
        })
    };
    let model = "/models/gemini-embedding-001";
    let request = json!({"requests": [each("a cat"), each("a dog")]});
    let batch = gemini(&sim, &format!("{model}:batchEmbedContents"), &request)
        .await
        .json();
    assert_eq!(
        batch["embeddings"][1]["values"]
            .as_array()
            .expect("values")
            .len(),
        5
    );
    let one = gemini(&sim, &format!("{model}:embedContent"), &each("a dog"))
        .await
        .json();
    assert_eq!(one["embedding"]["values"], batch["embeddings"][1]["values"]);
}

#[tokio::test]
async fn unknown_fields_are_refused_by_name() {
    let sim = sim().await;
    let mut request = contents("hi");
    request["generationConfig"] = json!({"maxTokens": 5});
    let answer = gemini(&sim, &format!("{FLASH}:generateContent"), &request).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.json()["error"]["message"]
            .as_str()
            .expect("text")
            .contains("maxTokens")
    );
}

#[tokio::test]
async fn gemini_3_names_its_calls_and_signs_its_thoughts() {
    let sim = sim().await;
    sim.script("gemini", Reply::tool_call("look", json!({})));
    let path = "/models/gemini-3-flash-preview:generateContent";
    let body = gemini(&sim, path, &contents("hi")).await.json();
    let part = &body["candidates"][0]["content"]["parts"][0];
    assert!(part["functionCall"]["id"].is_string());
    assert!(part["thoughtSignature"].is_string());
}

#[tokio::test]
async fn names_in_snake_case_are_read_as_well() {
    let sim = sim().await;
    let path = format!("{FLASH}:generateContent");
    let mut request = json!({"contents": [{"role": "user", "parts": [
        {"text": "look"},
        {"inline_data": {"mime_type": "image/png", "data": "AAAA"}},
    ]}]});
    request["generation_config"] = json!({"max_output_tokens": 4});
    let answer = gemini(&sim, &path, &request).await.json();
    let candidate = &answer["candidates"][0];
    assert_eq!(
        candidate["content"]["parts"][0]["text"],
        "You said: look (with "
    );
    assert_eq!(candidate["finishReason"], "MAX_TOKENS");

    let mut request = contents("use get_weather");
    request["tools"] = json!([{"function_declarations": [{
        "name": "get_weather",
        "parameters_json_schema": {"type": "object", "properties": {"in_city": {"type": "string"}}},
    }]}]);
    let answer = gemini(&sim, &path, &request).await.json();
    assert_eq!(
        answer["candidates"][0]["content"]["parts"][0]["functionCall"]["args"],
        json!({"in_city": "sample"})
    );
}
