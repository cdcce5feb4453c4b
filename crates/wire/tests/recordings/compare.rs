//! Compares what is read of recordings.

use std::fmt::Write;

use relay_wire::{
    BlockDelta, BlockKind, ChatEvent, ChatResponse, Dialect, FinishReason, Part, Usage,
};
use serde_json::Value;

/// Checks the promises of `ChatEvent`.
pub(crate) fn keeps_its_promises(events: &[ChatEvent]) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("the events break a promise: {what}"));
    if !matches!(events.first(), Some(ChatEvent::Start(_))) {
        return wrong("Start is not first");
    }
    if events.last() != Some(&ChatEvent::End) {
        return wrong("End is not last");
    }
    // For each choice: the next block's number, and the open block.
    let mut choices = std::collections::BTreeMap::<u32, (u32, Option<u32>, bool)>::new();
    for event in &events[1..events.len() - 1] {
        match event {
            ChatEvent::Start(_) | ChatEvent::End => return wrong("Start or End within"),
            ChatEvent::BlockStart { choice, block, .. } => {
                let state = choices.entry(*choice).or_default();
                if state.1.is_some() || state.0 != *block || state.2 {
                    return wrong("a block starts out of turn");
                }
                *state = (block + 1, Some(*block), false);
            }
            ChatEvent::BlockDelta { choice, block, .. } => {
                if choices.entry(*choice).or_default().1 != Some(*block) {
                    return wrong("a delta of a block not open");
                }
            }
            ChatEvent::BlockEnd { choice, block } => {
                if choices.entry(*choice).or_default().1.take() != Some(*block) {
                    return wrong("an end of a block not open");
                }
            }
            ChatEvent::Finish { choice, .. } => {
                let state = choices.entry(*choice).or_default();
                if state.1.is_some() || state.2 {
                    return wrong("a finish out of turn");
                }
                state.2 = true;
            }
            ChatEvent::Usage(_) if choices.values().any(|state| !state.2) => {
                return wrong("usage before every finish");
            }
            ChatEvent::Usage(_) | ChatEvent::Logprobs { .. } => {}
        }
    }
    Ok(())
}

/// What must survive a dialect, of the first choice.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Essence {
    /// Text, refusals among it.
    pub(crate) text: String,
    pub(crate) reasoning: String,
    /// Names and arguments, these as JSON where they are.
    pub(crate) calls: Vec<(String, Value)>,
    pub(crate) images: usize,
    pub(crate) finish: Option<FinishReason>,
    pub(crate) stop_sequence: Option<String>,
    pub(crate) usage: Option<Usage>,
}

impl Essence {
    /// Whether every call can be written in a dialect whose arguments are objects.
    pub(crate) fn has_only_objects(&self) -> bool {
        self.calls
            .iter()
            .all(|(_, arguments)| arguments.is_object())
    }

    /// What is left of it where only this dialect's words are known.
    pub(crate) fn told_in(mut self, dialect: Dialect) -> Self {
        self.finish = self
            .finish
            .or(Some(FinishReason::Stop))
            .map(|finish| finish_told_in(dialect, finish, !self.calls.is_empty()));
        if dialect != Dialect::AnthropicMessages {
            self.stop_sequence = None;
        }
        if dialect == Dialect::AnthropicMessages {
            self.images = 0;
        }
        self.usage = self.usage.map(|usage| usage_told_in(dialect, usage));
        self
    }
}

/// Which finish a dialect has a word for.
fn finish_told_in(dialect: Dialect, finish: FinishReason, has_calls: bool) -> FinishReason {
    use FinishReason::{ContentFilter, Error, Pause, Refusal, Stop, ToolCalls};
    match (dialect, finish) {
        (Dialect::AnthropicMessages, ContentFilter | Error) => Refusal,
        (Dialect::AnthropicMessages, other) => other,
        (Dialect::OpenAiChat | Dialect::OpenAiResponses, Refusal | Error)
        | (Dialect::Gemini, Refusal) => ContentFilter,
        // Hosts say `stop` of calls too, so the calls tell. Chat alone has a word for them.
        (_, Stop | Pause) if has_calls => ToolCalls,
        (_, Stop | Pause) => Stop,
        (Dialect::OpenAiResponses | Dialect::Gemini, ToolCalls) if !has_calls => Stop,
        (_, other) => other,
    }
}

/// Which counts a dialect has words for.
pub(crate) fn usage_told_in(dialect: Dialect, usage: Usage) -> Usage {
    let mut out = usage;
    if dialect != Dialect::AnthropicMessages {
        out.cached_write_1h_tokens = 0;
    }
    if dialect == Dialect::AnthropicMessages {
        out.input_audio_tokens = 0;
        out.output_audio_tokens = 0;
        out.input_image_tokens = 0;
        out.output_image_tokens = 0;
    }
    if dialect == Dialect::Gemini {
        out.cached_write_tokens = 0;
    }
    out
}

fn arguments(text: &str) -> Value {
    if text.is_empty() {
        return Value::Object(serde_json::Map::new());
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// What a whole answer says.
pub(crate) fn essence_of_answer(answer: &ChatResponse) -> Essence {
    let mut out = Essence {
        usage: answer.usage,
        ..Essence::default()
    };
    let Some(choice) = answer.choices.first() else {
        return out;
    };
    out.finish = choice.finish;
    out.stop_sequence.clone_from(&choice.stop_sequence);
    for part in &choice.parts {
        match part {
            Part::Text(text) => out.text.push_str(&text.text),
            Part::Refusal(text) => out.text.push_str(text),
            Part::Reasoning(reasoning) => out.reasoning.push_str(&reasoning.text),
            Part::ToolCall(call) => out
                .calls
                .push((call.name.clone(), arguments(&call.arguments))),
            Part::Image(_) => out.images += 1,
            _ => {}
        }
    }
    out
}

/// What a stream says.
pub(crate) fn essence_of_stream(events: &[ChatEvent]) -> Essence {
    let mut out = Essence::default();
    let mut in_reasoning = false;
    let mut calls = Vec::<(String, String)>::new();
    for event in events {
        match event {
            ChatEvent::BlockStart {
                choice: 0, kind, ..
            } => {
                in_reasoning = *kind == BlockKind::Reasoning;
                match kind {
                    BlockKind::ToolCall { name, .. } => calls.push((name.clone(), String::new())),
                    BlockKind::Image { .. } => out.images += 1,
                    _ => {}
                }
            }
            ChatEvent::BlockDelta {
                choice: 0, delta, ..
            } => match delta {
                BlockDelta::Text(text) if in_reasoning => out.reasoning.push_str(text),
                BlockDelta::Text(text) => out.text.push_str(text),
                BlockDelta::Arguments(text) => {
                    let _ = calls.last_mut().expect("a call is open").1.write_str(text);
                }
                _ => {}
            },
            ChatEvent::Finish {
                choice: 0,
                reason,
                stop_sequence,
            } => {
                out.finish = Some(*reason);
                out.stop_sequence.clone_from(stop_sequence);
            }
            ChatEvent::Usage(usage) => out.usage = Some(*usage),
            _ => {}
        }
    }
    out.calls = calls
        .into_iter()
        .map(|(name, text)| (name, arguments(&text)))
        .collect();
    out
}

/// Checks that what was read after it was written in a dialect is what that dialect can tell.
pub(crate) fn same(before: Essence, after: &Essence, dialect: Dialect) -> Result<(), String> {
    let mut before = before.told_in(dialect);
    // Calls whose arguments are no object can be written in OpenAI's dialects alone.
    if dialect != Dialect::OpenAiChat && !before.has_only_objects() {
        before.calls.clone_from(&after.calls);
    }
    // Where the upstream told nothing, some dialects must write zeros.
    if before.usage.is_none() && after.usage == Some(Usage::default()) {
        before.usage = after.usage;
    }
    if before == *after {
        Ok(())
    } else {
        Err(format!("changed by {dialect}:\n  {before:?}\n  {after:?}"))
    }
}
