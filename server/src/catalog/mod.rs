//! The catalog: hosts and models as data, compiled into the binary, and the operator's own rows
//! beside them. Answers where a model's name leads.

mod host;
mod model;
mod operator;
mod resolve;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use crate::config::Config;

pub(crate) use host::REGION;
pub use host::{Auth, EmbeddingDialect, Host, Paths};
pub use model::{Model, ModelKind};
pub use operator::OperatorCatalogError;
pub use resolve::{Target, Unresolved};

const HOSTS: &str = include_str!("../../../catalog/hosts.toml");
const MODELS: &str = include_str!("../../../catalog/models.toml");

/// Why the catalog cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The binary's own is not the TOML it should be.
    #[error("the built-in catalog cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// A row of the binary's own is wrong.
    #[error("the built-in catalog cannot be used: {0}")]
    Row(#[from] RowFault),
    /// The operator's file is wrong.
    #[error(transparent)]
    Operator(#[from] OperatorCatalogError),
}

/// A row that says what cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{row}: `{field}` {problem}")]
pub struct RowFault {
    /// `host ID` or `model ID`.
    row: String,
    /// The field at fault.
    field: &'static str,
    /// What is wrong with it.
    problem: &'static str,
}

/// The rows of one file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(default, rename = "host")]
    hosts: Vec<Host>,
    #[serde(default, rename = "model")]
    models: Vec<Model>,
}

/// Hosts and models, ready to be looked up.
#[derive(Debug, Clone)]
pub struct Catalog {
    hosts: Vec<Arc<Host>>,
    models: Vec<Model>,
    by_id: HashMap<String, usize>,
}

impl Catalog {
    /// The catalog in the binary, with the operator's rows (`RELAY_CATALOG`) and base URLs
    /// (`RELAY_HOST_<ID>_URL`) in place of its own.
    pub fn load(config: &Config) -> Result<Self, CatalogError> {
        let mut rows = Rows {
            hosts: toml::from_str::<Rows>(HOSTS)?.hosts,
            models: toml::from_str::<Rows>(MODELS)?.models,
        };
        rows.fault().map_or(Ok(()), Err)?;
        if let Some(path) = &config.catalog {
            operator::add(&mut rows, path)?;
        }
        Ok(Self::of(rows, &config.host_urls))
    }

    fn of(mut rows: Rows, host_urls: &BTreeMap<String, Url>) -> Self {
        for host in &mut rows.hosts {
            if let Some(url) = host_urls.get(&host.id) {
                host.base_url = Some(url.clone());
                // It stands for the host in every region.
                host.regional_url = None;
            }
        }
        let by_id = rows
            .models
            .iter()
            .enumerate()
            .map(|(at, model)| (model.id.clone(), at))
            .collect();
        Self {
            hosts: rows.hosts.into_iter().map(Arc::new).collect(),
            models: rows.models,
            by_id,
        }
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

impl Rows {
    /// The first thing that is wrong with a row.
    fn fault(&self) -> Option<RowFault> {
        let of_hosts = self.hosts.iter().find_map(Host::fault);
        of_hosts.or_else(|| {
            self.models
                .iter()
                .find_map(|model| model.fault(&self.hosts))
        })
    }
}
