//! Providers: the pool's keys and how they are doing, and endpoints of the tenant's own.

mod hosts;
mod key;
mod test;

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{Credential, CredentialHealth, NewCredential, Page, ProviderHealth};

use self::hosts::own_hosts;
use self::key::{Slot, key_dialog};
pub(super) use self::test::{health, test_button};
use super::limits;
use super::policies::state;
use crate::api::{Method, Session, segment};
use crate::app::{may_change, use_session};
use crate::browser;
use crate::format;
use crate::navigation::{Link, use_navigator};
use crate::remote::Remote;
use crate::route::{Route, query_with};
use crate::ui::{
    Ago, Badge, Cells, Confirm, ConfirmDialog, Empty, Icon, PageHeader, ProblemNote, Toasts,
    actions, button, cell, column, number, or_dash, table, with_sub,
};

/// The name of the one key most tenants have at a provider.
const DEFAULT: &str = "default";

/// What the rows of this screen may ask for. Copies share one state.
#[derive(Clone, Copy)]
struct Doing {
    pools: Remote<Page<ProviderHealth>>,
    slot: RwSignal<Slot>,
    open: RwSignal<bool>,
    remove: Confirm<Credential>,
    session: StoredValue<Session>,
    toasts: Toasts,
}

impl Doing {
    fn put(self, slot: Slot) {
        self.slot.set(slot);
        self.open.set(true);
    }
}

/// The providers screen.
#[component]
pub(crate) fn Providers() -> impl IntoView {
    let doing = load();
    view! {
        <PageHeader title=Route::Providers.title() about="Your own provider keys: the pool that answers calls which name no user, or where a policy lets it stand in.">
            {add_key(doing, Slot::default())}
        </PageHeader>
        <ProblemNote problem=doing.pools.stale() />
        {doing.pools.view(move |pools| {
            if pools.data.is_empty() {
                return no_key_yet(doing);
            }
            let pools = pools.data.into_iter().map(|pool| pool_view(pool, doing, true)).collect_view();
            view! { <div class="stack">{pools}</div> }.into_any()
        })}
        {dialogs(doing)}
        {own_hosts()}
    }
}

/// The screen of one provider: its keys, and what went wrong with them lately.
#[component]
pub(crate) fn Provider() -> impl IntoView {
    let id = use_navigator().parameter();
    let doing = load();
    let calls = query_with("", &[("provider", &id)]);
    let add = Slot::at(&id);
    let name = crate::provider::name(&id);
    view! {
        <PageHeader title=name about="Your keys at this provider, and what went wrong with them within the hour." up=Route::Providers>
            <Link to=Route::Requests query=calls class="btn">"Requests"</Link>
            {add_key(doing, add)}
        </PageHeader>
        {doing.pools.view(move |pools| {
            let pool = pools.data.into_iter().find(|pool| pool.host == id);
            match pool {
                Some(pool) => {
                    let troubles = troubles(&pool);
                    [pool_view(pool, doing, false), troubles].into_any()
                }
                None => no_key_yet(doing),
            }
        })}
        {dialogs(doing)}
    }
}

/// The page's own button, for who may press it.
fn add_key(doing: Doing, slot: Slot) -> Option<AnyView> {
    may_change().then(|| {
        view! {
            <button type="button" class="btn btn-primary" on:click=move |_| doing.put(slot.clone())>
                {Icon::Plus.view()}
                "Add key"
            </button>
        }
        .into_any()
    })
}

fn load() -> Doing {
    Doing {
        pools: Remote::new(use_session(), || "/v1/providers".to_owned()),
        slot: RwSignal::new(Slot::default()),
        open: RwSignal::new(false),
        remove: Confirm::new(),
        session: StoredValue::new(use_session()),
        toasts: expect_context(),
    }
}

fn no_key_yet(doing: Doing) -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::Plug
                title="No provider key of your own yet"
                text="Your users may bring theirs; with a key of your own here, calls that name no user are answered too. Add several, and Relay goes on with the next when one fails."
            >
                {may_change().then(|| button("btn btn-primary", "Add your first key", "", move || doing.put(Slot::default())))}
            </Empty>
        </div>
    }
    .into_any()
}

fn dialogs(doing: Doing) -> AnyView {
    let Doing {
        session, toasts, ..
    } = doing;
    view! {
        {key_dialog(doing.open, doing.slot, move || doing.pools.reload())}
        <ConfirmDialog
            confirm=doing.remove
            id="remove-provider-key"
            question=|key: &Credential| format!("Remove the {} key “{}”?", crate::provider::name(&key.provider), key.name)
            consequence=|key: &Credential| {
                format!("The key ending in {} is deleted from the vault. Calls that only it could answer are refused.", key.last4)
            }
            action="Remove key"
            perform=move |key: Credential| {
                let session = session.get_value();
                async move { session.delete(&path_of(&key.provider, &key.name)).await }
            }
            done=move |key: Credential| {
                toasts.done(format!("{} key removed.", crate::provider::name(&key.provider)));
                doing.pools.reload();
            }
        />
    }
    .into_any()
}

/// Where a key of the pool is; a name that no address can hold leads nowhere.
fn path_of(provider: &str, name: &str) -> String {
    let provider = segment(provider).unwrap_or_default();
    if name == DEFAULT {
        return format!("/v1/credentials/{provider}");
    }
    format!(
        "/v1/credentials/{provider}/{}",
        segment(name).unwrap_or_default()
    )
}

/// A provider's keys; with its name above them where the page does not say it.
fn pool_view(pool: ProviderHealth, doing: Doing, named: bool) -> AnyView {
    let columns = [
        column("Key"),
        column("Health"),
        number("Priority"),
        number("Weight"),
        number("First byte"),
        column("Limits"),
        column("Last used"),
        actions(),
    ];
    let ProviderHealth {
        host,
        name,
        credentials,
    } = pool;
    let rows = credentials.into_iter().map(|key| row(key, doing)).collect();
    let table = table(&name, "table-heads table-pool", &columns, rows);
    let head = named.then(|| pool_head(host, name.clone(), doing));
    view! {
        <section class="panel pool" aria-label=name>
            {head}
            <div class="panel-scroll">{table}</div>
        </section>
    }
    .into_any()
}

fn pool_head(host: String, name: String, doing: Doing) -> AnyView {
    let add = Slot::at(&host);
    let label = format!("Add key for {name}");
    view! {
        <header class="card-head pool-head">
            <span class="monogram" aria-hidden="true" data-provider=host.clone()>
                {name.chars().next()}
            </span>
            <h2>
                <Link to=Route::Provider of=host class="link">{name}</Link>
            </h2>
            {may_change().then(|| button("btn btn-small", "Add key", label, move || doing.put(add.clone())))}
        </header>
    }
    .into_any()
}

fn row(key: CredentialHealth, doing: Doing) -> Cells {
    let CredentialHealth {
        credential,
        state: state_now,
        until,
        first_byte_ms,
        ..
    } = key;
    let status = RwSignal::new(state(state_now));
    let named = format!(
        "{} {}",
        crate::provider::name(&credential.provider),
        credential.name
    );
    let test_path = format!("{}/test", named_path(&credential));
    let until = until.map(|until| view! { <span class="sub">"again "<Ago at=until /></span> });
    let health = view! {
        <div>
            {move || {
                let (tone, word) = status.get();
                view! { <Badge tone=tone text=word /> }
            }}
            {until}
        </div>
    };
    let held: Vec<String> = credential.limits.iter().map(limits::said).collect();
    let (slot, removed, switched) = (
        Slot::of(&credential),
        credential.clone(),
        credential.clone(),
    );
    let word = if credential.disabled {
        "Turn on"
    } else {
        "Turn off"
    };
    let buttons = view! {
        {test_button(format!("Test {named}"), test_path, status)}
        {button("btn btn-small btn-plain", "Edit", format!("Edit {named}"), move || doing.put(slot.clone()))}
        {button("btn btn-small btn-plain", word, format!("{word} {named}"), move || switch(doing, &switched))}
        {button("btn btn-small btn-plain btn-plain-danger", "Remove", format!("Remove {named}"), move || {
            doing.remove.ask(removed.clone());
        })}
    };
    let last4 = match &credential.reference {
        Some(reference) => format!("kept at {reference}"),
        None => format!("•••• {}", credential.last4),
    };
    Cells::from(vec![
        with_sub(
            view! { <span class="strong">{credential.name.clone()}</span> }.into_any(),
            last4,
        ),
        health.into_any(),
        cell(credential.priority.to_string()),
        cell(credential.weight.to_string()),
        cell(first_byte_ms.map_or_else(|| "–".to_owned(), format::duration)),
        or_dash(Some(held.join("; "))),
        view! { <Ago at=credential.last_used_at never="never" /> }.into_any(),
        may_change()
            .then(|| view! { <div class="actions-row">{buttons}</div> })
            .into_any(),
    ])
    .class(if credential.disabled { "row-off" } else { "" })
}

/// A test names its key in full, `default` too.
fn named_path(key: &Credential) -> String {
    format!(
        "/v1/credentials/{}/{}",
        key.provider,
        segment(&key.name).unwrap_or_default()
    )
}

/// Switches a key off or on, at once.
fn switch(doing: Doing, key: &Credential) {
    let (session, toasts) = (doing.session.get_value(), doing.toasts);
    let change = NewCredential {
        disabled: Some(!key.disabled),
        ..NewCredential::default()
    };
    let (path, off) = (path_of(&key.provider, &key.name), !key.disabled);
    spawn_local(async move {
        match session
            .send::<Credential>(Method::Put, &path, &change)
            .await
        {
            Ok(_) => {
                toasts.done(if off {
                    "The key is off: calls go to the others."
                } else {
                    "The key is on again."
                });
                doing.pools.reload();
            }
            Err(problem) => toasts.failed(problem),
        }
    });
}

/// What went wrong lately, of every key together.
fn troubles(pool: &ProviderHealth) -> AnyView {
    let columns = [
        column("Time"),
        column("Key"),
        column("Model"),
        column("What failed"),
    ];
    let mut errors: Vec<_> = pool
        .credentials
        .iter()
        .flat_map(|key| {
            key.recent_errors
                .iter()
                .map(move |error| (&key.credential.name, error))
        })
        .collect();
    errors.sort_by(|(_, one), (_, next)| next.at.cmp(&one.at));
    let heading = view! { <h2 class="section-title">"What went wrong"</h2> };
    if errors.is_empty() {
        return view! { {heading}<p class="panel card muted">"Nothing within the hour."</p> }
            .into_any();
    }
    let rows = errors
        .into_iter()
        .map(|(name, error)| {
            let (tone, word) = super::requests::attempt(error.outcome);
            Cells::from(vec![
                cell(browser::full_time(&error.at)),
                cell(name.clone()),
                view! { <span class="mono break">{error.model.clone()}</span> }.into_any(),
                view! { <Badge tone=tone text=word /> }.into_any(),
            ])
        })
        .collect();
    view! { {heading} {crate::ui::table_panel("What went wrong within the hour", "", &columns, rows)} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_further_keys_of_a_pool_are_addressed_by_name() {
        assert_eq!(path_of("openai", DEFAULT), "/v1/credentials/openai");
        assert_eq!(
            path_of("openai", "team b"),
            "/v1/credentials/openai/team%20b"
        );
    }
}
