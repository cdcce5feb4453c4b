//! What the loader does for the widget, in the page.

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The loader's side, an object with these methods.
    pub type Host;

    /// Opens a session: promises `{ ok, body }`. `fresh` when the token is spent and the page should give another.
    #[wasm_bindgen(method)]
    pub fn session(this: &Host, fresh: bool) -> Promise;

    /// Calls Relay with the session's token: promises `{ ok, body }`, and breaks it when there was no answer.
    #[wasm_bindgen(method)]
    pub fn call(this: &Host, method: &str, path: &str, body: Option<&str>) -> Promise;

    /// Tells the page. Whatever the page does then is done later, so nothing of its own is thrown here.
    #[wasm_bindgen(method)]
    pub fn emit(this: &Host, name: &str, detail: &Object);

    /// Keeps its promise after so many milliseconds.
    #[wasm_bindgen(method)]
    pub fn wait(this: &Host, milliseconds: u32) -> Promise;
}

#[wasm_bindgen(module = "/src/platform.js")]
extern "C" {
    /// Bytes as base64url without padding.
    pub fn encode(bytes: &[u8]) -> String;

    /// And back; no bytes for what is none.
    pub fn decode(text: &str) -> Vec<u8>;

    /// A `date`, a time `ago`, a `number` or an amount of `money`, as readers of a BCP 47 tag write it.
    pub fn format(tag: &str, kind: &str, value: &str) -> String;
}
