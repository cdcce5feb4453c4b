//! What narrows a list or a chart: small fields and switches that act at once.

use leptos::ev;
use leptos::prelude::*;

use crate::navigation::Query;

/// Filters above a list, and what clears them while any is set. `names` are theirs in the address.
pub(crate) fn filter_bar(query: Query, names: &'static [&'static str], fields: AnyView) -> AnyView {
    let is_set = query.has_any(names);
    view! {
        <div class="filters" role="search" aria-label="Filters">
            {fields}
            {move || is_set.get().then(|| clear_filters("btn btn-plain", query, names))}
        </div>
    }
    .into_any()
}

/// A button that takes all of these filters out of the address.
pub(crate) fn clear_filters(
    class: &'static str,
    query: Query,
    names: &'static [&'static str],
) -> AnyView {
    view! {
        <button type="button" class=class on:click=move |_| query.clear(names)>
            "Clear filters"
        </button>
    }
    .into_any()
}

/// From one day to another, as the address holds them.
pub(crate) fn days(query: Query) -> AnyView {
    let day = |name: &'static str, label| {
        date_field(
            name,
            label,
            query.watch(name).into(),
            move |text: String| {
                query.push(&[(name, &text)]);
            },
        )
    };
    view! { <div class="filter-pair">{day("from", "From")} {day("to", "To")}</div> }.into_any()
}

/// One of a few, all in sight.
pub(crate) fn segmented(
    label: &'static str,
    options: &'static [(&'static str, &'static str)],
    value: Signal<String>,
    choose: impl Fn(&'static str) + Clone + 'static,
) -> AnyView {
    let buttons = options
        .iter()
        .map(|(word, text)| {
            let choose = choose.clone();
            view! {
                <button
                    type="button"
                    class="segment"
                    aria-pressed=move || value.with(|value| value == word).to_string()
                    on:click=move |_| choose(word)
                >
                    {*text}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="segments" role="group" aria-label=label>
            {buttons}
        </div>
    }
    .into_any()
}

/// A field of a bar of filters: its label stands inside the same box. `enter` hears what is chosen.
fn filter(id: String, label: &'static str, control: AnyView) -> AnyView {
    view! {
        <div class="filter">
            <label for=id>{label}</label>
            {control}
        </div>
    }
    .into_any()
}

/// A day to choose, among filters.
fn date_field(
    name: &'static str,
    label: &'static str,
    value: Signal<String>,
    enter: impl Fn(String) + 'static,
) -> AnyView {
    let id = format!("filter-{name}");
    let control = view! {
        <input
            type="date"
            id=id.clone()
            prop:value=move || value.with(|value| value.get(..10).unwrap_or_default().to_owned())
            on:change=move |event| enter(event_target_value(&event))
        />
    }
    .into_any();
    filter(id, label, control)
}

/// How long after the last key a filter is applied.
const TYPED: std::time::Duration = std::time::Duration::from_millis(250);

/// A text to look for, among filters: applied soon after the last key.
pub(crate) fn text_filter(
    name: &'static str,
    label: &'static str,
    placeholder: &'static str,
    value: Signal<String>,
    enter: impl Fn(String) + Clone + 'static,
) -> AnyView {
    let id = format!("filter-{name}");
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let typed = move |event: ev::Event| {
        let (enter, text) = (enter.clone(), event_target_value(&event));
        let handle = set_timeout_with_handle(move || enter(text), TYPED).ok();
        waiting.update_value(|waiting| {
            if let Some(earlier) = std::mem::replace(waiting, handle) {
                earlier.clear();
            }
        });
    };
    let control = view! {
        <input
            type="search"
            id=id.clone()
            autocomplete="off"
            spellcheck="false"
            placeholder=placeholder
            prop:value=move || value.get()
            on:input=typed
        />
    }
    .into_any();
    filter(id, label, control)
}

/// One of several, among filters; the first is none.
pub(crate) fn select_filter(
    name: &'static str,
    label: &'static str,
    value: Signal<String>,
    options: Signal<Vec<(String, String)>>,
    enter: impl Fn(String) + 'static,
) -> AnyView {
    let id = format!("filter-{name}");
    let choices = move || {
        let chosen = value.get();
        let mut options = options.get();
        // What a link names is shown even while the names are not known.
        if options.iter().all(|(word, _)| *word != chosen) {
            options.push((chosen.clone(), chosen.clone()));
        }
        options
            .into_iter()
            .map(|(word, text)| {
                let selected = word == chosen;
                view! { <option value=word prop:selected=selected>{text}</option> }
            })
            .collect_view()
    };
    let control = view! {
        <select id=id.clone() on:change=move |event| enter(event_target_value(&event))>
            {choices}
        </select>
    }
    .into_any();
    filter(id, label, control)
}
