//! What the scene tells: the page hears of events, the root element of colours and language.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use super::Scene;
use crate::failure::Failure;
use crate::model::{Model, Screen};

/// What the page is told when it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    screen: Screen,
    provider: String,
    empty: bool,
    busy: bool,
}

impl Change {
    pub(super) fn of(model: &Model) -> Self {
        Self {
            screen: model.screen,
            provider: model
                .chosen_provider()
                .map_or_else(String::new, |one| one.id.clone()),
            empty: model.empty,
            busy: model.busy,
        }
    }
}

impl Scene {
    pub(super) fn tell_change(&self) {
        let now = self.read(Change::of);
        if self.outside.told.replace(now.clone()) != now {
            self.emit(
                "change",
                &[
                    ("screen", now.screen.as_str().into()),
                    ("provider", now.provider.into()),
                    ("empty", now.empty.into()),
                    ("busy", now.busy.into()),
                ],
            );
        }
    }

    pub(super) fn emit_success(&self) {
        let Some(key) = self.read(|model| model.connected.clone()) else {
            return;
        };
        let details = [
            ("provider", key.provider.into()),
            ("last4", key.last4.into()),
            ("status", key.health.as_str().into()),
        ];
        self.emit("success", &details);
    }

    pub(super) fn emit_problem(&self) {
        let (failure, message) = self.read(|model| (model.problem.clone(), model.problem_text()));
        if let Some(Failure { code, request_id }) = failure {
            let details = [
                ("code", code.as_str().into()),
                ("message", message.into()),
                ("requestId", request_id.into()),
            ];
            self.emit("error", &details);
        }
    }

    pub(super) fn emit(&self, name: &str, details: &[(&str, JsValue)]) {
        let object = Object::new();
        for (field, value) in details {
            // A plain object takes any field.
            _ = Reflect::set(&object, &(*field).into(), value);
        }
        self.outside.host.emit(name, &object);
    }

    /// Puts theme, language and colours on the root element.
    pub(super) fn dress(&self) {
        let root = &self.outside.root;
        let (colours, lang) =
            self.read(|model| (model.options.colours, model.options.lang.clone()));
        let theme = if colours.is_dark() { "dark" } else { "light" };
        // These fail only for malformed names, and the names are ours.
        _ = root.set_attribute("data-theme", theme);
        _ = root.set_attribute("lang", &lang);
        let style = root.style();
        for (name, colour) in colours.palette() {
            _ = style.set_property(name, &colour.to_css());
        }
    }
}
