//! A chat request reduced to what the rules of answering look at, whatever dialect it came in.

use serde_json::Value;

/// A chat request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turn {
    /// The model as the caller named it.
    pub(crate) model: String,
    /// The text of the last user message.
    pub(crate) said: String,
    /// How many images the last user message holds.
    pub(crate) images: usize,
    /// Results of tools, when the conversation ends with them.
    pub(crate) results: Vec<String>,
    /// Tools on offer.
    pub(crate) tools: Vec<Tool>,
    /// Which of them may, or must, be called.
    pub(crate) choice: ToolChoice,
    /// The most tokens (words) to answer.
    pub(crate) max_tokens: Option<usize>,
    /// Texts to stop before.
    pub(crate) stops: Vec<String>,
    /// Input tokens: words of all messages.
    pub(crate) input_tokens: usize,
}

/// A tool on offer.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    /// JSON schema of the arguments.
    pub(crate) schema: Value,
}

/// Whether tools are called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    /// When the user's text names one.
    #[default]
    Auto,
    Never,
    /// Whatever the text says: the tool it names, else the first.
    Required,
    /// This one.
    Named(String),
}

impl Turn {
    /// Adds a message's text to the count of input tokens.
    pub(crate) fn count(&mut self, text: &str) {
        self.input_tokens += words(text);
    }
}

/// Tokens of a text in this simulation: words, at least one.
pub(crate) fn words(text: &str) -> usize {
    text.split_whitespace().count().max(1)
}
