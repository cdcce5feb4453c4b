//! How the model looks. Every class is in `style.css`; every word is in `widget/words`.

mod form;
mod icon;
mod list;
mod outcome;
mod part;

use web_sys::{Element, HtmlElement};

use self::part::{Part, part};
use crate::model::{Model, Screen};
use crate::scene::Scene;

/// The whole widget on the page: the screen of now, and what is read out about it. Dropping it ends its listening.
pub(crate) struct Card {
    frame: Part,
    place: Element,
    screen: Option<(u32, Part)>,
}

impl Card {
    /// An empty card on an element of the loader's.
    pub(crate) fn on(root: &HtmlElement) -> Self {
        let place = part("div", "");
        let inside = place.element().clone();
        let frame = part("section", "card")
            .set("aria-labelledby", "title")
            .child(place)
            .child(
                part("p", "unseen")
                    .set("role", "status")
                    .say(0, |model, _| model.announcement()),
            );
        // Fails only if the card held its parent.
        _ = root.append_child(frame.element());
        Self {
            frame,
            place: inside,
            screen: None,
        }
    }

    /// Brings the page in step with the model. First everything is read, then the page is changed: that may call
    /// back, and ask for the model.
    pub(crate) fn draw(&mut self, scene: &Scene) {
        let before = self.screen.as_ref().map(|(edition, _)| *edition);
        scene.read(|model| {
            if before != Some(model.edition) {
                self.screen = Some((model.edition, draw(scene, model)));
            }
            self.frame.read(model);
            if let Some((_, part)) = &mut self.screen {
                part.read(model);
            }
        });
        self.frame.show();
        if let Some((_, part)) = &mut self.screen {
            part.show();
            if part.element().parent_element().is_none() {
                self.place.set_text_content(None);
                // Fails only if it held its parent.
                _ = self.place.append_child(part.element());
            }
        }
    }
}

fn draw(scene: &Scene, model: &Model) -> Part {
    match model.screen {
        Screen::Loading => skeleton(model),
        Screen::List => list::list(scene, model),
        Screen::Form => form::form(scene, model),
        Screen::Confirm => outcome::confirm(scene, model),
        Screen::Blocked => outcome::blocked(scene),
        Screen::Done => outcome::done(scene, model),
    }
}

/// The shapes of what is about to appear; the loader paints the same before this code is there.
fn skeleton(model: &Model) -> Part {
    let bars: &[&str] = if model.options.manage {
        &["s-title", "s-line", "s-row"]
    } else if model.options.provider.is_empty() {
        &[
            "s-title", "s-line", "s-label", "s-tiles", "s-label", "s-field", "s-main", "s-foot",
        ]
    } else {
        &[
            "s-title", "s-line", "s-label", "s-field", "s-main", "s-foot",
        ]
    };
    bars.iter().fold(
        part("div", "skeleton").set("aria-hidden", "true"),
        |skeleton, bar| skeleton.child(part("div", bar)),
    )
}
