//! The inference calls: filters that the address holds, pages from the server, and a live tail.

mod detail;
mod outcome;
mod waterfall;

use std::collections::HashSet;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{Page, RelayKey, RequestRecord};

pub(crate) use self::detail::Request;
pub(super) use self::outcome::attempt;
use crate::app::use_session;
use crate::browser;
use crate::format;
use crate::listing::Listing;
use crate::navigation::{Link, Query};
use crate::provider;
use crate::report::HOUR_MS;
use crate::route::{self, Route};
use crate::ui::{
    Ago, Badge, Cells, Empty, Icon, ListView, PageHeader, cell, clear_filters, column, days,
    filter_bar, number, or_dash, owned, select_filter, table_panel, text_filter, with_sub,
};

/// The filters in the address.
const FILTERS: [&str; 8] = [
    "status", "model", "key", "user", "provider", "time", "from", "to",
];
/// Those that the server calls the same and takes as they are; the others are about time.
const AS_THEY_ARE: usize = 5;

const STATUSES: [(&str, &str); 7] = [
    ("", "Any"),
    ("2xx", "Succeeded"),
    ("error", "Failed"),
    ("4xx", "4xx"),
    ("429", "429, limited"),
    ("424", "424, not connected"),
    ("5xx", "5xx"),
];

const TIMES: [(&str, &str); 5] = [
    ("", "Any"),
    ("1h", "Last hour"),
    ("24h", "Last 24 hours"),
    ("7d", "Last 7 days"),
    ("between", "Between days"),
];

/// How often the tail looks for newer calls.
const TAIL_EVERY: Duration = Duration::from_secs(2);
/// A long call is written after shorter ones that came later: so many rows are looked at again.
const LOOKED_AT_AGAIN: usize = 30;
/// More rows than anyone reads; those below are a page away.
const TAIL_ROWS: usize = 300;

/// Where the list is read from. The server takes instants; the address may say "the last hour".
fn path(query: Query) -> String {
    let mut asked: Vec<(&str, String)> = FILTERS[..AS_THEY_ARE]
        .iter()
        .map(|name| (*name, query.get(name)))
        .collect();
    let since = match query.get("time").as_str() {
        "1h" => HOUR_MS,
        "24h" => 24 * HOUR_MS,
        "7d" => 7 * 24 * HOUR_MS,
        _ => 0,
    };
    if since > 0 {
        asked.push(("from", browser::iso(browser::now_ms() - since)));
    } else {
        asked.push(("from", query.get("from")));
        // A day in the field is meant whole.
        let to = query.get("to");
        let day = (to.len() == 10).then(|| browser::instant_ms(&to)).flatten();
        asked.push(("to", day.map_or(to, |day| browser::iso(day + 24 * HOUR_MS))));
    }
    let asked: Vec<(&str, &str)> = asked
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    format!("/v1/requests{}", route::query_with("?limit=50", &asked))
}

/// The requests screen.
#[component]
pub(crate) fn Requests() -> impl IntoView {
    let query = Query::current();
    let session = use_session();
    let listing = Listing::at(session.clone(), move || path(query));
    let live = RwSignal::new(false);
    let fresh = RwSignal::new(HashSet::<String>::new());
    follow(query, listing, live, fresh);
    let is_filtered = query.has_any(&FILTERS);
    view! {
        <PageHeader title=Route::Requests.title() about="Every call your apps made through Relay, newest first.">
            <button
                type="button"
                class="btn"
                class:btn-live=live
                aria-pressed=move || live.get().to_string()
                on:click=move |_| live.update(|live| *live = !*live)
            >
                <span class="live-dot" aria-hidden="true"></span>
                {move || if live.get() { "Pause" } else { "Live" }}
            </button>
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
        <p class="visually-hidden" role="status">
            {move || live.get().then_some("Live: new calls appear at the top.")}
        </p>
        <ListView
            listing=listing
            rows=move |records| rows(records, fresh)
            empty=move || if is_filtered.get() { nothing_found(query) } else { nothing_yet() }
        />
    }
}

/// While the tail is on and someone looks: asks for newer calls, and puts them on top.
fn follow(
    query: Query,
    listing: Listing<RequestRecord>,
    live: RwSignal<bool>,
    fresh: RwSignal<HashSet<String>>,
) {
    let session = StoredValue::new(use_session());
    let asking = StoredValue::new(false);
    let look = move || {
        if !live.get_untracked() || !browser::is_visible() || asking.get_value() {
            return;
        }
        let known = untrack(|| listing.ready());
        let place = LOOKED_AT_AGAIN.min(known.len().saturating_sub(1));
        let from = known
            .get(place)
            .map_or("00000000-0000-0000-0000-000000000000", |row| {
                row.id.as_str()
            });
        let path = format!("{}&newer={from}", untrack(|| path(query)));
        asking.set_value(true);
        let session = session.get_value();
        spawn_local(async move {
            let answer = session.get::<Page<RequestRecord>>(&path).await;
            asking.try_set_value(false);
            if live.try_get_untracked() != Some(true) {
                return;
            }
            match answer {
                Ok(page) => {
                    let known: HashSet<&String> = known.iter().map(|row| &row.id).collect();
                    let newer: Vec<_> = page
                        .data
                        .into_iter()
                        .filter(|row| !known.contains(&row.id))
                        .collect();
                    if !newer.is_empty() {
                        fresh.try_set(newer.iter().map(|row| row.id.clone()).collect());
                        listing.amend(|rows| {
                            rows.extend(newer);
                            rows.sort_by(|one, next| next.id.cmp(&one.id));
                            rows.truncate(TAIL_ROWS);
                        });
                    }
                }
                Err(problem) => {
                    live.try_set(false);
                    listing.stale.try_set(Some(problem));
                }
            }
        });
    };
    if let Ok(ticking) = set_interval_with_handle(look, TAIL_EVERY) {
        on_cleanup(move || ticking.clear());
    }
    Effect::new(move || {
        if live.get() {
            look();
        }
    });
}

fn filters(query: Query) -> AnyView {
    let session = use_session();
    let keys = Listing::<RelayKey>::at(session, || "/v1/relay-keys?limit=100".to_owned());
    let keys = Signal::derive(move || {
        let mut options = owned(&[("", "Any")]);
        options.extend(keys.ready().into_iter().map(|key| (key.id, key.name)));
        options
    });
    let set = move |name: &'static str| move |text: String| query.push(&[(name, text.trim())]);
    let typed = move |name: &'static str| move |text: String| query.replace(&[(name, text.trim())]);
    let value = move |name: &'static str| -> Signal<String> { query.watch(name).into() };
    let time = Signal::derive(move || {
        let time = query.get("time");
        if time.is_empty() && !query.get("from").is_empty() {
            "between".to_owned()
        } else {
            time
        }
    });
    let choose_time = move |text: String| query.push(&[("time", &text), ("from", ""), ("to", "")]);
    let days = move || (time.get() == "between").then(|| days(query));
    let fields = view! {
            {select_filter("status", "Status", value("status"), Signal::stored(owned(&STATUSES)), set("status"))}
            {select_filter("time", "Time", time, Signal::stored(owned(&TIMES)), choose_time)}
            {days}
            {text_filter("model", "Model", "gpt-5-mini", value("model"), typed("model"))}
            {select_filter("key", "Relay key", value("key"), keys, set("key"))}
            {text_filter("user", "User", "label", value("user"), typed("user"))}
            {text_filter("provider", "Provider", "openai", value("provider"), typed("provider"))}
    };
    filter_bar(query, &FILTERS, fields.into_any())
}

fn nothing_found(query: Query) -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::List
                title="No request matches"
                text="Model, user and provider are compared as they are written, whole. Widen the filters or the time."
            >
                {clear_filters("btn", query, &FILTERS)}
            </Empty>
        </div>
    }
    .into_any()
}

fn nothing_yet() -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::List
                title="No requests yet"
                text="The first call an app makes with a relay key shows up here, with its tokens, cost, time and outcome."
            >
                <Link to=Route::GetStarted class="btn">
                    "See how to make one"
                </Link>
            </Empty>
        </div>
    }
    .into_any()
}

fn rows(records: Vec<RequestRecord>, fresh: RwSignal<HashSet<String>>) -> AnyView {
    let columns = [
        column("Time"),
        column("Model"),
        column("Status"),
        column("User"),
        column("Relay key"),
        number("Tokens in / out"),
        number("Cost"),
        number("Duration"),
    ];
    let fresh = fresh.get_untracked();
    let rows = records
        .into_iter()
        .map(|record| {
            let class = if fresh.contains(&record.id) {
                "row-fresh"
            } else {
                ""
            };
            row(record).class(class)
        })
        .collect();
    table_panel("Requests, newest first", "table-requests", &columns, rows)
}

fn row(record: RequestRecord) -> Cells {
    let tokens = tokens(&record);
    let (tone, status) = (outcome::tone(&record), record.status.to_string());
    let time = view! {
        <Link to=Route::Request of=record.id.clone() class="link">
            <Ago at=record.at />
            <span class="visually-hidden">{format!(", details of request {}", record.id)}</span>
        </Link>
    };
    let model = view! { <span class="mono break">{record.model}</span> }.into_any();
    let status = view! { <Badge tone=tone text=status /> }.into_any();
    let provider = record
        .provider
        .map(|id| provider::name(&id))
        .unwrap_or_default();
    let cells = vec![
        time.into_any(),
        with_sub(model, provider),
        with_sub(status, record.error_code.unwrap_or_default()),
        or_dash(record.end_user),
        or_dash(record.relay_key),
        cell(tokens),
        cell(cost(record.cost_nanodollars)),
        cell(format::duration(record.duration_ms)),
    ];
    Cells::from(cells)
}

/// A cost, where it is known.
fn cost(nanodollars: Option<u64>) -> String {
    nanodollars.map_or_else(|| "–".to_owned(), format::money)
}

fn tokens(record: &RequestRecord) -> String {
    if record.input_tokens.is_none() && record.output_tokens.is_none() {
        return "–".to_owned();
    }
    let side = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), format::thousands);
    format!(
        "{} / {}",
        side(record.input_tokens),
        side(record.output_tokens)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_counts_and_costs_are_not_shown_as_zero() {
        assert_eq!(tokens(&RequestRecord::default()), "–");
        let half = RequestRecord {
            input_tokens: Some(1204),
            ..RequestRecord::default()
        };
        assert_eq!(tokens(&half), "1,204 / –");
        assert_eq!(
            (cost(None), cost(Some(0))),
            ("–".to_owned(), "$0".to_owned())
        );
    }
}
