//! Short notices in the corner, announced to screen readers.

use std::time::Duration;

use leptos::prelude::*;

use super::Icon;
use crate::problem::Problem;

/// How long a notice stays. Long enough to read two lines.
const STAYS: Duration = Duration::from_secs(6);

#[derive(Clone, PartialEq, Eq)]
struct Toast {
    id: u32,
    text: String,
    small_print: Option<String>,
    bad: bool,
}

/// Shows notices. Copies share one list.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    issued: StoredValue<u32>,
}

impl Toasts {
    /// Provides an empty list of notices to every screen.
    pub(crate) fn provide() {
        provide_context(Self {
            shown: RwSignal::new(Vec::new()),
            issued: StoredValue::new(0),
        });
    }

    /// Says that something was done.
    pub(crate) fn done(self, text: impl Into<String>) {
        self.show(text.into(), None, false);
    }

    /// Says that something failed.
    pub(crate) fn failed(self, problem: Problem) {
        let small_print = problem.request_id.map(|id| format!("Request {id}"));
        self.show(problem.message, small_print, true);
    }

    fn show(self, text: String, small_print: Option<String>, bad: bool) {
        self.issued.update_value(|issued| *issued += 1);
        let id = self.issued.get_value();
        let toast = Toast {
            id,
            text,
            small_print,
            bad,
        };
        self.shown.update(|shown| shown.push(toast));
        set_timeout(move || self.dismiss(id), STAYS);
    }

    fn dismiss(self, id: u32) {
        self.shown
            .try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where notices appear. Always in the page, so that screen readers watch it from the start.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-label="Notices">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <div class="toast" class:toast-bad=toast.bad>
                    {if toast.bad { Icon::Alert } else { Icon::Check }.view()}
                    <div class="toast-text">
                        <p>{toast.text}</p>
                        {toast.small_print.map(|text| view! { <p class="small-print">{text}</p> })}
                    </div>
                    <button
                        type="button"
                        class="btn-icon"
                        aria-label="Dismiss notice"
                        on:click=move |_| toasts.dismiss(toast.id)
                    >
                        {Icon::Close.view()}
                    </button>
                </div>
            </For>
        </div>
    }
}
