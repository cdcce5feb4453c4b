//! The catalog: hosts and models as data, compiled into the binary, and the operator's own rows
//! beside them. Answers where a model's name leads, and what it costs there. A tenant's own rows
//! lie over it ([`TenantCatalog`]).

mod host;
mod import;
mod layer;
mod model;
mod nearest;
mod operator;
mod overlay;
mod price;
mod resolve;
mod shown;
mod tenants;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use url::Url;

use crate::config::Config;

use layer::{Layer, Rows};
use resolve::Layers;

pub(crate) use host::REGION;
pub use host::{Auth, EmbeddingDialect, Host, Paths};
pub use import::{ImportError, import};
pub use model::{Binding, Capability, Modality, Model, ModelKind};
pub use operator::OperatorCatalogError;
pub use overlay::{Overlay, TenantCatalog};
pub use price::{NanoDollars, Price, Prices, Rates, Tier, cost};
pub use resolve::{Target, Unresolved};
pub use tenants::Catalogs;

const HOSTS: &str = include_str!("../../../catalog/hosts.toml");
const MODELS: &str = include_str!("../../../catalog/models.toml");

/// The binary's own rows, read once a process.
static BUILTIN: LazyLock<Result<Rows, toml::de::Error>> = LazyLock::new(|| {
    Ok(Rows {
        hosts: toml::from_str::<Rows>(HOSTS)?.hosts,
        models: toml::from_str::<Rows>(MODELS)?.models,
    })
});

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

impl RowFault {
    fn of_host(id: &str, field: &'static str, problem: &'static str) -> Self {
        let row = format!("host {id}");
        Self {
            row,
            field,
            problem,
        }
    }

    fn of_model(id: &str, field: &'static str, problem: &'static str) -> Self {
        let row = format!("model {id}");
        Self {
            row,
            field,
            problem,
        }
    }

    /// The same, where the row's format has another name for the field.
    fn renamed(mut self, from: &str, to: &'static str) -> Self {
        if self.field == from {
            self.field = to;
        }
        self
    }

    /// What is wrong with the field, completing "`field` ...".
    pub fn problem(&self) -> &'static str {
        self.problem
    }

    /// The field at fault, as the row's format names it.
    pub fn field(&self) -> &'static str {
        self.field
    }
}

/// Hosts and models, ready to be looked up.
#[derive(Debug, Clone)]
pub struct Catalog {
    layer: Arc<Layer>,
}

impl Catalog {
    /// The catalog in the binary, with the operator's rows (`RELAY_CATALOG`) and base URLs
    /// (`RELAY_HOST_<ID>_URL`) in place of its own.
    pub fn load(config: &Config) -> Result<Self, CatalogError> {
        let mut rows = BUILTIN.as_ref().map_err(Clone::clone)?.clone();
        match &config.catalog {
            Some(path) => operator::add(&mut rows, path)?,
            None => rows.fault().map_or(Ok(()), Err)?,
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
        Self {
            layer: Arc::new(Layer::of(rows)),
        }
    }

    fn layers(&self) -> Layers<'_> {
        Layers {
            own: None,
            base: &self.layer,
        }
    }

    /// Every place where `name` leads, the first to try first; at least one.
    pub fn resolve(&self, name: &str) -> Result<Vec<Target>, Unresolved> {
        self.layers().resolve(name)
    }

    /// Every host, in the order pickers show them.
    pub fn hosts(&self) -> &[Arc<Host>] {
        &self.layer.hosts
    }

    /// The host with this id.
    pub fn host(&self, id: &str) -> Option<&Arc<Host>> {
        self.layer.host(id)
    }

    /// Every model once, by its first host and name.
    pub fn models(&self) -> &[Arc<Model>] {
        &self.layer.models
    }

    /// The model with exactly this name.
    pub fn model(&self, id: &str) -> Option<&Arc<Model>> {
        self.layer.model(id)
    }

    /// The model that a caller means by `name`: its id, or `host:model` with its name there or its
    /// id.
    pub fn find(&self, name: &str) -> Option<&Arc<Model>> {
        self.layers().find(name)
    }
}
