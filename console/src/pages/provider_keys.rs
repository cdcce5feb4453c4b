//! The tenant's own provider keys: one card a provider.

mod form;

use leptos::prelude::*;
use relay_api::{Credential, CredentialStatus};

use self::form::KeyForm;
use crate::api::DEFAULT_CREDENTIAL;
use crate::app::use_session;
use crate::listing::{Listing, Rows};
use crate::provider::{self, PROVIDERS};
use crate::route::Route;
use crate::ui::{
    Ago, Badge, Confirm, ConfirmDialog, Dialog, Failure, PageHeader, ProblemNote, Toasts, Tone,
};

/// Which key a form or question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// The host's id.
    provider: String,
    /// `default`, or the key's name in the pool.
    name: String,
    /// The last four characters of the key that is there now, if one is.
    last4: Option<String>,
}

#[derive(Clone, Copy)]
struct Actions {
    put: Callback<Slot>,
    remove: Confirm<Slot>,
}

/// The provider keys screen.
#[component]
pub(crate) fn ProviderKeys() -> impl IntoView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let listing = Listing::new(move |cursor| {
        let session = session.get_value();
        async move { session.credentials(cursor).await }
    });
    let editing = RwSignal::new(None::<Slot>);
    let open = RwSignal::new(false);
    let actions = Actions {
        put: Callback::new(move |slot| {
            editing.set(Some(slot));
            open.set(true);
        }),
        remove: Confirm::new(),
    };
    let saved = Callback::new(move |credential: Credential| {
        open.set(false);
        toasts.done(format!(
            "{} key saved.",
            provider::name(&credential.provider)
        ));
        listing.amend(|rows| {
            rows.retain(|row| row.provider != credential.provider || row.name != credential.name);
            rows.push(credential);
        });
    });
    let removed = move |slot: Slot| {
        listing.amend(|rows| {
            rows.retain(|row| row.provider != slot.provider || row.name != slot.name);
        });
        toasts.done(format!("{} key removed.", provider::name(&slot.provider)));
    };
    let title = Signal::derive(move || {
        editing.with(|slot| match slot {
            Some(slot) if slot.last4.is_some() => {
                format!("Replace {} key", provider::name(&slot.provider))
            }
            Some(slot) => format!("Add {} key", provider::name(&slot.provider)),
            None => String::new(),
        })
    });
    view! {
        <PageHeader
            title=Route::Providers.title()
            about="Your own keys. They answer calls that name no user; a user's calls use only that user's key."
        />
        <ProblemNote problem=listing.stale />
        {move || match listing.rows.get() {
            Rows::Loading => view! { <Cards rows=None actions=actions /> }.into_any(),
            Rows::Ready(rows) => view! { <Cards rows=Some(rows) actions=actions /> }.into_any(),
            Rows::Failed(problem) => {
                view! { <Failure problem=problem retry=move |()| listing.refresh() /> }.into_any()
            }
        }}
        <Dialog open=open id="provider-key" title=title>
            {move || editing.get().map(|slot| view! { <KeyForm which=slot open=open saved=saved /> })}
        </Dialog>
        <ConfirmDialog
            confirm=actions.remove
            id="remove-provider-key"
            question=|slot| format!("Remove the {} key?", provider::name(&slot.provider))
            consequence=|slot| {
                format!(
                    "The key ending in {} is deleted from the vault. Calls to {} that name no user are refused until there is another.",
                    slot.last4.as_deref().unwrap_or("…"),
                    provider::name(&slot.provider),
                )
            }
            action="Remove key"
            perform=move |slot: Slot| {
                let session = session.get_value();
                async move { session.remove_credential(&slot.provider, &slot.name).await }
            }
            done=removed
        />
    }
}

/// A card for every built-in provider, and for any other there is a key of. Without rows, cards wait.
#[component]
fn Cards(rows: Option<Vec<Credential>>, actions: Actions) -> impl IntoView {
    let waiting = rows.is_none();
    let rows = rows.unwrap_or_default();
    let mut ids: Vec<String> = PROVIDERS
        .iter()
        .map(|provider| provider.id.to_owned())
        .collect();
    for row in &rows {
        if !ids.contains(&row.provider) {
            ids.push(row.provider.clone());
        }
    }
    let cards = ids
        .into_iter()
        .map(|id| {
            let keys: Vec<_> = rows
                .iter()
                .filter(|row| row.provider == id)
                .cloned()
                .collect();
            card(id, keys, waiting, actions)
        })
        .collect_view();
    view! {
        <ul class="cards" aria-label="Providers" aria-busy=waiting.to_string()>
            {cards}
        </ul>
    }
}

fn card(id: String, keys: Vec<Credential>, waiting: bool, actions: Actions) -> impl IntoView {
    let name = provider::name(&id);
    let has_default = keys.iter().any(|key| key.name == DEFAULT_CREDENTIAL);
    let add = Slot {
        provider: id.clone(),
        name: DEFAULT_CREDENTIAL.to_owned(),
        last4: None,
    };
    let add_label = format!("Add key for {name}");
    let content = if waiting {
        view! { <span class="skeleton skeleton-wide"></span> }.into_any()
    } else if keys.is_empty() {
        view! { <p class="muted">"No key yet."</p> }.into_any()
    } else {
        let keys = keys
            .into_iter()
            .map(|key| key_row(key, actions))
            .collect_view();
        view! { <ul class="card-keys">{keys}</ul> }.into_any()
    };
    view! {
        <li class="panel card" aria-label=name.clone()>
            <header class="card-head">
                <span class="monogram" aria-hidden="true" data-provider=id>
                    {name.chars().next()}
                </span>
                <h2>{name.clone()}</h2>
                {(!waiting && !has_default)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn btn-small"
                                aria-label=add_label
                                on:click=move |_| actions.put.run(add.clone())
                            >
                                "Add key"
                            </button>
                        }
                    })}
            </header>
            {content}
        </li>
    }
}

fn key_row(key: Credential, actions: Actions) -> impl IntoView {
    let provider = provider::name(&key.provider);
    let (tone, status) = health(key.status);
    let slot = Slot {
        provider: key.provider,
        name: key.name.clone(),
        last4: Some(key.last4.clone()),
    };
    let removed = slot.clone();
    view! {
        <li class="card-key">
            <div class="card-key-what">
                <span class="mono">"•••• "{key.last4}</span>
                <Badge tone=tone text=status />
                {(key.name != DEFAULT_CREDENTIAL).then(|| view! { <span class="sub">{key.name.clone()}</span> })}
            </div>
            <p class="sub">"Added "<Ago at=key.connected_at />" · last used "<Ago at=key.last_used_at never="never" /></p>
            {key.base_url.map(|url| view! { <p class="sub mono break">{url}</p> })}
            <div class="card-key-actions">
                <button
                    type="button"
                    class="btn btn-small"
                    aria-label=format!("Replace {provider} key")
                    on:click=move |_| actions.put.run(slot.clone())
                >
                    "Replace"
                </button>
                <button
                    type="button"
                    class="btn btn-small btn-plain btn-plain-danger"
                    aria-label=format!("Remove {provider} key")
                    on:click=move |_| actions.remove.ask(removed.clone())
                >
                    "Remove"
                </button>
            </div>
        </li>
    }
}

/// Whether a credential is expected to work, in a word.
pub(super) fn health(status: CredentialStatus) -> (Tone, &'static str) {
    match status {
        CredentialStatus::Active => (Tone::Good, "Active"),
        CredentialStatus::Limited => (Tone::Warn, "Limited"),
        CredentialStatus::Broken => (Tone::Bad, "Refused"),
    }
}
