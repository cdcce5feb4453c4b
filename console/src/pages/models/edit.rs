//! A model of the tenant's own.

use leptos::prelude::*;
use relay_api::{Binding, Host, Model, ModelKind, NewModel, Prices};

use super::super::limits::whole;
use super::price;
use crate::api::Method;
use crate::app::use_session;
use crate::format;
use crate::listing::Listing;
use crate::navigation::use_navigator;
use crate::percent;
use crate::route::Route;
use crate::ui::{Confirm, ConfirmDialog, Field, Form, Toasts, button, form, group, owned, sending};

const KINDS: [(&str, &str); 2] = [("chat", "Chat"), ("embedding", "Embeddings")];

/// One place where it is served.
#[derive(Clone, Copy)]
struct Place {
    id: u32,
    host: RwSignal<String>,
    model: RwSignal<String>,
    input: RwSignal<String>,
    output: RwSignal<String>,
}

impl Place {
    fn of(id: u32, binding: Option<&Binding>) -> Self {
        let prices = binding.and_then(|binding| binding.prices.as_ref());
        let price = |read: fn(&Prices) -> f64| {
            RwSignal::new(
                prices
                    .map(|prices| price::dollars(read(prices)))
                    .unwrap_or_default(),
            )
        };
        Self {
            id,
            host: RwSignal::new(
                binding
                    .map(|binding| binding.host.clone())
                    .unwrap_or_default(),
            ),
            model: RwSignal::new(
                binding
                    .and_then(|binding| binding.model.clone())
                    .unwrap_or_default(),
            ),
            input: price(|prices| prices.input),
            output: price(|prices| prices.output),
        }
    }

    /// What was entered; what else the prices there say stays.
    fn binding(self, before: Option<&Model>) -> Option<Binding> {
        let given = |text: RwSignal<String>| {
            Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
        };
        let host = given(self.host)?;
        let prices = match (given(self.input), given(self.output)) {
            (None, None) => None,
            (input, output) => {
                let same = |binding: &&Binding| binding.host == host;
                let known =
                    before.and_then(|model| model.bindings.iter().find(same)?.prices.clone());
                Some(Prices {
                    input: format::decimal(&input?)?,
                    output: format::decimal(&output?)?,
                    ..known.unwrap_or_default()
                })
            }
        };
        Some(Binding {
            model: given(self.model),
            host,
            prices,
        })
    }
}

/// The form of one that there is, or of one that is to be made.
pub(super) fn editor(model: Option<Model>) -> AnyView {
    let session = use_session();
    let (toasts, navigator) = (expect_context::<Toasts>(), use_navigator());
    let hosts = Listing::<Host>::at(session.clone(), || "/v1/hosts".to_owned());
    let is_new = model.is_none();
    let text = |text: Option<String>| RwSignal::new(text.unwrap_or_default());
    let count = |count: Option<u64>| {
        RwSignal::new(count.map(|count| count.to_string()).unwrap_or_default())
    };
    let known = model.as_ref();
    let id = text(known.map(|model| model.id.clone()));
    let name = text(known.map(|model| model.name.clone()));
    let kind = RwSignal::new(
        if known.is_some_and(|model| model.kind == ModelKind::Embedding) {
            "embedding"
        } else {
            "chat"
        }
        .to_owned(),
    );
    let (context, output) = (
        count(known.and_then(|model| model.context)),
        count(known.and_then(|model| model.output)),
    );
    let first: Vec<Place> = match known {
        Some(model) => (0..)
            .zip(&model.bindings)
            .map(|(id, binding)| Place::of(id, Some(binding)))
            .collect(),
        None => vec![Place::of(0, None)],
    };
    let places = RwSignal::new(first);
    let tried = RwSignal::new(false);
    let body = view! {
        {is_new.then(|| {
            Field::new("Id", "model-id").hint("The name your apps call. One of the catalog's stands for that model from then on.").placeholder("our-assistant").line(id)
        })}
        <div class="field-pair">
            {Field::new("Name", "model-name").hint("What people read; the id, when empty.").line(name)}
            {Field::new("Kind", "model-kind").choice(kind, &KINDS)}
            {Field::new("Context", "model-context").hint("Input and output together, in tokens.").placeholder("128000").line(context)}
            {Field::new("Output at most", "model-output").hint("In tokens.").placeholder("8192").line(output)}
        </div>
        {group("Where it is served, the first to try first", served(places, hosts, tried))}
    };
    let before = StoredValue::new(model.clone());
    let submit = move || {
        tried.set(true);
        let bindings = before.with_value(|before| {
            places.with_untracked(|places| {
                places
                    .iter()
                    .map(|place| place.binding(before.as_ref()))
                    .collect::<Option<Vec<_>>>()
            })
        })?;
        let given = |text: RwSignal<String>| text.get_untracked().trim().to_owned();
        let wanted = NewModel {
            name: Some(given(name)).filter(|name| !name.is_empty()),
            kind: if given(kind) == "embedding" {
                ModelKind::Embedding
            } else {
                ModelKind::Chat
            },
            context: whole(&given(context)),
            output: whole(&given(output)),
            bindings,
        };
        let id = given(id);
        let path = path_of(&id);
        let session = session.clone();
        sending(async move {
            let _: Model = session.send(Method::Put, &path, &wanted).await?;
            if is_new {
                navigator.replace(&Route::Model.path_of(&id));
            }
            Ok(())
        })
    };
    let saved = Callback::new(move |()| toasts.done("Saved. It holds from the next call on."));
    let action = if is_new { "Add model" } else { "Save changes" };
    let title = if is_new { "" } else { "Change it" };
    view! {
        {(!title.is_empty()).then(|| view! { <h2 class="section-title">{title}</h2> })}
        <div class="panel page-form">{form(Form::new(body.into_any(), submit), action, false, None, saved)}</div>
        {model.map(|model| removal(model.id))}
    }
    .into_any()
}

/// A model's id may have slashes; each of its segments is encoded by itself.
fn path_of(id: &str) -> String {
    let path = id
        .split('/')
        .map(percent::encode)
        .collect::<Vec<_>>()
        .join("/");
    format!("/v1/catalog/models/{path}")
}

fn served(places: RwSignal<Vec<Place>>, hosts: Listing<Host>, tried: RwSignal<bool>) -> AnyView {
    let options = Signal::derive(move || {
        let mut options = owned(&[("", "Choose one")]);
        options.extend(hosts.ready().into_iter().map(|host| (host.id, host.name)));
        options
    });
    let row = move |place: Place| {
        let id = move |name: &str| format!("place-{name}-{}", place.id);
        let hostless = Signal::derive(move || {
            (tried.get() && place.host.with(String::is_empty))
                .then(|| "Choose a provider.".to_owned())
        });
        let wrong = move |text: RwSignal<String>, other: RwSignal<String>| {
            Signal::derive(move || {
                let (text, other) = (text.get(), other.get());
                let bad = format::decimal(&text).is_none()
                    && !(text.trim().is_empty() && other.trim().is_empty());
                (tried.get() && bad).then(|| "Both prices, or none: like 0.25.".to_owned())
            })
        };
        view! {
            <div class="limit place" role="group" aria-label="Place">
                {Field::new("Provider", id("host")).error(hostless).select(place.host, options)}
                {Field::new("Its name there", id("model")).placeholder("as the id").line(place.model)}
                {Field::new("Input price", id("input")).placeholder("unknown").error(wrong(place.input, place.output)).line(place.input)}
                {Field::new("Output price", id("output")).placeholder("unknown").error(wrong(place.output, place.input)).line(place.output)}
                {button("btn btn-small btn-plain btn-plain-danger", "Remove", "Remove this provider", move || {
                    places.update(|places| places.retain(|other| other.id != place.id));
                })}
            </div>
        }
        .into_any()
    };
    let add = move || {
        places.update(|places| {
            let id = places
                .iter()
                .map(|place| place.id + 1)
                .max()
                .unwrap_or_default();
            places.push(Place::of(id, None));
        });
    };
    view! {
        <div class="limits">
            <For each=move || places.get() key=|place| place.id let:place>
                {row(place)}
            </For>
            {button("btn btn-small", "Add a provider", "", add)}
        </div>
    }
    .into_any()
}

fn removal(id: String) -> AnyView {
    let session = StoredValue::new(use_session());
    let (toasts, navigator) = (expect_context::<Toasts>(), use_navigator());
    let confirm = Confirm::<String>::new();
    view! {
        <h2 class="section-title">"Remove"</h2>
        <div class="panel card">
            <p class="muted">"The catalog's model of the same name, if there is one, is called again."</p>
            <div class="actions-row">{button("btn btn-danger", "Remove model", "", move || confirm.ask(id.clone()))}</div>
        </div>
        <ConfirmDialog
            confirm=confirm
            id="remove-model"
            question=|id: &String| format!("Remove {id}?")
            consequence=|_| "Calls that name it lead elsewhere, or nowhere, at once.".to_owned()
            action="Remove model"
            perform=move |id: String| {
                let session = session.get_value();
                async move { session.delete(&path_of(&id)).await }
            }
            done=move |id: String| {
                toasts.done(format!("{id} removed."));
                navigator.go(&Route::Models.path());
            }
        />
    }
    .into_any()
}
