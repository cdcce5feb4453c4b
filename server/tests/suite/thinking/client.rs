//! Clients of each dialect as far as a thought and a tool go: they ask, put an answer together
//! again if it came in pieces, and send back all that they were given.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::{Reply, Tenant, TestApp};

/// A client's dialect.
#[derive(Debug, Clone, Copy)]
pub(super) enum Client {
    Chat,
    Responses,
    Messages,
    Gemini,
}

const QUESTION: &str = "What is above?";
const FOUND: &str = "clouds";

impl Client {
    pub(super) const ALL: [Self; 4] = [Self::Chat, Self::Responses, Self::Messages, Self::Gemini];

    /// Asks, with the turns so far, and answers what the model's turn was.
    pub(super) async fn ask(
        self,
        app: &TestApp,
        tenant: &Tenant,
        model: &str,
        streamed: bool,
        turns: &[Value],
    ) -> Result<Value, String> {
        let schema = json!({"type": "object", "properties": {"at": {"type": "string"}}});
        let with = |first: Value| [&[first], turns].concat();
        let user = json!({"role": "user", "content": QUESTION});
        let (path, body) = match self {
            Self::Chat => (
                "/v1/chat/completions".to_owned(),
                json!({
                    "model": model, "stream": streamed, "messages": with(user),
                    "reasoning_effort": "medium",
                    "tools": [{"type": "function", "function": {
                        "name": "look", "parameters": schema,
                    }}],
                }),
            ),
            Self::Responses => (
                "/v1/responses".to_owned(),
                json!({
                    "model": model, "stream": streamed, "input": with(user), "store": false,
                    "include": ["reasoning.encrypted_content"],
                    "reasoning": {"effort": "medium", "summary": "auto"},
                    "tools": [{"type": "function", "name": "look", "parameters": schema}],
                }),
            ),
            Self::Messages => (
                "/v1/messages".to_owned(),
                json!({
                    "model": model, "stream": streamed, "messages": with(user),
                    "max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 2000},
                    "tools": [{"name": "look", "input_schema": schema}],
                }),
            ),
            Self::Gemini => {
                let method = if streamed {
                    "streamGenerateContent?alt=sse"
                } else {
                    "generateContent"
                };
                let user = json!({"role": "user", "parts": [{"text": QUESTION}]});
                (
                    format!("/v1beta/models/{model}:{method}"),
                    json!({
                        "contents": with(user),
                        "generationConfig": {"thinkingConfig": {"includeThoughts": true}},
                        "tools": [{"functionDeclarations": [{
                            "name": "look", "parametersJsonSchema": schema,
                        }]}],
                    }),
                )
            }
        };
        let request = app
            .request(Method::POST, &path)
            .bearer_auth(&tenant.key)
            .header("X-Relay-User", "u")
            .json(&body);
        let reply = Reply::of(request).await;
        if reply.status != 200 {
            return Err(reply.text);
        }
        Ok(match (self, streamed) {
            (Self::Chat, false) => reply.json()["choices"][0]["message"].clone(),
            (Self::Responses, false) => reply.json()["output"].clone(),
            (Self::Messages, false) => reply.json()["content"].clone(),
            (Self::Gemini, false) => reply.json()["candidates"][0]["content"].clone(),
            (Self::Chat, true) => chat_message(&reply.events()),
            (Self::Responses, true) => response_output(&reply.events()),
            (Self::Messages, true) => message_blocks(&reply.events()),
            (Self::Gemini, true) => gemini_content(&reply.events()),
        })
    }

    /// The model's turn as it was given, and what the tool it called has found.
    pub(super) fn turns(self, answer: &Value) -> Vec<Value> {
        match self {
            Self::Chat => {
                let id = &answer["tool_calls"][0]["id"];
                vec![
                    answer.clone(),
                    json!({"role": "tool", "tool_call_id": id, "content": FOUND}),
                ]
            }
            Self::Responses => {
                let mut items = answer.as_array().cloned().unwrap_or_default();
                let call = items.iter().find(|item| item["type"] == "function_call");
                let id = call.map_or(Value::Null, |call| call["call_id"].clone());
                items.push(json!({"type": "function_call_output", "call_id": id, "output": FOUND}));
                items
            }
            Self::Messages => {
                let blocks = answer.as_array().cloned().unwrap_or_default();
                let used = blocks.iter().find(|block| block["type"] == "tool_use");
                let id = used.map_or(Value::Null, |block| block["id"].clone());
                let result = json!({"type": "tool_result", "tool_use_id": id, "content": FOUND});
                vec![
                    json!({"role": "assistant", "content": blocks}),
                    json!({"role": "user", "content": [result]}),
                ]
            }
            Self::Gemini => {
                let parts = answer["parts"].as_array().cloned().unwrap_or_default();
                let call = parts.iter().find(|part| part["functionCall"].is_object());
                let id = call.map_or(Value::Null, |part| part["functionCall"]["id"].clone());
                let mut response = json!({"name": "look", "response": {"result": FOUND}});
                if id.is_string() {
                    response["id"] = id;
                }
                vec![
                    json!({"role": "model", "parts": parts}),
                    json!({"role": "user", "parts": [{"functionResponse": response}]}),
                ]
            }
        }
    }
}

/// Puts a chat message together as the official clients do: texts are joined, elements of lists
/// merged by their index.
fn chat_message(chunks: &[Value]) -> Value {
    let mut message = json!({});
    for chunk in chunks {
        merge(&mut message, &chunk["choices"][0]["delta"]);
    }
    message
}

fn merge(whole: &mut Value, piece: &Value) {
    match (&mut *whole, piece) {
        (_, Value::Null) => {}
        (Value::Object(whole), Value::Object(piece)) => merge_fields(whole, piece),
        (Value::Array(whole), Value::Array(pieces)) => {
            for piece in pieces {
                let same = |known: &&mut Value| known["index"] == piece["index"];
                match whole.iter_mut().find(same) {
                    Some(known) if piece["index"].is_u64() => merge(known, piece),
                    _ => whole.push(piece.clone()),
                }
            }
        }
        (Value::String(whole), Value::String(piece)) => whole.push_str(piece),
        (whole, piece) => *whole = piece.clone(),
    }
}

fn merge_fields(whole: &mut Map<String, Value>, piece: &Map<String, Value>) {
    for (name, value) in piece {
        // Names and kinds are told whole each time; all else grows.
        let is_fixed = ["id", "type", "role", "format", "index"].contains(&name.as_str());
        match whole.get_mut(name) {
            Some(known) if !is_fixed => merge(known, value),
            Some(_) if value.is_null() => {}
            _ => {
                whole.insert(name.clone(), value.clone());
            }
        }
    }
}

fn response_output(events: &[Value]) -> Value {
    let end = events
        .iter()
        .find(|event| event["type"] == "response.completed");
    end.map_or(Value::Null, |end| end["response"]["output"].clone())
}

fn message_blocks(events: &[Value]) -> Value {
    let mut blocks: Vec<Value> = Vec::new();
    let mut input = String::new();
    for event in events {
        let delta = &event["delta"];
        match (event["type"].as_str(), blocks.last_mut()) {
            (Some("content_block_start"), _) => blocks.push(event["content_block"].clone()),
            (Some("content_block_delta"), Some(block)) => {
                for field in ["text", "thinking", "signature"] {
                    if let Some(piece) = delta[field].as_str() {
                        let so_far = block[field].as_str().unwrap_or_default();
                        block[field] = json!(format!("{so_far}{piece}"));
                    }
                }
                input.push_str(delta["partial_json"].as_str().unwrap_or_default());
            }
            (Some("content_block_stop"), Some(block)) if block["type"] == "tool_use" => {
                block["input"] = serde_json::from_str(&input).unwrap_or_default();
                input.clear();
            }
            _ => {}
        }
    }
    json!(blocks)
}

fn gemini_content(chunks: &[Value]) -> Value {
    let parts: Vec<Value> = chunks
        .iter()
        .filter_map(|chunk| chunk["candidates"][0]["content"]["parts"].as_array())
        .flatten()
        .cloned()
        .collect();
    json!({"role": "model", "parts": parts})
}
