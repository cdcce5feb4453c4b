//! Reading a Converse request, and refusing what Bedrock refuses.

use serde_json::Value;

use super::message::Message;
use crate::answer::Answer;
use crate::fault::Fault;
use crate::json::{elements, text, texts};
use crate::serve::Call;
use crate::turn::{Tool, ToolChoice, Turn};

pub(super) fn answer(call: &Call<'_>, model: &str) -> Result<Message, Fault> {
    let request = call.json()?;
    let turn = read(&request, model)?;
    let thinks = &request["additionalModelRequestFields"]["thinking"];
    let thought = call
        .thought
        .filter(|_| matches!(text(thinks, "type"), "enabled" | "adaptive"));
    Ok(Message {
        number: call.number,
        answer: Answer::to(&turn, call.content, thought),
    })
}

fn read(request: &Value, model: &str) -> Result<Turn, Fault> {
    let mut turn = Turn {
        model: model.to_owned(),
        ..Turn::default()
    };
    let Some(messages) = request["messages"]
        .as_array()
        .filter(|messages| !messages.is_empty())
    else {
        return Err(Fault::invalid(
            "A conversation must start with a user message. Try again with a conversation that \
             starts with a user message.",
        ));
    };
    if !request["system"].is_null() {
        let system: String = elements(request, "system")
            .map(|one| text(one, "text"))
            .collect();
        turn.count(&system);
    }
    let mut used_ids: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        turn.count(&said(message));
        match text(message, "role") {
            "user" => read_user(&mut turn, index, message, &used_ids)?,
            "assistant" => {
                used_ids = elements(message, "content")
                    .filter_map(|block| block["toolUse"]["toolUseId"].as_str())
                    .collect();
                turn.results.clear();
            }
            other => {
                return Err(Fault::invalid(format!(
                    "1 validation error detected: Value '{other}' at 'messages.{index}.member.\
                     role' failed to satisfy constraint: Member must satisfy enum value set: \
                     [user, assistant]"
                )));
            }
        }
    }
    let tools = &request["toolConfig"];
    turn.tools = elements(tools, "tools")
        .map(|tool| &tool["toolSpec"])
        .filter(|tool| tool.is_object())
        .map(|tool| Tool {
            name: text(tool, "name").to_owned(),
            schema: tool["inputSchema"]["json"].clone(),
        })
        .collect();
    let choice = &tools["toolChoice"];
    turn.choice = if choice["any"].is_object() {
        ToolChoice::Required
    } else if let Some(name) = choice["tool"]["name"].as_str() {
        ToolChoice::Named(name.to_owned())
    } else {
        ToolChoice::Auto
    };
    let config = &request["inferenceConfig"];
    turn.max_tokens = config["maxTokens"]
        .as_u64()
        .and_then(|most| usize::try_from(most).ok());
    turn.stops = texts(&config["stopSequences"]);
    Ok(turn)
}

fn read_user(
    turn: &mut Turn,
    index: usize,
    message: &Value,
    used_ids: &[&str],
) -> Result<(), Fault> {
    let results: Vec<&Value> = elements(message, "content")
        .map(|block| &block["toolResult"])
        .filter(|result| result.is_object())
        .collect();
    let answered = results
        .iter()
        .all(|result| used_ids.contains(&text(result, "toolUseId")));
    if !answered || results.len() < used_ids.len() {
        return Err(Fault::invalid(format!(
            "The number of toolResult blocks at messages.{index}.content exceeds or falls short \
             of the number of toolUse blocks of previous turn."
        )));
    }
    turn.results = results.iter().map(|result| told(result)).collect();
    turn.images = elements(message, "content")
        .filter(|block| block["image"].is_object())
        .count();
    let said = said(message);
    if turn.results.is_empty() || !said.is_empty() {
        turn.results.clear();
        turn.said = said;
    }
    Ok(())
}

/// A message's text blocks put together.
fn said(message: &Value) -> String {
    elements(message, "content")
        .map(|block| text(block, "text"))
        .collect()
}

/// A tool's result as text.
fn told(result: &Value) -> String {
    let part = |part: &Value| match &part["json"] {
        Value::Null => text(part, "text").to_owned(),
        json => json.to_string(),
    };
    elements(result, "content").map(part).collect()
}
