//! A host's row: an upstream endpoint, what it speaks and how it wants the key.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use http::{HeaderName, HeaderValue};
use relay_wire::Dialect;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::RowFault;

/// What stands for a region's name in `regional_url`.
pub(crate) const REGION: &str = "{region}";
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
    /// Where the API begins; none if every credential brings its own.
    #[serde(default)]
    pub base_url: Option<Url>,
    /// Where it begins in a region other than `region`; `{region}` stands for its name.
    #[serde(default)]
    pub regional_url: Option<String>,
    /// The region of `base_url`, and of credentials that name none.
    #[serde(default)]
    pub region: String,
    /// How its paths are made of the dialect's.
    #[serde(default)]
    pub paths: Paths,
    /// The version that Azure's paths ask for.
    #[serde(default)]
    pub api_version: String,
    /// What it speaks, at least one; the first is spoken where nothing says otherwise.
    #[serde(default = "chat_alone", deserialize_with = "dialects")]
    pub dialects: Vec<Dialect>,
    /// How it wants the key.
    #[serde(default)]
    pub auth: Auth,
    /// Where a service account's assertion is exchanged for an access token.
    #[serde(default)]
    pub token_url: Option<Url>,
    /// How it serves embeddings, if it does.
    #[serde(default)]
    pub embeddings: Option<EmbeddingDialect>,
    /// Whether it takes `stream_options`, by which a Chat stream is asked for its usage.
    #[serde(default = "yes")]
    pub stream_usage: bool,
    /// How long a connection to it may take, in seconds; 10 when absent.
    #[serde(default)]
    pub connect_timeout: Option<NonZeroU32>,
    /// How long it may take to begin an answer, in seconds; as long as it may be silent, when absent.
    #[serde(default)]
    pub first_byte_timeout: Option<NonZeroU32>,
    /// How long it may be silent in the middle of an answer, in seconds; as long as
    /// `RELAY_UPSTREAM_TIMEOUT` says, when absent.
    #[serde(default)]
    pub idle_timeout: Option<NonZeroU32>,
    /// Headers that every call carries.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Path of a cheap authenticated GET; empty if the host has none: then keys are tried only as
    /// far as they are exchanged for a token.
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
    /// speak Responses. A host without a base URL is itself wherever a credential says it is.
    pub(super) fn falls_back_to_chat(&self) -> bool {
        self.base_url.is_some()
            && self.dialects.contains(&Dialect::OpenAiChat)
            && self.dialects.contains(&Dialect::OpenAiResponses)
    }

    /// What is wrong with the row, beyond what its types rule out.
    pub(super) fn fault(&self) -> Option<RowFault> {
        let fault = |field, problem| Some(RowFault::of_host(&self.id, field, problem));
        if !is_word(&self.id) {
            return fault("id", "must be lower-case letters, digits, `-` and `_`");
        }
        for (field, url) in [("base_url", &self.base_url), ("token_url", &self.token_url)] {
            if !url.as_ref().is_none_or(is_callable) {
                return fault(field, "must be an http(s) URL without a query");
            }
        }
        if self.base_url.is_none() && self.paths != Paths::AzureDeployments {
            return fault("base_url", "is missing");
        }
        if self
            .regional_url
            .as_ref()
            .is_some_and(|url| !is_regional(url))
        {
            return fault(
                "regional_url",
                "must be an http(s) URL with `{region}` in it",
            );
        }
        if self.token_url.is_none() && self.auth == Auth::GoogleServiceAccount {
            return fault("token_url", "is missing, which this `auth` needs");
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

fn is_regional(url: &str) -> bool {
    let example = url.replace(REGION, "europe-west4");
    example != url && Url::parse(&example).is_ok_and(|url| is_callable(&url))
}

/// How calls are authenticated.
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
    /// `api-key: KEY` (Azure).
    ApiKey,
    /// A service account's key file, exchanged for an access token that goes as a bearer.
    GoogleServiceAccount,
    /// An API key that goes as a bearer, or AWS access keys, by which requests are signed.
    Aws,
}

/// How a host's paths are made of its dialect's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paths {
    /// Below the base URL, as the dialect has them.
    #[default]
    Plain,
    /// Below the model's deployment, `/openai/deployments/MODEL`; Responses below `/openai/v1`.
    AzureDeployments,
    /// Below a project, a location and a publisher: `/projects/P/locations/L/publishers/google`.
    VertexPublisher,
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
