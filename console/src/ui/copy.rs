//! A button that puts text on the clipboard and says whether it did.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Icon;
use crate::browser;

/// How long the button says "Copied".
const SAID_FOR: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Copied,
    Refused,
}

/// Copies `text`. Its accessible name is `label`; the outcome is announced.
#[component]
pub(crate) fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What is copied, in words: "Copy relay key".
    #[prop(into)]
    label: String,
    /// What the button says, where "Copy" leaves open what.
    #[prop(default = "Copy")]
    word: &'static str,
    /// Looks like the main button of its dialog.
    #[prop(optional)]
    prominent: bool,
    /// Told after a successful copy.
    #[prop(optional, into)]
    on_copied: Option<Callback<()>>,
) -> impl IntoView {
    let state = RwSignal::new(State::Idle);
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            let copied = browser::copy(&text).await.is_ok();
            state.try_set(if copied {
                State::Copied
            } else {
                State::Refused
            });
            if let (true, Some(told)) = (copied, on_copied) {
                told.run(());
            }
            set_timeout(
                move || {
                    state.try_set(State::Idle);
                },
                SAID_FOR,
            );
        });
    };
    let word = move || match state.get() {
        State::Idle => word,
        State::Copied => "Copied",
        State::Refused => "Press Ctrl+C",
    };
    let icon = move || match state.get() {
        State::Copied => Icon::Check,
        _ => Icon::Copy,
    };
    let announcement = move || match state.get() {
        State::Idle => "",
        State::Copied => "Copied to the clipboard",
        State::Refused => {
            "This browser did not allow copying. Select the text and copy it yourself."
        }
    };
    let class = if prominent {
        "btn btn-primary"
    } else {
        "btn btn-small"
    };
    view! {
        <button type="button" class=class aria-label=label on:click=copy>
            {move || icon().view()}
            <span class="copy-word">{word}</span>
        </button>
        <span class="visually-hidden" role="status">{announcement}</span>
    }
}
