//! The simulated Azure OpenAI.

use crate::support::{Answer, send, sim};
use relay_provider_sim::{Provider, Sim};
use serde_json::{Value, json};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const VERSION: &str = "api-version=2024-10-21";

async fn azure() -> Sim {
    let sim = sim().await;
    sim.allow_key("azure", KEY);
    sim
}

async fn ask(sim: &Sim, path: &str, body: &Value) -> Answer {
    let url = format!("{}{path}", sim.url(Provider::Azure));
    let method = if body.is_null() { "GET" } else { "POST" };
    send(method, &url, &[("api-key", KEY)], body).await
}

fn chat(stream: bool) -> Value {
    json!({"messages": [{"role": "user", "content": "hello there"}], "stream": stream})
}

#[tokio::test]
async fn a_deployment_answers_under_its_own_name() {
    let sim = azure().await;
    let path = format!("/openai/deployments/our-gpt/chat/completions?{VERSION}");
    let whole = ask(&sim, &path, &chat(false)).await;
    let body = whole.json();
    assert_eq!(body["model"], "our-gpt");
    let choice = &body["choices"][0];
    assert_eq!(choice["message"]["content"], "You said: hello there");
    assert!(choice["content_filter_results"].is_object());
    assert!(whole.headers.contains_key("apim-request-id"));

    let events = ask(&sim, &path, &chat(true)).await.events();
    assert!(events[0]["choices"].as_array().expect("choices").is_empty());
    assert!(events[0]["prompt_filter_results"].is_array());

    let path = format!("/openai/deployments/our-embedding/embeddings?{VERSION}");
    let vectors = ask(&sim, &path, &json!({"input": "a cat"})).await.json();
    assert_eq!(vectors["data"].as_array().expect("vectors").len(), 1);
}

#[tokio::test]
async fn openais_own_paths_are_served_below_v1() {
    let sim = azure().await;
    let request = json!({"model": "our-gpt", "input": "hi"});
    let answer = ask(&sim, "/openai/v1/responses", &request).await.json();
    assert_eq!(answer["output"][0]["content"][0]["text"], "You said: hi");
    let models = ask(&sim, &format!("/openai/models?{VERSION}"), &Value::Null).await;
    assert!(models.json()["data"].is_array());
}

#[tokio::test]
async fn no_version_no_deployment_and_no_key_are_refused() {
    let sim = azure().await;
    let path = "/openai/deployments/our-gpt/chat/completions";
    assert_eq!(ask(&sim, path, &chat(false)).await.status, 404);
    let path = format!("/openai/deployments/no-such-one/chat/completions?{VERSION}");
    let answer = ask(&sim, &path, &chat(false)).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["error"]["code"], "DeploymentNotFound");
    let url = format!("{}/openai/models?{VERSION}", sim.url(Provider::Azure));
    let answer = send("GET", &url, &[("api-key", "wrong")], &Value::Null).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error"]["code"], "401");
}
