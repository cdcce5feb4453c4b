//! A whole chat answer.

use serde_json::Value;

use crate::{Extensions, Part, ToolNames, Usage};

/// A whole chat answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatResponse {
    /// The upstream's id of the answer.
    pub id: String,
    /// The model that answered, as the upstream names it.
    pub model: String,
    /// When the answer was made, epoch seconds. [`Self::fill_in`] sets it where the upstream does
    /// not tell; this crate reads no clock.
    pub created: Option<i64>,
    /// The answers; one unless the request asked for more.
    pub choices: Vec<Choice>,
    /// Tokens, where the upstream counted them.
    pub usage: Option<Usage>,
    /// The tier that served the request, as the upstream names it.
    pub service_tier: Option<String>,
    /// What the client calls its tools. Set it before encoding, from the request.
    pub tool_names: ToolNames,
    /// Fields with no canonical word.
    pub extensions: Extensions,
}

impl ChatResponse {
    /// Fills in what the upstream did not tell of its answer; some name neither it nor its model.
    pub fn fill_in(&mut self, id: &str, model: &str, created: i64) {
        for (told, known) in [(&mut self.id, id), (&mut self.model, model)] {
            if told.is_empty() {
                known.clone_into(told);
            }
        }
        self.created.get_or_insert(created);
    }
}

/// One answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// Position among the answers, from 0.
    pub index: u32,
    /// What the model said, in order.
    pub parts: Vec<Part>,
    /// Why it stopped; `None` where the upstream did not tell.
    pub finish: Option<FinishReason>,
    /// Which of the stop texts ended it.
    pub stop_sequence: Option<String>,
    /// OpenAI's log probabilities, as written.
    pub logprobs: Option<Value>,
    /// Fields with no canonical word.
    pub extensions: Extensions,
}

/// Why the model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FinishReason {
    /// It was done, or met a stop text.
    Stop,
    /// It met `max_tokens` or the context's end.
    Length,
    /// It wants tools run.
    ToolCalls,
    /// The provider's filter held the answer back.
    ContentFilter,
    /// The model declined.
    Refusal,
    /// A server tool's turn was paused; send the answer back to go on (Anthropic).
    Pause,
    /// The upstream failed to produce a well-formed answer (Gemini's malformed function call).
    Error,
}
