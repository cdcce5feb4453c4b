//! Reasoning in messages: `reasoning_content` (or `reasoning`) holds the text,
//! `reasoning_details` what a provider wants back.
//!
//! The details follow OpenRouter's documented form: `{type: "reasoning.text", text, signature,
//! format}` and `{type: "reasoning.encrypted", data, format}`; `format` is the namespace that says
//! whose signature it is.

use serde_json::{Value, json};

use crate::json::text_at;
use crate::{Dialect, Reasoning, Signature};

const ANTHROPIC_FORMAT: &str = "anthropic-claude-v1";
const GOOGLE_FORMAT: &str = "google-gemini-v1";
const OPENAI_FORMAT: &str = "openai-responses-v1";
const BEDROCK_FORMAT: &str = "amazon-bedrock-v1";

pub(super) const fn format_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::AnthropicMessages => ANTHROPIC_FORMAT,
        Dialect::Gemini => GOOGLE_FORMAT,
        Dialect::OpenAiResponses => OPENAI_FORMAT,
        Dialect::BedrockConverse => BEDROCK_FORMAT,
        Dialect::OpenAiChat => "unknown",
    }
}

fn dialect_of(format: &str) -> Dialect {
    match format {
        ANTHROPIC_FORMAT => Dialect::AnthropicMessages,
        GOOGLE_FORMAT => Dialect::Gemini,
        OPENAI_FORMAT => Dialect::OpenAiResponses,
        BEDROCK_FORMAT => Dialect::BedrockConverse,
        _ => Dialect::OpenAiChat,
    }
}

/// Reads the details of a message.
pub(super) fn from_details(details: &[Value]) -> Vec<Reasoning> {
    details.iter().filter_map(from_detail).collect()
}

/// Reads one detail; `None` for kinds that say nothing.
pub(super) fn from_detail(detail: &Value) -> Option<Reasoning> {
    let dialect = dialect_of(text_at(detail, "format").unwrap_or_default());
    let sign = |data: &str| Signature {
        dialect,
        data: data.to_owned(),
    };
    match text_at(detail, "type")? {
        "reasoning.encrypted" => Some(Reasoning {
            text: String::new(),
            signature: Some(sign(text_at(detail, "data")?)),
            redacted: true,
            ..Reasoning::default()
        }),
        "reasoning.summary" => Some(Reasoning {
            text: text_at(detail, "summary")?.to_owned(),
            ..Reasoning::default()
        }),
        _ => Some(Reasoning {
            text: text_at(detail, "text").unwrap_or_default().to_owned(),
            signature: text_at(detail, "signature").map(sign),
            ..Reasoning::default()
        }),
    }
}

/// Writes one piece of reasoning as a detail.
pub(super) fn to_detail(reasoning: &Reasoning, index: usize) -> Value {
    match &reasoning.signature {
        Some(signature) if reasoning.redacted => json!({
            "type": "reasoning.encrypted",
            "data": signature.data,
            "format": format_of(signature.dialect),
            "index": index,
        }),
        Some(signature) => json!({
            "type": "reasoning.text",
            "text": reasoning.text,
            "signature": signature.data,
            "format": format_of(signature.dialect),
            "index": index,
        }),
        None => json!({"type": "reasoning.text", "text": reasoning.text, "index": index}),
    }
}
