//! Whether a key works: as it was last seen, and asked now.

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{CredentialStatus, CredentialTest};

use crate::api::Method;
use crate::app::use_session;
use crate::format;
use crate::ui::{Toasts, Tone};

/// A button that asks the provider whether it takes a key, and shows what it said.
pub(in crate::pages) fn test_button(
    label: String,
    path: String,
    status: RwSignal<(Tone, &'static str)>,
) -> AnyView {
    let session = use_session();
    let toasts = expect_context::<Toasts>();
    let busy = RwSignal::new(false);
    let test = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (session, path) = (session.clone(), path.clone());
        spawn_local(async move {
            let answer = session
                .send::<CredentialTest>(Method::Post, &path, &())
                .await;
            busy.try_set(false);
            match answer {
                Ok(CredentialTest {
                    ok,
                    message,
                    duration_ms,
                    code,
                }) => {
                    status.try_set(match code.as_deref() {
                        _ if ok => (Tone::Good, "Works"),
                        Some("key_limited") => (Tone::Warn, "Limited"),
                        Some("key_refused") => (Tone::Bad, "Refused"),
                        _ => (Tone::Warn, "Not reached"),
                    });
                    toasts.done(format!("{message} ({})", format::duration(duration_ms)));
                }
                Err(problem) => toasts.failed(problem),
            }
        });
    };
    view! {
        <button
            type="button"
            class="btn btn-small"
            aria-label=label
            aria-busy=move || busy.get().to_string()
            on:click=test
        >
            {move || if busy.get() { "Testing…" } else { "Test" }}
        </button>
    }
    .into_any()
}

/// Whether a credential is expected to work, in a word.
pub(in crate::pages) const fn health(status: CredentialStatus) -> (Tone, &'static str) {
    match status {
        CredentialStatus::Active => (Tone::Good, "Active"),
        CredentialStatus::Limited => (Tone::Warn, "Limited"),
        CredentialStatus::Broken => (Tone::Bad, "Refused"),
    }
}
