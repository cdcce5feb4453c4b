//! The JSON Schemas of the official SDKs' types: what Relay writes must validate against them.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use relay_wire::Dialect;
use serde_json::Value;

/// The schemas of one dialect.
struct Of {
    dialect: Dialect,
    answer: Vec<Validator>,
    event: Vec<Validator>,
}

/// The schemas of every dialect. Anthropic has two of each: what came from Anthropic itself may
/// hold what only the beta types know.
pub(crate) struct Schemas(Vec<Of>);

/// A compiled schema.
pub(crate) fn schema(root: &Path, name: &str) -> Validator {
    let text = fs::read(root.join(format!("specs/{name}.schema.json"))).expect("a schema");
    let schema: Value = serde_json::from_slice(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a valid schema")
}

impl Schemas {
    pub(crate) fn load(root: &Path) -> Self {
        let of = |dialect, answer: &[&str], event: &[&str]| Of {
            dialect,
            answer: answer.iter().map(|name| schema(root, name)).collect(),
            event: event.iter().map(|name| schema(root, name)).collect(),
        };
        Self(vec![
            of(
                Dialect::OpenAiChat,
                &["sdk_openai_ChatCompletion"],
                &["sdk_openai_ChatCompletionChunk"],
            ),
            of(
                Dialect::OpenAiResponses,
                &["sdk_openai_Response"],
                &["sdk_openai_ResponseStreamEvent"],
            ),
            of(
                Dialect::AnthropicMessages,
                &["sdk_anthropic_BetaMessage", "sdk_anthropic_Message"],
                &[
                    "sdk_anthropic_BetaRawMessageStreamEvent",
                    "sdk_anthropic_RawMessageStreamEvent",
                ],
            ),
            of(
                Dialect::Gemini,
                &["sdk_gemini_GenerateContentResponse"],
                &["sdk_gemini_GenerateContentResponse"],
            ),
        ])
    }

    fn of(&self, dialect: Dialect) -> &Of {
        let found = self.0.iter().find(|of| of.dialect == dialect);
        found.expect("every dialect has schemas")
    }

    /// Checks a whole answer. One that was translated must be of every type the SDK has for it;
    /// one that came in the dialect may be of the newest alone.
    pub(crate) fn answer(
        &self,
        dialect: Dialect,
        translated: bool,
        body: &[u8],
    ) -> Result<(), String> {
        let schemas = &self.of(dialect).answer;
        validate(&schemas[..if translated { schemas.len() } else { 1 }], body)
    }

    /// Checks a stream and counts its events.
    pub(crate) fn stream(
        &self,
        dialect: Dialect,
        translated: bool,
        bytes: &[u8],
    ) -> Result<usize, String> {
        let schemas = &self.of(dialect).event;
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let mut count = 0;
        for (number, event) in text.split_terminator("\n\n").enumerate() {
            let data = event
                .lines()
                .find_map(|line| line.strip_prefix("data: "))
                .ok_or("an event without data")?;
            if data == "[DONE]" {
                continue;
            }
            validate(
                &schemas[..if translated { schemas.len() } else { 1 }],
                data.as_bytes(),
            )?;
            if dialect == Dialect::OpenAiResponses {
                let value: Value = serde_json::from_str(data).map_err(|error| error.to_string())?;
                if value["sequence_number"] != number {
                    return Err(format!("event {number} is out of sequence"));
                }
            }
            count += 1;
        }
        Ok(count)
    }
}

fn validate(schemas: &[Validator], bytes: &[u8]) -> Result<(), String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    for schema in schemas {
        if let Some(error) = schema.iter_errors(&value).next() {
            let text = String::from_utf8_lossy(bytes);
            let shown: String = text.chars().take(600).collect();
            return Err(format!(
                "does not validate at {}: {error:.300}\n{shown}",
                error.instance_path()
            ));
        }
    }
    Ok(())
}
