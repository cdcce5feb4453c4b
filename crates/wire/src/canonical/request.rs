//! A chat request.

use serde_json::{Map, Value};

use crate::{Dialect, Extensions, Message, ToolNames, openai_responses};

/// A request for one chat answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatRequest {
    /// The dialect it was written in, where it was read from one. A provider's own defaults hold
    /// for requests of its own dialect; for others they are written out.
    pub origin: Option<Dialect>,
    /// The model's name as the client or, after routing, the upstream knows it.
    pub model: String,
    /// Answer as a stream.
    pub stream: bool,
    /// OpenAI's `stream_options.include_usage`.
    pub include_usage: bool,
    /// The conversation, oldest first; system and developer messages where they stood.
    pub messages: Vec<Message>,
    /// The most tokens to generate, reasoning included.
    pub max_tokens: Option<u64>,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// How many answers (choices).
    pub n: Option<u32>,
    /// Ask for log probabilities.
    pub logprobs: Option<LogprobsOptions>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// Whether it must.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several tools at once.
    pub parallel_tool_calls: Option<bool>,
    /// The shape of the answer.
    pub response_format: Option<ResponseFormat>,
    /// How much to reason.
    pub reasoning: Option<ReasoningOptions>,
    /// The application's name for its user, for the provider's abuse monitoring.
    pub user: Option<String>,
    /// OpenAI's and Anthropic's `service_tier`, as written.
    pub service_tier: Option<String>,
    /// OpenAI's `metadata`, as written.
    pub metadata: Option<Map<String, Value>>,
    /// Fields with no canonical word.
    pub extensions: Extensions,
}

impl ChatRequest {
    /// What the client calls its tools, where a translated request has plainer names for them.
    pub fn tool_names(&self) -> ToolNames {
        match self.origin {
            Some(Dialect::OpenAiResponses) => openai_responses::tool_names(self),
            _ => ToolNames::default(),
        }
    }
}

/// How tokens are drawn; `None` leaves the provider's default.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sampling {
    /// 0 to 2 (Anthropic: to 1).
    pub temperature: Option<f64>,
    /// 0 to 1.
    pub top_p: Option<f64>,
    /// A count of candidates.
    pub top_k: Option<u64>,
    /// -2 to 2.
    pub frequency_penalty: Option<f64>,
    /// -2 to 2.
    pub presence_penalty: Option<f64>,
    /// Best-effort determinism.
    pub seed: Option<i64>,
}

/// Ask for log probabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogprobsOptions {
    /// How many alternatives a position, 0 to 20.
    pub top: Option<u32>,
}

/// Something the model may call.
#[derive(Debug, Clone, PartialEq)]
pub enum Tool {
    /// A function that the client runs.
    Function {
        /// Its name.
        name: String,
        /// What it does.
        description: Option<String>,
        /// JSON Schema of its arguments; `None` means no arguments.
        parameters: Option<Value>,
        /// The arguments must follow the schema exactly.
        strict: Option<bool>,
        /// Fields with no canonical word.
        extensions: Extensions,
    },
    /// A tool that only its own dialect knows (web search and the like), kept whole.
    Native {
        /// The dialect that knows it.
        dialect: Dialect,
        /// The tool as it was written there.
        value: Value,
    },
}

/// Whether the model must call a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// It must not.
    None,
    /// It must call one or more.
    Required,
    /// It must call this one.
    Function(String),
}

/// The shape of the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum ResponseFormat {
    /// Free text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that follows a schema.
    JsonSchema {
        /// OpenAI wants a name; other dialects have none.
        name: Option<String>,
        /// What the format is for.
        description: Option<String>,
        /// JSON Schema.
        schema: Value,
        /// The answer must follow the schema exactly.
        strict: Option<bool>,
    },
}

/// How much to reason. Providers take an effort or a budget; encoders convert
/// (`docs/wire.md`, "Reasoning").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReasoningOptions {
    /// A step of effort.
    pub effort: Option<Effort>,
    /// The most tokens to reason with; 0 means none.
    pub budget_tokens: Option<u64>,
    /// Show the reasoning, or a summary of it, in the answer. `None`: the encoder decides.
    pub shown: Option<bool>,
}

/// Steps of reasoning effort, in OpenAI's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effort {
    /// No reasoning.
    None,
    /// As little as the model can.
    Minimal,
    /// Little.
    Low,
    /// The middle.
    Medium,
    /// Much.
    High,
    /// More than much.
    XHigh,
    /// As much as the model can (Anthropic's `max`).
    Max,
}

impl Effort {
    /// The word used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The step of a word, where it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::None,
            Self::Minimal,
            Self::Low,
            Self::Medium,
            Self::High,
            Self::XHigh,
            Self::Max,
        ]
        .into_iter()
        .find(|effort| effort.as_str() == word)
    }
}
