//! The tenant's end users: found by the beginning of their label, with what they connected and used.

mod one;

use leptos::prelude::*;
use relay_api::{Credential, EndUser};

pub(crate) use self::one::User;
use super::providers::health;
use crate::app::use_session;
use crate::format;
use crate::listing::Listing;
use crate::navigation::{Link, Query};
use crate::provider;
use crate::route::{Route, query_with};
use crate::ui::{
    Ago, Badge, Cells, Empty, Icon, ListView, PageHeader, button, cell, column, number,
    table_panel, text_filter,
};

/// The users screen.
#[component]
pub(crate) fn Users() -> impl IntoView {
    let query = Query::current();
    let wanted = query.watch("q");
    let listing = Listing::<EndUser>::at(use_session(), move || {
        format!(
            "/v1/users{}",
            query_with("?limit=50", &[("q", &wanted.get())])
        )
    });
    view! {
        <PageHeader title=Route::Users.title() about="Your customers, by the label your app sends, with the provider keys they have connected and what they used this month.">
            <button
                type="button"
                class="btn"
                aria-disabled=move || listing.busy.get().to_string()
                on:click=move |_| listing.refresh()
            >
                {Icon::Refresh.view()}
                "Refresh"
            </button>
        </PageHeader>
        <div class="filters" role="search" aria-label="Users">
            {text_filter("q", "Label begins with", "customer-10", wanted.into(), move |text: String| {
                query.replace(&[("q", &text)]);
            })}
        </div>
        <ListView
            listing=listing
            rows=table
            empty=move || if wanted.get().is_empty() { nobody_yet() } else { nobody_found(query) }
        />
    }
}

fn nobody_yet() -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::People
                title="No users yet"
                text="A user appears here once they connect a provider key in the widget. Your app names each one with a label of its own."
            >
                <Link to=Route::GetStarted class="btn">
                    "See how to connect one"
                </Link>
            </Empty>
        </div>
    }
    .into_any()
}

fn nobody_found(query: Query) -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::People
                title="No user's label begins so"
                text="Labels are compared from their first letter on, exactly as your app sends them."
            >
                {button("btn", "Show all users", "", move || query.replace(&[("q", "")]))}
            </Empty>
        </div>
    }
    .into_any()
}

fn table(users: Vec<EndUser>) -> AnyView {
    let columns = [
        column("User"),
        column("Connected"),
        number("Calls this month"),
        number("Tokens"),
        number("Cost"),
        column("First seen"),
    ];
    let rows = users
        .into_iter()
        .map(|user| {
            let label = user.label.clone();
            Cells::from(vec![
                view! { <Link to=Route::User of=user.label class="link strong break">{label}</Link> }.into_any(),
                connected(&user.credentials),
                cell(format::thousands(user.usage.requests)),
                cell(format::compact(user.usage.tokens)),
                cell(format::money(user.usage.cost_nanodollars)),
                view! { <Ago at=user.created_at /> }.into_any(),
            ])
        })
        .collect();
    table_panel("Users", "table-heads", &columns, rows)
}

/// The providers a user has keys of; one that does not work says so.
fn connected(credentials: &[Credential]) -> AnyView {
    if credentials.is_empty() {
        return view! { <span class="muted">"Nothing"</span> }.into_any();
    }
    let badges = credentials
        .iter()
        .map(|credential| {
            let (tone, word) = health(credential.status);
            let name = provider::name(&credential.provider);
            let text = if word == "Active" {
                name
            } else {
                format!("{name}: {}", word.to_lowercase())
            };
            view! { <Badge tone=tone text=text /> }
        })
        .collect_view();
    view! { <span class="badges">{badges}</span> }.into_any()
}
