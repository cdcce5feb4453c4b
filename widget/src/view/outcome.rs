//! The screens on which nothing is typed: done, blocked, and the question before a key is disconnected.

use super::form::{ending, leave, monogram};
use super::icon::{BANG, CUT, TICK, icon};
use super::part::{Part, Text, button, part, truth};
use crate::failure::Failure;
use crate::model::Model;
use crate::scene::{Action, Scene};
use crate::words::{Word, joined};

/// The key is connected.
pub(super) fn done(scene: &Scene, model: &Model) -> Part {
    part("div", "outcome good")
        .child(icon("badge", TICK))
        .child(titled(Word::DoneTitle))
        .child(part("p", "").word(Word::Done))
        .child(summary(model))
        .child(
            part("p", "note")
                .flag("hidden", 0, |model, _| !model.is_limited())
                .word(Word::Limited),
        )
        .child(leave(scene, "main", Word::Finish))
        .child(
            button(scene, "quiet", Action::Another)
                .flag("hidden", 0, |model, _| !model.may_connect_another())
                .word(Word::Another),
        )
}

/// The provider, and the end of its key.
fn summary(model: &Model) -> Part {
    let place = model.chosen;
    part("div", "summary")
        .child(monogram(model, place))
        .child(part("span", "name").say(place, |model, place| model.name(place).to_owned()))
        .child(part("span", "last4").say(place, ending))
}

/// Asks before a key is disconnected.
pub(super) fn confirm(scene: &Scene, model: &Model) -> Part {
    part("div", "outcome bad")
        .child(icon("badge", CUT))
        .child(titled(Word::DisconnectTitle))
        .child(part("p", "").word(Word::DisconnectText))
        .child(summary(model))
        .child(
            part("p", "problem")
                .set("role", "alert")
                .say(0, |model, _| model.problem_text()),
        )
        .child(
            part("div", "actions")
                .child(button(scene, "second", Action::Back).word(Word::Cancel))
                .child(
                    button(scene, "main danger", Action::Disconnect)
                        .text("aria-disabled", 0, |model, _| truth(model.busy).to_owned())
                        .say(0, |model, _| {
                            model.say(if model.busy {
                                Word::Disconnecting
                            } else {
                                Word::Disconnect
                            })
                        }),
                ),
        )
}

/// There is no form to show, and why.
pub(super) fn blocked(scene: &Scene) -> Part {
    let heading: Text = |model, _| {
        let title = |problem: &Failure| model.say(problem.code.title());
        model.problem.as_ref().map_or_else(String::new, title)
    };
    let reference: Text = |model, _| match &model.problem {
        Some(problem) if !problem.request_id.is_empty() => {
            joined(&[model.word(Word::Reference), " ", &problem.request_id])
        }
        _ => String::new(),
    };
    part("div", "outcome bad")
        .set("role", "alert")
        .child(icon("badge", BANG))
        .child(title(heading))
        .child(part("p", "").say(0, |model, _| model.problem_text()))
        .child(
            button(scene, "second", Action::Retry)
                .flag("hidden", 0, |model, _| !model.may_retry())
                .word(Word::Retry),
        )
        .child(leave(scene, "quiet", Word::Cancel))
        .child(part("p", "reference").say(0, reference))
}

/// The card's title.
pub(super) fn title(read: Text) -> Part {
    heading().say(0, read)
}

/// A title that is one sentence.
pub(super) fn titled(word: Word) -> Part {
    heading().word(word)
}

/// It takes the focus when the screen changes under the person's hands.
fn heading() -> Part {
    part("h2", "").set("id", "title").set("tabindex", "-1")
}
