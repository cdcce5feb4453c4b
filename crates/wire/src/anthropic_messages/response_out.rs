//! Writes a whole answer for a client.

use serde_json::{Value, json};

use super::content_out::answer_blocks;
use super::usage::usage_to;
use crate::json::{object, to_bytes};
use crate::{ChatResponse, Choice, Dialect, FinishReason};

pub(super) fn encode(response: &ChatResponse) -> Vec<u8> {
    // Requests that could bring more than one answer never come in this dialect.
    let empty = Choice::default();
    let choice = response.choices.first().unwrap_or(&empty);
    let mut out = object(json!({
        "id": response.id,
        "type": "message",
        "role": "assistant",
        "model": response.model,
        "content": answer_blocks(&choice.parts),
        "stop_reason": stop_reason(
            choice.finish.unwrap_or(FinishReason::Stop),
            choice.stop_sequence.is_some(),
        ),
        "stop_sequence": choice.stop_sequence,
        "usage": usage_to(&response.usage.unwrap_or_default()),
    }));
    for (field, value) in response.extensions.of(Dialect::AnthropicMessages) {
        out.entry(field.as_str()).or_insert_with(|| value.clone());
    }
    to_bytes(&Value::Object(out))
}

/// Anthropic's word.
pub(super) const fn stop_reason(reason: FinishReason, met_stop_sequence: bool) -> &'static str {
    match reason {
        FinishReason::Stop if met_stop_sequence => "stop_sequence",
        FinishReason::Stop => "end_turn",
        FinishReason::Length => "max_tokens",
        FinishReason::ToolCalls => "tool_use",
        FinishReason::Pause => "pause_turn",
        FinishReason::ContentFilter | FinishReason::Refusal | FinishReason::Error => "refusal",
    }
}
