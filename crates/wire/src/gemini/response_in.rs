//! Reads an upstream's whole answer.

use serde_json::{Value, json};

use super::content_in::{CallIds, part};
use super::error::of_value;
use super::grounding::annotate;
use super::usage::usage_from;
use crate::json::{Fields, text_at};
use crate::{ChatResponse, Choice, Dialect, FinishReason, Part, WireError};

const OWN: Dialect = Dialect::Gemini;

pub(super) fn decode(mut fields: Fields) -> Result<ChatResponse, WireError> {
    if fields.peek("error").is_some() {
        return Err(WireError::upstream(of_value(
            None,
            &Value::Object(fields.rest()),
        )));
    }
    let known = ["candidates", "promptFeedback", "usageMetadata"];
    if known.iter().all(|field| fields.peek(field).is_none()) {
        return Err(fields.wrong("candidates", "is missing in the upstream's answer"));
    }
    let id = fields.text("responseId")?.unwrap_or_default();
    let mut ids = CallIds::new(&id);
    let mut choices = fields
        .objects("candidates")?
        .into_iter()
        .map(|candidate| choice(candidate, &mut ids))
        .collect::<Result<Vec<_>, _>>()?;
    if choices.is_empty() {
        choices.push(unanswered(fields.peek("promptFeedback")));
    }
    let usage = fields.take("usageMetadata");
    let mut response = ChatResponse {
        id,
        model: fields.text("modelVersion")?.unwrap_or_default(),
        choices,
        service_tier: usage
            .as_ref()
            .and_then(|usage| text_at(usage, "serviceTier").map(str::to_owned)),
        usage: usage.as_ref().map(usage_from),
        ..ChatResponse::default()
    };
    response.extensions.extend(OWN, fields.rest());
    Ok(response)
}

/// An answer without candidates: the prompt was blocked, or the model said nothing.
pub(super) fn unanswered(feedback: Option<&Value>) -> Choice {
    let blocked = feedback.is_some_and(|feedback| feedback.get("blockReason").is_some());
    let finish = if blocked {
        FinishReason::ContentFilter
    } else {
        FinishReason::Error
    };
    Choice {
        finish: Some(finish),
        ..Choice::default()
    }
}

fn choice(mut fields: Fields, ids: &mut CallIds) -> Result<Choice, WireError> {
    let mut parts = Vec::new();
    if let Some(mut content) = fields.object("content")? {
        for fields in content.objects("parts")? {
            parts.push(part(fields, ids)?);
        }
    }
    if let Some(metadata) = fields.peek("groundingMetadata") {
        annotate(metadata, &mut parts);
    }
    let has_calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let finish = fields
        .text("finishReason")?
        .map(|word| finish_reason(&word, has_calls));
    let logprobs = fields.take("logprobsResult").as_ref().map(logprobs);
    let mut choice = Choice {
        index: fields.small_count("index")?.unwrap_or(0),
        parts,
        finish,
        logprobs,
        ..Choice::default()
    };
    choice.extensions.extend(OWN, fields.rest());
    Ok(choice)
}

/// The canonical word for a `finishReason`.
pub(super) fn finish_reason(word: &str, has_calls: bool) -> FinishReason {
    match word {
        // FUNCTION_CALL is in no document, but servers that stand in for Gemini send it.
        "STOP" | "FINISH_REASON_UNSPECIFIED" | "FUNCTION_CALL" if has_calls => {
            FinishReason::ToolCalls
        }
        "STOP" | "FINISH_REASON_UNSPECIFIED" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE"
        | "NO_IMAGE"
        | "IMAGE_OTHER"
        | "OTHER" => FinishReason::Error,
        // SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, LANGUAGE, MODEL_ARMOR, ...
        _ => FinishReason::ContentFilter,
    }
}

/// Gemini's log probabilities in OpenAI's form, which is the canonical one.
pub(super) fn logprobs(result: &Value) -> Value {
    let list = |field: &str| result.get(field).and_then(Value::as_array).cloned();
    let top = list("topCandidates").unwrap_or_default();
    let content: Vec<Value> = list("chosenCandidates")
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(position, chosen)| {
            let others = top
                .get(position)
                .and_then(|at| at.get("candidates")?.as_array());
            let mut token = token_logprob(chosen);
            token["top_logprobs"] = others.into_iter().flatten().map(token_logprob).collect();
            token
        })
        .collect();
    json!({"content": content, "refusal": null})
}

fn token_logprob(candidate: &Value) -> Value {
    json!({
        "token": text_at(candidate, "token").unwrap_or_default(),
        "logprob": candidate.get("logProbability").and_then(Value::as_f64).unwrap_or(0.0),
        "bytes": null,
    })
}
