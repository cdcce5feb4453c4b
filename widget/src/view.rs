//! How the model looks. Every class is in `style.css`; every word is in `words`.

mod form;
mod icon;
mod outcome;
mod part;

pub(crate) use self::part::Part;
use self::part::part;
use crate::model::Screen;
use crate::scene::Scene;

/// The whole widget: the screen of now, and what is read out about it.
pub(crate) fn card(scene: &Scene) -> Part {
    let inside = scene.clone();
    let mut shown: Option<(Screen, Part)> = None;
    let screen = part("div", "").keep(move |place| {
        let screen = inside.screen();
        // Drawn anew only when another one, or the field would be emptied by every keystroke.
        if shown.as_ref().is_some_and(|(before, _)| *before == screen) {
            return;
        }
        let next = match screen {
            Screen::Loading => skeleton(),
            Screen::Form => form::form(&inside),
            Screen::Blocked => outcome::blocked(&inside),
            Screen::Done => outcome::done(&inside),
        };
        place.set_text_content(None);
        // Fails only if it held its parent.
        _ = place.append_child(next.element());
        // The screen before stops following the model.
        shown = Some((screen, next));
    });
    part("section", "card")
        .set("aria-labelledby", "title")
        .child(screen)
        .child(
            part("p", "unseen")
                .set("role", "status")
                .say(scene.text(0, |model, _| model.announcement())),
        )
}

/// The shapes of what is about to appear; the loader paints the same before this code is there.
fn skeleton() -> Part {
    let bars = [
        "s-title", "s-line", "s-tiles", "s-line", "s-field", "s-field",
    ];
    bars.into_iter().fold(
        part("div", "skeleton").set("aria-hidden", "true"),
        |skeleton, bar| skeleton.child(part("div", bar)),
    )
}
