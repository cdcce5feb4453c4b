//! Reads an upstream's whole answer.

use serde_json::Value;

use super::content_in::content;
use super::error::of_value;
use super::usage::usage_from;
use crate::json::Fields;
use crate::{ChatResponse, Choice, Dialect, FinishReason, WireError};

const OWN: Dialect = Dialect::AnthropicMessages;

pub(super) fn decode(mut fields: Fields) -> Result<ChatResponse, WireError> {
    if fields.peek("error").is_some() {
        return Err(WireError::upstream(of_value(
            None,
            &Value::Object(fields.rest()),
        )));
    }
    if fields.peek("content").is_none() {
        return Err(fields.wrong("content", "is missing in the upstream's answer"));
    }
    let usage = fields.take("usage");
    let choice = Choice {
        index: 0,
        parts: content(&mut fields, "content")?,
        finish: fields.text("stop_reason")?.map(|word| finish_reason(&word)),
        stop_sequence: fields.text("stop_sequence")?,
        ..Choice::default()
    };
    let mut response = ChatResponse {
        id: fields.text("id")?.unwrap_or_default(),
        model: fields.text("model")?.unwrap_or_default(),
        created: None,
        choices: vec![choice],
        service_tier: usage
            .as_ref()
            .and_then(|usage| usage.get("service_tier")?.as_str().map(str::to_owned)),
        usage: usage.as_ref().map(usage_from),
        ..ChatResponse::default()
    };
    for known in ["type", "role"] {
        fields.take(known);
    }
    response.extensions.extend(OWN, fields.rest());
    Ok(response)
}

/// The canonical word for a `stop_reason`.
pub(super) fn finish_reason(word: &str) -> FinishReason {
    match word {
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "pause_turn" => FinishReason::Pause,
        "refusal" => FinishReason::Refusal,
        // `end_turn`, `stop_sequence`, and words that are not known yet.
        _ => FinishReason::Stop,
    }
}
