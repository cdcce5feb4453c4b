//! What the simulated providers answer is what the official SDKs' types allow. The schemas lie in
//! the folder of recordings beside the repository, or where `RELAY_SHARED` says.

use std::path::{Path, PathBuf};

use crate::support::{Answer, anthropic, gemini, openai, sim};
use jsonschema::Validator;
use relay_provider_sim::{Reply, Sim};
use serde_json::{Value, json};

fn specs() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("RELAY_SHARED").map_or(beside, PathBuf::from);
    let specs = root.join("specs");
    if specs.is_dir() {
        return Some(specs);
    }
    println!(
        "SKIPPED: no schemas at {} (set RELAY_SHARED)",
        specs.display()
    );
    None
}

fn schema(specs: &Path, name: &str) -> Validator {
    let text = std::fs::read(specs.join(format!("sdk_{name}.schema.json"))).expect("a schema");
    let schema: Value = serde_json::from_slice(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a valid schema")
}

fn check(schema: &Validator, value: &Value) {
    if let Err(error) = schema.validate(value) {
        panic!("{error} at {}: {value}", error.instance_path());
    }
}

/// The replies that say and call and think, and one cut by its limit.
fn script_all(sim: &Sim, provider: &str) -> usize {
    let calls = [
        ("a".to_owned(), json!({"x": 1})),
        ("b".to_owned(), json!({})),
    ];
    let replies = [
        Reply::usual(),
        Reply::text(""),
        Reply::text("one two three four five six seven eight nine ten eleven"),
        Reply::tool_calls(calls.clone()),
        Reply::usual().thinking("A thought."),
        Reply::tool_calls(calls).thinking("Another thought."),
    ];
    let count = replies.len();
    for reply in replies {
        sim.script(provider, reply);
    }
    count
}

/// Asks for every scripted reply, whole and streamed, and checks what comes.
async fn check_all(
    provider: &str,
    whole: &Validator,
    event: &Validator,
    ask: impl AsyncFn(&Sim, bool) -> Answer,
) {
    let sim = sim().await;
    for _ in 0..script_all(&sim, provider) {
        check(whole, &ask(&sim, false).await.json());
    }
    for _ in 0..script_all(&sim, provider) {
        for value in ask(&sim, true).await.events() {
            check(event, &value);
        }
    }
}

#[tokio::test]
async fn openai_responses() {
    let Some(specs) = specs() else { return };
    let (whole, event) = (
        schema(&specs, "openai_Response"),
        schema(&specs, "openai_ResponseStreamEvent"),
    );
    check_all("openai", &whole, &event, async |sim, stream| {
        let request = json!({
            "model": "gpt-5", "input": "hi", "stream": stream, "max_output_tokens": 10,
            "include": ["reasoning.encrypted_content"], "reasoning": {"summary": "auto"},
            "tools": [{"type": "function", "name": "a"}],
        });
        openai(sim, "/responses", &request).await
    })
    .await;
}

#[tokio::test]
async fn openai_chat() {
    let Some(specs) = specs() else { return };
    let (whole, event) = (
        schema(&specs, "openai_ChatCompletion"),
        schema(&specs, "openai_ChatCompletionChunk"),
    );
    check_all("openai", &whole, &event, async |sim, stream| {
        let messages = json!([{"role": "user", "content": "hi"}]);
        let request = json!({
            "model": "gpt-5", "messages": messages, "stream": stream, "max_completion_tokens": 10,
        });
        openai(sim, "/chat/completions", &request).await
    })
    .await;
}

#[tokio::test]
async fn anthropic_messages() {
    let Some(specs) = specs() else { return };
    let (whole, event) = (
        schema(&specs, "anthropic_Message"),
        schema(&specs, "anthropic_RawMessageStreamEvent"),
    );
    check_all("anthropic", &whole, &event, async |sim, stream| {
        let messages = json!([{"role": "user", "content": "hi"}]);
        let request = json!({
            "model": "claude-sonnet-4-5", "messages": messages, "stream": stream, "max_tokens": 10,
            "thinking": {"type": "enabled", "budget_tokens": 1024},
        });
        let answer = anthropic(sim, "/messages", &request).await;
        let pings = |line: &&str| !line.contains("\"ping\"");
        let text = answer.text();
        let lines: Vec<&str> = text.lines().filter(pings).collect();
        Answer {
            body: lines.join("\n").into(),
            ..answer
        }
    })
    .await;
}

#[tokio::test]
async fn gemini_content() {
    let Some(specs) = specs() else { return };
    let whole = schema(&specs, "gemini_GenerateContentResponse");
    check_all("gemini", &whole, &whole, async |sim, stream| {
        let method = if stream {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        let contents = json!([{"role": "user", "parts": [{"text": "hi"}]}]);
        let request = json!({"contents": contents, "generationConfig": {
            "maxOutputTokens": 10, "thinkingConfig": {"includeThoughts": true},
        }});
        gemini(sim, &format!("/models/gemini-3-pro:{method}"), &request).await
    })
    .await;
}
