//! How the model looks. Every class is in `style.css`; every word is in `words`.

mod form;
mod icon;
mod outcome;

use reactive_graph::traits::Get;
use tachys::html::element::{div, p, section};
use tachys::prelude::*;

use crate::model::Screen;
use crate::scene::Scene;

/// The whole widget: the screen of now, and what is read out about it.
pub(crate) fn card(scene: &Scene) -> AnyView {
    let on_screen = scene.screen();
    // Kept alive by its place in the view, which may only hold what could be sent between threads.
    let inside = send_wrapper::SendWrapper::new(scene.clone());
    section()
        .attr("class", "card")
        .attr("aria-labelledby", "title")
        .child(move || match on_screen.get() {
            Screen::Loading => skeleton(),
            Screen::Form => form::form(&inside),
            Screen::Blocked => outcome::blocked(&inside),
            Screen::Done => outcome::done(&inside),
        })
        .child(
            p().attr("class", "unseen")
                .attr("role", "status")
                .child(scene.text(0, |model, _| model.announcement())),
        )
        .into_any()
}

/// The shapes of what is about to appear; `loader.js` paints the same before this code is there.
fn skeleton() -> AnyView {
    let bar = |class: &'static str| div().attr("class", class);
    div()
        .attr("class", "skeleton")
        .attr("aria-hidden", "true")
        .child((
            bar("s-title"),
            bar("s-line"),
            bar("s-tiles"),
            bar("s-line"),
            bar("s-field"),
            bar("s-field"),
        ))
        .into_any()
}
