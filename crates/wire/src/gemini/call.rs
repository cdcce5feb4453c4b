//! What a Gemini request asks for stands in its path: `models/{model}:{method}`.

/// What a Gemini path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeminiCall {
    /// The model's name, without `models/`.
    pub model: String,
    /// What to do with it.
    pub method: GeminiMethod,
    /// A stream is asked for as server-sent events (`alt=sse`); without, it is one JSON array.
    pub sse: bool,
}

/// The methods that Relay serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GeminiMethod {
    /// A whole answer.
    GenerateContent,
    /// A streamed answer.
    StreamGenerateContent,
    /// How many tokens a request has.
    CountTokens,
    /// One embedding.
    EmbedContent,
    /// Several embeddings.
    BatchEmbedContents,
}

impl GeminiMethod {
    /// The word in the path: `generateContent`, ...
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GenerateContent => "generateContent",
            Self::StreamGenerateContent => "streamGenerateContent",
            Self::CountTokens => "countTokens",
            Self::EmbedContent => "embedContent",
            Self::BatchEmbedContents => "batchEmbedContents",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [
            Self::GenerateContent,
            Self::StreamGenerateContent,
            Self::CountTokens,
            Self::EmbedContent,
            Self::BatchEmbedContents,
        ]
        .into_iter()
        .find(|method| method.as_str() == word)
    }
}

/// Reads a path below `/v1beta/` (or `/v1/`), percent-decoded, and its query. `None` where it is no
/// call of a model: `models/gemini-2.5-pro` alone is OpenAI's or Google's description of one.
///
/// A model's name may hold slashes and colons (`google:gemini-2.5-pro`); the method is behind the
/// last colon.
pub fn parse_call(path: &str, query: Option<&str>) -> Option<GeminiCall> {
    let path = path.trim_start_matches('/');
    let (model, method) = path.strip_prefix("models/")?.rsplit_once(':')?;
    let method = GeminiMethod::parse(method)?;
    if model.is_empty() {
        return None;
    }
    let mut pairs = query.unwrap_or_default().split('&');
    Some(GeminiCall {
        model: model.to_owned(),
        method,
        sse: pairs.any(|pair| matches!(pair, "alt=sse" | "%24alt=sse" | "$alt=sse")),
    })
}

#[cfg(test)]
mod tests {
    use super::{GeminiMethod, parse_call};

    #[test]
    fn a_call_is_told_from_a_description() {
        let call = parse_call(
            "/models/gemini-2.5-pro:streamGenerateContent",
            Some("alt=sse"),
        );
        let call = call.expect("a call");
        assert_eq!(call.model, "gemini-2.5-pro");
        assert_eq!(call.method, GeminiMethod::StreamGenerateContent);
        assert!(call.sse);
        let call = parse_call("models/google:x/y:countTokens", Some("key=alt")).expect("a call");
        assert_eq!((call.model.as_str(), call.sse), ("google:x/y", false));
        for path in [
            "models/gpt-5",
            "models/google:gpt-5",
            "models/:embedContent",
            "m:x",
        ] {
            assert_eq!(parse_call(path, None), None, "{path}");
        }
    }
}
