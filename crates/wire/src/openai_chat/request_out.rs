//! Writes a request for an OpenAI or compatible upstream.

use serde_json::{Value, json};

use super::model::{
    is_resellers, max_tokens_field, sampling_for, takes_reasoning, takes_thought_signatures,
};
use super::{message_out, tool_pictures};
use crate::json::{Object, object, put, to_bytes};
use crate::portable::portable;
use crate::refusal::kind_of;
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
    let request = &*portable(request, Dialect::OpenAiChat)?;
    let mut messages = Vec::with_capacity(request.messages.len());
    for (index, message) in request.messages.iter().enumerate() {
        let mut written = message_out::encode(message, &format!("messages[{index}]"))?;
        if request.origin != Some(Dialect::OpenAiChat) {
            for message in &mut written {
                drop_reasoning(request, message);
            }
            tool_pictures::follow(&mut written);
        } else if !is_resellers(&request.model) {
            // Written for its host, but for what a client kept of another provider's answer.
            for message in written.iter_mut().filter(|message| is_signed(message)) {
                drop_reasoning(request, message);
            }
        }
        // A turn of nothing but another provider's reasoning says nothing here.
        written.retain(|message| !is_silent(message));
        messages.extend(written);
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
    put(&mut out, "user", user(request));
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

/// An assistant's message with neither text nor calls, which hosts refuse.
fn is_silent(message: &Value) -> bool {
    message["role"] == "assistant"
        && message["content"].is_null()
        && message.as_object().is_some_and(|fields| fields.len() == 2)
}

/// The message holds what a provider signed.
fn is_signed(message: &Value) -> bool {
    let holds = |value: &Value, field| value.get(field).is_some();
    let calls = message.get("tool_calls").and_then(Value::as_array);
    holds(message, "reasoning_details")
        || holds(message, "extra_content")
        || calls.is_some_and(|calls| calls.iter().any(|call| holds(call, "extra_content")))
}

/// Takes out what the host would not know what to do with.
fn drop_reasoning(request: &ChatRequest, message: &mut Value) {
    let Some(fields) = message.as_object_mut() else {
        return;
    };
    if !takes_reasoning(&request.model) {
        fields.shift_remove("reasoning_content");
        fields.shift_remove("reasoning_details");
    }
    if !takes_thought_signatures(&request.model) {
        fields.shift_remove("extra_content");
        let calls = fields.get_mut("tool_calls").and_then(Value::as_array_mut);
        for call in calls.into_iter().flatten() {
            if let Some(call) = call.as_object_mut() {
                call.shift_remove("extra_content");
            }
        }
    }
}

/// OpenAI takes at most 64 characters; the id in Anthropic's `metadata` may be longer.
pub(crate) fn user(request: &ChatRequest) -> Option<String> {
    const MAX_CHARS: usize = 64;
    let user = request.user.as_ref()?;
    Some(if request.origin == Some(Dialect::AnthropicMessages) {
        user.chars().take(MAX_CHARS).collect()
    } else {
        user.clone()
    })
}

fn write_sampling(request: &ChatRequest, out: &mut Object) {
    let sampling = sampling_for(request);
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
    let kind = kind_of(value);
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
