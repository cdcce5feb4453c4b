//! The form: whose key, the key, and the button.

use super::icon::{EYE, EYE_STRUCK, LOCK, OUT, TICK, icon};
use super::outcome::title;
use super::part::{Part, part};
use crate::model::Model;
use crate::scene::Scene;

/// The form of a session.
pub(super) fn form(scene: &Scene) -> Part {
    let heading = |model: &Model, _| {
        let words = model.words();
        model.say(if model.is_locked() {
            words.title_locked
        } else {
            words.title
        })
    };
    let intro = scene.text(0, |model, _| model.say(model.words().intro));
    let head = part("div", "")
        .child(title(scene, heading))
        .child(part("p", "intro").say(intro));
    let on_submit = scene.clone();
    let form = part("form", "")
        .set("novalidate", "")
        .set("autocomplete", "off")
        .on(
            "submit",
            Box::new(move |event| {
                event.prevent_default();
                on_submit.submit();
            }),
        );
    let form = if scene.read(Model::is_locked) {
        let mark = monogram(scene, scene.read(|model| model.chosen));
        form.child(part("div", "head").child(mark).child(head))
    } else {
        form.child(head).child(picker(scene))
    };
    form.child(key(scene))
        .child(main(scene))
        .child(promise(scene))
}

/// The providers to choose from, as radio buttons that look like tiles.
fn picker(scene: &Scene) -> Part {
    let places = 0..scene.read(|model| model.providers().len());
    let tiles = places.fold(part("div", "tiles"), |tiles, place| {
        tiles.child(tile(scene, place))
    });
    part("fieldset", "")
        .flag("disabled", scene.flag(0, |model, _| model.busy))
        .child(part("legend", "").say(scene.text(0, |model, _| model.words().provider.to_owned())))
        .child(tiles)
}

fn tile(scene: &Scene, place: usize) -> Part {
    let on_click = scene.clone();
    let connected = |model: &Model, place| {
        let last4 = model
            .existing(place)
            .map(|credential| credential.last4.as_str());
        last4.map_or_else(String::new, |last4| ["•••• ", last4].concat())
    };
    let radio = part("input", "unseen")
        .set("type", "radio")
        .set("name", "provider")
        .checked(scene.flag(place, |model, place| model.chosen == place))
        // Not `change`: that does not come when the one chosen already is confirmed.
        .on("click", Box::new(move |_| on_click.choose(place)));
    let provider = scene.text(place, |model, place| model.say_at("{provider}", place));
    let name = part("span", "name")
        .child(part("span", "").say(provider))
        .child(part("span", "state").say(scene.text(place, connected)));
    part("label", "tile")
        .child(radio)
        .child(monogram(scene, place))
        .child(name)
        .child(icon("mark", TICK))
}

/// A provider's first letter in its colour.
pub(super) fn monogram(scene: &Scene, place: usize) -> Part {
    let id = |model: &Model, place: usize| {
        let id = model
            .providers()
            .get(place)
            .map_or("", |provider| &provider.id);
        id.to_owned()
    };
    let initial = |model: &Model, place: usize| {
        let name = model
            .providers()
            .get(place)
            .map_or("", |provider| &provider.name);
        name.chars().take(1).collect()
    };
    part("span", "monogram")
        .set("aria-hidden", "true")
        .text("data-provider", scene.text(place, id))
        .say(scene.text(place, initial))
}

/// The field with its label above and its notes below.
fn key(scene: &Scene) -> Part {
    let label = part("label", "")
        .set("for", "key")
        .say(scene.text(0, |model, _| model.say(model.words().key)));
    let above = part("div", "above").child(label).child(key_link(scene));
    let on_show = scene.clone();
    let show = part("button", "show")
        .set("type", "button")
        .set("aria-controls", "key")
        .text(
            "aria-label",
            scene.text(0, |model, _| {
                let words = model.words();
                if model.shown { words.hide } else { words.show }.to_owned()
            }),
        )
        .text("data-shown", scene.text(0, |model, _| truth(model.shown)))
        .on("click", Box::new(move |_| on_show.toggle_shown()))
        .child(icon("", EYE))
        .child(icon("", EYE_STRUCK));
    part("div", "field")
        .child(above)
        .child(part("div", "box").child(input(scene)).child(show))
        .child(notes(scene))
}

/// The input. What is typed is a property of it alone: no attribute, signal or model holds it.
fn input(scene: &Scene) -> Part {
    let kind = |model: &Model, _| if model.shown { "text" } else { "password" }.to_owned();
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
    let on_input = scene.clone();
    let input = part("input", "key")
        .set("id", "key")
        .set("aria-describedby", "problem hint")
        .text("type", scene.text(0, kind))
        .text("placeholder", scene.text(0, placeholder))
        .text(
            "aria-invalid",
            scene.text(0, |model, _| truth(model.problem.is_some())),
        )
        .flag("readonly", scene.flag(0, |model, _| model.busy))
        .on("input", Box::new(move |_| on_input.typed()));
    // The last five are for password managers and session recorders, each in its own words.
    let quiet = [
        ("autocomplete", "off"),
        ("autocapitalize", "off"),
        ("autocorrect", "off"),
        ("spellcheck", "false"),
        ("data-1p-ignore", ""),
        ("data-bwignore", ""),
        ("data-lpignore", "true"),
        ("data-form-type", "other"),
        ("data-dd-privacy", "hidden"),
    ];
    quiet
        .into_iter()
        .fold(input, |input, (name, value)| input.set(name, value))
}

/// To the page on which the provider hands out keys.
fn key_link(scene: &Scene) -> Part {
    let no_page = |model: &Model, _| model.key_page().is_empty();
    part("a", "")
        .set("target", "_blank")
        .set("rel", "noopener noreferrer")
        .text(
            "href",
            scene.text(0, |model, _| model.key_page().to_owned()),
        )
        .flag("hidden", scene.flag(0, no_page))
        .child(part("span", "").say(scene.text(0, |model, _| model.words().get_key.to_owned())))
        .child(
            part("span", "unseen")
                .say(scene.text(0, |model, _| [", ", model.words().new_tab].concat())),
        )
        .child(icon("", OUT))
}

/// What is to be said about the key: a problem, a hint, or what it will replace.
fn notes(scene: &Scene) -> Part {
    let replaces = |model: &Model, _| match model.existing(model.chosen) {
        Some(_) if model.hint.is_none() && model.problem.is_none() => {
            model.say(model.words().replaces)
        }
        _ => String::new(),
    };
    let switch = |model: &Model, _| {
        let label = |place| model.say_at(model.words().switch, place);
        model.hint_place().map_or_else(String::new, label)
    };
    let on_switch = scene.clone();
    let problem = part("p", "problem")
        .set("id", "problem")
        .set("role", "alert")
        .say(scene.text(0, |model, _| model.problem_text()));
    let hint = part("div", "")
        .set("id", "hint")
        .set("aria-live", "polite")
        .child(part("p", "hint").say(scene.text(0, |model, _| model.hint_text())))
        .child(
            part("button", "switch")
                .set("type", "button")
                .flag(
                    "hidden",
                    scene.flag(0, |model, _| model.hint_place().is_none()),
                )
                .on("click", Box::new(move |_| on_switch.follow_hint()))
                .say(scene.text(0, switch)),
        )
        .child(part("p", "replaces").say(scene.text(0, replaces)));
    part("div", "notes").child(problem).child(hint)
}

fn main(scene: &Scene) -> Part {
    let label = |model: &Model, _| {
        let words = model.words();
        model.say(if model.busy {
            words.checking
        } else {
            words.connect
        })
    };
    part("button", "main")
        .set("type", "submit")
        .text("aria-disabled", scene.text(0, |model, _| truth(model.busy)))
        .child(part("span", "spinner").flag("hidden", scene.flag(0, |model, _| !model.busy)))
        .child(part("span", "").say(scene.text(0, label)))
}

fn promise(scene: &Scene) -> Part {
    part("p", "promise")
        .child(icon("", LOCK))
        .child(part("span", "").say(scene.text(0, |model, _| model.words().promise.to_owned())))
}

/// A flag as ARIA spells it.
fn truth(flag: bool) -> String {
    if flag { "true" } else { "false" }.to_owned()
}
