//! Reads an upstream's whole answer.

use super::content_in::part;
use super::usage::usage_from;
use crate::json::{Fields, text_at};
use crate::{ChatResponse, Choice, Dialect, FinishReason, WireError};

const OWN: Dialect = Dialect::BedrockConverse;

pub(super) fn decode(mut fields: Fields) -> Result<ChatResponse, WireError> {
    let mut output = fields
        .object("output")?
        .ok_or_else(|| fields.wrong("output", "is missing in the upstream's answer"))?;
    let mut message = output
        .object("message")?
        .ok_or_else(|| output.wrong("message", "is missing in the upstream's answer"))?;
    let choice = Choice {
        index: 0,
        parts: message
            .objects("content")?
            .into_iter()
            .map(part)
            .collect::<Result<_, _>>()?,
        finish: fields.text("stopReason")?.map(|word| finish_reason(&word)),
        ..Choice::default()
    };
    let mut response = ChatResponse {
        choices: vec![choice],
        usage: fields.take("usage").as_ref().map(usage_from),
        service_tier: fields
            .take("serviceTier")
            .and_then(|tier| text_at(&tier, "type").map(str::to_owned)),
        ..ChatResponse::default()
    };
    response.extensions.extend(OWN, fields.rest());
    Ok(response)
}

/// The canonical word for a `stopReason`.
pub(super) fn finish_reason(word: &str) -> FinishReason {
    match word {
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "guardrail_intervened" | "content_filtered" => FinishReason::ContentFilter,
        "refusal" => FinishReason::Refusal,
        "malformed_model_output" | "malformed_tool_use" => FinishReason::Error,
        // `end_turn`, `stop_sequence`, and words that are not known yet.
        _ => FinishReason::Stop,
    }
}
