//! OpenAI `POST /v1/embeddings`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{EmbeddingInput, EmbeddingRequest, EmbeddingResponse, EncodingFormat};
use crate::json::{Fields, as_count, count_at, object, put, to_bytes};
use crate::{Dialect, Extensions, Usage, WireError};

/// Reads a client's request.
///
/// Errors: [`WireErrorKind::Malformed`](crate::WireErrorKind::Malformed) naming the field.
pub fn decode_openai_request(body: &[u8]) -> Result<EmbeddingRequest, WireError> {
    let mut fields = Fields::parse(body)?;
    let model = fields.required_text("model")?;
    let input = fields
        .take("input")
        .ok_or_else(|| fields.wrong("input", "is required"))?;
    let inputs = inputs(input)
        .filter(|inputs| !inputs.is_empty())
        .ok_or_else(|| fields.wrong("input", "must be text, tokens, or an array of either"))?;
    let encoding_format = match fields.text("encoding_format")?.as_deref() {
        None | Some("float") => EncodingFormat::Float,
        Some("base64") => EncodingFormat::Base64,
        Some(_) => return Err(fields.wrong("encoding_format", "must be `float` or `base64`")),
    };
    let dimensions = fields.small_count("dimensions")?;
    if dimensions == Some(0) {
        return Err(fields.wrong("dimensions", "must be at least 1"));
    }
    let user = fields.text("user")?;
    let mut extensions = Extensions::default();
    extensions.extend(Dialect::OpenAiChat, fields.rest());
    Ok(EmbeddingRequest {
        model,
        inputs,
        dimensions,
        encoding_format,
        user,
        extensions,
    })
}

/// A text, an array of texts, an array of token ids, or an array of such arrays.
fn inputs(value: Value) -> Option<Vec<EmbeddingInput>> {
    match value {
        Value::String(text) => Some(vec![EmbeddingInput::Text(text)]),
        Value::Array(items) if items.iter().any(Value::is_number) => {
            tokens(&items).map(|tokens| vec![tokens])
        }
        Value::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Some(EmbeddingInput::Text(text)),
                Value::Array(items) => tokens(&items),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

fn tokens(items: &[Value]) -> Option<EmbeddingInput> {
    items
        .iter()
        .map(Value::as_u64)
        .collect::<Option<_>>()
        .map(EmbeddingInput::Tokens)
}

/// Writes a request for an OpenAI upstream.
///
/// Errors: [`WireErrorKind::Unsupported`](crate::WireErrorKind::Unsupported) naming a field of
/// another dialect.
pub fn encode_openai_request(request: &EmbeddingRequest) -> Result<Vec<u8>, WireError> {
    let inputs: Vec<Value> = request
        .inputs
        .iter()
        .map(|input| match input {
            EmbeddingInput::Text(text) => text.as_str().into(),
            EmbeddingInput::Tokens(tokens) => tokens.clone().into(),
        })
        .collect();
    let mut out = object(json!({"model": request.model, "input": inputs}));
    put(&mut out, "dimensions", request.dimensions);
    if request.encoding_format == EncodingFormat::Base64 {
        out.insert("encoding_format".to_owned(), "base64".into());
    }
    put(&mut out, "user", request.user.as_deref());
    // Google's hints of what the vectors are for: models elsewhere have one kind of vector.
    let harmless = ["taskType", "task_type", "title"];
    request
        .extensions
        .write(Dialect::OpenAiChat, "", &harmless, &mut out)?;
    Ok(to_bytes(&Value::Object(out)))
}

/// Reads an OpenAI upstream's answer, in either encoding.
///
/// Errors: a vector that is neither numbers nor base64 of 32-bit floats.
pub fn decode_openai_response(body: &[u8]) -> Result<EmbeddingResponse, WireError> {
    let mut fields = Fields::parse(body)?;
    if fields.peek("data").is_none() {
        return Err(fields.wrong("data", "is missing in the upstream's answer"));
    }
    let mut vectors = Vec::new();
    for (position, mut item) in fields.objects("data")?.into_iter().enumerate() {
        let index = item.take("index").as_ref().and_then(as_count);
        let vector = item
            .take("embedding")
            .and_then(vector)
            .ok_or_else(|| item.wrong("embedding", "is neither numbers nor base64"))?;
        vectors.push((index.unwrap_or(position as u64), vector));
    }
    // The order of the inputs, whatever the order of the answer.
    vectors.sort_by_key(|(index, _)| *index);
    Ok(EmbeddingResponse {
        model: fields.text("model")?.unwrap_or_default(),
        vectors: vectors.into_iter().map(|(_, vector)| vector).collect(),
        usage: fields.take("usage").map(|usage| Usage {
            input_tokens: count_at(&usage, &["prompt_tokens"]),
            ..Usage::default()
        }),
    })
}

fn vector(value: Value) -> Option<Vec<f32>> {
    match value {
        Value::Array(items) => super::floats(&items),
        Value::String(text) => {
            let bytes = STANDARD.decode(text).ok()?;
            let (floats, rest) = bytes.as_chunks::<4>();
            rest.is_empty().then(|| {
                floats
                    .iter()
                    .map(|bytes| f32::from_le_bytes(*bytes))
                    .collect()
            })
        }
        _ => None,
    }
}

/// Writes an answer for a client.
pub fn encode_openai_response(response: &EmbeddingResponse, format: EncodingFormat) -> Vec<u8> {
    let data: Vec<Value> = response
        .vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| {
            let embedding: Value = match format {
                EncodingFormat::Float => vector.iter().copied().map(Value::from).collect(),
                EncodingFormat::Base64 => {
                    let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
                    STANDARD.encode(bytes).into()
                }
            };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let tokens = response.usage.unwrap_or_default().input_tokens;
    to_bytes(&json!({
        "object": "list",
        "data": data,
        "model": response.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_input_is_read() {
        for (input, count) in [
            (r#""one""#, 1),
            (r#"["one","two"]"#, 2),
            ("[1,2,3]", 1),
            (r"[[1,2],[3]]", 2),
        ] {
            let body = format!(r#"{{"model":"m","input":{input},"dimensions":8}}"#);
            let request = decode_openai_request(body.as_bytes()).expect("valid");
            assert_eq!((request.inputs.len(), request.dimensions), (count, Some(8)));
            let again = encode_openai_request(&request).expect("its own dialect");
            assert_eq!(decode_openai_request(&again).expect("valid"), request);
        }
        for input in ["[]", "{}", "[1,\"a\"]", "null"] {
            let body = format!(r#"{{"model":"m","input":{input}}}"#);
            let error = decode_openai_request(body.as_bytes()).expect_err("not an input");
            assert_eq!(error.param.as_deref(), Some("input"));
        }
    }

    #[test]
    fn both_encodings_hold_the_same_numbers() {
        let response = EmbeddingResponse {
            model: "m".to_owned(),
            vectors: vec![vec![0.25, -1.5e-8], vec![1.0, f32::MIN_POSITIVE]],
            usage: Some(Usage {
                input_tokens: 3,
                ..Usage::default()
            }),
        };
        for format in [EncodingFormat::Float, EncodingFormat::Base64] {
            let body = encode_openai_response(&response, format);
            assert_eq!(decode_openai_response(&body).expect("valid"), response);
        }
    }

    #[test]
    fn vectors_come_in_the_order_of_the_inputs() {
        let body = br#"{"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}]}"#;
        let response = decode_openai_response(body).expect("valid");
        assert_eq!(response.vectors, [vec![1.0], vec![2.0]]);
    }
}
