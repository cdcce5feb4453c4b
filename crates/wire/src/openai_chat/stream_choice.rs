//! One choice of a stream: which block is open, which tool calls wait for their turn.

use serde_json::Value;

use super::message_in::{annotation, arguments, thought_signature};
use super::reasoning;
use super::response_in::{finish_reason, logprobs};
use super::stream_in::content_pieces;
use crate::json::{Fields, text_at};
use crate::media::parse_data_url;
use crate::sse::MAX_EVENT_BYTES;
use crate::stream::{Blocks, JsonNesting, Open};
use crate::{BlockDelta, BlockKind, ChatEvent, Dialect, FinishReason, Signature, WireError};

#[derive(Debug)]
pub(super) struct ChoiceState {
    index: u32,
    blocks: Blocks,
    /// The tool call that is open, or was last.
    current: Option<Call>,
    /// Calls that began while another was not complete. Blocks never overlap, so they wait.
    waiting: Vec<Call>,
    waiting_bytes: usize,
    calls_seen: u64,
    /// Reasoning came as `reasoning_content` alone; a detail that follows repeats it to sign it.
    plain_thoughts: bool,
    finish: Option<String>,
}

/// A tool call as it arrives.
#[derive(Debug, Default)]
struct Call {
    number: u64,
    id: String,
    name: String,
    arguments: String,
    signature: Option<Signature>,
    nesting: JsonNesting,
}

/// What one chunk adds to a call.
struct CallDelta {
    number: u64,
    id: String,
    name: String,
    arguments: String,
    signature: Option<Signature>,
}

impl ChoiceState {
    pub(super) fn new(index: u32) -> Self {
        Self {
            index,
            blocks: Blocks::new(index),
            current: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
            calls_seen: 0,
            plain_thoughts: false,
            finish: None,
        }
    }

    pub(super) const fn index(&self) -> u32 {
        self.index
    }

    /// The choice told why it ended.
    pub(super) const fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    /// Takes this choice's part of a chunk.
    pub(super) fn chunk(
        &mut self,
        mut choice: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        // A few hosts send the last chunk with a whole `message`; what it holds was streamed.
        if let Some(delta) = choice.object("delta")? {
            self.delta(delta, out)?;
        }
        if let Some(value) = logprobs(choice.take("logprobs")) {
            out.push(ChatEvent::Logprobs {
                choice: self.index,
                value,
            });
        }
        if let Some(word) = choice
            .text("finish_reason")?
            .filter(|word| !word.is_empty())
        {
            self.finish = Some(word);
        }
        Ok(())
    }

    fn delta(&mut self, mut delta: Fields, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        self.reasoning(&mut delta, out)?;
        if let Some(content) = delta.take("content") {
            for (thought, text) in content_pieces(&content) {
                let open = if thought { Open::Reasoning } else { Open::Text };
                self.blocks.text(open, &text, out);
            }
        }
        if let Some(text) = delta.text("refusal")? {
            self.blocks.text(Open::Refusal, &text, out);
        }
        for item in delta.array("annotations")?.unwrap_or_default() {
            self.blocks.ensure(Open::Text, out);
            self.blocks
                .delta(BlockDelta::Annotation(annotation(item)), out);
        }
        for image in delta.array("images")?.unwrap_or_default() {
            self.image(image, out);
        }
        if let Some(value) = delta.take("audio") {
            let value = serde_json::json!({"type": "audio", "audio": value});
            self.blocks.whole(
                BlockKind::Native {
                    dialect: Dialect::OpenAiChat,
                    value,
                },
                out,
            );
        }
        for call in delta.objects("tool_calls")? {
            self.call(read_call(call)?, out)?;
        }
        if let Some(mut call) = delta.object("function_call")? {
            let name = call.text("name")?.unwrap_or_default();
            let arguments = call.take("arguments").map(arguments).unwrap_or_default();
            let delta = CallDelta {
                number: 0,
                id: String::new(),
                name,
                arguments,
                signature: None,
            };
            self.call(delta, out)?;
        }
        Ok(())
    }

    fn reasoning(&mut self, delta: &mut Fields, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        let content = delta.text("reasoning_content")?;
        let plain = delta.text("reasoning")?.or(content);
        let details = delta.array("reasoning_details")?.unwrap_or_default();
        if details.is_empty() {
            let plain = plain.unwrap_or_default();
            self.plain_thoughts |= !plain.is_empty();
            self.blocks.text(Open::Reasoning, &plain, out);
            return Ok(());
        }
        let repeats = self.plain_thoughts && plain.is_none();
        for piece in details.iter().filter_map(reasoning::from_detail) {
            match piece.signature {
                Some(signature) if piece.redacted => {
                    self.blocks
                        .whole(BlockKind::RedactedReasoning(signature), out);
                }
                signature => {
                    if !repeats {
                        self.blocks.text(Open::Reasoning, &piece.text, out);
                    }
                    if let Some(signature) = signature {
                        self.blocks.ensure(Open::Reasoning, out);
                        self.blocks.delta(BlockDelta::Signature(signature), out);
                    }
                }
            }
        }
        Ok(())
    }

    fn image(&mut self, image: Value, out: &mut Vec<ChatEvent>) {
        let inline = image
            .get("image_url")
            .and_then(|image| text_at(image, "url"))
            .and_then(parse_data_url)
            .map(|(media_type, data)| BlockKind::Image {
                media_type: media_type.to_owned(),
                data: data.to_owned(),
            });
        let native = BlockKind::Native {
            dialect: Dialect::OpenAiChat,
            value: image,
        };
        self.blocks.whole(inline.unwrap_or(native), out);
    }

    fn call(&mut self, delta: CallDelta, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if let Some(current) = &mut self.current
            && self.blocks.open() == Some(Open::Tool(current.number))
        {
            // Some hosts number every call 0 and tell them apart by the id alone.
            let another = current.number != delta.number
                || (!delta.name.is_empty() && !delta.id.is_empty() && delta.id != current.id);
            if !another {
                current.nesting_of(&delta.arguments);
                if !delta.arguments.is_empty() {
                    self.blocks
                        .delta(BlockDelta::Arguments(delta.arguments), out);
                }
                return Ok(());
            }
            if !current.nesting.is_complete() {
                return self.wait(delta);
            }
        } else if self
            .current
            .as_ref()
            .is_some_and(|call| call.number == delta.number)
            && delta.name.is_empty()
        {
            return Err(WireError::malformed(
                "the upstream went on with a tool call it had ended",
            ));
        }
        self.wait(delta)?;
        self.start_waiting(false, out)
    }

    fn wait(&mut self, delta: CallDelta) -> Result<(), WireError> {
        self.waiting_bytes += delta.arguments.len();
        if self.waiting_bytes > MAX_EVENT_BYTES {
            return Err(WireError::too_large(MAX_EVENT_BYTES));
        }
        let same = |call: &&mut Call| {
            call.number == delta.number
                && (delta.id.is_empty() || call.id.is_empty() || call.id == delta.id)
        };
        if let Some(call) = self.waiting.iter_mut().find(same) {
            call.arguments.push_str(&delta.arguments);
            if call.name.is_empty() {
                call.name = delta.name;
            }
            if call.id.is_empty() {
                call.id = delta.id;
            }
            call.signature = delta.signature.or(call.signature.take());
        } else {
            self.waiting.push(Call {
                number: delta.number,
                id: delta.id,
                name: delta.name,
                arguments: delta.arguments,
                signature: delta.signature,
                nesting: JsonNesting::default(),
            });
        }
        Ok(())
    }

    /// Starts the calls that wait, up to one that is not complete; all of them at the end.
    fn start_waiting(&mut self, at_end: bool, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        while let Some(next) = self.waiting.first() {
            if next.name.is_empty() {
                if at_end {
                    return Err(WireError::malformed("the upstream's tool call has no name"));
                }
                return Ok(());
            }
            let mut call = self.waiting.remove(0);
            let text = std::mem::take(&mut call.arguments);
            self.waiting_bytes = self.waiting_bytes.saturating_sub(text.len());
            call.nesting_of(&text);
            if call.id.is_empty() {
                call.id = format!("call_{}_{}", self.index, self.calls_seen);
            }
            self.calls_seen += 1;
            let kind = BlockKind::ToolCall {
                id: call.id.clone(),
                name: call.name.clone(),
                signature: call.signature.clone(),
            };
            self.blocks.start(Open::Tool(call.number), kind, out);
            if !text.is_empty() {
                self.blocks.delta(BlockDelta::Arguments(text), out);
            }
            let complete = call.nesting.is_complete();
            self.current = Some(call);
            if !complete && !at_end {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Ends the choice.
    pub(super) fn finish(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        self.start_waiting(true, out)?;
        self.blocks.close(out);
        let word = self.finish.take().unwrap_or_default();
        let reason = finish_reason(&word, self.calls_seen > 0);
        if reason == FinishReason::Error {
            return Err(WireError::malformed("the upstream gave up its answer"));
        }
        out.push(ChatEvent::Finish {
            choice: self.index,
            reason,
            stop_sequence: None,
        });
        Ok(())
    }
}

impl Call {
    fn nesting_of(&mut self, text: &str) {
        for byte in text.bytes() {
            self.nesting.take(byte);
        }
    }
}

fn read_call(mut call: Fields) -> Result<CallDelta, WireError> {
    let number = call.count("index")?.unwrap_or(0);
    let id = call.text("id")?.unwrap_or_default();
    let signature = call
        .take("extra_content")
        .as_ref()
        .and_then(thought_signature);
    let (mut name, mut text) = (String::new(), String::new());
    if let Some(mut function) = call.object("function")? {
        name = function.text("name")?.unwrap_or_default();
        text = function
            .take("arguments")
            .map(arguments)
            .unwrap_or_default();
    }
    Ok(CallDelta {
        number,
        id,
        name,
        arguments: text,
        signature,
    })
}
