//! Writes a stream of `chat.completion.chunk` objects for a client.

use serde_json::{Value, json};

use super::error::object_of;
use super::extra::{
    add_extra, add_native_annotation, add_signature, signature_extra, web_annotation,
};
use super::reasoning::to_detail;
use super::response_out::finish_word;
use super::usage::usage_to;
use crate::canonical::message::chars_of;
use crate::json::{Object, object};
use crate::media::data_url;
use crate::sse::write_event;
use crate::{
    Annotation, ApiError, BlockDelta, BlockKind, ChatEvent, Dialect, Reasoning, StreamEncoder,
    StreamOptions, StreamStart, Usage,
};

/// The state of one client stream.
pub(super) struct ChunkEncoder {
    options: StreamOptions,
    start: StreamStart,
    choices: Vec<ChoiceOut>,
    usage: Option<Usage>,
    ended: bool,
}

/// What was written of one choice.
#[derive(Default)]
struct ChoiceOut {
    index: u32,
    announced: bool,
    tool_calls: usize,
    /// How many `reasoning_details` and `images` there are so far. Clients put the items of such
    /// a list together by their `index`, as they do with `tool_calls`.
    details: usize,
    images: usize,
    open: Option<OpenBlock>,
    /// The open block's reasoning, which its signature belongs to.
    thought: String,
    /// The characters of text so far, and how many there were before the open block.
    chars: u64,
    chars_before: u64,
    /// Sources that support the whole block, which is known at its end.
    late: Vec<Annotation>,
    /// What stands beside the text waits for the end: these lists hold what others made, with
    /// fields of its own, so the items have no `index` and must come at once.
    annotations: Vec<Value>,
    extra: Object,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OpenBlock {
    Text,
    Reasoning,
    Refusal,
    /// A tool call; whether any arguments were written.
    Tool(bool),
    Whole,
}

impl StreamEncoder for ChunkEncoder {
    fn push(&mut self, event: &ChatEvent, out: &mut Vec<u8>) {
        match event {
            ChatEvent::Start(start) => {
                self.start = self.options.completed(start);
                self.announce(0, out);
            }
            ChatEvent::BlockStart { choice, kind, .. } => {
                let delta = self.block_start(*choice, kind);
                self.write(*choice, delta, out);
            }
            ChatEvent::BlockDelta { choice, delta, .. } => {
                let delta = self.block_delta(*choice, delta);
                self.write(*choice, delta, out);
            }
            ChatEvent::BlockEnd { choice, .. } => {
                let delta = self.block_end(*choice);
                self.write(*choice, delta, out);
            }
            ChatEvent::Logprobs { choice, value } => {
                self.announce(*choice, out);
                let choice = json!({
                    "index": choice, "delta": {}, "logprobs": value, "finish_reason": null,
                });
                self.write_chunk(&json!([choice]), None, out);
            }
            ChatEvent::Finish { choice, reason, .. } => {
                self.announce(*choice, out);
                let beside = self.beside_the_text(*choice);
                self.write(*choice, beside, out);
                let choice = json!({
                    "index": choice,
                    "delta": {},
                    "logprobs": null,
                    "finish_reason": finish_word(*reason),
                });
                self.write_chunk(&json!([choice]), None, out);
            }
            ChatEvent::Usage(usage) => self.usage = Some(*usage),
            ChatEvent::End => {}
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        if self.options.include_usage
            && let Some(usage) = self.usage
        {
            self.write_chunk(&json!([]), Some(&usage), out);
        }
        write_event(None, b"[DONE]", out);
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
            choices: Vec::new(),
            usage: None,
            ended: false,
        }
    }

    fn choice(&mut self, index: u32) -> &mut ChoiceOut {
        let at = self.choices.iter().position(|choice| choice.index == index);
        let at = at.unwrap_or_else(|| {
            self.choices.push(ChoiceOut {
                index,
                ..ChoiceOut::default()
            });
            self.choices.len() - 1
        });
        &mut self.choices[at]
    }

    /// The first chunk of a choice names the role.
    fn announce(&mut self, index: u32, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.choice(index).announced, true) {
            return;
        }
        let delta = json!({"role": "assistant", "content": "", "refusal": null});
        let choice = json!({
            "index": index, "delta": delta, "logprobs": null, "finish_reason": null,
        });
        self.write_chunk(&json!([choice]), None, out);
    }

    fn block_start(&mut self, index: u32, kind: &BlockKind) -> Option<Object> {
        let choice = self.choice(index);
        let (open, delta) = match kind {
            BlockKind::Text => (OpenBlock::Text, None),
            BlockKind::Reasoning => (OpenBlock::Reasoning, None),
            BlockKind::Refusal => (OpenBlock::Refusal, None),
            BlockKind::RedactedReasoning(signature) => {
                let piece = Reasoning {
                    text: String::new(),
                    signature: Some(signature.clone()),
                    redacted: true,
                    ..Reasoning::default()
                };
                let detail = to_detail(&piece, choice.details);
                choice.details += 1;
                (
                    OpenBlock::Whole,
                    Some(json!({"reasoning_details": [detail]})),
                )
            }
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => {
                let mut call = object(json!({
                    "index": choice.tool_calls,
                    "id": id,
                    "type": "function",
                    "function": {"name": name, "arguments": ""},
                }));
                if let Some(signature) = signature {
                    call.insert("extra_content".to_owned(), signature_extra(signature));
                }
                choice.tool_calls += 1;
                (OpenBlock::Tool(false), Some(json!({"tool_calls": [call]})))
            }
            BlockKind::Image { media_type, data } => {
                let image = json!({
                    "type": "image_url",
                    "image_url": {"url": data_url(media_type, data)},
                    "index": choice.images,
                });
                choice.images += 1;
                (OpenBlock::Whole, Some(json!({"images": [image]})))
            }
            BlockKind::Native {
                dialect: Dialect::OpenAiChat,
                value,
            } => {
                let delta = if let Some(audio) = value.get("audio") {
                    json!({"audio": audio})
                } else {
                    let mut image = value.clone();
                    if let Some(fields) = image.as_object_mut() {
                        fields.insert("index".to_owned(), choice.images.into());
                    }
                    choice.images += 1;
                    json!({"images": [image]})
                };
                (OpenBlock::Whole, Some(delta))
            }
            BlockKind::Native { dialect, value } => {
                add_extra(&mut choice.extra, *dialect, "blocks", value);
                (OpenBlock::Whole, None)
            }
        };
        choice.open = Some(open);
        choice.chars_before = choice.chars;
        delta.map(object)
    }

    fn block_delta(&mut self, index: u32, delta: &BlockDelta) -> Option<Object> {
        let choice = self.choice(index);
        let delta = match (delta, choice.open) {
            (BlockDelta::Text(text), Some(OpenBlock::Reasoning)) => {
                choice.thought.push_str(text);
                json!({"reasoning_content": text})
            }
            (BlockDelta::Text(text), Some(OpenBlock::Refusal)) => json!({"refusal": text}),
            (BlockDelta::Text(text), _) => {
                choice.chars += chars_of(text);
                json!({"content": text})
            }
            (BlockDelta::Arguments(text), _) => {
                choice.open = Some(OpenBlock::Tool(true));
                arguments_delta(choice.tool_calls, text)
            }
            (BlockDelta::Signature(signature), Some(OpenBlock::Reasoning)) => {
                // With the text, so that it goes back as it came where there are several.
                let piece = Reasoning {
                    text: std::mem::take(&mut choice.thought),
                    signature: Some(signature.clone()),
                    ..Reasoning::default()
                };
                let detail = to_detail(&piece, choice.details);
                choice.details += 1;
                json!({"reasoning_details": [detail]})
            }
            (BlockDelta::Signature(signature), _) => {
                add_signature(&mut choice.extra, signature);
                return None;
            }
            (BlockDelta::Annotation(annotation), _) => {
                add_native_annotation(annotation, &mut choice.extra);
                choice.late.push(annotation.clone());
                return None;
            }
        };
        Some(object(delta))
    }

    fn block_end(&mut self, index: u32) -> Option<Object> {
        let choice = self.choice(index);
        choice.thought.clear();
        let chars = choice.chars - choice.chars_before;
        for annotation in std::mem::take(&mut choice.late) {
            let annotation = web_annotation(&annotation, choice.chars_before, chars);
            choice.annotations.extend(annotation);
        }
        match choice.open.take() {
            // Clients parse the arguments as JSON: no arguments are an empty object.
            Some(OpenBlock::Tool(false)) => Some(object(arguments_delta(choice.tool_calls, "{}"))),
            _ => None,
        }
    }

    fn beside_the_text(&mut self, index: u32) -> Option<Object> {
        let choice = self.choice(index);
        let mut delta = Object::new();
        if !choice.annotations.is_empty() {
            let annotations = std::mem::take(&mut choice.annotations);
            delta.insert("annotations".to_owned(), annotations.into());
        }
        if !choice.extra.is_empty() {
            let extra = std::mem::take(&mut choice.extra);
            delta.insert("extra_content".to_owned(), extra.into());
        }
        (!delta.is_empty()).then_some(delta)
    }

    fn write(&mut self, index: u32, delta: Option<Object>, out: &mut Vec<u8>) {
        if let Some(delta) = delta {
            self.announce(index, out);
            let choice = json!({
                "index": index, "delta": delta, "logprobs": null, "finish_reason": null,
            });
            self.write_chunk(&json!([choice]), None, out);
        }
    }

    fn write_chunk(&self, choices: &Value, usage: Option<&Usage>, out: &mut Vec<u8>) {
        let mut chunk = object(json!({
            "id": self.start.id,
            "object": "chat.completion.chunk",
            "created": self.start.created,
            "model": self.start.model,
            "choices": choices,
        }));
        // OpenAI's own shape: `usage` is there, null, in every chunk but the last one.
        if self.options.include_usage {
            chunk.insert("usage".to_owned(), usage.map_or(Value::Null, usage_to));
        }
        write_event(None, Value::Object(chunk).to_string().as_bytes(), out);
    }
}

fn arguments_delta(tool_calls: usize, text: &str) -> Value {
    // A call was started before, so there is at least one.
    let index = tool_calls.saturating_sub(1);
    json!({"tool_calls": [{"index": index, "function": {"arguments": text}}]})
}
