//! The latest inference calls, newest first.

use leptos::prelude::*;
use relay_api::RequestRecord;

use crate::app::use_session;
use crate::browser;
use crate::format;
use crate::listing::Listing;
use crate::navigation::Link;
use crate::provider;
use crate::route::Route;
use crate::ui::{Ago, Badge, CopyButton, Dialog, Empty, Icon, ListView, PageHeader, Tone};

/// Rows a page.
const PAGE_ROWS: u16 = 50;

/// The requests screen.
#[component]
pub(crate) fn Requests() -> impl IntoView {
    let session = use_session();
    let listing = Listing::new(move |cursor| {
        let session = session.clone();
        async move { session.requests(PAGE_ROWS, cursor).await }
    });
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(None::<RequestRecord>);
    let show = Callback::new(move |record: RequestRecord| {
        chosen.set(Some(record));
        open.set(true);
    });
    view! {
        <PageHeader title=Route::Requests.title() about="Every call your apps made through Relay, newest first.">
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
        <ListView listing=listing rows=move |records| table(records, show) empty=nothing_yet />
        <Dialog open=open id="request" title="Request">
            {move || chosen.get().map(details)}
        </Dialog>
    }
}

fn nothing_yet() -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::List
                title="No requests yet"
                text="The first call an app makes with a relay key shows up here, with its tokens, time and outcome."
            >
                <Link to=Route::GetStarted class="btn">
                    "See how to make one"
                </Link>
            </Empty>
        </div>
    }
    .into_any()
}

fn table(records: Vec<RequestRecord>, show: Callback<RequestRecord>) -> AnyView {
    let rows = records
        .into_iter()
        .map(|record| row(record, show))
        .collect_view();
    view! {
        <div class="panel panel-scroll">
            <table class="table table-requests">
                <caption class="visually-hidden">"Requests, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col">"Model"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"User"</th>
                        <th scope="col">"Relay key"</th>
                        <th scope="col" class="number">"Tokens in / out"</th>
                        <th scope="col" class="number">"Duration"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(record: RequestRecord, show: Callback<RequestRecord>) -> impl IntoView {
    let chosen = record.clone();
    let tokens = tokens(&record);
    let (tone, status) = (tone(&record), record.status.to_string());
    view! {
        <tr>
            <td data-label="Time">
                <button type="button" class="link" on:click=move |_| show.run(chosen.clone())>
                    <Ago at=record.at />
                    <span class="visually-hidden">{format!(", details of request {}", record.id)}</span>
                </button>
            </td>
            <td data-label="Model">
                <div>
                    <span class="mono break">{record.model}</span>
                    <span class="sub">{record.provider.map(|id| provider::name(&id))}</span>
                </div>
            </td>
            <td data-label="Status">
                <div>
                    <Badge tone=tone text=status />
                    {record.error_code.map(|code| view! { <span class="sub mono">{code}</span> })}
                </div>
            </td>
            <td data-label="User">{or_dash(record.end_user)}</td>
            <td data-label="Relay key">{or_dash(record.relay_key)}</td>
            <td data-label="Tokens in / out" class="number nowrap">{tokens}</td>
            <td data-label="Duration" class="number nowrap">{format::duration(record.duration_ms)}</td>
        </tr>
    }
}

fn or_dash(text: Option<String>) -> impl IntoView {
    match text {
        Some(text) => {
            view! { <span class="clip" title=text.clone()>{text.clone()}</span> }.into_any()
        }
        None => view! { <span class="muted">"–"</span> }.into_any(),
    }
}

/// How a call ended, as a colour. A stream that broke after its 200 has an error code all the same.
fn tone(record: &RequestRecord) -> Tone {
    match record.status {
        0..400 if record.error_code.is_none() => Tone::Good,
        400..500 => Tone::Warn,
        _ => Tone::Bad,
    }
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

/// Everything known of one call.
fn details(record: RequestRecord) -> impl IntoView {
    let tone = tone(&record);
    let status = match &record.error_code {
        Some(code) => format!("{} {code}", record.status),
        None => record.status.to_string(),
    };
    let facts = [
        ("Time", browser::full_time(&record.at)),
        (
            "Operation",
            if record.streamed {
                format!("{}, streamed", record.operation)
            } else {
                record.operation.clone()
            },
        ),
        ("Model", record.model.clone()),
        (
            "Provider",
            record
                .provider
                .as_deref()
                .map_or_else(|| "Not reached".to_owned(), provider::name),
        ),
        (
            "User",
            record
                .end_user
                .clone()
                .unwrap_or_else(|| "None named".to_owned()),
        ),
        (
            "Relay key",
            record.relay_key.clone().unwrap_or_else(|| "–".to_owned()),
        ),
        ("Tokens in / out", tokens(&record)),
        (
            "First byte",
            record
                .first_byte_ms
                .map_or_else(|| "–".to_owned(), format::duration),
        ),
        ("Duration", format::duration(record.duration_ms)),
    ];
    let facts = facts
        .into_iter()
        .map(|(term, fact)| view! { <div><dt>{term}</dt><dd>{fact}</dd></div> })
        .collect_view();
    view! {
        <div class="dialog-body">
            <dl class="facts">
                <div>
                    <dt>"Status"</dt>
                    <dd><Badge tone=tone text=status /></dd>
                </div>
                {facts}
            </dl>
            <div class="secret">
                <code class="secret-text">{record.id.clone()}</code>
                <CopyButton text=record.id label="Copy request id" />
            </div>
            <p class="small-print">
                "The answer carried this id in x-relay-request-id; the server's log names it too."
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> RequestRecord {
        RequestRecord {
            id: "r".to_owned(),
            at: "2026-11-21T02:06:58.000Z".to_owned(),
            operation: "chat".to_owned(),
            model: "gpt-5-mini".to_owned(),
            status: 200,
            duration_ms: 1,
            ..RequestRecord::default()
        }
    }

    #[test]
    fn a_stream_that_broke_after_its_200_is_a_failure() {
        assert_eq!(tone(&record()), Tone::Good);
        let refused = RequestRecord {
            status: 424,
            error_code: Some("user_not_connected".to_owned()),
            ..record()
        };
        assert_eq!(tone(&refused), Tone::Warn);
        let cut = RequestRecord {
            error_code: Some("stream_cut".to_owned()),
            ..record()
        };
        assert_eq!(tone(&cut), Tone::Bad);
    }

    #[test]
    fn unknown_counts_are_not_shown_as_zero() {
        assert_eq!(tokens(&record()), "–");
        let half = RequestRecord {
            input_tokens: Some(1204),
            ..record()
        };
        assert_eq!(tokens(&half), "1,204 / –");
    }
}
