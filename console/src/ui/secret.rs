//! Something that is shown once, and then never again.

use leptos::prelude::*;

use super::{CopyButton, Dialog, Icon};
use crate::browser;

/// What is shown, and what is said of it.
#[derive(Clone)]
pub(crate) struct Secret {
    /// The dialog's heading.
    pub(crate) title: &'static str,
    /// What to do with it, now.
    pub(crate) about: String,
    /// What it is: "Signing secret".
    pub(crate) label: &'static str,
    /// The thing itself; lines are kept.
    pub(crate) text: String,
}

/// Shows a secret until it is put away; nothing else closes it.
pub(crate) fn secret_dialog(shown: RwSignal<Option<Secret>>) -> AnyView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        let is_shown = shown.with(Option::is_some);
        open.set(is_shown);
        if is_shown {
            request_animation_frame(|| browser::focus("#secret .btn-primary"));
        }
    });
    let title = Signal::derive(move || {
        shown.with(|shown| shown.as_ref().map_or("", |secret| secret.title).to_owned())
    });
    view! {
        <Dialog open=open id="secret" title=title locked=Signal::stored(true)>
            {move || shown.get().map(|secret| content(secret, shown))}
        </Dialog>
    }
    .into_any()
}

fn content(secret: Secret, shown: RwSignal<Option<Secret>>) -> AnyView {
    let Secret {
        about, label, text, ..
    } = secret;
    view! {
        <div class="dialog-body">
            <div class="note note-warn">
                {Icon::Alert.view()}
                <p>{about}</p>
            </div>
            <div class="secret">
                <code class="secret-text" role="group" aria-label=label>{text.clone()}</code>
            </div>
        </div>
        <footer class="dialog-foot">
            <button type="button" class="btn" on:click=move |_| shown.set(None)>
                "Done"
            </button>
            <CopyButton text=text label=format!("Copy {}", label.to_lowercase()) prominent=true />
        </footer>
    }
    .into_any()
}
