//! The catalog: hosts and models as data, compiled into the binary. Answers where a model's name
//! leads.

mod resolve;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use relay_wire::Dialect;
use serde::Deserialize;
use serde::de::Error as _;
use url::Url;

pub use resolve::{Target, Unresolved};

const HOSTS: &str = include_str!("../../../catalog/hosts.toml");
const MODELS: &str = include_str!("../../../catalog/models.toml");

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
    #[serde(deserialize_with = "dialects")]
    pub dialects: Vec<Dialect>,
    /// How it wants the key.
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
    /// Path of a cheap authenticated GET.
    pub check: String,
    /// Names that lead here when no catalog knows them.
    #[serde(default)]
    pub prefixes: Vec<String>,
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
    fn falls_back_to_chat(&self) -> bool {
        self.dialects.contains(&Dialect::OpenAiChat)
            && self.dialects.contains(&Dialect::OpenAiResponses)
    }
}

/// The header that carries the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
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

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// Chat completions.
    Chat,
    /// Embeddings.
    Embedding,
}

/// A catalog entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name callers use, and the upstream's.
    pub id: String,
    /// The host that serves it.
    pub host: String,
    /// The name people know.
    pub name: String,
    /// What it is for.
    pub kind: ModelKind,
    /// In which of its host's dialects it is served, the best first; none means all of them, in
    /// the host's order.
    #[serde(default, deserialize_with = "some_dialects")]
    pub dialects: Option<Vec<Dialect>>,
    /// When its provider released it.
    pub released: Date,
    /// Input and output together, in tokens.
    pub context: u64,
    /// Output at most, in tokens.
    #[serde(default)]
    pub output: Option<u64>,
}

/// Why the catalog's data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not the TOML it should be.
    #[error("the catalog cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// A model names a host that is not there.
    #[error("model {model} is bound to {host}, which is not in the catalog")]
    UnknownHost {
        /// The model.
        model: String,
        /// The host it names.
        host: String,
    },
    /// A model is said to be served in a dialect that its host does not speak.
    #[error("model {model} is served in {dialect}, which its host {host} does not speak")]
    UnspokenDialect {
        /// The model.
        model: String,
        /// The host it names.
        host: String,
        /// The dialect.
        dialect: Dialect,
    },
}

fn yes() -> bool {
    true
}

/// A list of dialects by name. An empty one would leave nothing to speak.
fn dialects<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Vec<Dialect>, D::Error> {
    let names = Vec::<String>::deserialize(value)?;
    if names.is_empty() {
        return Err(D::Error::custom("`dialects` names none"));
    }
    names
        .iter()
        .map(|name| name.parse().map_err(D::Error::custom))
        .collect()
}

fn some_dialects<'de, D>(value: D) -> Result<Option<Vec<Dialect>>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    dialects(value).map(Some)
}

/// Checks that a model's host is there and speaks what the model is served in.
fn check(model: &Model, hosts: &[Host]) -> Result<(), CatalogError> {
    let Some(host) = hosts.iter().find(|host| host.id == model.host) else {
        return Err(CatalogError::UnknownHost {
            model: model.id.clone(),
            host: model.host.clone(),
        });
    };
    let served = model.dialects.iter().flatten();
    match served
        .copied()
        .find(|dialect| !host.dialects.contains(dialect))
    {
        None => Ok(()),
        Some(dialect) => Err(CatalogError::UnspokenDialect {
            model: model.id.clone(),
            host: host.id.clone(),
            dialect,
        }),
    }
}

#[derive(Deserialize)]
struct HostFile {
    host: Vec<Host>,
}

#[derive(Deserialize)]
struct ModelFile {
    model: Vec<Model>,
}

/// Hosts and models, ready to be looked up.
#[derive(Debug, Clone)]
pub struct Catalog {
    hosts: Vec<Arc<Host>>,
    models: Vec<Model>,
    by_id: HashMap<String, usize>,
}

impl Catalog {
    /// The catalog in the binary, with the operator's base URLs in place of its own.
    pub fn built_in(host_urls: &BTreeMap<String, Url>) -> Result<Self, CatalogError> {
        Self::parse(HOSTS, MODELS, host_urls)
    }

    /// A catalog from the text of its two files.
    pub fn parse(
        hosts: &str,
        models: &str,
        host_urls: &BTreeMap<String, Url>,
    ) -> Result<Self, CatalogError> {
        let mut hosts = toml::from_str::<HostFile>(hosts)?.host;
        for host in &mut hosts {
            if let Some(url) = host_urls.get(&host.id) {
                host.base_url = url.clone();
            }
        }
        let models = toml::from_str::<ModelFile>(models)?.model;
        for model in &models {
            check(model, &hosts)?;
        }
        let by_id = models
            .iter()
            .enumerate()
            .map(|(at, model)| (model.id.clone(), at))
            .collect();
        Ok(Self {
            hosts: hosts.into_iter().map(Arc::new).collect(),
            models,
            by_id,
        })
    }

    /// Every host, in the order pickers show them.
    pub fn hosts(&self) -> &[Arc<Host>] {
        &self.hosts
    }

    /// The host with this id.
    pub fn host(&self, id: &str) -> Option<&Arc<Host>> {
        self.hosts.iter().find(|host| host.id == id)
    }

    /// Every model, by host and name.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The model with exactly this name.
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.by_id.get(id).map(|at| &self.models[*at])
    }
}
