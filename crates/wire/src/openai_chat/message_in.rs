//! Reads one message, of a request or of an answer.

use serde_json::Value;

use super::reasoning;
use crate::json::{Fields, text_at};
use crate::media::media_of_url;
use crate::{
    Annotation, Audio, Dialect, Extensions, File, Image, ImageDetail, Media, Message, Part,
    Reasoning, Role, Signature, Text, ToolCall, ToolResult, WireError,
};

/// What an answer repeats and a request need not: the text already holds it.
const ECHOED_FIELDS: [&str; 2] = ["annotations", "function_call"];

pub(super) fn decode(mut fields: Fields) -> Result<Message, WireError> {
    let role = match fields.required_text("role")?.as_str() {
        "system" => Role::System,
        "developer" => Role::Developer,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        _ => {
            return Err(fields.wrong(
                "role",
                "must be `system`, `developer`, `user`, `assistant` or `tool`",
            ));
        }
    };
    let name = fields.text("name")?;
    let parts = match role {
        Role::Assistant => {
            let parts = assistant_parts(&mut fields)?;
            // Answers are sent back as they came; an empty legacy call or list says nothing.
            for field in ECHOED_FIELDS {
                if fields.peek(field).is_some_and(is_empty) || field == "annotations" {
                    fields.take(field);
                }
            }
            parts
        }
        Role::Tool => vec![tool_result(&mut fields, name.clone())?],
        _ => content(&mut fields)?,
    };
    let mut extensions = Extensions::default();
    extensions.extend(Dialect::OpenAiChat, fields.rest());
    Ok(Message {
        role,
        name,
        parts,
        extensions,
    })
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
        || value.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The parts of an assistant's message in the order they were thought, said and called.
pub(super) fn assistant_parts(fields: &mut Fields) -> Result<Vec<Part>, WireError> {
    let mut parts = Vec::new();
    let plain = fields.text("reasoning_content")?;
    // Some hosts send both names with the same text.
    let plain = fields
        .text("reasoning")?
        .or(plain)
        .filter(|text| !text.is_empty());
    let details = fields.array("reasoning_details")?.unwrap_or_default();
    let detailed = reasoning::from_details(&details);
    if detailed.iter().all(|piece| piece.text.is_empty())
        && let Some(text) = plain
    {
        parts.push(Part::Reasoning(Reasoning {
            text,
            ..Reasoning::default()
        }));
    }
    parts.extend(detailed.into_iter().map(Part::Reasoning));
    parts.extend(content(fields)?);
    if let Some(text) = fields.text("refusal")? {
        parts.push(Part::Refusal(text));
    }
    for mut image in fields.objects("images")? {
        parts.push(image_part(&mut image)?);
    }
    if let Some(audio) = fields.object("audio")? {
        parts.push(answered_audio(audio)?);
    }
    for call in fields.objects("tool_calls")? {
        parts.push(tool_call(call)?);
    }
    if let Some(extra) = fields.take("extra_content") {
        if let Some(signature) = thought_signature(&extra) {
            sign_text(&mut parts, signature);
        }
        parts.extend(native_blocks(&extra));
    }
    Ok(parts)
}

/// Gives a text's signature back to the text, or to an empty one where nothing was said.
fn sign_text(parts: &mut Vec<Part>, signature: Signature) {
    if !parts.iter().any(|part| matches!(part, Part::Text(_))) {
        parts.push(Part::text(""));
    }
    if let Some(Part::Text(text)) = parts
        .iter_mut()
        .rev()
        .find(|part| matches!(part, Part::Text(_)))
    {
        text.extensions
            .insert(signature.dialect, "thoughtSignature", signature.data.into());
    }
}

/// Blocks of another dialect that an earlier answer carried (see `message_out`).
fn native_blocks(extra: &Value) -> Vec<Part> {
    Dialect::ALL
        .into_iter()
        .filter_map(|dialect| Some((dialect, extra.get(dialect.namespace())?.get("blocks")?)))
        .flat_map(|(dialect, blocks)| {
            let blocks = blocks.as_array().cloned().unwrap_or_default();
            blocks
                .into_iter()
                .map(move |value| Part::Native { dialect, value })
        })
        .collect()
}

fn content(fields: &mut Fields) -> Result<Vec<Part>, WireError> {
    match fields.peek("content") {
        None => Ok(Vec::new()),
        Some(Value::String(_)) => {
            let text = fields.required_text("content")?;
            Ok(if text.is_empty() {
                Vec::new()
            } else {
                vec![Part::text(text)]
            })
        }
        Some(Value::Array(_)) => fields.objects("content")?.into_iter().map(part).collect(),
        Some(_) => Err(fields.wrong("content", "must be a string or an array of parts")),
    }
}

fn part(mut fields: Fields) -> Result<Part, WireError> {
    let kind = fields.required_text("type")?;
    match kind.as_str() {
        "text" => {
            let text = fields.text("text")?.unwrap_or_default();
            let mut extensions = Extensions::default();
            extensions.extend(Dialect::OpenAiChat, fields.rest());
            Ok(Part::Text(Text {
                text,
                extensions,
                ..Text::default()
            }))
        }
        "image_url" => image_part(&mut fields),
        "input_audio" => input_audio(&mut fields),
        "file" => file(fields),
        "refusal" => Ok(Part::Refusal(fields.required_text("refusal")?)),
        // Mistral's reasoning.
        "thinking" => {
            let text = fields
                .objects("thinking")?
                .iter()
                .fold(String::new(), |text, piece| {
                    text + piece
                        .peek("text")
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                });
            Ok(Part::Reasoning(Reasoning {
                text,
                ..Reasoning::default()
            }))
        }
        _ => {
            let mut value = fields.rest();
            value.insert("type".to_owned(), kind.into());
            Ok(Part::Native {
                dialect: Dialect::OpenAiChat,
                value: Value::Object(value),
            })
        }
    }
}

fn image_part(fields: &mut Fields) -> Result<Part, WireError> {
    let mut image = match fields.peek("image_url") {
        // Mistral writes the address alone.
        Some(Value::String(_)) => {
            let url = fields.required_text("image_url")?;
            let extensions = Extensions::default();
            return Ok(Part::Image(Image {
                media: media_of_url(url),
                detail: None,
                extensions,
            }));
        }
        _ => fields
            .object("image_url")?
            .ok_or_else(|| fields.wrong("image_url", "is required"))?,
    };
    let media = media_of_url(image.required_text("url")?);
    let detail = match image.text("detail")?.as_deref() {
        None => None,
        Some("auto") => Some(ImageDetail::Auto),
        Some("low") => Some(ImageDetail::Low),
        Some("high") => Some(ImageDetail::High),
        Some(_) => return Err(image.wrong("detail", "must be `auto`, `low` or `high`")),
    };
    let mut extensions = Extensions::default();
    extensions.extend(Dialect::OpenAiChat, image.rest());
    Ok(Part::Image(Image {
        media,
        detail,
        extensions,
    }))
}

fn input_audio(fields: &mut Fields) -> Result<Part, WireError> {
    let mut audio = fields
        .object("input_audio")?
        .ok_or_else(|| fields.wrong("input_audio", "is required"))?;
    let data = audio.required_text("data")?;
    let media_type = match audio.required_text("format")?.as_str() {
        "mp3" => "audio/mpeg".to_owned(),
        format => format!("audio/{format}"),
    };
    // Some clients put a whole data URL there.
    let media = match media_of_url(data) {
        Media::Url(data) => Media::Base64 { media_type, data },
        media => media,
    };
    Ok(Part::Audio(Audio {
        media,
        transcript: None,
        extensions: Extensions::default(),
    }))
}

fn answered_audio(mut audio: Fields) -> Result<Part, WireError> {
    let transcript = audio.text("transcript")?;
    let media = match audio.text("data")? {
        // The container format is what the request asked for; the answer does not repeat it.
        Some(data) => Media::Base64 {
            media_type: "audio".to_owned(),
            data,
        },
        None => Media::FileId {
            dialect: Dialect::OpenAiChat,
            id: audio
                .peek("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        },
    };
    let mut extensions = Extensions::default();
    extensions.extend(Dialect::OpenAiChat, audio.rest());
    Ok(Part::Audio(Audio {
        media,
        transcript,
        extensions,
    }))
}

fn file(mut fields: Fields) -> Result<Part, WireError> {
    let mut file = fields
        .object("file")?
        .ok_or_else(|| fields.wrong("file", "is required"))?;
    let filename = file.text("filename")?;
    let media = match (file.text("file_data")?, file.text("file_id")?) {
        (Some(data), _) => media_of_url(data),
        (None, Some(id)) => Media::FileId {
            dialect: Dialect::OpenAiChat,
            id,
        },
        (None, None) => return Err(file.wrong("file_data", "or `file_id` is required")),
    };
    let mut extensions = Extensions::default();
    extensions.extend(Dialect::OpenAiChat, file.rest());
    extensions.extend(Dialect::OpenAiChat, fields.rest());
    Ok(Part::File(File {
        media,
        filename,
        extensions,
    }))
}

fn tool_call(mut fields: Fields) -> Result<Part, WireError> {
    let kind = fields.text("type")?;
    fields.take("index");
    if let Some(kind) = kind.filter(|kind| kind != "function") {
        let mut value = fields.rest();
        value.insert("type".to_owned(), kind.into());
        return Ok(Part::Native {
            dialect: Dialect::OpenAiChat,
            value: Value::Object(value),
        });
    }
    let mut function = fields
        .object("function")?
        .ok_or_else(|| fields.wrong("function", "is required"))?;
    let id = fields.text("id")?.unwrap_or_default();
    let signature = fields
        .take("extra_content")
        .as_ref()
        .and_then(thought_signature);
    let mut extensions = Extensions::default();
    let call = ToolCall {
        name: function.required_text("name")?,
        arguments: function
            .take("arguments")
            .map(arguments)
            .unwrap_or_default(),
        id,
        signature,
        extensions: {
            extensions.extend(Dialect::OpenAiChat, fields.rest());
            extensions
        },
    };
    Ok(Part::ToolCall(call))
}

/// Arguments are JSON text; a few hosts send the object itself.
pub(super) fn arguments(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Google's own convention for thought signatures in this dialect.
pub(super) fn thought_signature(extra: &Value) -> Option<Signature> {
    let data = text_at(extra.get("google")?, "thought_signature")?.to_owned();
    Some(Signature {
        dialect: Dialect::Gemini,
        data,
    })
}

fn tool_result(fields: &mut Fields, name: Option<String>) -> Result<Part, WireError> {
    Ok(Part::ToolResult(ToolResult {
        call_id: fields.required_text("tool_call_id")?,
        name,
        content: content(fields)?,
        is_error: false,
        extensions: Extensions::default(),
    }))
}

/// Reads the `annotations` of an answer.
pub(super) fn annotations(items: Vec<Value>) -> Vec<Annotation> {
    items.into_iter().map(annotation).collect()
}

pub(super) fn annotation(item: Value) -> Annotation {
    let known = item.get("url_citation").and_then(|citation| {
        Some(Annotation::Url {
            url: text_at(citation, "url")?.to_owned(),
            title: text_at(citation, "title").unwrap_or_default().to_owned(),
            start: citation.get("start_index")?.as_u64()?,
            end: citation.get("end_index")?.as_u64()?,
        })
    });
    known.unwrap_or(Annotation::Native {
        dialect: Dialect::OpenAiChat,
        value: item,
    })
}
