//! The two screens on which nothing more is typed.

use tachys::html::element::{button, div, h2, p, span};
use tachys::html::event::click;
use tachys::prelude::*;

use super::form::monogram;
use super::icon::{BANG, TICK, icon};
use crate::scene::Scene;

/// The key is connected.
pub(super) fn done(scene: &Scene) -> AnyView {
    let place = scene.read(|model| model.chosen);
    let chosen = scene.text(0, |model, _| model.say("{provider}"));
    let last4 = scene.text(0, |model, _| model.say("•••• {last4}"));
    let limited = scene.flag(0, |model, _| !model.is_limited());
    div()
        .attr("class", "outcome good")
        .child((
            icon("badge", TICK),
            title(scene.text(0, |model, _| model.say(model.words().done_title))),
            p().child(scene.text(0, |model, _| model.say(model.words().done))),
            div().attr("class", "summary").child((
                monogram(scene, place),
                span().attr("class", "name").child(chosen),
                span().attr("class", "last4").child(last4),
            )),
            p().attr("class", "note")
                .attr("hidden", limited)
                .child(scene.text(0, |model, _| model.say(model.words().limited))),
        ))
        .into_any()
}

/// There is no form to show, and why.
pub(super) fn blocked(scene: &Scene) -> AnyView {
    let again = scene.clone();
    let heading = |model: &crate::model::Model, _| {
        let code = model.problem.as_ref().map(|problem| problem.code);
        code.map_or("", model.words().failure_title).to_owned()
    };
    let reference = |model: &crate::model::Model, _| {
        let id = model
            .problem
            .as_ref()
            .map_or("", |problem| &problem.request_id);
        if id.is_empty() {
            String::new()
        } else {
            [model.words().reference, " ", id].concat()
        }
    };
    let is_final = |model: &crate::model::Model, _| {
        model
            .problem
            .as_ref()
            .is_some_and(|problem| problem.code.is_final())
    };
    div()
        .attr("class", "outcome bad")
        .attr("role", "alert")
        .child((
            icon("badge", BANG),
            title(scene.text(0, heading)),
            p().child(scene.text(0, |model, _| model.problem_text())),
            button()
                .attr("type", "button")
                .attr("class", "again")
                .attr("hidden", scene.flag(0, is_final))
                .child(scene.text(0, |model, _| model.words().retry.to_owned()))
                .on(click, move |_| again.load()),
            p().attr("class", "reference")
                .child(scene.text(0, reference)),
        ))
        .into_any()
}

/// The card's title. It takes the focus when the screen changes under the person's hands.
pub(super) fn title(text: impl Fn() -> String + Send + Clone + 'static) -> AnyView {
    h2().attr("id", "title")
        .attr("tabindex", "-1")
        .child(text)
        .into_any()
}
