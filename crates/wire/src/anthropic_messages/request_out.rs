//! Writes a request for an Anthropic upstream.

use serde_json::{Value, json};

use super::content_out::{blocks, extend};
use super::model::{default_max_tokens, thinks_adaptively};
use crate::json::{Object, object, put, to_bytes};
use crate::openai_chat::native_tool_error;
use crate::portable::portable;
use crate::{
    ChatRequest, Dialect, Effort, Message, ResponseFormat, Role, Tool, ToolChoice, WireError,
};

const OWN: Dialect = Dialect::AnthropicMessages;

/// Fields of other dialects that change nothing in the answer: hints for storage, caching, abuse
/// monitoring and speed (`docs/wire.md`, "Ignored").
const HARMLESS: [&str; 14] = [
    "verbosity",
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

/// The least budget Anthropic takes.
const MIN_BUDGET_TOKENS: u64 = 1024;

/// What `json_object` means, in words: Anthropic has no such mode, and OpenAI's own wants the
/// client to ask for JSON in words too.
pub(crate) const JSON_OBJECT: &str = "Answer with one JSON object and nothing else: no explanation before \
    or after it, no Markdown fence around it.";

pub(super) fn encode(request: &ChatRequest) -> Result<Vec<u8>, WireError> {
    let request = &*portable(request, OWN)?;
    refuse_inexpressible(request)?;
    let mut max_tokens = request
        .max_tokens
        .unwrap_or_else(|| default_max_tokens(&request.model));
    let mut out = object(json!({"model": request.model}));
    let messages = messages(&request.messages)?;
    let mut reasoning = reasoning(request, &mut max_tokens)?;
    if reasoning.thinking.as_ref().is_some_and(is_budgeted) && has_lost_its_thought(&messages) {
        reasoning.thinking = None;
    }
    out.insert("max_tokens".to_owned(), max_tokens.into());
    let mut system = system(&request.messages)?;
    if request.response_format == Some(ResponseFormat::JsonObject) {
        system.push(json!({"type": "text", "text": JSON_OBJECT}));
    }
    if !system.is_empty() {
        out.insert("system".to_owned(), system.into());
    }
    out.insert("messages".to_owned(), messages.into());
    if request.stream {
        out.insert("stream".to_owned(), true.into());
    }
    put(&mut out, "temperature", request.sampling.temperature);
    put(&mut out, "top_p", request.sampling.top_p);
    put(&mut out, "top_k", request.sampling.top_k);
    if !request.stop.is_empty() {
        out.insert("stop_sequences".to_owned(), request.stop.clone().into());
    }
    write_tools(request, &mut out)?;
    put(
        &mut out,
        "metadata",
        request.user.as_ref().map(|user| json!({"user_id": user})),
    );
    put(&mut out, "service_tier", service_tier(request)?);
    put(&mut out, "thinking", reasoning.thinking);
    request.extensions.write(OWN, "", &HARMLESS, &mut out)?;
    // The extensions may hold a part of it, as it came in this dialect.
    let mut output_config = reasoning.output_config;
    output_config.extend(own_output_config(request).cloned().unwrap_or_default());
    put(&mut output_config, "format", format(request)?);
    if !output_config.is_empty() {
        out.insert("output_config".to_owned(), output_config.into());
    }
    Ok(to_bytes(&Value::Object(out)))
}

fn refuse_inexpressible(request: &ChatRequest) -> Result<(), WireError> {
    let unsupported = |field: &str| {
        Err(WireError::unsupported(
            field,
            "cannot be expressed in Anthropic's Messages",
        ))
    };
    let sampling = &request.sampling;
    if request.n.is_some_and(|n| n > 1) {
        return Err(WireError::unsupported(
            "n",
            "must be 1: Anthropic gives one answer",
        ));
    }
    if request.logprobs.is_some() {
        return unsupported("logprobs");
    }
    for (field, penalty) in [
        ("frequency_penalty", sampling.frequency_penalty),
        ("presence_penalty", sampling.presence_penalty),
    ] {
        // Zero is what every provider does anyway.
        if penalty.is_some_and(|penalty| penalty != 0.0) {
            return unsupported(field);
        }
    }
    if sampling
        .temperature
        .is_some_and(|temperature| temperature > 1.0)
    {
        return Err(WireError::unsupported(
            "temperature",
            "must be at most 1 for Anthropic",
        ));
    }
    Ok(())
}

/// Every system and developer message, wherever it stood: Anthropic keeps them apart.
fn system(messages: &[Message]) -> Result<Vec<Value>, WireError> {
    let mut out = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        if is_apart(message) {
            let content = blocks(&message.parts, &format!("messages[{index}].content"))?;
            if let Some(block) = content.iter().find(|block| block["type"] != "text") {
                return Err(WireError::unsupported(
                    format!("messages[{index}].content"),
                    format_args!("holds {}; a system message takes text only", block["type"]),
                ));
            }
            out.extend(content);
        }
    }
    Ok(out)
}

/// A message that goes into `system`: not one that came in this dialect's own conversation.
fn is_apart(message: &Message) -> bool {
    matches!(message.role, Role::System | Role::Developer)
        && message.extensions.get(OWN, "role").is_none()
}

/// The conversation. Neighbours of one role become one message, since tool results are the
/// user's here and results of parallel calls belong together.
fn messages(messages: &[Message]) -> Result<Vec<Value>, WireError> {
    let mut out: Vec<(&str, Vec<Value>, Object)> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let role = match message.role {
            _ if is_apart(message) => continue,
            Role::System | Role::Developer => "system",
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        let path = format!("messages[{index}]");
        let content = blocks(&message.parts, &format!("{path}.content"))?;
        let mut extra = Object::new();
        extend(&message.extensions, &path, &mut extra)?;
        match out.last_mut() {
            Some((last, blocks, _)) if *last == role => blocks.extend(content),
            _ => out.push((role, content, extra)),
        }
    }
    Ok(out
        .into_iter()
        .filter(|(_, content, _)| !content.is_empty())
        .map(|(role, content, extra)| {
            let mut message = object(json!({"role": role, "content": content}));
            message.extend(extra);
            Value::Object(message)
        })
        .collect())
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
    let serial = request.parallel_tool_calls == Some(false);
    let mut choice = match &request.tool_choice {
        // Without tools these two say what happens anyway, and Anthropic refuses them.
        None | Some(ToolChoice::Auto | ToolChoice::None) if request.tools.is_empty() => {
            return Ok(());
        }
        None if !serial => return Ok(()),
        None | Some(ToolChoice::Auto) => json!({"type": "auto"}),
        Some(ToolChoice::None) => json!({"type": "none"}),
        Some(ToolChoice::Required) => json!({"type": "any"}),
        Some(ToolChoice::Function(name)) => json!({"type": "tool", "name": name}),
    };
    if serial && choice["type"] != "none" {
        choice["disable_parallel_tool_use"] = true.into();
    }
    out.insert("tool_choice".to_owned(), choice);
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
            let mut out = object(json!({"name": name}));
            put(&mut out, "description", description.as_deref());
            out.insert("input_schema".to_owned(), input_schema(parameters.as_ref()));
            put(&mut out, "strict", strict.filter(|strict| *strict));
            extend(extensions, &format!("tools[{index}]"), &mut out)?;
            Ok(Value::Object(out))
        }
        Tool::Native {
            dialect: OWN,
            value,
        } => Ok(value.clone()),
        Tool::Native { value, .. } => Err(native_tool_error(value, index)),
    }
}

/// Anthropic requires a schema, and in it the type of an object.
pub(crate) fn input_schema(parameters: Option<&Value>) -> Value {
    let mut schema = parameters.cloned().unwrap_or_else(|| json!({}));
    if let Some(object) = schema.as_object_mut()
        && !object.contains_key("type")
    {
        object.insert("type".to_owned(), "object".into());
    }
    schema
}

/// What steers a Claude model's reasoning, in Anthropic's own fields, for a host that passes them
/// on. As in [`encode`], `max_tokens` may grow to leave room to think.
pub(crate) fn thinking_fields(
    request: &ChatRequest,
    max_tokens: &mut u64,
) -> Result<Object, WireError> {
    let reasoning = reasoning(request, max_tokens)?;
    let own = request.extensions.get(OWN, "thinking").cloned();
    let mut out = Object::new();
    put(&mut out, "thinking", own.or(reasoning.thinking));
    let mut config = reasoning.output_config;
    let own = own_output_config(request).and_then(|config| config.get("effort"));
    put(&mut config, "effort", own.cloned());
    if !config.is_empty() {
        out.insert("output_config".to_owned(), config.into());
    }
    Ok(out)
}

/// How the reasoning options are written.
#[derive(Default)]
struct ReasoningFields {
    thinking: Option<Value>,
    output_config: Object,
}

fn reasoning(request: &ChatRequest, max_tokens: &mut u64) -> Result<ReasoningFields, WireError> {
    let mut out = ReasoningFields::default();
    let Some(options) = request.reasoning else {
        return Ok(out);
    };
    // The request came in this dialect: its own words are in the extensions.
    let own = request.extensions.get(OWN, "thinking").is_some()
        || own_output_config(request).is_some_and(|config| config.contains_key("effort"));
    if own || options.effort == Some(Effort::None) {
        return Ok(out);
    }
    if thinks_adaptively(&request.model) {
        let display = if options.shown == Some(false) {
            "omitted"
        } else {
            "summarized"
        };
        out.thinking = Some(json!({"type": "adaptive", "display": display}));
        let effort = match crate::openai_chat::effort(options) {
            None => return Ok(out),
            Some(Effort::None) => return Ok(ReasoningFields::default()),
            Some(Effort::Minimal | Effort::Low) => "low",
            Some(Effort::Medium) => "medium",
            Some(Effort::High) => "high",
            Some(Effort::XHigh | Effort::Max) => "max",
        };
        out.output_config.insert("effort".to_owned(), effort.into());
        return Ok(out);
    }
    let budget = options.budget_tokens.unwrap_or(match options.effort {
        Some(Effort::Minimal) => MIN_BUDGET_TOKENS,
        Some(Effort::Low) => 2048,
        None | Some(Effort::None | Effort::Medium) => 8192,
        Some(Effort::High) => 16_384,
        Some(Effort::XHigh | Effort::Max) => 24_576,
    });
    if budget == 0 {
        return Ok(out);
    }
    let budget = budget.max(MIN_BUDGET_TOKENS);
    if request.max_tokens.is_none() {
        *max_tokens = (*max_tokens).max(budget + MIN_BUDGET_TOKENS);
    }
    // Anthropic wants the budget below the limit, which holds for both here as it does at OpenAI.
    let budget = budget.min(max_tokens.saturating_sub(1));
    if budget < MIN_BUDGET_TOKENS {
        return Err(WireError::unsupported(
            "max_tokens",
            format_args!("must be over {MIN_BUDGET_TOKENS} for Anthropic when reasoning is on"),
        ));
    }
    out.thinking = Some(json!({"type": "enabled", "budget_tokens": budget}));
    Ok(out)
}

fn is_budgeted(thinking: &Value) -> bool {
    thinking["type"] == "enabled"
}

/// Whether the turn that goes on with a tool's result began without a thought. With a budget to
/// think, Anthropic refuses such a turn, and many clients have no place to keep a thought; with
/// `adaptive` thinking it takes it.
/// <https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks>
fn has_lost_its_thought(messages: &[Value]) -> bool {
    // Words beside the results begin a turn of their own.
    let is_result = |message: &Value| {
        let content = message["content"].as_array();
        content.is_some_and(|blocks| blocks.iter().all(|block| block["type"] == "tool_result"))
    };
    let turn = messages
        .iter()
        .rev()
        .take_while(|message| message["role"] == "assistant" || is_result(message));
    let beginning = turn.last().filter(|message| message["role"] == "assistant");
    beginning.is_some_and(|message| {
        let first = &message["content"][0]["type"];
        first != "thinking" && first != "redacted_thinking"
    })
}

fn format(request: &ChatRequest) -> Result<Option<Value>, WireError> {
    match &request.response_format {
        Some(ResponseFormat::JsonSchema { schema, .. }) => {
            if !schema.is_object() {
                let field = "response_format.json_schema.schema";
                return Err(WireError::malformed_field(field, "must be an object"));
            }
            Ok(Some(json!({"type": "json_schema", "schema": schema})))
        }
        _ => Ok(None),
    }
}

fn service_tier(request: &ChatRequest) -> Result<Option<String>, WireError> {
    match request.service_tier.as_deref() {
        None => Ok(None),
        Some("default") => Ok(Some("standard_only".to_owned())),
        Some(tier @ ("auto" | "standard_only")) => Ok(Some(tier.to_owned())),
        Some(tier) => Err(WireError::unsupported(
            "service_tier",
            format_args!("`{tier}` does not exist at Anthropic"),
        )),
    }
}

/// The output configuration that came in this dialect, without the format.
fn own_output_config(request: &ChatRequest) -> Option<&Object> {
    request
        .extensions
        .get(OWN, "output_config")
        .and_then(Value::as_object)
}
