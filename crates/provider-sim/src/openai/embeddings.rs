//! `POST /embeddings`, as numbers or base64.

use serde_json::{Value, json};

use super::{JSON, callable};
use crate::deliver::Payload;
use crate::embedding::{to_base64, vector};
use crate::fault::Fault;
use crate::turn::words;

/// Answers a request whose body has been read.
pub(crate) fn answer(request: &Value) -> Result<Payload, Fault> {
    let model = callable(request)?;
    let inputs = inputs(&request["input"])?;
    let dimensions = dimensions(&model, &request["dimensions"])?;
    let base64 = match request["encoding_format"].as_str() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => {
            return Err(Fault::missing(
                "encoding_format",
                format!("Invalid value: '{other}'. Supported values are: 'float' and 'base64'."),
            ));
        }
    };
    let data: Vec<Value> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let vector = vector(input, dimensions);
            let embedding = if base64 {
                json!(to_base64(&vector))
            } else {
                json!(vector)
            };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let tokens: usize = inputs.iter().map(|input| words(input)).sum();
    Ok(Payload::json(
        200,
        JSON,
        &json!({
            "object": "list",
            "data": data,
            "model": model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }),
    ))
}

/// The texts to embed. A list of token numbers counts as the text of that list.
fn inputs(input: &Value) -> Result<Vec<String>, Fault> {
    let refused = || {
        Fault::missing(
            "input",
            "'$.input' is invalid. Please check the API reference.",
        )
    };
    match input {
        Value::String(text) if !text.is_empty() => Ok(vec![text.clone()]),
        Value::Array(list) if !list.is_empty() => {
            if list.iter().all(Value::is_u64) {
                return Ok(vec![input.to_string()]);
            }
            list.iter()
                .map(|one| match one {
                    Value::String(text) if !text.is_empty() => Ok(text.clone()),
                    Value::Array(tokens) if !tokens.is_empty() => Ok(one.to_string()),
                    _ => Err(refused()),
                })
                .collect()
        }
        _ => Err(refused()),
    }
}

fn dimensions(model: &str, asked: &Value) -> Result<usize, Fault> {
    let most = if model.ends_with("-large") {
        3072
    } else {
        1536
    };
    match asked {
        Value::Null => Ok(most),
        _ => asked
            .as_u64()
            .and_then(|asked| usize::try_from(asked).ok())
            .filter(|asked| (1..=most).contains(asked))
            .ok_or_else(|| {
                Fault::missing(
                    "dimensions",
                    format!(
                        "Invalid value for 'dimensions' = {asked}. Must be between 1 and {most}."
                    ),
                )
            }),
    }
}
