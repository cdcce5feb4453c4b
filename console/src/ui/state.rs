//! What a screen shows besides its rows: a heading, waiting, nothing, and failure.

use leptos::prelude::*;

use super::Icon;
use crate::listing::{Listing, Rows};
use crate::navigation::Link;
use crate::problem::Problem;
use crate::route::Route;

/// How many grey rows stand in for rows to come.
const SKELETON_ROWS: usize = 4;

/// A screen's heading, what it is about, and its actions. The heading takes the keyboard's focus
/// after navigation, so that a screen reader says where one is.
#[component]
pub(crate) fn PageHeader(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A sentence on what the screen is for.
    #[prop(optional, into)]
    about: String,
    /// The list that this is one row of.
    #[prop(optional)]
    up: Option<Route>,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-head">
            <div class="page-words">
                {up
                    .map(|list| {
                        view! {
                            <Link to=list class="page-up">
                                {Icon::Back.view()}
                                {list.title()}
                            </Link>
                        }
                    })}
                <h1 id="page-title" tabindex="-1">{title}</h1>
                {(!about.is_empty()).then(|| view! { <p class="page-about">{about}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}

/// Teaches what will be here and how to get it.
#[component]
pub(crate) fn Empty(
    /// The picture.
    icon: Icon,
    /// What is missing, in a few words.
    title: &'static str,
    /// What would fill it.
    text: &'static str,
    /// A link or button that does so.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon">{icon.view()}</span>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// A sentence of the server's: what stands between backticks in it is code.
pub(crate) fn sentence(text: &str) -> AnyView {
    text.split('`')
        .enumerate()
        .map(|(place, part)| {
            let part = part.to_owned();
            if place % 2 == 1 {
                view! { <code>{part}</code> }.into_any()
            } else {
                part.into_any()
            }
        })
        .collect_view()
        .into_any()
}

/// A problem in place of what could not be had, with a way to try again.
#[component]
pub(crate) fn Failure(
    /// What went wrong.
    problem: Problem,
    /// Tries again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="panel empty" role="alert">
            <span class="empty-icon empty-icon-bad">{Icon::Alert.view()}</span>
            <h2>"This could not be loaded"</h2>
            <p>{sentence(&problem.message)}</p>
            <button type="button" class="btn" on:click=move |_| retry.run(())>
                {Icon::Refresh.view()}
                "Try again"
            </button>
            {problem.request_id.map(|id| view! { <p class="small-print">"Request "{id}</p> })}
        </div>
    }
}

/// A problem beside a form or above rows, announced when it appears.
#[component]
pub(crate) fn ProblemNote(
    /// What went wrong, if anything.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    view! {
        <div role="alert">
            {move || {
                problem
                    .get()
                    .map(|problem| {
                        view! {
                            <div class="note note-bad">
                                {Icon::Alert.view()}
                                <div>
                                    <p>{sentence(&problem.message)}</p>
                                    {problem
                                        .request_id
                                        .map(|id| {
                                            view! { <p class="small-print">"Request "{id}</p> }
                                        })}
                                </div>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// A list in whichever state it is: waiting, failed, empty, or its rows and the way to more.
#[component]
pub(crate) fn ListView<T, R, E>(
    /// The list.
    listing: Listing<T>,
    /// Draws the rows; never called with none.
    rows: R,
    /// Draws what stands there when there are none.
    empty: E,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    R: Fn(Vec<T>) -> AnyView + Send + 'static,
    E: Fn() -> AnyView + Send + 'static,
{
    let content = move || match listing.rows.get() {
        Rows::Loading => view! { <Skeleton /> }.into_any(),
        Rows::Failed(problem) => {
            view! { <Failure problem=problem retry=move |()| listing.refresh() /> }.into_any()
        }
        Rows::Ready(ready) if ready.is_empty() => empty(),
        Rows::Ready(ready) => rows(ready),
    };
    let ready = move || listing.rows.with(|rows| matches!(rows, Rows::Ready(_)));
    view! {
        <ProblemNote problem=listing.stale />
        <div class="list" aria-busy=move || listing.busy.get().to_string()>
            {content}
        </div>
        <Show when=move || ready() && listing.has_more()>
            <div class="load-more">
                <button
                    type="button"
                    class="btn"
                    aria-disabled=move || listing.busy.get().to_string()
                    on:click=move |_| {
                        if !listing.busy.get_untracked() {
                            listing.load_more();
                        }
                    }
                >
                    {move || if listing.busy.get() { "Loading…" } else { "Load more" }}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Skeleton() -> impl IntoView {
    let rows = (0..SKELETON_ROWS)
        .map(|_| {
            view! {
                <div class="skeleton-row">
                    <span class="skeleton skeleton-wide"></span>
                    <span class="skeleton"></span>
                    <span class="skeleton skeleton-short"></span>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="panel">
            <p class="visually-hidden" role="status">"Loading"</p>
            {rows}
        </div>
    }
}

/// A part of a page of settings: what it is about, beside what can be done.
pub(crate) fn section(
    title: &'static str,
    about: impl IntoView + 'static,
    content: AnyView,
) -> AnyView {
    let id = format!("section-{}", title.to_lowercase().replace(' ', "-"));
    let labelled = id.clone();
    view! {
        <section class="section" aria-labelledby=labelled>
            <div class="section-words">
                <h2 id=id>{title}</h2>
                <div class="muted">{about}</div>
            </div>
            <div class="panel section-content">{content}</div>
        </section>
    }
    .into_any()
}

/// Says why something is not offered here.
pub(crate) fn not_offered(why: &'static str) -> AnyView {
    view! {
        <p class="not-offered">{Icon::Lock.view()} {why}</p>
    }
    .into_any()
}
