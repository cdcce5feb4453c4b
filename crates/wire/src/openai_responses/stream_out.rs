//! Writes a stream of response events for a client. The last event holds the whole answer, which
//! the official clients rely on: this encoder keeps what it wrote, unlike those of other dialects.

use serde_json::{Value, json};

use super::error::{event_of, failure_of};
use super::item_out::{Ids, output_format};
use super::portable::{INPUT, call_item, prefix};
use super::response_out::{complete, head, incomplete_reason};
use super::{OWN, logprobs};
use crate::json::{Object, object};
use crate::sse::write_event;
use crate::{
    Annotation, ApiError, BlockDelta, BlockKind, ChatEvent, FinishReason, Signature, StreamEncoder,
    StreamOptions, StreamStart, Usage,
};

/// The state of one client stream.
pub(super) struct EventEncoder {
    options: StreamOptions,
    start: StreamStart,
    sequence: u64,
    ids: Ids,
    /// The items that are done.
    output: Vec<Value>,
    /// The message that is open: neighbouring texts are one message.
    message: Option<Message>,
    pub(super) open: Open,
    finish: FinishReason,
    usage: Option<Usage>,
    ended: bool,
}

struct Message {
    id: String,
    content: Vec<Value>,
}

/// The block that is open.
pub(super) enum Open {
    /// None, or one that has no word here and is left out.
    None,
    Text {
        text: String,
        annotations: Vec<Value>,
        /// Sources that support the whole text, which is known at its end.
        late: Vec<Annotation>,
        logprobs: Vec<Value>,
    },
    Refusal(String),
    Reasoning {
        id: String,
        text: String,
        signature: Option<Signature>,
    },
    Call {
        item: Object,
        arguments: String,
    },
}

impl StreamEncoder for EventEncoder {
    fn push(&mut self, event: &ChatEvent, out: &mut Vec<u8>) {
        match event {
            ChatEvent::Start(start) => self.begin(start, out),
            // Responses has one answer; requests that ask for more never come in this dialect.
            ChatEvent::BlockStart {
                choice: 0, kind, ..
            } => self.block_start(kind, out),
            ChatEvent::BlockDelta {
                choice: 0, delta, ..
            } => self.block_delta(delta, out),
            ChatEvent::BlockEnd { choice: 0, .. } => self.block_end(out),
            ChatEvent::Logprobs { choice: 0, value } => self.add_logprobs(value),
            ChatEvent::Finish {
                choice: 0, reason, ..
            } => self.finish = *reason,
            ChatEvent::Usage(usage) => self.usage = Some(*usage),
            _ => {}
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.close_message(out);
        let mut response = self.response();
        complete(&mut response, self.finish, self.usage.as_ref());
        let kind = if incomplete_reason(self.finish).is_some() {
            "response.incomplete"
        } else {
            "response.completed"
        };
        self.write(kind, json!({"response": response}), out);
    }

    fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.write("error", event_of(error), out);
        let mut response = self.response();
        response.insert("status".to_owned(), "failed".into());
        response.insert("error".to_owned(), failure_of(error));
        self.write("response.failed", json!({"response": response}), out);
    }
}

impl EventEncoder {
    pub(super) fn new(options: StreamOptions) -> Self {
        Self {
            options,
            start: StreamStart::default(),
            sequence: 0,
            ids: Ids::default(),
            output: Vec::new(),
            message: None,
            open: Open::None,
            finish: FinishReason::Stop,
            usage: None,
            ended: false,
        }
    }

    /// Writes one event with its number.
    fn write(&mut self, kind: &str, fields: Value, out: &mut Vec<u8>) {
        let mut event = object(json!({"type": kind, "sequence_number": self.sequence}));
        event.extend(object(fields));
        self.sequence += 1;
        write_event(Some(kind), Value::Object(event).to_string().as_bytes(), out);
    }

    /// Writes an event about the item that is open: it stands behind those that are done.
    pub(super) fn write_of_item(&mut self, kind: &str, id: &str, fields: Value, out: &mut Vec<u8>) {
        let mut event = object(json!({"item_id": id, "output_index": self.output.len()}));
        event.extend(object(fields));
        self.write(kind, Value::Object(event), out);
    }

    fn response(&self) -> Object {
        let start = &self.start;
        let mut response = head(&start.id, &start.model, start.created.unwrap_or_default());
        response.insert("output".to_owned(), self.output.clone().into());
        response
    }

    fn begin(&mut self, start: &StreamStart, out: &mut Vec<u8>) {
        self.start = self.options.completed(start);
        self.ids = Ids::new(&self.start.id);
        for kind in ["response.created", "response.in_progress"] {
            let response = self.response();
            self.write(kind, json!({"response": response}), out);
        }
    }

    fn item_added(&mut self, item: &Value, out: &mut Vec<u8>) {
        let place = self.output.len();
        let fields = json!({"output_index": place, "item": item});
        self.write("response.output_item.added", fields, out);
    }

    pub(super) fn item_done(&mut self, item: Value, out: &mut Vec<u8>) {
        let place = self.output.len();
        let fields = json!({"output_index": place, "item": item});
        self.write("response.output_item.done", fields, out);
        self.output.push(item);
    }

    /// An item that comes all at once.
    fn whole_item(&mut self, item: Value, out: &mut Vec<u8>) {
        self.close_message(out);
        self.item_added(&item, out);
        self.item_done(item, out);
    }

    fn block_start(&mut self, kind: &BlockKind, out: &mut Vec<u8>) {
        match kind {
            BlockKind::Text => {
                let part = json!({
                    "type": "output_text", "text": "", "annotations": [], "logprobs": [],
                });
                self.part_added(&part, out);
                self.open = Open::Text {
                    text: String::new(),
                    annotations: Vec::new(),
                    late: Vec::new(),
                    logprobs: Vec::new(),
                };
            }
            BlockKind::Refusal => {
                self.part_added(&json!({"type": "refusal", "refusal": ""}), out);
                self.open = Open::Refusal(String::new());
            }
            BlockKind::Reasoning => {
                self.close_message(out);
                let id = self.ids.next("rs");
                self.item_added(&json!({"type": "reasoning", "id": id, "summary": []}), out);
                self.open = Open::Reasoning {
                    id,
                    text: String::new(),
                    signature: None,
                };
            }
            BlockKind::RedactedReasoning(signature) => self.withheld(signature, out),
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => {
                self.close_message(out);
                if let Some(signature) = signature {
                    self.withheld(signature, out);
                }
                let mut item = call_item(&self.options.tool_names, name, id);
                let id = self.ids.next(prefix(&item));
                item.insert("id".to_owned(), id.into());
                item.insert("status".to_owned(), "in_progress".into());
                self.item_added(&Value::Object(item.clone()), out);
                self.open = Open::Call {
                    item,
                    arguments: String::new(),
                };
            }
            BlockKind::Image { media_type, data } => {
                let mut item = json!({
                    "type": "image_generation_call", "id": self.ids.next("ig"),
                    "status": "completed", "result": data,
                });
                if let Some(format) = output_format(media_type) {
                    item["output_format"] = format.into();
                }
                self.whole_item(item, out);
            }
            BlockKind::Native {
                dialect: OWN,
                value,
            } => self.whole_item(value.clone(), out),
            // What only another dialect knows.
            BlockKind::Native { .. } => {}
        }
    }

    /// A reasoning item that only whoever made it can read.
    fn withheld(&mut self, signature: &Signature, out: &mut Vec<u8>) {
        let id = self.ids.next("rs");
        let data = signature.opaque_for(OWN);
        let item = json!({
            "type": "reasoning", "id": id, "summary": [], "encrypted_content": data,
        });
        self.whole_item(item, out);
    }

    /// Begins a content part, in the open message or a new one.
    fn part_added(&mut self, part: &Value, out: &mut Vec<u8>) {
        if self.message.is_none() {
            let id = self.ids.next("msg");
            let item = message(&id, "in_progress", &[]);
            self.item_added(&item, out);
            self.message = Some(Message {
                id,
                content: Vec::new(),
            });
        }
        self.write_of_part("response.content_part.added", json!({"part": part}), out);
    }

    /// Writes an event about the content part that is open.
    pub(super) fn write_of_part(&mut self, kind: &str, fields: Value, out: &mut Vec<u8>) {
        if let Some(message) = &self.message {
            let (id, place) = (message.id.clone(), message.content.len());
            let mut event = object(json!({"content_index": place}));
            event.extend(object(fields));
            self.write_of_item(kind, &id, Value::Object(event), out);
        }
    }

    pub(super) fn part_done(&mut self, part: Value, out: &mut Vec<u8>) {
        self.write_of_part("response.content_part.done", json!({"part": part}), out);
        if let Some(message) = &mut self.message {
            message.content.push(part);
        }
    }

    fn close_message(&mut self, out: &mut Vec<u8>) {
        if let Some(open) = self.message.take() {
            self.item_done(message(&open.id, "completed", &open.content), out);
        }
    }

    fn block_delta(&mut self, delta: &BlockDelta, out: &mut Vec<u8>) {
        match (delta, &mut self.open) {
            (BlockDelta::Text(more), Open::Text { text, .. }) => {
                text.push_str(more);
                let fields = json!({"delta": more, "logprobs": []});
                self.write_of_part("response.output_text.delta", fields, out);
            }
            (BlockDelta::Text(more), Open::Refusal(text)) => {
                text.push_str(more);
                self.write_of_part("response.refusal.delta", json!({"delta": more}), out);
            }
            (BlockDelta::Text(more), Open::Reasoning { id, text, .. }) => {
                let (id, is_first) = (id.clone(), text.is_empty());
                text.push_str(more);
                if is_first {
                    let part = json!({"type": "summary_text", "text": ""});
                    let fields = json!({"summary_index": 0, "part": part});
                    self.write_of_item("response.reasoning_summary_part.added", &id, fields, out);
                }
                let fields = json!({"summary_index": 0, "delta": more});
                self.write_of_item("response.reasoning_summary_text.delta", &id, fields, out);
            }
            (BlockDelta::Signature(new), Open::Reasoning { signature, .. }) => {
                *signature = Some(new.clone());
            }
            (BlockDelta::Arguments(more), Open::Call { item, arguments }) => {
                arguments.push_str(more);
                // Free text stands within the arguments: it is written when they are complete.
                if item.contains_key(INPUT) {
                    return;
                }
                let id = item["id"].as_str().unwrap_or_default().to_owned();
                let fields = json!({"delta": more});
                self.write_of_item("response.function_call_arguments.delta", &id, fields, out);
            }
            (BlockDelta::Annotation(new @ Annotation::Url { .. }), Open::Text { .. }) => {
                self.annotate(new, 0, out);
            }
            (BlockDelta::Annotation(new), Open::Text { late, .. }) => late.push(new.clone()),
            _ => {}
        }
    }

    fn add_logprobs(&mut self, value: &Value) {
        if let Open::Text { logprobs, .. } = &mut self.open {
            logprobs.extend(logprobs::list(value));
        }
    }
}

fn message(id: &str, status: &str, content: &[Value]) -> Value {
    json!({
        "type": "message", "id": id, "status": status, "role": "assistant", "content": content,
    })
}
