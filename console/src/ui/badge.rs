//! A word with a colour. The word carries the meaning; the colour only helps.

use leptos::prelude::*;

/// How a badge is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Works.
    Good,
    /// Works, but look at it.
    Warn,
    /// Does not work.
    Bad,
    /// Says nothing of health.
    Quiet,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "badge badge-good",
            Self::Warn => "badge badge-warn",
            Self::Bad => "badge badge-bad",
            Self::Quiet => "badge",
        }
    }
}

/// A small label of state.
#[component]
pub(crate) fn Badge(
    /// Its colour.
    tone: Tone,
    /// What it says.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class=tone.class()>{text}</span> }
}
