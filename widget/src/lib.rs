//! The key widget: a form, inside a closed shadow root, in which an end user connects a provider key.
//!
//! `loader.js` (served as `/widget.js`) paints a skeleton, makes the shadow root, fetches this module and
//! calls [`mount`]. From there: `scene` holds the `model` and carries events to it; `view` draws it;
//! `transport` talks to Relay and seals the key on the way; `words` speaks.
//!
//! It is built on Leptos' renderer and signals, the crates `tachys` and `reactive_graph`, without the
//! `leptos` crate around them: that one always exports its server functions' stream classes, which add a
//! fifth to the download and which no form needs.

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
use reactive_graph::owner::Owner;
use tachys::view::any_view::AnyViewState;
use tachys::view::{Mountable, Render};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use crate::colour::{Rgb, Theme};
use crate::json::Json;
use crate::model::Options;
use crate::scene::Scene;
use crate::words::Locale;

/// A mounted widget, as the loader holds it.
#[wasm_bindgen]
pub struct Widget {
    scene: Scene,
    view: AnyViewState,
    /// Owns every signal; dropping it ends them.
    owner: Owner,
}

/// Draws the widget into `root`, an empty element of the loader's, and fetches the session.
///
/// `options` is an object of strings: `origin` (Relay's own), `registrationToken`, `theme` (`light` or
/// `dark`), `accentColor` (`#rrggbb` or empty) and `locale`. `emit` is called with a name (`ready`,
/// `success` or `error`) and what the page's callback of that name takes.
#[wasm_bindgen]
pub fn mount(root: HtmlElement, options: &JsValue, emit: Function) -> Widget {
    // The only error is that an earlier mount has done it.
    _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = Owner::new();
    let (scene, view) = owner.with(|| {
        let scene = Scene::new(root, read(options), emit);
        let parent: Element = scene.root().clone().unchecked_into();
        let mut view = view::card(&scene).build();
        view.mount(&parent, None);
        (scene, view)
    });
    scene.load();
    Widget { scene, view, owner }
}

#[wasm_bindgen]
impl Widget {
    /// Takes new options, all of them. A new token starts the widget over; anything else changes in place.
    pub fn update(&self, options: &JsValue) {
        self.scene.configure(read(options));
    }

    /// Takes the widget off the page. Answers still on their way are dropped.
    pub fn unmount(mut self) {
        self.view.unmount();
        self.owner.cleanup();
    }
}

/// The style sheet for the shadow root.
#[wasm_bindgen]
pub fn stylesheet() -> String {
    include_str!("../style.css").to_owned()
}

fn read(options: &JsValue) -> Options {
    Options {
        origin: options.text_at("origin"),
        token: options.text_at("registrationToken"),
        theme: Theme::parse(&options.text_at("theme")),
        accent: Rgb::parse(&options.text_at("accentColor")),
        locale: Locale::parse(&options.text_at("locale")),
    }
}
