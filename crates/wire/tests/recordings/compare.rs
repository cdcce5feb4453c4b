//! Compares what is read of recordings.

use std::fmt::Write;

use relay_wire::{BlockDelta, BlockKind, ChatEvent, ChatResponse, Dialect, Part};
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

/// What must survive a dialect: text, reasoning and tool calls of the first choice.
#[derive(Debug, PartialEq)]
struct Essence {
    text: String,
    reasoning: String,
    calls: Vec<(String, Value)>,
}

fn arguments(text: &str) -> Value {
    if text.is_empty() {
        return Value::Object(serde_json::Map::new());
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn essence_of_answer(answer: &ChatResponse) -> Essence {
    let mut out = Essence {
        text: String::new(),
        reasoning: String::new(),
        calls: Vec::new(),
    };
    for part in answer
        .choices
        .first()
        .map(|choice| choice.parts.as_slice())
        .unwrap_or_default()
    {
        match part {
            Part::Text(text) => out.text.push_str(&text.text),
            Part::Refusal(text) => out.text.push_str(text),
            Part::Reasoning(reasoning) => out.reasoning.push_str(&reasoning.text),
            Part::ToolCall(call) => out
                .calls
                .push((call.name.clone(), arguments(&call.arguments))),
            _ => {}
        }
    }
    out
}

fn essence_of_stream(events: &[ChatEvent]) -> Essence {
    let mut out = Essence {
        text: String::new(),
        reasoning: String::new(),
        calls: Vec::new(),
    };
    let mut in_reasoning = false;
    let mut calls = Vec::<(String, String)>::new();
    for event in events {
        match event {
            ChatEvent::BlockStart {
                choice: 0, kind, ..
            } => {
                in_reasoning = *kind == BlockKind::Reasoning;
                if let BlockKind::ToolCall { name, .. } = kind {
                    calls.push((name.clone(), String::new()));
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
            _ => {}
        }
    }
    out.calls = calls
        .into_iter()
        .map(|(name, text)| (name, arguments(&text)))
        .collect();
    out
}

fn same(before: &Essence, after: &Essence, dialect: Dialect) -> Result<(), String> {
    // Calls whose arguments are no object can be written in OpenAI's dialect alone.
    if dialect != Dialect::OpenAiChat && before.calls.iter().any(|(_, value)| !value.is_object()) {
        return Ok(());
    }
    if before == after {
        Ok(())
    } else {
        Err(format!("changed by {dialect}:\n  {before:?}\n  {after:?}"))
    }
}

/// Checks that an answer reads the same after it was written in a dialect.
pub(crate) fn same_answer(
    before: &ChatResponse,
    after: &ChatResponse,
    dialect: Dialect,
) -> Result<(), String> {
    same(
        &essence_of_answer(before),
        &essence_of_answer(after),
        dialect,
    )?;
    let totals = |answer: &ChatResponse| {
        answer.usage.map(|usage| {
            (
                usage.input_tokens,
                usage.output_tokens,
                usage.cached_read_tokens,
            )
        })
    };
    if before.usage.is_some() && totals(before) != totals(after) {
        return Err(format!(
            "tokens changed by {dialect}: {:?} {:?}",
            before.usage, after.usage
        ));
    }
    Ok(())
}

/// Checks that a stream reads the same after it was written in a dialect.
pub(crate) fn same_stream(
    before: &[ChatEvent],
    after: &[ChatEvent],
    dialect: Dialect,
) -> Result<(), String> {
    same(
        &essence_of_stream(before),
        &essence_of_stream(after),
        dialect,
    )?;
    let totals = |events: &[ChatEvent]| {
        events.iter().find_map(|event| match event {
            ChatEvent::Usage(usage) => Some((usage.input_tokens, usage.output_tokens)),
            _ => None,
        })
    };
    let (old, new) = (totals(before), totals(after));
    if old.is_some() && old != new {
        return Err(format!("tokens changed by {dialect}: {old:?} {new:?}"));
    }
    Ok(())
}
