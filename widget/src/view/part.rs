//! Elements, and what keeps them in step with the model.
//!
//! A part is an element and a list of what in it and below it follows the model.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::{Element, Event, HtmlInputElement};

use crate::model::Model;
use crate::scene::{Action, Scene};
use crate::words::Word;

/// An element on the page. Dropping it stops its listening.
pub(super) struct Part {
    element: Element,
    following: Vec<Following>,
    listening: Vec<Closure<dyn FnMut(Event)>>,
}

/// A text that follows the model; the number is handed back to it.
pub(super) type Text = fn(&Model, usize) -> String;
/// A flag that does.
pub(super) type Flag = fn(&Model, usize) -> bool;

/// What in an element follows the model.
#[derive(Clone, Copy)]
enum Kind {
    /// Its text, a sentence about the chosen provider; it has no children besides.
    Word(Word),
    /// Its text, of another kind.
    Words(Text),
    /// An attribute.
    Attribute(&'static str, Text),
    /// An attribute that is there or not.
    Presence(&'static str, Flag),
    /// A radio button's `checked` property: once touched, its attribute no longer governs it.
    Checked(Flag),
}

struct Following {
    element: Element,
    kind: Kind,
    place: usize,
    /// What the page shows.
    shown: Option<String>,
    /// What it shall show.
    next: Option<String>,
}

/// An HTML element, with a class unless that is empty.
pub(super) fn part(tag: &str, class: &str) -> Part {
    made("http://www.w3.org/1999/xhtml", tag, class)
}

/// An SVG element.
pub(super) fn drawing(tag: &str, class: &str) -> Part {
    made("http://www.w3.org/2000/svg", tag, class)
}

/// A button.
pub(super) fn button(scene: &Scene, class: &str, action: Action) -> Part {
    part("button", class)
        .set("type", "button")
        .on(scene, "click", action)
}

fn made(namespace: &str, tag: &str, class: &str) -> Part {
    let document = web_sys::window().and_then(|window| window.document());
    // There is a document, or nobody would have called; and every tag is a good name.
    let element = document.and_then(|it| it.create_element_ns(Some(namespace), tag).ok());
    let part = Part {
        element: element.unwrap_throw(),
        following: Vec::new(),
        listening: Vec::new(),
    };
    if class.is_empty() {
        part
    } else {
        part.set("class", class)
    }
}

impl Part {
    /// The element itself.
    pub(super) fn element(&self) -> &Element {
        &self.element
    }

    /// Sets an attribute for good.
    pub(super) fn set(self, name: &str, value: &str) -> Self {
        set(&self.element, name, value);
        self
    }

    /// Sets an attribute that follows the model.
    pub(super) fn text(self, name: &'static str, place: usize, read: Text) -> Self {
        self.follow(Kind::Attribute(name, read), place)
    }

    /// Sets an attribute that is there or not, as the model says.
    pub(super) fn flag(self, name: &'static str, place: usize, read: Flag) -> Self {
        self.follow(Kind::Presence(name, read), place)
    }

    /// Checks a radio button, as the model says.
    pub(super) fn checked(self, place: usize, read: Flag) -> Self {
        self.follow(Kind::Checked(read), place)
    }

    /// Fills the element with a sentence about the chosen provider.
    pub(super) fn word(self, word: Word) -> Self {
        self.follow(Kind::Word(word), 0)
    }

    /// Fills the element with text that follows the model.
    pub(super) fn say(self, place: usize, read: Text) -> Self {
        self.follow(Kind::Words(read), place)
    }

    fn follow(mut self, kind: Kind, place: usize) -> Self {
        let element = self.element.clone();
        self.following.push(Following {
            element,
            kind,
            place,
            shown: None,
            next: None,
        });
        self
    }

    /// Listens for an event.
    pub(super) fn on(mut self, scene: &Scene, name: &str, action: Action) -> Self {
        let scene = scene.clone();
        let handler: Closure<dyn FnMut(Event)> =
            Closure::new(move |event: Event| scene.act(action, &event));
        let function = handler.as_ref().unchecked_ref();
        // Fails for no name and no function.
        _ = self
            .element
            .add_event_listener_with_callback(name, function);
        self.listening.push(handler);
        self
    }

    /// Adds a child.
    pub(super) fn child(mut self, child: Self) -> Self {
        // Fails only if the child held its parent.
        _ = self.element.append_child(&child.element);
        self.following.extend(child.following);
        self.listening.extend(child.listening);
        self
    }

    /// Reads what the page shall show.
    pub(super) fn read(&mut self, model: &Model) {
        for one in &mut self.following {
            one.next = Some(match one.kind {
                Kind::Word(word) => model.say(word),
                Kind::Words(read) | Kind::Attribute(_, read) => read(model, one.place),
                Kind::Presence(_, read) | Kind::Checked(read) => {
                    truth(read(model, one.place)).to_owned()
                }
            });
        }
    }

    /// Shows it, where it is something else than before.
    pub(super) fn show(&mut self) {
        for one in &mut self.following {
            let Some(next) = one
                .next
                .take()
                .filter(|next| one.shown.as_ref() != Some(next))
            else {
                continue;
            };
            match one.kind {
                Kind::Word(_) | Kind::Words(_) => one.element.set_text_content(Some(&next)),
                Kind::Attribute(name, _) => set(&one.element, name, &next),
                Kind::Presence(name, _) => {
                    // Fails only for a malformed name.
                    _ = one
                        .element
                        .toggle_attribute_with_force(name, next == "true");
                }
                Kind::Checked(_) => one
                    .element
                    .unchecked_ref::<HtmlInputElement>()
                    .set_checked(next == "true"),
            }
            one.shown = Some(next);
        }
    }
}

/// A flag as ARIA spells it.
pub(super) fn truth(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn set(element: &Element, name: &str, value: &str) {
    // Fails only for a malformed name.
    _ = element.set_attribute(name, value);
}
