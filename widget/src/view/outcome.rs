//! The two screens on which nothing more is typed.

use super::form::monogram;
use super::icon::{BANG, TICK, icon};
use super::part::{Part, part};
use crate::model::Model;
use crate::scene::Scene;

/// The key is connected.
pub(super) fn done(scene: &Scene) -> Part {
    let place = scene.read(|model| model.chosen);
    let summary = part("div", "summary")
        .child(monogram(scene, place))
        .child(part("span", "name").say(scene.text(0, |model, _| model.say("{provider}"))))
        .child(part("span", "last4").say(scene.text(0, |model, _| model.say("•••• {last4}"))));
    part("div", "outcome good")
        .child(icon("badge", TICK))
        .child(title(scene, |model, _| model.say(model.words().done_title)))
        .child(part("p", "").say(scene.text(0, |model, _| model.say(model.words().done))))
        .child(summary)
        .child(
            part("p", "note")
                .flag("hidden", scene.flag(0, |model, _| !model.is_limited()))
                .say(scene.text(0, |model, _| model.say(model.words().limited))),
        )
}

/// There is no form to show, and why.
pub(super) fn blocked(scene: &Scene) -> Part {
    let heading = |model: &Model, _| {
        let code = model.problem.as_ref().map(|problem| problem.code);
        code.map_or("", model.words().failure_title).to_owned()
    };
    let reference = |model: &Model, _| {
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
    let is_final = |model: &Model, _| {
        model
            .problem
            .as_ref()
            .is_some_and(|problem| problem.code.is_final())
    };
    let again = scene.clone();
    part("div", "outcome bad")
        .set("role", "alert")
        .child(icon("badge", BANG))
        .child(title(scene, heading))
        .child(part("p", "").say(scene.text(0, |model, _| model.problem_text())))
        .child(
            part("button", "again")
                .set("type", "button")
                .flag("hidden", scene.flag(0, is_final))
                .on("click", Box::new(move |_| again.load()))
                .say(scene.text(0, |model, _| model.words().retry.to_owned())),
        )
        .child(part("p", "reference").say(scene.text(0, reference)))
}

/// The card's title. It takes the focus when the screen changes under the person's hands.
pub(super) fn title(scene: &Scene, read: fn(&Model, usize) -> String) -> Part {
    part("h2", "")
        .set("id", "title")
        .set("tabindex", "-1")
        .say(scene.text(0, read))
}
