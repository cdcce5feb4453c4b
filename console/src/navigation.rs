//! Moving between screens without loading the page: the History API behind two signals.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::route::{self, Place, Route};

/// Where the reader is, and how to send them elsewhere. Copies share one state.
#[derive(Clone, Copy)]
pub(crate) struct Navigator {
    address: RwSignal<Address>,
    place: Memo<Place>,
}

/// A path and a query (`?a=b`, or empty).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) path: String,
    pub(crate) query: String,
}

impl Navigator {
    /// Reads the address bar, follows Back and Forward, and provides itself to every screen.
    pub(crate) fn provide() -> Self {
        let address = RwSignal::new(here());
        let navigator = Self {
            address,
            place: Memo::new(move |_| address.with(|address| Place::parse(&address.path))),
        };
        let listener = window_event_listener(ev::popstate, move |_| address.set(here()));
        on_cleanup(move || listener.remove());
        // A mailed link opened over the screen that it leads to changes the fragment alone: the screen begins anew,
        // as it would in another window.
        let listener = window_event_listener(ev::hashchange, move |_| {
            let screen = navigator.place.get_untracked().route;
            if screen.is_door() && !window().location().hash().unwrap_or_default().is_empty() {
                crate::browser::reload();
            }
        });
        on_cleanup(move || listener.remove());
        provide_context(navigator);
        navigator
    }

    /// What is shown: changes with the path, not with the query. Tracks.
    pub(crate) fn place(self) -> Place {
        self.place.get()
    }

    /// Which screen is shown. Tracks.
    pub(crate) fn route(self) -> Route {
        self.place.with(|place| place.route)
    }

    /// What the screen is about: the label of `/console/users/{label}`. Does not track, since
    /// another parameter makes the screen anew.
    pub(crate) fn parameter(self) -> String {
        self.place.with_untracked(|place| place.parameter.clone())
    }

    /// The current address. Does not track.
    pub(crate) fn address(self) -> Address {
        self.address.get_untracked()
    }

    /// Shows another address; Back returns here.
    pub(crate) fn go(self, address: &str) {
        self.show(address, false);
    }

    /// Shows another address in place of this one.
    pub(crate) fn replace(self, address: &str) {
        self.show(address, true);
    }

    fn show(self, address: &str, replace: bool) {
        if self.write(address, replace) {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    fn write(self, address: &str, replace: bool) -> bool {
        let history = window().history();
        let moved = history.and_then(|history| {
            if replace {
                history.replace_state_with_url(&JsValue::NULL, "", Some(address))
            } else {
                history.push_state_with_url(&JsValue::NULL, "", Some(address))
            }
        });
        if moved.is_ok() {
            self.address.set(here());
        }
        moved.is_ok()
    }
}

/// The address's query as a screen's state: filters that a reload, a link and Back keep. Writing
/// neither loads the page nor scrolls nor moves the keyboard.
#[derive(Clone, Copy)]
pub(crate) struct Query(Navigator);

impl Query {
    /// The query of the screen that asks.
    pub(crate) fn current() -> Self {
        Self(use_navigator())
    }

    /// The value of a name, empty where it has none. Tracks every change of the address.
    pub(crate) fn get(self, name: &str) -> String {
        let value = self
            .0
            .address
            .with(|address| route::query_value(&address.query, name));
        value.unwrap_or_default()
    }

    /// The value of a name as a signal that changes only when this value does.
    pub(crate) fn watch(self, name: &'static str) -> Memo<String> {
        Memo::new(move |_| self.get(name))
    }

    /// Changes some values; an empty one takes the name out. Back skips the change: for what is
    /// typed.
    pub(crate) fn replace(self, changes: &[(&str, &str)]) {
        self.0.write(&self.changed(changes), true);
    }

    /// Changes some values; an empty one takes the name out. Back undoes the change: for what is
    /// chosen.
    pub(crate) fn push(self, changes: &[(&str, &str)]) {
        let address = self.changed(changes);
        let Address { path, query } = self.0.address();
        if address != format!("{path}{query}") {
            self.0.write(&address, false);
        }
    }

    /// Whether any of these has a value.
    pub(crate) fn has_any(self, names: &'static [&'static str]) -> Memo<bool> {
        Memo::new(move |_| names.iter().any(|name| !self.get(name).is_empty()))
    }

    /// Takes all of these out; Back undoes it.
    pub(crate) fn clear(self, names: &[&str]) {
        let emptied: Vec<(&str, &str)> = names.iter().map(|name| (*name, "")).collect();
        self.push(&emptied);
    }

    fn changed(self, changes: &[(&str, &str)]) -> String {
        let Address { path, query } = self.0.address();
        format!("{path}{}", route::query_with(&query, changes))
    }
}

fn here() -> Address {
    let location = window().location();
    Address {
        path: location.pathname().unwrap_or_default(),
        query: location.search().unwrap_or_default(),
    }
}

/// Takes the fragment (`#TOKEN`) out of the address bar and out of the history, and returns it.
pub(crate) fn take_fragment() -> Option<String> {
    let fragment = window().location().hash().unwrap_or_default();
    let token = fragment.trim_start_matches('#').to_owned();
    if token.is_empty() {
        return None;
    }
    let Address { path, query } = here();
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{path}{query}")));
    }
    Some(token)
}

/// The navigator every screen shares.
pub(crate) fn use_navigator() -> Navigator {
    expect_context()
}

/// A link to a screen. A plain click stays in the page; a middle click or a click with a
/// modifier is left to the browser.
#[component]
pub(crate) fn Link(
    /// Where it leads.
    to: Route,
    /// What the screen is about, where it has a parameter.
    #[prop(optional, into)]
    of: String,
    /// The query, `?a=b`, or empty.
    #[prop(optional, into)]
    query: String,
    /// CSS classes.
    #[prop(optional, into)]
    class: String,
    /// Marks the screen that is shown.
    #[prop(optional)]
    current: bool,
    /// What the link says.
    children: Children,
) -> impl IntoView {
    let navigator = use_navigator();
    let address = format!("{}{query}", to.path_of(&of));
    let href = address.clone();
    let follow = move |click: ev::MouseEvent| {
        let plain = click.button() == 0
            && !(click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key());
        if plain {
            click.prevent_default();
            navigator.go(&address);
        }
    };
    let aria_current = move || match navigator.route() {
        route if !current || route.section() != to => None,
        route if route == to => Some("page"),
        // One of the rows of that screen is shown.
        _ => Some("true"),
    };
    view! {
        <a href=href class=class aria-current=aria_current on:click=follow>
            {children()}
        </a>
    }
}
