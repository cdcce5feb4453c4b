//! Between the model and the page: events go in, effects come out.

use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use reactive_graph::signal::ArcRwSignal;
use reactive_graph::traits::{Update, With, WithUntracked};
use relay_api::CredentialStatus;
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, HtmlInputElement};
use zeroize::Zeroizing;

use crate::colour::Palette;
use crate::failure::Failure;
use crate::key;
use crate::model::{Model, Options, Screen};
use crate::transport;

/// What every part of the widget shares. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scene {
    model: ArcRwSignal<Model>,
    outside: Rc<Outside>,
}

/// What lies outside the model.
struct Outside {
    root: HtmlElement,
    call: Function,
    emit: Function,
}

impl Scene {
    /// The scene before anything was asked.
    pub(crate) fn new(root: HtmlElement, options: Options, call: Function, emit: Function) -> Self {
        let scene = Self {
            model: ArcRwSignal::new(Model::new(options)),
            outside: Rc::new(Outside { root, call, emit }),
        };
        scene.dress();
        scene
    }

    /// The element the widget is drawn in.
    pub(crate) fn root(&self) -> &HtmlElement {
        &self.outside.root
    }

    /// The screen, observed.
    pub(crate) fn screen(&self) -> Screen {
        self.model.with(|model| model.screen)
    }

    /// The model, unobserved.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Model) -> T) -> T {
        self.model.with_untracked(read)
    }

    /// Text that follows the model; `place` is handed to `read`. One closure type for all of them, and
    /// plain functions in it, because each type brings its own copy of the rendering code.
    pub(crate) fn text(
        &self,
        place: usize,
        read: fn(&Model, usize) -> String,
    ) -> impl Fn() -> String + 'static {
        let model = self.model.clone();
        move || model.with(|model| read(model, place))
    }

    /// A flag that follows the model.
    pub(crate) fn flag(
        &self,
        place: usize,
        read: fn(&Model, usize) -> bool,
    ) -> impl Fn() -> bool + 'static {
        let model = self.model.clone();
        move || model.with(|model| read(model, place))
    }

    /// Fetches the session, from the beginning.
    pub(crate) fn load(&self) {
        let round = self.change(Model::begin);
        let token = self.read(|model| model.options.token.clone());
        let scene = self.clone();
        spawn_local(async move {
            let answer = transport::session(&scene.outside.call, &token).await;
            if scene.change(|model| model.opened(round, answer)) {
                match scene.read(|model| model.screen) {
                    Screen::Form => scene.emit("ready", &[]),
                    _ => scene.emit_problem(),
                }
            }
        });
    }

    /// Drops every answer still on its way.
    pub(crate) fn close(&self) {
        self.change(Model::begin);
    }

    /// Takes new options.
    pub(crate) fn configure(&self, options: Options) {
        let restart = self.read(|model| model.options.token != options.token);
        self.change(|model| model.options = options);
        self.dress();
        if restart {
            self.load();
        }
    }

    /// Chooses a provider.
    pub(crate) fn choose(&self, place: usize) {
        let key = self.key();
        self.change(|model| model.choose(place, &key));
    }

    /// Follows the hint to the other provider.
    pub(crate) fn follow_hint(&self) {
        if let Some(place) = self.read(Model::hint_place) {
            self.choose(place);
            self.focus(".key");
        }
    }

    /// The field changed: cleans it, and looks at what is left.
    pub(crate) fn typed(&self) {
        let Some(field) = self.field() else { return };
        let raw = Zeroizing::new(field.value());
        let key = Zeroizing::new(key::clean(&raw));
        if *raw != *key {
            field.set_value(&key);
        }
        self.change(|model| model.typed(&key));
    }

    /// Shows or hides what was typed.
    pub(crate) fn toggle_shown(&self) {
        self.change(|model| model.shown = !model.shown);
    }

    /// Seals and sends the key.
    pub(crate) fn submit(&self) {
        let key = self.key();
        let Some(submission) = self.change(|model| model.submit(&key)) else {
            self.focus_problem();
            return;
        };
        let body = transport::seal(&submission, &key);
        drop(key);
        let scene = self.clone();
        spawn_local(async move {
            let answer = match body {
                Ok(body) => transport::connect(&scene.outside.call, &submission.token, &body).await,
                Err(failure) => Err(failure),
            };
            if !scene.change(|model| model.answered(submission.round, answer)) {
                return;
            }
            if scene.read(|model| model.screen) == Screen::Done {
                scene.finish();
            } else {
                scene.emit_problem();
                scene.focus_problem();
            }
        });
    }

    /// Forgets the key and tells the page.
    fn finish(&self) {
        if let Some(field) = self.field() {
            field.set_value("");
        }
        let details = self.read(|model| {
            model.connected.as_ref().map(|credential| {
                let status = match credential.status {
                    CredentialStatus::Active => "active",
                    CredentialStatus::Limited => "limited",
                    CredentialStatus::Broken => "broken",
                };
                (
                    credential.provider.clone(),
                    credential.last4.clone(),
                    status,
                )
            })
        });
        if let Some((provider, last4, status)) = details {
            self.emit(
                "success",
                &[
                    ("provider", &provider),
                    ("last4", &last4),
                    ("status", status),
                ],
            );
        }
        self.focus("h2");
    }

    fn emit_problem(&self) {
        let (failure, message) = self.read(|model| (model.problem.clone(), model.problem_text()));
        if let Some(Failure { code, request_id }) = failure {
            let details = [
                ("code", code.as_str()),
                ("message", &message),
                ("requestId", &request_id),
            ];
            self.emit("error", &details);
        }
    }

    fn emit(&self, name: &str, details: &[(&str, &str)]) {
        let object = Object::new();
        for (field, text) in details {
            // A plain object takes any field.
            _ = Reflect::set(&object, &(*field).into(), &(*text).into());
        }
        // The loader's function defers the page's own, so nothing of the page's is thrown here.
        _ = self
            .outside
            .emit
            .call2(&JsValue::NULL, &name.into(), &object);
    }

    /// Changes the model and has what follows it drawn again.
    fn change<T>(&self, change: impl FnOnce(&mut Model) -> T) -> T {
        let mut result = None;
        self.model.update(|model| result = Some(change(model)));
        // `update` has run it: the signal lives as long as this scene.
        result.unwrap_throw()
    }

    /// Puts theme, language and colours on the root element.
    fn dress(&self) {
        let root = &self.outside.root;
        let (theme, palette, lang) = self.read(|model| {
            let Options { theme, accent, .. } = model.options;
            (theme, Palette::new(accent, theme), model.words().lang)
        });
        // These fail only for malformed names, and the names are ours.
        _ = root.set_attribute("data-theme", theme.as_str());
        _ = root.set_attribute("lang", lang);
        let style = root.style();
        for (name, colour) in [
            ("--accent", palette.accent),
            ("--on-accent", palette.on_accent),
            ("--ink", palette.ink),
        ] {
            _ = style.set_property(name, &colour.to_css());
        }
    }

    fn key(&self) -> Zeroizing<String> {
        let raw = Zeroizing::new(self.field().map(|field| field.value()).unwrap_or_default());
        Zeroizing::new(key::clean(&raw))
    }

    fn field(&self) -> Option<HtmlInputElement> {
        let found = self.outside.root.query_selector(".key").ok().flatten();
        found.map(JsCast::unchecked_into)
    }

    /// Moves the focus to where the problem is: the field, or the title of the card.
    fn focus_problem(&self) {
        let on_card = self.read(|model| model.screen == Screen::Blocked);
        self.focus(if on_card { "h2" } else { ".key" });
    }

    fn focus(&self, selector: &'static str) {
        let root = self.outside.root.clone();
        spawn_local(async move {
            // Rendering is queued like this task; after two turns it has been done.
            for _ in 0..2 {
                _ = JsFuture::from(Promise::resolve(&JsValue::NULL)).await;
            }
            if let Ok(Some(element)) = root.query_selector(selector) {
                _ = element.unchecked_into::<HtmlElement>().focus();
            }
        });
    }
}
