//! One request: what was asked, how it went, what it used, and what was said if that is kept.

use leptos::prelude::*;
use relay_api::{RequestDetail, RequestRecord};

use super::{cost, outcome, waterfall};
use crate::api::segment;
use crate::app::{may_change, use_session};
use crate::browser;
use crate::format;
use crate::navigation::{Link, use_navigator};
use crate::provider;
use crate::remote::Remote;
use crate::route::{Route, query_with};
use crate::ui::{Badge, Code, CopyButton, Icon, PageHeader, cell, facts};

/// The screen of one request.
#[component]
pub(crate) fn Request() -> impl IntoView {
    let id = use_navigator().parameter();
    let path = segment(&id)
        .map(|id| format!("/v1/requests/{id}"))
        .unwrap_or_default();
    let request = Remote::<RequestDetail>::new(use_session(), move || path.clone());
    view! {
        <PageHeader title=Route::Request.title() about="What became of one call." up=Route::Requests>
            <CopyButton text=Signal::stored(id) label="Copy id of the request" word="Copy id" />
        </PageHeader>
        {request.view(shown)}
    }
}

fn shown(detail: RequestDetail) -> AnyView {
    let RequestDetail {
        request,
        trace,
        prompt,
        prompt_cut,
        completion,
        completion_cut,
    } = detail;
    let fall = waterfall::waterfall(&trace, request.duration_ms);
    let kept = prompt.is_some() || completion.is_some();
    let unseen = if may_change() {
        "Nothing of it is kept. A policy or a relay key can keep prompts and answers, sealed, for as long as you say."
    } else {
        "Viewers do not read what users asked and were answered."
    };
    let body = |text: Option<String>, cut: bool, what: &'static str| {
        text.map(|text| {
            let code = Signal::stored(browser::pretty_json(&text));
            view! {
                <div class="panel card">
                    <Code code=code what=what caption=what />
                    {cut.then(|| view! { <p class="small-print">"Only its beginning was kept."</p> })}
                </div>
            }
            .into_any()
        })
    };
    view! {
        {trouble(&request)}
        <div class="columns">
            <section class="panel card" aria-label="The call">{call(&request)}</section>
            <section class="panel card" aria-label="Use and cost">{used(&request)}</section>
        </div>
        <h2 class="section-title">"How it went"</h2>
        {fall}
        <h2 class="section-title">"What was said"</h2>
        <div class="stack">
            {body(prompt, prompt_cut, "Prompt")} {body(completion, completion_cut, "Answer")}
        </div>
        {(!kept)
            .then(|| {
                view! { <p class="panel card muted">{unseen}</p> }
            })}
    }
    .into_any()
}

/// What failed and what to do about it.
fn trouble(request: &RequestRecord) -> AnyView {
    let Some(code) = request.error_code.clone() else {
        return ().into_any();
    };
    let advice = outcome::advice(request.error_category.as_deref().unwrap_or_default());
    view! {
        <div class="note note-warn trouble">
            {Icon::Alert.view()}
            <div>
                <p class="strong mono">{code}</p>
                <p>{advice}</p>
            </div>
        </div>
    }
    .into_any()
}

fn link(to: Route, query: String, text: String) -> AnyView {
    view! { <Link to=to query=query class="link break">{text}</Link> }.into_any()
}

fn call(request: &RequestRecord) -> AnyView {
    let tone = outcome::tone(request);
    let mut operation = request.operation.clone();
    if request.streamed {
        operation.push_str(", streamed");
    }
    if request.partial {
        operation.push_str(", not whole");
    }
    let model = match &request.upstream_model {
        Some(upstream) if *upstream != request.model => {
            format!("{}, served as {upstream}", request.model)
        }
        _ => request.model.clone(),
    };
    let user = match request.end_user.clone() {
        Some(label) => {
            view! { <Link to=Route::User of=label.clone() class="link break">{label}</Link> }
                .into_any()
        }
        None => cell("None named"),
    };
    let key = match &request.relay_key {
        Some(name) => link(
            Route::Requests,
            query_with("", &[("key", &request.relay_key_id)]),
            name.clone(),
        ),
        None => cell("–"),
    };
    let provider = match &request.provider {
        Some(id) => cell(provider::name(id)),
        None => cell("Not reached"),
    };
    let paid = match request.paid {
        Some(true) => "Paid",
        Some(false) => "Free",
        None => "Not said",
    };
    facts(vec![
        (
            "Status",
            view! { <Badge tone=tone text=request.status.to_string() /> }.into_any(),
        ),
        ("Time", cell(browser::full_time(&request.at))),
        ("Operation", cell(operation)),
        (
            "Dialect",
            cell(request.dialect.clone().unwrap_or_else(|| "–".to_owned())),
        ),
        (
            "Model",
            view! { <span class="mono break">{model}</span> }.into_any(),
        ),
        ("Provider", provider),
        (
            "Provider key",
            cell(
                request
                    .credential_last4
                    .as_ref()
                    .map_or_else(|| "–".to_owned(), |last4| format!("•••• {last4}")),
            ),
        ),
        ("User", user),
        ("Tier", cell(paid)),
        ("Relay key", key),
        (
            "Request id",
            view! { <span class="mono break">{request.id.clone()}</span> }.into_any(),
        ),
    ])
}

fn used(request: &RequestRecord) -> AnyView {
    let count = |count: Option<u64>| cell(count.map_or_else(|| "–".to_owned(), format::thousands));
    let cost = match request.cost_nanodollars {
        Some(_) => cost(request.cost_nanodollars),
        None => "Not known: no price, or no usage".to_owned(),
    };
    facts(vec![
        ("Cost", cell(cost)),
        ("Input tokens", count(request.input_tokens)),
        ("– from cache", count(request.cached_read_tokens)),
        ("– to cache", count(request.cached_write_tokens)),
        ("Output tokens", count(request.output_tokens)),
        ("– reasoning", count(request.reasoning_tokens)),
        (
            "First byte",
            cell(
                request
                    .first_byte_ms
                    .map_or_else(|| "–".to_owned(), format::duration),
            ),
        ),
        ("Last byte", cell(format::duration(request.duration_ms))),
        ("Attempts", cell(request.attempts.to_string())),
    ])
}
