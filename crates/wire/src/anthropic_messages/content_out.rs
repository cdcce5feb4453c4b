//! Writes content blocks, of requests and of answers.

use serde_json::{Map, Value, json};

use crate::json::{Object, object, put};
use crate::refusal::inexpressible;
use crate::{
    Annotation, Dialect, Extensions, File, Image, Media, Part, Reasoning, Signature, Text,
    ToolCall, ToolResult, WireError,
};

const OWN: Dialect = Dialect::AnthropicMessages;

/// Fields of a part that other dialects add and that change nothing in what is said.
const HARMLESS: [&str; 5] = [
    "cache_control",
    "thoughtSignature",
    "response",
    "mimeType",
    "prompt_cache_breakpoint",
];

/// Writes the blocks of a message. Parts that say nothing here (empty text, reasoning that
/// another provider made) become no block.
pub(super) fn blocks(parts: &[Part], path: &str) -> Result<Vec<Value>, WireError> {
    let mut out = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        out.extend(block(part, &format!("{path}[{index}]"))?);
    }
    Ok(out)
}

fn block(part: &Part, path: &str) -> Result<Option<Value>, WireError> {
    Ok(Some(match part {
        Part::Text(text) if text.text.is_empty() => return Ok(None),
        Part::Text(text) => text_block(text, path)?,
        Part::Image(image) => image_block(image, path)?,
        Part::File(file) => document_block(file, path)?,
        Part::Audio(_) => {
            return Err(WireError::unsupported(
                path,
                "is audio, which Anthropic does not take",
            ));
        }
        Part::Reasoning(reasoning) => return Ok(reasoning_block(reasoning)),
        Part::Refusal(text) => json!({"type": "text", "text": text}),
        Part::ToolCall(call) => tool_use(call, path)?,
        Part::ToolResult(result) => tool_result(result, path)?,
        Part::Native {
            dialect: OWN,
            value,
        } => value.clone(),
        Part::Native { .. } => return Err(inexpressible(part, path, "Anthropic")),
    }))
}

/// Writes the extensions, and `cache_control` whichever dialect it came in: OpenAI-style clients
/// send it in Anthropic's own form.
pub(super) fn extend(
    extensions: &Extensions,
    path: &str,
    out: &mut Object,
) -> Result<(), WireError> {
    put(
        out,
        "cache_control",
        extensions
            .get(Dialect::OpenAiChat, "cache_control")
            .cloned(),
    );
    extensions.write(OWN, &format!("{path}."), &HARMLESS, out)
}

fn text_block(text: &Text, path: &str) -> Result<Value, WireError> {
    let mut out = object(json!({"type": "text", "text": text.text}));
    let citations: Vec<Value> = citations(&text.annotations).collect();
    if !citations.is_empty() {
        out.insert("citations".to_owned(), citations.into());
    }
    extend(&text.extensions, path, &mut out)?;
    Ok(Value::Object(out))
}

fn citations(annotations: &[Annotation]) -> impl Iterator<Item = Value> {
    annotations
        .iter()
        .filter_map(|annotation| match annotation {
            Annotation::Native {
                dialect: OWN,
                value,
            } => Some(value.clone()),
            _ => None,
        })
}

pub(super) fn image_block(image: &Image, path: &str) -> Result<Value, WireError> {
    let mut out = object(json!({"type": "image", "source": source(&image.media, path)?}));
    extend(&image.extensions, path, &mut out)?;
    Ok(Value::Object(out))
}

fn source(media: &Media, path: &str) -> Result<Value, WireError> {
    match media {
        Media::Base64 { media_type, data } => {
            Ok(json!({"type": "base64", "media_type": media_type, "data": data}))
        }
        Media::Url(url) => Ok(json!({"type": "url", "url": url})),
        Media::FileId { dialect: OWN, id } => Ok(json!({"type": "file", "file_id": id})),
        Media::FileId { .. } => Err(WireError::unsupported(
            path,
            "refers to a file that only its own provider knows",
        )),
    }
}

fn document_block(file: &File, path: &str) -> Result<Value, WireError> {
    let source = match &file.media {
        Media::Base64 { media_type, data } if media_type.starts_with("text/") => {
            use base64::Engine;
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(data)
                .map_err(|_| WireError::malformed_field(path, "is not valid base64"))?;
            let text = String::from_utf8(bytes)
                .map_err(|_| WireError::malformed_field(path, "is a text that is not UTF-8"))?;
            json!({"type": "text", "media_type": "text/plain", "data": text})
        }
        Media::Base64 { media_type, .. } if media_type != "application/pdf" => {
            return Err(WireError::unsupported(
                path,
                format_args!("is a file of type `{media_type}`; Anthropic takes PDF and text"),
            ));
        }
        media => source(media, path)?,
    };
    let mut out = object(json!({"type": "document", "source": source}));
    put(&mut out, "title", file.filename.as_deref());
    extend(&file.extensions, path, &mut out)?;
    Ok(Value::Object(out))
}

/// Anthropic takes back only what it signed; any other provider's reasoning is left out.
fn reasoning_block(reasoning: &Reasoning) -> Option<Value> {
    let signature = reasoning
        .signature
        .as_ref()
        .filter(|signature| signature.dialect == OWN)?;
    Some(if reasoning.redacted {
        json!({"type": "redacted_thinking", "data": signature.data})
    } else {
        json!({"type": "thinking", "thinking": reasoning.text, "signature": signature.data})
    })
}

fn tool_use(call: &ToolCall, path: &str) -> Result<Value, WireError> {
    let input = input(&call.arguments).ok_or_else(|| {
        WireError::malformed_field(format!("{path}.arguments"), "must be a JSON object")
    })?;
    let mut out = object(json!({
        "type": "tool_use", "id": tool_id(&call.id), "name": call.name, "input": input,
    }));
    extend(&call.extensions, path, &mut out)?;
    Ok(Value::Object(out))
}

/// The arguments as an object; none at all are an empty one.
pub(crate) fn input(arguments: &str) -> Option<Value> {
    if arguments.trim().is_empty() {
        return Some(json!({}));
    }
    serde_json::from_str(arguments)
        .ok()
        .filter(Value::is_object)
}

/// Anthropic's ids are of letters, digits, `_` and `-`; other providers' are not always.
pub(crate) fn tool_id(id: &str) -> String {
    let id: String = id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
                c
            } else {
                '_'
            }
        })
        .collect();
    if id.is_empty() { "call".to_owned() } else { id }
}

fn tool_result(result: &ToolResult, path: &str) -> Result<Value, WireError> {
    let content = match result.content.as_slice() {
        [Part::Text(text)] if text.extensions.is_empty() => text.text.clone().into(),
        parts => blocks(parts, &format!("{path}.content"))?.into(),
    };
    let mut out = Map::new();
    out.insert("type".to_owned(), "tool_result".into());
    out.insert("tool_use_id".to_owned(), tool_id(&result.call_id).into());
    out.insert("content".to_owned(), content);
    if result.is_error {
        out.insert("is_error".to_owned(), true.into());
    }
    extend(&result.extensions, path, &mut out)?;
    Ok(Value::Object(out))
}

/// Reasoning in an answer. Unsigned reasoning is shown too; it only cannot be sent back.
fn answered_reasoning(reasoning: &Reasoning) -> Option<Value> {
    let signature = reasoning
        .signature
        .as_ref()
        .map(|signature| signature.opaque_for(OWN));
    match signature {
        Some(data) if reasoning.redacted => {
            Some(json!({"type": "redacted_thinking", "data": data}))
        }
        None if reasoning.text.is_empty() => None,
        signature => Some(json!({
            "type": "thinking",
            "thinking": reasoning.text,
            "signature": signature.unwrap_or_default(),
        })),
    }
}

/// Writes the blocks of an answer: nothing can be refused any more, so what has no word here
/// (audio, pictures) is left out.
pub(super) fn answer_blocks(parts: &[Part]) -> Vec<Value> {
    parts
        .iter()
        .flat_map(|part| [signature_of_call(part), answer_block(part)])
        .flatten()
        .collect()
}

/// What another provider wants back with a call stands before it: a call has no field for it.
fn signature_of_call(part: &Part) -> Option<Value> {
    match part {
        Part::ToolCall(call) => call.signature.as_ref().map(withheld),
        _ => None,
    }
}

/// A block that only whoever made it can read.
pub(super) fn withheld(signature: &Signature) -> Value {
    json!({"type": "redacted_thinking", "data": signature.opaque_for(OWN)})
}

fn answer_block(part: &Part) -> Option<Value> {
    match part {
        Part::Reasoning(reasoning) => answered_reasoning(reasoning),
        // No block of an answer holds one.
        Part::Image(_) | Part::File(_) => None,
        Part::ToolCall(call) if input(&call.arguments).is_none() => Some(json!({
            "type": "tool_use", "id": tool_id(&call.id), "name": call.name, "input": {},
        })),
        part => block(&part.for_answer(OWN), "").ok().flatten(),
    }
}
