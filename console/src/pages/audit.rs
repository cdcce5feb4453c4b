//! Who changed what: sentences, filters that the address holds, pages from the server.

mod sentence;

use leptos::prelude::*;
use relay_api::{AuditActor, AuditEntry};

use self::sentence::{ACTIONS, About, sentence};
use crate::app::use_session;
use crate::browser;
use crate::format;
use crate::listing::Listing;
use crate::navigation::{Link, Query};
use crate::report::DAY_MS;
use crate::route::{self, Route};
use crate::ui::{
    Ago, Cells, Empty, Icon, ListView, PageHeader, clear_filters, column, days, filter_bar, owned,
    select_filter, table_panel, text_filter,
};

/// The filters in the address; days, which the server is told as instants, come last.
const FILTERS: [&str; 5] = ["action", "actorKind", "subject", "from", "to"];

/// Who may have done it: the wire's word, and what people read.
const ACTORS: [(&str, &str); 6] = [
    ("", "Anyone"),
    ("member", "Members"),
    ("relay-key", "Relay keys"),
    ("end-user", "End users"),
    ("operator", "Operator"),
    ("relay", "Relay"),
];

/// Where the list is read from.
fn path(query: Query) -> String {
    let [asked @ .., (_, from), (_, to)] = FILTERS.map(|name| (name, query.get(name)));
    // The days in the fields are the reader's own, and the last one is meant whole.
    let from = browser::day_start_ms(&from).map(browser::iso);
    let to = browser::day_start_ms(&to).map(|day| browser::iso(day + DAY_MS));
    let mut asked: Vec<(&str, &str)> = asked
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    asked.push(("from", from.as_deref().unwrap_or_default()));
    asked.push(("to", to.as_deref().unwrap_or_default()));
    format!("/v1/audit{}", route::query_with("?limit=50", &asked))
}

/// The screen.
pub(crate) fn audit() -> AnyView {
    let query = Query::current();
    let listing = Listing::<AuditEntry>::at(use_session(), move || path(query));
    let is_filtered = query.has_any(&FILTERS);
    view! {
        <PageHeader title=Route::Audit.title() about="Every change to this tenant, by whom and when. Nobody can edit or delete it.">
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
        {filters(query)}
        <ListView
            listing=listing
            rows=rows
            empty=move || nothing(is_filtered.get(), query)
        />
    }
    .into_any()
}

fn filters(query: Query) -> AnyView {
    let value = move |name: &'static str| Signal::derive(move || query.get(name));
    let choose = move |name: &'static str| move |word: String| query.push(&[(name, &word)]);
    let actions = Signal::derive(move || {
        let mut options = owned(&[("", "Anything")]);
        options.extend(
            ACTIONS
                .iter()
                .map(|(action, did, _)| ((*action).to_owned(), format::capitalized(did))),
        );
        options
    });
    let fields = view! {
            {select_filter(
                "actorKind",
                "Who",
                value("actorKind"),
                Signal::stored(owned(&ACTORS)),
                choose("actorKind"),
            )}
            {select_filter("action", "Did what", value("action"), actions, choose("action"))}
            {text_filter(
                "subject",
                "To what",
                "users/ada",
                value("subject"),
                move |text| query.replace(&[("subject", text.trim())]),
            )}
            {days(query)}
    };
    filter_bar(query, &FILTERS, fields.into_any())
}

fn nothing(is_filtered: bool, query: Query) -> AnyView {
    let content = if is_filtered {
        view! {
            <Empty icon=Icon::Book title="Nothing like that" text="No change matches these filters.">
                {clear_filters("btn", query, &FILTERS)}
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty
                icon=Icon::Book
                title="No changes yet"
                text="Whoever creates a key, changes a policy or invites somebody is written down here."
            />
        }
        .into_any()
    };
    view! { <div class="panel">{content}</div> }.into_any()
}

fn rows(entries: Vec<AuditEntry>) -> AnyView {
    let columns = [column("When"), column("Who"), column("What")];
    let rows = entries.into_iter().map(row).collect();
    table_panel("Changes, newest first", "table-audit", &columns, rows)
}

fn row(entry: AuditEntry) -> Cells {
    let About {
        did,
        what,
        link,
        more,
    } = sentence(&entry);
    let what = match link {
        Some((route, parameter)) => view! {
            <Link to=route of=parameter class="link strong break">{what}</Link>
        }
        .into_any(),
        None => view! { <span class="strong break">{what}</span> }.into_any(),
    };
    let done = view! {
        <div>
            {did}" "{what}
            {(!more.is_empty()).then(|| view! { <span class="sub break">{more}</span> })}
        </div>
    };
    Cells::from(vec![
        view! { <Ago at=entry.at /> }.into_any(),
        who(entry.actor),
        done.into_any(),
    ])
}

fn who(actor: AuditActor) -> AnyView {
    let AuditActor { kind, id, name } = actor;
    let (shown, kind) = match kind.as_str() {
        "operator" => ("The operator".to_owned(), "by the command line"),
        "relay" => ("Relay".to_owned(), "by itself"),
        "relay-key" => (name.unwrap_or(id), "relay key"),
        "end-user" => (id, "end user"),
        _ => (name.unwrap_or(id), "member"),
    };
    view! {
        <div>
            <span class="break">{shown}</span>
            <span class="sub">{kind}</span>
        </div>
    }
    .into_any()
}
