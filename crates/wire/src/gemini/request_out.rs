//! Writes a request for a Gemini upstream.

use serde_json::{Value, json};

use super::content_out::{Calls, carried_signature, part, sign_call, sign_first_call};
use super::model::is_gemini_3;
use crate::json::{Object, object, put, to_bytes};
use crate::openai_chat::native_tool_error;
use crate::portable::portable;
use crate::{
    ChatRequest, Dialect, Effort, Message, Part, ReasoningOptions, ResponseFormat, Role, Tool,
    ToolChoice, WireError,
};

const OWN: Dialect = Dialect::Gemini;

/// Fields of other dialects that change nothing in the answer, or that have a canonical word
/// which is written instead (`docs/wire.md`, "Ignored").
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
    "cache_control",
    "include_reasoning",
    "reasoning_format",
    "eager_input_streaming",
];

pub(super) fn encode(request: &ChatRequest) -> Result<Vec<u8>, WireError> {
    let request = &*portable(request, OWN)?;
    // Whoever must call one tool calls it once.
    let one_call = match request.tool_choice {
        Some(ToolChoice::Function(_)) => true,
        Some(ToolChoice::Required) => request.tools.len() == 1,
        _ => false,
    };
    if request.parallel_tool_calls == Some(false) && !request.tools.is_empty() && !one_call {
        return Err(WireError::unsupported(
            "parallel_tool_calls",
            "must not be false: Gemini always may call several tools at once",
        ));
    }
    if let Some(tier) = &request.service_tier
        && !matches!(tier.as_str(), "auto" | "default" | "standard")
    {
        return Err(WireError::unsupported(
            "service_tier",
            "cannot be expressed for Gemini",
        ));
    }
    let mut out = object(json!({"contents": contents(request)?}));
    let system = system(&request.messages)?;
    if !system.is_empty() {
        out.insert("systemInstruction".to_owned(), json!({"parts": system}));
    }
    write_tools(request, &mut out)?;
    let config = out.shift_remove("toolConfig");
    request.extensions.write(OWN, "", &HARMLESS, &mut out)?;
    // The extensions may hold a part of either, as it came in this dialect.
    merge_tool_config(config, &mut out);
    let mut config = generation_config(request)?;
    if let Some(Value::Object(own)) = out.shift_remove("generationConfig") {
        config.extend(own);
    }
    if !config.is_empty() {
        out.insert("generationConfig".to_owned(), config.into());
    }
    Ok(to_bytes(&Value::Object(out)))
}

/// Adds the mode to what else of the tool configuration came in this dialect.
fn merge_tool_config(config: Option<Value>, out: &mut Object) {
    let Some(mut config) = config else { return };
    if let Some(own) = out.get("toolConfig").and_then(Value::as_object) {
        for (field, value) in own {
            match (config.get_mut(field).and_then(Value::as_object_mut), value) {
                (Some(object), Value::Object(more)) => object.extend(more.clone()),
                _ => config[field.as_str()] = value.clone(),
            }
        }
    }
    out.insert("toolConfig".to_owned(), config);
}

/// Every system and developer message, wherever it stood: Gemini keeps them apart.
fn system(messages: &[Message]) -> Result<Vec<Value>, WireError> {
    let mut out = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        if !matches!(message.role, Role::System | Role::Developer) {
            continue;
        }
        let path = format!("messages[{index}].content");
        for piece in &message.parts {
            if !matches!(piece, Part::Text(_)) {
                let reason = "of a system message must be text for Gemini";
                return Err(WireError::unsupported(path, reason));
            }
            out.extend(part(piece, &path, &Calls(Vec::new()))?);
        }
    }
    Ok(out)
}

/// The conversation. Neighbours of one role become one content, since results of parallel calls
/// belong together.
fn contents(request: &ChatRequest) -> Result<Vec<Value>, WireError> {
    let calls = Calls(
        request
            .messages
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match part {
                Part::ToolCall(call) => Some((call.id.as_str(), call.name.as_str())),
                _ => None,
            })
            .collect(),
    );
    let mut out: Vec<(&str, Vec<Value>)> = Vec::new();
    for (index, message) in request.messages.iter().enumerate() {
        let role = match message.role {
            Role::System | Role::Developer => continue,
            Role::User | Role::Tool => "user",
            Role::Assistant => "model",
        };
        let path = format!("messages[{index}]");
        message
            .extensions
            .write(OWN, &format!("{path}."), &[], &mut Object::new())?;
        let mut parts = Vec::with_capacity(message.parts.len());
        let mut carried = None;
        for (at, piece) in message.parts.iter().enumerate() {
            carried = carried_signature(piece).or(carried);
            if let Some(mut written) = part(piece, &format!("{path}.content[{at}]"), &calls)? {
                sign_call(&mut written, &mut carried);
                parts.push(written);
            }
        }
        if role == "model" && is_gemini_3(&request.model) {
            sign_first_call(&mut parts);
        }
        match out.last_mut() {
            Some((last, all)) if *last == role => all.extend(parts),
            _ => out.push((role, parts)),
        }
    }
    Ok(out
        .into_iter()
        .filter(|(_, parts)| !parts.is_empty())
        .map(|(role, parts)| json!({"role": role, "parts": parts}))
        .collect())
}

fn write_tools(request: &ChatRequest, out: &mut Object) -> Result<(), WireError> {
    let mut declarations = Vec::new();
    let mut tools = Vec::new();
    for (index, tool) in request.tools.iter().enumerate() {
        match tool {
            // `strict` has no word here: Gemini follows the schema of every call as it can.
            Tool::Function {
                name,
                description,
                parameters,
                extensions,
                ..
            } => {
                let mut declaration = object(json!({"name": name}));
                put(&mut declaration, "description", description.as_deref());
                put(&mut declaration, "parametersJsonSchema", parameters.clone());
                let path = format!("tools[{index}].");
                extensions.write(OWN, &path, &HARMLESS, &mut declaration)?;
                declarations.push(Value::Object(declaration));
            }
            Tool::Native {
                dialect: OWN,
                value,
            } => tools.push(value.clone()),
            Tool::Native { value, .. } => return Err(native_tool_error(value, index)),
        }
    }
    if !declarations.is_empty() {
        tools.push(json!({"functionDeclarations": declarations}));
    }
    if !tools.is_empty() {
        out.insert("tools".to_owned(), tools.into());
    }
    let config = match &request.tool_choice {
        None => return Ok(()),
        // Without tools these two say what happens anyway.
        Some(ToolChoice::Auto | ToolChoice::None) if request.tools.is_empty() => return Ok(()),
        Some(ToolChoice::Auto) => json!({"mode": "AUTO"}),
        Some(ToolChoice::None) => json!({"mode": "NONE"}),
        Some(ToolChoice::Required) => json!({"mode": "ANY"}),
        Some(ToolChoice::Function(name)) => {
            json!({"mode": "ANY", "allowedFunctionNames": [name]})
        }
    };
    out.insert(
        "toolConfig".to_owned(),
        json!({"functionCallingConfig": config}),
    );
    Ok(())
}

fn generation_config(request: &ChatRequest) -> Result<Object, WireError> {
    let mut out = Object::new();
    let sampling = &request.sampling;
    put(&mut out, "temperature", sampling.temperature);
    put(&mut out, "topP", sampling.top_p);
    put(&mut out, "topK", sampling.top_k);
    put(&mut out, "frequencyPenalty", sampling.frequency_penalty);
    put(&mut out, "presencePenalty", sampling.presence_penalty);
    if let Some(seed) = sampling.seed {
        let seed = i32::try_from(seed)
            .map_err(|_| WireError::unsupported("seed", "must fit 32 bits for Gemini"))?;
        out.insert("seed".to_owned(), seed.into());
    }
    put(&mut out, "maxOutputTokens", request.max_tokens);
    put(&mut out, "candidateCount", request.n.filter(|n| *n > 1));
    if !request.stop.is_empty() {
        out.insert("stopSequences".to_owned(), request.stop.clone().into());
    }
    if let Some(logprobs) = request.logprobs {
        out.insert("responseLogprobs".to_owned(), true.into());
        put(&mut out, "logprobs", logprobs.top.filter(|top| *top > 0));
    }
    match &request.response_format {
        None | Some(ResponseFormat::Text) => {}
        Some(ResponseFormat::JsonObject) => {
            out.insert("responseMimeType".to_owned(), "application/json".into());
        }
        Some(ResponseFormat::JsonSchema { schema, .. }) => {
            out.insert("responseMimeType".to_owned(), "application/json".into());
            out.insert("responseJsonSchema".to_owned(), schema.clone());
        }
    }
    if let Some(options) = request.reasoning {
        out.insert(
            "thinkingConfig".to_owned(),
            thinking(&request.model, options),
        );
    }
    Ok(out)
}

fn thinking(model: &str, options: ReasoningOptions) -> Value {
    let mut out = Object::new();
    let silent = options.effort == Some(Effort::None) || options.budget_tokens == Some(0);
    out.insert(
        "includeThoughts".to_owned(),
        options.shown.unwrap_or(!silent).into(),
    );
    if let Some(budget) = options.budget_tokens {
        out.insert("thinkingBudget".to_owned(), budget.into());
    } else if let Some(effort) = options.effort {
        let pro = model.contains("pro");
        if is_gemini_3(model) {
            let level = match effort {
                // The Pro models have no lower level, and none can be switched off.
                Effort::None | Effort::Minimal if !pro => "minimal",
                Effort::None | Effort::Minimal | Effort::Low => "low",
                Effort::Medium => "medium",
                Effort::High | Effort::XHigh | Effort::Max => "high",
            };
            out.insert("thinkingLevel".to_owned(), level.into());
        } else {
            let budget = match effort {
                // The least that 2.5 Pro takes.
                Effort::None if pro => 128,
                Effort::None => 0,
                Effort::Minimal => 512,
                Effort::Low => 1024,
                Effort::Medium => 8192,
                Effort::High | Effort::XHigh | Effort::Max => 24_576,
            };
            out.insert("thinkingBudget".to_owned(), budget.into());
        }
    }
    Value::Object(out)
}
