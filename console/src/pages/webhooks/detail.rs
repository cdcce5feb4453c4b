//! One webhook: what it is told, how that goes, and how to check its calls.

#![expect(
    clippy::large_types_passed_by_value,
    reason = "handles of signals, which every closure of a view takes a copy of"
)]

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{ChangedWebhook, Delivery, Role, RotateWebhook, Webhook, WebhookWithSecret};

use super::edit::{WebhookForm, secret_of, webhook_form};
use super::{deliveries, state_badge};
use crate::api::{Method, Session, segment};
use crate::app::use_session;
use crate::door::focus_soon;
use crate::listing::Listing;
use crate::navigation::use_navigator;
use crate::remote::Remote;
use crate::route::Route;
use crate::snippets;
use crate::ui::{
    Ago, Asked, Icon, PageHeader, Sample, Samples, Secret, Toasts, ask_dialog, button, facts,
    form_dialog, not_offered, secret_dialog,
};

/// What the screen's parts share.
#[derive(Clone, Copy)]
struct Shared {
    session: StoredValue<Session>,
    /// The path of this webhook, below which everything of it is.
    path: StoredValue<String>,
    webhook: Remote<Webhook>,
    deliveries: Listing<Delivery>,
    asked: RwSignal<Option<Asked>>,
    secret: RwSignal<Option<Secret>>,
    editing: RwSignal<bool>,
    busy: RwSignal<bool>,
    toasts: Toasts,
}

/// The screen.
pub(crate) fn webhook() -> AnyView {
    let session = use_session();
    let id = use_navigator().parameter();
    // A parameter that names nothing has no screen: the address would not have led here.
    let path = format!("/v1/webhooks/{}", segment(&id).unwrap_or_default());
    let (of_webhook, of_deliveries) = (path.clone(), format!("{path}/deliveries"));
    let may_manage = session.may(Role::Admin);
    let shared = Shared {
        webhook: Remote::new(session.clone(), move || of_webhook.clone()),
        deliveries: Listing::at(session.clone(), move || of_deliveries.clone()),
        session: StoredValue::new(session),
        path: StoredValue::new(path),
        asked: RwSignal::new(None),
        secret: RwSignal::new(None),
        editing: RwSignal::new(false),
        busy: RwSignal::new(false),
        toasts: expect_context(),
    };
    let actions = may_manage.then(|| header_actions(shared));
    view! {
        <PageHeader title="Webhook" up=Route::Webhooks>
            {actions}
        </PageHeader>
        {(!may_manage).then(|| not_offered("Owners and admins change webhooks."))}
        {shared.webhook.view(move |webhook| about(shared, webhook, may_manage))}
        {deliveries::deliveries(shared.deliveries, shared.path, may_manage)}
        <h2 class="below-head">"Verify"</h2>
        {verify()}
        {form_dialog(
            shared.editing,
            "edit-webhook",
            Signal::stored("Change the webhook".to_owned()),
            "Save",
            move || edit(shared),
        )}
        {ask_dialog(shared.asked)}
        {secret_dialog(shared.secret)}
    }
    .into_any()
}

fn edit(shared: Shared) -> crate::ui::Form {
    let Some(webhook) = shared.webhook.value.get_untracked() else {
        return crate::ui::Form::new(().into_any(), || None);
    };
    let changed = Callback::new(move |changed: Webhook| {
        shared.webhook.value.set(Some(changed));
        shared.toasts.done("Webhook saved.");
    });
    webhook_form(WebhookForm::Change(Box::new(webhook), changed))
}

fn header_actions(shared: Shared) -> AnyView {
    let Shared {
        session,
        path,
        toasts,
        deliveries,
        busy,
        ..
    } = shared;
    let test = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let path = format!("{}/test", path.get_value());
            let sent = session
                .get_value()
                .send::<Delivery>(Method::Post, &path, &())
                .await;
            busy.try_set(false);
            match sent {
                Ok(delivery) => {
                    toasts.done("A test event is on its way: see below.");
                    deliveries.amend(|rows| rows.insert(0, delivery));
                }
                Err(problem) => toasts.failed(problem),
            }
        });
    };
    view! {
        <button
            type="button"
            class="btn"
            aria-disabled=move || busy.get().to_string()
            on:click=test
        >
            "Send a test"
        </button>
        <button type="button" class="btn" on:click=move |_| shared.editing.set(true)>
            "Change"
        </button>
    }
    .into_any()
}

fn about(shared: Shared, webhook: Webhook, may_manage: bool) -> AnyView {
    let events = webhook
        .events
        .iter()
        .map(|event| view! { <li><code>{event.as_str()}</code></li> })
        .collect_view();
    let mut rows = vec![
        (
            "Address",
            view! { <span class="break">{webhook.url.clone()}</span> }.into_any(),
        ),
        ("State", state_badge(&webhook)),
    ];
    if let Some(since) = webhook.failing_since.clone() {
        rows.push(("Failing since", view! { <Ago at=since /> }.into_any()));
    }
    if !webhook.description.is_empty() {
        rows.push(("Description", webhook.description.clone().into_any()));
    }
    rows.push((
        "Events",
        view! { <ul class="plain-list">{events}</ul> }.into_any(),
    ));
    let hint = format!("whsec_••••{}", webhook.secret_hint);
    rows.push(("Signing secret", view! { <code>{hint}</code> }.into_any()));
    if let Some(until) = webhook.previous_secret_expires_at.clone() {
        rows.push((
            "Old secret signs until",
            view! { <Ago at=until /> }.into_any(),
        ));
    }
    rows.push((
        "Added",
        view! { <Ago at=webhook.created_at.clone() /> }.into_any(),
    ));
    view! {
        <div class="panel card">
            {facts(rows)}
            {may_manage.then(|| changes(shared, webhook.enabled))}
        </div>
    }
    .into_any()
}

/// The buttons that change the webhook as a whole.
fn changes(shared: Shared, enabled: bool) -> AnyView {
    let Shared {
        session,
        path,
        webhook,
        asked,
        secret,
        toasts,
        ..
    } = shared;
    let navigator = use_navigator();
    let switch = move || {
        spawn_local(async move {
            let change = ChangedWebhook {
                enabled: Some(!enabled),
                ..ChangedWebhook::default()
            };
            let answer = session
                .get_value()
                .send::<Webhook>(Method::Patch, &path.get_value(), &change)
                .await;
            match answer {
                Ok(changed) => {
                    webhook.value.try_set(Some(changed));
                    // The button that was pressed was drawn anew.
                    focus_soon(".card .buttons .btn");
                }
                Err(problem) => toasts.failed(problem),
            }
        });
    };
    let rotate = move || {
        asked.set(Some(Asked::new(
            "Rotate the signing secret?".to_owned(),
            "A new secret is made and shown once. The old one signs beside it for 24 hours, so that you can change over without losing a call.",
            "Rotate secret",
            move || async move {
                let path = format!("{}/rotate", path.get_value());
                let body = RotateWebhook::default();
                let rotated: WebhookWithSecret =
                    session.get_value().send(Method::Post, &path, &body).await?;
                webhook.value.try_set(Some(rotated.webhook));
                secret.try_set(Some(secret_of(rotated.secret)));
                Ok(())
            },
        )));
    };
    let delete = move || {
        asked.set(Some(Asked::new(
            "Delete this webhook?".to_owned(),
            "Nothing more is sent to it, and its log of deliveries goes with it.",
            "Delete webhook",
            move || async move {
                session.get_value().delete(&path.get_value()).await?;
                toasts.done("Webhook deleted.");
                navigator.go(&Route::Webhooks.path());
                Ok(())
            },
        )));
    };
    let word = if enabled { "Switch off" } else { "Switch on" };
    view! {
        <div class="buttons">
            {button("btn btn-small", word, "", switch)}
            {button("btn btn-small", "Rotate secret", "", rotate)}
            {button("btn btn-small btn-plain btn-plain-danger", "Delete", "", delete)}
        </div>
    }
    .into_any()
}

/// How the tenant's backend checks that a call is Relay's.
fn verify() -> AnyView {
    let sample = |name, code: &'static str| Sample {
        name,
        code: Signal::stored(code.to_owned()),
    };
    let samples = vec![
        sample("Node.js", snippets::VERIFY_NODE),
        sample("Python", snippets::VERIFY_PYTHON),
    ];
    view! {
        <div class="panel card">
            <p class="muted">
                {Icon::Key.view()}
                " Calls are signed by Standard Webhooks: any library of it checks them. Check the text as it came, before anything parses it."
            </p>
            <Samples what="verify a call" id="verify" samples=samples />
        </div>
    }
    .into_any()
}
