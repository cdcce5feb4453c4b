//! Gemini `embedContent` and `batchEmbedContents`, as an upstream speaks them.

use serde_json::{Value, json};

use super::{EmbeddingInput, EmbeddingRequest, EmbeddingResponse, GeminiEmbedding};
use crate::gemini::{error_of_value, path_segment, usage_from};
use crate::json::{Fields, Object, object, put, to_bytes};
use crate::{Dialect, WireError};

/// The path below the host's base URL.
pub fn gemini_path(model: &str, method: GeminiEmbedding) -> String {
    format!("/{}:{}", path_segment(model), method.as_str())
}

/// Writes a request for a Gemini upstream, one item an input.
///
/// Errors: [`WireErrorKind::Unsupported`](crate::WireErrorKind::Unsupported) where the input is
/// token ids (they belong to OpenAI's tokenizer) or a field has no word here.
pub fn encode_gemini_request(request: &EmbeddingRequest) -> Result<Vec<u8>, WireError> {
    let mut own = Object::new();
    request
        .extensions
        .write(Dialect::Gemini, "", &[], &mut own)?;
    // The body names the model as a resource, unlike the path never percent-encoded.
    let model = if request.model.contains('/') {
        request.model.clone()
    } else {
        format!("models/{}", request.model)
    };
    let requests = request
        .inputs
        .iter()
        .map(|input| {
            let EmbeddingInput::Text(text) = input else {
                let reason = "must be text for Gemini: token ids belong to another tokenizer";
                return Err(WireError::unsupported("input", reason));
            };
            let mut item = object(json!({"model": model, "content": {"parts": [{"text": text}]}}));
            put(&mut item, "outputDimensionality", request.dimensions);
            item.extend(own.clone());
            Ok(Value::Object(item))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(to_bytes(&json!({"requests": requests})))
}

/// Reads a Gemini upstream's answer. It names no model and counts no tokens unless
/// `usageMetadata` is there.
///
/// Errors: an error object, or a vector that is no numbers.
pub fn decode_gemini_response(body: &[u8]) -> Result<EmbeddingResponse, WireError> {
    let mut fields = Fields::parse(body)?;
    if fields.peek("error").is_some() {
        return Err(WireError::upstream(error_of_value(
            None,
            &Value::Object(fields.rest()),
        )));
    }
    if fields.peek("embeddings").is_none() {
        return Err(fields.wrong("embeddings", "is missing in the upstream's answer"));
    }
    let vectors = fields
        .objects("embeddings")?
        .into_iter()
        .map(|mut item| {
            let values = item.array("values")?.unwrap_or_default();
            super::floats(&values).ok_or_else(|| item.wrong("values", "must be numbers"))
        })
        .collect::<Result<_, _>>()?;
    let usage = fields.take("usageMetadata").as_ref().map(usage_from);
    Ok(EmbeddingResponse {
        model: String::new(),
        vectors,
        usage,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::decode_openai_request;
    use super::*;

    #[test]
    fn every_input_becomes_one_item_with_its_dimensions() {
        let body = br#"{"model":"gemini-embedding-001","input":["a","b"],"dimensions":768}"#;
        let request = decode_openai_request(body).expect("valid");
        let out: Value =
            serde_json::from_slice(&encode_gemini_request(&request).expect("expressible"))
                .expect("JSON");
        assert_eq!(out["requests"][1]["content"]["parts"][0]["text"], "b");
        assert_eq!(out["requests"][0]["model"], "models/gemini-embedding-001");
        assert_eq!(out["requests"][0]["outputDimensionality"], 768);
    }

    #[test]
    fn token_ids_are_refused_by_name() {
        let request = decode_openai_request(br#"{"model":"m","input":[1,2]}"#).expect("valid");
        let error = encode_gemini_request(&request).expect_err("tokens");
        assert_eq!(error.param.as_deref(), Some("input"));
    }

    #[test]
    fn vectors_are_read() {
        let response = decode_gemini_response(br#"{"embeddings":[{"values":[0.5,1]}]}"#);
        assert_eq!(response.expect("valid").vectors, [vec![0.5, 1.0]]);
    }
}
