//! Writes a whole answer for a client.

use serde_json::{Value, json};

use super::OWN;
use super::item_out::{Ids, answer_items};
use super::usage::usage_to;
use crate::json::{Object, object, put, to_bytes};
use crate::{ChatResponse, Choice, FinishReason, Usage};

pub(super) fn encode(response: &ChatResponse) -> Vec<u8> {
    // Requests that could bring more than one answer never come in this dialect.
    let empty = Choice::default();
    let choice = response.choices.first().unwrap_or(&empty);
    let mut ids = Ids::new(&response.id);
    let finish = choice.finish.unwrap_or(FinishReason::Stop);
    let mut out = head(&response.id, &response.model, response.created.unwrap_or(0));
    out.insert(
        "output".to_owned(),
        answer_items(
            &choice.parts,
            choice.logprobs.as_ref(),
            &response.tool_names,
            &mut ids,
        )
        .into(),
    );
    complete(&mut out, finish, response.usage.as_ref());
    let tier = response.service_tier.as_deref().and_then(service_tier);
    put(&mut out, "service_tier", tier);
    for (field, value) in response.extensions.of(OWN) {
        out.insert(field.clone(), value.clone());
    }
    to_bytes(&Value::Object(out))
}

/// A response as it is before anything was generated. What the request asked for is not known
/// here: the fields the official clients require hold what OpenAI answers to a request that says
/// nothing of them.
pub(super) fn head(id: &str, model: &str, created: i64) -> Object {
    object(json!({
        "id": id,
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "background": false,
        "error": null,
        "incomplete_details": null,
        "instructions": null,
        "max_output_tokens": null,
        "metadata": {},
        "model": model,
        "output": [],
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": {"effort": null, "summary": null},
        "store": false,
        "temperature": null,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": null,
        "truncation": "disabled",
        "usage": null,
    }))
}

/// Ends a response: its status, why it is incomplete, its usage.
pub(super) fn complete(out: &mut Object, finish: FinishReason, usage: Option<&Usage>) {
    let reason = incomplete_reason(finish);
    let status = if reason.is_some() {
        "incomplete"
    } else {
        "completed"
    };
    out.insert("status".to_owned(), status.into());
    put(
        out,
        "incomplete_details",
        reason.map(|reason| json!({"reason": reason})),
    );
    put(out, "usage", usage.map(usage_to));
}

/// Why the response is incomplete, in this dialect's words; `None` where it is not.
pub(super) const fn incomplete_reason(finish: FinishReason) -> Option<&'static str> {
    match finish {
        FinishReason::Stop | FinishReason::ToolCalls | FinishReason::Pause => None,
        FinishReason::Length => Some("max_output_tokens"),
        FinishReason::ContentFilter | FinishReason::Refusal | FinishReason::Error => {
            Some("content_filter")
        }
    }
}

/// OpenAI's word for the tier, where it has one; the official clients know no others.
fn service_tier(tier: &str) -> Option<&str> {
    match tier {
        "auto" | "default" | "flex" | "scale" | "priority" => Some(tier),
        "standard" | "on_demand" => Some("default"),
        _ => None,
    }
}
