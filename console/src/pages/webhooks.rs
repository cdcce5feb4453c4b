//! Addresses of the tenant's that are told what happens.

mod deliveries;
mod detail;
mod edit;

use leptos::prelude::*;
use relay_api::{DeliveryStatus, LastDelivery, Role, Webhook};

pub(crate) use self::detail::webhook;
use self::edit::{WebhookForm, secret_of, webhook_form};
use crate::app::use_session;
use crate::listing::Listing;
use crate::navigation::Link;
use crate::route::Route;
use crate::ui::{
    Ago, Badge, Cells, Empty, Icon, ListView, PageHeader, Secret, Tone, column, form_dialog,
    not_offered, secret_dialog, table_panel, with_sub,
};

/// The screen.
pub(crate) fn webhooks() -> AnyView {
    let session = use_session();
    let may_manage = session.may(Role::Admin);
    let listing = Listing::<Webhook>::at(session, || "/v1/webhooks".to_owned());
    let adding = RwSignal::new(false);
    let secret = RwSignal::new(None::<Secret>);
    let made = Callback::new(move |made: relay_api::WebhookWithSecret| {
        secret.set(Some(secret_of(made.secret)));
        listing.amend(|rows| rows.insert(0, made.webhook));
    });
    let add = move || {
        may_manage.then(|| {
            view! {
                <button type="button" class="btn btn-primary" on:click=move |_| adding.set(true)>
                    {Icon::Plus.view()}
                    "Add a webhook"
                </button>
            }
        })
    };
    view! {
        <PageHeader title=Route::Webhooks.title() about="Your backend hears of keys that are connected or break, of quotas and of keys that expire.">
            {add()}
        </PageHeader>
        {(!may_manage).then(|| not_offered("Owners and admins add and change webhooks."))}
        <ListView listing=listing rows=rows empty=none_yet />
        {form_dialog(
            adding,
            "add-webhook",
            Signal::stored("Add a webhook".to_owned()),
            "Add webhook",
            move || webhook_form(WebhookForm::New(made)),
        )}
        {secret_dialog(secret)}
    }
    .into_any()
}

fn none_yet() -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::Bell
                title="No webhooks yet"
                text="Give Relay an address of yours. It is called when a user connects or loses a key, when a relay key nears its quota, and before one expires. Every call is signed."
            />
        </div>
    }
    .into_any()
}

fn rows(webhooks: Vec<Webhook>) -> AnyView {
    let columns = [
        column("Address"),
        column("Events"),
        column("State"),
        column("Last event"),
    ];
    let rows = webhooks
        .into_iter()
        .map(|webhook| {
            let url = webhook.url.clone();
            let address = view! {
                <Link to=Route::Webhook of=webhook.id.clone() class="link strong break">
                    {url}
                </Link>
            };
            let events = match webhook.events.len() {
                count if count == relay_api::WebhookEvent::ALL.len() => "All".to_owned(),
                1 => webhook.events[0].as_str().to_owned(),
                count => format!("{count} events"),
            };
            let state = state_badge(&webhook);
            Cells::from(vec![
                with_sub(address.into_any(), webhook.description),
                events.into_any(),
                state,
                webhook.last_delivery.map_or_else(
                    || view! { <span class="muted">"None yet"</span> }.into_any(),
                    last_delivery,
                ),
            ])
        })
        .collect();
    table_panel("Webhooks", "table-keys table-webhooks", &columns, rows)
}

fn last_delivery(last: LastDelivery) -> AnyView {
    view! {
        <div>
            {status_badge(last.status)}
            <span class="sub">{last.event}" "<Ago at=last.created_at /></span>
        </div>
    }
    .into_any()
}

/// Whether a webhook is called, and whether that works.
fn state_badge(webhook: &Webhook) -> AnyView {
    let (tone, text) = match (webhook.enabled, webhook.disabled_reason.as_deref()) {
        (false, Some("failing")) => (Tone::Bad, "Off: it kept failing"),
        (false, Some("gone")) => (Tone::Bad, "Off: it answered “gone”"),
        (false, _) => (Tone::Quiet, "Off"),
        (true, _) if webhook.failing_since.is_some() => (Tone::Warn, "Failing"),
        (true, _) => (Tone::Good, "On"),
    };
    view! { <Badge tone=tone text=text /> }.into_any()
}

/// How a delivery stands.
fn status_badge(status: DeliveryStatus) -> AnyView {
    let (tone, text) = match status {
        DeliveryStatus::Pending => (Tone::Warn, "Pending"),
        DeliveryStatus::Delivered => (Tone::Good, "Delivered"),
        DeliveryStatus::Failed => (Tone::Bad, "Failed"),
    };
    view! { <Badge tone=tone text=text /> }.into_any()
}
