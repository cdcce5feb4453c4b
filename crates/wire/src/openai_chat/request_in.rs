//! Reads a client's chat request.

use serde_json::Value;

use super::message_in;
use crate::json::{Fields, as_count};
use crate::{
    ChatRequest, Dialect, Effort, Extensions, LogprobsOptions, ReasoningOptions, ResponseFormat,
    Sampling, Tool, ToolChoice, WireError,
};

pub(super) fn decode(mut fields: Fields) -> Result<ChatRequest, WireError> {
    let model = fields.required_text("model")?;
    if fields.peek("messages").is_none() {
        return Err(fields.wrong("messages", "is required"));
    }
    let messages = fields
        .objects("messages")?
        .into_iter()
        .map(message_in::decode)
        .collect::<Result<_, _>>()?;
    let legacy_limit = fields.count("max_tokens")?;
    let mut request = ChatRequest {
        origin: Some(Dialect::OpenAiChat),
        model,
        messages,
        stream: fields.bool("stream")?.unwrap_or(false),
        max_tokens: fields.count("max_completion_tokens")?.or(legacy_limit),
        sampling: sampling(&mut fields)?,
        stop: stop(&mut fields)?,
        n: fields.small_count("n")?,
        logprobs: logprobs(&mut fields)?,
        tools: fields
            .objects("tools")?
            .into_iter()
            .map(tool)
            .collect::<Result<_, _>>()?,
        tool_choice: tool_choice(&mut fields)?,
        parallel_tool_calls: fields.bool("parallel_tool_calls")?,
        response_format: response_format(&mut fields)?,
        reasoning: reasoning(&mut fields)?,
        user: fields.text("user")?,
        service_tier: fields.text("service_tier")?,
        metadata: fields.object("metadata")?.map(Fields::rest),
        ..ChatRequest::default()
    };
    if let Some(mut options) = fields.object("stream_options")? {
        request.include_usage = options.bool("include_usage")?.unwrap_or(false);
    }
    request
        .extensions
        .extend(Dialect::OpenAiChat, fields.rest());
    Ok(request)
}

fn sampling(fields: &mut Fields) -> Result<Sampling, WireError> {
    Ok(Sampling {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        // Not OpenAI's, but every compatible host that samples by it calls it so.
        top_k: fields.count("top_k")?,
        frequency_penalty: fields.number("frequency_penalty")?,
        presence_penalty: fields.number("presence_penalty")?,
        seed: fields.integer("seed")?,
    })
}

fn stop(fields: &mut Fields) -> Result<Vec<String>, WireError> {
    match fields.take("stop") {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text),
                _ => Err(fields.wrong("stop", "must hold strings only")),
            })
            .collect(),
        Some(_) => Err(fields.wrong("stop", "must be a string or an array of strings")),
    }
}

fn logprobs(fields: &mut Fields) -> Result<Option<LogprobsOptions>, WireError> {
    let wanted = fields.bool("logprobs")?.unwrap_or(false);
    let top = fields.small_count("top_logprobs")?;
    Ok(wanted.then_some(LogprobsOptions { top }))
}

fn tool(mut fields: Fields) -> Result<Tool, WireError> {
    // Mistral takes a function without its type.
    let kind = fields
        .text("type")?
        .unwrap_or_else(|| "function".to_owned());
    if kind != "function" {
        let mut value = fields.rest();
        value.insert("type".to_owned(), kind.into());
        return Ok(Tool::Native {
            dialect: Dialect::OpenAiChat,
            value: Value::Object(value),
        });
    }
    let mut function = fields
        .object("function")?
        .ok_or_else(|| fields.wrong("function", "is required"))?;
    let name = function.required_text("name")?;
    let description = function.text("description")?;
    let parameters = function.take("parameters");
    let strict = function.bool("strict")?;
    let mut extensions = Extensions::default();
    extensions.extend(Dialect::OpenAiChat, function.rest());
    extensions.extend(Dialect::OpenAiChat, fields.rest());
    Ok(Tool::Function {
        name,
        description,
        parameters,
        strict,
        extensions,
    })
}

fn tool_choice(fields: &mut Fields) -> Result<Option<ToolChoice>, WireError> {
    let word = match fields.peek("tool_choice") {
        None => return Ok(None),
        Some(Value::String(word)) => word.clone(),
        Some(Value::Object(choice)) => {
            if choice.get("type").and_then(Value::as_str) != Some("function") {
                // `allowed_tools` and `custom` stay behind as extensions.
                return Ok(None);
            }
            let name = choice
                .get("function")
                .and_then(|function| function.get("name"));
            let name = name
                .and_then(Value::as_str)
                .ok_or_else(|| fields.wrong("tool_choice", "must name its function"))?
                .to_owned();
            fields.take("tool_choice");
            return Ok(Some(ToolChoice::Function(name)));
        }
        Some(_) => return Err(fields.wrong("tool_choice", "must be a string or an object")),
    };
    fields.take("tool_choice");
    match word.as_str() {
        "auto" => Ok(Some(ToolChoice::Auto)),
        "none" => Ok(Some(ToolChoice::None)),
        // `any` is Mistral's word.
        "required" | "any" => Ok(Some(ToolChoice::Required)),
        _ => Err(fields.wrong(
            "tool_choice",
            "must be `auto`, `none`, `required` or a function",
        )),
    }
}

fn response_format(fields: &mut Fields) -> Result<Option<ResponseFormat>, WireError> {
    let Some(mut format) = fields.object("response_format")? else {
        return Ok(None);
    };
    match format.required_text("type")?.as_str() {
        "text" => Ok(Some(ResponseFormat::Text)),
        "json_object" => Ok(Some(ResponseFormat::JsonObject)),
        "json_schema" => {
            let mut schema = format
                .object("json_schema")?
                .ok_or_else(|| format.wrong("json_schema", "is required"))?;
            Ok(Some(ResponseFormat::JsonSchema {
                name: schema.text("name")?,
                description: schema.text("description")?,
                schema: schema
                    .take("schema")
                    .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
                strict: schema.bool("strict")?,
            }))
        }
        _ => Err(format.wrong("type", "must be `text`, `json_object` or `json_schema`")),
    }
}

/// `reasoning_effort`, OpenRouter's `reasoning` object, or a `thinking` object.
fn reasoning(fields: &mut Fields) -> Result<Option<ReasoningOptions>, WireError> {
    let mut options = ReasoningOptions::default();
    // `default` is what Groq calls leaving it out.
    if let Some(word) = fields
        .text("reasoning_effort")?
        .filter(|word| word != "default")
    {
        options.effort = Some(effort(fields, "reasoning_effort", &word)?);
    }
    // Anthropic's switch, which Z.ai, DeepSeek and Moonshot took over: it goes back as it came.
    if let Some(Value::Object(thinking)) = fields.peek("thinking") {
        match thinking.get("type").and_then(Value::as_str) {
            Some("disabled") => options.effort = Some(Effort::None),
            Some("enabled") => {
                options.shown = Some(true);
                options.budget_tokens = thinking.get("budget_tokens").and_then(as_count);
            }
            _ => {}
        }
    }
    if let Some(mut object) = fields.object("reasoning")? {
        if let Some(word) = object.text("effort")? {
            options.effort = Some(effort(&object, "effort", &word)?);
        }
        options.budget_tokens = object.count("max_tokens")?;
        options.shown = object.bool("exclude")?.map(|excluded| !excluded);
        match object.bool("enabled")? {
            Some(true) if options == ReasoningOptions::default() => {
                options.effort = Some(Effort::Medium);
            }
            Some(false) => options.effort = Some(Effort::None),
            _ => {}
        }
    }
    Ok((options != ReasoningOptions::default()).then_some(options))
}

fn effort(fields: &Fields, field: &str, word: &str) -> Result<Effort, WireError> {
    Effort::parse(word).ok_or_else(|| {
        fields.wrong(
            field,
            "must be `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`",
        )
    })
}
