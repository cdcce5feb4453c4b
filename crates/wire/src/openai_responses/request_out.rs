//! Writes a request for a Responses upstream.

use serde_json::{Value, json};

use super::OWN;
use super::item_out::{HARMLESS as HARMLESS_IN_PARTS, history_items};
use super::model::reasons;
use super::request_in::INCLUDE_LOGPROBS;
use crate::json::{Object, object, put, to_bytes};
use crate::media::data_url;
use crate::openai_chat::{effort, native_tool_error, sampling_for, user};
use crate::portable::portable;
use crate::refusal::inexpressible;
use crate::{
    ChatRequest, Dialect, File, Image, ImageDetail, Media, Message, Part, ResponseFormat, Role,
    Text, Tool, ToolChoice, ToolResult, WireError,
};

/// Fields of other dialects that change nothing in the answer, or that have a word here which is
/// written instead (`docs/wire.md`).
const HARMLESS: [&str; 12] = [
    "cache_control",
    "labels",
    "eager_input_streaming",
    "store",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "verbosity",
    "include_reasoning",
    "reasoning_format",
    "clear_thinking",
];

/// Fields of Chat that mean the same here.
const SHARED_WITH_CHAT: [&str; 4] = [
    "store",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
];

pub(super) fn encode(request: &ChatRequest) -> Result<Vec<u8>, WireError> {
    let request = &*portable(request, OWN)?;
    refuse_inexpressible(request)?;
    let mut out = object(json!({"model": request.model}));
    let mut input = Vec::new();
    for (index, message) in request.messages.iter().enumerate() {
        let path = format!("messages[{index}]");
        match (message.parts.as_slice(), index) {
            ([Part::Text(text)], 0) if is_instructions(message) => {
                out.insert("instructions".to_owned(), text.text.as_str().into());
            }
            _ => input.extend(items(message, &path)?),
        }
    }
    // A stored prompt may stand for it.
    if !input.is_empty() || !came_so(request) {
        out.insert("input".to_owned(), input.into());
    }
    put(&mut out, "stream", request.stream.then_some(true));
    put(&mut out, "max_output_tokens", request.max_tokens);
    let sampling = sampling_for(request);
    put(&mut out, "temperature", sampling.temperature);
    put(&mut out, "top_p", sampling.top_p);
    write_tools(request, &mut out)?;
    put(&mut out, "user", user(request));
    put(&mut out, "service_tier", request.service_tier.as_deref());
    put(&mut out, "metadata", request.metadata.clone());
    for field in SHARED_WITH_CHAT {
        let value = request.extensions.get(Dialect::OpenAiChat, field);
        put(&mut out, field, value.cloned());
    }
    request.extensions.write(OWN, "", &HARMLESS, &mut out)?;
    write_text(request, &mut out);
    write_reasoning(request, &mut out);
    write_include(request, &mut out);
    Ok(to_bytes(&Value::Object(out)))
}

fn is_instructions(message: &Message) -> bool {
    message.extensions.get(OWN, "instructions").is_some()
}

/// It came in this dialect: what it does not say is left to OpenAI.
fn came_so(request: &ChatRequest) -> bool {
    request.origin == Some(OWN)
}

fn refuse_inexpressible(request: &ChatRequest) -> Result<(), WireError> {
    let unsupported = |field: &str| {
        Err(WireError::unsupported(
            field,
            "cannot be expressed in OpenAI's Responses",
        ))
    };
    let sampling = sampling_for(request);
    if request.n.is_some_and(|n| n > 1) {
        let reason = "must be 1: Responses gives one answer";
        return Err(WireError::unsupported("n", reason));
    }
    if !request.stop.is_empty() {
        return unsupported("stop");
    }
    if sampling.top_k.is_some() {
        return unsupported("top_k");
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
    Ok(())
}

/// The items of one message.
fn items(message: &Message, path: &str) -> Result<Vec<Value>, WireError> {
    let role = match message.role {
        Role::Assistant => {
            let mut none = Object::new();
            let extensions = &message.extensions;
            extensions.write(OWN, &format!("{path}."), &HARMLESS_IN_PARTS, &mut none)?;
            return history_items(&message.parts, path);
        }
        Role::Tool => {
            let parts = message.parts.iter();
            return parts.map(|part| function_call_output(part, path)).collect();
        }
        Role::System => "system",
        Role::Developer => "developer",
        Role::User => "user",
    };
    if message.parts.is_empty() {
        return Ok(Vec::new());
    }
    let mut out = object(json!({
        "type": "message", "role": role, "content": content(&message.parts, path)?,
    }));
    message
        .extensions
        .write(OWN, &format!("{path}."), &HARMLESS_IN_PARTS, &mut out)?;
    out.shift_remove("instructions");
    Ok(vec![Value::Object(out)])
}

/// Plain text as a string, anything else as parts.
fn content(parts: &[Part], path: &str) -> Result<Value, WireError> {
    if let [
        Part::Text(Text {
            text, extensions, ..
        }),
    ] = parts
        && extensions.is_empty()
    {
        return Ok(text.as_str().into());
    }
    parts
        .iter()
        .enumerate()
        .map(|(index, part)| content_part(part, &format!("{path}.content[{index}]")))
        .collect()
}

fn content_part(part: &Part, path: &str) -> Result<Value, WireError> {
    let (mut out, extensions) = match part {
        Part::Text(text) => (
            object(json!({"type": "input_text", "text": text.text})),
            &text.extensions,
        ),
        Part::Image(image) => (input_image(image, path)?, &image.extensions),
        Part::File(file) => (input_file(file, path)?, &file.extensions),
        Part::Native {
            dialect: OWN,
            value,
        } => return Ok(value.clone()),
        Part::Audio(_) => {
            let reason = "is audio, which Responses does not take";
            return Err(WireError::unsupported(path, reason));
        }
        _ => return Err(inexpressible(part, path, "Responses")),
    };
    extensions.write(OWN, &format!("{path}."), &HARMLESS_IN_PARTS, &mut out)?;
    Ok(Value::Object(out))
}

/// Files that OpenAI keeps are the same ones for both of its dialects.
fn file_id<'a>(dialect: Dialect, id: &'a str, path: &str) -> Result<&'a str, WireError> {
    if matches!(dialect, OWN | Dialect::OpenAiChat) {
        return Ok(id);
    }
    let reason = "refers to a file that only its own provider knows";
    Err(WireError::unsupported(path, reason))
}

fn input_image(image: &Image, path: &str) -> Result<Object, WireError> {
    let mut out = object(json!({"type": "input_image"}));
    match &image.media {
        Media::Base64 { media_type, data } => {
            out.insert("image_url".to_owned(), data_url(media_type, data).into());
        }
        Media::Url(url) => {
            out.insert("image_url".to_owned(), url.as_str().into());
        }
        Media::FileId { dialect, id } => {
            out.insert("file_id".to_owned(), file_id(*dialect, id, path)?.into());
        }
    }
    let detail = match image.detail {
        None | Some(ImageDetail::Auto) => "auto",
        Some(ImageDetail::Low) => "low",
        Some(ImageDetail::High) => "high",
    };
    out.insert("detail".to_owned(), detail.into());
    Ok(out)
}

fn input_file(file: &File, path: &str) -> Result<Object, WireError> {
    let mut out = object(json!({"type": "input_file"}));
    match &file.media {
        Media::Base64 { media_type, data } => {
            let name = file.filename.as_deref().unwrap_or("document");
            out.insert("filename".to_owned(), name.into());
            out.insert("file_data".to_owned(), data_url(media_type, data).into());
        }
        Media::Url(url) => {
            out.insert("file_url".to_owned(), url.as_str().into());
        }
        Media::FileId { dialect, id } => {
            out.insert("file_id".to_owned(), file_id(*dialect, id, path)?.into());
        }
    }
    Ok(out)
}

fn function_call_output(part: &Part, path: &str) -> Result<Value, WireError> {
    let Part::ToolResult(ToolResult {
        call_id,
        content: parts,
        extensions,
        ..
    }) = part
    else {
        return Err(inexpressible(part, path, "Responses"));
    };
    let mut out = object(json!({
        "type": "function_call_output",
        "call_id": call_id,
        "output": if parts.is_empty() { "".into() } else { content(parts, path)? },
    }));
    extensions.write(OWN, &format!("{path}."), &HARMLESS_IN_PARTS, &mut out)?;
    Ok(Value::Object(out))
}

fn write_tools(request: &ChatRequest, out: &mut Object) -> Result<(), WireError> {
    if !request.tools.is_empty() {
        let came_so = came_so(request);
        let tools = request.tools.iter().enumerate();
        let tools = tools.map(|(index, tool)| encode_tool(tool, index, came_so));
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
        ToolChoice::Function(name) => json!({"type": "function", "name": name}),
    });
    put(out, "tool_choice", choice);
    Ok(())
}

fn encode_tool(tool: &Tool, index: usize, came_so: bool) -> Result<Value, WireError> {
    match tool {
        Tool::Function {
            name,
            description,
            parameters,
            strict,
            extensions,
        } => {
            let mut out = object(json!({"type": "function", "name": name}));
            put(&mut out, "description", description.as_deref());
            let parameters = parameters.clone();
            put(
                &mut out,
                "parameters",
                parameters.or_else(|| Some(json!({"type": "object", "properties": {}}))),
            );
            // Here a function is strict unless it says otherwise; nowhere else.
            let strict = strict.or_else(|| (!came_so).then_some(false));
            put(&mut out, "strict", strict);
            let path = format!("tools[{index}].");
            extensions.write(OWN, &path, &HARMLESS, &mut out)?;
            Ok(Value::Object(out))
        }
        Tool::Native {
            dialect: OWN,
            value,
        } => Ok(value.clone()),
        Tool::Native { value, .. } => Err(native_tool_error(value, index)),
    }
}

fn write_text(request: &ChatRequest, out: &mut Object) {
    let mut text = match out.shift_remove("text") {
        Some(Value::Object(text)) => text,
        _ => Object::new(),
    };
    let verbosity = out.shift_remove("verbosity").or_else(|| {
        let chat = request.extensions.get(Dialect::OpenAiChat, "verbosity");
        chat.cloned()
    });
    put(&mut text, "verbosity", verbosity);
    let format = request.response_format.as_ref().map(|format| match format {
        ResponseFormat::Text => json!({"type": "text"}),
        ResponseFormat::JsonObject => json!({"type": "json_object"}),
        ResponseFormat::JsonSchema {
            name,
            description,
            schema,
            strict,
        } => {
            let mut format = object(json!({
                "type": "json_schema",
                "name": name.as_deref().unwrap_or("answer"),
                "schema": schema,
            }));
            put(&mut format, "description", description.as_deref());
            let strict = strict.or_else(|| (!came_so(request)).then_some(false));
            put(&mut format, "strict", strict);
            Value::Object(format)
        }
    });
    put(&mut text, "format", format);
    if !text.is_empty() {
        out.insert("text".to_owned(), text.into());
    }
}

fn write_reasoning(request: &ChatRequest, out: &mut Object) {
    let mut reasoning = match out.shift_remove("reasoning") {
        Some(Value::Object(reasoning)) => reasoning,
        _ => Object::new(),
    };
    if let Some(options) = request.reasoning {
        put(
            &mut reasoning,
            "effort",
            effort(options).map(crate::Effort::as_str),
        );
        let said = reasoning.contains_key("summary") || reasoning.contains_key("generate_summary");
        if options.shown == Some(true) && !said {
            reasoning.insert("summary".to_owned(), "auto".into());
        }
    }
    if !reasoning.is_empty() {
        out.insert("reasoning".to_owned(), reasoning.into());
    }
}

/// What the answer shall hold besides. A request of another dialect is not kept by OpenAI, so its
/// reasoning must come along, encrypted, to be sent back.
fn write_include(request: &ChatRequest, out: &mut Object) {
    let mut include = match out.shift_remove("include") {
        Some(Value::Array(include)) => include,
        _ => Vec::new(),
    };
    if let Some(options) = request.logprobs {
        include.push(INCLUDE_LOGPROBS.into());
        put(out, "top_logprobs", options.top);
    }
    if !came_so(request) {
        out.entry("store").or_insert_with(|| false.into());
        if reasons(&request.model) {
            include.push("reasoning.encrypted_content".into());
        }
    }
    if !include.is_empty() {
        out.insert("include".to_owned(), include.into());
    }
}
