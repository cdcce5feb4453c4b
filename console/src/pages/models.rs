//! The catalog: models, where they are served, what they can and what they cost.

mod edit;
mod one;
mod price;

use leptos::prelude::*;
use relay_api::{Host, Model, ModelKind};

pub(crate) use self::one::OneModel;
use self::price::dollars;
use crate::app::{may_change, use_session};
use crate::format;
use crate::listing::Listing;
use crate::navigation::{Link, Query};
use crate::route::{Route, query_with};
use crate::ui::{
    Badge, Cells, Empty, Icon, ListView, PageHeader, Tone, button, cell, column, number, owned,
    select_filter, table_panel, text_filter, with_sub,
};

/// The parameter of the model that is to be made.
const NEW: &str = "+new";

/// The models screen.
#[component]
pub(crate) fn Models() -> impl IntoView {
    let query = Query::current();
    let (wanted, provider) = (query.watch("q"), query.watch("provider"));
    let session = use_session();
    let listing = Listing::<Model>::at(session.clone(), move || {
        let asked = [("q", wanted.get()), ("provider", provider.get())];
        let asked: Vec<(&str, &str)> = asked
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        format!("/v1/catalog/models{}", query_with("?limit=50", &asked))
    });
    let hosts = Listing::<Host>::at(session, || "/v1/hosts".to_owned());
    let providers = Signal::derive(move || {
        let mut options = owned(&[("", "Any")]);
        options.extend(hosts.ready().into_iter().map(|host| (host.id, host.name)));
        options
    });
    view! {
        <PageHeader title=Route::Models.title() about="What can be called by name, where it is served, and what it costs. Prices are dollars per million tokens.">
            {may_change().then(|| view! { <Link to=Route::Model of=NEW class="btn">
                {Icon::Plus.view()}
                "Add your own"
            </Link> })}
        </PageHeader>
        <div class="filters" role="search" aria-label="Models">
            {text_filter("q", "Name", "claude", wanted.into(), move |text: String| query.replace(&[("q", text.trim())]))}
            {select_filter("provider", "Provider", provider.into(), providers, move |id: String| {
                query.push(&[("provider", &id)]);
            })}
        </div>
        <ListView listing=listing rows=table empty=move || nothing_found(query) />
    }
}

fn nothing_found(query: Query) -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::List
                title="No model of that name"
                text="Names are looked for in ids and titles. A model that the catalog does not have can be added as your own; PROVIDER:NAME calls it even so."
            >
                {button("btn", "Show all models", "", move || query.push(&[("q", ""), ("provider", "")]))}
            </Empty>
        </div>
    }
    .into_any()
}

fn table(models: Vec<Model>) -> AnyView {
    let columns = [
        column("Model"),
        column("Can"),
        number("Context"),
        number("Output"),
        number("Input price"),
        number("Output price"),
        number("Providers"),
    ];
    let rows = models.into_iter().map(row).collect();
    table_panel("Models", "table-heads table-models", &columns, rows)
}

fn row(model: Model) -> Cells {
    let name = model.name.clone();
    let link =
        view! { <Link to=Route::Model of=model.id.clone() class="link strong break">{name}</Link> };
    let id = if model.id == model.name {
        String::new()
    } else {
        model.id.clone()
    };
    let own = (!model.builtin).then(|| view! { " " <Badge tone=Tone::Good text="Yours" /> });
    let prices = model
        .bindings
        .first()
        .and_then(|binding| binding.prices.clone());
    let price = |read: fn(&relay_api::Prices) -> f64| {
        cell(
            prices
                .as_ref()
                .map_or_else(|| "–".to_owned(), |prices| dollars(read(prices))),
        )
    };
    Cells::from(vec![
        with_sub(view! { <span>{link}{own}</span> }.into_any(), id),
        can(&model),
        cell(size(model.context)),
        cell(size(model.output)),
        price(|prices| prices.input),
        price(|prices| prices.output),
        cell(model.bindings.len().to_string()),
    ])
}

/// What a model can, as badges.
fn can(model: &Model) -> AnyView {
    let kind = (model.kind == ModelKind::Embedding).then(|| "embeddings".to_owned());
    let reads = model
        .input_modalities
        .iter()
        .filter(|kind| *kind != "text")
        .cloned();
    let badges = kind
        .into_iter()
        .chain(
            model
                .capabilities
                .iter()
                .filter(|word| *word != "attachments")
                .cloned(),
        )
        .chain(reads)
        .map(|word| view! { <Badge tone=Tone::Quiet text=word.replace('-', " ") /> })
        .collect_view();
    view! { <span class="badges">{badges}</span> }.into_any()
}

/// A count of tokens, where it is known.
fn size(tokens: Option<u64>) -> String {
    tokens.map_or_else(|| "–".to_owned(), format::compact)
}
