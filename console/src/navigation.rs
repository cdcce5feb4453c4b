//! Moving between screens without loading the page: the History API behind two signals.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::route::Route;

/// Where the reader is, and how to send them elsewhere. Copies share one state.
#[derive(Clone, Copy)]
pub(crate) struct Navigator {
    place: RwSignal<Place>,
}

/// A path and a query (`?a=b`, or empty).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) query: String,
}

impl Navigator {
    /// Reads the address bar, follows Back and Forward, and provides itself to every screen.
    pub(crate) fn provide() -> Self {
        let navigator = Self {
            place: RwSignal::new(here()),
        };
        let listener = window_event_listener(ev::popstate, move |_| navigator.place.set(here()));
        on_cleanup(move || listener.remove());
        provide_context(navigator);
        navigator
    }

    /// Which screen is shown. Tracks.
    pub(crate) fn route(self) -> Route {
        self.place.with(|place| Route::parse(&place.path))
    }

    /// The current address. Does not track.
    pub(crate) fn place(self) -> Place {
        self.place.get_untracked()
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
        let history = window().history();
        let moved = history.and_then(|history| {
            if replace {
                history.replace_state_with_url(&JsValue::NULL, "", Some(address))
            } else {
                history.push_state_with_url(&JsValue::NULL, "", Some(address))
            }
        });
        if moved.is_ok() {
            self.place.set(here());
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }
}

fn here() -> Place {
    let location = window().location();
    Place {
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
    let Place { path, query } = here();
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
    let follow = move |click: ev::MouseEvent| {
        let plain = click.button() == 0
            && !(click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key());
        if plain {
            click.prevent_default();
            navigator.go(to.path());
        }
    };
    let aria_current = move || (current && navigator.route() == to).then_some("page");
    view! {
        <a href=to.path() class=class aria-current=aria_current on:click=follow>
            {children()}
        </a>
    }
}
