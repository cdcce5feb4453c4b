//! One item of a stream after the other, as blocks.

use serde_json::Value;

use super::item_in::{PARAGRAPH, item, reasoning};
use super::response_in::parts_of;
use super::{annotation, logprobs};
use crate::json::{Fields, text_at};
use crate::stream::{Blocks, Open};
use crate::{BlockDelta, BlockKind, ChatEvent, Image, Media, Part, WireError};

/// The blocks so far, and what was streamed of the item that is open. Some hosts send a text or
/// its arguments only when they are done: then they are taken from there.
#[derive(Debug, Default)]
pub(super) struct ItemState {
    blocks: Blocks,
    any: bool,
    has_calls: bool,
    /// Something of the open text, refusal or call was streamed.
    streamed: bool,
    /// A content part of the open item was streamed or done.
    part_seen: bool,
    /// Which piece of reasoning was streamed last: whether of the summary, and its number.
    thought: Option<(bool, u64)>,
}

impl ItemState {
    /// Takes one event; true when it ends its item.
    pub(super) fn event(
        &mut self,
        kind: &str,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<bool, WireError> {
        match kind {
            "response.output_item.added" => self.added(fields, out)?,
            "response.output_item.done" => {
                self.done(fields, out)?;
                return Ok(true);
            }
            "response.content_part.added" => self.part_added(&mut fields, out),
            "response.output_text.delta" => self.text(Open::Text, "delta", fields, out)?,
            "response.refusal.delta" => self.text(Open::Refusal, "delta", fields, out)?,
            "response.output_text.done" if !self.streamed => {
                self.text(Open::Text, "text", fields, out)?;
            }
            "response.refusal.done" if !self.streamed => {
                self.text(Open::Refusal, "refusal", fields, out)?;
            }
            "response.output_text.annotation.added" => {
                if let Some(value) = fields.take("annotation") {
                    self.any = true;
                    self.blocks.ensure(Open::Text, out);
                    let delta = BlockDelta::Annotation(annotation::decode(value));
                    self.blocks.delta(delta, out);
                }
            }
            "response.reasoning_summary_text.delta" => self.thought(true, "delta", fields, out)?,
            "response.reasoning_text.delta" => self.thought(false, "delta", fields, out)?,
            "response.reasoning_summary_text.done" => self.thought(true, "text", fields, out)?,
            "response.reasoning_text.done" => self.thought(false, "text", fields, out)?,
            "response.function_call_arguments.delta" => {
                self.arguments(fields.text("delta")?, out)?;
            }
            "response.function_call_arguments.done" if !self.streamed => {
                self.arguments(fields.text("arguments")?, out)?;
            }
            // The progress of built-in tools, whose items come whole when they are done.
            _ => {}
        }
        Ok(false)
    }

    pub(super) const fn is_empty(&self) -> bool {
        !self.any
    }

    pub(super) const fn has_calls(&self) -> bool {
        self.has_calls
    }

    /// Ends the open block.
    pub(super) fn close(&mut self, out: &mut Vec<ChatEvent>) {
        self.blocks.close(out);
        self.streamed = false;
        self.part_seen = false;
        self.thought = None;
    }

    fn added(&mut self, mut fields: Fields, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        self.close(out);
        let Some(mut item) = fields.object("item")? else {
            return Ok(());
        };
        if item.peek("type").and_then(Value::as_str) == Some("function_call") {
            let id = item.text("call_id")?.unwrap_or_default();
            let name = item.text("name")?.unwrap_or_default();
            if !name.is_empty() {
                self.start_call(id, name, out);
            }
        }
        Ok(())
    }

    fn start_call(&mut self, id: String, name: String, out: &mut Vec<ChatEvent>) {
        (self.any, self.has_calls) = (true, true);
        let kind = BlockKind::ToolCall {
            id,
            name,
            signature: None,
        };
        self.blocks.start(Open::Tool(0), kind, out);
    }

    fn part_added(&mut self, fields: &mut Fields, out: &mut Vec<ChatEvent>) {
        let part = fields.take("part").unwrap_or_default();
        let (open, kind) = match text_at(&part, "type") {
            Some("output_text") => (Open::Text, BlockKind::Text),
            Some("refusal") => (Open::Refusal, BlockKind::Refusal),
            _ => return,
        };
        self.any = true;
        self.streamed = false;
        self.part_seen = true;
        self.blocks.start(open, kind, out);
    }

    fn text(
        &mut self,
        open: Open,
        field: &str,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        let text = fields.text(field)?.unwrap_or_default();
        (self.any, self.streamed, self.part_seen) = (true, true, true);
        self.blocks.text(open, &text, out);
        let list = fields.array("logprobs")?.unwrap_or_default();
        if let Some(value) = logprobs::canonical(&list) {
            out.push(ChatEvent::Logprobs { choice: 0, value });
        }
        Ok(())
    }

    /// A piece of reasoning; `text` is the whole of it, for hosts that stream none.
    fn thought(
        &mut self,
        is_summary: bool,
        field: &str,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        let number = if is_summary {
            fields.count("summary_index")?
        } else {
            fields.count("content_index")?
        };
        let piece = Some((is_summary, number.unwrap_or(0)));
        let text = fields.text(field)?.unwrap_or_default();
        if text.is_empty() || (field == "text" && self.thought == piece) {
            return Ok(());
        }
        self.any = true;
        if self.thought.is_some() && self.thought != piece {
            self.blocks.text(Open::Reasoning, PARAGRAPH, out);
        }
        self.thought = piece;
        self.blocks.text(Open::Reasoning, &text, out);
        Ok(())
    }

    fn arguments(
        &mut self,
        text: Option<String>,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        if !matches!(self.blocks.open(), Some(Open::Tool(_))) {
            return Err(WireError::malformed(
                "the upstream went on with a tool call it had not begun",
            ));
        }
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.streamed = true;
            self.blocks.delta(BlockDelta::Arguments(text), out);
        }
        Ok(())
    }

    fn done(&mut self, mut fields: Fields, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        let Some(mut whole) = fields.object("item")? else {
            self.close(out);
            return Ok(());
        };
        match whole.peek("type").and_then(Value::as_str) {
            Some("message") if self.part_seen => {}
            Some("function_call") => {
                if !matches!(self.blocks.open(), Some(Open::Tool(_))) {
                    let id = whole.required_text("call_id")?;
                    let name = whole.required_text("name")?;
                    self.start_call(id, name, out);
                }
                if !self.streamed {
                    self.arguments(whole.text("arguments")?, out)?;
                }
            }
            Some("reasoning") if self.thought.is_some() => {
                if let Some(signature) = reasoning(whole)?.signature {
                    self.blocks.ensure(Open::Reasoning, out);
                    self.blocks.delta(BlockDelta::Signature(signature), out);
                }
            }
            _ => {
                for part in parts_of(item(whole)?) {
                    self.whole(part, out);
                }
            }
        }
        self.close(out);
        Ok(())
    }

    /// A part that comes all at once.
    pub(super) fn whole(&mut self, part: Part, out: &mut Vec<ChatEvent>) {
        match part {
            Part::Text(text) => {
                self.blocks.start(Open::Text, BlockKind::Text, out);
                self.blocks.text(Open::Text, &text.text, out);
                for annotation in text.annotations {
                    self.blocks.delta(BlockDelta::Annotation(annotation), out);
                }
            }
            Part::Refusal(text) => {
                self.blocks.start(Open::Refusal, BlockKind::Refusal, out);
                self.blocks.text(Open::Refusal, &text, out);
            }
            Part::Reasoning(piece) => match piece.signature {
                Some(signature) if piece.redacted => {
                    self.blocks
                        .whole(BlockKind::RedactedReasoning(signature), out);
                }
                None if piece.text.is_empty() => {}
                signature => {
                    self.blocks
                        .start(Open::Reasoning, BlockKind::Reasoning, out);
                    self.blocks.text(Open::Reasoning, &piece.text, out);
                    if let Some(signature) = signature {
                        self.blocks.delta(BlockDelta::Signature(signature), out);
                    }
                }
            },
            Part::ToolCall(call) => {
                self.start_call(call.id, call.name, out);
                if !call.arguments.is_empty() {
                    self.blocks
                        .delta(BlockDelta::Arguments(call.arguments), out);
                }
            }
            Part::Image(Image {
                media: Media::Base64 { media_type, data },
                ..
            }) => self
                .blocks
                .whole(BlockKind::Image { media_type, data }, out),
            Part::Native { dialect, value } => {
                self.blocks.whole(BlockKind::Native { dialect, value }, out);
            }
            // An answer's items make none of these.
            Part::Image(_) | Part::Audio(_) | Part::File(_) | Part::ToolResult(_) => {}
        }
        self.any = true;
        self.blocks.close(out);
    }
}
