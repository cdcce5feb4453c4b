//! Tools through every provider, whole and streamed, with OpenAI's words on the caller's side.

use relay_provider_sim::Reply as Script;
use serde_json::{Value, json};

use crate::support::{CHAT_MODELS, TestApp};

on_each_database!(
    a_tool_is_called_and_its_result_is_told,
    several_calls_at_once_keep_their_order_and_arguments,
    a_streamed_call_adds_up_to_the_same_arguments,
);

fn tools() -> Value {
    json!([{ "type": "function", "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": { "city": { "type": "string" } },
            "required": ["city"],
        },
    } }])
}

async fn a_tool_is_called_and_its_result_is_told(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        app.sim.clear_received();
        let asked = json!({ "role": "user", "content": "get_weather {\"city\":\"Seoul\"}" });
        let first = app
            .chat(
                &tenant,
                "u",
                model,
                json!({ "messages": [asked], "tools": tools(), "tool_choice": "required" }),
            )
            .await;
        assert_eq!(first.status, 200, "{provider}: {}", first.text);
        let choice = first.json()["choices"][0].clone();
        assert_eq!(choice["finish_reason"], "tool_calls", "{provider}");
        let call = &choice["message"]["tool_calls"][0];
        assert_eq!(call["type"], "function");
        assert_eq!(call["function"]["name"], "get_weather");
        assert_eq!(arguments(&call["function"]), json!({ "city": "Seoul" }));
        let sent = app.sim.received()[0].json();
        let schema = match provider {
            "openai" => &sent["tools"][0]["function"]["parameters"],
            "anthropic" => &sent["tools"][0]["input_schema"],
            _ => {
                let declared = &sent["tools"][0]["functionDeclarations"][0];
                match &declared["parametersJsonSchema"] {
                    Value::Null => &declared["parameters"],
                    schema => schema,
                }
            }
        };
        assert!(
            schema["properties"]["city"].is_object(),
            "{provider}: {sent}"
        );
        let result = json!({ "role": "tool", "tool_call_id": call["id"], "content": "sunny" });
        let messages = json!([asked, choice["message"], result]);
        let second = app
            .chat(
                &tenant,
                "u",
                model,
                json!({ "messages": messages, "tools": tools() }),
            )
            .await;
        let answer = second.json()["choices"][0].clone();
        let told = answer["message"]["content"].as_str().unwrap_or_default();
        assert!(
            told.starts_with("The tool answered:") && told.contains("sunny"),
            "{provider}: {}",
            second.text
        );
        assert_eq!(answer["finish_reason"], "stop", "{provider}");
    }
}

async fn several_calls_at_once_keep_their_order_and_arguments(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        app.sim.script(provider, two_calls());
        let reply = app
            .chat(&tenant, "u", model, json!({ "tools": tools() }))
            .await;
        assert_eq!(reply.status, 200, "{provider}: {}", reply.text);
        let calls = reply.json()["choices"][0]["message"]["tool_calls"].clone();
        let cities: Vec<Value> = calls
            .as_array()
            .expect("calls")
            .iter()
            .map(|call| arguments(&call["function"])["city"].clone())
            .collect();
        assert_eq!(cities, ["Seoul", "Oslo \"north\""], "{provider}");
        assert_ne!(calls[0]["id"], calls[1]["id"], "{provider}");
    }
}

async fn a_streamed_call_adds_up_to_the_same_arguments(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        app.sim.script(provider, two_calls());
        let stream = app
            .stream(&tenant, "u", model, json!({ "tools": tools() }))
            .await;
        let reply = stream.whole().await;
        assert!(reply.is_done(), "{provider}: {}", reply.text);
        let mut written = [String::new(), String::new()];
        let mut names = Vec::new();
        let mut finish = None;
        for chunk in reply.events() {
            let choice = &chunk["choices"][0];
            if let Some(reason) = choice["finish_reason"].as_str() {
                finish = Some(reason.to_owned());
            }
            for call in choice["delta"]["tool_calls"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let index = usize::try_from(call["index"].as_u64().expect("an index"));
                let index = index.expect("small");
                if let Some(name) = call["function"]["name"].as_str() {
                    assert!(call["id"].is_string(), "{provider}: {call}");
                    names.push(name.to_owned());
                }
                written[index].push_str(call["function"]["arguments"].as_str().unwrap_or_default());
            }
        }
        assert_eq!(finish.as_deref(), Some("tool_calls"), "{provider}");
        assert_eq!(names, ["get_weather", "get_weather"], "{provider}");
        let cities = written.map(|text| {
            serde_json::from_str::<Value>(&text).expect("whole arguments")["city"].clone()
        });
        assert_eq!(cities, ["Seoul", "Oslo \"north\""], "{provider}");
    }
}

fn two_calls() -> Script {
    Script::tool_calls(
        ["Seoul", "Oslo \"north\""].map(|city| ("get_weather".to_owned(), json!({ "city": city }))),
    )
}

fn arguments(function: &Value) -> Value {
    let text = function["arguments"].as_str().expect("arguments are text");
    serde_json::from_str(text).expect("arguments are JSON")
}
