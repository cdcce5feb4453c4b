//! One model: what it is, and where it is served at which prices.

use leptos::prelude::*;
use relay_api::{Binding, Model, Prices};

use super::price::dollars;
use super::{NEW, can, edit, size};
use crate::app::{may_change, use_session};
use crate::navigation::{Link, use_navigator};
use crate::percent;
use crate::provider;
use crate::remote::Remote;
use crate::route::{Route, query_with};
use crate::ui::{
    Cells, CopyButton, PageHeader, cell, column, facts, number, table_panel, with_sub,
};

/// The screen of one model, or of one that is to be made.
#[component]
pub(crate) fn OneModel() -> impl IntoView {
    let id = use_navigator().parameter();
    if id == NEW {
        return view! {
            <PageHeader title="Your own model" about="A name your apps call, and where it leads." up=Route::Models />
            {edit::editor(None)}
        }
        .into_any();
    }
    // A model's id may have slashes; each of its segments is encoded by itself.
    let path = id
        .split('/')
        .map(percent::encode)
        .collect::<Vec<_>>()
        .join("/");
    let path = format!("/v1/catalog/models/{path}");
    let model = Remote::<Model>::new(use_session(), move || path.clone());
    let calls = query_with("", &[("model", &id)]);
    view! {
        <PageHeader title=id.clone() up=Route::Models>
            <Link to=Route::Requests query=calls class="btn">"Requests"</Link>
            <CopyButton text=Signal::stored(id) label="Copy id of the model" word="Copy id" />
        </PageHeader>
        {model.view(shown)}
    }
    .into_any()
}

fn shown(model: Model) -> AnyView {
    let modalities = |words: &[String]| {
        cell(if words.is_empty() {
            "–".to_owned()
        } else {
            words.join(", ")
        })
    };
    let known = facts(vec![
        ("Name", cell(model.name.clone())),
        (
            "Released",
            cell(model.released.clone().unwrap_or_else(|| "–".to_owned())),
        ),
        ("Context", cell(size(model.context))),
        ("Output at most", cell(size(model.output))),
        ("Reads", modalities(&model.input_modalities)),
        ("Writes", modalities(&model.output_modalities)),
        ("Can", can(&model)),
    ]);
    let columns = [
        column("Provider"),
        number("Input"),
        number("Output"),
        number("Cache read"),
        number("Cache write"),
        number("Reasoning"),
        column("Beyond"),
    ];
    let rows = model.bindings.iter().map(binding).collect();
    let own = if model.builtin {
        view! {
            <p class="small-print">
                "To serve it elsewhere or at your own prices, add a model of your own with the same id: it stands for this one."
            </p>
        }
        .into_any()
    } else if !may_change() {
        ().into_any()
    } else {
        edit::editor(Some(model))
    };
    view! {
        <section class="panel card" aria-label="The model">{known}</section>
        <h2 class="section-title">"Where it is served"</h2>
        <p class="page-about">"The first one is tried first. Dollars per million tokens."</p>
        {table_panel("Where it is served", "table-heads", &columns, rows)}
        {own}
    }
    .into_any()
}

fn binding(binding: &Binding) -> Cells {
    let Binding {
        host,
        model,
        prices,
    } = binding;
    let name = with_sub(
        cell(provider::name(host)),
        model.clone().unwrap_or_default(),
    );
    let Some(prices) = prices else {
        let unknown = || cell("–");
        let said = cell("No price known");
        return Cells::from(vec![
            name,
            unknown(),
            unknown(),
            unknown(),
            unknown(),
            unknown(),
            said,
        ]);
    };
    let some = |price: Option<f64>| cell(price.map_or_else(|| "–".to_owned(), dollars));
    Cells::from(vec![
        name,
        cell(dollars(prices.input)),
        cell(dollars(prices.output)),
        some(prices.cache_read),
        some(prices.cache_write_5m),
        some(prices.reasoning),
        beyond(prices),
    ])
}

/// What a long request costs instead.
fn beyond(prices: &Prices) -> AnyView {
    let tiers: Vec<String> = prices
        .tiers
        .iter()
        .map(|tier| {
            format!(
                "above {}: {} in, {} out",
                size(Some(tier.above)),
                dollars(tier.input),
                dollars(tier.output)
            )
        })
        .collect();
    cell(if tiers.is_empty() {
        "–".to_owned()
    } else {
        tiers.join("; ")
    })
}
