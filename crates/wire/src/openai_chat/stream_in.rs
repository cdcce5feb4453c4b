//! Reads an upstream's stream of `chat.completion.chunk` objects.

use serde_json::Value;

use super::error::{error_of_object, status_of_event};
use super::stream_choice::ChoiceState;
use super::usage::usage_from;
use crate::json::{Fields, text_at};
use crate::sse::SseEvent;
use crate::stream::Translate;
use crate::{ChatEvent, StreamStart, Usage, WireError};

/// The most choices one stream may hold (OpenAI's own bound on `n`).
const MAX_CHOICES: usize = 128;

/// The state of one stream. Finish events wait for `[DONE]`: hosts repeat the finish reason, and
/// the usage may come in its chunk, before it or after it.
#[derive(Debug, Default)]
pub(super) struct ChunkTranslator {
    started: bool,
    done: bool,
    choices: Vec<ChoiceState>,
    usage: Option<Usage>,
}

impl Translate for ChunkTranslator {
    fn event(&mut self, event: &SseEvent, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        let data = event.data.trim();
        if self.done || data.is_empty() {
            return Ok(());
        }
        if data == "[DONE]" {
            return self.done(out);
        }
        let mut chunk = Fields::parse(data.as_bytes())?;
        if let Some(error) = chunk.take("error") {
            return Err(WireError::upstream(error_of_object(
                status_of_event(&error),
                &error,
            )));
        }
        if event.name == "error" {
            let error = Value::Object(chunk.rest());
            return Err(WireError::upstream(error_of_object(
                status_of_event(&error),
                &error,
            )));
        }
        self.chunk(chunk, out)
    }

    /// A few hosts send no `[DONE]`. A stream in which every choice told its finish reason and
    /// that told its usage has nothing left to lose; any other without `[DONE]` was cut.
    fn end(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        let told_all = self.usage.is_some()
            && !self.choices.is_empty()
            && self.choices.iter().all(ChoiceState::is_finished);
        if self.done {
            Ok(())
        } else if told_all {
            self.done(out)
        } else {
            Err(WireError::truncated())
        }
    }
}

impl ChunkTranslator {
    fn chunk(&mut self, mut chunk: Fields, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        // Groq wraps the usage of a stream once more.
        let wrapped = chunk
            .take("x_groq")
            .and_then(|groq| groq.get("usage").cloned());
        if let Some(usage) = chunk.take("usage").or(wrapped).filter(Value::is_object) {
            self.usage = Some(usage_from(&usage));
        }
        let choices = chunk.objects("choices")?;
        if !self.started && !choices.is_empty() {
            self.started = true;
            out.push(ChatEvent::Start(StreamStart {
                id: chunk.text("id")?.unwrap_or_default(),
                model: chunk.text("model")?.unwrap_or_default(),
                created: chunk.take("created").and_then(|created| created.as_i64()),
                usage: None,
            }));
        }
        for mut choice in choices {
            let index = choice.small_count("index")?.unwrap_or(0);
            self.choice(index)?.chunk(choice, out)?;
        }
        Ok(())
    }

    fn choice(&mut self, index: u32) -> Result<&mut ChoiceState, WireError> {
        let at = match self.choices.iter().position(|state| state.index() == index) {
            Some(at) => at,
            None if self.choices.len() >= MAX_CHOICES => {
                return Err(WireError::malformed(
                    "the upstream's stream holds too many choices",
                ));
            }
            None => {
                self.choices.push(ChoiceState::new(index));
                self.choices.len() - 1
            }
        };
        Ok(&mut self.choices[at])
    }

    fn done(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if !self.started {
            return Err(WireError::malformed(
                "the upstream's stream ended without an answer",
            ));
        }
        self.done = true;
        for choice in &mut self.choices {
            choice.finish(out)?;
        }
        out.extend(self.usage.take().map(ChatEvent::Usage));
        out.push(ChatEvent::End);
        Ok(())
    }
}

/// The text pieces of a `content` that some hosts (Mistral) write as parts: thoughts, then text.
pub(super) fn content_pieces(content: &Value) -> Vec<(bool, String)> {
    match content {
        Value::String(text) => vec![(false, text.clone())],
        Value::Array(parts) => parts.iter().flat_map(part_pieces).collect(),
        _ => Vec::new(),
    }
}

fn part_pieces(part: &Value) -> Vec<(bool, String)> {
    if text_at(part, "type") != Some("thinking") {
        return vec![(false, text_at(part, "text").unwrap_or_default().to_owned())];
    }
    let pieces = part
        .get("thinking")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    pieces
        .map(|piece| (true, text_at(piece, "text").unwrap_or_default().to_owned()))
        .collect()
}
