//! A tenant's own hosts and models, laid over the catalog.

mod rows;

use std::collections::HashSet;
use std::sync::Arc;

use relay_api::{NewHost, NewModel};

use super::layer::{Layer, Rows};
use super::resolve::Layers;
use super::{Catalog, Host, Model, RowFault, Target, Unresolved};
use rows::{host, model, model_fault};

/// One tenant's own rows, found sound.
#[derive(Debug, Default)]
pub struct Overlay {
    layer: Layer,
}

impl Overlay {
    /// Reads a tenant's rows, each with its id, or says what is wrong with the first that is.
    ///
    /// Whether a base URL may be called is not asked here but at each call, by the guard of
    /// addresses, as with the base URLs that credentials bring.
    pub fn of(
        catalog: &Catalog,
        hosts: impl IntoIterator<Item = (String, NewHost)>,
        models: impl IntoIterator<Item = (String, NewModel)>,
    ) -> Result<Self, RowFault> {
        let mut rows = Rows::default();
        for (id, row) in hosts {
            let taken = catalog.host(&id).is_some() || rows.hosts.iter().any(|host| host.id == id);
            if taken {
                return Err(RowFault::of_host(&id, "id", "is taken"));
            }
            rows.hosts.push(host(id, row)?);
        }
        let mut seen = HashSet::new();
        for (id, row) in models {
            if !seen.insert(id.clone()) {
                return Err(RowFault::of_model(&id, "id", "is taken"));
            }
            let row = model(id, row)?;
            let own = |id: &str| rows.hosts.iter().find(|host| host.id == id);
            let known = |id: &str| own(id).or_else(|| catalog.host(id).map(AsRef::as_ref));
            if let Some(fault) = model_fault(&row, known) {
                return Err(fault);
            }
            rows.models.push(Arc::new(row));
        }
        Ok(Self {
            layer: Layer::of(rows),
        })
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.layer.hosts.is_empty() && self.layer.models.is_empty()
    }

    /// The tenant's own hosts.
    pub fn hosts(&self) -> &[Arc<Host>] {
        &self.layer.hosts
    }

    /// The tenant's own models.
    pub fn models(&self) -> &[Arc<Model>] {
        &self.layer.models
    }
}

/// The catalog as one tenant sees it.
#[derive(Debug, Clone)]
pub struct TenantCatalog {
    base: Catalog,
    own: Arc<Overlay>,
}

impl Catalog {
    /// This catalog under a tenant's own rows. Costs two reference counts.
    pub fn with(&self, own: Arc<Overlay>) -> TenantCatalog {
        TenantCatalog {
            base: self.clone(),
            own,
        }
    }
}

impl TenantCatalog {
    /// Every place where `name` leads, the first to try first; at least one.
    pub fn resolve(&self, name: &str) -> Result<Vec<Target>, Unresolved> {
        self.layers().resolve(name)
    }

    /// The host with this id.
    pub fn host(&self, id: &str) -> Option<&Arc<Host>> {
        self.layers().host(id)
    }

    /// Every host, the tenant's own first.
    pub fn hosts(&self) -> impl Iterator<Item = &Arc<Host>> {
        self.own.hosts().iter().chain(self.base.hosts())
    }

    /// The model with exactly this name.
    pub fn model(&self, id: &str) -> Option<&Arc<Model>> {
        self.layers().model(id)
    }

    /// The model that a caller means by `name`: its id, or `host:model` with its name there or its
    /// id.
    pub fn find(&self, name: &str) -> Option<&Arc<Model>> {
        self.layers().find(name)
    }

    /// Every model once, the tenant's own first, without those that they stand for.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        let others = self.base.models().iter();
        let others = others.filter(|model| self.own.layer.model(&model.id).is_none());
        self.own.models().iter().chain(others)
    }

    fn layers(&self) -> Layers<'_> {
        Layers {
            own: Some(&self.own.layer),
            base: &self.base.layer,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::Config;

    fn catalog() -> Catalog {
        let config = Config::read(|_| None).expect("defaults");
        Catalog::load(&config).expect("the built-in catalog is sound")
    }

    fn overlay(hosts: &[(&str, Value)], models: &[(&str, Value)]) -> Result<Overlay, String> {
        fn rows<T: serde::de::DeserializeOwned>(rows: &[(&str, Value)]) -> Vec<(String, T)> {
            let read = |row: &Value| serde_json::from_value(row.clone()).expect("a row");
            let rows = rows.iter();
            rows.map(|(id, row)| ((*id).to_owned(), read(row)))
                .collect()
        }
        Overlay::of(&catalog(), rows(hosts), rows(models)).map_err(|fault| fault.to_string())
    }

    fn acme() -> (&'static str, Value) {
        (
            "acme",
            json!({"name": "Acme", "baseUrl": "https://acme.example/v1"}),
        )
    }

    #[test]
    fn a_tenants_rows_lie_over_the_catalogs() {
        let fast = json!({"bindings": [
            {"host": "acme", "model": "fast-1", "prices": {"input": 0.1, "output": 0.2}},
            {"host": "openai", "model": "gpt-4o-mini"},
        ]});
        let ours = json!({"bindings": [{"host": "acme"}]});
        let own = overlay(&[acme()], &[("fast", fast), ("gpt-4o", ours)]).expect("sound");
        let catalog = catalog().with(Arc::new(own));
        let leads = |name: &str| -> Vec<String> {
            let targets = catalog.resolve(name).expect(name).into_iter();
            targets
                .map(|target| format!("{}:{}", target.host.id, target.model))
                .collect()
        };
        assert_eq!(leads("fast"), ["acme:fast-1", "openai:gpt-4o-mini"]);
        assert_eq!(
            leads("gpt-4o"),
            ["acme:gpt-4o"],
            "it stands for the catalog's"
        );
        assert_eq!(leads("acme:anything"), ["acme:anything"]);
        assert_eq!(leads("openai:gpt-4o"), ["openai:gpt-4o"]);
        assert_eq!(leads("claude-sonnet-4-5")[0], "anthropic:claude-sonnet-4-5");
        let priced = catalog.resolve("acme:fast-1").expect("known").remove(0);
        assert!(priced.prices.is_some(), "by its name there, too");
        assert_eq!(
            catalog.resolve("fasd").expect_err("unknown").nearest[0],
            "fast"
        );
        assert_eq!(
            catalog
                .models()
                .filter(|model| model.id == "gpt-4o")
                .count(),
            1
        );
        assert_eq!(
            catalog.hosts().next().map(|host| host.id.as_str()),
            Some("acme")
        );
    }

    #[test]
    fn a_row_that_cannot_be_is_told_of_by_its_field() {
        let host = |changes: Value| {
            let mut row = acme().1;
            for (field, value) in changes.as_object().expect("fields") {
                row[field] = value.clone();
            }
            row
        };
        let fine = || json!({"bindings": [{"host": "acme"}]});
        for (hosts, models, problem) in [
            (
                vec![("openai", acme().1)],
                vec![],
                "host openai: `id` is taken",
            ),
            (
                vec![("Acme!", acme().1)],
                vec![],
                "host Acme!: `id` must be lower-case",
            ),
            (
                vec![("acme", host(json!({"name": " "})))],
                vec![],
                "`name` must be 1 to 100",
            ),
            (
                vec![("acme", host(json!({"baseUrl": "ftp://a.example"})))],
                vec![],
                "`baseUrl` must",
            ),
            (
                vec![("acme", host(json!({"baseUrl": "https://a:b@c.example"})))],
                vec![],
                "`baseUrl`",
            ),
            (
                vec![("acme", host(json!({"dialects": ["telegraph"]})))],
                vec![],
                "`dialects` names",
            ),
            (
                vec![(
                    "acme",
                    host(json!({"headers": {"Authorization": "Bearer x"}})),
                )],
                vec![],
                "`headers` may be",
            ),
            (
                vec![("acme", host(json!({"headers": {"a": "b\n"}})))],
                vec![],
                "`headers` has what",
            ),
            (
                vec![("acme", host(json!({"check": "models"})))],
                vec![],
                "`check` must be",
            ),
            (
                vec![],
                vec![("m", fine())],
                "model m: `host` names a host that is not",
            ),
            (
                vec![acme()],
                vec![("m", json!({"bindings": []}))],
                "`bindings` names no host",
            ),
            (
                vec![acme()],
                vec![("m", fine()), ("m", fine())],
                "model m: `id` is taken",
            ),
            (vec![acme()], vec![("a b", fine())], "`id` must be"),
            (
                vec![acme()],
                vec![("acme/m", fine())],
                "`id` must not begin with a host's",
            ),
            (
                vec![acme()],
                vec![(
                    "m",
                    json!({"bindings": [
                        {"host": "acme", "prices": {"input": -1.0, "output": 1.0}}
                    ]}),
                )],
                "`prices` must be dollars",
            ),
        ] {
            let error = overlay(&hosts, &models).expect_err(problem);
            assert!(error.contains(problem), "{error} instead of {problem}");
        }
    }
}
