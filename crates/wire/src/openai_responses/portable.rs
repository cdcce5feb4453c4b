//! Groups of tools and tools that take free text, as plain functions.
//!
//! Source: OpenAI API reference, "Create a model response": tools of type `namespace` and `custom`,
//! items `custom_tool_call` and `custom_tool_call_output`, `namespace` of a `function_call`.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Value, json};

use super::OWN;
use super::content_in::content;
use super::request_in::tool;
use crate::json::{Fields, Object, text_at};
use crate::openai_chat::native_tool_error;
use crate::tool_names::ClientTool;
use crate::{
    ChatRequest, Extensions, Message, Part, Role, Tool, ToolCall, ToolChoice, ToolNames,
    ToolResult, WireError,
};

/// The one argument of a function that stands for a tool which takes free text.
pub(super) const INPUT: &str = "input";

/// How the client's groups of tools and its tools that take free text are called elsewhere.
pub(crate) fn tool_names(request: &ChatRequest) -> ToolNames {
    let plain: HashSet<&str> = request.tools.iter().filter_map(function_name).collect();
    let mut names = ToolNames::default();
    for value in request.tools.iter().filter_map(own) {
        let group = (value["type"] == "namespace").then(|| text_at(value, "name"));
        for inner in members(value) {
            let Some(name) = text_at(inner, "name") else {
                continue;
            };
            let tool = ClientTool {
                namespace: group.flatten().map(str::to_owned),
                name: name.to_owned(),
                is_custom: inner["type"] == "custom",
            };
            names.insert(tool, |name| plain.contains(name));
        }
    }
    names
}

/// Rewrites what has a plain word, and leaves out hosted tools that are merely offered.
///
/// Errors: a hosted tool that the request depends on, by its place.
pub(crate) fn portable(request: &ChatRequest) -> Result<Cow<'_, ChatRequest>, WireError> {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let is_plain = parts.into_iter().all(is_plain) && !request.tools.iter().any(needs_rewriting);
    if is_plain {
        return Ok(Cow::Borrowed(request));
    }
    let names = tool_names(request);
    let mut request = request.clone();
    request.tools = tools(&request, &names)?;
    if let Some(name) = custom_choice(&request) {
        request.tool_choice = Some(ToolChoice::Function(names.plain(None, &name)));
        request.extensions.remove(OWN, "tool_choice");
    }
    let messages = std::mem::take(&mut request.messages);
    for (index, message) in messages.into_iter().enumerate() {
        let path = format!("messages[{index}].content");
        rewrite(message, &names, &path, &mut request.messages)?;
    }
    Ok(Cow::Owned(request))
}

fn function_name(tool: &Tool) -> Option<&str> {
    match tool {
        Tool::Function { name, .. } => Some(name),
        Tool::Native { .. } => None,
    }
}

/// A tool that only this dialect knows.
fn own(tool: &Tool) -> Option<&Value> {
    match tool {
        Tool::Native {
            dialect: OWN,
            value,
        } => Some(value),
        _ => None,
    }
}

/// The tools that the client runs: those of a group, or the one.
fn members(value: &Value) -> &[Value] {
    match text_at(value, "type") {
        Some("namespace") => value["tools"].as_array().map_or(&[], Vec::as_slice),
        Some("custom") => std::slice::from_ref(value),
        _ => &[],
    }
}

/// Held back until a search finds it, which elsewhere means: not held back.
const DEFERRED: &str = "defer_loading";

fn needs_rewriting(tool: &Tool) -> bool {
    match tool {
        Tool::Function { extensions, .. } => extensions.get(OWN, DEFERRED).is_some(),
        Tool::Native { .. } => own(tool).is_some(),
    }
}

fn is_plain(part: &Part) -> bool {
    match part {
        Part::ToolCall(call) => call.extensions.get(OWN, "namespace").is_none(),
        Part::Native {
            dialect: OWN,
            value,
        } => !is_custom(value) && !is_kept_thought(value),
        _ => true,
    }
}

/// A thought by its id alone, as clients send it that take for granted that answers are kept
/// (Vercel's AI SDK does). It says no more than a thought without its encrypted form.
fn is_kept_thought(item: &Value) -> bool {
    let id = text_at(item, "id").unwrap_or_default();
    text_at(item, "type") == Some("item_reference") && id.starts_with("rs_")
}

fn is_custom(item: &Value) -> bool {
    let kind = text_at(item, "type");
    matches!(kind, Some("custom_tool_call" | "custom_tool_call_output"))
}

/// `tool_choice` that names a tool which takes free text.
fn custom_choice(request: &ChatRequest) -> Option<String> {
    let choice = request.extensions.get(OWN, "tool_choice")?;
    (choice["type"] == "custom").then(|| text_at(choice, "name").map(str::to_owned))?
}

fn tools(request: &ChatRequest, names: &ToolNames) -> Result<Vec<Tool>, WireError> {
    let has_functions = request
        .tools
        .iter()
        .any(|tool| own(tool).is_none_or(|value| !members(value).is_empty()));
    let mut out = Vec::with_capacity(request.tools.len());
    for (index, tool) in request.tools.iter().enumerate() {
        let Some(value) = own(tool) else {
            out.push(tool.clone());
            continue;
        };
        match text_at(value, "type") {
            Some("namespace") => {
                let group = text_at(value, "name");
                for (inner, member) in members(value).iter().enumerate() {
                    let path = format!("tools[{index}].tools[{inner}]");
                    out.push(member_tool(member, group, names, &path)?);
                }
            }
            Some("custom") => {
                out.push(member_tool(value, None, names, &format!("tools[{index}]"))?);
            }
            Some(kind) if has_functions && is_merely_offered(kind) => {}
            _ => return Err(native_tool_error(value, index)),
        }
    }
    for tool in &mut out {
        if let Tool::Function { extensions, .. } = tool {
            extensions.remove(OWN, DEFERRED);
        }
    }
    Ok(out)
}

/// Searches that coding tools offer with every request beside functions of their own: without them
/// the model does the same work by other means. A request with no other tool is about searching.
fn is_merely_offered(kind: &str) -> bool {
    kind.starts_with("web_search") || kind == "tool_search"
}

fn member_tool(
    value: &Value,
    group: Option<&str>,
    names: &ToolNames,
    path: &str,
) -> Result<Tool, WireError> {
    let mut made = match text_at(value, "type") {
        Some("custom") => custom(value),
        _ => tool(Fields::at(path, value.clone())?)?,
    };
    if let Tool::Function { name, .. } = &mut made {
        *name = names.plain(group, name);
    }
    Ok(made)
}

/// A tool that takes free text, as a function of one text. A grammar is told in words: only
/// OpenAI's models can be held to it.
fn custom(value: &Value) -> Tool {
    let mut description = text_at(value, "description").unwrap_or_default().to_owned();
    if !description.is_empty() {
        description.push_str("\n\n");
    }
    description.push_str("Pass the whole text, as it is, as `input`.");
    let format = &value["format"];
    if let Some(grammar) = text_at(format, "definition") {
        let syntax = text_at(format, "syntax").unwrap_or("given");
        let more = format!(" It must follow this grammar ({syntax}):\n\n{grammar}");
        description.push_str(&more);
    }
    Tool::Function {
        name: text_at(value, "name").unwrap_or_default().to_owned(),
        description: Some(description),
        parameters: Some(json!({
            "type": "object",
            "properties": {INPUT: {"type": "string"}},
            "required": [INPUT],
            "additionalProperties": false,
        })),
        strict: None,
        extensions: Extensions::default(),
    }
}

/// Writes a message with plain calls. Outputs of tools that take free text, which this dialect's
/// decoder leaves among what the model made, become tools' results.
fn rewrite(
    mut message: Message,
    names: &ToolNames,
    path: &str,
    out: &mut Vec<Message>,
) -> Result<(), WireError> {
    let parts = std::mem::take(&mut message.parts);
    let (mut kept, mut results) = (Vec::with_capacity(parts.len()), Vec::new());
    let was_empty = parts.is_empty();
    for (index, part) in parts.into_iter().enumerate() {
        match part {
            Part::ToolCall(mut call) => {
                let group = call.extensions.remove(OWN, "namespace");
                if let Some(group) = group.as_ref().and_then(Value::as_str) {
                    call.name = names.plain(Some(group), &call.name);
                }
                kept.push(Part::ToolCall(call));
            }
            Part::Native {
                dialect: OWN,
                value,
            } if is_custom(&value) => {
                let mut fields = Fields::at(&format!("{path}[{index}]"), value)?;
                if fields.required_text("type")? == "custom_tool_call" {
                    kept.push(custom_call(&mut fields, names)?);
                } else {
                    results.push(Part::ToolResult(ToolResult {
                        call_id: fields.required_text("call_id")?,
                        name: None,
                        content: content(&mut fields, "output")?,
                        is_error: false,
                        extensions: Extensions::default(),
                    }));
                }
            }
            Part::Native {
                dialect: OWN,
                value,
            } if is_kept_thought(&value) => {}
            part => kept.push(part),
        }
    }
    if !kept.is_empty() || was_empty {
        message.parts = kept;
        push(message, out);
    }
    if !results.is_empty() {
        push(Message::new(Role::Tool, results), out);
    }
    Ok(())
}

/// Calls made at once stay one message, and so do their results.
fn push(message: Message, out: &mut Vec<Message>) {
    match out.last_mut() {
        Some(last) if last.role == message.role && message.role == Role::Tool => {
            last.parts.extend(message.parts);
        }
        _ => out.push(message),
    }
}

fn custom_call(fields: &mut Fields, names: &ToolNames) -> Result<Part, WireError> {
    let name = fields.required_text("name")?;
    let group = fields.text("namespace")?;
    let input = fields.text(INPUT)?.unwrap_or_default();
    Ok(Part::ToolCall(ToolCall {
        id: fields.required_text("call_id")?,
        name: names.plain(group.as_deref(), &name),
        arguments: json!({INPUT: input}).to_string(),
        signature: None,
        extensions: Extensions::default(),
    }))
}

/// The item of a call as the client knows the tool, with empty arguments.
pub(super) fn call_item(names: &ToolNames, name: &str, call_id: &str) -> Object {
    let mut item = Object::new();
    let tool = names.of_client(name);
    let is_custom = tool.is_some_and(|tool| tool.is_custom);
    let kind = if is_custom {
        "custom_tool_call"
    } else {
        "function_call"
    };
    item.insert("type".to_owned(), kind.into());
    item.insert("call_id".to_owned(), call_id.into());
    item.insert(
        "name".to_owned(),
        tool.map_or(name, |tool| &tool.name).into(),
    );
    if let Some(group) = tool.and_then(|tool| tool.namespace.as_deref()) {
        item.insert("namespace".to_owned(), group.into());
    }
    let arguments = if is_custom { INPUT } else { "arguments" };
    item.insert(arguments.to_owned(), "".into());
    item
}

/// What the ids of such items begin with.
pub(super) fn prefix(call: &Object) -> &'static str {
    if call.contains_key(INPUT) {
        "ctc"
    } else {
        "fc"
    }
}

/// The free text in a function's arguments; what is no such object is taken for the text itself.
pub(super) fn input_of(arguments: &str) -> String {
    let object: Option<Value> = serde_json::from_str(arguments).ok();
    let input = object.as_ref().and_then(|object| text_at(object, INPUT));
    input.unwrap_or(arguments).to_owned()
}
