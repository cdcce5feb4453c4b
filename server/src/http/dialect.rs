//! Which dialect a request's caller speaks: the language of its errors and its lists of models.

use http::HeaderMap;
use relay_wire::Dialect;

/// The dialect of a path's callers; none on Relay's own routes.
///
/// `/v1/models` is OpenAI's, Anthropic's and Google's alike: the headers that their clients always
/// send tell them apart.
pub(super) fn of(path: &str, headers: &HeaderMap) -> Option<Dialect> {
    let within = |prefix: &str| {
        path.strip_prefix(prefix)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if within("/anthropic").is_some() {
        return Some(Dialect::AnthropicMessages);
    }
    if within("/gemini").is_some() || within("/v1beta").is_some() {
        return Some(Dialect::Gemini);
    }
    let openai = within("/openai");
    let path = openai.unwrap_or(path);
    let begins = |beginnings: &[&str]| beginnings.iter().any(|begin| path.starts_with(begin));
    if begins(&["/v1/responses"]) {
        return Some(Dialect::OpenAiResponses);
    }
    if openai.is_some() || begins(&["/v1/chat/", "/v1/embeddings"]) {
        return Some(Dialect::OpenAiChat);
    }
    if begins(&["/v1/messages"]) {
        return Some(Dialect::AnthropicMessages);
    }
    if !begins(&["/v1/models"]) {
        return None;
    }
    let calls_gemini = path.rsplit_once(':').is_some_and(|(_, method)| {
        method.ends_with("Content") || method.ends_with("Contents") || method == "countTokens"
    });
    Some(if headers.contains_key("anthropic-version") {
        Dialect::AnthropicMessages
    } else if calls_gemini || headers.contains_key("x-goog-api-key") {
        Dialect::Gemini
    } else {
        Dialect::OpenAiChat
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_headers_tell_the_dialect() {
        use Dialect::{AnthropicMessages, Gemini, OpenAiChat, OpenAiResponses};
        for (path, header, dialect) in [
            ("/v1/chat/completions", "", Some(OpenAiChat)),
            ("/openai/v1/embeddings", "", Some(OpenAiChat)),
            (
                "/openai/v1/responses/resp_1/cancel",
                "",
                Some(OpenAiResponses),
            ),
            ("/v1/responses", "anthropic-version", Some(OpenAiResponses)),
            ("/v1/messages/count_tokens", "", Some(AnthropicMessages)),
            ("/anthropic/v1/models", "", Some(AnthropicMessages)),
            ("/v1beta/models/m:generateContent", "", Some(Gemini)),
            ("/gemini/v1/models", "", Some(Gemini)),
            ("/v1/models", "", Some(OpenAiChat)),
            ("/v1/models", "anthropic-version", Some(AnthropicMessages)),
            ("/v1/models", "x-goog-api-key", Some(Gemini)),
            ("/v1/models/google:gemini-2.5-pro", "", Some(OpenAiChat)),
            ("/v1/models/m:streamGenerateContent", "", Some(Gemini)),
            ("/v1/models/m:countTokens", "", Some(Gemini)),
            ("/v1/users", "anthropic-version", None),
            ("/openaix", "", None),
            ("/console", "", None),
        ] {
            let mut headers = HeaderMap::new();
            if !header.is_empty() {
                headers.insert(header, http::HeaderValue::from_static("x"));
            }
            assert_eq!(of(path, &headers), dialect, "{path} {header}");
        }
    }
}
