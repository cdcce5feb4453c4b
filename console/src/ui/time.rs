//! Instants as people read them, kept current while the page is open.

use std::time::Duration;

use leptos::prelude::*;

use crate::{browser, format};

/// How often "3 min ago" is looked at again.
const TICK: Duration = Duration::from_secs(15);

/// The reader's clock, shared by everything on the page that says how long ago.
#[derive(Clone, Copy)]
pub(crate) struct Clock(RwSignal<i64>);

impl Clock {
    /// Starts the clock and provides it to every screen.
    pub(crate) fn provide() {
        let now = RwSignal::new(browser::now_ms());
        if let Ok(ticking) = set_interval_with_handle(
            move || {
                now.try_set(browser::now_ms());
            },
            TICK,
        ) {
            on_cleanup(move || ticking.clear());
        }
        provide_context(Self(now));
    }

    /// Milliseconds since 1970. Tracks.
    pub(crate) fn now_ms(self) -> i64 {
        // A row that arrived since the last tick must not lie in the future.
        self.0.get().max(browser::now_ms())
    }
}

/// How long ago an instant was (or how far ahead it is), with the full time on hover;
/// `never` says what its absence means.
#[component]
pub(crate) fn Ago(
    /// The instant, if there is one.
    #[prop(into)]
    at: Option<String>,
    /// What to say when there is none.
    #[prop(default = "Never")]
    never: &'static str,
) -> impl IntoView {
    let Some(at) = at else {
        return view! { <span class="muted">{never}</span> }.into_any();
    };
    let clock = expect_context::<Clock>();
    let then_ms = browser::instant_ms(&at);
    let full = browser::full_time(&at);
    let words = {
        let at = at.clone();
        move || {
            then_ms
                .and_then(|then| format::relative(clock.now_ms(), then))
                .unwrap_or_else(|| browser::date(&at))
        }
    };
    view! {
        <time datetime=at title=full class="nowrap">
            {words}
        </time>
    }
    .into_any()
}
