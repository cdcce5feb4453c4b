//! `POST /chat/completions`, whole and streamed.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{CREATED, JSON, callable, error};
use crate::answer::{Answer, Finish};
use crate::deliver::{Frames, Payload};
use crate::fault::Fault;
use crate::json::{elements, text, texts};
use crate::serve::Call;
use crate::turn::{Tool, ToolChoice, Turn};

/// Answers a request whose body has been read.
pub(crate) fn answer(call: &Call<'_>, request: &Value) -> Result<Payload, Fault> {
    let turn = read(request)?;
    let answer = Answer::to(&turn, call.content, call.thought);
    let completion = Completion {
        model: turn.model,
        number: call.number,
        answer,
    };
    if request["stream"] != json!(true) {
        return Ok(Payload::json(200, JSON, &completion.whole()));
    }
    let with_usage = request["stream_options"]["include_usage"] == json!(true);
    let fault = Fault::new(
        500,
        "The server had an error while processing your request.",
    );
    Ok(Payload {
        status: 200,
        content_type: "text/event-stream; charset=utf-8",
        body: Frames::Events(completion.events(with_usage)),
        error_frames: vec![event(&error(&fault))],
    })
}

/// Reads the request, and refuses what OpenAI refuses.
fn read(request: &Value) -> Result<Turn, Fault> {
    let mut turn = Turn {
        model: callable(request)?,
        ..Turn::default()
    };
    let Some(messages) = request["messages"]
        .as_array()
        .filter(|messages| !messages.is_empty())
    else {
        return Err(Fault::missing(
            "messages",
            "Missing required parameter: 'messages'.",
        ));
    };
    let mut offered_ids: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let content = content_text(&message["content"]);
        turn.count(&content);
        match text(message, "role") {
            "system" | "developer" => {}
            "user" => {
                turn.images = elements(message, "content")
                    .filter(|part| part["type"] == "image_url")
                    .count();
                turn.said = content;
                turn.results.clear();
            }
            "assistant" => {
                offered_ids = elements(message, "tool_calls")
                    .map(|call| text(call, "id"))
                    .collect();
                turn.results.clear();
            }
            "tool" if offered_ids.contains(&text(message, "tool_call_id")) => {
                turn.results.push(content);
            }
            "tool" => {
                return Err(Fault::missing(
                    &format!("messages.[{index}].role"),
                    "Invalid parameter: messages with role 'tool' must be a response to a \
                     preceeding message with 'tool_calls'.",
                ));
            }
            other => {
                return Err(Fault::missing(
                    &format!("messages[{index}].role"),
                    format!(
                        "Invalid value: '{other}'. Supported values are: 'system', 'assistant', \
                         'user', 'function', 'tool', and 'developer'."
                    ),
                ));
            }
        }
    }
    turn.tools = elements(request, "tools")
        .filter(|tool| tool["type"] == "function")
        .map(|tool| Tool {
            name: text(&tool["function"], "name").to_owned(),
            schema: tool["function"]["parameters"].clone(),
        })
        .collect();
    turn.choice = match &request["tool_choice"] {
        Value::String(word) if word == "none" => ToolChoice::Never,
        Value::String(word) if word == "required" => ToolChoice::Required,
        Value::Object(_) => {
            ToolChoice::Named(text(&request["tool_choice"]["function"], "name").to_owned())
        }
        _ => ToolChoice::Auto,
    };
    turn.max_tokens = request["max_completion_tokens"]
        .as_u64()
        .or_else(|| request["max_tokens"].as_u64())
        .and_then(|most| usize::try_from(most).ok());
    turn.stops = texts(&request["stop"]);
    Ok(turn)
}

/// A message's text: plain, or the text parts put together.
fn content_text(content: &Value) -> String {
    match content {
        Value::String(plain) => plain.clone(),
        Value::Array(parts) => parts.iter().map(|part| text(part, "text")).collect(),
        _ => String::new(),
    }
}

/// An answer about to be written.
struct Completion {
    model: String,
    number: u64,
    answer: Answer,
}

impl Completion {
    fn id(&self) -> String {
        format!("chatcmpl-sim{}", self.number)
    }

    fn call_id(&self, index: usize) -> String {
        format!("call_sim{}_{index}", self.number)
    }

    fn finish_reason(&self) -> &'static str {
        match self.answer.finish {
            Finish::Done | Finish::Stopped(_) => "stop",
            Finish::MaxTokens => "length",
            Finish::Tools => "tool_calls",
        }
    }

    fn usage(&self) -> Value {
        let Answer {
            input_tokens,
            output_tokens,
            ..
        } = self.answer;
        json!({
            "prompt_tokens": input_tokens,
            "completion_tokens": output_tokens,
            "total_tokens": input_tokens + output_tokens,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": self.answer.thought_tokens(),
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        })
    }

    fn whole(&self) -> Value {
        let mut message = json!({
            "role": "assistant",
            "content": self.answer.text,
            "refusal": null,
            "annotations": [],
        });
        if !self.answer.calls.is_empty() {
            message["content"] = Value::Null;
            message["tool_calls"] = self
                .answer
                .calls
                .iter()
                .enumerate()
                .map(|(index, call)| {
                    json!({
                        "id": self.call_id(index),
                        "type": "function",
                        "function": {"name": call.name, "arguments": call.arguments_text()},
                    })
                })
                .collect();
        }
        json!({
            "id": self.id(),
            "object": "chat.completion",
            "created": CREATED,
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": message,
                "logprobs": null,
                "finish_reason": self.finish_reason(),
            }],
            "usage": self.usage(),
            "service_tier": "default",
            "system_fingerprint": "fp_simulated",
        })
    }

    fn events(&self, with_usage: bool) -> Vec<Bytes> {
        let mut events = Vec::new();
        let mut choice = |delta: Value, finish: Option<&str>| {
            let choice =
                json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
            let mut chunk = self.chunk(&json!([choice]));
            if with_usage {
                chunk["usage"] = Value::Null;
            }
            events.push(event(&chunk));
        };
        if self.answer.calls.is_empty() {
            choice(
                json!({"role": "assistant", "content": "", "refusal": null}),
                None,
            );
        } else {
            choice(json!({"role": "assistant", "content": null}), None);
        }
        for piece in self.answer.pieces() {
            choice(json!({"content": piece}), None);
        }
        for (index, call) in self.answer.calls.iter().enumerate() {
            let first = json!({
                "index": index,
                "id": self.call_id(index),
                "type": "function",
                "function": {"name": call.name, "arguments": ""},
            });
            choice(json!({"tool_calls": [first]}), None);
            for piece in call.argument_pieces() {
                let more = json!({"index": index, "function": {"arguments": piece}});
                choice(json!({"tool_calls": [more]}), None);
            }
        }
        choice(json!({}), Some(self.finish_reason()));
        if with_usage {
            let mut chunk = self.chunk(&json!([]));
            chunk["usage"] = self.usage();
            events.push(event(&chunk));
        }
        events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        events
    }

    fn chunk(&self, choices: &Value) -> Value {
        json!({
            "id": self.id(),
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_simulated",
            "choices": choices,
        })
    }
}

fn event(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}
