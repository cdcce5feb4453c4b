//! Gemini `embedContent` and `batchEmbedContents` as clients call them.

use serde_json::{Value, json};

use super::{EmbeddingInput, EmbeddingRequest, EmbeddingResponse, EncodingFormat};
use crate::json::{Fields, object, put, to_bytes};
use crate::{Dialect, Extensions, WireError};

/// Which of the two methods a client called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GeminiEmbedding {
    /// `embedContent`: one input, one vector.
    One,
    /// `batchEmbedContents`: several.
    Batch,
}

impl GeminiEmbedding {
    /// The word in the path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "embedContent",
            Self::Batch => "batchEmbedContents",
        }
    }
}

/// Reads a client's request; the model is the path's.
///
/// Errors: [`WireErrorKind::Malformed`](crate::WireErrorKind::Malformed) naming the field, or
/// [`WireErrorKind::Unsupported`](crate::WireErrorKind::Unsupported) where an input is no text or
/// the items of a batch ask for different lengths.
pub fn decode_gemini_request(
    body: &[u8],
    model: &str,
    method: GeminiEmbedding,
) -> Result<EmbeddingRequest, WireError> {
    let mut fields = Fields::parse(body)?;
    let items = match method {
        GeminiEmbedding::One => vec![fields],
        GeminiEmbedding::Batch => {
            let items = fields.objects("requests")?;
            if items.is_empty() {
                return Err(fields.wrong("requests", "must hold at least one request"));
            }
            items
        }
    };
    let mut request = EmbeddingRequest {
        model: model.to_owned(),
        inputs: Vec::with_capacity(items.len()),
        dimensions: None,
        encoding_format: EncodingFormat::Float,
        user: None,
        extensions: Extensions::default(),
    };
    for (number, mut item) in items.into_iter().enumerate() {
        request.inputs.push(EmbeddingInput::Text(text(&mut item)?));
        let wanted = item.take_either("outputDimensionality", "output_dimensionality");
        let dimensions = wanted.as_ref().and_then(Value::as_u64);
        let dimensions = dimensions.and_then(|count| u32::try_from(count).ok());
        if number > 0 && dimensions != request.dimensions {
            let reason = "must be the same in every request of a batch";
            let field = item.path("outputDimensionality");
            return Err(WireError::unsupported(field, reason));
        }
        request.dimensions = dimensions;
        item.take("model");
        let field = item.path("taskType");
        let mut own = Extensions::default();
        own.extend(Dialect::Gemini, item.rest());
        if number > 0 && own != request.extensions {
            let reason = "and what else stands beside the content must be the same in every \
                          request of a batch";
            return Err(WireError::unsupported(field, reason));
        }
        request.extensions = own;
    }
    Ok(request)
}

/// The text of a `content`: its parts, joined.
fn text(item: &mut Fields) -> Result<String, WireError> {
    let mut content = match item.take("content") {
        Some(Value::String(text)) => return Ok(text),
        Some(value) => Fields::at(&item.path("content"), value)?,
        None => return Err(item.wrong("content", "is required")),
    };
    let mut texts = Vec::new();
    for mut part in content.objects("parts")? {
        let field = part.path("text");
        let text = part.text("text")?;
        texts.push(text.ok_or_else(|| {
            WireError::unsupported(field, "is required: only text can be embedded elsewhere")
        })?);
    }
    if texts.is_empty() {
        return Err(content.wrong("parts", "must hold at least one part"));
    }
    Ok(texts.join("\n"))
}

/// Writes an answer for a client.
pub fn encode_gemini_response(response: &EmbeddingResponse, method: GeminiEmbedding) -> Vec<u8> {
    let mut vectors = response
        .vectors
        .iter()
        .map(|vector| json!({"values": vector}));
    let mut out = match method {
        GeminiEmbedding::One => object(json!({"embedding": vectors.next()})),
        GeminiEmbedding::Batch => object(json!({"embeddings": vectors.collect::<Vec<_>>()})),
    };
    let usage = response.usage;
    put(
        &mut out,
        "usageMetadata",
        usage.map(|usage| json!({"promptTokenCount": usage.input_tokens})),
    );
    to_bytes(&Value::Object(out))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::{decode_gemini_response, encode_openai_request};
    use super::*;

    #[test]
    fn a_batch_becomes_an_openai_request() {
        let body = br#"{"requests":[
            {"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":8,"taskType":"RETRIEVAL_QUERY"},
            {"content":{"parts":[{"text":"b"},{"text":"c"}]},"output_dimensionality":8,"taskType":"RETRIEVAL_QUERY"}]}"#;
        let request =
            decode_gemini_request(body, "m", GeminiEmbedding::Batch).expect("a valid request");
        let out: Value =
            serde_json::from_slice(&encode_openai_request(&request).expect("expressible"))
                .expect("JSON");
        assert_eq!(
            out,
            json!({"model": "m", "input": ["a", "b\nc"], "dimensions": 8})
        );
    }

    #[test]
    fn what_no_other_provider_embeds_is_refused_by_name() {
        let body =
            br#"{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AA=="}}]}}"#;
        let error = decode_gemini_request(body, "m", GeminiEmbedding::One).expect_err("a picture");
        assert_eq!(error.param.as_deref(), Some("content.parts[0].text"));
    }

    #[test]
    fn what_differs_within_a_batch_is_refused_and_not_dropped() {
        let body = br#"{"requests":[{"content":{"parts":[{"text":"a"}]},"title":"x"},
            {"content":{"parts":[{"text":"b"}]},"title":"y"}]}"#;
        let error = decode_gemini_request(body, "m", GeminiEmbedding::Batch).expect_err("differs");
        assert_eq!(error.param.as_deref(), Some("requests[1].taskType"));
    }

    #[test]
    fn an_answer_is_written_in_the_methods_own_shape() {
        let response = EmbeddingResponse {
            vectors: vec![vec![0.5]],
            ..EmbeddingResponse::default()
        };
        let batch = encode_gemini_response(&response, GeminiEmbedding::Batch);
        assert_eq!(decode_gemini_response(&batch).expect("our own"), response);
        let one = encode_gemini_response(&response, GeminiEmbedding::One);
        assert_eq!(one, br#"{"embedding":{"values":[0.5]}}"#);
    }
}
