//! Writes a whole answer for a client.

use serde_json::{Value, json};

use super::message_out::assistant_object;
use super::usage::usage_to;
use crate::json::{object, put, to_bytes};
use crate::{ChatResponse, Choice, Dialect, FinishReason};

pub(super) fn encode(response: &ChatResponse) -> Vec<u8> {
    let mut out = object(json!({
        "id": response.id,
        "object": "chat.completion",
        "created": response.created.unwrap_or(0),
        "model": response.model,
        "choices": response.choices.iter().map(choice).collect::<Vec<_>>(),
    }));
    put(&mut out, "usage", response.usage.as_ref().map(usage_to));
    let tier = response.service_tier.as_deref().and_then(service_tier);
    put(&mut out, "service_tier", tier);
    for (field, value) in response.extensions.of(Dialect::OpenAiChat) {
        out.entry(field.as_str()).or_insert_with(|| value.clone());
    }
    to_bytes(&Value::Object(out))
}

/// OpenAI's word for the tier, where it has one; the official clients know no others.
fn service_tier(tier: &str) -> Option<&str> {
    match tier {
        "auto" | "default" | "flex" | "scale" | "priority" => Some(tier),
        "standard" | "on_demand" => Some("default"),
        _ => None,
    }
}

fn choice(choice: &Choice) -> Value {
    let mut message = assistant_object(&choice.parts);
    message.entry("refusal").or_insert(Value::Null);
    json!({
        "index": choice.index,
        "message": message,
        "logprobs": choice.logprobs,
        "finish_reason": finish_word(choice.finish.unwrap_or(FinishReason::Stop)),
    })
}

/// OpenAI's word. It has one for every abnormal end that is not length: `content_filter`.
pub(super) const fn finish_word(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop | FinishReason::Pause => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter | FinishReason::Refusal | FinishReason::Error => {
            "content_filter"
        }
    }
}
