//! Reads an upstream's whole answer.

use serde_json::Value;

use super::error::of_value;
use super::item_in::{Item, item};
use super::usage::usage_from;
use super::{OWN, logprobs};
use crate::json::{Fields, text_at};
use crate::{ChatResponse, Choice, FinishReason, Part, WireError};

pub(super) fn decode(mut fields: Fields) -> Result<ChatResponse, WireError> {
    if let Some(error) = fields.take("error") {
        return Err(WireError::upstream(of_value(&error)));
    }
    if fields.peek("output").is_none() {
        return Err(fields.wrong("output", "is missing in the upstream's answer"));
    }
    let mut parts = Vec::new();
    for fields in fields.objects("output")? {
        parts.extend(parts_of(item(fields)?));
    }
    let has_calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let status = fields.text("status")?;
    let choice = Choice {
        index: 0,
        finish: finish_reason(
            status.as_deref(),
            fields.peek("incomplete_details"),
            has_calls,
        ),
        logprobs: logprobs::canonical(&logprobs_of(&parts)),
        parts,
        ..Choice::default()
    };
    let mut response = ChatResponse {
        id: fields.text("id")?.unwrap_or_default(),
        model: fields.text("model")?.unwrap_or_default(),
        created: fields.take("created_at").as_ref().and_then(seconds),
        choices: vec![choice],
        usage: fields.take("usage").as_ref().map(usage_from),
        service_tier: fields.text("service_tier")?,
        ..ChatResponse::default()
    };
    fields.take("object");
    response.extensions.extend(OWN, fields.rest());
    Ok(response)
}

/// The parts of an item in an answer; tools' outputs that OpenAI itself ran come as natives.
pub(super) fn parts_of(item: Item) -> Vec<Part> {
    match item {
        Item::Assistant(parts) => parts,
        Item::Message(message) => message.parts,
        Item::Result(part) => vec![part],
    }
}

fn logprobs_of(parts: &[Part]) -> Vec<Value> {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => text.extensions.get(OWN, "logprobs")?.as_array(),
        _ => None,
    });
    texts.flatten().cloned().collect()
}

/// Epoch seconds; a few hosts write them with fractions.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation)]
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

/// The canonical word for a status; none while a background response is not done.
pub(super) fn finish_reason(
    status: Option<&str>,
    details: Option<&Value>,
    has_calls: bool,
) -> Option<FinishReason> {
    Some(match status {
        Some("queued" | "in_progress") => return None,
        Some("failed" | "cancelled") => FinishReason::Error,
        Some("incomplete") => match details.and_then(|details| text_at(details, "reason")) {
            Some("content_filter") => FinishReason::ContentFilter,
            _ => FinishReason::Length,
        },
        _ if has_calls => FinishReason::ToolCalls,
        _ => FinishReason::Stop,
    })
}
