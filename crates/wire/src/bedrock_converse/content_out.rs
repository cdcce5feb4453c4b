//! Writes content blocks of a request.

use serde_json::{Value, json};

use super::model::Family;
use crate::anthropic_messages::{tool_id, tool_input};
use crate::json::{Object, object, put};
use crate::media::media_type_of_path;
use crate::refusal::inexpressible;
use crate::{
    Dialect, Extensions, File, Image, Media, Part, Reasoning, ToolCall, ToolResult, WireError,
};

const OWN: Dialect = Dialect::BedrockConverse;

/// Fields of a part that other dialects add and that change nothing in what is said.
pub(super) const HARMLESS: [&str; 6] = [
    "cache_control",
    "thoughtSignature",
    "response",
    "mimeType",
    "prompt_cache_breakpoint",
    "eager_input_streaming",
];

/// The most characters of a tool call's id.
const MAX_TOOL_ID_BYTES: usize = 64;

/// Writes the blocks of one request.
pub(super) struct BlockWriter {
    family: Family,
    /// The names of the documents so far: Bedrock refuses a conversation that has one twice.
    names: Vec<String>,
}

impl BlockWriter {
    pub(super) const fn new(family: Family) -> Self {
        Self {
            family,
            names: Vec::new(),
        }
    }

    /// Writes the blocks of a message, and a cache point behind each that asks for one. Parts that
    /// say nothing here (blank text, reasoning of another provider) become no block.
    pub(super) fn blocks(&mut self, parts: &[Part], path: &str) -> Result<Vec<Value>, WireError> {
        let mut out = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let path = format!("{path}[{index}]");
            if let Some(block) = self.block(part, &path)? {
                out.push(block);
                out.extend(part.extensions().and_then(|own| self.cache_point(own)));
            }
        }
        Ok(out)
    }

    /// The cache point that a marker of Anthropic's asks for, whichever dialect it came in.
    pub(super) fn cache_point(&self, extensions: &Extensions) -> Option<Value> {
        let marker = [Dialect::AnthropicMessages, Dialect::OpenAiChat]
            .into_iter()
            .find_map(|dialect| extensions.get(dialect, "cache_control"))
            .filter(|_| self.family.caches())?;
        let mut point = object(json!({"type": "default"}));
        if self.family == Family::Claude && marker["ttl"] == "1h" {
            point.insert("ttl".to_owned(), "1h".into());
        }
        Some(json!({"cachePoint": point}))
    }

    fn block(&mut self, part: &Part, path: &str) -> Result<Option<Value>, WireError> {
        let block = match part {
            Part::Text(text) => {
                nothing_of_other_dialects(&text.extensions, path)?;
                return Ok(text_block(&text.text));
            }
            Part::Refusal(text) => return Ok(text_block(text)),
            Part::Image(image) => image_block(image, path)?,
            Part::File(file) => self.document_block(file, path)?,
            Part::Audio(_) => {
                let reason = "is audio, which Bedrock's Converse does not take";
                return Err(WireError::unsupported(path, reason));
            }
            Part::Reasoning(reasoning) => return Ok(self.reasoning_block(reasoning)),
            Part::ToolCall(call) => tool_use(call, path)?,
            Part::ToolResult(result) => self.tool_result(result, path)?,
            Part::Native {
                dialect: OWN,
                value,
            } => value.clone(),
            Part::Native { .. } => return Err(inexpressible(part, path, "Bedrock's Converse")),
        };
        Ok(Some(block))
    }

    fn document_block(&mut self, file: &File, path: &str) -> Result<Value, WireError> {
        let format = match &file.media {
            Media::Base64 { media_type, .. } => document_format(media_type),
            Media::Url(url) => media_type_of_path(url).and_then(document_format),
            Media::FileId { .. } => None,
        };
        let source = source(&file.media, path)?;
        let Some(format) = format else {
            let reason = "is a file of a type that Bedrock's Converse does not take";
            return Err(WireError::unsupported(path, reason));
        };
        let name = self.document_name(file.filename.as_deref());
        let mut document = object(json!({"format": format, "name": name, "source": source}));
        // Anthropic's words for both are Bedrock's too.
        for field in ["context", "citations"] {
            let own = file.extensions.get(Dialect::AnthropicMessages, field);
            put(&mut document, field, own.cloned());
        }
        let mut rest = Object::new();
        let known = [&HARMLESS[..], &["context", "citations"]].concat();
        file.extensions
            .write(OWN, &format!("{path}."), &known, &mut rest)?;
        Ok(json!({"document": document}))
    }

    /// A name that is required, unique, and of letters, digits, single spaces and few marks.
    fn document_name(&mut self, filename: Option<&str>) -> String {
        let stem = filename.map_or("", |name| {
            name.rsplit_once('.').map_or(name, |(stem, _)| stem)
        });
        let mut name = String::new();
        for c in stem.chars() {
            match c {
                '-' | '(' | ')' | '[' | ']' => name.push(c),
                _ if c.is_ascii_alphanumeric() => name.push(c),
                _ if name.ends_with(' ') => {}
                _ => name.push(' '),
            }
        }
        let name = match name.trim() {
            "" => "document",
            name => name,
        };
        let mut unique = name.to_owned();
        let mut number = 1;
        while self.names.contains(&unique) {
            number += 1;
            unique = format!("{name} {number}");
        }
        self.names.push(unique.clone());
        unique
    }

    /// Claude takes back what it signed; any other reasoning is left out.
    fn reasoning_block(&self, reasoning: &Reasoning) -> Option<Value> {
        let signature = reasoning
            .signature
            .as_ref()
            .filter(|_| self.family == Family::Claude)?;
        let content = match (signature.dialect, reasoning.redacted) {
            (OWN, true) => json!({"redactedContent": signature.data}),
            (Dialect::AnthropicMessages, false) => {
                json!({"reasoningText": {"text": reasoning.text, "signature": signature.data}})
            }
            _ => return None,
        };
        Some(json!({"reasoningContent": content}))
    }

    fn tool_result(&mut self, result: &ToolResult, path: &str) -> Result<Value, WireError> {
        nothing_of_other_dialects(&result.extensions, path)?;
        let mut content = Vec::with_capacity(result.content.len());
        for (index, part) in result.content.iter().enumerate() {
            let path = format!("{path}.content[{index}]");
            if !matches!(part, Part::Text(_) | Part::Image(_) | Part::File(_)) {
                let reason = "of a tool's result must be text, a picture or a document";
                return Err(WireError::unsupported(path, reason));
            }
            content.extend(self.block(part, &path)?);
        }
        let mut out = object(json!({
            "toolUseId": call_id(&result.call_id), "content": content,
        }));
        if result.is_error {
            out.insert("status".to_owned(), "error".into());
        }
        Ok(json!({"toolResult": out}))
    }
}

/// Blank text is refused by Bedrock and says nothing.
pub(super) fn text_block(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"text": text}))
}

/// Refuses what only another dialect knows of a part.
pub(super) fn nothing_of_other_dialects(
    extensions: &Extensions,
    path: &str,
) -> Result<(), WireError> {
    extensions.write(OWN, &format!("{path}."), &HARMLESS, &mut Object::new())
}

fn image_block(image: &Image, path: &str) -> Result<Value, WireError> {
    let media_type = match &image.media {
        Media::Base64 { media_type, .. } => Some(media_type.as_str()),
        Media::Url(url) => media_type_of_path(url),
        Media::FileId { .. } => None,
    };
    let source = source(&image.media, path)?;
    let format = match media_type {
        Some("image/png") => "png",
        Some("image/jpeg" | "image/jpg") => "jpeg",
        Some("image/gif") => "gif",
        Some("image/webp") => "webp",
        _ => {
            let reason =
                "is a picture of a type that Bedrock does not take: PNG, JPEG, GIF or WebP";
            return Err(WireError::unsupported(path, reason));
        }
    };
    nothing_of_other_dialects(&image.extensions, path)?;
    Ok(json!({"image": {"format": format, "source": source}}))
}

fn source(media: &Media, path: &str) -> Result<Value, WireError> {
    match media {
        Media::Base64 { data, .. } => Ok(json!({"bytes": data})),
        Media::Url(url) if url.starts_with("s3://") => Ok(json!({"s3Location": {"uri": url}})),
        Media::Url(_) => Err(WireError::unsupported(
            path,
            "is an address that Bedrock does not fetch: send the bytes, or an `s3://` address",
        )),
        Media::FileId { .. } => Err(WireError::unsupported(
            path,
            "refers to a file that only its own provider knows",
        )),
    }
}

fn document_format(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "application/pdf" => "pdf",
        "text/csv" => "csv",
        "text/html" => "html",
        "text/markdown" => "md",
        "application/msword" => "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        other if other.starts_with("text/") => "txt",
        _ => return None,
    })
}

fn tool_use(call: &ToolCall, path: &str) -> Result<Value, WireError> {
    let input = tool_input(&call.arguments).ok_or_else(|| {
        WireError::malformed_field(format!("{path}.arguments"), "must be a JSON object")
    })?;
    nothing_of_other_dialects(&call.extensions, path)?;
    Ok(json!({"toolUse": {
        "toolUseId": call_id(&call.id), "name": call.name, "input": input,
    }}))
}

/// An id of Bedrock's alphabet, which is Anthropic's, and length; the end tells ids apart best.
fn call_id(id: &str) -> String {
    let id = tool_id(id);
    id[id.len().saturating_sub(MAX_TOOL_ID_BYTES)..].to_owned()
}
