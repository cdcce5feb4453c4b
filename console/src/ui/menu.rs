//! A button that opens a short list of things to do or choose.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Icon;
use crate::browser;

/// One line of a menu.
pub(crate) struct Choice {
    /// What it says.
    pub(crate) label: String,
    /// Small, below.
    pub(crate) note: String,
    /// Whether it is the one in force; nothing for what is no choice.
    pub(crate) chosen: Option<bool>,
    /// Does it.
    pub(crate) act: Box<dyn Fn()>,
}

/// The button and its menu. Arrow keys move, Escape closes, and leaving closes.
pub(crate) fn menu(
    id: &'static str,
    label: &'static str,
    button: AnyView,
    choices: Vec<Choice>,
) -> AnyView {
    let open = RwSignal::new(false);
    let node = NodeRef::<html::Div>::new();
    let last = choices.len().saturating_sub(1);
    let show = move |index: usize| {
        open.set(true);
        request_animation_frame(move || browser::focus(&format!("#{id}-{index}")));
    };
    let close = move || {
        open.set(false);
        browser::focus(&format!("#{id}-button"));
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let at = (0..=last).find(|index| browser::is_focused(&format!("{id}-{index}")));
        let next = match (event.key().as_str(), at) {
            ("Escape", _) if open.get_untracked() => {
                // The folded navigation around it stays.
                event.stop_propagation();
                close();
                return;
            }
            ("ArrowDown", None) | ("Home", Some(_)) => 0,
            ("ArrowDown", Some(at)) => (at + 1) % (last + 1),
            ("ArrowUp", Some(at)) => at.checked_sub(1).unwrap_or(last),
            ("ArrowUp", None) | ("End", Some(_)) => last,
            _ => return,
        };
        event.prevent_default();
        show(next);
    };
    let on_leave = move |event: ev::FocusEvent| {
        let into = event
            .related_target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let inside = node
            .get_untracked()
            .is_some_and(|node| node.contains(into.as_ref()));
        if !inside {
            open.set(false);
        }
    };
    let toggle = move |_| {
        if open.get_untracked() {
            open.set(false);
        } else {
            show(0);
        }
    };
    let items = choices
        .into_iter()
        .enumerate()
        .map(|(index, choice)| item(id, index, choice, open))
        .collect_view();
    view! {
        <div class="menu" node_ref=node on:keydown=on_key on:focusout=on_leave>
            <button
                type="button"
                id=format!("{id}-button")
                class="menu-button"
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                aria-controls=id
                on:click=toggle
            >
                {button}
                <span class="visually-hidden">{label}</span>
                {Icon::Down.view()}
            </button>
            <div class="menu-list" id=id role="menu" aria-label=label hidden=move || !open.get()>
                {items}
            </div>
        </div>
    }
    .into_any()
}

fn item(id: &'static str, index: usize, choice: Choice, open: RwSignal<bool>) -> AnyView {
    let Choice {
        label,
        note,
        chosen,
        act,
    } = choice;
    let role = if chosen.is_some() {
        "menuitemradio"
    } else {
        "menuitem"
    };
    view! {
        <button
            type="button"
            id=format!("{id}-{index}")
            class="menu-item"
            role=role
            aria-checked=chosen.map(|chosen| chosen.to_string())
            tabindex="-1"
            // Keeps the keyboard where it is: a menu that is left closes, before the click arrives.
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| {
                open.set(false);
                act();
            }
        >
            <span class="menu-words">
                {label}
                {(!note.is_empty()).then(|| view! { <span class="sub">{note}</span> })}
            </span>
            {(chosen == Some(true)).then(|| Icon::Check.view())}
        </button>
    }
    .into_any()
}
