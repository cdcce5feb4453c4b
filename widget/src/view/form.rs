//! The form: whose key, the key, and the button.

use super::icon::{BACK, EYE, EYE_STRUCK, LOCK, OUT, TICK, icon};
use super::outcome::title;
use super::part::{Part, button, part, truth};
use crate::model::Model;
use crate::scene::{Action, Scene};
use crate::words::{Word, joined};

/// The form of a session.
pub(super) fn form(scene: &Scene, model: &Model) -> Part {
    let head = part("div", "")
        .child(title(|model, _| model.form_title()))
        .child(part("p", "intro").word(Word::Intro));
    let mut form = part("form", "")
        .set("novalidate", "")
        .set("autocomplete", "off")
        .on(scene, "submit", Action::Submit);
    if model.from_list {
        form = form.child(
            button(scene, "back", Action::Back)
                .child(icon("", BACK))
                .child(part("span", "").word(Word::Back)),
        );
    }
    form = if model.is_single() {
        let mark = monogram(model, model.chosen);
        form.child(part("div", "head").child(mark).child(head))
    } else {
        form.child(head).child(picker(scene, model))
    };
    form.child(key(scene))
        .child(submit())
        .child(leave(scene, "quiet", Word::Cancel))
        .child(promise())
}

/// The way out, where the page wants to know of it; the list has its own way back.
pub(super) fn leave(scene: &Scene, class: &str, label: Word) -> Part {
    button(scene, class, Action::Leave)
        .flag("hidden", 0, |model, _| {
            !model.options.leaves || model.from_list
        })
        .word(label)
}

/// The providers to choose from, as radio buttons that look like tiles.
fn picker(scene: &Scene, model: &Model) -> Part {
    let places = 0..model.providers().len();
    let tiles = places.fold(part("div", "tiles"), |tiles, place| {
        tiles.child(tile(scene, model, place))
    });
    part("fieldset", "")
        .set("role", "radiogroup")
        .set("aria-labelledby", "pick")
        .flag("disabled", 0, |model, _| model.busy)
        .child(part("legend", "").set("id", "pick").word(Word::Provider))
        .child(tiles)
}

fn tile(scene: &Scene, model: &Model, place: usize) -> Part {
    let radio = part("input", "unseen")
        .set("type", "radio")
        .set("name", "provider")
        .checked(place, |model, place| model.chosen == place)
        // Not `change`: that does not come when the one chosen already is confirmed.
        .on(scene, "click", Action::Choose(place));
    let name = part("span", "name")
        .child(part("span", "").say(place, |model, place| model.name(place).to_owned()))
        .child(part("span", "state").say(place, ending));
    part("label", "tile")
        .child(radio)
        .child(part("span", "face"))
        .child(monogram(model, place))
        .child(name)
        .child(icon("mark", TICK))
}

/// The end of the key that is connected for a provider; empty when none is.
pub(super) fn ending(model: &Model, place: usize) -> String {
    let key = model.existing(place);
    key.map_or_else(String::new, |key| joined(&["•••• ", &key.last4]))
}

/// A provider's first letter in its colour.
pub(super) fn monogram(model: &Model, place: usize) -> Part {
    let provider = model.providers().get(place);
    part("span", "monogram")
        .set("aria-hidden", "true")
        .set("data-provider", provider.map_or("", |one| &one.id))
        .say(place, |model, place| {
            model.name(place).chars().take(1).collect()
        })
}

/// The field with its label above and its notes below.
fn key(scene: &Scene) -> Part {
    let label = part("label", "").set("for", "key").word(Word::Key);
    let get = link(
        |model, _| model.key_page().to_owned(),
        |model, _| model.key_page().is_empty(),
        Word::GetKey,
    );
    let show = button(scene, "show", Action::Toggle)
        .set("aria-controls", "key")
        .text("aria-label", 0, |model, _| {
            model.say(if model.shown { Word::Hide } else { Word::Show })
        })
        .text("data-shown", 0, |model, _| truth(model.shown).to_owned())
        .child(icon("", EYE))
        .child(icon("", EYE_STRUCK));
    part("div", "field")
        .child(part("div", "above").child(label).child(get))
        .child(part("div", "box").child(input(scene)).child(show))
        .child(notes(scene))
}

/// The input. What is typed is a property of it alone: no attribute, signal or model holds it.
fn input(scene: &Scene) -> Part {
    let input = part("input", "key")
        .set("id", "key")
        .set("dir", "ltr")
        .set("aria-describedby", "problem hint")
        .text("type", 0, |model, _| {
            if model.shown { "text" } else { "password" }.to_owned()
        })
        .text("placeholder", 0, |model, _| model.placeholder())
        .text("aria-invalid", 0, |model, _| {
            truth(model.problem.is_some()).to_owned()
        })
        .flag("readonly", 0, |model, _| model.busy)
        .on(scene, "input", Action::Type);
    // For password managers and session recorders, each in its own words.
    let quiet = [
        ("autocomplete", "off"),
        ("autocapitalize", "off"),
        ("autocorrect", "off"),
        ("spellcheck", "false"),
        ("data-1p-ignore", ""),
        ("data-bwignore", ""),
        ("data-lpignore", "true"),
        ("data-protonpass-ignore", "true"),
        ("data-form-type", "other"),
        ("data-dd-privacy", "hidden"),
        ("data-sentry-mask", ""),
        ("data-hj-suppress", ""),
        ("data-recording-sensitive", ""),
    ];
    quiet
        .into_iter()
        .fold(input, |input, (name, value)| input.set(name, value))
}

/// A link to a page outside, in a tab of its own.
fn link(
    address: fn(&Model, usize) -> String,
    hidden: fn(&Model, usize) -> bool,
    words: Word,
) -> Part {
    part("a", "")
        .set("target", "_blank")
        .set("rel", "noopener noreferrer")
        .text("href", 0, address)
        .flag("hidden", 0, hidden)
        .child(part("span", "").word(words))
        .child(part("span", "unseen").say(0, |model, _| joined(&[", ", model.word(Word::NewTab)])))
        .child(icon("", OUT))
}

/// What is to be said about the key: a problem, a hint, or what it will replace.
fn notes(scene: &Scene) -> Part {
    let problem = part("p", "problem")
        .set("id", "problem")
        .set("role", "alert")
        .say(0, |model, _| model.problem_text());
    let switch = button(scene, "switch", Action::FollowHint)
        .flag("hidden", 0, |model, _| model.hint_place().is_none())
        .say(0, |model, _| {
            let label = |place| model.say_at(Word::Switch, place);
            model.hint_place().map_or_else(String::new, label)
        });
    let hint = part("div", "")
        .set("id", "hint")
        .set("aria-live", "polite")
        .child(part("p", "hint").say(0, |model, _| model.hint_text()))
        .child(switch)
        .child(part("p", "replaces").say(0, |model, _| model.note()));
    part("div", "notes").child(problem).child(hint)
}

fn submit() -> Part {
    part("button", "main")
        .set("type", "submit")
        .text("aria-disabled", 0, |model, _| truth(model.busy).to_owned())
        .child(part("span", "spinner").flag("hidden", 0, |model, _| !model.busy))
        .child(part("span", "").say(0, |model, _| {
            model.say(if model.busy {
                Word::Checking
            } else {
                Word::Connect
            })
        }))
}

fn promise() -> Part {
    let privacy = link(
        |model, _| model.privacy_page().to_owned(),
        |model, _| model.privacy_page().is_empty(),
        Word::Privacy,
    );
    part("p", "promise")
        .child(icon("", LOCK))
        .child(part("span", "").word(Word::Promise))
        .child(privacy)
}
