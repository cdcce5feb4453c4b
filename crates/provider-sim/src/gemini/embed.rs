//! `:embedContent` and `:batchEmbedContents`.

use serde_json::{Value, json};

use super::{JSON, asked, refuse_unknown};
use crate::deliver::Payload;
use crate::embedding::vector;
use crate::fault::Fault;
use crate::json::{elements, text};
use crate::serve::Call;
use crate::turn::words;

const FIELDS: [&str; 6] = [
    "model",
    "content",
    "taskType",
    "title",
    "outputDimensionality",
    "autoTruncate",
];
const MOST_DIMENSIONS: usize = 3072;

pub(super) fn one(call: &Call<'_>, _model: &str) -> Result<Payload, Fault> {
    let (values, tokens) = embed(&asked(call)?, "")?;
    let response = json!({"embedding": {"values": values}, "usageMetadata": usage(tokens)});
    Ok(Payload::json(200, JSON, &response))
}

pub(super) fn batch(call: &Call<'_>, model: &str) -> Result<Payload, Fault> {
    let request = asked(call)?;
    refuse_unknown(&request, &["requests", "model"], "")?;
    let mut embeddings: Vec<Value> = Vec::new();
    let mut total = 0;
    for (index, each) in elements(&request, "requests").enumerate() {
        let place = format!("requests[{index}]");
        if text(each, "model") != format!("models/{model}") {
            return Err(Fault::invalid(format!(
                "* BatchEmbedContentsRequest.{place}.model: unexpected model name format\n"
            )));
        }
        let (values, tokens) = embed(each, &place)?;
        embeddings.push(json!({"values": values}));
        total += tokens;
    }
    if embeddings.is_empty() {
        return Err(Fault::invalid(
            "* BatchEmbedContentsRequest.requests: at least one is required\n",
        ));
    }
    let response = json!({"embeddings": embeddings, "usageMetadata": usage(total)});
    Ok(Payload::json(200, JSON, &response))
}

fn embed(request: &Value, place: &str) -> Result<(Vec<f32>, usize), Fault> {
    refuse_unknown(request, &FIELDS, place)?;
    let content: String = elements(&request["content"], "parts")
        .map(|part| text(part, "text"))
        .collect();
    if content.is_empty() {
        return Err(Fault::invalid(
            "* EmbedContentRequest.content: content is empty\n",
        ));
    }
    let dimensions = match &request["outputDimensionality"] {
        Value::Null => MOST_DIMENSIONS,
        asked => asked
            .as_u64()
            .and_then(|asked| usize::try_from(asked).ok())
            .filter(|asked| (1..=MOST_DIMENSIONS).contains(asked))
            .ok_or_else(|| {
                Fault::invalid(format!(
                    "* EmbedContentRequest.output_dimensionality: must be from 1 to {MOST_DIMENSIONS}\n"
                ))
            })?,
    };
    Ok((vector(&content, dimensions), words(&content)))
}

fn usage(tokens: usize) -> Value {
    json!({
        "promptTokenCount": tokens,
        "promptTokenDetails": [{"modality": "TEXT", "tokenCount": tokens}],
    })
}
