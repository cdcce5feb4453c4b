//! Follows a stream that passes through: its usage, its end, its errors.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::error::{error_of_object, status_of_event};
use super::response_in::finish_reason;
use super::usage::usage_from;
use crate::sse::SseEvent;
use crate::tap::{Field, Watch, Word};
use crate::{FinishReason, Usage, WireError};

struct Needles {
    done: Word,
    error: Word,
    usage: Field,
    finish_reason: Field,
    index: Field,
}

static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles {
    done: Word::new("[DONE]"),
    error: Word::new("error"),
    usage: Field::new("\"usage\""),
    finish_reason: Field::new("\"finish_reason\""),
    index: Field::new("\"index\""),
});

/// What a chunk says besides content.
#[derive(Deserialize)]
struct Glance {
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    usage: Option<Value>,
    #[serde(default)]
    x_groq: Option<Value>,
    #[serde(default)]
    choices: Option<Vec<ChoiceGlance>>,
}

#[derive(Deserialize)]
struct ChoiceGlance {
    #[serde(default)]
    index: Option<u32>,
    #[serde(default)]
    finish_reason: Option<String>,
}

/// The state of one stream. As in the decoder, a stream without `[DONE]` is whole only if every
/// choice told its finish reason and the usage was told too.
#[derive(Debug, Default)]
pub(crate) struct ChunkWatch {
    /// Each choice with whether it told why it ended.
    choices: Vec<(u32, bool)>,
    usage: Option<Usage>,
    done: bool,
    gave_up: bool,
}

impl Watch for ChunkWatch {
    fn look(&mut self, event: &[u8]) -> bool {
        let needles = &*NEEDLES;
        self.choices.is_empty()
            || needles.usage.says(event)
            || needles.finish_reason.says(event)
            || needles.error.is_in(event)
            || needles.done.is_in(event)
            // Another choice than the first: its end must be awaited. Calls are numbered too.
            || needles.index.values(event).any(|value| !value.starts_with(b"0"))
    }

    fn read(&mut self, event: &SseEvent) -> Result<(), WireError> {
        let data = event.data.trim();
        if self.done || data.is_empty() {
            return Ok(());
        }
        if data == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        if event.name == "error" {
            let value: Value = serde_json::from_str(data).map_err(not_json)?;
            let error = value.get("error").unwrap_or(&value);
            return Err(upstream(error));
        }
        let glance: Glance = serde_json::from_str(data).map_err(not_json)?;
        if let Some(error) = glance.error {
            return Err(upstream(&error));
        }
        let wrapped = glance.x_groq.and_then(|groq| groq.get("usage").cloned());
        if let Some(usage) = glance.usage.or(wrapped).filter(Value::is_object) {
            self.usage = Some(usage_from(&usage));
        }
        for choice in glance.choices.unwrap_or_default() {
            let index = choice.index.unwrap_or(0);
            let word = choice.finish_reason.filter(|word| !word.is_empty());
            self.gave_up |= word
                .as_ref()
                .is_some_and(|word| finish_reason(word, false) == FinishReason::Error);
            match self.choices.iter_mut().find(|(known, _)| *known == index) {
                Some((_, finished)) => *finished |= word.is_some(),
                None => self.choices.push((index, word.is_some())),
            }
        }
        Ok(())
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }

    fn is_complete(&self, ended: bool) -> bool {
        let told_all = || self.usage.is_some() && self.choices.iter().all(|(_, done)| *done);
        !self.choices.is_empty() && !self.gave_up && (self.done || (ended && told_all()))
    }
}

fn not_json(_: serde_json::Error) -> WireError {
    WireError::malformed("the upstream's stream holds what is not a chunk")
}

fn upstream(error: &Value) -> WireError {
    WireError::upstream(error_of_object(status_of_event(error), error))
}
