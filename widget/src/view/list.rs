//! What is connected: which provider, since when, how it does, what it was used for this month.

use super::form::{ending, leave, monogram};
use super::icon::{PLUS, TICK, icon};
use super::outcome::titled;
use super::part::{Part, Text, button, part};
use crate::model::Model;
use crate::scene::{Action, Scene};
use crate::session::Use;
use crate::words::Word;

/// The list. It is drawn anew whenever the model changes: nothing in it is typed into.
pub(super) fn list(scene: &Scene, model: &Model) -> Part {
    let head = part("div", "")
        .child(titled(Word::ManageTitle))
        .child(part("p", "intro").say(0, |model, _| {
            let is_empty =
                (0..model.providers().len()).all(|place| model.existing(place).is_none());
            model.say(if is_empty {
                Word::Empty
            } else {
                Word::ManageIntro
            })
        }));
    let mut screen = part("div", "manage").child(head);
    if model.news.is_some() {
        let said = part("span", "").say(0, |model, _| model.news_text());
        screen = screen.child(part("p", "news").child(icon("", TICK)).child(said));
    }
    let places = (0..model.providers().len()).filter(|place| model.existing(*place).is_some());
    let rows = places.fold(part("ul", "rows").set("role", "list"), |rows, place| {
        rows.child(row(scene, model, place))
    });
    screen
        .child(rows)
        .child(
            button(scene, "second", Action::Add)
                .flag("hidden", 0, |model, _| !model.may_add())
                .child(icon("", PLUS))
                .child(part("span", "").word(Word::Add)),
        )
        .child(leave(scene, "quiet", Word::Finish))
}

fn row(scene: &Scene, model: &Model, place: usize) -> Part {
    let who = part("div", "name")
        .child(part("span", "").say(place, |model, place| model.name(place).to_owned()))
        .child(part("span", "last4").say(place, ending));
    let health = part("span", "health")
        .set("data-health", model.health(place).as_str())
        .say(place, Model::health_text);
    let top = part("div", "top")
        .child(monogram(model, place))
        .child(who)
        .child(health);
    let facts = part("dl", "facts")
        .child(fact(place, Word::Since, Model::since))
        .child(fact(place, Word::Used, Model::used))
        .child(fact(place, Word::Requests, |model, place| {
            model.figure(place, "number", |used| Some(used.requests))
        }))
        .child(fact(place, Word::Tokens, |model, place| {
            model.figure(place, "number", |used| Some(used.tokens))
        }))
        .child(fact(place, Word::Cost, |model, place| {
            model.figure(place, "money", cost)
        }));
    let replace = button(scene, "second", Action::Replace(place))
        .text("aria-label", place, |model, place| {
            model.say_at(Word::ReplaceNamed, place)
        })
        .word(Word::Replace);
    let disconnect = button(scene, "second danger", Action::Ask(place))
        .text("aria-label", place, |model, place| {
            model.say_at(Word::DisconnectNamed, place)
        })
        .word(Word::Disconnect);
    part("li", "row")
        .child(top)
        .child(part("p", "note").say(place, Model::health_note))
        .child(facts)
        .child(part("div", "actions").child(replace).child(disconnect))
}

/// What is known to have been spent; where no price is known, nothing is told.
fn cost(used: Use) -> Option<u64> {
    (used.nanodollars > 0).then_some(used.nanodollars)
}

/// A figure under its name. An empty one is not shown.
fn fact(place: usize, name: Word, value: Text) -> Part {
    part("div", "fact")
        .text("data-value", place, value)
        .child(part("dt", "").word(name))
        .child(part("dd", "").say(place, value))
}
