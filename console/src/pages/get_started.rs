//! Getting started: three steps, each with code to take away and whether it has been done.
//! The state is the server's own: a step is done when there is a key, a connection, an answer.

use std::time::Duration;

use leptos::prelude::*;
use relay_api::{Credential, EndUser, RelayKey, RequestRecord, Role};

use crate::app::use_session;
use crate::browser;
use crate::listing::{Listing, Rows};
use crate::navigation::Link;
use crate::problem::Problem;
use crate::provider;
use crate::route::Route;
use crate::snippets::{self, Values};
use crate::ui::{
    Badge, Code, Icon, PageHeader, ProblemNote, Sample, Samples, Tone, not_offered, segmented,
};

/// How often the server is asked again while a step is open.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many of the latest requests are looked at for one that succeeded.
const REQUESTS_SEEN: u16 = 20;

/// How many steps there are.
const STEPS: usize = 3;

/// Whose key a call may use.
const PAYERS: [(&str, &str); 2] = [("user", "The user's key"), ("tenant", "Your own key")];

/// What is known of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Unknown,
    Open,
    Done,
}

impl Progress {
    /// Of a step that may be taken in either of two ways.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Done, _) | (_, Self::Done) => Self::Done,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Open,
        }
    }
}

/// What Relay knows of the way so far.
#[derive(Clone, Copy)]
struct Known {
    keys: Listing<RelayKey>,
    users: Listing<EndUser>,
    own: Listing<Credential>,
    requests: Listing<RequestRecord>,
}

impl Known {
    fn ask() -> Self {
        let session = StoredValue::new(use_session());
        Self {
            keys: Listing::new(move |cursor| {
                let session = session.get_value();
                async move { session.relay_keys(cursor).await }
            }),
            users: Listing::new(move |cursor| {
                let session = session.get_value();
                async move { session.users(cursor).await }
            }),
            own: Listing::new(move |cursor| {
                let session = session.get_value();
                async move { session.credentials(cursor).await }
            }),
            requests: Listing::new(move |cursor| {
                let session = session.get_value();
                async move { session.requests(REQUESTS_SEEN, cursor).await }
            }),
        }
    }

    /// Why something is not known, or not known anew.
    fn problem(self) -> Option<Problem> {
        let Self {
            keys,
            users,
            own,
            requests,
        } = self;
        keys.failure()
            .or_else(|| users.failure())
            .or_else(|| own.failure())
            .or_else(|| requests.failure())
            .or_else(|| keys.stale.get())
            .or_else(|| users.stale.get())
            .or_else(|| own.stale.get())
            .or_else(|| requests.stale.get())
    }

    /// The provider of a key of the tenant's own.
    fn own_provider(self) -> Option<provider::ProviderFacts> {
        let own = self.own.ready();
        own.iter().find_map(|key| provider::facts(&key.provider))
    }

    /// What snippets say: a user that has connected, and a model of theirs, if there is one.
    fn values(self, url: &str) -> Values {
        let users = self.users.ready();
        let connected = users.iter().find_map(|user| {
            let first = user.credentials.first()?;
            Some((user.label.as_str(), provider::facts(&first.provider)?))
        });
        Values::new(url, connected)
    }
}

/// The getting-started screen.
#[component]
pub(crate) fn GetStarted() -> impl IntoView {
    let url = StoredValue::new(use_session().me().public_url.clone());
    let may_create = use_session().may(Role::Developer);
    let known = Known::ask();
    let has_key = progress(known.keys, |key| key.revoked_at.is_none());
    let has_user = progress(known.users, |user| !user.credentials.is_empty());
    let has_own = progress(known.own, |_| true);
    let has_connection = Memo::new(move |_| has_user.get().or(has_own.get()));
    let has_request = progress(known.requests, |request| request.status < 400);
    keep_looking(move || {
        if has_key.get_untracked() != Progress::Done {
            known.keys.refresh();
        }
        if has_connection.get_untracked() != Progress::Done {
            known.users.refresh();
            known.own.refresh();
        }
        if has_request.get_untracked() != Progress::Done {
            known.requests.refresh();
        }
    });
    let values = Memo::new(move |_| known.values(&url.get_value()));
    let done = Memo::new(move |_| {
        [has_key, has_connection, has_request]
            .iter()
            .filter(|step| step.get() == Progress::Done)
            .count()
    });
    view! {
        <PageHeader
            title=Route::GetStarted.title()
            about="Three steps from here to an answer paid for by your user's own key."
        />
        {(!may_create)
            .then(|| not_offered("Keys are created by developers, admins and owners of this tenant."))}
        <p class="steps-done">
            <progress max=STEPS value=move || done.get().to_string() aria-label="Steps done"></progress>
            {move || format!("{} of {STEPS} done", done.get())}
        </p>
        <ProblemNote problem=Signal::derive(move || known.problem()) />
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
            <Connect values=values progress=has_connection />
            <Call known=known values=values progress=has_request />
        </ol>
    }
}

/// A snippet that follows what is known of the tenant.
fn sample(name: &'static str, values: Memo<Values>, write: fn(&Values) -> String) -> Sample {
    Sample {
        name,
        code: Signal::derive(move || values.with(write)),
    }
}

#[component]
fn Connect(values: Memo<Values>, progress: Memo<Progress>) -> impl IntoView {
    let samples = vec![
        sample("curl", values, snippets::token_curl),
        sample("Node.js", values, snippets::token_node),
    ];
    let widget = Signal::derive(move || values.with(snippets::widget_html));
    view! {
        <Step
            number=2
            title="Connect a provider key"
            progress=progress
            waiting="Waiting for a connection"
        >
            <p>
                "Each user brings a key of their own. Your backend issues a registration token for one user: short-lived, and good for one connection."
            </p>
            <Samples what="issue a registration token" id="token" samples=samples />
            <p>"Your page mounts the widget with it, and the user pastes their key there."</p>
            <Code code=widget what="HTML to mount the widget" caption="HTML" />
            <p>"You can also pay yourself, for some users or for all, with a key of your own."</p>
            <div class="buttons">
                <Link to=Route::Providers class="btn">
                    {Icon::Plug.view()}
                    "Go to providers"
                </Link>
            </div>
        </Step>
    }
}

#[component]
fn Call(known: Known, values: Memo<Values>, progress: Memo<Progress>) -> impl IntoView {
    let by_tenant = RwSignal::new(false);
    let values = Memo::new(move |_| {
        let values = values.get();
        if by_tenant.get() {
            values.without_user(known.own_provider().unwrap_or(provider::PROVIDERS[0]))
        } else {
            values
        }
    });
    let samples = vec![
        sample("curl", values, snippets::chat_curl),
        sample("Node.js", values, snippets::chat_node),
        sample("Python", values, snippets::chat_python),
        sample("Cursor", values, snippets::cursor),
        sample("Claude Code", values, snippets::claude_code),
        sample("LangChain", values, snippets::chat_langchain),
    ];
    let payer = Signal::derive(move || if by_tenant.get() { "tenant" } else { "user" }.to_owned());
    let about = move || {
        if by_tenant.get() {
            "Without a user, Relay takes a key of your own from the pool of that provider."
        } else {
            "Name the user. Relay uses that user's key, and nobody else's."
        }
    };
    view! {
        <Step number=3 title="Call a model" progress=progress waiting="Waiting for a request">
            <p>
                "Any client of OpenAI, Anthropic or Gemini works: change its base URL and its key."
            </p>
            {segmented("Whose key pays", &PAYERS, payer, move |word| by_tenant.set(word == "tenant"))}
            <p>{about}</p>
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
