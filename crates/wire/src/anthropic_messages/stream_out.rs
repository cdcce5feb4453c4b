//! Writes a stream of message events for a client.

use serde_json::{Value, json};

use super::content_out::{tool_id, withheld};
use super::error::object_of;
use super::response_out::stop_reason;
use super::usage::usage_to;
use crate::json::object;
use crate::sse::write_event;
use crate::{
    Annotation, ApiError, BlockDelta, BlockKind, ChatEvent, Dialect, FinishReason, StreamEncoder,
    StreamOptions, StreamStart, Usage,
};

const OWN: Dialect = Dialect::AnthropicMessages;

/// The state of one client stream.
pub(super) struct EventEncoder {
    options: StreamOptions,
    next_index: u64,
    /// What the open block is; `None` for one that has no word here and is left out.
    open: Option<&'static str>,
    finish: FinishReason,
    stop_sequence: Option<String>,
    usage: Usage,
    ended: bool,
}

impl StreamEncoder for EventEncoder {
    fn push(&mut self, event: &ChatEvent, out: &mut Vec<u8>) {
        match event {
            ChatEvent::Start(start) => self.start(start, out),
            // Anthropic has one answer; requests that ask for more never come in this dialect.
            ChatEvent::BlockStart {
                choice: 0, kind, ..
            } => self.block_start(kind, out),
            ChatEvent::BlockDelta {
                choice: 0, delta, ..
            } => self.block_delta(delta, out),
            ChatEvent::BlockEnd { choice: 0, .. } => self.block_end(out),
            ChatEvent::Finish {
                choice: 0,
                reason,
                stop_sequence,
            } => {
                self.finish = *reason;
                self.stop_sequence.clone_from(stop_sequence);
            }
            ChatEvent::Usage(usage) => self.usage = *usage,
            _ => {}
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let delta = json!({
            "stop_reason": stop_reason(self.finish, self.stop_sequence.is_some()),
            "stop_sequence": self.stop_sequence,
        });
        let mut usage = object(usage_to(&self.usage));
        // The schema of this event has no such field.
        usage.shift_remove("cache_creation");
        write(
            &json!({"type": "message_delta", "delta": delta, "usage": usage}),
            out,
        );
        write(&json!({"type": "message_stop"}), out);
    }

    fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.ended, true) {
            write(&object_of(error), out);
        }
    }
}

impl EventEncoder {
    pub(super) fn new(options: StreamOptions) -> Self {
        Self {
            options,
            next_index: 0,
            open: None,
            finish: FinishReason::Stop,
            stop_sequence: None,
            usage: Usage::default(),
            ended: false,
        }
    }

    fn start(&mut self, start: &StreamStart, out: &mut Vec<u8>) {
        let start = self.options.completed(start);
        let message = json!({
            "id": start.id,
            "type": "message",
            "role": "assistant",
            "model": start.model,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            // Where the upstream counts only at the end, so does the last event of this stream.
            "usage": usage_to(&start.usage.unwrap_or_default()),
        });
        write(&json!({"type": "message_start", "message": message}), out);
    }

    fn block_start(&mut self, kind: &BlockKind, out: &mut Vec<u8>) {
        let (open, block) = match kind {
            BlockKind::Text | BlockKind::Refusal => (
                "text",
                json!({"type": "text", "text": "", "citations": null}),
            ),
            BlockKind::Reasoning => (
                "thinking",
                json!({"type": "thinking", "thinking": "", "signature": ""}),
            ),
            BlockKind::RedactedReasoning(signature) => ("whole", withheld(signature)),
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => {
                if let Some(signature) = signature {
                    self.whole_block(&withheld(signature), out);
                }
                let id = tool_id(id);
                let call = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
                ("tool_use", call)
            }
            BlockKind::Native {
                dialect: OWN,
                value,
            } => ("whole", value.clone()),
            // Pictures, and what only another dialect knows.
            _ => return,
        };
        self.start_block(open, &block, out);
    }

    fn start_block(&mut self, open: &'static str, block: &Value, out: &mut Vec<u8>) {
        self.open = Some(open);
        let index = self.next_index;
        write(
            &json!({"type": "content_block_start", "index": index, "content_block": block}),
            out,
        );
    }

    fn whole_block(&mut self, block: &Value, out: &mut Vec<u8>) {
        self.start_block("whole", block, out);
        self.block_end(out);
    }

    fn block_delta(&mut self, delta: &BlockDelta, out: &mut Vec<u8>) {
        let Some(open) = self.open else { return };
        let delta = match delta {
            BlockDelta::Text(text) if open == "thinking" => {
                json!({"type": "thinking_delta", "thinking": text})
            }
            BlockDelta::Text(text) => json!({"type": "text_delta", "text": text}),
            BlockDelta::Arguments(text) => {
                json!({"type": "input_json_delta", "partial_json": text})
            }
            BlockDelta::Signature(signature) if open == "thinking" => {
                json!({"type": "signature_delta", "signature": signature.opaque_for(OWN)})
            }
            BlockDelta::Annotation(Annotation::Native {
                dialect: OWN,
                value,
            }) => {
                json!({"type": "citations_delta", "citation": value})
            }
            BlockDelta::Signature(_) | BlockDelta::Annotation(_) => return,
        };
        let index = self.next_index;
        write(
            &json!({"type": "content_block_delta", "index": index, "delta": delta}),
            out,
        );
    }

    fn block_end(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            write(
                &json!({"type": "content_block_stop", "index": self.next_index}),
                out,
            );
            self.next_index += 1;
        }
    }
}

fn write(event: &Value, out: &mut Vec<u8>) {
    write_event(event["type"].as_str(), event.to_string().as_bytes(), out);
}
