//! Reads items, of a request's `input` and of an answer's `output`.

use serde_json::Value;

use super::OWN;
use super::content_in::{content, rest};
use crate::json::{Fields, text_at};
use crate::{
    Extensions, Image, Media, Message, Part, Reasoning, Role, Signature, ToolCall, ToolResult,
    WireError,
};

/// What stands between two pieces of reasoning.
pub(super) const PARAGRAPH: &str = "\n\n";

/// One item, by who it comes from.
pub(super) enum Item {
    /// A message of the application or the person.
    Message(Message),
    /// Something the model made.
    Assistant(Vec<Part>),
    /// What a tool answered.
    Result(Part),
}

/// Reads one item.
pub(super) fn item(mut fields: Fields) -> Result<Item, WireError> {
    // A message may stand without its type.
    let kind = match fields.text("type")? {
        Some(kind) => kind,
        None if fields.peek("role").is_some() => "message".to_owned(),
        None => return Err(fields.wrong("type", "is required")),
    };
    match kind.as_str() {
        "message" => message(fields),
        "function_call" => function_call(fields),
        "function_call_output" => Ok(Item::Result(Part::ToolResult(ToolResult {
            call_id: fields.required_text("call_id")?,
            name: None,
            content: content(&mut fields, "output")?,
            is_error: false,
            extensions: rest(fields),
        }))),
        "reasoning" => Ok(Item::Assistant(vec![Part::Reasoning(reasoning(fields)?)])),
        "image_generation_call" if fields.peek("result").is_some() => image(fields),
        _ => {
            let mut value = fields.rest();
            value.insert("type".to_owned(), kind.into());
            Ok(Item::Assistant(vec![Part::Native {
                dialect: OWN,
                value: Value::Object(value),
            }]))
        }
    }
}

fn message(mut fields: Fields) -> Result<Item, WireError> {
    let role = match fields.required_text("role")?.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        "developer" => Role::Developer,
        _ => {
            return Err(fields.wrong(
                "role",
                "must be `user`, `assistant`, `system` or `developer`",
            ));
        }
    };
    let mut parts = content(&mut fields, "content")?;
    if role != Role::Assistant {
        return Ok(Item::Message(Message {
            role,
            name: None,
            parts,
            extensions: rest(fields),
        }));
    }
    // The item itself has no canonical word: its id goes with each of its texts.
    let own = fields.rest();
    for part in &mut parts {
        if let Part::Text(text) = part {
            text.extensions.extend(OWN, own.clone());
        }
    }
    Ok(Item::Assistant(parts))
}

fn function_call(mut fields: Fields) -> Result<Item, WireError> {
    // OpenAI's client for Node.js reads the arguments and sends what it read back.
    fields.take("parsed_arguments");
    Ok(Item::Assistant(vec![Part::ToolCall(ToolCall {
        id: fields.required_text("call_id")?,
        name: fields.required_text("name")?,
        arguments: fields.text("arguments")?.unwrap_or_default(),
        signature: None,
        extensions: rest(fields),
    })]))
}

/// Reads a reasoning item: the text is its summary, or the whole where a host shows it.
pub(super) fn reasoning(mut fields: Fields) -> Result<Reasoning, WireError> {
    let signature = fields
        .text("encrypted_content")?
        .filter(|data| !data.is_empty())
        .map(|data| Signature::from_opaque(OWN, data));
    let mut pieces = Vec::new();
    for field in ["summary", "content"] {
        let list = fields.peek(field).and_then(Value::as_array);
        let texts = list
            .into_iter()
            .flatten()
            .filter_map(|piece| text_at(piece, "text"));
        pieces.extend(texts.map(str::to_owned));
    }
    let text = pieces.join(PARAGRAPH);
    Ok(Reasoning {
        redacted: text.is_empty() && signature.is_some(),
        text,
        signature,
        extensions: rest(fields),
    })
}

fn image(mut fields: Fields) -> Result<Item, WireError> {
    let format = fields.peek("output_format").and_then(Value::as_str);
    let media_type = format!("image/{}", format.unwrap_or("png"));
    let data = fields.required_text("result")?;
    // The id marks it as an item of this dialect, so it is written back as one.
    let extensions: Extensions = rest(fields);
    Ok(Item::Assistant(vec![Part::Image(Image {
        media: Media::Base64 { media_type, data },
        detail: None,
        extensions,
    })]))
}
