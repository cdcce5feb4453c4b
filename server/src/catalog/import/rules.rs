//! `catalog/import.toml`: which of the facts are taken, and what is said besides.

use std::collections::{BTreeMap, HashMap};

use relay_wire::Dialect;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::identity::{Names, key};
use crate::catalog::{Model, ModelKind, Prices};

const RULES: &str = include_str!("../../../../catalog/import.toml");

/// The rules, as the head of the file explains them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    skip: Vec<String>,
    embeds: Vec<String>,
    moving: Vec<String>,
    elsewhere: Vec<String>,
    vendors: BTreeMap<String, Vec<String>>,
    same: HashMap<String, String>,
    pub also: BTreeMap<String, String>,
    #[serde(deserialize_with = "dialects")]
    dialects: HashMap<String, Vec<Dialect>>,
    prices: Vec<Correction>,
    #[serde(rename = "model")]
    pub models: Vec<Model>,
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// A host in the facts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub host: String,
    from: Option<String>,
    pub maker: Option<String>,
    #[serde(default)]
    pub names: Names,
    #[serde(default)]
    only: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    host: String,
    model: String,
    prices: Prices,
}

impl Rules {
    pub(super) fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(RULES)
    }

    /// What a model of this name is for; none if it neither chats nor embeds.
    pub(super) fn kind(&self, name: &str) -> Option<ModelKind> {
        let name = name.to_lowercase();
        let has = |parts: &[String]| parts.iter().any(|part| name.contains(part.as_str()));
        if has(&self.skip) {
            return None;
        }
        Some(if has(&self.embeds) {
            ModelKind::Embedding
        } else {
            ModelKind::Chat
        })
    }

    /// Whether the name's meaning is its maker's to change.
    pub(super) fn moves(&self, name: &str) -> bool {
        name.ends_with("-latest") || self.moving.iter().any(|moving| key(moving) == name)
    }

    /// The one spelling of a vendor's name.
    pub(super) fn vendor(&self, word: &str) -> String {
        let word = word.to_lowercase();
        let spelled = |(_, words): &(&String, &Vec<String>)| words.contains(&word);
        match self.vendors.iter().find(spelled) {
            Some((vendor, _)) => vendor.clone(),
            None => word,
        }
    }

    /// The maker's name for what a vendor's model is called elsewhere, as a key.
    pub(super) fn same(&self, vendor: &str, name: &str) -> Option<String> {
        self.same.get(&format!("{vendor}/{name}")).map(|id| key(id))
    }

    /// The same of a name without a vendor, and the vendor, if only one has such a name.
    pub(super) fn same_bare(&self, name: &str) -> Option<(String, String)> {
        let mut found = self.same.iter().filter_map(|(known, id)| {
            let (vendor, model) = known.split_once('/')?;
            (model == name).then(|| (vendor.to_owned(), key(id)))
        });
        found.next().filter(|_| found.next().is_none())
    }

    /// Whether such a name is no promise that its vendor serves the model.
    pub(super) fn is_elsewhere(&self, name: &str) -> bool {
        self.elsewhere.iter().any(|begin| name.starts_with(begin))
    }

    /// In which dialects the model is served, where its host speaks Responses.
    pub(super) fn dialects(&self, id: &str) -> Option<&Vec<Dialect>> {
        self.dialects.get(id)
    }

    /// Prices that stand in for the facts'.
    pub(super) fn prices(&self, host: &str, model: &str) -> Option<&Prices> {
        let mut rows = self.prices.iter();
        rows.find(|row| row.host == host && row.model == model)
            .map(|row| &row.prices)
    }
}

impl Source {
    /// The provider's id in the facts.
    pub(super) fn from(&self) -> &str {
        self.from.as_deref().unwrap_or(&self.host)
    }

    pub(super) fn takes(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|begin| name.starts_with(begin))
    }
}

fn dialects<'de, D>(value: D) -> Result<HashMap<String, Vec<Dialect>>, D::Error>
where
    D: Deserializer<'de>,
{
    let rows = HashMap::<String, Vec<String>>::deserialize(value)?;
    let read = |(id, names): (String, Vec<String>)| {
        let dialects = names
            .iter()
            .map(|name| name.parse().map_err(D::Error::custom));
        Ok((id, dialects.collect::<Result<_, _>>()?))
    };
    rows.into_iter().map(read).collect()
}
