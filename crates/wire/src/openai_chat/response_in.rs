//! Reads an upstream's whole answer.

use serde_json::Value;

use super::error::{error_of_object, status_of_event};
use super::message_in;
use super::usage::usage_from;
use crate::json::Fields;
use crate::{ChatResponse, Choice, Dialect, FinishReason, Part, ToolCall, WireError};

pub(super) fn decode(mut fields: Fields) -> Result<ChatResponse, WireError> {
    if let Some(error) = fields.take("error") {
        return Err(WireError::upstream(error_of_object(
            status_of_event(&error),
            &error,
        )));
    }
    if fields.peek("choices").is_none() {
        return Err(fields.wrong("choices", "is missing in the upstream's answer"));
    }
    let mut response = ChatResponse {
        id: fields.text("id")?.unwrap_or_default(),
        model: fields.text("model")?.unwrap_or_default(),
        created: fields.take("created").and_then(|created| created.as_i64()),
        choices: fields
            .objects("choices")?
            .into_iter()
            .map(choice)
            .collect::<Result<_, _>>()?,
        usage: fields.take("usage").as_ref().map(usage_from),
        service_tier: fields.text("service_tier")?,
        ..ChatResponse::default()
    };
    fields.take("object");
    response
        .extensions
        .extend(Dialect::OpenAiChat, fields.rest());
    Ok(response)
}

fn choice(mut fields: Fields) -> Result<Choice, WireError> {
    let mut message = fields
        .object("message")?
        .ok_or_else(|| fields.wrong("message", "is missing"))?;
    message.take("role");
    let annotations = message.array("annotations")?.unwrap_or_default();
    let mut parts = message_in::assistant_parts(&mut message)?;
    attach_annotations(&mut parts, message_in::annotations(annotations));
    parts.extend(legacy_call(&mut message)?);
    let finish = fields.text("finish_reason")?;
    let mut choice = Choice {
        index: fields.small_count("index")?.unwrap_or(0),
        finish: finish.map(|word| finish_reason(&word, has_calls(&parts))),
        parts,
        logprobs: fields.take("logprobs"),
        ..Choice::default()
    };
    choice
        .extensions
        .extend(Dialect::OpenAiChat, message.rest());
    choice.extensions.extend(Dialect::OpenAiChat, fields.rest());
    Ok(choice)
}

fn attach_annotations(parts: &mut [Part], annotations: Vec<crate::Annotation>) {
    let text = parts.iter_mut().rev().find_map(|part| match part {
        Part::Text(text) => Some(text),
        _ => None,
    });
    if let Some(text) = text {
        text.annotations = annotations;
    }
}

/// The call of the API of 2023, before there were tools.
fn legacy_call(message: &mut Fields) -> Result<Option<Part>, WireError> {
    let Some(mut call) = message.object("function_call")? else {
        return Ok(None);
    };
    Ok(Some(Part::ToolCall(ToolCall {
        id: "call_0".to_owned(),
        name: call.required_text("name")?,
        arguments: call
            .take("arguments")
            .map(message_in::arguments)
            .unwrap_or_default(),
        signature: None,
        extensions: crate::Extensions::default(),
    })))
}

fn has_calls(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::ToolCall(_)))
}

/// The canonical word. An answer that ends in calls wants tools run, whatever the host says:
/// OpenAI itself says `stop` when the call was forced.
pub(super) fn finish_reason(word: &str, has_calls: bool) -> FinishReason {
    match word {
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "content_filter" | "safety" => FinishReason::ContentFilter,
        "error" => FinishReason::Error,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        _ if has_calls => FinishReason::ToolCalls,
        _ => FinishReason::Stop,
    }
}

/// Reads the `logprobs` of a chunk, where they hold anything.
pub(super) fn logprobs(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !value["content"].is_null() || !value["refusal"].is_null())
}
