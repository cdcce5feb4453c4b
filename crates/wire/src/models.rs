//! Lists of models, in the shape of each dialect.
//!
//! Sources: OpenAI API reference "List models"; Anthropic API reference "List Models"; Gemini API
//! reference `models.list`.

use serde_json::{Value, json};

use crate::Dialect;
use crate::gemini::GeminiMethod;
use crate::json::{object, put, to_bytes};

/// A model as a client sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelCard {
    /// The name to call it by.
    pub id: String,
    /// A name for people; the id where there is none.
    pub display_name: Option<String>,
    /// Who serves it, in OpenAI's `owned_by`.
    pub owned_by: String,
    /// When it came out, epoch seconds; 0 where unknown.
    pub created: i64,
    /// The most input tokens.
    pub input_token_limit: Option<u64>,
    /// The most output tokens.
    pub output_token_limit: Option<u64>,
    /// It makes embeddings rather than answers.
    pub embeds: bool,
}

/// Writes a list of models, all on one page. A dialect that no client speaks has no list of its own
/// and gets OpenAI's.
pub fn list(dialect: Dialect, models: &[ModelCard]) -> Vec<u8> {
    let items: Vec<Value> = models.iter().map(|model| card(dialect, model)).collect();
    to_bytes(&match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::BedrockConverse => {
            json!({"object": "list", "data": items})
        }
        Dialect::AnthropicMessages => json!({
            "data": items,
            "has_more": false,
            "first_id": models.first().map(|model| &model.id),
            "last_id": models.last().map(|model| &model.id),
        }),
        Dialect::Gemini => json!({"models": items}),
    })
}

/// Writes one model.
pub fn one(dialect: Dialect, model: &ModelCard) -> Vec<u8> {
    to_bytes(&card(dialect, model))
}

fn card(dialect: Dialect, model: &ModelCard) -> Value {
    let name = model.display_name.as_ref().unwrap_or(&model.id);
    match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::BedrockConverse => json!({
            "id": model.id,
            "object": "model",
            "created": model.created,
            "owned_by": model.owned_by,
        }),
        Dialect::AnthropicMessages => json!({
            "type": "model",
            "id": model.id,
            "display_name": name,
            "created_at": rfc3339(model.created),
        }),
        Dialect::Gemini => {
            let methods = if model.embeds {
                vec![GeminiMethod::EmbedContent, GeminiMethod::BatchEmbedContents]
            } else {
                vec![
                    GeminiMethod::GenerateContent,
                    GeminiMethod::StreamGenerateContent,
                    GeminiMethod::CountTokens,
                ]
            };
            let methods: Vec<&str> = methods.into_iter().map(GeminiMethod::as_str).collect();
            let mut out = object(json!({
                "name": format!("models/{}", model.id),
                "version": "001",
                "displayName": name,
                "supportedGenerationMethods": methods,
            }));
            put(&mut out, "inputTokenLimit", model.input_token_limit);
            put(&mut out, "outputTokenLimit", model.output_token_limit);
            Value::Object(out)
        }
    }
}

/// Epoch seconds as a date and time. The calendar: Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms", `civil_from_days`.
fn rfc3339(seconds: i64) -> String {
    const SECONDS_A_DAY: i64 = 86_400;
    let (days, second) = (
        seconds.div_euclid(SECONDS_A_DAY),
        seconds.rem_euclid(SECONDS_A_DAY),
    );
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z",
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{ModelCard, list, one, rfc3339};
    use crate::Dialect;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_763_700_082, "2025-11-21T04:41:22Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }

    #[test]
    fn every_dialect_lists_models_in_its_own_shape() {
        let model = ModelCard {
            id: "m".to_owned(),
            input_token_limit: Some(8),
            ..ModelCard::default()
        };
        for (dialect, at, field, id) in [
            (Dialect::OpenAiChat, "data", "id", "m"),
            (Dialect::AnthropicMessages, "data", "id", "m"),
            (Dialect::Gemini, "models", "name", "models/m"),
        ] {
            let body = list(dialect, std::slice::from_ref(&model));
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(body[at][0][field], id, "{dialect}");
            let alone: Value = serde_json::from_slice(&one(dialect, &model)).expect("JSON");
            assert_eq!(body[at][0], alone, "{dialect}");
        }
    }
}
