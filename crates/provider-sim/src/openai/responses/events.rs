//! A response as the events of a stream, in the order in which OpenAI sends them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::super::error;
use super::resource::{Resource, summary_part, text_part};
use crate::answer::{Call, Finish};
use crate::fault::Fault;
use crate::json::text;

/// Events that are being written.
struct Events<'a> {
    resource: &'a Resource,
    written: Vec<Value>,
    /// The item that is being written.
    output_index: usize,
}

/// Every event, first to last. An event's place is its `sequence_number`.
pub(super) fn of(resource: &Resource) -> Vec<Bytes> {
    let mut events = Events {
        resource,
        written: Vec::new(),
        output_index: 0,
    };
    let beginning = resource.with_status("in_progress");
    events.push("response.created", json!({"response": beginning}));
    events.push("response.in_progress", json!({"response": beginning}));
    let mut calls = resource.answer.calls.iter();
    for item in resource.output() {
        match text(&item, "type") {
            "reasoning" => events.thought(&item),
            "message" => events.message(&item),
            _ => {
                if let Some(call) = calls.next() {
                    events.call(&item, call);
                }
            }
        }
        events.output_index += 1;
    }
    let end = match resource.answer.finish {
        Finish::MaxTokens => "response.incomplete",
        Finish::Done | Finish::Stopped(_) | Finish::Tools => "response.completed",
    };
    events.push(end, json!({"response": resource.json()}));
    events.written.iter().map(frame).collect()
}

/// What OpenAI sends when it fails, by the number of events before.
pub(super) fn failures(resource: &Resource) -> Vec<Bytes> {
    let fault = Fault::new(
        500,
        "The server had an error while processing your request.",
    )
    .code("server_error");
    (0..=of(resource).len())
        .map(|number| {
            let mut told = error(&fault);
            told["type"] = json!("error");
            told["sequence_number"] = json!(number);
            let mut failed = resource.with_status("failed");
            failed["error"] = json!({"code": "server_error", "message": fault.message});
            let end = json!({
                "type": "response.failed",
                "sequence_number": number + 1,
                "response": failed,
            });
            [frame(&told), frame(&end)].concat().into()
        })
        .collect()
}

impl Events<'_> {
    fn push(&mut self, kind: &str, mut event: Value) {
        event["type"] = json!(kind);
        event["sequence_number"] = json!(self.written.len());
        self.written.push(event);
    }

    /// An event of the item that is being written.
    fn push_of(&mut self, kind: &str, item: &Value, mut event: Value) {
        event["item_id"] = item["id"].clone();
        event["output_index"] = json!(self.output_index);
        self.push(kind, event);
    }

    fn added(&mut self, item: &Value) {
        let event = json!({"output_index": self.output_index, "item": item});
        self.push("response.output_item.added", event);
    }

    fn done(&mut self, item: &Value) {
        let event = json!({"output_index": self.output_index, "item": item});
        self.push("response.output_item.done", event);
    }

    fn thought(&mut self, item: &Value) {
        let mut begun = item.clone();
        begun["summary"] = json!([]);
        self.added(&begun);
        let summary = item["summary"][0]["text"].as_str();
        if let Some(summary) = summary {
            let begun = json!({"summary_index": 0, "part": summary_part("")});
            self.push_of("response.reasoning_summary_part.added", item, begun);
            for piece in summary.split_inclusive(' ') {
                let delta = json!({"summary_index": 0, "delta": piece, "obfuscation": "sim"});
                self.push_of("response.reasoning_summary_text.delta", item, delta);
            }
            let whole = json!({"summary_index": 0, "text": summary});
            self.push_of("response.reasoning_summary_text.done", item, whole);
            let part = json!({"summary_index": 0, "part": summary_part(summary)});
            self.push_of("response.reasoning_summary_part.done", item, part);
        }
        self.done(item);
    }

    fn message(&mut self, item: &Value) {
        let mut begun = item.clone();
        begun["status"] = json!("in_progress");
        begun["content"] = json!([]);
        self.added(&begun);
        let part = json!({"content_index": 0, "part": text_part("")});
        self.push_of("response.content_part.added", item, part);
        let answer = &self.resource.answer;
        for piece in answer.pieces() {
            let delta = json!({
                "content_index": 0, "delta": piece, "logprobs": [], "obfuscation": "sim",
            });
            self.push_of("response.output_text.delta", item, delta);
        }
        let whole = json!({"content_index": 0, "text": answer.text, "logprobs": []});
        self.push_of("response.output_text.done", item, whole);
        let part = json!({"content_index": 0, "part": text_part(&answer.text)});
        self.push_of("response.content_part.done", item, part);
        self.done(item);
    }

    fn call(&mut self, item: &Value, call: &Call) {
        let mut begun = item.clone();
        begun["status"] = json!("in_progress");
        begun["arguments"] = json!("");
        self.added(&begun);
        for piece in call.argument_pieces() {
            let delta = json!({"delta": piece, "obfuscation": "sim"});
            self.push_of("response.function_call_arguments.delta", item, delta);
        }
        let whole = json!({"arguments": call.arguments_text(), "name": call.name});
        self.push_of("response.function_call_arguments.done", item, whole);
        self.done(item);
    }
}

/// An event whose name is its data's `type`. This API ends without `[DONE]`.
fn frame(event: &Value) -> Bytes {
    format!("event: {}\ndata: {event}\n\n", text(event, "type")).into()
}
