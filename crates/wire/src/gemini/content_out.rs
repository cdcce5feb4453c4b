//! Writes content parts, of requests and of answers.

use serde_json::{Value, json};

use super::carried::with_call;
use crate::json::{Object, object, put};
use crate::media::media_type_of_path;
use crate::refusal::inexpressible;
use crate::{Dialect, Extensions, Media, Part, ToolCall, ToolResult, WireError};

const OWN: Dialect = Dialect::Gemini;

/// Fields of a part that other dialects add and that change nothing in what is said.
const HARMLESS: [&str; 4] = [
    "cache_control",
    "citations",
    "prompt_cache_breakpoint",
    "caller",
];

/// What Google's documentation gives for a call that no Gemini model made, or whose signature the
/// client did not keep.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// The tool calls of a conversation, to find a result's name by its id.
pub(super) struct Calls<'a>(pub(super) Vec<(&'a str, &'a str)>);

impl Calls<'_> {
    fn name_of(&self, id: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(call, _)| *call == id)
            .map(|(_, name)| *name)
    }
}

/// Writes one part; `None` for what says nothing here (empty text, reasoning of another provider).
pub(super) fn part(part: &Part, path: &str, calls: &Calls<'_>) -> Result<Option<Value>, WireError> {
    let (mut out, extensions) = match part {
        Part::Text(text) if text.text.is_empty() && text.extensions.is_empty() => return Ok(None),
        Part::Text(text) => (json!({"text": text.text}), &text.extensions),
        Part::Image(image) => (
            media(&image.media, &image.extensions, path)?,
            &image.extensions,
        ),
        Part::Audio(audio) => (
            media(&audio.media, &audio.extensions, path)?,
            &audio.extensions,
        ),
        Part::File(file) => (
            media(&file.media, &file.extensions, path)?,
            &file.extensions,
        ),
        Part::Reasoning(_) => return Ok(None),
        Part::Refusal(text) => return Ok(Some(json!({"text": text}))),
        Part::ToolCall(call) => return function_call(call, path).map(Some),
        Part::ToolResult(result) => return function_response(result, path, calls).map(Some),
        Part::Native {
            dialect: OWN,
            value,
        } => return Ok(Some(value.clone())),
        Part::Native { .. } => return Err(inexpressible(part, path, "Gemini")),
    };
    let mut extra = Object::new();
    extensions.write(OWN, &format!("{path}."), &HARMLESS, &mut extra)?;
    // The media's type stands within the media.
    extra.shift_remove("mimeType");
    if let Some(out) = out.as_object_mut() {
        out.extend(extra);
    }
    Ok(Some(out))
}

fn media(media: &Media, extensions: &Extensions, path: &str) -> Result<Value, WireError> {
    let uri = match media {
        Media::Base64 { media_type, data } => {
            return Ok(json!({"inlineData": {"mimeType": media_type, "data": data}}));
        }
        Media::Url(url) => url,
        Media::FileId { dialect: OWN, id } => id,
        Media::FileId { .. } => {
            let reason = "refers to a file that only its own provider knows";
            return Err(WireError::unsupported(path, reason));
        }
    };
    let mut out = object(json!({"fileUri": uri}));
    let known = extensions.get(OWN, "mimeType").cloned();
    put(
        &mut out,
        "mimeType",
        known.or_else(|| media_type_of_path(uri).map(Value::from)),
    );
    Ok(json!({"fileData": out}))
}

fn function_call(call: &ToolCall, path: &str) -> Result<Value, WireError> {
    let args = args(&call.arguments).ok_or_else(|| {
        WireError::malformed_field(format!("{path}.arguments"), "must be a JSON object")
    })?;
    let mut inner = object(json!({"name": call.name, "args": args}));
    if !call.id.is_empty() {
        inner.insert("id".to_owned(), call.id.as_str().into());
    }
    call.extensions
        .write(OWN, &format!("{path}."), &HARMLESS, &mut inner)?;
    let mut out = object(json!({"functionCall": inner}));
    let signature = call
        .signature
        .as_ref()
        .filter(|signature| signature.dialect == OWN);
    put(
        &mut out,
        "thoughtSignature",
        signature.map(|signature| signature.data.as_str()),
    );
    Ok(Value::Object(out))
}

/// The signature of a call that a client of another dialect carried as withheld reasoning.
pub(super) fn carried_signature(part: &Part) -> Option<&str> {
    match part {
        Part::Reasoning(reasoning) if reasoning.redacted => reasoning
            .signature
            .as_ref()
            .filter(|signature| signature.dialect == OWN)
            .map(|signature| signature.data.as_str()),
        _ => None,
    }
}

/// Gives an unsigned call the signature that was carried before it.
pub(super) fn sign_call(part: &mut Value, carried: &mut Option<&str>) {
    if part.get("functionCall").is_some()
        && let Some(data) = carried.take()
        && part.get("thoughtSignature").is_none()
    {
        part["thoughtSignature"] = data.into();
    }
}

/// Gemini 3 refuses a turn whose first call is not signed.
pub(super) fn sign_first_call(parts: &mut [Value]) {
    if let Some(first) = parts
        .iter_mut()
        .find(|part| part.get("functionCall").is_some())
        && first.get("thoughtSignature").is_none()
    {
        first["thoughtSignature"] = NO_SIGNATURE.into();
    }
}

/// The arguments as an object; none at all are an empty one.
pub(super) fn args(arguments: &str) -> Option<Value> {
    if arguments.trim().is_empty() {
        return Some(json!({}));
    }
    serde_json::from_str(arguments)
        .ok()
        .filter(Value::is_object)
}

fn function_response(
    result: &ToolResult,
    path: &str,
    calls: &Calls<'_>,
) -> Result<Value, WireError> {
    let known = result
        .name
        .as_deref()
        .or_else(|| calls.name_of(&result.call_id));
    let name = known.ok_or_else(|| {
        WireError::malformed_field(
            format!("{path}.tool_call_id"),
            "answers no tool call of this conversation",
        )
    })?;
    let mut text = String::new();
    let mut parts = Vec::new();
    for (index, piece) in result.content.iter().enumerate() {
        match piece {
            Part::Text(piece) => text.push_str(&piece.text),
            other => parts.extend(part(other, &format!("{path}.content[{index}]"), calls)?),
        }
    }
    let response = match result.extensions.get(OWN, "response") {
        Some(own) => own.clone(),
        None if result.is_error => json!({"error": text}),
        None => serde_json::from_str(&text)
            .ok()
            .filter(Value::is_object)
            .unwrap_or_else(|| json!({"result": text})),
    };
    let mut inner = object(json!({"name": name, "response": response}));
    if !result.call_id.is_empty() {
        inner.insert("id".to_owned(), result.call_id.as_str().into());
    }
    if !parts.is_empty() {
        inner.insert("parts".to_owned(), parts.into());
    }
    let mut rest = Object::new();
    result
        .extensions
        .write(OWN, &format!("{path}."), &HARMLESS, &mut rest)?;
    Ok(json!({"functionResponse": inner}))
}

/// Writes the parts of an answer: nothing can be refused any more, so what has no word here is
/// left out.
pub(super) fn answer_parts(parts: &[Part]) -> Vec<Value> {
    let no_calls = Calls(Vec::new());
    let mut carried = None;
    parts
        .iter()
        .filter_map(|piece| match piece {
            Part::Reasoning(reasoning)
                if reasoning.text.is_empty() && reasoning.signature.is_none() =>
            {
                None
            }
            Part::Reasoning(reasoning) => {
                let mut out = object(json!({"text": reasoning.text, "thought": true}));
                let signature = reasoning.signature.as_ref();
                carried = signature.and_then(|signature| with_call(signature, reasoning.redacted));
                put(
                    &mut out,
                    "thoughtSignature",
                    signature.map(|signature| signature.opaque_for(OWN)),
                );
                Some(Value::Object(out))
            }
            Part::ToolCall(call) if args(&call.arguments).is_none() => {
                Some(json!({"functionCall": {"id": call.id, "name": call.name, "args": {}}}))
            }
            piece => {
                let mut out = part(&piece.for_answer(OWN), "", &no_calls).ok().flatten()?;
                if out.get("functionCall").is_some()
                    && out.get("thoughtSignature").is_none()
                    && let Some(signature) = carried.take()
                {
                    out["thoughtSignature"] = signature.opaque_for(OWN).into();
                }
                Some(out)
            }
        })
        .collect()
}
