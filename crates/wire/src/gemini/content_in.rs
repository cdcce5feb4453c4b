//! Reads content parts, of requests and of answers.

use serde_json::Value;

use crate::json::Fields;
use crate::media::standard_base64;
use crate::{
    Audio, Dialect, Extensions, File, Image, Media, Part, Reasoning, Signature, Text, ToolCall,
    ToolResult, WireError,
};

const OWN: Dialect = Dialect::Gemini;

/// Where an id is missing, ids are made from the answer's own: the same answer gives the same ids.
#[derive(Debug, Default)]
pub(super) struct CallIds {
    seed: String,
    made: u32,
}

impl CallIds {
    pub(super) fn new(response_id: &str) -> Self {
        let seed = response_id
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(24)
            .collect();
        Self { seed, made: 0 }
    }

    pub(super) fn next(&mut self) -> String {
        let number = self.made;
        self.made += 1;
        format!("call_{}_{number}", self.seed)
    }
}

/// Reads one part.
pub(super) fn part(mut fields: Fields, ids: &mut CallIds) -> Result<Part, WireError> {
    let signature = fields
        .take_either("thoughtSignature", "thought_signature")
        .and_then(|data| data.as_str().map(str::to_owned));
    let thought = fields.bool("thought")?.unwrap_or(false);
    if fields.peek("text").is_some() {
        let text = fields.text("text")?.unwrap_or_default();
        return Ok(if thought {
            let signature = signature.map(sign);
            // Another provider's encrypted reasoning that this dialect's client carried.
            let redacted = text.is_empty() && signature.as_ref().is_some_and(|s| s.dialect != OWN);
            Part::Reasoning(Reasoning {
                text,
                signature,
                redacted,
                ..Reasoning::default()
            })
        } else {
            Part::Text(Text {
                text,
                extensions: rest(fields, signature),
                ..Text::default()
            })
        });
    }
    for (camel, snake) in [
        ("functionCall", "function_call"),
        ("functionResponse", "function_response"),
    ] {
        let path = fields.path(camel);
        if let Some(value) = fields.take_either(camel, snake) {
            let inner = Fields::at(&path, value)?;
            return if camel == "functionCall" {
                function_call(inner, signature, ids)
            } else {
                function_response(inner)
            };
        }
    }
    for (camel, snake) in [("inlineData", "inline_data"), ("fileData", "file_data")] {
        let path = fields.path(camel);
        if let Some(value) = fields.take_either(camel, snake) {
            return media_part(Fields::at(&path, value)?, rest(fields, signature));
        }
    }
    let mut value = fields.rest();
    if let Some(signature) = signature {
        value.insert("thoughtSignature".to_owned(), signature.into());
    }
    if value.is_empty() {
        return Ok(Part::text(""));
    }
    Ok(Part::Native {
        dialect: OWN,
        value: Value::Object(value),
    })
}

fn sign(data: String) -> Signature {
    Signature::from_opaque(OWN, data)
}

fn rest(fields: Fields, signature: Option<String>) -> Extensions {
    let mut extensions = Extensions::default();
    extensions.extend(OWN, fields.rest());
    if let Some(signature) = signature {
        extensions.insert(OWN, "thoughtSignature", signature.into());
    }
    extensions
}

fn function_call(
    mut call: Fields,
    signature: Option<String>,
    ids: &mut CallIds,
) -> Result<Part, WireError> {
    Ok(Part::ToolCall(ToolCall {
        id: call
            .text("id")?
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| ids.next()),
        name: call.required_text("name")?,
        arguments: call
            .take("args")
            .map(|args| args.to_string())
            .unwrap_or_default(),
        signature: signature.map(sign),
        extensions: rest(call, None),
    }))
}

fn function_response(mut response: Fields) -> Result<Part, WireError> {
    let name = response.required_text("name")?;
    let value = response.take("response").unwrap_or(Value::Null);
    let (text, is_error) = match &value {
        Value::Object(fields) if fields.len() == 1 => match fields.iter().next() {
            Some((key, Value::String(text))) if key == "result" || key == "output" => {
                (text.clone(), false)
            }
            Some((key, Value::String(text))) if key == "error" => (text.clone(), true),
            _ => (value.to_string(), false),
        },
        _ => (value.to_string(), false),
    };
    let mut content = vec![Part::text(text)];
    let mut no_ids = CallIds::default();
    for piece in response.objects("parts")? {
        content.push(part(piece, &mut no_ids)?);
    }
    let mut extensions = Extensions::default();
    // Written back as it came; other dialects read the text above.
    extensions.insert(OWN, "response", value);
    Ok(Part::ToolResult(ToolResult {
        call_id: response.text("id")?.unwrap_or_default(),
        name: Some(name),
        content,
        is_error,
        extensions,
    }))
}

/// `inlineData` and `fileData`, told apart by what they hold.
fn media_part(mut fields: Fields, extensions: Extensions) -> Result<Part, WireError> {
    let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
    let media_type = text(fields.take_either("mimeType", "mime_type"));
    let kind = media_type
        .as_deref()
        .unwrap_or_default()
        .split('/')
        .next()
        .unwrap_or_default();
    let kind = kind.to_owned();
    let media = if let Some(uri) = text(fields.take_either("fileUri", "file_uri")) {
        if uri.starts_with("https://generativelanguage.googleapis.com/") || uri.starts_with("gs://")
        {
            Media::FileId {
                dialect: OWN,
                id: uri,
            }
        } else {
            Media::Url(uri)
        }
    } else {
        Media::Base64 {
            media_type: media_type.clone().unwrap_or_default(),
            data: standard_base64(fields.required_text("data")?),
        }
    };
    let mut extensions = extensions;
    if !matches!(media, Media::Base64 { .. })
        && let Some(media_type) = media_type
    {
        extensions.insert(OWN, "mimeType", media_type.into());
    }
    let filename = text(fields.take_either("displayName", "display_name"));
    Ok(match kind.as_str() {
        "image" => Part::Image(Image {
            media,
            detail: None,
            extensions,
        }),
        "audio" => Part::Audio(Audio {
            media,
            transcript: None,
            extensions,
        }),
        _ => Part::File(File {
            media,
            filename,
            extensions,
        }),
    })
}
