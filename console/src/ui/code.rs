//! Code to take away: a block with a copy button, and a few of them behind tabs.

use leptos::ev;
use leptos::prelude::*;

use super::CopyButton;
use crate::browser;

/// A block of code with a copy button.
#[component]
pub(crate) fn Code(
    /// The code.
    #[prop(into)]
    code: Signal<String>,
    /// What it is, for the copy button: "Copy" is put before it.
    #[prop(into)]
    what: String,
    /// A word above it, where no tab says what it is.
    #[prop(optional)]
    caption: &'static str,
) -> impl IntoView {
    let label = format!("Copy {what}");
    view! {
        <div class="code">
            <div class="code-head">
                <span class="sub">{caption}</span>
                <CopyButton text=code label=label />
            </div>
            // Scrolls sideways on a small screen, so the keyboard has to be able to reach it.
            <pre tabindex="0" role="region" aria-label=what>
                <code>{code}</code>
            </pre>
        </div>
    }
}

/// The same thing in one language or tool.
#[derive(Clone)]
pub(crate) struct Sample {
    /// The language or tool: the tab's name.
    pub(crate) name: &'static str,
    /// The code.
    pub(crate) code: Signal<String>,
}

/// The same thing in several languages, one at a time. Arrow keys move between tabs.
#[component]
pub(crate) fn Samples(
    /// What the samples do: "issue a registration token".
    what: &'static str,
    /// An id for this group, unique on the page.
    id: &'static str,
    /// The languages; at least one.
    samples: Vec<Sample>,
) -> impl IntoView {
    let shown = RwSignal::new(0_usize);
    let last = samples.len().saturating_sub(1);
    let on_key = move |event: ev::KeyboardEvent| {
        let current = shown.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" if current == last => 0,
            "ArrowRight" => current + 1,
            "ArrowLeft" if current == 0 => last,
            "ArrowLeft" => current - 1,
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        shown.set(next);
        browser::focus(&format!("#{id}-tab-{next}"));
    };
    let tabs = samples
        .iter()
        .enumerate()
        .map(|(index, sample)| {
            let selected = move || shown.get() == index;
            view! {
                <button
                    type="button"
                    role="tab"
                    class="tab"
                    id=format!("{id}-tab-{index}")
                    aria-controls=format!("{id}-panel-{index}")
                    aria-selected=move || selected().to_string()
                    tabindex=move || if selected() { "0" } else { "-1" }
                    on:click=move |_| shown.set(index)
                >
                    {sample.name}
                </button>
            }
        })
        .collect_view();
    let panels = samples
        .into_iter()
        .enumerate()
        .map(|(index, sample)| {
            view! {
                <div
                    role="tabpanel"
                    id=format!("{id}-panel-{index}")
                    aria-labelledby=format!("{id}-tab-{index}")
                    hidden=move || shown.get() != index
                >
                    <Code code=sample.code what=format!("{} to {what}", sample.name) />
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="samples">
            <div role="tablist" class="tabs" aria-label=format!("Ways to {what}") on:keydown=on_key>
                {tabs}
            </div>
            {panels}
        </div>
    }
}
