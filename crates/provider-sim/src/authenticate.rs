//! Credentials: each provider takes a key in its own header and nowhere else.

use axum::http::HeaderMap;

use crate::fault::Fault;
use crate::{Provider, Shared, azure, bedrock, vertex};

/// Checks a request's credential the way the provider does, and answers the key.
pub(crate) fn authenticate(
    shared: &Shared,
    provider: Provider,
    headers: &HeaderMap,
    query: Option<&str>,
) -> Result<String, Fault> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let accepts = |key: &str| shared.accepts(provider, key);
    match provider {
        Provider::Azure => azure::authenticate(header("api-key"), bearer, accepts),
        Provider::Bedrock => bedrock::authenticate(headers, accepts),
        Provider::Vertex => vertex::authenticate(bearer, accepts),
        Provider::OpenAi => match bearer {
            None => Err(Fault::new(
                401,
                "You didn't provide an API key. You need to provide your API key in an \
                 Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            )),
            Some(key) if accepts(key) => Ok(key.to_owned()),
            Some(key) => Err(incorrect_openai_key(key)),
        },
        Provider::Anthropic => match (header("x-api-key"), header("authorization")) {
            (Some(key), None) if accepts(key) => Ok(key.to_owned()),
            (Some(_), None) => Err(Fault::new(401, "invalid x-api-key")),
            (Some(_), Some(_)) => Err(Fault::new(
                401,
                "only one of x-api-key and authorization may be sent",
            )),
            // The clients from 1.0 (TypeScript) and 2.0 (Python) on send a key like this.
            (None, Some(_)) if bearer.is_some_and(accepts) => {
                Ok(bearer.unwrap_or_default().to_owned())
            }
            (None, Some(_)) => Err(Fault::new(401, "Invalid bearer token")),
            (None, None) => Err(Fault::new(401, "x-api-key header is required")),
        },
        Provider::Google => {
            let in_query = query.is_some_and(|query| {
                query
                    .split('&')
                    .any(|pair| pair == "key" || pair.starts_with("key="))
            });
            match (header("x-goog-api-key"), header("authorization"), in_query) {
                (Some(key), None, false) if accepts(key) => Ok(key.to_owned()),
                (Some(_), None, false) => Err(Fault::invalid(
                    "API key not valid. Please pass a valid API key.",
                )
                .code("API_KEY_INVALID")),
                (Some(_), _, _) | (None, Some(_), true) => Err(Fault::invalid(
                    "Multiple authentication credentials received. Please pass only one.",
                )),
                (None, Some(_), false) => Err(Fault::new(
                    401,
                    "Request had invalid authentication credentials. Expected OAuth 2 access \
                     token, login cookie or other valid authentication credential.",
                )),
                // The real service takes `?key=`; here it does not, because no gateway should
                // put a key where logs keep it.
                (None, None, _) => Err(Fault::new(
                    403,
                    "Method doesn't allow unregistered callers (callers without established \
                     identity). Please use API Key or other form of API consumer identity to \
                     call this API.",
                )),
            }
        }
    }
}

/// The real message quotes the key's beginning and end: a trap for whoever passes it on.
fn incorrect_openai_key(key: &str) -> Fault {
    let characters: Vec<char> = key.chars().collect();
    let masked: String = if characters.len() > 12 {
        let hidden = std::iter::repeat_n('*', characters.len() - 12);
        let (beginning, end) = (&characters[..8], &characters[characters.len() - 4..]);
        beginning
            .iter()
            .copied()
            .chain(hidden)
            .chain(end.iter().copied())
            .collect()
    } else {
        "*".repeat(characters.len())
    };
    Fault::new(
        401,
        format!(
            "Incorrect API key provided: {masked}. You can find your API key at \
             https://platform.openai.com/account/api-keys."
        ),
    )
    .code("invalid_api_key")
}
