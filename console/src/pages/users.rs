//! The tenant's end users and what each has connected.

use leptos::prelude::*;
use relay_api::{Credential, EndUser};

use super::provider_keys::health;
use crate::app::use_session;
use crate::listing::Listing;
use crate::navigation::Link;
use crate::provider;
use crate::route::Route;
use crate::ui::{Ago, Badge, Confirm, ConfirmDialog, Empty, Icon, ListView, PageHeader, Toasts};

/// One key of one user, as the question before disconnecting names it.
#[derive(Clone)]
struct Connection {
    label: String,
    provider: String,
    last4: String,
}

#[derive(Clone, Copy)]
struct Questions {
    disconnect: Confirm<Connection>,
    remove: Confirm<String>,
}

/// The users screen.
#[component]
pub(crate) fn Users() -> impl IntoView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let listing = Listing::new(move |cursor| {
        let session = session.get_value();
        async move { session.users(cursor).await }
    });
    let questions = Questions {
        disconnect: Confirm::new(),
        remove: Confirm::new(),
    };
    let disconnected = move |gone: Connection| {
        listing.amend(|users| {
            for user in users.iter_mut().filter(|user| user.label == gone.label) {
                user.credentials
                    .retain(|credential| credential.provider != gone.provider);
            }
        });
        toasts.done(format!(
            "{} disconnected for {}.",
            provider::name(&gone.provider),
            gone.label
        ));
    };
    let removed = move |label: String| {
        listing.amend(|users| users.retain(|user| user.label != label));
        toasts.done(format!("{label} removed."));
    };
    view! {
        <PageHeader title=Route::Users.title() about="Your customers, by the label your app sends, and the provider keys they have connected.">
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
        <ListView listing=listing rows=move |users| list(users, questions) empty=nobody_yet />
        <ConfirmDialog
            confirm=questions.disconnect
            id="disconnect"
            question=|gone| format!("Disconnect {}?", provider::name(&gone.provider))
            consequence=|gone| {
                format!(
                    "The key ending in {} is deleted from the vault. Calls for {} to {} are refused until they connect again.",
                    gone.last4,
                    gone.label,
                    provider::name(&gone.provider),
                )
            }
            action="Disconnect"
            perform=move |gone: Connection| {
                let session = session.get_value();
                async move { session.disconnect(&gone.label, &gone.provider).await }
            }
            done=disconnected
        />
        <ConfirmDialog
            confirm=questions.remove
            id="remove-user"
            question=|label| format!("Remove {label}?")
            consequence=|_| {
                "Every key this user connected is deleted from the vault, and the user leaves this list. Calls for them are refused until they connect again."
                    .to_owned()
            }
            action="Remove user"
            perform=move |label: String| {
                let session = session.get_value();
                async move { session.remove_user(&label).await }
            }
            done=removed
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

fn list(users: Vec<EndUser>, questions: Questions) -> AnyView {
    let users = users
        .into_iter()
        .map(|user| entry(user, questions))
        .collect_view();
    view! {
        <ul class="panel users" aria-label="Users">
            {users}
        </ul>
    }
    .into_any()
}

fn entry(user: EndUser, questions: Questions) -> impl IntoView {
    let EndUser {
        label,
        created_at,
        credentials,
        ..
    } = user;
    let remove = {
        let label = label.clone();
        move |_| questions.remove.ask(label.clone())
    };
    let nothing = credentials.is_empty();
    let connections = credentials
        .into_iter()
        .map(|credential| connection(label.clone(), credential, questions))
        .collect_view();
    view! {
        <li class="user" aria-label=label.clone()>
            <div class="user-head">
                <div>
                    <h2 class="user-label mono break">{label.clone()}</h2>
                    <p class="sub">"First seen "<Ago at=created_at /></p>
                </div>
                <button
                    type="button"
                    class="btn btn-small btn-plain btn-plain-danger"
                    aria-label=format!("Remove user {label}")
                    on:click=remove
                >
                    "Remove"
                </button>
            </div>
            {if nothing {
                view! { <p class="muted user-nothing">"Nothing connected."</p> }.into_any()
            } else {
                view! { <ul class="connections">{connections}</ul> }.into_any()
            }}
        </li>
    }
}

fn connection(label: String, credential: Credential, questions: Questions) -> impl IntoView {
    let name = provider::name(&credential.provider);
    let (tone, status) = health(credential.status);
    let accessible = format!("Disconnect {name} for {label}");
    let gone = Connection {
        label,
        provider: credential.provider.clone(),
        last4: credential.last4.clone(),
    };
    view! {
        <li class="connection" aria-label=name.clone()>
            <span class="connection-name">
                <span class="monogram" aria-hidden="true" data-provider=credential.provider>
                    {name.chars().next()}
                </span>
                <span>
                    {name.clone()}
                    <span class="sub mono">"•••• "{credential.last4}</span>
                </span>
            </span>
            <span>
                <Badge tone=tone text=status />
            </span>
            <span class="connection-fact">
                <span class="sub">"Connected"</span>
                <Ago at=credential.connected_at />
            </span>
            <span class="connection-fact">
                <span class="sub">"Last used"</span>
                <Ago at=credential.last_used_at />
            </span>
            <button
                type="button"
                class="btn btn-small"
                aria-label=accessible
                on:click=move |_| questions.disconnect.ask(gone.clone())
            >
                "Disconnect"
            </button>
        </li>
    }
}
