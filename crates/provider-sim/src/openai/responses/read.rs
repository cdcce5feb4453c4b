//! Reading a request of the Responses API, and refusing what OpenAI refuses.

use serde_json::{Value, json};

use super::memory::Memory;
use crate::fault::Fault;
use crate::json::{elements, text, unknown_field};
use crate::turn::{Tool, ToolChoice, Turn};

/// OpenAI refuses every other field. `client_metadata` is in no reference; OpenAI's own Codex sends
/// it with every request.
const FIELDS: [&str; 32] = [
    "background",
    "client_metadata",
    "context_management",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// A request that has been read.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) request: Value,
    pub(super) turn: Turn,
    /// Every item of the conversation, what came before included, each with an id.
    pub(super) input: Vec<Value>,
}

impl Asked {
    /// Whether the model's thoughts are to be told in short.
    pub(super) fn wants_summary(&self) -> bool {
        self.request["reasoning"]["summary"].is_string()
    }

    /// Whether they are to be handed out encrypted, for the caller to bring back.
    pub(super) fn wants_encrypted(&self) -> bool {
        elements(&self.request, "include").any(|one| one == "reasoning.encrypted_content")
    }
}

pub(super) fn read(
    request: Value,
    number: u64,
    key: &str,
    memory: &mut Memory,
) -> Result<Asked, Fault> {
    if let Some(field) = unknown_field(&request, &FIELDS) {
        let message = format!("Unknown parameter: '{field}'.");
        return Err(Fault::missing(field, message).code("unknown_parameter"));
    }
    let mut turn = Turn {
        model: callable(&request)?,
        ..Turn::default()
    };
    if let Some(instructions) = request["instructions"].as_str() {
        turn.count(instructions);
    }
    let mut input = match request["previous_response_id"].as_str() {
        Some(id) => memory.conversation(id, key)?,
        None => Vec::new(),
    };
    for (index, item) in items(&request)?.into_iter().enumerate() {
        let mut item = match text(&item, "type") {
            "item_reference" => memory.item(text(&item, "id"), key)?,
            _ => item,
        };
        if item["id"].is_null() {
            item["id"] = json!(format!("item_sim{number}_{index}"));
        }
        input.push(item);
    }
    read_items(&mut turn, &input)?;
    turn.tools = elements(&request, "tools")
        .filter(|tool| tool["type"] == "function")
        .map(|tool| Tool {
            name: text(tool, "name").to_owned(),
            schema: tool["parameters"].clone(),
        })
        .collect();
    turn.choice = match &request["tool_choice"] {
        Value::String(word) if word == "none" => ToolChoice::Never,
        Value::String(word) if word == "required" => ToolChoice::Required,
        Value::Object(named) if named.contains_key("name") => {
            ToolChoice::Named(text(&request["tool_choice"], "name").to_owned())
        }
        _ => ToolChoice::Auto,
    };
    turn.max_tokens = request["max_output_tokens"]
        .as_u64()
        .and_then(|most| usize::try_from(most).ok());
    Ok(Asked {
        request,
        turn,
        input,
    })
}

fn callable(request: &Value) -> Result<String, Fault> {
    match request["model"].as_str() {
        None | Some("") => Err(missing("model")),
        Some(name) if name.starts_with("no-such-") => {
            let message = format!("The requested model '{name}' does not exist.");
            Err(Fault::missing("model", message).code("model_not_found"))
        }
        Some(name) => Ok(name.to_owned()),
    }
}

fn missing(field: &str) -> Fault {
    let message = format!("Missing required parameter: '{field}'.");
    Fault::missing(field, message).code("missing_required_parameter")
}

/// The request's own items: a text alone is a message of the user's.
fn items(request: &Value) -> Result<Vec<Value>, Fault> {
    match &request["input"] {
        Value::String(said) => Ok(vec![message(&json!("user"), said)]),
        Value::Array(items) => Ok(items
            .iter()
            .map(|item| match &item["content"] {
                Value::String(said) if item["type"].is_null() => message(&item["role"], said),
                _ if item["type"].is_null() => with_type(item),
                _ => item.clone(),
            })
            .collect()),
        Value::Null if !request["previous_response_id"].is_null() => Ok(Vec::new()),
        _ => Err(missing("input")),
    }
}

fn message(role: &Value, said: &str) -> Value {
    let kind = if role == "assistant" {
        "output_text"
    } else {
        "input_text"
    };
    json!({"type": "message", "role": role, "content": [{"type": kind, "text": said}]})
}

fn with_type(item: &Value) -> Value {
    let mut item = item.clone();
    item["type"] = json!("message");
    item
}

fn read_items(turn: &mut Turn, items: &[Value]) -> Result<(), Fault> {
    let mut open_calls: Vec<&str> = Vec::new();
    let mut assistant_speaks = false;
    for (index, item) in items.iter().enumerate() {
        let of_assistant = matches!(
            (text(item, "type"), text(item, "role")),
            ("function_call", _) | ("message", "assistant")
        );
        match text(item, "type") {
            "message" => read_message(turn, index, item)?,
            "function_call" => {
                if !assistant_speaks {
                    // In a chat these calls are a message without text.
                    turn.count("");
                }
                open_calls.push(text(item, "call_id"));
                turn.results.clear();
            }
            "function_call_output" => {
                let id = text(item, "call_id");
                let Some(at) = open_calls.iter().position(|call| *call == id) else {
                    return Err(Fault::missing(
                        "input",
                        format!("No tool call found for function call output with call_id {id}."),
                    ));
                };
                open_calls.remove(at);
                let result = content_text(&item["output"]);
                turn.count(&result);
                turn.results.push(result);
            }
            // Thoughts, and items of tools that are not simulated.
            _ => {}
        }
        assistant_speaks = of_assistant;
    }
    match open_calls.first() {
        Some(id) => Err(Fault::missing(
            "input",
            format!("No tool output found for function call {id}."),
        )),
        None => Ok(()),
    }
}

fn read_message(turn: &mut Turn, index: usize, item: &Value) -> Result<(), Fault> {
    let content = content_text(&item["content"]);
    turn.count(&content);
    match text(item, "role") {
        "system" | "developer" => {}
        "assistant" => turn.results.clear(),
        "user" => {
            turn.images = elements(item, "content")
                .filter(|part| part["type"] == "input_image")
                .count();
            turn.said = content;
            turn.results.clear();
        }
        other => {
            let field = format!("input[{index}].role");
            let message = format!(
                "Invalid value: '{other}'. Supported values are: 'assistant', 'system', \
                 'developer', and 'user'."
            );
            return Err(Fault::missing(&field, message).code("invalid_value"));
        }
    }
    Ok(())
}

/// Text: plain, or the text parts put together.
fn content_text(content: &Value) -> String {
    match content {
        Value::String(plain) => plain.clone(),
        Value::Array(parts) => parts.iter().map(|part| text(part, "text")).collect(),
        _ => String::new(),
    }
}
