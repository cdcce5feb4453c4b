//! What the canonical form has no word for, kept under the dialect it came from.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Dialect, WireError};

/// Fields of a dialect that the canonical form has no word for. An encoder writes back those of
/// its own dialect and refuses the rest by name, so nothing is dropped in silence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extensions(BTreeMap<Dialect, Map<String, Value>>);

impl Extensions {
    /// Keeps a field.
    pub fn insert(&mut self, dialect: Dialect, field: impl Into<String>, value: Value) {
        self.0
            .entry(dialect)
            .or_default()
            .insert(field.into(), value);
    }

    /// Keeps every field of an object that the decoder did not take.
    pub fn extend(&mut self, dialect: Dialect, fields: Map<String, Value>) {
        if !fields.is_empty() {
            self.0.entry(dialect).or_default().extend(fields);
        }
    }

    /// A dialect's field.
    pub fn get(&self, dialect: Dialect, field: &str) -> Option<&Value> {
        self.0.get(&dialect)?.get(field)
    }

    /// Takes a dialect's field out.
    pub(crate) fn remove(&mut self, dialect: Dialect, field: &str) -> Option<Value> {
        self.0.get_mut(&dialect)?.shift_remove(field)
    }

    /// All fields of a dialect.
    pub fn of(&self, dialect: Dialect) -> impl Iterator<Item = (&String, &Value)> {
        self.0.get(&dialect).into_iter().flatten()
    }

    /// True when nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(Map::is_empty)
    }

    /// True when nothing is kept of any other dialect.
    pub(crate) fn is_only_of(&self, dialect: Dialect) -> bool {
        let mut others = self.0.iter().filter(|(origin, _)| **origin != dialect);
        others.all(|(_, fields)| fields.is_empty())
    }

    /// Forgets what is kept of any other dialect.
    pub(crate) fn retain_only(&mut self, dialect: Dialect) {
        self.0.retain(|origin, _| *origin == dialect);
    }

    /// Writes the fields of `dialect` into `object` and refuses those of any other dialect, save
    /// values that ask for nothing and what `harmless` names (the table in `docs/wire.md`).
    ///
    /// Errors: [`WireErrorKind::Unsupported`](crate::WireErrorKind::Unsupported), with `path` as
    /// the prefix of the field's name.
    pub fn write(
        &self,
        dialect: Dialect,
        path: &str,
        harmless: &[&str],
        object: &mut Map<String, Value>,
    ) -> Result<(), WireError> {
        for (origin, fields) in &self.0 {
            for (field, value) in fields {
                if *origin == dialect {
                    object.insert(field.clone(), value.clone());
                } else if (!harmless.contains(&field.as_str()) || is_kept(*origin, field))
                    && !has_canonical_word(*origin, field)
                    && !says_nothing(field, value)
                {
                    let field = format!("{path}{field}");
                    let reason = reason(*origin, &field, dialect);
                    return Err(WireError::unsupported(field, reason));
                }
            }
        }
        Ok(())
    }
}

/// Why a field is refused.
fn reason(origin: Dialect, field: &str, target: Dialect) -> String {
    if is_kept(origin, field) {
        return format!(
            "needs what OpenAI keeps, and this model is served in {target}: \
             send the whole input, without it"
        );
    }
    format!("cannot be expressed in the upstream's dialect, {target}")
}

/// A field of Responses that speaks of what OpenAI keeps; Chat's `store` is for its owner's eyes.
fn is_kept(origin: Dialect, field: &str) -> bool {
    origin == Dialect::OpenAiResponses
        && matches!(
            field,
            "previous_response_id" | "conversation" | "prompt" | "background" | "store"
        )
}

/// A field that is kept only to be written back exactly as it came; what it means was decoded.
fn has_canonical_word(origin: Dialect, field: &str) -> bool {
    match origin {
        Dialect::AnthropicMessages => matches!(field, "thinking" | "role"),
        Dialect::OpenAiChat => field == "thinking",
        // Where an item stood and what it was called, its reasoning as it was cut into pieces.
        Dialect::OpenAiResponses => matches!(
            field,
            "id" | "status" | "phase" | "summary" | "content" | "logprobs" | "instructions"
        ),
        Dialect::Gemini | Dialect::BedrockConverse => false,
    }
}

/// A value that asks for what happens anyway, whatever the target.
fn says_nothing(field: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        // Mistral's clients send it with every message.
        Value::Bool(false) => matches!(field, "prefix" | "store" | "background"),
        // It asks for more of what its own provider's tools did.
        Value::Array(_) if field == "include" => true,
        // No other provider has such a filter to be switched off.
        Value::Array(items) if field == "safetySettings" => items
            .iter()
            .all(|item| matches!(item["threshold"].as_str(), Some("OFF" | "BLOCK_NONE"))),
        Value::Array(items) if field == "modalities" => items.iter().all(|item| item == "text"),
        Value::Array(items) => items.is_empty(),
        // Anthropic's effort has a canonical word; what else stands there has none.
        Value::Object(fields) if field == "output_config" => {
            fields.keys().all(|field| field == "effort")
        }
        // Which of Anthropic's own thinking stays in its context.
        Value::Object(fields) if field == "context_management" => fields
            .get("edits")
            .and_then(Value::as_array)
            .is_some_and(|edits| edits.iter().all(clears_thinking)),
        // Kept to be written back as it came; what it means was decoded.
        Value::Object(fields) if field == "generationConfig" => {
            fields.keys().all(|field| field == "thinkingConfig")
        }
        Value::Object(fields) if field == "toolConfig" => {
            let validated = json!({"mode": "VALIDATED"});
            fields.len() == 1 && fields.get("functionCallingConfig") == Some(&validated)
        }
        Value::Object(fields) if field == "reasoning" => fields
            .keys()
            .all(|field| matches!(field.as_str(), "summary" | "generate_summary" | "context")),
        Value::Object(fields) => fields.is_empty(),
        Value::String(word) => matches!(
            (field, word.as_str()),
            ("truncation", "disabled") | ("verbosity", "medium")
        ),
        _ => false,
    }
}

fn clears_thinking(edit: &Value) -> bool {
    edit["type"]
        .as_str()
        .is_some_and(|kind| kind.starts_with("clear_thinking_"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::Extensions;
    use crate::Dialect;

    #[test]
    fn fields_go_back_to_their_own_dialect_and_are_refused_by_name_elsewhere() {
        let mut extensions = Extensions::default();
        extensions.insert(Dialect::OpenAiChat, "store", json!(true));
        extensions.insert(Dialect::OpenAiChat, "modalities", json!(["text"]));
        extensions.insert(Dialect::OpenAiChat, "logit_bias", json!({"50256": -100}));
        let mut out = Map::new();
        extensions
            .write(Dialect::OpenAiChat, "", &[], &mut out)
            .expect("its own");
        assert_eq!(out.len(), 3);
        let refused = extensions
            .write(Dialect::Gemini, "x.", &["store"], &mut Map::new())
            .expect_err("not Gemini's");
        assert_eq!(refused.param.as_deref(), Some("x.logit_bias"));
    }
}
