//! Light, dark, or as the system says. The choice is remembered; `assets/boot.js` applies it
//! before the first paint.

use leptos::prelude::*;

use super::Icon;
use crate::browser;

/// Where the choice is remembered. `assets/boot.js` reads the same name.
const STORED_AS: &str = "relay-theme";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn word(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::System => Icon::Screen,
            Self::Light => Icon::Sun,
            Self::Dark => Icon::Moon,
        }
    }

    fn remembered() -> Self {
        let word = browser::stored(STORED_AS);
        Self::ALL
            .into_iter()
            .find(|theme| theme.word() == word.as_deref())
            .unwrap_or(Self::System)
    }

    fn apply(self) {
        browser::store(STORED_AS, self.word());
        if let Some(root) = document().document_element() {
            let _ = match self.word() {
                Some(word) => root.set_attribute("data-theme", word),
                None => root.remove_attribute("data-theme"),
            };
        }
    }
}

/// Three radio buttons: System, Light, Dark.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let chosen = RwSignal::new(Theme::remembered());
    let choices = Theme::ALL
        .into_iter()
        .map(|theme| {
            view! {
                <label class="theme-choice" title=theme.label()>
                    <input
                        type="radio"
                        name="theme"
                        class="visually-hidden"
                        prop:checked=move || chosen.get() == theme
                        on:change=move |_| {
                            chosen.set(theme);
                            theme.apply();
                        }
                    />
                    {theme.icon().view()}
                    <span class="visually-hidden">{theme.label()}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="theme-switch">
            <legend class="visually-hidden">"Theme"</legend>
            {choices}
        </fieldset>
    }
}
