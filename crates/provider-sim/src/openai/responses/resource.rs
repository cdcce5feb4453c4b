//! A response as OpenAI writes it.

use serde_json::{Map, Value, json};

use super::super::CREATED;
use super::read::Asked;
use crate::answer::{Answer, Finish};
use crate::json::elements;
use crate::thoughts::seal;

/// Fields of the request that come back, with what stands for an absent one.
fn echoed() -> [(&'static str, Value); 17] {
    [
        ("background", json!(false)),
        ("instructions", Value::Null),
        ("max_output_tokens", Value::Null),
        ("max_tool_calls", Value::Null),
        ("metadata", json!({})),
        ("parallel_tool_calls", json!(true)),
        ("previous_response_id", Value::Null),
        ("prompt_cache_key", Value::Null),
        ("prompt_cache_retention", Value::Null),
        ("safety_identifier", Value::Null),
        ("store", json!(true)),
        ("temperature", json!(1.0)),
        ("tool_choice", json!("auto")),
        ("top_logprobs", json!(0)),
        ("top_p", json!(1.0)),
        ("truncation", json!("disabled")),
        ("user", Value::Null),
    ]
}

/// A response and how far it is.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) number: u64,
    pub(super) asked: Asked,
    pub(super) answer: Answer,
    pub(super) status: Status,
}

/// How far a response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Queued,
    InProgress,
    Cancelled,
    /// As the answer says: completed or incomplete.
    Ended,
}

impl Resource {
    pub(super) fn new(number: u64, asked: Asked, answer: Answer) -> Self {
        Self {
            number,
            asked,
            answer,
            status: Status::Ended,
        }
    }

    /// Puts the work off until it is asked after.
    pub(super) fn queue(&mut self) {
        self.status = Status::Queued;
    }

    pub(super) fn id(&self) -> String {
        format!("resp_sim{}", self.number)
    }

    pub(super) fn is_background(&self) -> bool {
        self.asked.request["background"] == json!(true)
    }

    pub(super) fn is_stored(&self) -> bool {
        self.asked.request["store"] != json!(false)
    }

    pub(super) fn item_id(&self, kind: &str, index: usize) -> String {
        format!("{kind}_sim{}_{index}", self.number)
    }

    pub(super) fn call_id(&self, index: usize) -> String {
        format!("call_sim{}_{index}", self.number)
    }

    /// What an item that ends with the answer says of itself.
    pub(super) fn ended(&self) -> &'static str {
        match self.answer.finish {
            Finish::MaxTokens => "incomplete",
            Finish::Done | Finish::Stopped(_) | Finish::Tools => "completed",
        }
    }

    /// The items: the thought if it may be seen, then what is said or called.
    pub(super) fn output(&self) -> Vec<Value> {
        let mut items: Vec<Value> = self.thought().into_iter().collect();
        if self.answer.calls.is_empty() {
            items.push(json!({
                "id": self.item_id("msg", 0),
                "type": "message",
                "status": self.ended(),
                "role": "assistant",
                "content": [text_part(&self.answer.text)],
            }));
        }
        let calls = self.answer.calls.iter().enumerate().map(|(index, call)| {
            json!({
                "id": self.item_id("fc", index),
                "type": "function_call",
                "status": "completed",
                "call_id": self.call_id(index),
                "name": call.name,
                "arguments": call.arguments_text(),
            })
        });
        items.extend(calls);
        items
    }

    fn thought(&self) -> Option<Value> {
        let thought = self.answer.thought.as_deref()?;
        let summary = if self.asked.wants_summary() {
            json!([summary_part(thought)])
        } else {
            json!([])
        };
        let mut item =
            json!({"id": self.item_id("rs", 0), "type": "reasoning", "summary": summary});
        if self.asked.wants_encrypted() {
            item["encrypted_content"] = json!(seal(thought));
        }
        Some(item)
    }

    /// The whole, as far as it is.
    pub(super) fn json(&self) -> Value {
        match self.status {
            Status::Queued => self.with_status("queued"),
            Status::InProgress => self.with_status("in_progress"),
            Status::Cancelled => self.with_status("cancelled"),
            Status::Ended => {
                let mut whole = self.with_status(self.ended());
                if self.answer.finish == Finish::MaxTokens {
                    whole["incomplete_details"] = json!({"reason": "max_output_tokens"});
                } else {
                    whole["completed_at"] = json!(CREATED);
                }
                whole["output"] = Value::Array(self.output());
                whole["usage"] = self.usage();
                whole["service_tier"] = json!("default");
                whole
            }
        }
    }

    /// The response with nothing said yet.
    pub(super) fn with_status(&self, status: &str) -> Value {
        let request = &self.asked.request;
        let mut whole = Map::new();
        for (field, otherwise) in echoed() {
            let value = request.get(field).filter(|value| !value.is_null());
            whole.insert(field.to_owned(), value.cloned().unwrap_or(otherwise));
        }
        let tools: Vec<Value> = elements(request, "tools").map(tool).collect();
        let fixed = json!({
            "id": self.id(),
            "object": "response",
            "created_at": CREATED,
            "completed_at": null,
            "status": status,
            "error": null,
            "frequency_penalty": 0.0,
            "presence_penalty": 0.0,
            "incomplete_details": null,
            "model": self.asked.turn.model,
            "output": [],
            "reasoning": {
                "effort": request["reasoning"]["effort"],
                "summary": request["reasoning"]["summary"],
            },
            "service_tier": "auto",
            "text": text_format(&request["text"]),
            "tools": tools,
            "usage": null,
        });
        if let Value::Object(fixed) = fixed {
            whole.extend(fixed);
        }
        Value::Object(whole)
    }

    fn usage(&self) -> Value {
        let Answer {
            input_tokens,
            output_tokens,
            ..
        } = self.answer;
        json!({
            "input_tokens": input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": self.answer.thought_tokens()},
            "total_tokens": input_tokens + output_tokens,
        })
    }
}

pub(super) fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
}

pub(super) fn summary_part(text: &str) -> Value {
    json!({"type": "summary_text", "text": text})
}

/// A tool as it comes back: a function with what OpenAI fills in.
fn tool(tool: &Value) -> Value {
    let mut tool = tool.clone();
    if tool["type"] == "function" {
        for (field, otherwise) in [
            ("description", Value::Null),
            ("parameters", json!({"type": "object", "properties": {}})),
            ("strict", json!(true)),
        ] {
            if tool[field].is_null() {
                tool[field] = otherwise;
            }
        }
    }
    tool
}

fn text_format(asked: &Value) -> Value {
    let format = match &asked["format"] {
        Value::Null => json!({"type": "text"}),
        format => format.clone(),
    };
    let verbosity = asked["verbosity"].as_str().unwrap_or("medium");
    json!({"format": format, "verbosity": verbosity})
}
