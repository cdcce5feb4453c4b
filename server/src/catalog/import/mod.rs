//! `relay catalog import`: models.dev's facts, made into the catalog's own format. The binary's
//! `catalog/models.toml` is its work, too.

mod facts;
mod identity;
mod rules;
mod write;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use relay_wire::Dialect;

use super::{BUILTIN, Binding, Host, Modality, Model, ModelKind};
use facts::{Fact, Facts};
use identity::key;
use rules::{Rules, Source};

/// Why a file cannot be imported: one sentence for the one who imports it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not what models.dev publishes.
    #[error("this is not models.dev's file (https://models.dev/api.json): {0}")]
    Facts(#[from] serde_json::Error),
    /// The binary's own hosts or rules cannot be read.
    #[error("the built-in catalog cannot be read: {0}")]
    Rules(#[from] toml::de::Error),
    /// `--only` names what is not there.
    #[error("{0} is no host that models are imported for")]
    Host(String),
}

/// A model at a host, as the facts have it.
struct Row<'a> {
    /// Where its host stands among all, which is where it stands among a model's bindings.
    host: usize,
    source: &'a Source,
    name: &'a str,
    rank: u8,
    fact: &'a Fact,
    kind: ModelKind,
}

/// Makes a file for `RELAY_CATALOG` of the text of models.dev's: of every host that Relay knows, or
/// of the models that `only` these hosts have, which are written with all their bindings.
pub fn import(text: &str, only: &[String]) -> Result<String, ImportError> {
    let facts: Facts = serde_json::from_str(text)?;
    let rules = Rules::read()?;
    let hosts = &BUILTIN.as_ref().map_err(Clone::clone)?.hosts;
    let known = |id: &&String| rules.sources.iter().any(|source| source.host == **id);
    if let Some(unknown) = only.iter().find(|id| !known(id)) {
        return Err(ImportError::Host(unknown.clone()));
    }
    let mut models = models(&facts, &rules, hosts);
    if !only.is_empty() {
        models.retain(|model| model.bindings.iter().any(|row| only.contains(&row.host)));
    }
    Ok(write::file(&models, hosts))
}

fn models(facts: &Facts, rules: &Rules, hosts: &[Host]) -> Vec<Model> {
    let mut models: BTreeMap<String, Model> = BTreeMap::new();
    for group in groups(facts, rules, hosts) {
        let model = model(&group, rules, hosts);
        if let Some(id) = name_of(&group, rules, hosts).filter(|id| !models.contains_key(id)) {
            models.insert(id.clone(), Model { id, ..model });
            continue;
        }
        // Its name is another's already: each host's is listed by itself.
        for row in group {
            let alone = self::model(&[row], rules, hosts);
            models.insert(alone.id.clone(), alone);
        }
    }
    let place = |id: &str| hosts.iter().position(|host| host.id == id);
    for (snapshot, name) in &rules.also {
        let others = models.get(snapshot).map(|model| model.bindings.clone());
        if let Some(model) = models.get_mut(name) {
            for row in others.into_iter().flatten() {
                if !model.bindings.iter().any(|known| known.host == row.host) {
                    model.bindings.push(row);
                }
            }
            // The first is the maker's.
            model.bindings[1..].sort_by_key(|row| place(&row.host));
        }
    }
    for model in &rules.models {
        models.insert(model.id.clone(), model.clone());
    }
    let mut models: Vec<Model> = models.into_values().collect();
    models.sort_by_cached_key(|model| {
        let first = model.bindings.first();
        (first.and_then(|row| place(&row.host)), model.id.clone())
    });
    models
}

/// Rows of one model each, the first to try first, at most one of a host.
fn groups<'a>(facts: &'a Facts, rules: &'a Rules, hosts: &[Host]) -> Vec<Vec<Row<'a>>> {
    let mut named: BTreeMap<(String, String), Vec<Row<'a>>> = BTreeMap::new();
    let mut bare: Vec<(String, Row<'a>)> = Vec::new();
    let mut alone: Vec<Row<'a>> = Vec::new();
    for row in rows(facts, rules, hosts) {
        let part = row.source.names.part(row.name);
        let name = key(&part.name);
        let vendor = part.vendor.or(row.source.maker.as_deref());
        match vendor.map(|vendor| rules.vendor(vendor)) {
            _ if row.source.maker.is_none() && rules.moves(&name) => alone.push(row),
            Some(vendor) => {
                let name = rules.same(&vendor, &name).unwrap_or(name);
                named.entry((vendor, name)).or_default().push(row);
            }
            None => bare.push((name, row)),
        }
    }
    let mut vendors: HashMap<String, Vec<String>> = HashMap::new();
    for (vendor, name) in named.keys() {
        vendors
            .entry(name.clone())
            .or_default()
            .push(vendor.clone());
    }
    for (name, row) in bare {
        if let Some(same) = rules.same_bare(&name) {
            named.entry(same).or_default().push(row);
            continue;
        }
        match vendors.get(&name).map(Vec::as_slice) {
            Some([vendor]) => named.entry((vendor.clone(), name)).or_default().push(row),
            _ => alone.push(row),
        }
    }
    let mut groups: Vec<Vec<Row<'a>>> = Vec::new();
    for mut group in named.into_values() {
        group.sort_by_key(|row| (row.source.maker.is_none(), row.host, row.rank));
        let mut seen = HashSet::new();
        let (first, others): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|row| seen.insert(row.host));
        groups.push(first);
        alone.extend(others);
    }
    groups.extend(alone.into_iter().map(|row| vec![row]));
    // Makers' names are theirs, whoever else has them.
    groups.sort_by_key(|group| !group.iter().any(|row| row.source.maker.is_some()));
    groups
}

/// What Relay can serve of the facts.
fn rows<'a>(facts: &'a Facts, rules: &'a Rules, hosts: &[Host]) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for source in &rules.sources {
        let Some(host) = hosts.iter().position(|host| host.id == source.host) else {
            continue;
        };
        let models = facts.get(source.from()).map(|provider| &provider.models);
        for (name, fact) in models.into_iter().flatten() {
            let Some(kind) = rules.kind(name).filter(|_| source.takes(name)) else {
                continue;
            };
            let text = |modalities: Vec<Modality>| modalities.contains(&Modality::Text);
            let embeds = kind == ModelKind::Chat || hosts[host].embeddings.is_some();
            let retired = source.maker.is_none() && fact.status.as_deref() == Some("deprecated");
            if text(fact.takes()) && text(fact.gives()) && embeds && !retired {
                rows.push(Row {
                    host,
                    source,
                    name,
                    rank: source.names.part(name).rank,
                    fact,
                    kind,
                });
            }
        }
    }
    rows
}

/// The name that callers use of what is at its maker's, or at more than one host.
fn name_of(group: &[Row<'_>], rules: &Rules, hosts: &[Host]) -> Option<String> {
    let first = group.first()?;
    if first.source.maker.is_some() {
        return Some(first.name.to_owned());
    }
    let name = first.source.names.part(first.name).name.to_lowercase();
    let begins = |prefix: &String| name.starts_with(prefix.as_str());
    let anothers = hosts.iter().any(|host| host.prefixes.iter().any(begins));
    (group.len() > 1 && (!anothers || rules.is_elsewhere(&name))).then_some(name)
}

/// The model of these rows, as the first describes it, by the name that leads to that alone.
fn model(group: &[Row<'_>], rules: &Rules, hosts: &[Host]) -> Model {
    let first = &group[0];
    let own = first.source.maker.is_some();
    let (context, output) = (first.fact.context(), first.fact.output());
    let id = if own {
        first.name.to_owned()
    } else {
        format!("{}:{}", first.source.host, first.name)
    };
    let bindings = group.iter().map(|row| {
        let less =
            |there: Option<u64>, most: Option<u64>| there.filter(|there| Some(*there) < most);
        Binding {
            host: row.source.host.clone(),
            model: row.name.to_owned(),
            dialects: dialects(first, &hosts[row.host], rules),
            context: less(row.fact.context(), context),
            output: less(row.fact.output(), output),
            prices: match rules.prices(&row.source.host, row.name) {
                Some(prices) => Some(Arc::new(prices.clone())),
                None => row.fact.prices(is_anthropics(row)).map(Arc::new),
            },
        }
    });
    Model {
        bindings: bindings.collect(),
        id,
        name: first.fact.name.clone(),
        kind: first.kind,
        released: first.fact.released(),
        context,
        output: output.filter(|_| first.kind == ModelKind::Chat),
        takes: first.fact.takes(),
        gives: first.fact.gives(),
        capabilities: match first.kind {
            ModelKind::Chat => first.fact.capabilities(),
            ModelKind::Embedding => Vec::new(),
        },
    }
}

fn dialects(first: &Row<'_>, host: &Host, rules: &Rules) -> Option<Vec<Dialect>> {
    let speaks = |dialect: &Dialect| host.dialects.contains(dialect);
    rules
        .dialects(first.name)
        .filter(|_| speaks(&Dialect::OpenAiResponses))
        .map(|dialects| dialects.iter().copied().filter(speaks).collect())
}

fn is_anthropics(row: &Row<'_>) -> bool {
    let named = row.source.names.part(row.name);
    key(&named.name).contains("claude")
}
