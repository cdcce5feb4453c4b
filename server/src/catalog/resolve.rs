//! Where a model's name leads: `provider:model` or `provider/model` wins, then the catalog, then
//! the hosts' prefixes; anything else is unknown, with the nearest names.

use std::sync::Arc;

use super::{Catalog, Host};

/// How many names an unknown model's error suggests.
const SUGGESTIONS: usize = 3;

/// Where a call goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The host to call.
    pub host: Arc<Host>,
    /// The model's name there.
    pub model: String,
}

/// No host is known for this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The nearest names the catalog has, best first.
    pub nearest: Vec<String>,
}

impl Catalog {
    /// Where `name` leads.
    pub fn resolve(&self, name: &str) -> Result<Target, Unresolved> {
        if let Some((host, model)) = name.split_once([':', '/'])
            && let Some(host) = self.host(host)
            && !model.is_empty()
        {
            return Ok(Target {
                host: Arc::clone(host),
                model: model.to_owned(),
            });
        }
        let host = match self.model(name) {
            Some(model) => self.host(&model.host),
            None => self.hosts().iter().find(|host| {
                host.prefixes
                    .iter()
                    .any(|prefix| name.starts_with(prefix.as_str()))
            }),
        };
        match host {
            Some(host) => Ok(Target {
                host: Arc::clone(host),
                model: name.to_owned(),
            }),
            None => Err(Unresolved {
                nearest: self.nearest(name),
            }),
        }
    }

    fn nearest(&self, name: &str) -> Vec<String> {
        let name: String = name.chars().take(64).collect::<String>().to_lowercase();
        let mut near: Vec<(usize, &str)> = self
            .models()
            .iter()
            .map(|model| (distance(&name, &model.id), model.id.as_str()))
            .filter(|(distance, id)| *distance <= id.len() / 2)
            .collect();
        near.sort_unstable();
        near.into_iter()
            .take(SUGGESTIONS)
            .map(|(_, id)| id.to_owned())
            .collect()
    }
}

/// Levenshtein's distance in bytes: model names are ASCII.
fn distance(left: &str, right: &str) -> usize {
    let right = right.as_bytes();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let substitute = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn catalog() -> Catalog {
        Catalog::built_in(&BTreeMap::new()).expect("the built-in catalog is sound")
    }

    fn leads(name: &str) -> Option<(String, String)> {
        catalog()
            .resolve(name)
            .ok()
            .map(|target| (target.host.id.clone(), target.model))
    }

    #[test]
    fn a_name_with_a_provider_goes_there_whatever_it_is() {
        let to = |host: &str, model: &str| Some((host.to_owned(), model.to_owned()));
        assert_eq!(
            leads("anthropic:claude-sonnet-4-5"),
            to("anthropic", "claude-sonnet-4-5")
        );
        assert_eq!(
            leads("openai/ft:gpt-4o:acme"),
            to("openai", "ft:gpt-4o:acme")
        );
        assert_eq!(leads("google/whatever"), to("google", "whatever"));
    }

    #[test]
    fn catalog_names_and_known_prefixes_find_their_host() {
        for (name, host) in [
            ("gpt-4o", "openai"),
            ("o3", "openai"),
            ("o9-mini", ""),
            ("gpt-99-not-yet-released", "openai"),
            ("text-embedding-3-small", "openai"),
            ("claude-sonnet-4-5", "anthropic"),
            ("claude-next", "anthropic"),
            ("gemini-2.5-flash", "google"),
            ("gemini-embedding-001", "google"),
        ] {
            assert_eq!(
                leads(name).map(|(host, _)| host).unwrap_or_default(),
                host,
                "{name}"
            );
        }
    }

    #[test]
    fn an_unknown_name_comes_with_the_nearest_ones() {
        let nearest = catalog().resolve("gtp-4o").expect_err("unknown").nearest;
        assert_eq!(nearest.first().map(String::as_str), Some("gpt-4o"));
        assert!(
            catalog()
                .resolve("zzzzzzzz")
                .expect_err("unknown")
                .nearest
                .is_empty()
        );
    }

    #[test]
    fn the_operators_base_url_replaces_the_catalogs() {
        let url: url::Url = "http://127.0.0.1:1/openai/v1".parse().expect("a URL");
        let catalog = Catalog::built_in(&BTreeMap::from([("openai".to_owned(), url.clone())]));
        assert_eq!(
            catalog
                .expect("sound")
                .host("openai")
                .expect("there")
                .base_url,
            url
        );
    }
}
