//! Reads an upstream's stream of `GenerateContentResponse` objects.

use serde_json::Value;

use super::content_in::{CallIds, part};
use super::error::of_value;
use super::frames::Frames;
use super::grounding::annotations;
use super::partial_args::PartialArgs;
use super::response_in::{finish_reason, logprobs, unanswered};
use super::usage::usage_from;
use crate::json::Fields;
use crate::sse::MAX_EVENT_BYTES;
use crate::stream::{Blocks, Open};
use crate::{
    BlockDelta, BlockKind, ChatEvent, Dialect, FinishReason, Media, Part, Signature, StreamDecoder,
    StreamStart, Usage, WireError,
};

const OWN: Dialect = Dialect::Gemini;

/// The most candidates one stream may hold.
const MAX_CANDIDATES: usize = 128;

/// The state of one stream. Nothing marks the end but the finish reason of each candidate, so
/// finish events wait for the end of the bytes.
#[derive(Debug, Default)]
pub(super) struct ChunkDecoder {
    frames: Frames,
    failed: Option<WireError>,
    started: bool,
    ids: CallIds,
    candidates: Vec<Candidate>,
    blocked: Option<Value>,
    usage: Option<Usage>,
}

#[derive(Debug)]
struct Candidate {
    index: u32,
    blocks: Blocks,
    /// A call whose arguments come in pieces.
    partial: Option<PartialArgs>,
    has_calls: bool,
    finish: Option<String>,
    /// The text so far: the places of its sources, which come last, are counted in its bytes.
    text: String,
    grounding: Option<Value>,
}

impl StreamDecoder for ChunkDecoder {
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<ChatEvent>, WireError> {
        self.run(|this, out| {
            let mut objects = Vec::new();
            this.frames.push(bytes, &mut objects)?;
            objects
                .iter()
                .try_for_each(|object| this.object(object, out))
        })
    }

    fn finish(&mut self) -> Result<Vec<ChatEvent>, WireError> {
        self.run(|this, out| {
            let mut objects = Vec::new();
            this.frames.finish(&mut objects)?;
            objects
                .iter()
                .try_for_each(|object| this.object(object, out))?;
            this.end(out)
        })
    }
}

impl ChunkDecoder {
    fn run(
        &mut self,
        step: impl FnOnce(&mut Self, &mut Vec<ChatEvent>) -> Result<(), WireError>,
    ) -> Result<Vec<ChatEvent>, WireError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut out = Vec::new();
        match step(self, &mut out) {
            Ok(()) => Ok(out),
            Err(error) => {
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    fn object(&mut self, text: &str, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let mut fields = Fields::parse(text.as_bytes())?;
        if fields.peek("error").is_some() {
            return Err(WireError::upstream(of_value(
                None,
                &Value::Object(fields.rest()),
            )));
        }
        if !self.started {
            self.started = true;
            let id = fields.text("responseId")?.unwrap_or_default();
            self.ids = CallIds::new(&id);
            let model = fields.text("modelVersion")?.unwrap_or_default();
            out.push(ChatEvent::Start(StreamStart {
                id,
                model,
                ..StreamStart::default()
            }));
        }
        if let Some(usage) = fields.take("usageMetadata") {
            // Each chunk tells the whole so far; some tell nothing but the kind of traffic.
            if usage.get("promptTokenCount").is_some() {
                self.usage = Some(usage_from(&usage));
            }
        }
        self.blocked = fields.take("promptFeedback").or(self.blocked.take());
        for candidate in fields.objects("candidates")? {
            self.candidate(candidate, out)?;
        }
        Ok(())
    }

    fn candidate(&mut self, mut fields: Fields, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        let index = fields.small_count("index")?.unwrap_or(0);
        let known = self
            .candidates
            .iter()
            .position(|candidate| candidate.index == index);
        if known.is_none() {
            if self.candidates.len() >= MAX_CANDIDATES {
                return Err(WireError::malformed(
                    "the upstream's stream has too many candidates",
                ));
            }
            self.candidates.push(Candidate {
                index,
                blocks: Blocks::new(index),
                partial: None,
                has_calls: false,
                finish: None,
                text: String::new(),
                grounding: None,
            });
        }
        let at = known.unwrap_or(self.candidates.len() - 1);
        let candidate = &mut self.candidates[at];
        if let Some(mut content) = fields.object("content")? {
            for fields in content.objects("parts")? {
                candidate.part(fields, &mut self.ids, out)?;
            }
        }
        if let Some(result) = fields.take("logprobsResult") {
            out.push(ChatEvent::Logprobs {
                choice: index,
                value: logprobs(&result),
            });
        }
        candidate.grounding = fields
            .take("groundingMetadata")
            .filter(|metadata| metadata.get("groundingSupports").is_some())
            .or(candidate.grounding.take());
        candidate.finish = fields.text("finishReason")?.or(candidate.finish.take());
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if !self.started
            || self
                .candidates
                .iter()
                .any(|candidate| candidate.finish.is_none())
        {
            return Err(WireError::truncated());
        }
        if self.candidates.is_empty() {
            let Some(feedback) = &self.blocked else {
                return Err(WireError::truncated());
            };
            let reason = unanswered(Some(feedback))
                .finish
                .unwrap_or(FinishReason::Error);
            out.push(ChatEvent::Finish {
                choice: 0,
                reason,
                stop_sequence: None,
            });
        }
        for candidate in &mut self.candidates {
            candidate.end(out)?;
        }
        out.extend(self.usage.take().map(ChatEvent::Usage));
        out.push(ChatEvent::End);
        Ok(())
    }
}

impl Candidate {
    fn part(
        &mut self,
        mut fields: Fields,
        ids: &mut CallIds,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        let is_partial = fields.peek("functionCall").is_some_and(|call| {
            self.partial.is_some() || call.get("willContinue").is_some_and(|more| *more == true)
        });
        if is_partial {
            return self.partial_call(&mut fields, ids, out);
        }
        match part(fields, ids)? {
            Part::Text(text) => {
                self.blocks.text(Open::Text, &text.text, out);
                if self.text.len() + text.text.len() <= MAX_EVENT_BYTES {
                    self.text.push_str(&text.text);
                }
                let signature = text.extensions.get(OWN, "thoughtSignature");
                if let Some(data) = signature.and_then(Value::as_str) {
                    // Often alone, in the last part of the answer.
                    self.blocks.ensure(Open::Text, out);
                    let data = data.to_owned();
                    let signature = Signature { dialect: OWN, data };
                    self.blocks.delta(BlockDelta::Signature(signature), out);
                }
            }
            Part::Reasoning(reasoning) => {
                self.blocks.text(Open::Reasoning, &reasoning.text, out);
                if let Some(signature) = reasoning.signature {
                    self.blocks.ensure(Open::Reasoning, out);
                    self.blocks.delta(BlockDelta::Signature(signature), out);
                }
            }
            Part::ToolCall(call) => {
                self.start_call(call.id, call.name, call.signature, out);
                if !call.arguments.is_empty() {
                    self.blocks
                        .delta(BlockDelta::Arguments(call.arguments), out);
                }
                self.blocks.close(out);
            }
            Part::Image(image) => {
                let kind = match image.media {
                    Media::Base64 { media_type, data } => BlockKind::Image { media_type, data },
                    Media::Url(url) | Media::FileId { id: url, .. } => BlockKind::Native {
                        dialect: OWN,
                        value: serde_json::json!({"fileData": {"fileUri": url}}),
                    },
                };
                self.blocks.whole(kind, out);
            }
            Part::Native { dialect, value } => {
                self.blocks.whole(BlockKind::Native { dialect, value }, out);
            }
            Part::Audio(audio) => self.native_media(&audio.media, out),
            Part::File(file) => self.native_media(&file.media, out),
            // `part` makes none of these of an answer.
            Part::Refusal(_) | Part::ToolResult(_) => {}
        }
        Ok(())
    }

    fn native_media(&mut self, media: &Media, out: &mut Vec<ChatEvent>) {
        let value = match media {
            Media::Base64 { media_type, data } => {
                serde_json::json!({"inlineData": {"mimeType": media_type, "data": data}})
            }
            Media::Url(url) | Media::FileId { id: url, .. } => {
                serde_json::json!({"fileData": {"fileUri": url}})
            }
        };
        self.blocks.whole(
            BlockKind::Native {
                dialect: OWN,
                value,
            },
            out,
        );
    }

    fn start_call(
        &mut self,
        id: String,
        name: String,
        signature: Option<Signature>,
        out: &mut Vec<ChatEvent>,
    ) {
        self.has_calls = true;
        self.blocks.start(
            Open::Tool(0),
            BlockKind::ToolCall {
                id,
                name,
                signature,
            },
            out,
        );
    }

    /// A call in pieces: first its name, then its arguments, then an object that says no more.
    fn partial_call(
        &mut self,
        fields: &mut Fields,
        ids: &mut CallIds,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        let signature = fields
            .text("thoughtSignature")?
            .map(|data| Signature { dialect: OWN, data });
        let Some(mut call) = fields.object("functionCall")? else {
            return Ok(());
        };
        if let Some(name) = call.text("name")? {
            self.end_partial(out);
            let id = call.text("id")?.unwrap_or_else(|| ids.next());
            self.start_call(id, name, signature, out);
            self.partial = Some(PartialArgs::default());
        }
        let Some(args) = &mut self.partial else {
            return Err(WireError::malformed(
                "the upstream went on with a call it had not begun",
            ));
        };
        for piece in call.array("partialArgs")?.unwrap_or_default() {
            args.take(&piece)?;
        }
        if !call.bool("willContinue")?.unwrap_or(false) {
            self.end_partial(out);
        }
        Ok(())
    }

    fn end_partial(&mut self, out: &mut Vec<ChatEvent>) {
        if let Some(args) = self.partial.take() {
            self.blocks
                .delta(BlockDelta::Arguments(args.into_text()), out);
            self.blocks.close(out);
        }
    }

    fn end(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if self.partial.is_some() {
            return Err(WireError::malformed(
                "the upstream ended its answer within a tool call",
            ));
        }
        if let Some(metadata) = self.grounding.take()
            && self.blocks.open() == Some(Open::Text)
        {
            for annotation in annotations(&metadata, &self.text) {
                self.blocks.delta(BlockDelta::Annotation(annotation), out);
            }
        }
        self.blocks.close(out);
        let reason = finish_reason(self.finish.as_deref().unwrap_or_default(), self.has_calls);
        out.push(ChatEvent::Finish {
            choice: self.index,
            reason,
            stop_sequence: None,
        });
        Ok(())
    }
}
