//! Writes a stream of `GenerateContentResponse` objects for a client, as server-sent events.

use serde_json::{Value, json};

use super::carried::with_call;
use super::content_out::args;
use super::error::object_of;
use super::response_out::finish_word;
use super::usage::usage_to;
use crate::json::{object, put};
use crate::sse::write_event;
use crate::{
    ApiError, BlockDelta, BlockKind, ChatEvent, Dialect, Signature, StreamEncoder, StreamOptions,
    StreamStart, Usage,
};

const OWN: Dialect = Dialect::Gemini;

/// The state of one client stream.
pub(super) struct ChunkEncoder {
    options: StreamOptions,
    start: StreamStart,
    /// The open block of each choice.
    open: Vec<(u32, OpenBlock)>,
    /// What the next call of a choice carries for another provider.
    carried: Vec<(u32, Signature)>,
    /// The finish words wait for the usage, which stands in the same chunk.
    finishes: Vec<Value>,
    usage: Option<Usage>,
    ended: bool,
}

/// An open block; a call is written when its arguments are whole.
enum OpenBlock {
    Text,
    /// A thought's last piece is held back for its signature: clients throw a part without text
    /// away, and what it signs with it.
    Thought {
        held: String,
    },
    Call {
        id: String,
        name: String,
        arguments: String,
        signature: Option<Signature>,
    },
}

impl StreamEncoder for ChunkEncoder {
    fn push(&mut self, event: &ChatEvent, out: &mut Vec<u8>) {
        match event {
            ChatEvent::Start(start) => self.start = self.options.completed(start),
            ChatEvent::BlockStart { choice, kind, .. } => self.block_start(*choice, kind, out),
            ChatEvent::BlockDelta { choice, delta, .. } => self.block_delta(*choice, delta, out),
            ChatEvent::BlockEnd { choice, .. } => self.block_end(*choice, out),
            ChatEvent::Finish { choice, reason, .. } => self.finishes.push(json!({
                "content": {"role": "model", "parts": [{"text": ""}]},
                "finishReason": finish_word(*reason),
                "index": choice,
            })),
            ChatEvent::Usage(usage) => self.usage = Some(*usage),
            ChatEvent::Logprobs { .. } | ChatEvent::End => {}
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.ended, true) {
            let finishes = std::mem::take(&mut self.finishes);
            self.write(&finishes, out);
        }
    }

    fn fail(&mut self, error: &ApiError, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.ended, true) {
            write_event(None, object_of(error).to_string().as_bytes(), out);
        }
    }
}

impl ChunkEncoder {
    pub(super) fn new(options: StreamOptions) -> Self {
        Self {
            options,
            start: StreamStart::default(),
            open: Vec::new(),
            carried: Vec::new(),
            finishes: Vec::new(),
            usage: None,
            ended: false,
        }
    }

    fn carry(&mut self, choice: u32, signature: &Signature, is_redacted: bool) {
        let new = with_call(signature, is_redacted).map(|signature| (choice, signature));
        self.carried.retain(|(of, _)| *of != choice);
        self.carried.extend(new);
    }

    fn take_carried(&mut self, choice: u32) -> Option<Signature> {
        let at = self.carried.iter().position(|(of, _)| *of == choice)?;
        Some(self.carried.swap_remove(at).1)
    }

    fn open_of(&mut self, choice: u32) -> Option<&mut OpenBlock> {
        self.open
            .iter_mut()
            .find(|(open, _)| *open == choice)
            .map(|(_, block)| block)
    }

    fn block_start(&mut self, choice: u32, kind: &BlockKind, out: &mut Vec<u8>) {
        let block = match kind {
            BlockKind::Text | BlockKind::Refusal => OpenBlock::Text,
            BlockKind::Reasoning => OpenBlock::Thought {
                held: String::new(),
            },
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => OpenBlock::Call {
                id: id.clone(),
                name: name.clone(),
                arguments: String::new(),
                signature: signature
                    .clone()
                    .filter(|signature| signature.dialect == OWN)
                    .or_else(|| self.take_carried(choice)),
            },
            BlockKind::Image { media_type, data } => {
                let image = json!({"inlineData": {"mimeType": media_type, "data": data}});
                return self.write_part(choice, &image, out);
            }
            BlockKind::Native {
                dialect: OWN,
                value,
            } => {
                return self.write_part(choice, value, out);
            }
            BlockKind::RedactedReasoning(signature) => {
                self.carry(choice, signature, true);
                let data = signature.opaque_for(OWN);
                let part = json!({"text": "", "thought": true, "thoughtSignature": data});
                return self.write_part(choice, &part, out);
            }
            // What only another dialect knows.
            BlockKind::Native { .. } => return,
        };
        self.open.push((choice, block));
    }

    fn block_delta(&mut self, choice: u32, delta: &BlockDelta, out: &mut Vec<u8>) {
        let part = match (self.open_of(choice), delta) {
            (Some(OpenBlock::Call { arguments, .. }), BlockDelta::Arguments(more)) => {
                arguments.push_str(more);
                return;
            }
            (Some(OpenBlock::Text), BlockDelta::Text(text)) => json!({"text": text}),
            (Some(OpenBlock::Thought { held }), BlockDelta::Text(text)) => {
                let before = std::mem::replace(held, text.clone());
                if before.is_empty() {
                    return;
                }
                json!({"text": before, "thought": true})
            }
            (Some(OpenBlock::Thought { held }), BlockDelta::Signature(signature)) => {
                let data = signature.opaque_for(OWN);
                let text = std::mem::take(held);
                self.carry(choice, signature, false);
                json!({"text": text, "thought": true, "thoughtSignature": data})
            }
            (Some(OpenBlock::Text), BlockDelta::Signature(signature))
                if signature.dialect == OWN =>
            {
                self.carry(choice, signature, false);
                json!({"text": "", "thoughtSignature": signature.data})
            }
            _ => return,
        };
        self.write_part(choice, &part, out);
    }

    fn block_end(&mut self, choice: u32, out: &mut Vec<u8>) {
        let Some(at) = self.open.iter().position(|(open, _)| *open == choice) else {
            return;
        };
        let (_, block) = self.open.remove(at);
        if let OpenBlock::Thought { held } = &block
            && !held.is_empty()
        {
            self.write_part(choice, &json!({"text": held, "thought": true}), out);
        }
        if let OpenBlock::Call {
            id,
            name,
            arguments,
            signature,
        } = block
        {
            let args = args(&arguments).unwrap_or_else(|| json!({}));
            let mut part = object(json!({"functionCall": {"id": id, "name": name, "args": args}}));
            put(
                &mut part,
                "thoughtSignature",
                signature.map(|signature| signature.opaque_for(OWN)),
            );
            self.write_part(choice, &Value::Object(part), out);
        }
    }

    fn write_part(&self, choice: u32, part: &Value, out: &mut Vec<u8>) {
        let content = json!({"role": "model", "parts": [part]});
        self.write(&[json!({"content": content, "index": choice})], out);
    }

    fn write(&self, candidates: &[Value], out: &mut Vec<u8>) {
        let start = &self.start;
        let mut chunk = object(json!({
            "candidates": candidates, "modelVersion": start.model, "responseId": start.id,
        }));
        put(
            &mut chunk,
            "usageMetadata",
            self.usage.as_ref().map(usage_to),
        );
        write_event(None, Value::Object(chunk).to_string().as_bytes(), out);
    }
}
