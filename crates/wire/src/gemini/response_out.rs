//! Writes a whole answer for a client.

use serde_json::{Value, json};

use super::content_out::answer_parts;
use super::usage::usage_to;
use crate::json::{object, put, to_bytes};
use crate::{ChatResponse, Choice, Dialect, FinishReason};

pub(super) fn encode(response: &ChatResponse) -> Vec<u8> {
    let mut out = object(json!({
        "candidates": response.choices.iter().map(candidate).collect::<Vec<_>>(),
        "modelVersion": response.model,
        "responseId": response.id,
    }));
    put(
        &mut out,
        "usageMetadata",
        response.usage.as_ref().map(usage_to),
    );
    for (field, value) in response.extensions.of(Dialect::Gemini) {
        out.entry(field.as_str()).or_insert_with(|| value.clone());
    }
    to_bytes(&Value::Object(out))
}

fn candidate(choice: &Choice) -> Value {
    let mut out = object(json!({
        "content": {"role": "model", "parts": answer_parts(&choice.parts)},
        "finishReason": finish_word(choice.finish.unwrap_or(FinishReason::Stop)),
        "index": choice.index,
    }));
    for (field, value) in choice.extensions.of(Dialect::Gemini) {
        out.entry(field.as_str()).or_insert_with(|| value.clone());
    }
    Value::Object(out)
}

/// Gemini's word.
pub(super) const fn finish_word(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop | FinishReason::ToolCalls | FinishReason::Pause => "STOP",
        FinishReason::Length => "MAX_TOKENS",
        FinishReason::ContentFilter | FinishReason::Refusal => "SAFETY",
        FinishReason::Error => "OTHER",
    }
}
