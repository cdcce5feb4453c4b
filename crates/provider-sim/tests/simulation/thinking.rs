//! Scripted thoughts: shown signed, and wanted back whole while a tool is being used.

use crate::support::{anthropic, gemini, openai, sim};
use relay_provider_sim::{Reply, Sim};
use serde_json::{Value, json};

fn thinking_call() -> Reply {
    Reply::tool_call("look", json!({"at": "sky"})).thinking("I should look up.")
}

/// What a refusal says.
fn refused(answer: &crate::support::Answer) -> String {
    assert_eq!(answer.status, 400, "{}", answer.text());
    answer.json()["error"]["message"]
        .as_str()
        .expect("a message")
        .to_owned()
}

fn message(more: &[Value]) -> Value {
    let mut messages = vec![json!({"role": "user", "content": "What is above?"})];
    messages.extend(more.iter().cloned());
    json!({
        "model": "claude-sonnet-4-5", "max_tokens": 3000, "messages": messages,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    })
}

fn tool_result(id: &Value) -> Value {
    json!({"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": id, "content": "clouds"},
    ]})
}

async fn anthropic_blocks(sim: &Sim) -> Value {
    sim.script("anthropic", thinking_call());
    let answer = anthropic(sim, "/messages", &message(&[])).await.json();
    answer["content"].clone()
}

#[tokio::test]
async fn anthropic_takes_thinking_back_unchanged_or_not_at_all() {
    let sim = sim().await;
    let blocks = anthropic_blocks(&sim).await;
    assert_eq!(blocks[0]["type"], "thinking");
    let go_on = async |blocks: &Value| {
        let said = json!({"role": "assistant", "content": blocks});
        let request = message(&[said, tool_result(&json!("toolu_sim1_0"))]);
        anthropic(&sim, "/messages", &request).await
    };
    let told = go_on(&blocks).await.json();
    assert_eq!(told["content"][0]["text"], "The tool answered: clouds");

    assert!(refused(&go_on(&json!([blocks[1]])).await).contains("Expected `thinking`"));
    let mut altered = blocks.clone();
    altered[0]["signature"] = json!("b3RoZXI=");
    assert!(refused(&go_on(&altered).await).contains("Invalid `signature`"));
    let mut altered = blocks.clone();
    altered[0]["thinking"] = json!("I should look down.");
    assert!(refused(&go_on(&altered).await).contains("Invalid `signature`"));
}

#[tokio::test]
async fn anthropic_forgives_lost_thinking_once_the_user_has_spoken_again_or_it_is_off() {
    let sim = sim().await;
    let blocks = anthropic_blocks(&sim).await;
    let said = json!({"role": "assistant", "content": [blocks[1]]});
    let result = tool_result(&blocks[1]["id"]);
    let clouds = json!({"role": "assistant", "content": "Clouds."});
    let again = json!({"role": "user", "content": "And below?"});
    let later = message(&[said.clone(), result.clone(), clouds, again]);
    assert_eq!(anthropic(&sim, "/messages", &later).await.status, 200);
    let mut off = message(&[said, result]);
    off["thinking"] = json!({"type": "disabled"});
    assert_eq!(anthropic(&sim, "/messages", &off).await.status, 200);
}

#[tokio::test]
async fn anthropic_streams_a_thought_and_its_signature_before_the_call() {
    let sim = sim().await;
    let blocks = anthropic_blocks(&sim).await;
    sim.script("anthropic", thinking_call());
    let mut request = message(&[]);
    request["stream"] = json!(true);
    let events = anthropic(&sim, "/messages", &request).await.events();
    let deltas = |field: &str| -> String {
        let deltas = events.iter().map(|event| &event["delta"][field]);
        deltas.filter_map(Value::as_str).collect()
    };
    assert_eq!(deltas("thinking"), "I should look up.");
    assert_eq!(json!(deltas("signature")), blocks[0]["signature"]);
    let starts = events
        .iter()
        .filter(|event| event["type"] == "content_block_start");
    let starts: Vec<_> = starts
        .map(|start| (&start["index"], &start["content_block"]["type"]))
        .collect();
    assert_eq!(
        starts,
        [
            (&json!(0), &json!("thinking")),
            (&json!(1), &json!("tool_use"))
        ]
    );
}

#[tokio::test]
async fn a_thought_is_kept_from_a_caller_who_did_not_ask_for_it() {
    let sim = sim().await;
    sim.script("anthropic", Reply::usual().thinking("Hm."));
    let mut request = message(&[]);
    request["thinking"] = Value::Null;
    let answer = anthropic(&sim, "/messages", &request).await.json();
    assert_eq!(answer["content"][0]["type"], "text");
    assert_eq!(answer["usage"]["output_tokens"], 5);
}

#[tokio::test]
async fn gemini_wants_the_signature_on_the_first_call_of_a_turn() {
    let sim = sim().await;
    sim.script("gemini", thinking_call());
    let path = "/models/gemini-3-pro-preview:generateContent";
    let asked = json!({"role": "user", "parts": [{"text": "What is above?"}]});
    let request = json!({
        "contents": [asked],
        "generationConfig": {"thinkingConfig": {"includeThoughts": true}},
    });
    let first = gemini(&sim, path, &request).await.json();
    assert!(first["usageMetadata"]["thoughtsTokenCount"].is_u64());
    let parts = &first["candidates"][0]["content"]["parts"];
    assert_eq!(parts[0]["thought"], true);
    assert!(parts[1]["thoughtSignature"].is_string());

    let go_on = async |path: &str, part: &Value| {
        let response =
            json!({"functionResponse": {"name": "look", "response": {"result": "clouds"}}});
        let request = json!({"contents": [
            asked, {"role": "model", "parts": [part]}, {"role": "user", "parts": [response]},
        ]});
        gemini(&sim, path, &request).await
    };
    assert_eq!(go_on(path, &parts[1]).await.status, 200);
    let mut lost = parts[1].clone();
    lost.as_object_mut()
        .expect("a part")
        .remove("thoughtSignature");
    assert!(refused(&go_on(path, &lost).await).contains("missing a thought_signature"));
    let earlier = "/models/gemini-2.5-pro:generateContent";
    assert_eq!(go_on(earlier, &lost).await.status, 200);
    lost["thoughtSignature"] = json!("skip_thought_signature_validator");
    assert_eq!(go_on(path, &lost).await.status, 200);
    lost["thoughtSignature"] = json!("b3RoZXI=");
    assert!(refused(&go_on(path, &lost).await).contains("Corrupted thought signature"));
}

#[tokio::test]
async fn gemini_signs_what_it_says_and_streams_its_thought_first() {
    let sim = sim().await;
    sim.script("gemini", Reply::text("Clouds.").thinking("Look up."));
    let path = "/models/gemini-2.5-pro:streamGenerateContent?alt=sse";
    let request = json!({
        "contents": [{"role": "user", "parts": [{"text": "What is above?"}]}],
        "generationConfig": {"thinkingConfig": {"includeThoughts": true}},
    });
    let events = gemini(&sim, path, &request).await.events();
    let part = |index: usize| &events[index]["candidates"][0]["content"]["parts"][0];
    assert_eq!(part(0)["thought"], true);
    assert_eq!(part(1)["text"], "Clouds.");
    assert!(part(1)["thoughtSignature"].is_string());
}

#[tokio::test]
async fn openai_wants_the_encrypted_thought_before_its_call() {
    let sim = sim().await;
    sim.script("openai", thinking_call());
    let asked = json!({"role": "user", "content": "What is above?"});
    let request = |items: &[&Value]| {
        json!({
            "model": "gpt-5", "input": items, "store": false,
            "include": ["reasoning.encrypted_content"],
        })
    };
    let first = openai(&sim, "/responses", &request(&[&asked])).await.json();
    let (thought, call) = (&first["output"][0], &first["output"][1]);
    let output =
        json!({"type": "function_call_output", "call_id": call["call_id"], "output": "clouds"});
    let go_on = async |items: &[&Value]| openai(&sim, "/responses", &request(items)).await;
    let whole = go_on(&[&asked, thought, call, &output]).await;
    assert_eq!(whole.status, 200);

    let lost = go_on(&[&asked, call, &output]).await;
    assert!(refused(&lost).contains("without its required 'reasoning' item"));
    let mut altered = thought.clone();
    altered["encrypted_content"] = json!("b3RoZXI=");
    let altered = go_on(&[&asked, &altered, call, &output]).await;
    assert!(refused(&altered).contains("could not be verified"));
    let mut emptied = thought.clone();
    emptied
        .as_object_mut()
        .expect("an item")
        .remove("encrypted_content");
    let emptied = go_on(&[&asked, &emptied, call, &output]).await;
    assert_eq!(emptied.status, 404, "it was not stored");
}

#[tokio::test]
async fn without_a_scripted_thought_nothing_is_checked() {
    let sim = sim().await;
    let blocks = json!([
        {"type": "thinking", "thinking": "of another", "signature": "x"},
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}},
    ]);
    let said = json!({"role": "assistant", "content": blocks});
    let request = message(&[said, tool_result(&json!("toolu_1"))]);
    assert_eq!(anthropic(&sim, "/messages", &request).await.status, 200);
}

#[tokio::test]
async fn gemini_serves_its_stable_version_too() {
    let sim = sim().await;
    let url = sim.gemini_url().replace("v1beta", "v1");
    let headers = [("x-goog-api-key", crate::support::GOOGLE_KEY)];
    let path = format!("{url}/models/gemini-2.5-flash:countTokens");
    let request = json!({"contents": [{"parts": [{"text": "one two"}]}]});
    let answer = crate::support::send("POST", &path, &headers, &request).await;
    assert_eq!(answer.json()["totalTokens"], 2);
}
