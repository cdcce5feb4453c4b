//! Writes what only some models take: `additionalModelRequestFields`, in the vendor's own words.

use serde_json::{Value, json};

use super::model::Family;
use crate::anthropic_messages::thinking_fields;
use crate::json::{Object, object};
use crate::{ChatRequest, Effort, WireError};

/// The fields; `max_tokens` is what the model is to be told, and may grow to leave room to think.
pub(super) fn additional_fields(
    request: &ChatRequest,
    family: Family,
    max_tokens: &mut Option<u64>,
) -> Result<Object, WireError> {
    let mut out = match family {
        Family::Claude => {
            let mut limit = max_tokens.unwrap_or_default();
            let fields = thinking_fields(request, &mut limit)?;
            *max_tokens = Some(limit).filter(|limit| *limit > 0);
            fields
        }
        _ => match effort(request) {
            None => Object::new(),
            Some(effort) => steered(family, effort)?,
        },
    };
    if let Some(top_k) = request.sampling.top_k {
        match family {
            Family::Claude => out.insert("top_k".to_owned(), top_k.into()),
            Family::Nova { .. } => out.insert("inferenceConfig".to_owned(), json!({"topK": top_k})),
            _ => return Err(WireError::unsupported("top_k", NOT_THIS_MODEL)),
        };
    }
    Ok(out)
}

const NOT_THIS_MODEL: &str = "cannot be expressed for this model at Bedrock";

/// The effort asked for; `None` where nothing is, or none at all.
fn effort(request: &ChatRequest) -> Option<Effort> {
    crate::openai_chat::effort(request.reasoning?).filter(|effort| *effort != Effort::None)
}

fn steered(family: Family, effort: Effort) -> Result<Object, WireError> {
    let word = match effort {
        Effort::None | Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High | Effort::XHigh | Effort::Max => "high",
    };
    let fields: Value = match family {
        Family::Nova { reasons: true } => json!({
            "reasoningConfig": {"type": "enabled", "maxReasoningEffort": word},
        }),
        Family::GptOss => json!({"reasoning_effort": word}),
        _ => return Err(WireError::unsupported("reasoning_effort", NOT_THIS_MODEL)),
    };
    Ok(object(fields))
}
