//! The catalog in the binary: what it has, and that it is what the importer makes.

use std::collections::HashMap;

use relay_server::catalog::{Capability, Catalog, ModelKind, import};
use relay_server::config::Config;

use crate::costs::shared;

const MODELS: &str = include_str!("../../../catalog/models.toml");

fn catalog() -> Catalog {
    let config = Config::read(|_| None).expect("defaults");
    Catalog::load(&config).expect("the built-in catalog is sound")
}

fn leads(name: &str) -> Vec<String> {
    let targets = catalog().resolve(name).expect(name).into_iter();
    targets
        .map(|target| format!("{}:{}", target.host.id, target.model))
        .collect()
}

#[test]
fn the_committed_models_are_what_the_importer_makes_of_the_facts() {
    let Some(root) = shared() else {
        return;
    };
    let facts = std::fs::read_to_string(root.join("data/models-dev.json")).expect("the facts");
    let made = import(&facts, &[]).expect("importable");
    assert!(
        made == MODELS,
        "catalog/models.toml is not what the facts and catalog/import.toml make: \
         relay catalog import FACTS --out catalog/models.toml"
    );
    let only = import(&facts, &["groq".to_owned()]).expect("importable");
    assert!(only.contains("id = \"gpt-oss-120b\"") && only.contains("host = \"together\""));
    assert!(!only.contains("id = \"gpt-4o\""));
    let unknown = import(&facts, &["nobody".to_owned()]).expect_err("no such host");
    assert_eq!(
        unknown.to_string(),
        "nobody is no host that models are imported for"
    );
    let wrong = import("[]", &[]).expect_err("no facts").to_string();
    assert!(
        wrong.starts_with("this is not models.dev's file"),
        "{wrong}"
    );
}

#[test]
fn there_are_forty_hosts_and_four_hundred_models_of_every_kind() {
    let catalog = catalog();
    let models = catalog.models();
    assert!(catalog.hosts().len() >= 40 && models.len() >= 400);
    let count = |what: &dyn Fn(&relay_server::catalog::Model) -> bool| {
        models.iter().filter(|model| what(model)).count()
    };
    assert!(count(&|model| model.kind == ModelKind::Embedding) >= 20);
    assert!(count(&|model| model.capabilities.contains(&Capability::Reasoning)) >= 200);
    assert!(count(&|model| model.bindings.len() > 1) >= 100);
    let bindings = models.iter().flat_map(|model| &model.bindings);
    let priced = bindings
        .clone()
        .filter(|binding| binding.prices.is_some())
        .count();
    println!(
        "{} hosts, {} models, {} bindings, {priced} of them priced",
        catalog.hosts().len(),
        models.len(),
        bindings.count()
    );
    assert!(priced >= 1000);
}

#[test]
fn every_model_is_found_where_it_says_it_is() {
    let catalog = catalog();
    let mut seen = HashMap::new();
    for model in catalog.models() {
        let targets = catalog.resolve(&model.id).expect(&model.id);
        assert_eq!(targets[0].host.id, model.bindings[0].host, "{}", model.id);
        for binding in &model.bindings {
            let name = format!("{}:{}", binding.host, binding.model);
            let target = catalog.resolve(&name).expect(&name).remove(0);
            assert_eq!(
                (&target.host.id, &target.model),
                (&binding.host, &binding.model)
            );
            assert_eq!(target.prices, binding.prices, "{name}");
            let host = &target.host;
            assert!(
                model.kind == ModelKind::Chat || host.embeddings.is_some(),
                "{name}"
            );
            *seen.entry(binding.host.clone()).or_insert(0) += 1;
        }
    }
    for host in catalog.hosts() {
        let local = host
            .base_url
            .as_ref()
            .is_some_and(|url| url.host_str() == Some("localhost"));
        assert!(
            local || seen.contains_key(&host.id),
            "{} has no models",
            host.id
        );
    }
}

#[test]
fn a_makers_model_is_tried_at_its_maker_first_and_an_unlisted_one_nowhere_else() {
    for (name, first) in [
        ("claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"),
        ("gpt-4o", "openai:gpt-4o"),
        ("gemini-2.5-flash", "google:gemini-2.5-flash"),
        ("mistral-large-2512", "mistral:mistral-large-2512"),
        ("deepseek-chat", "deepseek:deepseek-chat"),
        ("grok-4.3", "xai:grok-4.3"),
        ("glm-4.6", "zai:glm-4.6"),
        ("kimi-k2.5", "moonshot:kimi-k2.5"),
        ("MiniMax-M2", "minimax:MiniMax-M2"),
    ] {
        assert_eq!(leads(name)[0], first);
    }
    let everywhere = leads("claude-sonnet-4-5");
    for there in [
        "bedrock:global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "openrouter:anthropic/claude-sonnet-4.5",
    ] {
        assert!(
            everywhere.iter().any(|target| target == there),
            "{everywhere:?}"
        );
    }
    // Azure and others have these; their maker may, too.
    for name in ["gpt-4-32k", "gpt-3.5-turbo-0613", "o1-mini", "claude-next"] {
        let leads = leads(name);
        assert!(
            leads.len() == 1 && !leads[0].starts_with("azure"),
            "{leads:?}"
        );
    }
    // What its maker calls so today may be another model elsewhere.
    assert_eq!(leads("deepseek-chat").len(), 1);
    assert!(
        leads("gpt-oss-120b").len() > 5,
        "open weights have many hosts"
    );
    assert_eq!(
        leads("llama-3.3-70b-versatile"),
        ["groq:llama-3.3-70b-versatile"]
    );
}

#[test]
fn a_canonical_name_is_known_to_every_host_that_serves_the_model() {
    assert_eq!(
        leads("openrouter:claude-sonnet-4-5"),
        ["openrouter:anthropic/claude-sonnet-4.5"]
    );
    assert_eq!(
        leads("openrouter/anthropic/claude-sonnet-4.5"),
        ["openrouter:anthropic/claude-sonnet-4.5"]
    );
    let snapshot = catalog()
        .resolve("openai:gpt-4.1-2025-04-14")
        .expect("known")
        .remove(0);
    assert_eq!(snapshot.model, "gpt-4.1-2025-04-14");
    let prices = snapshot.prices.expect("its model's");
    assert!((prices.rates.input.nano_dollars_per_token() - 2000.0).abs() < f64::EPSILON);
}
