//! A host's row: an upstream endpoint, what it speaks and how it wants the key.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use relay_wire::Dialect;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::RowFault;

/// Ids longer than this are nobody's.
const MAX_ID_BYTES: usize = 64;

/// An upstream endpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The word in URLs, credentials and `provider:model`.
    pub id: String,
    /// The name people know.
    pub name: String,
    /// Where the API begins.
    pub base_url: Url,
    /// What it speaks, at least one; the first is spoken where nothing says otherwise.
    #[serde(default = "chat_alone", deserialize_with = "dialects")]
    pub dialects: Vec<Dialect>,
    /// How it wants the key.
    #[serde(default)]
    pub auth: Auth,
    /// How it serves embeddings, if it does.
    #[serde(default)]
    pub embeddings: Option<EmbeddingDialect>,
    /// Whether it takes `stream_options`, by which a Chat stream is asked for its usage.
    #[serde(default = "yes")]
    pub stream_usage: bool,
    /// Headers that every call carries.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Path of a cheap authenticated GET; empty if the host has none, so that keys are not tried.
    #[serde(default = "models")]
    pub check: String,
    /// Names that lead here when no catalog knows them.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Whether pickers offer it without being asked for it.
    #[serde(default)]
    pub featured: bool,
    /// How keys usually begin.
    #[serde(default)]
    pub key_hint: String,
    /// Where a person gets a key.
    #[serde(default)]
    pub key_url: String,
}

impl Host {
    /// What it speaks where nothing says otherwise.
    pub fn dialect(&self) -> Dialect {
        self.dialects[0]
    }

    /// Whether a server in its place is asked in Chat: every compatible server speaks that, few
    /// speak Responses.
    pub(super) fn falls_back_to_chat(&self) -> bool {
        self.dialects.contains(&Dialect::OpenAiChat)
            && self.dialects.contains(&Dialect::OpenAiResponses)
    }

    /// What is wrong with the row, beyond what its types rule out.
    pub(super) fn fault(&self) -> Option<RowFault> {
        let fault = |field, problem| {
            Some(RowFault {
                row: format!("host {}", self.id),
                field,
                problem,
            })
        };
        if !is_word(&self.id) {
            return fault("id", "must be lower-case letters, digits, `-` and `_`");
        }
        if !is_callable(&self.base_url) {
            return fault("base_url", "must be an http(s) URL without a query");
        }
        if !self.check.is_empty() && !self.check.starts_with('/') {
            return fault("check", "must be a path that begins with `/`, or empty");
        }
        let sound = |(name, value): (&String, &String)| {
            HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok()
        };
        if !self.headers.iter().all(sound) {
            return fault("headers", "has what no HTTP header can hold");
        }
        None
    }
}

fn is_word(id: &str) -> bool {
    let of_a_word = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    };
    !id.is_empty() && id.len() <= MAX_ID_BYTES && id.bytes().all(of_a_word)
}

fn is_callable(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

/// The header that carries the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// `x-api-key: KEY` (Anthropic).
    XApiKey,
    /// `x-goog-api-key: KEY` (Google).
    XGoogApiKey,
}

/// How a host serves embeddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmbeddingDialect {
    /// `POST /embeddings`.
    Openai,
    /// `POST /models/{model}:batchEmbedContents`.
    Gemini,
}

fn yes() -> bool {
    true
}

fn chat_alone() -> Vec<Dialect> {
    vec![Dialect::OpenAiChat]
}

fn models() -> String {
    "/models".to_owned()
}

/// A list of dialects by name. An empty one would leave nothing to speak.
pub(super) fn dialects<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<Dialect>, D::Error> {
    let names = Vec::<String>::deserialize(value)?;
    if names.is_empty() {
        return Err(D::Error::custom("`dialects` names none"));
    }
    names
        .iter()
        .map(|name| name.parse().map_err(D::Error::custom))
        .collect()
}
