//! Reads an upstream's stream of `ConverseStream` events.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::content_in::{citation, sign, withhold};
use super::response_in::finish_reason;
use super::usage::usage_from;
use crate::json::Fields;
use crate::sse::{MAX_EVENT_BYTES, SseEvent};
use crate::stream::{Blocks, Open, Translate};
use crate::{BlockDelta, BlockKind, ChatEvent, StreamStart, WireError};

/// The state of one stream. `messageStop` ends the message, `metadata` behind it the stream.
#[derive(Debug, Default)]
pub(super) struct EventTranslator {
    started: bool,
    stopped: bool,
    ended: bool,
    blocks: Blocks,
    open: Option<OpenBlock>,
}

/// The upstream's block that is open. Only a tool call's says when it starts; of any other the
/// first delta does.
#[derive(Debug)]
struct OpenBlock {
    index: u64,
    /// A signature, which may come in pieces.
    signature: String,
    /// Withheld reasoning, which may come in pieces too.
    withheld: Vec<u8>,
}

impl Translate for EventTranslator {
    fn event(&mut self, event: &SseEvent, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if self.ended {
            return Ok(());
        }
        let known = matches!(
            event.name.as_str(),
            "messageStart"
                | "contentBlockStart"
                | "contentBlockDelta"
                | "contentBlockStop"
                | "messageStop"
                | "metadata"
        );
        if !known {
            return Ok(());
        }
        let fields = Fields::parse(event.data.as_bytes())?;
        match event.name.as_str() {
            "messageStart" => self.message_start(out),
            "metadata" => self.metadata(fields, out),
            _ if !self.started || self.stopped => Err(WireError::malformed(
                "the upstream sent content outside of its message",
            )),
            "contentBlockStart" => self.block_start(fields, out),
            "contentBlockDelta" => self.block_delta(fields, out),
            "contentBlockStop" => self.block_stop(fields, out),
            _ => self.message_stop(fields, out),
        }
    }

    fn end(&mut self, _out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if self.ended {
            Ok(())
        } else {
            Err(WireError::truncated())
        }
    }
}

impl EventTranslator {
    fn message_start(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if std::mem::replace(&mut self.started, true) {
            return Err(WireError::malformed(
                "the upstream began a second answer within the first",
            ));
        }
        out.push(ChatEvent::Start(StreamStart::default()));
        Ok(())
    }

    fn block_start(
        &mut self,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        let index = fields.count("contentBlockIndex")?.unwrap_or(0);
        self.begin(index)?;
        let mut start = fields
            .object("start")?
            .ok_or_else(|| fields.wrong("start", "is missing"))?;
        // A tool that runs at Bedrock has a `type`; what it does is told by nothing canonical.
        if let Some(mut call) = start.object("toolUse")?
            && call.peek("type").is_none()
        {
            let kind = BlockKind::ToolCall {
                id: call.required_text("toolUseId")?,
                name: call.required_text("name")?,
                signature: None,
            };
            self.blocks.start(Open::Tool(index), kind, out);
        }
        Ok(())
    }

    fn begin(&mut self, index: u64) -> Result<&mut OpenBlock, WireError> {
        if self.open.is_some() {
            return Err(WireError::malformed(
                "the upstream began a block out of turn",
            ));
        }
        Ok(self.open.insert(OpenBlock {
            index,
            signature: String::new(),
            withheld: Vec::new(),
        }))
    }

    fn block_delta(
        &mut self,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        let index = fields.count("contentBlockIndex")?.unwrap_or(0);
        let mut delta = fields
            .object("delta")?
            .ok_or_else(|| fields.wrong("delta", "is missing"))?;
        let open = match &mut self.open {
            Some(open) if open.index == index => open,
            Some(_) => {
                return Err(WireError::malformed(
                    "the upstream went on with a block not open",
                ));
            }
            None => self.begin(index)?,
        };
        if let Some(mut reasoning) = delta.object("reasoningContent")? {
            if let Some(more) = reasoning.text("signature")? {
                open.signature.push_str(&more);
            }
            if let Some(more) = reasoning.text("redactedContent")? {
                let bytes = STANDARD
                    .decode(more)
                    .map_err(|_| reasoning.wrong("redactedContent", "is not valid base64"))?;
                open.withheld.extend(bytes);
            }
            if open.signature.len() + open.withheld.len() > MAX_EVENT_BYTES {
                return Err(WireError::too_large(MAX_EVENT_BYTES));
            }
            if let Some(text) = reasoning.text("text")? {
                self.blocks.text(Open::Reasoning, &text, out);
            }
        } else if let Some(text) = delta.text("text")? {
            self.blocks.text(Open::Text, &text, out);
        } else if let Some(mut call) = delta.object("toolUse")? {
            let input = call.text("input")?.unwrap_or_default();
            if matches!(self.blocks.open(), Some(Open::Tool(_))) && !input.is_empty() {
                self.blocks.delta(BlockDelta::Arguments(input), out);
            }
        } else if let Some(value) = delta.take("citation") {
            self.blocks.ensure(Open::Text, out);
            self.blocks
                .delta(BlockDelta::Annotation(citation(value)), out);
        }
        Ok(())
    }

    fn block_stop(
        &mut self,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        let index = fields.count("contentBlockIndex")?.unwrap_or(0);
        let open = match self.open.take() {
            Some(open) if open.index == index => open,
            // An empty text says nothing but its end.
            None => return Ok(()),
            Some(_) => {
                return Err(WireError::malformed(
                    "the upstream ended a block that is not open",
                ));
            }
        };
        if let Some(signature) = sign(open.signature) {
            self.blocks.ensure(Open::Reasoning, out);
            self.blocks.delta(BlockDelta::Signature(signature), out);
        }
        if !open.withheld.is_empty() {
            let signature = withhold(STANDARD.encode(open.withheld));
            self.blocks
                .whole(BlockKind::RedactedReasoning(signature), out);
        }
        self.blocks.close(out);
        Ok(())
    }

    fn message_stop(
        &mut self,
        mut fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        if self.open.is_some() {
            return Err(WireError::malformed(
                "the upstream ended its answer within a block",
            ));
        }
        self.stopped = true;
        let word = fields.text("stopReason")?.unwrap_or_default();
        out.push(ChatEvent::Finish {
            choice: 0,
            reason: finish_reason(&word),
            stop_sequence: None,
        });
        Ok(())
    }

    fn metadata(&mut self, mut fields: Fields, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if !self.stopped {
            return Err(WireError::malformed(
                "the upstream counted before the end of its answer",
            ));
        }
        self.ended = true;
        if let Some(usage) = fields.take("usage").filter(Value::is_object) {
            out.push(ChatEvent::Usage(usage_from(&usage)));
        }
        out.push(ChatEvent::End);
        Ok(())
    }
}
