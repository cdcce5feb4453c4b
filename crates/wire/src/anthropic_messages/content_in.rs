//! Reads content blocks, of requests and of answers.

use base64::Engine;
use serde_json::Value;

use crate::json::Fields;
use crate::{
    Annotation, Dialect, Extensions, File, Image, Media, Part, Reasoning, Signature, Text,
    ToolCall, ToolResult, WireError,
};

const OWN: Dialect = Dialect::AnthropicMessages;

/// Reads `content`: a string or an array of blocks.
pub(super) fn content(fields: &mut Fields, field: &str) -> Result<Vec<Part>, WireError> {
    match fields.peek(field) {
        None => Ok(Vec::new()),
        Some(Value::String(_)) => Ok(vec![Part::text(fields.required_text(field)?)]),
        Some(Value::Array(_)) => fields.objects(field)?.into_iter().map(part).collect(),
        Some(_) => Err(fields.wrong(field, "must be a string or an array of blocks")),
    }
}

fn rest(fields: Fields) -> Extensions {
    let mut extensions = Extensions::default();
    extensions.extend(OWN, fields.rest());
    extensions
}

pub(super) fn part(mut fields: Fields) -> Result<Part, WireError> {
    let kind = fields.required_text("type")?;
    match kind.as_str() {
        "text" => {
            let text = fields.text("text")?.unwrap_or_default();
            let annotations = citations(&mut fields)?;
            Ok(Part::Text(Text {
                text,
                annotations,
                extensions: rest(fields),
            }))
        }
        "thinking" => Ok(Part::Reasoning(Reasoning {
            text: fields.text("thinking")?.unwrap_or_default(),
            signature: fields
                .text("signature")?
                .filter(|data| !data.is_empty())
                .map(sign),
            ..Reasoning::default()
        })),
        "redacted_thinking" => Ok(Part::Reasoning(Reasoning {
            text: String::new(),
            signature: Some(sign(fields.required_text("data")?)),
            redacted: true,
            ..Reasoning::default()
        })),
        "tool_use" => Ok(Part::ToolCall(ToolCall {
            id: fields.required_text("id")?,
            name: fields.required_text("name")?,
            arguments: fields
                .take("input")
                .map(|input| input.to_string())
                .unwrap_or_default(),
            signature: None,
            extensions: rest(fields),
        })),
        "tool_result" => Ok(Part::ToolResult(ToolResult {
            call_id: fields.required_text("tool_use_id")?,
            name: None,
            content: content(&mut fields, "content")?,
            is_error: fields.bool("is_error")?.unwrap_or(false),
            extensions: rest(fields),
        })),
        "image" => {
            let media = source(&mut fields)?;
            Ok(Part::Image(Image {
                media,
                detail: None,
                extensions: rest(fields),
            }))
        }
        "document" if is_plain_document(&fields) => {
            let media = source(&mut fields)?;
            let filename = fields.text("title")?;
            Ok(Part::File(File {
                media,
                filename,
                extensions: rest(fields),
            }))
        }
        _ => {
            let mut value = fields.rest();
            value.insert("type".to_owned(), kind.into());
            Ok(Part::Native {
                dialect: OWN,
                value: Value::Object(value),
            })
        }
    }
}

fn sign(data: String) -> Signature {
    Signature::from_opaque(OWN, data)
}

/// A document whose source is one file; one made of content blocks has no canonical word.
fn is_plain_document(fields: &Fields) -> bool {
    fields
        .peek("source")
        .is_some_and(|source| source["type"] != "content")
}

fn citations(fields: &mut Fields) -> Result<Vec<Annotation>, WireError> {
    // In a request `citations` may also be the switch `{enabled: true}`.
    if !fields.peek("citations").is_some_and(Value::is_array) {
        return Ok(Vec::new());
    }
    let items = fields.array("citations")?.unwrap_or_default();
    Ok(items.into_iter().map(citation).collect())
}

/// A citation, kept whole: it names places that only Anthropic's own results have.
pub(super) fn citation(value: Value) -> Annotation {
    Annotation::Native {
        dialect: OWN,
        value,
    }
}

fn source(fields: &mut Fields) -> Result<Media, WireError> {
    let mut source = fields
        .object("source")?
        .ok_or_else(|| fields.wrong("source", "is required"))?;
    match source.required_text("type")?.as_str() {
        "base64" => Ok(Media::Base64 {
            media_type: source.required_text("media_type")?,
            data: source.required_text("data")?,
        }),
        "text" => Ok(Media::Base64 {
            media_type: source
                .text("media_type")?
                .unwrap_or_else(|| "text/plain".to_owned()),
            data: base64::engine::general_purpose::STANDARD.encode(source.required_text("data")?),
        }),
        "url" => Ok(Media::Url(source.required_text("url")?)),
        "file" => Ok(Media::FileId {
            dialect: OWN,
            id: source.required_text("file_id")?,
        }),
        _ => Err(source.wrong("type", "must be `base64`, `text`, `url` or `file`")),
    }
}
