//! Reads a client's request. Clients write camelCase or snake_case; both are read.

use serde_json::Value;

use super::carried::unload;
use super::content_in::{CallIds, part};
use crate::json::{Fields, Object, as_count, put};
use crate::{
    ChatRequest, Dialect, Effort, Extensions, LogprobsOptions, Message, Part, ReasoningOptions,
    ResponseFormat, Role, Tool, ToolChoice, WireError,
};

const OWN: Dialect = Dialect::Gemini;

pub(super) fn decode(mut fields: Fields) -> Result<ChatRequest, WireError> {
    let mut request = ChatRequest {
        origin: Some(OWN),
        model: fields.text("model")?.unwrap_or_default(),
        include_usage: true,
        ..ChatRequest::default()
    };
    let mut ids = CallIds::new("request");
    if let Some(value) = fields.take_either("systemInstruction", "system_instruction") {
        let parts = match value {
            Value::String(text) => vec![Part::text(text)],
            value => parts_of(&mut Fields::at("systemInstruction", value)?, &mut ids)?,
        };
        request.messages.push(Message::new(Role::System, parts));
    }
    if fields.peek("contents").is_none() {
        return Err(fields.wrong("contents", "is required"));
    }
    if let Some(Value::String(text)) = fields.peek("contents") {
        request
            .messages
            .push(Message::text(Role::User, text.clone()));
        fields.take("contents");
    }
    for content in fields.objects("contents")? {
        decode_content(content, &mut ids, &mut request.messages)?;
    }
    for tool in tools(&mut fields)? {
        decode_tool(tool, &mut request.tools)?;
    }
    if let Some(value) = fields.take_either("toolConfig", "tool_config") {
        tool_config(Fields::at("toolConfig", value)?, &mut request)?;
    }
    if let Some(value) = fields.take_either("generationConfig", "generation_config") {
        generation_config(Fields::at("generationConfig", value)?, &mut request)?;
    }
    request.extensions.extend(OWN, fields.rest());
    Ok(request)
}

fn parts_of(content: &mut Fields, ids: &mut CallIds) -> Result<Vec<Part>, WireError> {
    // One part may stand without its array.
    if content.peek("parts").is_some_and(Value::is_object) {
        let part_fields = content.object("parts")?;
        return part_fields
            .into_iter()
            .map(|fields| part(fields, ids))
            .collect();
    }
    content
        .objects("parts")?
        .into_iter()
        .map(|fields| part(fields, ids))
        .collect()
}

/// Results of tools become a message of their own, as in the other dialects. A result without an
/// id answers the call of its name.
fn decode_content(
    mut content: Fields,
    ids: &mut CallIds,
    out: &mut Vec<Message>,
) -> Result<(), WireError> {
    let role = match content.text("role")?.as_deref() {
        None | Some("user" | "function" | "tool") => Role::User,
        Some("model") => Role::Assistant,
        Some(_) => return Err(content.wrong("role", "must be `user` or `model`")),
    };
    let parts = parts_of(&mut content, ids)?;
    let mut extensions = Extensions::default();
    extensions.extend(OWN, content.rest());
    let (mut results, rest): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|part| matches!(part, Part::ToolResult(_)));
    name_results(&mut results, out);
    if !results.is_empty() {
        out.push(Message::new(Role::Tool, results));
    }
    if rest.is_empty() {
        return Ok(());
    }
    // Clients keep a streamed answer as one content a chunk: it is one message all the same.
    let goes_on = |last: &Message| {
        role == Role::Assistant && last.role == role && last.extensions == extensions
    };
    let mut message = out.pop_if(|last| goes_on(last)).unwrap_or(Message {
        role,
        name: None,
        parts: Vec::new(),
        extensions: extensions.clone(),
    });
    message.parts.extend(rest);
    message.parts = join_thoughts(message.parts);
    unload(&mut message);
    out.push(message);
    Ok(())
}

/// A streamed thought comes back in the pieces that it came in, its signature last: one again.
fn join_thoughts(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (out.last_mut(), part) {
            (Some(Part::Reasoning(before)), Part::Reasoning(piece))
                if before.signature.is_none() =>
            {
                before.text.push_str(&piece.text);
                before.signature = piece.signature;
            }
            (_, part) => out.push(part),
        }
    }
    out
}

fn name_results(results: &mut [Part], before: &[Message]) {
    let Some(last) = before
        .iter()
        .rposition(|message| message.role == Role::Assistant)
    else {
        return;
    };
    // Some clients write each result in a content of its own.
    let answered: Vec<&str> = before[last + 1..]
        .iter()
        .flat_map(|message| &message.parts)
        .filter_map(|part| match part {
            Part::ToolResult(result) => Some(result.call_id.as_str()),
            _ => None,
        })
        .collect();
    let mut calls: Vec<_> = before[last]
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall(call) if !answered.contains(&call.id.as_str()) => Some(call),
            _ => None,
        })
        .collect();
    for part in results {
        if let Part::ToolResult(result) = part
            && result.call_id.is_empty()
            && let Some(at) = calls
                .iter()
                .position(|call| Some(call.name.as_str()) == result.name.as_deref())
        {
            result.call_id.clone_from(&calls.remove(at).id);
        }
    }
}

fn tools(fields: &mut Fields) -> Result<Vec<Fields>, WireError> {
    // One tool may stand without its array.
    if fields.peek("tools").is_some_and(Value::is_object) {
        return Ok(fields.object("tools")?.into_iter().collect());
    }
    fields.objects("tools")
}

fn decode_tool(mut tool: Fields, out: &mut Vec<Tool>) -> Result<(), WireError> {
    for field in ["functionDeclarations", "function_declarations"] {
        for mut declaration in tool.objects(field)? {
            let name = declaration.required_text("name")?;
            let description = declaration.text("description")?;
            let schema = declaration.take_either("parametersJsonSchema", "parameters_json_schema");
            let mut extensions = Extensions::default();
            // Written in OpenAPI's subset, whose types are in capitals: other dialects get them in
            // JSON Schema's words.
            let parameters = schema.or_else(|| declaration.take("parameters").map(lower_types));
            extensions.extend(OWN, declaration.rest());
            out.push(Tool::Function {
                name,
                description,
                parameters,
                strict: None,
                extensions,
            });
        }
    }
    let rest = tool.rest();
    if !rest.is_empty() {
        out.push(Tool::Native {
            dialect: OWN,
            value: Value::Object(rest),
        });
    }
    Ok(())
}

/// `{"type": "OBJECT"}` to `{"type": "object"}`, all the way down.
fn lower_types(schema: Value) -> Value {
    match schema {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(field, value)| match value {
                Value::String(word) if field == "type" => (field, word.to_ascii_lowercase().into()),
                value => (field, lower_types(value)),
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(lower_types).collect(),
        value => value,
    }
}

fn tool_config(mut config: Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    let path = config.path("functionCallingConfig");
    if let Some(value) = config.take_either("functionCallingConfig", "function_calling_config") {
        let mut calling = Fields::at(&path, value)?;
        let names = calling.take_either("allowedFunctionNames", "allowed_function_names");
        let names = names
            .and_then(|names| names.as_array().cloned())
            .unwrap_or_default();
        let mode = calling.text("mode")?;
        request.tool_choice = match mode.as_deref() {
            None | Some("MODE_UNSPECIFIED") => None,
            Some("AUTO" | "VALIDATED") => Some(ToolChoice::Auto),
            Some("NONE") => Some(ToolChoice::None),
            Some("ANY") => match names.as_slice() {
                [Value::String(name)] => Some(ToolChoice::Function(name.clone())),
                _ => Some(ToolChoice::Required),
            },
            Some(_) => return Err(calling.wrong("mode", "must be `AUTO`, `ANY` or `NONE`")),
        };
        let mut kept = Object::new();
        // As free as `AUTO`; that the arguments keep to their schema is written back alone.
        put(&mut kept, "mode", mode.filter(|mode| mode == "VALIDATED"));
        // Some names, not all: but for the one that must be called no other dialect has a word.
        let is_the_one = matches!(request.tool_choice, Some(ToolChoice::Function(_)));
        if !names.is_empty() && !is_the_one && names.len() < request.tools.len() {
            kept.insert("allowedFunctionNames".to_owned(), names.into());
        }
        if !kept.is_empty() {
            let config = serde_json::json!({"functionCallingConfig": kept});
            request.extensions.insert(OWN, "toolConfig", config);
        }
    }
    let mut rest = config.rest();
    if !rest.is_empty() {
        if let Some(Value::Object(kept)) = request.extensions.get(OWN, "toolConfig") {
            rest.extend(kept.clone());
        }
        request
            .extensions
            .insert(OWN, "toolConfig", Value::Object(rest));
    }
    Ok(())
}

fn generation_config(mut config: Fields, request: &mut ChatRequest) -> Result<(), WireError> {
    let mut either = |camel: &str, snake: &str| config.take_either(camel, snake);
    let number = |value: Option<Value>| value.and_then(|value| value.as_f64());
    let count = |value: Option<Value>| value.as_ref().and_then(as_count);
    let small = |value: Option<u64>| value.and_then(|value| u32::try_from(value).ok());
    request.sampling.top_p = number(either("topP", "top_p"));
    request.sampling.top_k = count(either("topK", "top_k"));
    request.sampling.frequency_penalty = number(either("frequencyPenalty", "frequency_penalty"));
    request.sampling.presence_penalty = number(either("presencePenalty", "presence_penalty"));
    request.max_tokens = count(either("maxOutputTokens", "max_output_tokens"));
    request.n = small(count(either("candidateCount", "candidate_count")));
    let stop = either("stopSequences", "stop_sequences");
    let wanted = either("responseLogprobs", "response_logprobs") == Some(Value::Bool(true));
    let top = small(count(either("logprobs", "logprobs")));
    request.logprobs = wanted.then_some(LogprobsOptions { top });
    let mime = either("responseMimeType", "response_mime_type");
    let schema = either("responseJsonSchema", "response_json_schema")
        .or_else(|| either("responseSchema", "response_schema").map(lower_types));
    let thinking = either("thinkingConfig", "thinking_config");
    let modalities = either("responseModalities", "response_modalities");
    request.sampling.temperature = config.number("temperature")?;
    request.sampling.seed = config.integer("seed")?;
    if let Some(Value::Array(items)) = stop {
        request.stop = items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect();
    }
    request.response_format = response_format(mime.as_ref().and_then(Value::as_str), schema);
    let own_thinking = thinking.clone();
    if let Some(value) = thinking {
        request.reasoning = Some(thinking_config(Fields::at(
            "generationConfig.thinkingConfig",
            value,
        )?)?);
    }
    let mut rest = config.rest();
    put(&mut rest, "thinkingConfig", own_thinking);
    // Text alone is what every dialect answers anyway.
    if let Some(Value::Array(items)) = modalities
        && items.iter().any(|item| {
            !item
                .as_str()
                .is_some_and(|m| m.eq_ignore_ascii_case("text"))
        })
    {
        rest.insert("responseModalities".to_owned(), items.into());
    }
    if let Some(mime) = mime.filter(|mime| mime != "application/json" && mime != "text/plain") {
        rest.insert("responseMimeType".to_owned(), mime);
    }
    if !rest.is_empty() {
        request
            .extensions
            .insert(OWN, "generationConfig", Value::Object(rest));
    }
    Ok(())
}

fn response_format(mime: Option<&str>, schema: Option<Value>) -> Option<ResponseFormat> {
    match (mime, schema) {
        (_, Some(schema)) => Some(ResponseFormat::JsonSchema {
            name: None,
            description: None,
            schema,
            strict: None,
        }),
        (Some("application/json"), None) => Some(ResponseFormat::JsonObject),
        _ => None,
    }
}

fn thinking_config(mut config: Fields) -> Result<ReasoningOptions, WireError> {
    let shown = config.take_either("includeThoughts", "include_thoughts");
    let budget = config.take_either("thinkingBudget", "thinking_budget");
    let level = config.take_either("thinkingLevel", "thinking_level");
    let effort = match level.as_ref().and_then(Value::as_str) {
        None => None,
        Some(word) => Some(Effort::parse(&word.to_ascii_lowercase()).ok_or_else(|| {
            config.wrong(
                "thinkingLevel",
                "must be `minimal`, `low`, `medium` or `high`",
            )
        })?),
    };
    Ok(ReasoningOptions {
        effort,
        // -1 leaves it to the model, which is what no budget means.
        budget_tokens: budget.as_ref().and_then(as_count),
        shown: shown.as_ref().and_then(Value::as_bool),
    })
}
