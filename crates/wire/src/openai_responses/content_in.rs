//! Reads the content parts of a message or of a tool's output.

use serde_json::Value;

use super::{OWN, annotation};
use crate::json::Fields;
use crate::media::media_of_url;
use crate::{Extensions, File, Image, ImageDetail, Media, Part, Text, WireError};

/// Reads a field that holds a text or an array of parts.
pub(super) fn content(fields: &mut Fields, field: &str) -> Result<Vec<Part>, WireError> {
    match fields.peek(field) {
        None => Ok(Vec::new()),
        Some(Value::String(_)) => Ok(vec![Part::text(fields.required_text(field)?)]),
        Some(Value::Array(_)) => fields.objects(field)?.into_iter().map(part).collect(),
        Some(_) => Err(fields.wrong(field, "must be a string or an array of parts")),
    }
}

pub(super) fn rest(fields: Fields) -> Extensions {
    let mut extensions = Extensions::default();
    extensions.extend(OWN, fields.rest());
    extensions
}

pub(super) fn part(mut fields: Fields) -> Result<Part, WireError> {
    let kind = fields.required_text("type")?;
    match kind.as_str() {
        "input_text" | "output_text" | "text" => text(fields),
        "refusal" => Ok(Part::Refusal(fields.required_text("refusal")?)),
        "input_image" => image(fields),
        "input_file" => file(fields),
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

fn text(mut fields: Fields) -> Result<Part, WireError> {
    let text = fields.text("text")?.unwrap_or_default();
    let annotations = fields.array("annotations")?.unwrap_or_default();
    // OpenAI's client for Node.js reads structured output and sends what it read back.
    fields.take("parsed");
    if fields
        .peek("logprobs")
        .and_then(Value::as_array)
        .is_some_and(Vec::is_empty)
    {
        fields.take("logprobs");
    }
    Ok(Part::Text(Text {
        text,
        annotations: annotations.into_iter().map(annotation::decode).collect(),
        extensions: rest(fields),
    }))
}

fn image(mut fields: Fields) -> Result<Part, WireError> {
    let media = match (fields.text("image_url")?, fields.text("file_id")?) {
        (Some(url), _) => media_of_url(url),
        (None, Some(id)) => Media::FileId { dialect: OWN, id },
        (None, None) => return Err(fields.wrong("image_url", "or `file_id` is required")),
    };
    let detail = match fields.peek("detail").and_then(Value::as_str) {
        Some("auto") => Some(ImageDetail::Auto),
        Some("low") => Some(ImageDetail::Low),
        Some("high") => Some(ImageDetail::High),
        // A newer word stays behind as it is.
        _ => None,
    };
    if detail.is_some() {
        fields.take("detail");
    }
    Ok(Part::Image(Image {
        media,
        detail,
        extensions: rest(fields),
    }))
}

fn file(mut fields: Fields) -> Result<Part, WireError> {
    let filename = fields.text("filename")?;
    let (data, url) = (fields.text("file_data")?, fields.text("file_url")?);
    let media = match (data, url, fields.text("file_id")?) {
        (Some(data), _, _) => media_of_url(data),
        (None, Some(url), _) => Media::Url(url),
        (None, None, Some(id)) => Media::FileId { dialect: OWN, id },
        (None, None, None) => {
            return Err(fields.wrong("file_data", "`file_url` or `file_id` is required"));
        }
    };
    Ok(Part::File(File {
        media,
        filename,
        extensions: rest(fields),
    }))
}
