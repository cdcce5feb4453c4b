//! The rules of answering: from a [`Turn`] to what the assistant says, whatever the dialect.

use serde_json::Value;

use crate::json::sample;
use crate::reply::Content;
use crate::turn::{Tool, ToolChoice, Turn, words};

/// What the assistant answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// What the model thought first.
    pub(crate) thought: Option<String>,
    pub(crate) text: String,
    pub(crate) calls: Vec<Call>,
    pub(crate) finish: Finish,
    pub(crate) input_tokens: usize,
    /// Those of the thought included.
    pub(crate) output_tokens: usize,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: Value,
}

/// Why the answer ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finish {
    Done,
    /// This stop sequence came up.
    Stopped(String),
    MaxTokens,
    Tools,
}

impl Answer {
    /// Answers a turn: as scripted, else by the rules.
    pub(crate) fn to(turn: &Turn, content: &Content, thought: Option<&str>) -> Self {
        let answer = match content {
            Content::Calls(calls) => Self::calling(turn, calls.clone()),
            Content::Text(text) => Self::saying(turn, text.clone()),
            _ if !turn.results.is_empty() => Self::saying(
                turn,
                format!("The tool answered: {}", turn.results.join("; ")),
            ),
            _ => match wanted_calls(turn) {
                calls if calls.is_empty() => Self::saying(turn, echo(turn)),
                calls => Self::calling(turn, calls),
            },
        };
        match thought {
            Some(thought) => answer.after(thought),
            None => answer,
        }
    }

    /// The answer with a thought before it.
    pub(crate) fn after(self, thought: &str) -> Self {
        Self {
            output_tokens: self.output_tokens + words(thought),
            thought: Some(thought.to_owned()),
            ..self
        }
    }

    /// Those of the output tokens that went into the thought.
    pub(crate) fn thought_tokens(&self) -> usize {
        self.thought.as_deref().map_or(0, words)
    }

    fn calling(turn: &Turn, calls: Vec<Call>) -> Self {
        let output_tokens = calls
            .iter()
            .map(|call| 1 + words(&call.arguments.to_string()))
            .sum();
        Self {
            thought: None,
            text: String::new(),
            calls,
            finish: Finish::Tools,
            input_tokens: turn.input_tokens,
            output_tokens,
        }
    }

    fn saying(turn: &Turn, mut text: String) -> Self {
        let mut finish = Finish::Done;
        let first_stop = turn
            .stops
            .iter()
            .filter_map(|stop| Some((text.find(stop)?, stop)))
            .min();
        if let Some((at, stop)) = first_stop {
            finish = Finish::Stopped(stop.clone());
            text.truncate(at);
        }
        if let Some(most) = turn.max_tokens.filter(|most| words(&text) > *most) {
            finish = Finish::MaxTokens;
            text = pieces(&text).take(most).collect();
        }
        Self {
            thought: None,
            output_tokens: words(&text),
            text,
            calls: Vec::new(),
            finish,
            input_tokens: turn.input_tokens,
        }
    }

    /// The text cut into the pieces a stream sends: one word each, its space included.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &str> {
        pieces(&self.text)
    }
}

impl Call {
    /// The arguments as JSON text.
    pub(crate) fn arguments_text(&self) -> String {
        self.arguments.to_string()
    }

    /// The arguments' text cut into the pieces a stream sends: a few characters each.
    pub(crate) fn argument_pieces(&self) -> Vec<String> {
        const CHARACTERS_A_PIECE: usize = 7;
        let characters: Vec<char> = self.arguments_text().chars().collect();
        characters
            .chunks(CHARACTERS_A_PIECE)
            .map(|piece| piece.iter().collect())
            .collect()
    }
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

fn echo(turn: &Turn) -> String {
    match turn.images {
        0 => format!("You said: {}", turn.said),
        1 => format!("You said: {} (with 1 image)", turn.said),
        images => format!("You said: {} (with {images} images)", turn.said),
    }
}

/// The tools that the request forces, or else that the user's text names.
fn wanted_calls(turn: &Turn) -> Vec<Call> {
    let said = turn.said.to_lowercase();
    let named: Vec<&Tool> = turn
        .tools
        .iter()
        .filter(|tool| said.contains(&tool.name.to_lowercase()))
        .collect();
    let chosen: Vec<&Tool> = match &turn.choice {
        ToolChoice::Never => Vec::new(),
        ToolChoice::Required if named.is_empty() => turn.tools.iter().take(1).collect(),
        ToolChoice::Auto | ToolChoice::Required => named,
        ToolChoice::Named(name) => turn
            .tools
            .iter()
            .filter(|tool| tool.name == *name)
            .collect(),
    };
    chosen
        .into_iter()
        .map(|tool| Call {
            name: tool.name.clone(),
            arguments: object_within(&turn.said).unwrap_or_else(|| sample(&tool.schema)),
        })
        .collect()
}

/// The JSON object inside a text, if there is one.
fn object_within(text: &str) -> Option<Value> {
    let object = text.get(text.find('{')?..=text.rfind('}')?)?;
    serde_json::from_str(object).ok().filter(Value::is_object)
}
