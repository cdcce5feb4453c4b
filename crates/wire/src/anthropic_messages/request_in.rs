//! Reads a client's request.

use serde_json::Value;

use super::content_in::content;
use crate::json::Fields;
use crate::{
    ChatRequest, Dialect, Effort, Extensions, Message, Part, ReasoningOptions, ResponseFormat,
    Role, Sampling, Tool, ToolChoice, WireError,
};

const OWN: Dialect = Dialect::AnthropicMessages;

pub(super) fn decode(mut fields: Fields) -> Result<ChatRequest, WireError> {
    let mut request = ChatRequest {
        origin: Some(OWN),
        model: fields.required_text("model")?,
        stream: fields.bool("stream")?.unwrap_or(false),
        // Anthropic tells the usage of every stream.
        include_usage: true,
        max_tokens: fields.count("max_tokens")?,
        sampling: Sampling {
            temperature: fields.number("temperature")?,
            top_p: fields.number("top_p")?,
            top_k: fields.count("top_k")?,
            ..Sampling::default()
        },
        stop: stop(&mut fields)?,
        tools: fields
            .objects("tools")?
            .into_iter()
            .map(tool)
            .collect::<Result<_, _>>()?,
        service_tier: fields.text("service_tier")?,
        ..ChatRequest::default()
    };
    let system = content(&mut fields, "system")?;
    if !system.is_empty() {
        request.messages.push(Message::new(Role::System, system));
    }
    if fields.peek("messages").is_none() {
        return Err(fields.wrong("messages", "is required"));
    }
    for message in fields.objects("messages")? {
        decode_message(message, &mut request.messages)?;
    }
    tool_choice(&mut fields, &mut request)?;
    reasoning_and_format(&mut fields, &mut request)?;
    if let Some(mut metadata) = fields.object("metadata")? {
        request.user = metadata.text("user_id")?;
    }
    request.extensions.extend(OWN, fields.rest());
    Ok(request)
}

fn stop(fields: &mut Fields) -> Result<Vec<String>, WireError> {
    let items = fields.array("stop_sequences")?.unwrap_or_default();
    items
        .into_iter()
        .map(|item| match item {
            Value::String(text) => Ok(text),
            _ => Err(fields.wrong("stop_sequences", "must hold strings only")),
        })
        .collect()
}

/// A user's message with tool results becomes a tool message and, where more is said, a user's.
fn decode_message(mut fields: Fields, out: &mut Vec<Message>) -> Result<(), WireError> {
    let role = match fields.required_text("role")?.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        _ => return Err(fields.wrong("role", "must be `user` or `assistant`")),
    };
    let parts = content(&mut fields, "content")?;
    let mut extensions = Extensions::default();
    extensions.extend(OWN, fields.rest());
    if role == Role::System {
        // It stands within the conversation, and goes back there.
        extensions.insert(OWN, "role", "system".into());
    }
    let (results, rest): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|part| matches!(part, Part::ToolResult(_)));
    if !results.is_empty() {
        out.push(Message::new(Role::Tool, results));
    }
    if !rest.is_empty() || out.is_empty() {
        out.push(Message {
            role,
            name: None,
            parts: rest,
            extensions,
        });
    }
    Ok(())
}

fn tool(mut fields: Fields) -> Result<Tool, WireError> {
    let kind = fields.text("type")?;
    if let Some(kind) = kind.filter(|kind| kind != "custom") {
        let mut value = fields.rest();
        value.insert("type".to_owned(), kind.into());
        return Ok(Tool::Native {
            dialect: OWN,
            value: Value::Object(value),
        });
    }
    let name = fields.required_text("name")?;
    let description = fields.text("description")?;
    let parameters = fields.take("input_schema");
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

fn tool_choice(fields: &mut Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    let Some(mut choice) = fields.object("tool_choice")? else {
        return Ok(());
    };
    request.tool_choice = Some(match choice.required_text("type")?.as_str() {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Required,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Function(choice.required_text("name")?),
        _ => return Err(choice.wrong("type", "must be `auto`, `any`, `tool` or `none`")),
    });
    request.parallel_tool_calls = choice
        .bool("disable_parallel_tool_use")?
        .map(|disabled| !disabled);
    Ok(())
}

/// `thinking` and `output_config`: the canonical words for other dialects, and the raw objects for
/// this one, where they are written back as they came.
fn reasoning_and_format(fields: &mut Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    let mut options = ReasoningOptions::default();
    if let Some(value) = fields.take("thinking") {
        request.extensions.insert(OWN, "thinking", value.clone());
        let mut thinking = Fields::at("thinking", value)?;
        match thinking.required_text("type")?.as_str() {
            "disabled" => options.effort = Some(Effort::None),
            "adaptive" => options.shown = Some(true),
            _ => {
                options.budget_tokens = thinking.count("budget_tokens")?;
                options.shown = Some(true);
            }
        }
        if let Some(display) = thinking.text("display")? {
            options.shown = Some(display != "omitted");
        }
    }
    if let Some(value) = fields.take("output_config") {
        let mut config = Fields::at("output_config", value)?;
        if let Some(format) = config.object("format")? {
            request.response_format = Some(response_format(format)?);
        }
        if let Some(word) = config.peek("effort").and_then(Value::as_str) {
            options.effort = Some(Effort::parse(word).ok_or_else(|| {
                config.wrong(
                    "effort",
                    "must be `low`, `medium`, `high`, `xhigh` or `max`",
                )
            })?);
        }
        let rest = config.rest();
        if !rest.is_empty() {
            request
                .extensions
                .insert(OWN, "output_config", Value::Object(rest));
        }
    }
    request.reasoning = (options != ReasoningOptions::default()).then_some(options);
    Ok(())
}

fn response_format(mut format: Fields) -> Result<ResponseFormat, WireError> {
    if format.required_text("type")? != "json_schema" {
        return Err(format.wrong("type", "must be `json_schema`"));
    }
    Ok(ResponseFormat::JsonSchema {
        name: None,
        description: None,
        schema: format.take("schema").unwrap_or(Value::Null),
        strict: None,
    })
}
