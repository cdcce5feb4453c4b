//! Reads an upstream's stream of message events.

use serde_json::Value;

use super::content_in::{citation, part};
use super::error::of_value;
use super::response_in::finish_reason;
use super::usage::UsageAccount;
use crate::json::{Fields, text_at};
use crate::sse::{MAX_EVENT_BYTES, SseEvent};
use crate::stream::{Blocks, Open, Translate};
use crate::{
    BlockDelta, BlockKind, ChatEvent, Dialect, FinishReason, Part, Signature, StreamStart,
    WireError,
};

const OWN: Dialect = Dialect::AnthropicMessages;

/// The state of one stream.
#[derive(Debug, Default)]
pub(super) struct EventTranslator {
    started: bool,
    stopped: bool,
    blocks: Blocks,
    open: Option<OpenBlock>,
    account: UsageAccount,
    finish: Option<FinishReason>,
    stop_sequence: Option<String>,
}

/// The upstream's block that is open.
#[derive(Debug)]
struct OpenBlock {
    index: u64,
    /// A block that only Anthropic knows is gathered whole, and its streamed input with it.
    native: Option<(Value, String)>,
}

impl Translate for EventTranslator {
    fn event(&mut self, event: &SseEvent, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if event.data.is_empty() || self.stopped {
            return Ok(());
        }
        let mut fields = Fields::parse(event.data.as_bytes())?;
        let kind = fields.text("type")?.unwrap_or_else(|| event.name.clone());
        match kind.as_str() {
            "message_start" => self.message_start(fields, out),
            "content_block_start" => self.block_start(fields, out),
            "content_block_delta" => self.block_delta(fields, out),
            "content_block_stop" => self.block_stop(fields, out),
            "message_delta" => self.message_delta(fields),
            "message_stop" => self.message_stop(out),
            "error" => Err(WireError::upstream(of_value(
                None,
                &Value::Object(fields.rest()),
            ))),
            // `ping`, and events that are not known yet: the API asks for them to be skipped.
            _ => Ok(()),
        }
    }

    fn end(&mut self, _out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if self.stopped {
            Ok(())
        } else {
            Err(WireError::truncated())
        }
    }
}

impl EventTranslator {
    fn message_start(
        &mut self,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        if self.started {
            return Err(WireError::malformed(
                "the upstream began a second answer within the first",
            ));
        }
        self.started = true;
        let mut message = fields
            .object("message")?
            .ok_or_else(|| fields.wrong("message", "is missing"))?;
        if let Some(usage) = message.take("usage") {
            self.account.update(&usage);
        }
        out.push(ChatEvent::Start(StreamStart {
            id: message.text("id")?.unwrap_or_default(),
            model: message.text("model")?.unwrap_or_default(),
            created: None,
            usage: Some(self.account.usage()),
        }));
        self.finish = message
            .text("stop_reason")?
            .map(|word| finish_reason(&word));
        // Empty but when a server tool called a client's tool: then it holds the call, whole.
        for block in message.objects("content")? {
            self.start(part(block)?, out);
            self.blocks.close(out);
        }
        Ok(())
    }

    fn block_start(
        &mut self,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        if !self.started || self.open.is_some() {
            return Err(WireError::malformed(
                "the upstream began a block out of turn",
            ));
        }
        let index = fields.count("index")?.unwrap_or(0);
        let mut block = fields
            .object("content_block")?
            .ok_or_else(|| fields.wrong("content_block", "is missing"))?;
        // The input of a tool call is an empty object here; the real one follows in pieces.
        let input = if block.peek("type").and_then(Value::as_str) == Some("tool_use") {
            block
                .take("input")
                .filter(|input| input.as_object().is_some_and(|o| !o.is_empty()))
        } else {
            None
        };
        let mut part = part(block)?;
        if let (Part::ToolCall(call), Some(input)) = (&mut part, input) {
            call.arguments = input.to_string();
        }
        let native = match &part {
            Part::Native { value, .. } => Some((value.clone(), String::new())),
            _ => None,
        };
        if native.is_none() {
            self.start(part, out);
        }
        self.open = Some(OpenBlock { index, native });
        Ok(())
    }

    /// Starts the block of a part with what the part already holds.
    fn start(&mut self, part: Part, out: &mut Vec<ChatEvent>) {
        match part {
            Part::Text(text) => {
                self.blocks.start(Open::Text, BlockKind::Text, out);
                self.blocks.text(Open::Text, &text.text, out);
                for annotation in text.annotations {
                    self.blocks.delta(BlockDelta::Annotation(annotation), out);
                }
            }
            Part::Reasoning(reasoning) => match reasoning.signature {
                Some(signature) if reasoning.redacted => {
                    self.blocks.start(
                        Open::Reasoning,
                        BlockKind::RedactedReasoning(signature),
                        out,
                    );
                }
                signature => {
                    self.blocks
                        .start(Open::Reasoning, BlockKind::Reasoning, out);
                    self.blocks.text(Open::Reasoning, &reasoning.text, out);
                    if let Some(signature) = signature {
                        self.blocks.delta(BlockDelta::Signature(signature), out);
                    }
                }
            },
            Part::ToolCall(call) => {
                let kind = BlockKind::ToolCall {
                    id: call.id,
                    name: call.name,
                    signature: None,
                };
                self.blocks.start(Open::Tool(0), kind, out);
                if !call.arguments.is_empty() {
                    self.blocks
                        .delta(BlockDelta::Arguments(call.arguments), out);
                }
            }
            Part::Native { dialect, value } => {
                self.blocks
                    .start(Open::Text, BlockKind::Native { dialect, value }, out);
            }
            // `part` makes no other kinds of an answer's blocks; a picture would be whole.
            Part::Image(_)
            | Part::Audio(_)
            | Part::File(_)
            | Part::Refusal(_)
            | Part::ToolResult(_) => {}
        }
    }

    fn open_at(&mut self, fields: &mut Fields) -> Result<&mut OpenBlock, WireError> {
        let index = fields.count("index")?.unwrap_or(0);
        self.open
            .as_mut()
            .filter(|open| open.index == index)
            .ok_or_else(|| WireError::malformed("the upstream went on with a block not open"))
    }

    fn block_delta(
        &mut self,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        let mut delta = fields
            .object("delta")?
            .ok_or_else(|| fields.wrong("delta", "is missing"))?;
        let kind = delta.text("type")?.unwrap_or_default();
        let open = self.open_at(&mut fields)?;
        if let Some((value, input)) = &mut open.native {
            return gather(value, input, &kind, delta);
        }
        let delta = match kind.as_str() {
            "text_delta" => BlockDelta::Text(delta.text("text")?.unwrap_or_default()),
            "thinking_delta" => BlockDelta::Text(delta.text("thinking")?.unwrap_or_default()),
            "input_json_delta" => {
                BlockDelta::Arguments(delta.text("partial_json")?.unwrap_or_default())
            }
            "signature_delta" => {
                let data = delta.text("signature")?.unwrap_or_default();
                BlockDelta::Signature(Signature::from_opaque(OWN, data))
            }
            "citations_delta" => {
                BlockDelta::Annotation(citation(delta.take("citation").unwrap_or_default()))
            }
            _ => return Ok(()),
        };
        if !is_empty(&delta) {
            self.blocks.delta(delta, out);
        }
        Ok(())
    }

    fn block_stop(
        &mut self,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        self.open_at(&mut fields)?;
        if let Some((mut value, input)) = self.open.take().and_then(|open| open.native) {
            if !input.is_empty() {
                value["input"] = serde_json::from_str(&input)
                    .map_err(|_| WireError::malformed("the upstream's tool input is not JSON"))?;
            }
            self.blocks.whole(
                BlockKind::Native {
                    dialect: OWN,
                    value,
                },
                out,
            );
        }
        self.blocks.close(out);
        Ok(())
    }

    fn message_delta(&mut self, mut fields: Fields) -> Result<(), WireError> {
        if let Some(usage) = fields.take("usage") {
            self.account.update(&usage);
        }
        if let Some(mut delta) = fields.object("delta")? {
            if let Some(word) = delta.text("stop_reason")? {
                self.finish = Some(finish_reason(&word));
            }
            self.stop_sequence = delta.text("stop_sequence")?.or(self.stop_sequence.take());
        }
        Ok(())
    }

    fn message_stop(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if !self.started || self.open.is_some() {
            return Err(WireError::malformed(
                "the upstream ended its answer within a block",
            ));
        }
        self.stopped = true;
        out.push(ChatEvent::Finish {
            choice: 0,
            reason: self.finish.unwrap_or(FinishReason::Stop),
            stop_sequence: self.stop_sequence.take(),
        });
        out.push(ChatEvent::Usage(self.account.usage()));
        out.push(ChatEvent::End);
        Ok(())
    }
}

fn is_empty(delta: &BlockDelta) -> bool {
    match delta {
        BlockDelta::Text(text) | BlockDelta::Arguments(text) => text.is_empty(),
        BlockDelta::Signature(signature) => signature.data.is_empty(),
        BlockDelta::Annotation(_) => false,
    }
}

/// Adds a delta to a block that is gathered whole.
fn gather(
    value: &mut Value,
    input: &mut String,
    kind: &str,
    mut delta: Fields,
) -> Result<(), WireError> {
    if kind == "input_json_delta" {
        input.push_str(&delta.text("partial_json")?.unwrap_or_default());
    } else {
        // `compaction_delta` and the like: the same field of the block grows.
        for (field, more) in delta.rest() {
            match (text_at(value, &field), more.as_str()) {
                (Some(text), Some(more)) => value[&field] = format!("{text}{more}").into(),
                _ => value[&field] = more,
            }
        }
    }
    let size = input.len()
        + value.as_object().map_or(0, |fields| {
            fields
                .values()
                .map(|value| value.as_str().map_or(0, str::len))
                .sum()
        });
    if size > MAX_EVENT_BYTES {
        Err(WireError::too_large(MAX_EVENT_BYTES))
    } else {
        Ok(())
    }
}
