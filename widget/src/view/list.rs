//! What is connected: which provider, since when, how it does, what it was used for this month.

use super::form::{ending, leave, monogram};
use super::icon::{PLUS, TICK, icon};
use super::outcome::title;
use super::part::{Part, Text, button, part};
use crate::model::Model;
use crate::scene::{Action, Scene};
use crate::words::Word;

/// The list. It is drawn anew whenever the model changes: nothing in it is typed into.
pub(super) fn list(scene: &Scene, model: &Model) -> Part {
    let head = part("div", "")
        .child(title(|model, _| model.say(Word::ManageTitle)))
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
                .child(part("span", "").say(0, |model, _| model.say(Word::Add))),
        )
        .child(leave(scene, "quiet", |model, _| model.say(Word::Finish)))
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
        .child(fact(place, |model, _| model.say(Word::Since), Model::since))
        .child(fact(place, |model, _| model.say(Word::Used), Model::used))
        .child(fact(
            place,
            |model, _| model.say(Word::Requests),
            |model, place| model.figure(place, "number", |used| used.requests),
        ))
        .child(fact(
            place,
            |model, _| model.say(Word::Tokens),
            |model, place| model.figure(place, "number", |used| used.tokens),
        ))
        .child(fact(
            place,
            |model, _| model.say(Word::Cost),
            |model, place| model.figure(place, "money", |used| used.dollars),
        ));
    let replace = button(scene, "second", Action::Replace(place))
        .text("aria-label", place, |model, place| {
            model.say_at(Word::ReplaceNamed, place)
        })
        .say(0, |model, _| model.say(Word::Replace));
    let disconnect = button(scene, "second danger", Action::Ask(place))
        .text("aria-label", place, |model, place| {
            model.say_at(Word::DisconnectNamed, place)
        })
        .say(0, |model, _| model.say(Word::Disconnect));
    part("li", "row")
        .child(top)
        .child(part("p", "note").say(place, Model::health_note))
        .child(facts)
        .child(part("div", "actions").child(replace).child(disconnect))
}

/// A figure under its name. An empty one is not shown.
fn fact(place: usize, name: Text, value: Text) -> Part {
    part("div", "fact")
        .child(part("dt", "").say(place, name))
        .child(part("dd", "").say(place, value))
}
