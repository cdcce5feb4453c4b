//! The key widget: inside a closed shadow root, an end user connects a provider key, or sees, replaces and
//! disconnects what is connected.
//!
//! `widget/loader` (served as `/widget.js`) paints a skeleton, makes the shadow root, fetches this module and calls
//! [`mount`]. From there: `scene` holds the `model` and carries events to it; `view` draws it; `transport` talks to
//! Relay through the loader ([`Host`]) and seals the key on the way; `words` names what it says.
//!
//! The console is Leptos; this is not, any more. Every page that shows the widget downloads it, out of a budget of 55 KB
//! (brotli) until it shows. Leptos' renderer came to 20 KB more, the `leptos` crate to another 7, and its signals alone
//! to 9: for one model, and one place that draws it.

mod colour;
mod failure;
mod host;
mod json;
mod key;
mod model;
mod model_say;
mod options;
mod scene;
mod session;
mod transport;
mod view;
mod words;

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlElement;

use crate::colour::{Colours, Rgb, Theme};
pub use crate::host::Host;
use crate::json::Json;
use crate::options::{Format, Options};
use crate::scene::Scene;
use crate::words::Words;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// A mounted widget, as the loader holds it.
#[wasm_bindgen]
pub struct Widget {
    scene: Scene,
}

/// Draws the widget into `root`, an empty element of the loader's, and fetches the session.
///
/// `options` is an object: `mode`, `provider`, `theme` (`light` or `dark`), `lang`, `tag` and the colours `accent`,
/// `background`, `text`, `soft`, `border` and `danger` (`#rrggbb` or empty) are strings, `renewable` and `leaves`
/// flags, and `words` an object that has every sentence by its name.
#[wasm_bindgen]
pub fn mount(root: HtmlElement, options: &JsValue, host: Host) -> Widget {
    let scene = Scene::new(root, host);
    scene.configure(read(options), true);
    Widget { scene }
}

#[wasm_bindgen]
impl Widget {
    /// Takes new options, all of them; `anew` starts the widget over.
    pub fn update(&self, options: &JsValue, anew: bool) {
        self.scene.configure(read(options), anew);
    }

    /// The page is being left: nothing typed stays, in case it is come back to.
    pub fn pause(&self) {
        self.scene.pause();
    }

    /// The page was come back to; or, with `on_line`, the browser is on line again.
    pub fn resume(&self, on_line: bool) {
        self.scene.resume(on_line);
    }

    /// The widget is taken off the page. Answers still on their way are dropped.
    pub fn unmount(self) {
        self.scene.close();
    }
}

/// The style sheet for the shadow root.
#[wasm_bindgen]
pub fn stylesheet() -> String {
    include_str!("../style.css").to_owned()
}

fn read(options: &JsValue) -> Options {
    let colour = |name| Rgb::parse(&options.text_at(name));
    let words = options.field("words").unwrap_or(JsValue::NULL);
    let tag = options.text_at("tag");
    Options {
        manage: options.text_at("mode") == "manage",
        provider: options.text_at("provider"),
        colours: Colours {
            theme: Theme::parse(&options.text_at("theme")),
            accent: colour("accent"),
            background: colour("background"),
            text: colour("text"),
            soft: colour("soft"),
            border: colour("border"),
            danger: colour("danger"),
        },
        words: Words::read(|name| words.text_at(name)),
        lang: options.text_at("lang"),
        format: Format(Rc::new(move |kind, value| host::format(&tag, kind, value))),
        renewable: options.number_at("renewable") > 0,
        leaves: options.number_at("leaves") > 0,
    }
}
