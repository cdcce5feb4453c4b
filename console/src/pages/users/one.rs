//! One end user: keys, use, and the end of them.

use leptos::prelude::*;
use relay_api::{Credential, EndUser};

use super::super::providers::{health, test_button};
use crate::api::{Session, segment};
use crate::app::{may_change, use_session};
use crate::format;
use crate::navigation::{Link, use_navigator};
use crate::provider;
use crate::remote::Remote;
use crate::route::{Route, query_with};
use crate::ui::{
    Ago, Badge, Cells, Confirm, ConfirmDialog, Empty, Field, Form, Icon, PageHeader, Toasts,
    actions, button, cell, column, facts, form_dialog, sending, table_panel, with_sub,
};

/// The screen of one user.
#[component]
pub(crate) fn User() -> impl IntoView {
    let label = use_navigator().parameter();
    let path = StoredValue::new(
        segment(&label)
            .map(|label| format!("/v1/users/{label}"))
            .unwrap_or_default(),
    );
    let user = Remote::<EndUser>::new(use_session(), move || path.get_value());
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let disconnect = Confirm::<Credential>::new();
    let erasing = RwSignal::new(false);
    let calls = query_with("", &[("user", &label)]);
    view! {
        <PageHeader title=label.clone() about="One of your customers, by the label your app sends." up=Route::Users>
            <Link to=Route::Requests query=calls class="btn">"Requests"</Link>
        </PageHeader>
        {user.view(move |user| known(user, path, disconnect))}
        {use_session().may(relay_api::Role::Admin).then(|| view! {
        <h2 class="section-title">"Erase"</h2>
        <div class="panel card">
            <p class="muted">
                "Deletes the user, every key they connected, and their label from requests and usage. For a person who asks to be forgotten."
            </p>
            <div class="actions-row">
                {button("btn btn-danger", "Erase user", "", move || erasing.set(true))}
            </div>
        </div>
        })}
        {erase(erasing, label, path)}
        <ConfirmDialog
            confirm=disconnect
            id="disconnect"
            question=|gone: &Credential| format!("Disconnect {}?", provider::name(&gone.provider))
            consequence=|gone: &Credential| {
                format!(
                    "The key ending in {} is deleted from the vault. Calls for this user to {} are refused until they connect again.",
                    gone.last4,
                    provider::name(&gone.provider),
                )
            }
            action="Disconnect"
            perform=move |gone: Credential| {
                let session: Session = session.get_value();
                async move { session.delete(&credential_path(path, &gone)).await }
            }
            done=move |gone: Credential| {
                toasts.done(format!("{} disconnected.", provider::name(&gone.provider)));
                user.value.update(|user| {
                    if let Some(user) = user {
                        user.credentials.retain(|credential| credential.id != gone.id);
                    }
                });
            }
        />
    }
}

/// Where a user's key is. Hosts' ids need no encoding.
fn credential_path(user: StoredValue<String>, credential: &Credential) -> String {
    format!("{}/credentials/{}", user.get_value(), credential.provider)
}

fn known(user: EndUser, path: StoredValue<String>, disconnect: Confirm<Credential>) -> AnyView {
    let used = &user.usage;
    let failed = format!(
        "{} ({} failed)",
        format::thousands(used.requests),
        format::thousands(used.failed)
    );
    let facts = facts(vec![
        (
            "First seen",
            view! { <Ago at=user.created_at.clone() /> }.into_any(),
        ),
        ("Calls this month", cell(failed)),
        ("Tokens", cell(format::thousands(used.tokens))),
        ("Cost", cell(format::money(used.cost_nanodollars))),
    ]);
    let keys = if user.credentials.is_empty() {
        view! {
            <div class="panel">
                <Empty
                    icon=Icon::Key
                    title="Nothing connected"
                    text="This user has no key of their own: calls that name them are refused, unless the policy lets your pool stand in. Show them the widget to connect one."
                />
            </div>
        }
        .into_any()
    } else {
        let columns = [
            column("Provider"),
            column("Health"),
            column("Connected"),
            column("Last used"),
            actions(),
        ];
        let rows = user
            .credentials
            .into_iter()
            .map(|key| row(key, path, disconnect))
            .collect();
        table_panel("Connected keys", "table-heads", &columns, rows)
    };
    view! {
        <section class="panel card" aria-label="This month">{facts}</section>
        <h2 class="section-title">"Connected keys"</h2>
        {keys}
    }
    .into_any()
}

fn row(key: Credential, path: StoredValue<String>, disconnect: Confirm<Credential>) -> Cells {
    let name = provider::name(&key.provider);
    let (tone, word) = health(key.status);
    let status = RwSignal::new((tone, word));
    let label = format!("Disconnect {name}");
    let test = test_button(
        format!("Test {name}"),
        format!("{}/test", credential_path(path, &key)),
        status,
    );
    let last4 = format!("•••• {}", key.last4);
    Cells::from(vec![
        with_sub(view! { <span class="strong">{name}</span> }.into_any(), last4),
        (move || {
            let (tone, word) = status.get();
            view! { <Badge tone=tone text=word /> }
        })
        .into_any(),
        view! { <Ago at=key.connected_at.clone() /> }.into_any(),
        view! { <Ago at=key.last_used_at.clone() never="never" /> }.into_any(),
        may_change().then(|| view! { <div class="actions-row">{test}
            {button("btn btn-small btn-plain btn-plain-danger", "Disconnect", label, move || disconnect.ask(key.clone()))}
        </div> }).into_any(),
    ])
}

/// Erasing wants the label typed: it cannot be undone, and labels look alike.
fn erase(open: RwSignal<bool>, label: String, path: StoredValue<String>) -> AnyView {
    let session = StoredValue::new(use_session());
    let (toasts, navigator) = (expect_context::<Toasts>(), use_navigator());
    let title = format!("Erase {label}?");
    let make = move || {
        let typed = RwSignal::new(String::new());
        let tried = RwSignal::new(false);
        let wanted = StoredValue::new(label.clone());
        let differs =
            move || typed.with(|typed| wanted.with_value(|wanted| typed.trim() != wanted));
        let wrong = Signal::derive(move || {
            (tried.get() && differs()).then(|| "Type the label exactly as it is above.".to_owned())
        });
        let body = view! {
            <p>"Every key this user connected is deleted, and their label is taken out of requests and usage. This cannot be undone."</p>
            {Field::new("Type the user's label", "erase-label").error(wrong).line(typed)}
        };
        Form::new(body.into_any(), move || {
            tried.set(true);
            if untrack(differs) {
                return None;
            }
            let session = session.get_value();
            sending(async move {
                session.delete(&path.get_value()).await?;
                toasts.done(format!("{} erased.", wanted.get_value()));
                navigator.go(&Route::Users.path());
                Ok(())
            })
        })
    };
    form_dialog(
        open,
        "erase-user",
        Signal::stored(title),
        "Erase user",
        make,
    )
}
