//! How the model looks. Every class is in `style.css`; every word is in `widget/words`.

mod form;
mod icon;
mod list;
mod outcome;
mod part;

use reactive_graph::effect::RenderEffect;
use web_sys::Element;

use self::part::{Part, part};
use crate::model::{Model, Screen};
use crate::scene::Scene;

/// The whole widget on the page. Dropping it stops its following and listening.
pub(crate) struct Card {
    element: Element,
    _following: RenderEffect<()>,
}

impl Card {
    /// The element itself.
    pub(crate) fn element(&self) -> &Element {
        &self.element
    }
}

/// Draws the screen of now, and what is read out about it, and keeps both in step with the model.
pub(crate) fn card(scene: &Scene) -> Card {
    let place = part("div", "");
    let inside = place.element().clone();
    let mut frame = part("section", "card")
        .set("aria-labelledby", "title")
        .child(place)
        .child(
            part("p", "unseen")
                .set("role", "status")
                .say(0, |model, _| model.announcement()),
        );
    let element = frame.element().clone();
    let scene = scene.clone();
    let mut shown: Option<(u32, Part)> = None;
    let following = RenderEffect::new(move |_| {
        let before = shown.as_ref().map(|(edition, _)| *edition);
        let mut screen = Screen::Loading;
        // First everything is read, then the page is changed: that may call back, and ask for the model.
        scene.watch(|model| {
            screen = model.screen;
            if before != Some(model.edition) {
                shown = Some((model.edition, draw(&scene, model)));
            }
            frame.read(model);
            if let Some((_, part)) = shown.as_mut() {
                part.read(model);
            }
        });
        frame.show();
        if let Some((_, part)) = shown.as_mut() {
            part.show();
            if part.element().parent_element().is_none() {
                inside.set_text_content(None);
                // Fails only if it held its parent.
                _ = inside.append_child(part.element());
            }
            _ = inside.set_attribute("data-screen", screen.as_str());
        }
    });
    Card {
        element,
        _following: following,
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
