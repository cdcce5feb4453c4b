//! Reads a client's request.

use serde_json::{Value, json};

use super::OWN;
use super::item_in::{Item, item};
use crate::json::Fields;
use crate::{
    ChatRequest, Effort, Extensions, LogprobsOptions, Message, ReasoningOptions, ResponseFormat,
    Role, Sampling, Tool, ToolChoice, WireError,
};

/// What `include` says to ask for log probabilities.
pub(super) const INCLUDE_LOGPROBS: &str = "message.output_text.logprobs";

pub(super) fn decode(mut fields: Fields) -> Result<ChatRequest, WireError> {
    let mut request = ChatRequest {
        origin: Some(OWN),
        // A stored prompt may name the model.
        model: fields.text("model")?.unwrap_or_default(),
        stream: fields.bool("stream")?.unwrap_or(false),
        // Responses tells the usage of every stream.
        include_usage: true,
        max_tokens: fields.count("max_output_tokens")?,
        sampling: Sampling {
            temperature: fields.number("temperature")?,
            top_p: fields.number("top_p")?,
            ..Sampling::default()
        },
        tools: fields
            .objects("tools")?
            .into_iter()
            .map(tool)
            .collect::<Result<_, _>>()?,
        tool_choice: tool_choice(&mut fields)?,
        parallel_tool_calls: fields.bool("parallel_tool_calls")?,
        user: fields.text("user")?,
        service_tier: fields.text("service_tier")?,
        metadata: fields.object("metadata")?.map(Fields::rest),
        ..ChatRequest::default()
    };
    instructions(&mut fields, &mut request)?;
    input(&mut fields, &mut request)?;
    reasoning(&mut fields, &mut request)?;
    text(&mut fields, &mut request)?;
    logprobs(&mut fields, &mut request)?;
    request.extensions.extend(OWN, fields.rest());
    Ok(request)
}

/// `instructions` come before everything; the mark lets them go back to where they stood.
fn instructions(fields: &mut Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    if let Some(text) = fields.text("instructions")? {
        let mut message = Message::text(Role::System, text);
        message.extensions.insert(OWN, "instructions", true.into());
        request.messages.push(message);
    }
    Ok(())
}

/// What the model made one after another is one message, and so are tools' outputs.
fn input(fields: &mut Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    match fields.peek("input") {
        // A stored prompt or an earlier response may stand for it.
        None => return Ok(()),
        Some(Value::String(_)) => {
            let text = fields.required_text("input")?;
            request.messages.push(Message::text(Role::User, text));
            return Ok(());
        }
        Some(Value::Array(_)) => {}
        Some(_) => return Err(fields.wrong("input", "must be a string or an array of items")),
    }
    for fields in fields.objects("input")? {
        let (role, parts) = match item(fields)? {
            Item::Message(message) => {
                request.messages.push(message);
                continue;
            }
            Item::Assistant(parts) => (Role::Assistant, parts),
            Item::Result(part) => (Role::Tool, vec![part]),
        };
        match request.messages.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            _ => request.messages.push(Message::new(role, parts)),
        }
    }
    Ok(())
}

pub(super) fn tool(mut fields: Fields) -> Result<Tool, WireError> {
    let kind = fields.required_text("type")?;
    if kind != "function" {
        let mut value = fields.rest();
        value.insert("type".to_owned(), kind.into());
        return Ok(Tool::Native {
            dialect: OWN,
            value: Value::Object(value),
        });
    }
    let name = fields.required_text("name")?;
    let description = fields.text("description")?;
    let parameters = fields.take("parameters");
    let strict = fields.bool("strict")?;
    let mut extensions = Extensions::default();
    extensions.extend(OWN, fields.rest());
    Ok(Tool::Function {
        name,
        description,
        parameters,
        strict,
        extensions,
    })
}

fn tool_choice(fields: &mut Fields) -> Result<Option<ToolChoice>, WireError> {
    let choice = match fields.peek("tool_choice") {
        // `allowed_tools` or a built-in tool stays behind as an extension.
        None | Some(Value::Object(_)) if !names_function(fields) => return Ok(None),
        Some(Value::String(word)) => match word.as_str() {
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::None,
            "required" => ToolChoice::Required,
            _ => {
                return Err(fields.wrong(
                    "tool_choice",
                    "must be `auto`, `none`, `required` or an object",
                ));
            }
        },
        Some(Value::Object(choice)) => {
            let name = choice.get("name").and_then(Value::as_str);
            let name = name.ok_or_else(|| fields.wrong("tool_choice", "must name its function"))?;
            ToolChoice::Function(name.to_owned())
        }
        _ => return Err(fields.wrong("tool_choice", "must be a string or an object")),
    };
    fields.take("tool_choice");
    Ok(Some(choice))
}

fn names_function(fields: &Fields) -> bool {
    let choice = fields.peek("tool_choice");
    choice.is_some_and(|choice| choice.get("type") == Some(&json!("function")))
}

fn reasoning(fields: &mut Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    let Some(mut object) = fields.object("reasoning")? else {
        return Ok(());
    };
    let mut options = ReasoningOptions::default();
    if let Some(word) = object.text("effort")? {
        options.effort = Some(Effort::parse(&word).ok_or_else(|| {
            object.wrong(
                "effort",
                "must be `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`",
            )
        })?);
    }
    if object.peek("summary").is_some() || object.peek("generate_summary").is_some() {
        options.shown = Some(true);
    }
    let rest = object.rest();
    if !rest.is_empty() {
        request
            .extensions
            .insert(OWN, "reasoning", Value::Object(rest));
    }
    request.reasoning = (options != ReasoningOptions::default()).then_some(options);
    Ok(())
}

fn text(fields: &mut Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    let Some(mut text) = fields.object("text")? else {
        return Ok(());
    };
    if let Some(mut format) = text.object("format")? {
        request.response_format = Some(match format.required_text("type")?.as_str() {
            "text" => ResponseFormat::Text,
            "json_object" => ResponseFormat::JsonObject,
            "json_schema" => ResponseFormat::JsonSchema {
                name: format.text("name")?,
                description: format.text("description")?,
                schema: format.take("schema").unwrap_or_else(|| json!({})),
                strict: format.bool("strict")?,
            },
            _ => return Err(format.wrong("type", "must be `text`, `json_object` or `json_schema`")),
        });
    }
    if let Some(verbosity) = text.take("verbosity") {
        request.extensions.insert(OWN, "verbosity", verbosity);
    }
    let rest = text.rest();
    if !rest.is_empty() {
        request.extensions.insert(OWN, "text", Value::Object(rest));
    }
    Ok(())
}

/// `include` asks for more in the answer; what concerns built-in tools stays behind.
fn logprobs(fields: &mut Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    let top = fields.small_count("top_logprobs")?;
    let include = fields.array("include")?.unwrap_or_default();
    if include.iter().any(|item| item == INCLUDE_LOGPROBS) {
        request.logprobs = Some(LogprobsOptions { top });
    }
    let rest: Vec<Value> = include
        .into_iter()
        .filter(|item| item != INCLUDE_LOGPROBS)
        .collect();
    if !rest.is_empty() {
        request.extensions.insert(OWN, "include", rest.into());
    }
    Ok(())
}
