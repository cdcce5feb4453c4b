//! Writes a request for an OpenAI or compatible upstream.

use serde_json::{Value, json};

use super::message_out;
use crate::json::{Object, object, put, to_bytes};
use crate::{
    ChatRequest, Dialect, Effort, ReasoningOptions, ResponseFormat, Tool, ToolChoice, WireError,
};

/// Fields of other dialects that change nothing in the answer, or that have a canonical word
/// which is written instead (`docs/wire.md`, "Ignored").
const HARMLESS: [&str; 10] = [
    "client_metadata",
    "cache_control",
    "labels",
    "eager_input_streaming",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "safety_identifier",
    "max_tool_calls",
    "verbosity",
];

/// Fields of Responses that mean the same here. `store` is not among them: what is stored as a
/// response can be gone on with, what is stored here cannot.
const SHARED_WITH_RESPONSES: [&str; 4] = [
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "verbosity",
];

pub(super) fn encode(request: &ChatRequest) -> Result<Vec<u8>, WireError> {
    let mut messages = Vec::with_capacity(request.messages.len());
    for (index, message) in request.messages.iter().enumerate() {
        messages.extend(message_out::encode(message, &format!("messages[{index}]"))?);
    }
    let mut out = object(json!({"model": request.model, "messages": messages}));
    put(
        &mut out,
        max_tokens_field(&request.model),
        request.max_tokens,
    );
    write_sampling(request, &mut out);
    if request.stream {
        out.insert("stream".to_owned(), true.into());
        // Asked for whether or not the client did: the encoder withholds what it did not ask for.
        out.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    write_tools(request, &mut out)?;
    put(
        &mut out,
        "response_format",
        request.response_format.as_ref().map(response_format),
    );
    put(
        &mut out,
        "reasoning_effort",
        request.reasoning.and_then(effort).map(Effort::as_str),
    );
    put(&mut out, "user", request.user.as_deref());
    put(&mut out, "service_tier", request.service_tier.as_deref());
    put(&mut out, "metadata", request.metadata.clone());
    for field in SHARED_WITH_RESPONSES {
        let value = request.extensions.get(Dialect::OpenAiResponses, field);
        put(&mut out, field, value.cloned());
    }
    request
        .extensions
        .write(Dialect::OpenAiChat, "", &HARMLESS, &mut out)?;
    Ok(to_bytes(&Value::Object(out)))
}

/// OpenAI's reasoning models take only the newer name; most compatible hosts only the older one.
fn max_tokens_field(model: &str) -> &'static str {
    let name = model.rsplit('/').next().unwrap_or(model);
    let newer = ["gpt-", "chatgpt-", "o1", "o3", "o4"];
    // `gpt-oss` is an open model, served by compatible hosts.
    if newer.iter().any(|prefix| name.starts_with(prefix)) && !name.starts_with("gpt-oss") {
        "max_completion_tokens"
    } else {
        "max_tokens"
    }
}

fn write_sampling(request: &ChatRequest, out: &mut Object) {
    let sampling = &request.sampling;
    put(out, "temperature", sampling.temperature);
    put(out, "top_p", sampling.top_p);
    put(out, "top_k", sampling.top_k);
    put(out, "frequency_penalty", sampling.frequency_penalty);
    put(out, "presence_penalty", sampling.presence_penalty);
    put(out, "seed", sampling.seed);
    put(out, "n", request.n);
    if !request.stop.is_empty() {
        out.insert("stop".to_owned(), request.stop.clone().into());
    }
    if let Some(options) = request.logprobs {
        out.insert("logprobs".to_owned(), true.into());
        put(out, "top_logprobs", options.top);
    }
}

fn write_tools(request: &ChatRequest, out: &mut Object) -> Result<(), WireError> {
    if !request.tools.is_empty() {
        let tools = request
            .tools
            .iter()
            .enumerate()
            .map(|(index, tool)| encode_tool(tool, index));
        out.insert(
            "tools".to_owned(),
            tools.collect::<Result<Vec<_>, _>>()?.into(),
        );
    }
    put(out, "parallel_tool_calls", request.parallel_tool_calls);
    let choice = request.tool_choice.as_ref().map(|choice| match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Function(name) => json!({"type": "function", "function": {"name": name}}),
    });
    put(out, "tool_choice", choice);
    Ok(())
}

fn encode_tool(tool: &Tool, index: usize) -> Result<Value, WireError> {
    match tool {
        Tool::Function {
            name,
            description,
            parameters,
            strict,
            extensions,
        } => {
            let mut function = object(json!({"name": name}));
            put(&mut function, "description", description.as_deref());
            put(&mut function, "parameters", parameters.clone());
            put(&mut function, "strict", *strict);
            let path = format!("tools[{index}].");
            extensions.write(Dialect::OpenAiChat, &path, &HARMLESS, &mut function)?;
            Ok(json!({"type": "function", "function": function}))
        }
        Tool::Native {
            dialect: Dialect::OpenAiChat,
            value,
        } => Ok(value.clone()),
        Tool::Native { value, .. } => Err(native_tool_error(value, index)),
    }
}

/// A provider's own tool, refused by the upstream's dialect.
pub(crate) fn native_tool_error(value: &Value, index: usize) -> WireError {
    let kind = value
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or("tool of its provider");
    WireError::unsupported(
        format!("tools[{index}]"),
        format_args!("is a `{kind}`, which the upstream's dialect does not have"),
    )
}

fn response_format(format: &ResponseFormat) -> Value {
    match format {
        ResponseFormat::Text => json!({"type": "text"}),
        ResponseFormat::JsonObject => json!({"type": "json_object"}),
        ResponseFormat::JsonSchema {
            name,
            description,
            schema,
            strict,
        } => {
            let mut inner = object(json!({
                "name": name.as_deref().unwrap_or("answer"),
                "schema": schema,
            }));
            put(&mut inner, "description", description.as_deref());
            put(&mut inner, "strict", *strict);
            json!({"type": "json_schema", "json_schema": inner})
        }
    }
}

/// A budget becomes the nearest step of effort.
pub(crate) fn effort(options: ReasoningOptions) -> Option<Effort> {
    options.effort.or_else(|| {
        options.budget_tokens.map(|budget| match budget {
            0 => Effort::None,
            1..=1024 => Effort::Minimal,
            1025..=4096 => Effort::Low,
            4097..=16_384 => Effort::Medium,
            _ => Effort::High,
        })
    })
}
