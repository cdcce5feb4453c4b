//! Rows, ready to be looked up: the catalog is one layer, a tenant's own rows are another above it.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::model::Binding;
use super::{Host, Model, RowFault};

/// The rows of one file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    #[serde(default, rename = "host")]
    pub hosts: Vec<Host>,
    #[serde(default, rename = "model", deserialize_with = "shared")]
    pub models: Vec<Arc<Model>>,
}

fn shared<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Vec<Arc<Model>>, D::Error> {
    let models = Vec::<Model>::deserialize(value)?;
    Ok(models.into_iter().map(Arc::new).collect())
}

impl Rows {
    /// The first thing that is wrong with a row.
    pub(super) fn fault(&self) -> Option<RowFault> {
        let of_hosts = self.hosts.iter().find_map(Host::fault);
        let hosts: HashMap<&str, &Host> = self
            .hosts
            .iter()
            .map(|host| (host.id.as_str(), host))
            .collect();
        let mut models = self.models.iter();
        of_hosts.or_else(|| models.find_map(|model| model.fault(|id| hosts.get(id).copied())))
    }
}

/// Hosts and models with their indexes.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub hosts: Vec<Arc<Host>>,
    pub models: Vec<Arc<Model>>,
    by_id: HashMap<String, usize>,
    /// By the name at a host: where in `models`, and which of its bindings.
    by_upstream: HashMap<String, Vec<(usize, usize)>>,
}

impl Layer {
    pub(super) fn of(rows: Rows) -> Self {
        let mut by_id = HashMap::with_capacity(rows.models.len());
        let mut by_upstream: HashMap<String, Vec<_>> = HashMap::with_capacity(rows.models.len());
        for (at, model) in rows.models.iter().enumerate() {
            by_id.insert(model.id.clone(), at);
            for (which, binding) in model.bindings.iter().enumerate() {
                let entry = by_upstream.entry(binding.model.clone()).or_default();
                entry.push((at, which));
            }
        }
        Self {
            hosts: rows.hosts.into_iter().map(Arc::new).collect(),
            models: rows.models,
            by_id,
            by_upstream,
        }
    }

    pub(super) fn host(&self, id: &str) -> Option<&Arc<Host>> {
        self.hosts.iter().find(|host| host.id == id)
    }

    pub(super) fn model(&self, id: &str) -> Option<&Arc<Model>> {
        self.by_id.get(id).map(|at| &self.models[*at])
    }

    /// What is served under this name, wherever.
    pub(super) fn served_as(&self, name: &str) -> impl Iterator<Item = (&Arc<Model>, &Binding)> {
        let found = self.by_upstream.get(name).into_iter().flatten();
        found.map(|(at, which)| (&self.models[*at], &self.models[*at].bindings[*which]))
    }

    /// What this host serves under this name; else the model with this id, as this host serves it.
    pub(super) fn at(&self, host: &str, name: &str) -> Option<(&Arc<Model>, &Binding)> {
        let named = self.served_as(name).find(|(_, row)| row.host == host);
        named.or_else(|| {
            let model = self.model(name)?;
            let mut bindings = model.bindings.iter();
            Some((model, bindings.find(|binding| binding.host == host)?))
        })
    }
}
