//! The catalog: hosts and models as data, compiled into the binary. Answers where a model's name
//! leads.

mod resolve;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use relay_wire::Dialect;
use serde::Deserialize;
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
    /// What it speaks.
    #[serde(deserialize_with = "dialect")]
    pub dialect: Dialect,
    /// How it wants the key.
    pub auth: Auth,
    /// How it serves embeddings, if it does.
    #[serde(default)]
    pub embeddings: Option<EmbeddingDialect>,
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
}

fn dialect<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Dialect, D::Error> {
    String::deserialize(value)?
        .parse()
        .map_err(serde::de::Error::custom)
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
            if !hosts.iter().any(|host| host.id == model.host) {
                let (model, host) = (model.id.clone(), model.host.clone());
                return Err(CatalogError::UnknownHost { model, host });
            }
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
