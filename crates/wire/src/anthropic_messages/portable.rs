//! Tools that are held back until a search finds them, in plain words.
//!
//! Source: Anthropic API reference, "Tool search tool": a tool with `defer_loading` is shown to the
//! model only when a `tool_reference` in a tool's result names it.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use crate::json::text_at;
use crate::{ChatRequest, Dialect, Part, Tool, ToolChoice};

const OWN: Dialect = Dialect::AnthropicMessages;

const DEFERRED: &str = "defer_loading";

/// Leaves out the tools that the model would not see, and says in text which ones were found.
pub(crate) fn portable(request: &ChatRequest) -> Cow<'_, ChatRequest> {
    let is_plain = !request.tools.iter().any(is_deferred) && found(request).next().is_none();
    if is_plain {
        return Cow::Borrowed(request);
    }
    let mut request = request.clone();
    let mut shown: HashSet<String> = found(&request).map(str::to_owned).collect();
    if let Some(ToolChoice::Function(name)) = &request.tool_choice {
        shown.insert(name.clone());
    }
    request.tools.retain(|tool| match tool {
        Tool::Function { name, .. } => !is_deferred(tool) || shown.contains(name),
        Tool::Native { .. } => true,
    });
    for tool in &mut request.tools {
        if let Tool::Function { extensions, .. } = tool {
            extensions.remove(OWN, DEFERRED);
        }
    }
    for part in request.messages.iter_mut().flat_map(|m| &mut m.parts) {
        let Part::ToolResult(result) = part else {
            continue;
        };
        let names: Vec<&str> = result.content.iter().filter_map(reference).collect();
        if !names.is_empty() {
            let found = Part::text(names.join("\n"));
            result.content.retain(|part| reference(part).is_none());
            result.content.push(found);
        }
    }
    Cow::Owned(request)
}

fn is_deferred(tool: &Tool) -> bool {
    match tool {
        Tool::Function { extensions, .. } => {
            extensions.get(OWN, DEFERRED) == Some(&Value::Bool(true))
        }
        Tool::Native { .. } => false,
    }
}

/// The names of the tools that searches found.
fn found(request: &ChatRequest) -> impl Iterator<Item = &str> {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    parts
        .filter_map(|part| match part {
            Part::ToolResult(result) => Some(&result.content),
            _ => None,
        })
        .flatten()
        .filter_map(reference)
}

fn reference(part: &Part) -> Option<&str> {
    match part {
        Part::Native {
            dialect: OWN,
            value,
        } if value["type"] == "tool_reference" => text_at(value, "tool_name"),
        _ => None,
    }
}
