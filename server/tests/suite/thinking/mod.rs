//! A tool is used in the middle of a thought, over every pair of dialects. Providers sign what
//! their models think and refuse to go on without it; clients send back what they were given. So
//! what Relay gives a client of another dialect must hold the provider's signature.

mod client;

use relay_provider_sim::Reply as Script;
use serde_json::{Value, json};

use crate::support::{Kind, TestApp};
use client::Client;

/// Hosts that sign thoughts, with a model of theirs.
const UPSTREAMS: [(&str, &str); 3] = [
    ("openai", "gpt-5-codex"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-3-flash-preview"),
];
const THOUGHT: &str = "I should look up.";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thought_survives_the_use_of_a_tool_in_every_dialect() {
    let app = TestApp::start(Kind::Sqlite).await;
    let mut lost = Vec::new();
    for (provider, model) in UPSTREAMS {
        for client in Client::ALL {
            for streamed in [false, true] {
                // A tenant for each, so that no other's thoughts are at hand.
                let name = format!("{client:?} {streamed} {provider}");
                if let Err(fault) = use_a_tool(&app, &name, client, streamed, provider, model).await
                {
                    lost.push(format!("{name}: {fault}"));
                }
            }
        }
    }
    assert!(lost.is_empty(), "\n{}", lost.join("\n"));
    app.finish().await;
}

async fn use_a_tool(
    app: &TestApp,
    name: &str,
    client: Client,
    streamed: bool,
    provider: &str,
    model: &str,
) -> Result<(), String> {
    let tenant = app.tenant(name).await;
    app.plant(&tenant, "u", provider, None).await;
    app.sim.clear_scripts();
    let call = Script::tool_call("look", json!({"at": name}));
    app.sim.script(provider, call.thinking(THOUGHT));
    let first = client.ask(app, &tenant, model, streamed, &[]).await?;
    let turns = client.turns(&first);
    let second = client.ask(app, &tenant, model, streamed, &turns).await?;
    // The simulated provider has refused a thought that was lost or changed, if thinking was on.
    if !second.to_string().contains("clouds") {
        return Err(format!("the answer is {second}"));
    }
    let sent = app.sim.received().pop().map(|request| request.json());
    let sent = sent.unwrap_or_default();
    if is_thinking(provider, &sent) {
        Ok(())
    } else {
        Err(format!("the provider was sent {sent}"))
    }
}

/// Whether a request lets the model think and brings its thought back.
fn is_thinking(provider: &str, sent: &Value) -> bool {
    let any = |list: &Value, holds: fn(&Value) -> bool| {
        list.as_array().is_some_and(|list| list.iter().any(holds))
    };
    match provider {
        "openai" => any(&sent["input"], |item| item["encrypted_content"].is_string()),
        "anthropic" => {
            let is_on = ["enabled", "adaptive"].map(|word| json!(word));
            is_on.contains(&sent["thinking"]["type"])
                && any(&sent["messages"], |message| {
                    message["content"][0]["signature"].is_string()
                })
        }
        _ => any(&sent["contents"], |content| {
            let parts = content["parts"].as_array();
            parts.is_some_and(|parts| {
                parts
                    .iter()
                    .any(|part| part["thoughtSignature"].is_string())
            })
        }),
    }
}
