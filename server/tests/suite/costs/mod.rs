//! What calls cost: every recorded answer with usage is priced by the catalog and, by another way,
//! from the published facts and the provider's own fields.

mod facts;
mod recordings;

use std::collections::BTreeMap;

use relay_server::catalog::{Catalog, NanoDollars, cost};
use relay_server::config::Config;

use facts::Facts;
use recordings::Recording;
pub(crate) use recordings::shared;

fn catalog() -> Catalog {
    let config = Config::read(|_| None).expect("defaults");
    Catalog::load(&config).expect("the built-in catalog is sound")
}

/// The price by the catalog, as the gateway finds it: by the model that was asked for, else by the
/// one that says it answered.
fn priced(catalog: &Catalog, recording: &Recording) -> Option<(String, NanoDollars)> {
    recording.models.iter().find_map(|model| {
        let target = catalog
            .resolve(&format!("{}:{model}", recording.host))
            .ok()?
            .remove(0);
        let prices = target.prices?;
        Some((model.clone(), cost(&prices, &recording.usage)))
    })
}

#[test]
fn every_recorded_usage_costs_what_the_published_prices_say() {
    let Some(root) = shared() else {
        return;
    };
    let facts = Facts::read(&root);
    let catalog = catalog();
    let mut compared = BTreeMap::<String, usize>::new();
    let mut wrong = Vec::new();
    let mut kinds = [0_usize; 4];
    let mut unpriced = BTreeMap::<String, usize>::new();
    for recording in recordings::with_usage(&root) {
        let Some((model, cost)) = priced(&catalog, &recording) else {
            let model = recording.models.first().map_or("?", String::as_str);
            *unpriced
                .entry(format!("{}:{model}", recording.host))
                .or_default() += 1;
            continue;
        };
        let Some(expected) = facts.cost(&recording, &model) else {
            let by_hand = format!("{}:{model} (priced in import.toml)", recording.host);
            *unpriced.entry(by_hand).or_default() += 1;
            continue;
        };
        if i128::from(cost.0) != expected {
            let (name, raw) = (&recording.name, &recording.raw);
            wrong.push(format!(
                "{name}: {model}: {} and not {expected}: {raw}",
                cost.0
            ));
        }
        *compared.entry(recording.host.clone()).or_default() += 1;
        let usage = &recording.usage;
        for (kind, used) in kinds.iter_mut().zip([
            usage.cached_read_tokens > 0,
            usage.cached_write_tokens > 0,
            usage.reasoning_tokens > 0,
            usage.input_audio_tokens > 0,
        ]) {
            *kind += usize::from(used);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sum: usize = compared.values().sum();
    let [read, written, reasoned, heard] = kinds;
    println!("{sum} recordings cost what they should: {compared:?}");
    println!(
        "of them {read} read a cache, {written} wrote one, {reasoned} reasoned, {heard} heard"
    );
    println!("not compared, for want of a published price: {unpriced:?}");
    assert!(
        sum >= 800 && read > 50 && written > 10 && reasoned > 100,
        "too few to mean much"
    );
}
