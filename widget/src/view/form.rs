//! The form: whose key, the key, and the button.

use tachys::html::element::{
    a, button, div, fieldset, form as form_element, input, label, legend, p, span,
};
use tachys::html::event::{self, change, click, submit};
use tachys::prelude::*;

use super::icon::{EYE, LOCK, OUT, STRIKE, TICK, icon};
use super::outcome::title;
use crate::model::Model;
use crate::scene::Scene;

/// The form of a session.
pub(super) fn form(scene: &Scene) -> AnyView {
    let on_submit = scene.clone();
    let heading = |model: &Model, _| {
        let words = model.words();
        model.say(if model.is_locked() {
            words.title_locked
        } else {
            words.title
        })
    };
    let main = |model: &Model, _| {
        let words = model.words();
        model.say(if model.busy {
            words.checking
        } else {
            words.connect
        })
    };
    form_element()
        .attr("novalidate", "")
        .attr("autocomplete", "off")
        .child((
            div().attr("class", "head").child((
                scene
                    .read(Model::is_locked)
                    .then(|| monogram(scene, scene.read(|model| model.chosen))),
                div().child((
                    title(scene.text(0, heading)),
                    p().attr("class", "intro")
                        .child(scene.text(0, |model, _| model.say(model.words().intro))),
                )),
            )),
            (!scene.read(Model::is_locked)).then(|| picker(scene)),
            key(scene),
            notes(scene),
            button()
                .attr("type", "submit")
                .attr("class", "main")
                .attr("aria-disabled", scene.text(0, busy))
                .child(
                    span()
                        .attr("class", "spinner")
                        .attr("hidden", scene.flag(0, |model, _| !model.busy)),
                )
                .child(span().child(scene.text(0, main))),
            p().attr("class", "promise").child((
                icon("", LOCK),
                span().child(scene.text(0, |model, _| model.words().promise.to_owned())),
            )),
        ))
        .on(submit, move |event| {
            event.prevent_default();
            on_submit.submit();
        })
        .into_any()
}

fn busy(model: &Model, _: usize) -> String {
    model.busy.to_string()
}

/// The providers to choose from, as radio buttons that look like tiles.
fn picker(scene: &Scene) -> AnyView {
    let places = 0..scene.read(|model| model.providers().len());
    fieldset()
        .attr("disabled", scene.flag(0, |model, _| model.busy))
        .child((
            legend().child(scene.text(0, |model, _| model.words().provider.to_owned())),
            div()
                .attr("class", "tiles")
                .child(places.map(|place| tile(scene, place)).collect::<Vec<_>>()),
        ))
        .into_any()
}

fn tile(scene: &Scene, place: usize) -> AnyView {
    let on_change = scene.clone();
    let connected = |model: &Model, place| {
        let last4 = model
            .existing(place)
            .map(|credential| credential.last4.as_str());
        last4.map_or_else(String::new, |last4| {
            [model.words().connected, " ·", last4].concat()
        })
    };
    label()
        .attr("class", "tile")
        .child((
            input()
                .attr("type", "radio")
                .attr("name", "provider")
                .attr("class", "unseen")
                .prop(
                    "checked",
                    scene.flag(place, |model, place| model.chosen == place),
                )
                .on(change, move |_| on_change.choose(place)),
            monogram(scene, place),
            span().attr("class", "name").child((
                scene.text(place, |model, place| model.say_at("{provider}", place)),
                span()
                    .attr("class", "state")
                    .child(scene.text(place, connected)),
            )),
            icon("mark", TICK),
        ))
        .into_any()
}

/// A provider's first letter in its colour.
pub(super) fn monogram(scene: &Scene, place: usize) -> AnyView {
    let provider = |read: fn(&relay_api::Provider) -> String| {
        scene.read(|model| model.providers().get(place).map(read).unwrap_or_default())
    };
    span()
        .attr("class", "monogram")
        .attr("data-provider", provider(|provider| provider.id.clone()))
        .attr("aria-hidden", "true")
        .child(provider(|provider| provider.name.chars().take(1).collect()))
        .into_any()
}

/// The field. What is typed is a property of the input alone: no attribute, signal or model holds it.
fn key(scene: &Scene) -> AnyView {
    let (on_input, on_show) = (scene.clone(), scene.clone());
    let key_url = |model: &Model, _| {
        let url = model
            .chosen_provider()
            .map_or("", |provider| &provider.key_url);
        if url.starts_with("https://") {
            url.to_owned()
        } else {
            String::new()
        }
    };
    let kind = |model: &Model, _| if model.shown { "text" } else { "password" }.to_owned();
    let show = |model: &Model, _| {
        let words = model.words();
        if model.shown { words.hide } else { words.show }.to_owned()
    };
    let placeholder = |model: &Model, _| {
        let hint = model
            .chosen_provider()
            .map_or("", |provider| &provider.key_hint);
        if hint.is_empty() {
            model.words().placeholder.to_owned()
        } else {
            [hint, "…"].concat()
        }
    };
    div()
        .attr("class", "field")
        .child((
            div().attr("class", "above").child((
                label()
                    .attr("for", "key")
                    .child(scene.text(0, |model, _| model.say(model.words().key))),
                a().attr("href", scene.text(0, key_url))
                    .attr(
                        "hidden",
                        scene.flag(0, |model, _| {
                            model
                                .chosen_provider()
                                .is_none_or(|one| !one.key_url.starts_with("https://"))
                        }),
                    )
                    .attr("target", "_blank")
                    .attr("rel", "noopener noreferrer")
                    .child((
                        span().child(scene.text(0, |model, _| model.words().get_key.to_owned())),
                        icon("", OUT),
                        span()
                            .attr("class", "unseen")
                            .child(scene.text(0, |model, _| model.words().new_tab.to_owned())),
                    )),
            )),
            div().attr("class", "box").child((
                input()
                    .attr("id", "key")
                    .attr("class", "key")
                    .attr("type", scene.text(0, kind))
                    .attr("placeholder", scene.text(0, placeholder))
                    .attr(
                        "aria-invalid",
                        scene.text(0, |model, _| model.problem.is_some().to_string()),
                    )
                    .attr("aria-describedby", "problem hint")
                    .attr("readonly", scene.flag(0, |model, _| model.busy))
                    .attr("autocomplete", "off")
                    .attr("autocapitalize", "off")
                    .attr("autocorrect", "off")
                    .attr("spellcheck", "false")
                    // Password managers and session recorders, each by its own word.
                    .attr("data-1p-ignore", "")
                    .attr("data-lpignore", "true")
                    .attr("data-bwignore", "")
                    .attr("data-form-type", "other")
                    .attr("data-dd-privacy", "hidden")
                    .on(event::input, move |_| on_input.typed()),
                button()
                    .attr("type", "button")
                    .attr("class", "show")
                    .attr("aria-label", scene.text(0, show))
                    .attr("aria-controls", "key")
                    .child((
                        icon("", EYE),
                        div()
                            .attr("class", "strike")
                            .attr("hidden", scene.flag(0, |model, _| model.shown))
                            .child(icon("", STRIKE)),
                    ))
                    .on(click, move |_| on_show.toggle_shown()),
            )),
        ))
        .into_any()
}

/// What is to be said about the key: a problem, else a hint, else what it will replace.
fn notes(scene: &Scene) -> AnyView {
    let on_switch = scene.clone();
    let switch = |model: &Model, _| {
        model.hint_place().map_or_else(String::new, |place| {
            model.say_at(model.words().switch, place)
        })
    };
    let replaces = |model: &Model, _| match model.existing(model.chosen) {
        Some(_) if model.hint.is_none() => model.say(model.words().replaces),
        _ => String::new(),
    };
    div()
        .attr("class", "notes")
        .child((
            p().attr("id", "problem")
                .attr("class", "problem")
                .attr("role", "alert")
                .child(scene.text(0, |model, _| model.problem_text())),
            div()
                .attr("id", "hint")
                .attr("class", "hint")
                .attr("aria-live", "polite")
                .child((
                    span().child(scene.text(0, |model, _| model.hint_text())),
                    button()
                        .attr("type", "button")
                        .attr(
                            "hidden",
                            scene.flag(0, |model, _| model.hint_place().is_none()),
                        )
                        .child(scene.text(0, switch))
                        .on(click, move |_| on_switch.follow_hint()),
                    span().child(scene.text(0, replaces)),
                )),
        ))
        .into_any()
}
