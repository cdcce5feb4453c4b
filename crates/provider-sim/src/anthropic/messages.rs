//! `POST /messages`, whole and streamed, and `POST /messages/count_tokens`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{JSON, error, no_such_model, thinking};
use crate::Provider;
use crate::answer::{Answer, Finish};
use crate::deliver::{Frames, Payload};
use crate::fault::Fault;
use crate::json::{elements, text, texts, unknown_field};
use crate::serve::Call;
use crate::thoughts::seal;
use crate::turn::{Tool, ToolChoice, Turn};

/// Anthropic refuses every other field.
const FIELDS: [&str; 20] = [
    "model",
    "messages",
    "max_tokens",
    "system",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "tools",
    "tool_choice",
    "metadata",
    "thinking",
    "service_tier",
    "container",
    "context_management",
    "mcp_servers",
    "output_config",
    "cache_control",
    "inference_geo",
];

pub(super) fn answer(call: &Call<'_>) -> Result<Payload, Fault> {
    let request = call.json()?;
    if request["max_tokens"].as_u64().is_none_or(|most| most == 0) {
        return Err(Fault::invalid("max_tokens: Field required"));
    }
    let turn = read(&request)?;
    call.shared
        .with_thoughts(|thoughts| thinking::check(&request, thoughts))?;
    let thought = call.thought.filter(|_| thinking::is_on(&request));
    let answer = Answer::to(&turn, call.content, thought);
    call.shared
        .with_thoughts(|thoughts| thoughts.keep(Provider::Anthropic, &answer));
    let message = Message {
        model: turn.model,
        number: call.number,
        answer,
    };
    if request["stream"] != json!(true) {
        return Ok(Payload::json(200, JSON, &message.whole()));
    }
    let fault = Fault::new(529, "Overloaded");
    Ok(Payload {
        status: 200,
        content_type: "text/event-stream; charset=utf-8",
        body: Frames::Events(message.events()),
        error_frames: vec![event(&error(&fault, call.number))],
    })
}

pub(super) fn count(call: &Call<'_>) -> Result<Payload, Fault> {
    let request = call.json()?;
    let turn = read(&request)?;
    call.shared
        .with_thoughts(|thoughts| thinking::check(&request, thoughts))?;
    Ok(Payload::json(
        200,
        JSON,
        &json!({"input_tokens": turn.input_tokens}),
    ))
}

/// Reads the request, and refuses what Anthropic refuses.
fn read(request: &Value) -> Result<Turn, Fault> {
    if let Some(field) = unknown_field(request, &FIELDS) {
        return Err(Fault::invalid(format!(
            "{field}: Extra inputs are not permitted"
        )));
    }
    let model = match request["model"].as_str() {
        None | Some("") => return Err(Fault::invalid("model: Field required")),
        Some(name) if name.starts_with("no-such-") => return Err(no_such_model(name)),
        Some(name) => name.to_owned(),
    };
    let mut turn = Turn {
        model,
        ..Turn::default()
    };
    let Some(messages) = request["messages"]
        .as_array()
        .filter(|messages| !messages.is_empty())
    else {
        return Err(Fault::invalid("messages: at least one message is required"));
    };
    if !request["system"].is_null() {
        turn.count(&content_text(&request["system"]));
    }
    let mut used_ids: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        turn.count(&content_text(&message["content"]));
        match text(message, "role") {
            "user" => read_user(&mut turn, index, message, &used_ids)?,
            "assistant" => {
                let uses = elements(message, "content").filter(|block| block["type"] == "tool_use");
                used_ids = uses.map(|block| text(block, "id")).collect();
                turn.results.clear();
            }
            _ => {
                return Err(Fault::invalid(format!(
                    "messages.{index}.role: Input should be 'user' or 'assistant'"
                )));
            }
        }
    }
    turn.tools = elements(request, "tools")
        .map(|tool| Tool {
            name: text(tool, "name").to_owned(),
            schema: tool["input_schema"].clone(),
        })
        .collect();
    turn.choice = match text(&request["tool_choice"], "type") {
        "none" => ToolChoice::Never,
        "any" => ToolChoice::Required,
        "tool" => ToolChoice::Named(text(&request["tool_choice"], "name").to_owned()),
        _ => ToolChoice::Auto,
    };
    turn.max_tokens = request["max_tokens"]
        .as_u64()
        .and_then(|most| usize::try_from(most).ok());
    turn.stops = texts(&request["stop_sequences"]);
    Ok(turn)
}

fn read_user(
    turn: &mut Turn,
    index: usize,
    message: &Value,
    used_ids: &[&str],
) -> Result<(), Fault> {
    let said = content_text(&message["content"]);
    let blocks = |kind: &'static str| {
        elements(message, "content").filter(move |block| block["type"] == kind)
    };
    turn.results.clear();
    for result in blocks("tool_result") {
        let id = text(result, "tool_use_id");
        if !used_ids.contains(&id) {
            return Err(Fault::invalid(format!(
                "messages.{index}.content.0: unexpected `tool_use_id` found in `tool_result` \
                 blocks: {id}. Each `tool_result` block must have a corresponding `tool_use` \
                 block in the previous message."
            )));
        }
        turn.results.push(content_text(&result["content"]));
    }
    if turn.results.len() < used_ids.len() {
        return Err(Fault::invalid(format!(
            "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after",
            index.saturating_sub(1)
        )));
    }
    turn.images = blocks("image").count();
    if turn.results.is_empty() || !said.is_empty() {
        turn.results.clear();
        turn.said = said;
    }
    Ok(())
}

/// The text of a message or system prompt: plain, or the text blocks put together.
fn content_text(content: &Value) -> String {
    match content {
        Value::String(plain) => plain.clone(),
        Value::Array(blocks) => blocks.iter().map(|block| text(block, "text")).collect(),
        _ => String::new(),
    }
}

/// An answer about to be written.
struct Message {
    model: String,
    number: u64,
    answer: Answer,
}

impl Message {
    fn call_id(&self, index: usize) -> String {
        format!("toolu_sim{}_{index}", self.number)
    }

    fn stop_reason(&self) -> &'static str {
        match self.answer.finish {
            Finish::Done => "end_turn",
            Finish::Stopped(_) => "stop_sequence",
            Finish::MaxTokens => "max_tokens",
            Finish::Tools => "tool_use",
        }
    }

    fn stop_sequence(&self) -> Option<&str> {
        match &self.answer.finish {
            Finish::Stopped(sequence) => Some(sequence),
            _ => None,
        }
    }

    fn usage(&self, output_tokens: usize) -> Value {
        json!({
            "input_tokens": self.answer.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output_tokens,
            "service_tier": "standard",
        })
    }

    fn whole(&self) -> Value {
        let mut content: Vec<Value> = Vec::new();
        if let Some(thought) = &self.answer.thought {
            content
                .push(json!({"type": "thinking", "thinking": thought, "signature": seal(thought)}));
        }
        if self.answer.calls.is_empty() {
            content.push(json!({"type": "text", "text": self.answer.text}));
        }
        content.extend(self.answer.calls.iter().enumerate().map(|(index, call)| {
            json!({
                "type": "tool_use",
                "id": self.call_id(index),
                "name": call.name,
                "input": call.arguments,
            })
        }));
        json!({
            "model": self.model,
            "id": format!("msg_sim{}", self.number),
            "type": "message",
            "role": "assistant",
            "content": content,
            "stop_reason": self.stop_reason(),
            "stop_sequence": self.stop_sequence(),
            "usage": self.usage(self.answer.output_tokens),
        })
    }

    fn events(&self) -> Vec<Bytes> {
        let mut start = self.whole();
        start["content"] = json!([]);
        start["stop_reason"] = Value::Null;
        start["stop_sequence"] = Value::Null;
        start["usage"] = self.usage(1);
        let mut events = vec![json!({"type": "message_start", "message": start})];
        let mut index = 0;
        if let Some(thought) = &self.answer.thought {
            let pieces = thought
                .split_inclusive(' ')
                .map(|piece| json!({"type": "thinking_delta", "thinking": piece}));
            let signature = json!({"type": "signature_delta", "signature": seal(thought)});
            let begin = json!({"type": "thinking", "thinking": "", "signature": ""});
            let deltas = pieces.chain(std::iter::once(signature));
            block(&mut events, index, &begin, deltas);
            index += 1;
        }
        if self.answer.calls.is_empty() {
            let deltas = self
                .answer
                .pieces()
                .map(|piece| json!({"type": "text_delta", "text": piece}));
            block(
                &mut events,
                index,
                &json!({"type": "text", "text": ""}),
                deltas,
            );
        }
        for (place, call) in self.answer.calls.iter().enumerate() {
            let begin = json!({
                "type": "tool_use",
                "id": self.call_id(place),
                "name": call.name,
                "input": {},
            });
            let pieces = std::iter::once(String::new()).chain(call.argument_pieces());
            let deltas =
                pieces.map(|piece| json!({"type": "input_json_delta", "partial_json": piece}));
            block(&mut events, index + place, &begin, deltas);
        }
        events.push(json!({
            "type": "message_delta",
            "delta": {"stop_reason": self.stop_reason(), "stop_sequence": self.stop_sequence()},
            "usage": {"output_tokens": self.answer.output_tokens},
        }));
        events.push(json!({"type": "message_stop"}));
        events.iter().map(event).collect()
    }
}

/// One content block: its start, a ping after the first block's start, its deltas, its stop.
fn block(
    events: &mut Vec<Value>,
    index: usize,
    begin: &Value,
    deltas: impl Iterator<Item = Value>,
) {
    events.push(json!({"type": "content_block_start", "index": index, "content_block": begin}));
    if index == 0 {
        events.push(json!({"type": "ping"}));
    }
    events.extend(
        deltas.map(|delta| json!({"type": "content_block_delta", "index": index, "delta": delta})),
    );
    events.push(json!({"type": "content_block_stop", "index": index}));
}

/// An event whose name is its data's `type`.
fn event(data: &Value) -> Bytes {
    format!("event: {}\ndata: {data}\n\n", text(data, "type")).into()
}
