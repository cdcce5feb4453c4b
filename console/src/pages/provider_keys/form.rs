//! Adding or replacing one of the tenant's own provider keys.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{Credential, NewCredential};

use super::Slot;
use crate::app::use_session;
use crate::browser;
use crate::problem::Problem;
use crate::provider;
use crate::ui::{Icon, PasswordField, ProblemNote, SubmitButton, TextField};

/// The form inside the dialog. The key is typed here and sent; it is never read back.
#[component]
pub(super) fn KeyForm(
    /// Which key.
    which: Slot,
    /// The dialog.
    open: RwSignal<bool>,
    /// Told what the vault now holds.
    saved: Callback<Credential>,
) -> impl IntoView {
    let session = use_session();
    let facts = provider::facts(&which.provider);
    let key = RwSignal::new(String::new());
    let base_url = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let key_error = Signal::derive(move || {
        (tried.get() && key.with(|key| key.trim().is_empty())).then(|| "Paste the key.".to_owned())
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        tried.set(true);
        if key_error.get_untracked().is_some() {
            browser::focus("#provider-key-value");
            return;
        }
        busy.set(true);
        problem.set(None);
        let base_url = base_url.get_untracked().trim().to_owned();
        let credential = NewCredential {
            // Keys are pasted, and pastes bring spaces and line ends along.
            api_key: Some(key.get_untracked().trim().to_owned()),
            base_url: Some(base_url).filter(|url| !url.is_empty()),
            ..NewCredential::default()
        };
        let (session, which) = (session.clone(), which.clone());
        spawn_local(async move {
            let answer = session
                .put_credential(&which.provider, &which.name, credential)
                .await;
            busy.try_set(false);
            match answer {
                Ok(credential) => saved.run(credential),
                Err(failed) => {
                    problem.try_set(Some(failed));
                }
            }
        });
    };
    view! {
        <form novalidate on:submit=submit>
            <div class="dialog-body form">
                <ProblemNote problem=problem />
                <PasswordField
                    label="API key"
                    id="provider-key-value"
                    value=key
                    error=key_error
                    hint="Encrypted in the vault. Relay never shows it again, to anyone."
                    autocomplete="off"
                    placeholder=facts.map_or("", |facts| facts.key_hint)
                    autofocus=true
                />
                {facts
                    .map(|facts| {
                        view! {
                            <a class="out-link" href=facts.key_url target="_blank" rel="noopener noreferrer">
                                "Get a key from "
                                {facts.name}
                                {Icon::Out.view()}
                            </a>
                        }
                    })}
                <details class="more">
                    <summary>"Use another base URL"</summary>
                    <TextField
                        label="Base URL"
                        id="provider-key-url"
                        value=base_url
                        kind="url"
                        hint="Only for a proxy or compatible service that speaks this provider's format."
                        placeholder="https://…"
                        required=false
                    />
                </details>
            </div>
            <footer class="dialog-foot">
                <button type="button" class="btn" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <SubmitButton text="Save key" busy=busy />
            </footer>
        </form>
    }
}
