//! Follows a stream that passes through: its usage, its end, its errors.

use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::error::of_value;
use super::usage::usage_from;
use crate::sse::SseEvent;
use crate::stream::JsonNesting;
use crate::tap::{Field, Watch, Word};
use crate::{Usage, WireError};

struct Needles {
    error: Field,
    usage: Field,
    finish_reason: Field,
    index: Field,
    blocked: Word,
}

static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles {
    error: Field::new("\"error\""),
    usage: Field::new("\"usageMetadata\""),
    finish_reason: Field::new("\"finishReason\""),
    index: Field::new("\"index\""),
    blocked: Word::new("\"promptFeedback\""),
});

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Glance {
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    usage_metadata: Option<Value>,
    #[serde(default)]
    prompt_feedback: Option<IgnoredAny>,
    #[serde(default)]
    candidates: Option<Vec<CandidateGlance>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CandidateGlance {
    #[serde(default)]
    index: Option<u32>,
    #[serde(default)]
    finish_reason: Option<IgnoredAny>,
}

/// The state of one stream. Nothing marks the end but the finish reason of each candidate.
#[derive(Debug, Default)]
pub(crate) struct ChunkWatch {
    started: bool,
    /// Each candidate with whether it told why it ended.
    candidates: Vec<(u32, bool)>,
    blocked: bool,
    /// The text of the last account: each chunk tells the whole so far, so only the last is read.
    usage: Vec<u8>,
}

impl Watch for ChunkWatch {
    fn look(&mut self, event: &[u8]) -> bool {
        let needles = &*NEEDLES;
        if !self.started
            || needles.finish_reason.says(event)
            || needles.error.says(event)
            || needles.blocked.is_in(event)
            // Another candidate than the first: its end must be awaited.
            || needles.index.values(event).any(|value| !value.starts_with(b"0"))
        {
            return true;
        }
        match needles.usage.values(event).last() {
            None => false,
            Some(value) => !self.remember(value),
        }
    }

    fn read(&mut self, event: &SseEvent) -> Result<(), WireError> {
        if event.data.trim().is_empty() {
            return Ok(());
        }
        let glance: Glance = serde_json::from_str(&event.data)
            .map_err(|_| WireError::malformed("the upstream's stream holds what is not a chunk"))?;
        if glance.error.is_some() {
            let value: Value = serde_json::from_str(&event.data).unwrap_or_default();
            return Err(WireError::upstream(of_value(None, &value)));
        }
        self.started = true;
        self.blocked |= glance.prompt_feedback.is_some();
        if let Some(usage) = glance.usage_metadata {
            self.remember(usage.to_string().as_bytes());
        }
        for candidate in glance.candidates.unwrap_or_default() {
            let index = candidate.index.unwrap_or(0);
            let finished = candidate.finish_reason.is_some();
            match self
                .candidates
                .iter_mut()
                .find(|(known, _)| *known == index)
            {
                Some((_, before)) => *before |= finished,
                None => self.candidates.push((index, finished)),
            }
        }
        Ok(())
    }

    fn usage(&self) -> Option<Usage> {
        let usage: Value = serde_json::from_slice(&self.usage).ok()?;
        Some(usage_from(&usage))
    }

    fn is_complete(&self, ended: bool) -> bool {
        let answered = !self.candidates.is_empty() || self.blocked;
        ended && self.started && answered && self.candidates.iter().all(|(_, finished)| *finished)
    }
}

impl ChunkWatch {
    /// Keeps the account at the front of `value`, unless it counts nothing; false where it does not
    /// end on its line.
    fn remember(&mut self, value: &[u8]) -> bool {
        let mut nesting = JsonNesting::default();
        let line = value.split(|byte| matches!(byte, b'\n' | b'\r')).next();
        let line = line.unwrap_or_default();
        let Some(end) = line.iter().position(|byte| nesting.take(*byte)) else {
            return false;
        };
        let usage = &line[..=end];
        if COUNTS.is_in(usage) {
            usage.clone_into(&mut self.usage);
        }
        true
    }
}

/// Some chunks tell nothing but the kind of traffic.
static COUNTS: LazyLock<Word> = LazyLock::new(|| Word::new("\"promptTokenCount\""));
