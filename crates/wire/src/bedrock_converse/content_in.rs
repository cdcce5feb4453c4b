//! Reads the content blocks of an answer. A block is an object of one member, which names it.

use serde_json::Value;

use crate::json::Fields;
use crate::{
    Annotation, Dialect, Extensions, Image, Media, Part, Reasoning, Signature, Text, ToolCall,
    WireError,
};

const OWN: Dialect = Dialect::BedrockConverse;

pub(super) fn part(mut fields: Fields) -> Result<Part, WireError> {
    if let Some(text) = fields.text("text")? {
        return Ok(Part::text(text));
    }
    if is_clients_call(&fields)
        && let Some(mut call) = fields.object("toolUse")?
    {
        return Ok(Part::ToolCall(ToolCall {
            id: call.required_text("toolUseId")?,
            name: call.required_text("name")?,
            arguments: call
                .take("input")
                .map(|input| input.to_string())
                .unwrap_or_default(),
            signature: None,
            extensions: Extensions::default(),
        }));
    }
    if let Some(reasoning) = fields.object("reasoningContent")? {
        return Ok(Part::Reasoning(self::reasoning(reasoning)?));
    }
    if let Some(cited) = fields.object("citationsContent")? {
        return citations(cited);
    }
    if let Some(image) = inline_image(&fields) {
        return Ok(Part::Image(image));
    }
    Ok(Part::Native {
        dialect: OWN,
        value: Value::Object(fields.rest()),
    })
}

/// A tool that the client runs; Bedrock's own are told apart by a `type`.
fn is_clients_call(fields: &Fields) -> bool {
    fields
        .peek("toolUse")
        .is_some_and(|call| call.get("type").is_none_or(Value::is_null))
}

fn reasoning(mut fields: Fields) -> Result<Reasoning, WireError> {
    if let Some(mut readable) = fields.object("reasoningText")? {
        return Ok(Reasoning {
            text: readable.text("text")?.unwrap_or_default(),
            signature: readable.text("signature")?.and_then(sign),
            ..Reasoning::default()
        });
    }
    Ok(Reasoning {
        signature: fields.text("redactedContent")?.map(withhold),
        redacted: true,
        ..Reasoning::default()
    })
}

/// A signature of readable reasoning. Only Claude signs here, and its signatures hold at Anthropic
/// as they do at Bedrock: a conversation may go on at either.
pub(super) fn sign(data: String) -> Option<Signature> {
    (!data.is_empty()).then_some(Signature {
        dialect: Dialect::AnthropicMessages,
        data,
    })
}

/// Withheld reasoning, in base64. It goes back to Bedrock only: nothing says that Anthropic writes
/// the same bytes.
pub(super) fn withhold(data: String) -> Signature {
    Signature { dialect: OWN, data }
}

fn citations(mut fields: Fields) -> Result<Part, WireError> {
    let mut text = String::new();
    for mut piece in fields.objects("content")? {
        text.push_str(&piece.text("text")?.unwrap_or_default());
    }
    let citations = fields.array("citations")?.unwrap_or_default();
    Ok(Part::Text(Text {
        text,
        annotations: citations.into_iter().map(citation).collect(),
        extensions: Extensions::default(),
    }))
}

/// A citation, kept whole: it names places that only Bedrock's own results have.
pub(super) fn citation(value: Value) -> Annotation {
    Annotation::Native {
        dialect: OWN,
        value,
    }
}

fn inline_image(fields: &Fields) -> Option<Image> {
    let image = fields.peek("image")?;
    let format = image.get("format")?.as_str()?;
    let data = image.get("source")?.get("bytes")?.as_str()?;
    Some(Image {
        media: Media::Base64 {
            media_type: format!("image/{format}"),
            data: data.to_owned(),
        },
        detail: None,
        extensions: Extensions::default(),
    })
}
