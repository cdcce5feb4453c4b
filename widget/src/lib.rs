//! The key widget: a form, inside a closed shadow root, in which an end user connects a provider key.
//!
//! The loader (`loader/`, served as `/widget.js`) paints a skeleton, makes the shadow root, fetches this module and
//! calls [`mount`]. From there: `scene` holds the `model` and carries events to it; `view` draws it;
//! `transport` talks to Relay and seals the key on the way; `words` speaks.
//!
//! It is built on Leptos' reactive system, the crate `reactive_graph`, without the rest of Leptos. Every page
//! that shows the widget downloads it, and Leptos' renderer came to 20 KB (brotli) more, the `leptos` crate
//! itself to another 7, out of a budget of 55 for everything.

mod colour;
mod failure;
mod json;
mod key;
mod model;
mod scene;
mod transport;
mod view;
mod words;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlElement;

use crate::colour::{Rgb, Theme};
use crate::json::Json;
use crate::model::Options;
use crate::scene::Scene;
use crate::view::Part;
use crate::words::Locale;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// A mounted widget, as the loader holds it.
#[wasm_bindgen]
pub struct Widget {
    scene: Scene,
    card: Part,
}

/// Draws the widget into `root`, an empty element of the loader's, and fetches the session.
///
/// `options` is an object of strings: `registrationToken`, `theme` (`light` or `dark`), `accentColor`
/// (`#rrggbb` or empty) and `locale`. `call` takes a path of Relay's, a token and a JSON body or
/// `undefined`, and promises `{ ok, body }`; its promise is broken when there was no answer. `emit` is
/// called with a name (`ready`, `success` or `error`) and what the page's callback of that name takes.
#[wasm_bindgen]
pub fn mount(root: HtmlElement, options: &JsValue, call: Function, emit: Function) -> Widget {
    // The only error is that an earlier mount has done it.
    _ = any_spawner::Executor::init_wasm_bindgen();
    let scene = Scene::new(root, read(options), call, emit);
    let card = view::card(&scene);
    // Fails only if the card held its parent.
    _ = scene.root().append_child(card.element());
    scene.load();
    Widget { scene, card }
}

#[wasm_bindgen]
impl Widget {
    /// Takes new options, all of them. A new token starts the widget over; anything else changes in place.
    pub fn update(&self, options: &JsValue) {
        self.scene.configure(read(options));
    }

    /// Takes the widget off the page. Answers still on their way are dropped.
    pub fn unmount(self) {
        self.scene.close();
        self.card.element().remove();
    }
}

/// The style sheet for the shadow root.
#[wasm_bindgen]
pub fn stylesheet() -> String {
    include_str!("../style.css").to_owned()
}

fn read(options: &JsValue) -> Options {
    Options {
        token: options.text_at("registrationToken"),
        theme: Theme::parse(&options.text_at("theme")),
        accent: Rgb::parse(&options.text_at("accentColor")),
        locale: Locale::parse(&options.text_at("locale")),
    }
}
