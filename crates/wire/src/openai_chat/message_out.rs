//! Writes one message, of a request or of an answer.

use serde_json::{Map, Value, json};

use super::extra::{
    add_extra, add_native_annotation, add_signature, drop_annotations, signature_extra,
    web_annotation,
};
use super::reasoning;
use crate::canonical::message::chars_of;
use crate::json::{Object, object, put};
use crate::media::data_url;
use crate::refusal::inexpressible;
use crate::{
    Audio, Dialect, File, Image, ImageDetail, Media, Message, Part, Role, Signature, Text,
    ToolCall, ToolResult, WireError,
};

/// Fields of a part that other dialects add and that change nothing in what is said.
const HARMLESS: [&str; 6] = [
    "prompt_cache_breakpoint",
    "cache_control",
    "citations",
    "thoughtSignature",
    "response",
    "mimeType",
];

/// Writes a message of a request; a canonical message with several tool results becomes several.
pub(super) fn encode(message: &Message, path: &str) -> Result<Vec<Value>, WireError> {
    let role = match message.role {
        Role::System => "system",
        Role::Developer => "developer",
        Role::User => "user",
        Role::Assistant => return Ok(vec![assistant(message, path)?]),
        Role::Tool => {
            return message
                .parts
                .iter()
                .map(|part| tool_message(part, path))
                .collect();
        }
    };
    let mut out = object(json!({"role": role, "content": content(&message.parts, path)?}));
    if let Some(name) = &message.name {
        out.insert("name".to_owned(), name.as_str().into());
    }
    message.extensions.write(
        Dialect::OpenAiChat,
        &format!("{path}."),
        &HARMLESS,
        &mut out,
    )?;
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
            object(json!({"type": "text", "text": text.text})),
            Some(&text.extensions),
        ),
        Part::Image(image) => return image_part(image, path),
        Part::Audio(audio) => (input_audio(audio, path)?, None),
        Part::File(file) => return file_part(file, path),
        Part::Refusal(text) => (object(json!({"type": "refusal", "refusal": text})), None),
        Part::Native {
            dialect: Dialect::OpenAiChat,
            value,
        } => return Ok(value.clone()),
        _ => return Err(inexpressible(part, path, "Chat Completions")),
    };
    if let Some(extensions) = extensions {
        extensions.write(
            Dialect::OpenAiChat,
            &format!("{path}."),
            &HARMLESS,
            &mut out,
        )?;
    }
    Ok(Value::Object(out))
}

fn image_part(image: &Image, path: &str) -> Result<Value, WireError> {
    let mut inner = object(json!({"url": address(&image.media, path)?}));
    if let Some(detail) = image.detail {
        let word = match detail {
            ImageDetail::Auto => "auto",
            ImageDetail::Low => "low",
            ImageDetail::High => "high",
        };
        inner.insert("detail".to_owned(), word.into());
    }
    image.extensions.write(
        Dialect::OpenAiChat,
        &format!("{path}."),
        &HARMLESS,
        &mut inner,
    )?;
    Ok(json!({"type": "image_url", "image_url": inner}))
}

fn address(media: &Media, path: &str) -> Result<String, WireError> {
    match media {
        Media::Base64 { media_type, data } => Ok(data_url(media_type, data)),
        Media::Url(url) => Ok(url.clone()),
        Media::FileId { .. } => Err(WireError::unsupported(
            path,
            "refers to a file that only its own provider knows",
        )),
    }
}

fn input_audio(audio: &Audio, path: &str) -> Result<Object, WireError> {
    let Media::Base64 { media_type, data } = &audio.media else {
        let reason = "is audio that is not sent along, which Chat Completions does not take";
        return Err(WireError::unsupported(path, reason));
    };
    let format = match media_type.as_str() {
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/wav" | "audio/x-wav" | "audio/wave" => "wav",
        other => other.strip_prefix("audio/").unwrap_or(other),
    };
    Ok(object(
        json!({"type": "input_audio", "input_audio": {"data": data, "format": format}}),
    ))
}

fn file_part(file: &File, path: &str) -> Result<Value, WireError> {
    let mut inner = match &file.media {
        Media::Base64 { media_type, data } => object(json!({
            "filename": file.filename.as_deref().unwrap_or("document"),
            "file_data": data_url(media_type, data),
        })),
        // Only a compatible host that fetches addresses takes this; OpenAI says so itself.
        Media::Url(url) => {
            let mut inner = object(json!({"file_data": url}));
            put(&mut inner, "filename", file.filename.as_deref());
            inner
        }
        Media::FileId {
            dialect: Dialect::OpenAiChat,
            id,
        } => object(json!({"file_id": id})),
        Media::FileId { .. } => {
            let reason = "refers to a file that only its own provider knows";
            return Err(WireError::unsupported(path, reason));
        }
    };
    file.extensions.write(
        Dialect::OpenAiChat,
        &format!("{path}."),
        &HARMLESS,
        &mut inner,
    )?;
    Ok(json!({"type": "file", "file": inner}))
}

fn assistant(message: &Message, path: &str) -> Result<Value, WireError> {
    let mut said = Vec::new();
    for part in &message.parts {
        match part {
            Part::Native { dialect, .. } if *dialect != Dialect::OpenAiChat => {
                return Err(inexpressible(
                    part,
                    format!("{path}.content"),
                    "Chat Completions",
                ));
            }
            Part::Text(text) => said.push(text.text.as_str()),
            Part::Audio(_) | Part::File(_) | Part::ToolResult(_) => {
                return Err(inexpressible(
                    part,
                    format!("{path}.content"),
                    "Chat Completions",
                ));
            }
            _ => {}
        }
    }
    let mut out = assistant_object(&message.parts);
    drop_annotations(&mut out);
    if said.len() > 1 {
        let parts: Vec<Value> = said
            .iter()
            .map(|text| json!({"type": "text", "text": text}))
            .collect();
        out.insert("content".to_owned(), parts.into());
    }
    if let Some(name) = &message.name {
        out.insert("name".to_owned(), name.as_str().into());
    }
    message.extensions.write(
        Dialect::OpenAiChat,
        &format!("{path}."),
        &HARMLESS,
        &mut out,
    )?;
    Ok(Value::Object(out))
}

fn tool_message(part: &Part, path: &str) -> Result<Value, WireError> {
    let Part::ToolResult(ToolResult {
        call_id,
        content: parts,
        extensions,
        ..
    }) = part
    else {
        return Err(inexpressible(part, path, "Chat Completions"));
    };
    let mut out = object(json!({
        "role": "tool",
        "tool_call_id": call_id,
        "content": content(parts, path)?,
    }));
    extensions.write(
        Dialect::OpenAiChat,
        &format!("{path}."),
        &HARMLESS,
        &mut out,
    )?;
    Ok(Value::Object(out))
}

/// Writes an assistant's parts as one message object, answers and history alike.
pub(super) fn assistant_object(parts: &[Part]) -> Object {
    let mut out = object(json!({"role": "assistant", "content": null}));
    let mut text = None::<String>;
    let mut refusal = None::<String>;
    let (mut thoughts, mut details) = (String::new(), Vec::new());
    let (mut calls, mut images, mut annotations) = (Vec::new(), Vec::new(), Vec::new());
    let mut extra = Map::new();
    for part in parts {
        match part {
            Part::Text(piece) => {
                let said = text.get_or_insert_default();
                let (offset, chars) = (chars_of(said), chars_of(&piece.text));
                said.push_str(&piece.text);
                for annotation in &piece.annotations {
                    annotations.extend(web_annotation(annotation, offset, chars));
                    add_native_annotation(annotation, &mut extra);
                }
                let signature = piece.extensions.get(Dialect::Gemini, "thoughtSignature");
                if let Some(data) = signature.and_then(Value::as_str) {
                    let data = data.to_owned();
                    add_signature(
                        &mut extra,
                        &Signature {
                            dialect: Dialect::Gemini,
                            data,
                        },
                    );
                }
            }
            Part::Reasoning(piece) => {
                thoughts.push_str(&piece.text);
                details.push(piece);
            }
            Part::Refusal(piece) => refusal.get_or_insert_default().push_str(piece),
            Part::ToolCall(call) => calls.push(tool_call(call)),
            Part::Image(image) => {
                if let Ok(url) = address(&image.media, "") {
                    images.push(json!({"type": "image_url", "image_url": {"url": url}}));
                }
            }
            Part::Audio(audio) => {
                out.insert("audio".to_owned(), answered_audio(audio));
            }
            Part::Native {
                dialect: Dialect::OpenAiChat,
                value,
            } => calls.push(value.clone()),
            Part::Native { dialect, value } => add_extra(&mut extra, *dialect, "blocks", value),
            Part::File(_) | Part::ToolResult(_) => {}
        }
    }
    out.insert("content".to_owned(), text.into());
    if let Some(refusal) = refusal {
        out.insert("refusal".to_owned(), refusal.into());
    }
    if !thoughts.is_empty() {
        out.insert("reasoning_content".to_owned(), thoughts.into());
    }
    if details.iter().any(|piece| piece.signature.is_some()) {
        let details = details
            .iter()
            .enumerate()
            .map(|(index, piece)| reasoning::to_detail(piece, index));
        out.insert("reasoning_details".to_owned(), details.collect());
    }
    for (field, items) in [
        ("tool_calls", calls),
        ("images", images),
        ("annotations", annotations),
    ] {
        if !items.is_empty() {
            out.insert(field.to_owned(), items.into());
        }
    }
    if !extra.is_empty() {
        out.insert("extra_content".to_owned(), extra.into());
    }
    out
}

fn tool_call(call: &ToolCall) -> Value {
    let mut out = object(json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments(&call.arguments)},
    }));
    if let Some(signature) = &call.signature {
        out.insert("extra_content".to_owned(), signature_extra(signature));
    }
    Value::Object(out)
}

/// Clients parse the arguments as JSON: no arguments are an empty object.
fn arguments(text: &str) -> &str {
    if text.is_empty() { "{}" } else { text }
}

fn answered_audio(audio: &Audio) -> Value {
    let mut out = Map::new();
    // Writing one's own fields back cannot be refused.
    let _ = audio
        .extensions
        .write(Dialect::OpenAiChat, "", &[], &mut out);
    if let Media::Base64 { data, .. } = &audio.media {
        out.insert("data".to_owned(), data.as_str().into());
    }
    if let Some(transcript) = &audio.transcript {
        out.insert("transcript".to_owned(), transcript.as_str().into());
    }
    Value::Object(out)
}
