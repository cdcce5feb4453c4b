//! A streamed chat answer.

use serde_json::Value;

use crate::{Annotation, Dialect, FinishReason, Signature, Usage};

/// One step of a streamed answer.
///
/// Decoders keep these promises, so encoders need not check them: [`ChatEvent::Start`] comes
/// first and once; within a choice blocks never overlap, are numbered from 0 without gaps, and
/// every started block is ended; [`ChatEvent::Finish`] follows the last block of its choice;
/// [`ChatEvent::Usage`] comes at most once, after every `Finish`; [`ChatEvent::End`] comes last
/// and only when the upstream ended properly.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// The answer begins.
    Start(StreamStart),
    /// A block of content begins.
    BlockStart {
        /// Which answer.
        choice: u32,
        /// Which block of it.
        block: u32,
        /// What it holds.
        kind: BlockKind,
    },
    /// More of a block.
    BlockDelta {
        /// Which answer.
        choice: u32,
        /// Which block of it.
        block: u32,
        /// What is added.
        delta: BlockDelta,
    },
    /// A block is complete.
    BlockEnd {
        /// Which answer.
        choice: u32,
        /// Which block of it.
        block: u32,
    },
    /// OpenAI's log probabilities for the text so far, as written.
    Logprobs {
        /// Which answer.
        choice: u32,
        /// The `logprobs` object of a chunk.
        value: Value,
    },
    /// An answer is complete.
    Finish {
        /// Which answer.
        choice: u32,
        /// Why the model stopped.
        reason: FinishReason,
        /// Which of the stop texts ended it.
        stop_sequence: Option<String>,
    },
    /// Tokens of the whole request.
    Usage(Usage),
    /// The upstream ended the stream properly.
    End,
}

/// The head of a streamed answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamStart {
    /// The upstream's id of the answer.
    pub id: String,
    /// The model that answers, as the upstream names it.
    pub model: String,
    /// Epoch seconds, where the upstream tells.
    pub created: Option<i64>,
    /// What the upstream counted before generating, where it tells (Anthropic).
    pub usage: Option<Usage>,
}

/// What a block holds.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// Text.
    Text,
    /// Reasoning.
    Reasoning,
    /// Reasoning that is withheld; complete at its start.
    RedactedReasoning(Signature),
    /// The model declines.
    Refusal,
    /// A call of a tool that the client runs; its arguments follow as deltas.
    ToolCall {
        /// Unique within the conversation.
        id: String,
        /// The tool's name.
        name: String,
        /// What the provider wants back with this call.
        signature: Option<Signature>,
    },
    /// A generated picture; complete at its start.
    Image {
        /// `image/png`, ...
        media_type: String,
        /// Standard base64.
        data: String,
    },
    /// A part that only its own dialect knows; complete at its start.
    Native {
        /// The dialect that knows it.
        dialect: Dialect,
        /// The part as it was written there.
        value: Value,
    },
}

/// What is added to a block.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockDelta {
    /// More text of a text, reasoning or refusal block.
    Text(String),
    /// More of a tool call's arguments: JSON text, cut anywhere.
    Arguments(String),
    /// The signature of a reasoning or text block; at most one a block.
    Signature(Signature),
    /// A source of a text block.
    Annotation(Annotation),
}
