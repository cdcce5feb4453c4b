//! Getting started: three steps, each with code to take away and whether it has been done.
//! The state is the server's own: a step is done when there is a key, a connection, an answer.

use std::time::Duration;

use leptos::prelude::*;
use relay_api::{EndUser, RelayKey, RequestRecord};

use crate::app::use_session;
use crate::browser;
use crate::listing::{Listing, Rows};
use crate::navigation::Link;
use crate::provider;
use crate::route::Route;
use crate::snippets::{self, Values};
use crate::ui::{Badge, Code, Icon, PageHeader, ProblemNote, Sample, Samples, Tone};

/// How often the server is asked again while a step is open.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many of the latest requests are looked at for one that succeeded.
const REQUESTS_SEEN: u16 = 20;

/// How many steps there are.
const STEPS: usize = 3;

/// What is known of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Unknown,
    Open,
    Done,
}

/// The getting-started screen.
#[component]
pub(crate) fn GetStarted() -> impl IntoView {
    let session = StoredValue::new(use_session());
    let keys = Listing::<RelayKey>::new(move |cursor| {
        let session = session.get_value();
        async move { session.relay_keys(cursor).await }
    });
    let users = Listing::<EndUser>::new(move |cursor| {
        let session = session.get_value();
        async move { session.users(cursor).await }
    });
    let requests = Listing::<RequestRecord>::new(move |cursor| {
        let session = session.get_value();
        async move { session.requests(REQUESTS_SEEN, cursor).await }
    });
    let has_key = progress(keys, |key| key.revoked_at.is_none());
    let has_user = progress(users, |user| !user.credentials.is_empty());
    let has_request = progress(requests, |request| request.status < 400);
    keep_looking(move || {
        if has_key.get_untracked() != Progress::Done {
            keys.refresh();
        }
        if has_user.get_untracked() != Progress::Done {
            users.refresh();
        }
        if has_request.get_untracked() != Progress::Done {
            requests.refresh();
        }
    });
    let values = Memo::new(move |_| {
        let users = users.ready();
        let connected = users.iter().find_map(|user| {
            let first = user.credentials.first()?;
            Some((user.label.as_str(), provider::facts(&first.provider)?))
        });
        session.with_value(|session| Values::new(&session.me().public_url, connected))
    });
    let done = Memo::new(move |_| {
        [has_key, has_user, has_request]
            .iter()
            .filter(|step| step.get() == Progress::Done)
            .count()
    });
    let stale = Signal::derive(move || {
        keys.stale
            .get()
            .or(users.stale.get())
            .or(requests.stale.get())
    });
    view! {
        <PageHeader
            title=Route::GetStarted.title()
            about="Three steps from here to an answer paid for by your user's own key."
        />
        <p class="steps-done">
            <progress max=STEPS value=move || done.get().to_string() aria-label="Steps done"></progress>
            {move || format!("{} of {STEPS} done", done.get())}
        </p>
        <ProblemNote problem=stale />
        <ProblemNote problem=first_failure(keys, users, requests) />
        <ol class="steps" aria-label="Getting started">
            <Step number=1 title="Create a relay key" progress=has_key waiting="No key yet">
                <p>
                    "Your backend calls Relay with it. Keep it in the environment as "
                    <code>"RELAY_KEY"</code> "; the code below reads it from there."
                </p>
                <Link to=Route::RelayKeys class="btn">
                    {Icon::Key.view()}
                    "Go to relay keys"
                </Link>
            </Step>
            <Connect values=values progress=has_user />
            <Call values=values progress=has_request />
        </ol>
    }
}

/// A snippet that follows what is known of the tenant.
fn snippet(values: Memo<Values>, write: fn(&Values) -> String) -> Signal<String> {
    Signal::derive(move || values.with(write))
}

#[component]
fn Connect(values: Memo<Values>, progress: Memo<Progress>) -> impl IntoView {
    let samples = vec![
        Sample {
            name: "curl",
            code: snippet(values, snippets::token_curl),
        },
        Sample {
            name: "Node.js",
            code: snippet(values, snippets::token_node),
        },
    ];
    view! {
        <Step
            number=2
            title="Let a user connect their key"
            progress=progress
            waiting="Waiting for a connection"
        >
            <p>
                "Your backend issues a registration token for one user: short-lived, and good for one connection."
            </p>
            <Samples what="issue a registration token" id="token" samples=samples />
            <p>"Your page mounts the widget with it, and the user pastes their key there."</p>
            <Code
                code=snippet(values, snippets::widget_html)
                what="HTML to mount the widget"
                caption="HTML"
            />
        </Step>
    }
}

#[component]
fn Call(values: Memo<Values>, progress: Memo<Progress>) -> impl IntoView {
    let samples = vec![
        Sample {
            name: "curl",
            code: snippet(values, snippets::chat_curl),
        },
        Sample {
            name: "Node.js",
            code: snippet(values, snippets::chat_node),
        },
        Sample {
            name: "Python",
            code: snippet(values, snippets::chat_python),
        },
    ];
    view! {
        <Step
            number=3
            title="Call a model for that user"
            progress=progress
            waiting="Waiting for a request"
        >
            <p>
                "Any OpenAI client works: change its base URL and name the user. Relay uses that user's key, and nobody else's."
            </p>
            <Samples what="call a model" id="chat" samples=samples />
            <Link to=Route::Requests class="btn">
                {Icon::List.view()}
                "Go to requests"
            </Link>
        </Step>
    }
}

/// Whether any row of a list shows that a step has been taken.
fn progress<T>(listing: Listing<T>, taken: fn(&T) -> bool) -> Memo<Progress>
where
    T: Clone + Send + Sync + 'static,
{
    Memo::new(move |_| {
        listing.rows.with(|rows| match rows {
            Rows::Ready(rows) if rows.iter().any(taken) => Progress::Done,
            Rows::Ready(_) => Progress::Open,
            _ => Progress::Unknown,
        })
    })
}

fn first_failure(
    keys: Listing<RelayKey>,
    users: Listing<EndUser>,
    requests: Listing<RequestRecord>,
) -> Signal<Option<crate::problem::Problem>> {
    Signal::derive(move || {
        keys.failure()
            .or_else(|| users.failure())
            .or_else(|| requests.failure())
    })
}

/// Calls `look` every few seconds for as long as the screen is shown and looked at.
fn keep_looking(look: impl Fn() + 'static) {
    let every = set_interval_with_handle(
        move || {
            if browser::is_visible() {
                look();
            }
        },
        LOOK_EVERY,
    );
    if let Ok(every) = every {
        on_cleanup(move || every.clear());
    }
}

#[component]
fn Step(
    /// Its place in the order.
    number: u8,
    /// What to do.
    title: &'static str,
    /// Whether it has been done.
    progress: Memo<Progress>,
    /// What to say while it has not.
    waiting: &'static str,
    /// How to do it.
    children: Children,
) -> impl IntoView {
    let is_done = move || progress.get() == Progress::Done;
    let marker = move || {
        if is_done() {
            Icon::Check.view().into_any()
        } else {
            number.into_any()
        }
    };
    let state = move || match progress.get() {
        Progress::Done => Some(view! { <Badge tone=Tone::Good text="Done" /> }),
        Progress::Open => Some(view! { <Badge tone=Tone::Quiet text=waiting /> }),
        Progress::Unknown => None,
    };
    view! {
        <li class="panel step" class:step-done=is_done>
            <span class="step-number" aria-hidden="true">{marker}</span>
            <div class="step-content">
                <header class="step-head">
                    <h2>{title}</h2>
                    <span aria-live="polite">{state}</span>
                </header>
                {children()}
            </div>
        </li>
    }
}
