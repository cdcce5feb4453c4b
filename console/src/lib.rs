//! The tenant console: a Leptos application in the browser, served at `/console`.
//!
//! Read in this order: [`app`] decides between the door and the shell; [`route`] names the
//! screens; [`pages`] holds one file a screen; [`api`] is the only way to the server; [`ui`] is
//! what screens are built from. A new screen is a `Route`, a line in `shell` and a file in `pages`.
//!
//! The page's Content-Security-Policy forbids inline scripts and `style` attributes: everything
//! about looks is a class in `style.css`.

#![cfg_attr(
    not(target_arch = "wasm32"),
    allow(
        dead_code,
        reason = "natively only the pure parts are exercised, by tests"
    )
)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties"
)]
#![allow(
    unreachable_pub,
    reason = "leptos's component macro makes its own items public"
)]

mod api;
mod app;
mod browser;
mod chart;
mod checks;
mod door;
mod format;
mod listing;
mod navigation;
mod pages;
mod parts;
mod percent;
mod problem;
mod provider;
mod remote;
mod report;
mod role;
mod route;
mod shell;
mod snippets;
mod ui;

use leptos::mount::mount_to;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the console: called by the module's glue once the WebAssembly is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    let document = document();
    // The skeleton painted before the WebAssembly arrived.
    if let Some(skeleton) = document.get_element_by_id("boot") {
        skeleton.remove();
    }
    let root = document
        .get_element_by_id("app")
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
        .or_else(|| document.body());
    if let Some(root) = root {
        mount_to(root, app::App).forget();
    }
}
