//! The log of what was sent to a webhook: every event, every try.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{Delivery, DeliveryAttempt, DeliveryStatus};

use super::status_badge;
use crate::api::{Method, segment};
use crate::app::use_session;
use crate::browser;
use crate::format;
use crate::listing::Listing;
use crate::ui::{Ago, Code, Empty, Icon, ListView, Toasts, button};

/// How often the log is read again while something is on its way.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// The log.
pub(super) fn deliveries(
    listing: Listing<Delivery>,
    path: StoredValue<String>,
    may_manage: bool,
) -> AnyView {
    let pending = move || {
        listing
            .ready()
            .iter()
            .any(|row| row.status == DeliveryStatus::Pending)
    };
    let look = move || {
        if browser::is_visible() && untrack(pending) {
            listing.refresh();
        }
    };
    if let Ok(ticking) = set_interval_with_handle(look, LOOK_EVERY) {
        on_cleanup(move || ticking.clear());
    }
    // Which entry is unfolded outlives the rows, which are drawn anew with every answer.
    let unfolded = RwSignal::new(None::<String>);
    view! {
        <div class="below-head below-head-row">
            <h2>"Deliveries"</h2>
            {button("btn btn-small", "Refresh", "Refresh deliveries", move || listing.refresh())}
        </div>
        <ListView
            listing=listing
            rows=move |rows| {
                let rows = rows
                    .into_iter()
                    .map(|row| entry(row, listing, path, may_manage, unfolded))
                    .collect_view();
                view! { <ul class="panel deliveries" aria-label="Deliveries">{rows}</ul> }.into_any()
            }
            empty=nothing_yet
        />
    }
    .into_any()
}

fn nothing_yet() -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::Bell
                title="Nothing sent yet"
                text="Events appear here as they happen, with every try and its answer. Send a test to see one."
            />
        </div>
    }
    .into_any()
}

fn entry(
    delivery: Delivery,
    listing: Listing<Delivery>,
    path: StoredValue<String>,
    may_manage: bool,
    unfolded: RwSignal<Option<String>>,
) -> AnyView {
    let id = StoredValue::new(delivery.id.clone());
    let is_open = move || id.with_value(|id| unfolded.with(|open| open.as_ref() == Some(id)));
    let fold = move |_| {
        let next = (!is_open()).then(|| id.get_value());
        unfolded.set(next);
    };
    let tries = delivery.attempts.len();
    let summary = match (delivery.status, delivery.next_attempt_at.clone()) {
        (DeliveryStatus::Pending, Some(next)) if tries > 0 => {
            view! { {tried(tries)}", again "<Ago at=next /> }.into_any()
        }
        (DeliveryStatus::Pending, _) if tries == 0 => "on its way".into_any(),
        _ => tried(tries).into_any(),
    };
    let more = {
        let delivery = delivery.clone();
        move || is_open().then(|| details(delivery.clone(), listing, path, may_manage))
    };
    let panel = format!("delivery-{}", delivery.id);
    view! {
        <li class="delivery">
            <button
                type="button"
                class="delivery-head"
                aria-expanded=move || is_open().to_string()
                aria-controls=panel.clone()
                on:click=fold
            >
                {status_badge(delivery.status)}
                <span class="mono break">{delivery.event}</span>
                <span class="sub delivery-tries">{summary}</span>
                <span class="sub"><Ago at=delivery.created_at /></span>
            </button>
            <div id=panel>{more}</div>
        </li>
    }
    .into_any()
}

fn tried(tries: usize) -> String {
    if tries == 1 {
        "1 try".to_owned()
    } else {
        format!("{tries} tries")
    }
}

fn details(
    delivery: Delivery,
    listing: Listing<Delivery>,
    path: StoredValue<String>,
    may_manage: bool,
) -> AnyView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let id = StoredValue::new(delivery.id.clone());
    let again = move || {
        spawn_local(async move {
            let sent = async {
                let id = segment(&id.get_value())?;
                let path = format!("{}/deliveries/{id}/retry", path.get_value());
                let session = session.get_value();
                session.send::<Delivery>(Method::Post, &path, &()).await
            }
            .await;
            match sent {
                Ok(sent) => {
                    toasts.done("It is sent again.");
                    listing.amend(|rows| {
                        for row in rows.iter_mut().filter(|row| row.id == sent.id) {
                            *row = sent.clone();
                        }
                    });
                }
                Err(problem) => toasts.failed(problem),
            }
        });
    };
    let attempts = delivery
        .attempts
        .into_iter()
        .map(|attempt| {
            let outcome = outcome(&attempt);
            view! {
                <li>
                    <Ago at=attempt.at />
                    <span>{outcome}</span>
                    <span class="sub">{format::duration(attempt.duration_ms)}</span>
                </li>
            }
        })
        .collect_view();
    let done = delivery.status != DeliveryStatus::Pending;
    let retry = (may_manage && done).then(|| button("btn btn-small", "Send again", "", again));
    let body = browser::pretty_json(&delivery.body);
    view! {
        <div class="delivery-more">
            <ol class="attempts" aria-label="Tries">{attempts}</ol>
            <p class="small-print">"webhook-id "{delivery.id}</p>
            <Code code=Signal::stored(body) what="body" caption="Body" />
            <div class="buttons">{retry}</div>
        </div>
    }
    .into_any()
}

/// What came of a try, in words.
fn outcome(attempt: &DeliveryAttempt) -> String {
    let status = attempt.status.unwrap_or_default();
    match attempt.error.as_deref() {
        None => format!("Taken ({status})"),
        Some("status") => format!("Answered {status}: anything but 2xx counts as a failure"),
        Some("redirect") => format!("Answered {status}, a redirect: these are never followed"),
        Some("timeout") => "No answer in time".to_owned(),
        Some("unreachable") => "Could not be reached".to_owned(),
        Some("forbidden") => "Its address is one that Relay may not reach".to_owned(),
        Some(other) => format!("Failed: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_of_a_try_has_words() {
        let attempt = |status, error: Option<&str>| DeliveryAttempt {
            at: String::new(),
            status,
            error: error.map(str::to_owned),
            duration_ms: 1,
        };
        assert_eq!(outcome(&attempt(Some(204), None)), "Taken (204)");
        assert!(outcome(&attempt(Some(500), Some("status"))).contains("500"));
        assert!(outcome(&attempt(None, Some("timeout"))).contains("in time"));
        assert!(outcome(&attempt(None, Some("new"))).contains("new"));
    }
}
