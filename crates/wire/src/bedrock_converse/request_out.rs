//! Writes a request for a Bedrock upstream. The model's name stands in the path only.

use serde_json::{Value, json};

use super::content_out::{BlockWriter, nothing_of_other_dialects};
use super::model::Family;
use super::reasoning_out::additional_fields;
use crate::anthropic_messages::{JSON_OBJECT, default_max_tokens, input_schema};
use crate::json::{Object, object, put, to_bytes};
use crate::openai_chat::native_tool_error;
use crate::portable::portable;
use crate::{ChatRequest, Dialect, Part, ResponseFormat, Role, Tool, ToolChoice, WireError};

const OWN: Dialect = Dialect::BedrockConverse;

/// Fields of other dialects that change nothing in the answer: hints for storage, caching, abuse
/// monitoring and speed (`docs/wire.md`, "Ignored").
const HARMLESS: [&str; 15] = [
    "verbosity",
    "cache_control",
    "client_metadata",
    "store",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "max_tool_calls",
    "clear_thinking",
    "prediction",
    "cachedContentTokenCount",
    "labels",
    "include_reasoning",
    "reasoning_format",
];

pub(super) fn encode(request: &ChatRequest) -> Result<Vec<u8>, WireError> {
    let request = &*portable(request, OWN)?;
    refuse_inexpressible(request)?;
    let family = Family::of(&request.model);
    let mut writer = BlockWriter::new(family);
    let mut out = Object::new();
    let system = system(request, &mut writer)?;
    if !system.is_empty() {
        out.insert("system".to_owned(), system.into());
    }
    out.insert(
        "messages".to_owned(),
        messages(request, &mut writer)?.into(),
    );
    // Without a limit Bedrock reserves the most that a Claude can say from the account's quota.
    let mut max_tokens = request.max_tokens;
    if family == Family::Claude {
        max_tokens.get_or_insert_with(|| default_max_tokens(&request.model));
    }
    let additional = additional_fields(request, family, &mut max_tokens)?;
    let mut inference = Object::new();
    put(&mut inference, "maxTokens", max_tokens);
    put(&mut inference, "temperature", request.sampling.temperature);
    put(&mut inference, "topP", request.sampling.top_p);
    if !request.stop.is_empty() {
        inference.insert("stopSequences".to_owned(), request.stop.clone().into());
    }
    for (field, value) in [
        ("inferenceConfig", inference),
        ("toolConfig", tools(request, &writer)?),
        ("outputConfig", output_config(request)?),
        ("additionalModelRequestFields", additional),
    ] {
        if !value.is_empty() {
            out.insert(field.to_owned(), value.into());
        }
    }
    put(&mut out, "serviceTier", service_tier(request)?);
    request.extensions.write(OWN, "", &HARMLESS, &mut out)?;
    Ok(to_bytes(&Value::Object(out)))
}

fn refuse_inexpressible(request: &ChatRequest) -> Result<(), WireError> {
    let sampling = &request.sampling;
    let penalty = |penalty: Option<f64>| penalty.is_some_and(|penalty| penalty != 0.0);
    let above_one = sampling.temperature.is_some_and(|heat| heat > 1.0);
    let serial = request.parallel_tool_calls == Some(false) && !request.tools.is_empty();
    let cannot = "cannot be expressed in Bedrock's Converse";
    for (refused, field, reason) in [
        (
            request.n.is_some_and(|n| n > 1),
            "n",
            "must be 1: Bedrock gives one answer",
        ),
        (request.logprobs.is_some(), "logprobs", cannot),
        (
            penalty(sampling.frequency_penalty),
            "frequency_penalty",
            cannot,
        ),
        (
            penalty(sampling.presence_penalty),
            "presence_penalty",
            cannot,
        ),
        (above_one, "temperature", "must be at most 1 for Bedrock"),
        (
            serial,
            "parallel_tool_calls",
            "must not be false: Converse has no word for it",
        ),
    ] {
        if refused {
            return Err(WireError::unsupported(field, reason));
        }
    }
    Ok(())
}

/// Every system and developer message, wherever it stood: Bedrock keeps them apart.
fn system(request: &ChatRequest, writer: &mut BlockWriter) -> Result<Vec<Value>, WireError> {
    let mut out = Vec::new();
    for (index, message) in request.messages.iter().enumerate() {
        if !matches!(message.role, Role::System | Role::Developer) {
            continue;
        }
        let path = format!("messages[{index}].content");
        if !message
            .parts
            .iter()
            .all(|part| matches!(part, Part::Text(_)))
        {
            let reason = "of a system message must be text for Bedrock";
            return Err(WireError::unsupported(path, reason));
        }
        out.extend(writer.blocks(&message.parts, &path)?);
    }
    if request.response_format == Some(ResponseFormat::JsonObject) {
        out.push(json!({"text": JSON_OBJECT}));
    }
    Ok(out)
}

/// The conversation. Neighbours of one role become one message: the roles must take turns, and
/// tool results are the user's here.
fn messages(request: &ChatRequest, writer: &mut BlockWriter) -> Result<Vec<Value>, WireError> {
    let mut out: Vec<(&str, Vec<Value>)> = Vec::new();
    for (index, message) in request.messages.iter().enumerate() {
        let role = match message.role {
            Role::System | Role::Developer => continue,
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        let path = format!("messages[{index}]");
        nothing_of_other_dialects(&message.extensions, &path)?;
        let blocks = writer.blocks(&message.parts, &format!("{path}.content"))?;
        match out.last_mut() {
            Some((last, all)) if *last == role => all.extend(blocks),
            _ if blocks.is_empty() => {}
            _ => out.push((role, blocks)),
        }
    }
    Ok(out
        .into_iter()
        .map(|(role, content)| json!({"role": role, "content": content}))
        .collect())
}

fn tools(request: &ChatRequest, writer: &BlockWriter) -> Result<Object, WireError> {
    let mut specs = Vec::with_capacity(request.tools.len());
    for (index, tool) in request.tools.iter().enumerate() {
        match tool {
            Tool::Function {
                name,
                description,
                parameters,
                strict,
                extensions,
            } => {
                nothing_of_other_dialects(extensions, &format!("tools[{index}]"))?;
                let mut spec = object(json!({"name": name}));
                let description = description.as_deref().filter(|text| !text.is_empty());
                put(&mut spec, "description", description);
                let schema = json!({"json": input_schema(parameters.as_ref())});
                spec.insert("inputSchema".to_owned(), schema);
                put(&mut spec, "strict", strict.filter(|strict| *strict));
                specs.push(json!({"toolSpec": spec}));
                // Nova caches messages only.
                let is_claude = Family::of(&request.model) == Family::Claude;
                specs.extend(writer.cache_point(extensions).filter(|_| is_claude));
            }
            Tool::Native {
                dialect: OWN,
                value,
            } => specs.push(value.clone()),
            Tool::Native { value, .. } => return Err(native_tool_error(value, index)),
        }
    }
    let speaks_of_calls = request
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .any(|part| matches!(part, Part::ToolCall(_) | Part::ToolResult(_)));
    if specs.is_empty() {
        if speaks_of_calls {
            let reason = "must name the tools again: Bedrock refuses calls in a conversation \
                without them";
            return Err(WireError::unsupported("tools", reason));
        }
        return Ok(Object::new());
    }
    let choice = match &request.tool_choice {
        None | Some(ToolChoice::Auto) => None,
        // No tools is as good as none to be called.
        Some(ToolChoice::None) if !speaks_of_calls => return Ok(Object::new()),
        Some(ToolChoice::None) => {
            let reason = "must not be `none` in a conversation with calls: Converse has no word \
                for it";
            return Err(WireError::unsupported("tool_choice", reason));
        }
        Some(ToolChoice::Required) => Some(json!({"any": {}})),
        Some(ToolChoice::Function(name)) => Some(json!({"tool": {"name": name}})),
    };
    let mut out = object(json!({"tools": specs}));
    put(&mut out, "toolChoice", choice);
    Ok(out)
}

fn output_config(request: &ChatRequest) -> Result<Object, WireError> {
    let Some(ResponseFormat::JsonSchema {
        name,
        description,
        schema,
        ..
    }) = &request.response_format
    else {
        return Ok(Object::new());
    };
    if !schema.is_object() {
        let field = "response_format.json_schema.schema";
        return Err(WireError::malformed_field(field, "must be an object"));
    }
    // The schema is a text here, not an object.
    let mut format = object(json!({"schema": schema.to_string()}));
    put(&mut format, "name", name.as_deref());
    put(&mut format, "description", description.as_deref());
    Ok(object(json!({
        "textFormat": {"type": "json_schema", "structure": {"jsonSchema": format}},
    })))
}

fn service_tier(request: &ChatRequest) -> Result<Option<Value>, WireError> {
    match request.service_tier.as_deref() {
        None | Some("auto" | "default" | "standard_only" | "standard") => Ok(None),
        Some(tier @ ("flex" | "priority" | "reserved")) => Ok(Some(json!({"type": tier}))),
        Some(tier) => Err(WireError::unsupported(
            "service_tier",
            format_args!("`{tier}` does not exist at Bedrock"),
        )),
    }
}
