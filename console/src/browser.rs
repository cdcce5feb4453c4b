//! The little the console asks of the browser itself: the clock, the clipboard, storage, dates.

use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, ResizeObserver, ResizeObserverEntry};

/// Milliseconds since 1970, by the reader's clock.
pub(crate) fn now_ms() -> i64 {
    whole(js_sys::Date::now())
}

/// Milliseconds since 1970 of an RFC 3339 instant; nothing if it is malformed.
pub(crate) fn instant_ms(timestamp: &str) -> Option<i64> {
    let ms = js_sys::Date::parse(timestamp);
    ms.is_finite().then(|| whole(ms))
}

/// Drops the fraction of a number of milliseconds, which JavaScript keeps below 2^53.
#[allow(clippy::cast_possible_truncation)]
fn whole(ms: f64) -> i64 {
    ms as i64
}

/// An instant in the reader's zone and language, to the second.
pub(crate) fn full_time(timestamp: &str) -> String {
    localized(
        timestamp,
        &[("dateStyle", "medium"), ("timeStyle", "medium")],
    )
}

/// An instant's date in the reader's zone and language.
pub(crate) fn date(timestamp: &str) -> String {
    localized(timestamp, &[("dateStyle", "medium")])
}

fn localized(timestamp: &str, options: &[(&str, &str)]) -> String {
    let instant = js_sys::Date::new(&timestamp.into());
    if instant.get_time().is_nan() {
        return timestamp.to_owned();
    }
    let settings = js_sys::Object::new();
    for (name, value) in options {
        // Setting a plain property of a fresh object cannot fail.
        let _ = js_sys::Reflect::set(&settings, &(*name).into(), &(*value).into());
    }
    let language = window()
        .navigator()
        .language()
        .unwrap_or_else(|| "en".to_owned());
    instant.to_locale_string(&language, &settings).into()
}

/// Puts text on the clipboard. Fails where the browser does not allow it, e.g. on plain HTTP.
pub(crate) async fn copy(text: &str) -> Result<(), JsValue> {
    // On an insecure origin `navigator.clipboard` is missing, whatever its type says.
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())?;
    let clipboard: web_sys::Clipboard = clipboard.dyn_into()?;
    JsFuture::from(clipboard.write_text(text)).await.map(drop)
}

/// A remembered preference.
pub(crate) fn stored(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Remembers a preference, or forgets it. Where storage is refused, it holds until the next load.
pub(crate) fn store(name: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}

/// Whether the reader is looking at this page.
pub(crate) fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Moves the keyboard to the first element that matches, if there is one.
pub(crate) fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector)
        && let Some(element) = element.dyn_ref::<HtmlElement>()
    {
        let _ = element.focus();
    }
}

/// Whether somebody is typing, so that the keyboard is not to be taken elsewhere.
pub(crate) fn is_typing() -> bool {
    let element = document().active_element();
    element.is_some_and(|element| {
        ["INPUT", "TEXTAREA", "SELECT"].contains(&element.tag_name().as_str())
    })
}

/// Watches how wide an element is, until it is dropped.
pub(crate) struct WidthWatch {
    observer: ResizeObserver,
    _heard: Closure<dyn FnMut(js_sys::Array)>,
}

impl WidthWatch {
    /// Tells the width within the padding, in CSS pixels: soon, and at each change of it, before that is painted.
    /// Asks for no layout of its own. None where the browser refuses, which none of today's does.
    pub(crate) fn new(element: &Element, told: impl Fn(u32) + 'static) -> Option<Self> {
        let heard = Closure::new(move |entries: js_sys::Array| {
            let latest = entries.pop().unchecked_into::<ResizeObserverEntry>();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            told(latest.content_rect().width() as u32);
        });
        let observer = ResizeObserver::new(heard.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _heard: heard,
        })
    }
}

impl Drop for WidthWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Leaves the console for a page elsewhere.
pub(crate) fn leave_for(url: &str) {
    // Refused only for what is no address, which the server does not send.
    let _ = window().location().assign(url);
}

/// An instant as RFC 3339 text in UTC, as Relay's queries take it.
pub(crate) fn iso(ms: i64) -> String {
    date_of(ms).to_iso_string().into()
}

/// JavaScript counts milliseconds in a number with a fraction, exact for any date there is.
#[allow(clippy::cast_precision_loss)]
fn date_of(ms: i64) -> js_sys::Date {
    js_sys::Date::new(&(ms as f64).into())
}

/// Writes many instants alike, in the reader's language: the browser takes long to make one of these.
pub(crate) struct DateFormat(js_sys::Function);

impl DateFormat {
    /// A format of `Intl.DateTimeFormat`'s options; in the reader's zone, if they name none.
    pub(crate) fn new(options: &[(&str, &str)]) -> Self {
        let settings = js_sys::Object::new();
        for (name, value) in options {
            // Setting a plain property of a fresh object cannot fail.
            let _ = js_sys::Reflect::set(&settings, &(*name).into(), &(*value).into());
        }
        let language = window().navigator().language();
        let languages = js_sys::Array::of1(&language.unwrap_or_else(|| "en".to_owned()).into());
        Self(js_sys::Intl::DateTimeFormat::new(&languages, &settings).format())
    }

    /// An instant in it.
    pub(crate) fn of(&self, ms: i64) -> String {
        let text = self.0.call1(&JsValue::UNDEFINED, &date_of(ms));
        text.ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    }
}

/// JSON indented to be read; any other text as it is.
pub(crate) fn pretty_json(text: &str) -> String {
    let parsed = js_sys::JSON::parse(text);
    let pretty = parsed.and_then(|value| {
        js_sys::JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &2.into())
    });
    pretty.map_or_else(|_| text.to_owned(), Into::into)
}

/// Whether the keyboard is at the element of this id.
pub(crate) fn is_focused(id: &str) -> bool {
    document()
        .active_element()
        .is_some_and(|element| element.id() == id)
}

/// When a day (`2026-11-21`) begins in the reader's zone; nothing if it is no day.
pub(crate) fn day_start_ms(day: &str) -> Option<i64> {
    // Without a zone a time is the reader's; a date alone would be UTC's.
    instant_ms(&format!("{day}T00:00"))
}

/// The page's `Relay` of `widget.js`, put into the page at the first call.
pub(crate) async fn widget_script() -> Result<JsValue, JsValue> {
    let relay = || js_sys::Reflect::get(&window(), &"Relay".into());
    if relay()?.is_undefined() {
        let script = document().create_element("script")?;
        script.set_attribute("src", "/widget.js")?;
        let loaded = js_sys::Promise::new(&mut |done, failed| {
            // Adding a listener to a fresh element cannot fail.
            let _ = script.add_event_listener_with_callback("load", &done);
            let _ = script.add_event_listener_with_callback("error", &failed);
        });
        if let Some(head) = document().head() {
            head.append_child(&script)?;
        }
        JsFuture::from(loaded).await?;
    }
    relay()
}

/// Loads the page anew.
pub(crate) fn reload() {
    // Fails only where a page may not navigate itself.
    let _ = window().location().reload();
}
