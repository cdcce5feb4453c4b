//! Relay keys: what apps call Relay with.

mod create;

use leptos::prelude::*;
use relay_api::{RelayKey, Scope};

use self::create::CreateDialog;
use crate::app::use_session;
use crate::browser;
use crate::listing::Listing;
use crate::route::Route;
use crate::ui::{
    Ago, Badge, Clock, Confirm, ConfirmDialog, Empty, Icon, ListView, PageHeader, Toasts, Tone,
};

/// The relay keys screen.
#[component]
pub(crate) fn RelayKeys() -> impl IntoView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let listing = Listing::new(move |cursor| {
        let session = session.get_value();
        async move { session.relay_keys(cursor).await }
    });
    let creating = RwSignal::new(false);
    let create = Callback::new(move |()| creating.set(true));
    let revoke = Confirm::<RelayKey>::new();
    let revoked = move |gone: RelayKey| {
        toasts.done(format!("{} revoked.", gone.name));
        // The list says when: ask the server rather than guess.
        listing.refresh();
    };
    view! {
        <PageHeader title=Route::RelayKeys.title() about="Your apps authenticate with these. Keep them on your servers, never in a web page.">
            <button type="button" class="btn btn-primary" on:click=move |_| create.run(())>
                {Icon::Plus.view()}
                "Create key"
            </button>
        </PageHeader>
        <ListView listing=listing rows=move |keys| table(keys, revoke) empty=no_key_yet />
        <CreateDialog open=creating created=move |key: RelayKey| listing.amend(|keys| keys.insert(0, key)) />
        <ConfirmDialog
            confirm=revoke
            id="revoke-key"
            question=|key: &RelayKey| format!("Revoke “{}”?", key.name)
            consequence=|key: &RelayKey| {
                format!("Every app that uses {} is refused at once. This cannot be undone.", key.hint)
            }
            action="Revoke key"
            perform=move |key: RelayKey| {
                let session = session.get_value();
                async move { session.revoke_relay_key(&key.id).await }
            }
            done=revoked
        />
    }
}

fn no_key_yet() -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::Key
                title="No relay keys yet"
                text="Create a key, put it in your backend's environment as RELAY_KEY, and your app can issue registration tokens and call models."
            />
        </div>
    }
    .into_any()
}

fn table(keys: Vec<RelayKey>, revoke: Confirm<RelayKey>) -> AnyView {
    let rows = keys.into_iter().map(|key| row(key, revoke)).collect_view();
    view! {
        <div class="panel panel-scroll">
            <table class="table table-keys">
                <caption class="visually-hidden">"Relay keys, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Scopes"</th>
                        <th scope="col">"Created"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col">"Expires"</th>
                        <th scope="col">
                            <span class="visually-hidden">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(key: RelayKey, revoke: Confirm<RelayKey>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let expires_ms = key.expires_at.as_deref().and_then(browser::instant_ms);
    let is_revoked = key.revoked_at.is_some();
    let state = Memo::new(move |_| State::of(is_revoked, expires_ms, clock.now_ms()));
    let label = format!("Revoke {}", key.name);
    let subject = key.clone();
    let scopes = key
        .scopes
        .iter()
        .map(|scope| view! { <Badge tone=Tone::Quiet text=scope_name(*scope) /> })
        .collect_view();
    view! {
        <tr class:row-off=move || !state.get().works()>
            <td data-label="Name">
                <div>
                    <span class="strong break">{key.name}</span>
                    <span class="sub mono">{key.hint}</span>
                </div>
            </td>
            <td data-label="State">
                {move || view! { <Badge tone=state.get().tone() text=state.get().word() /> }}
            </td>
            <td data-label="Scopes">
                <span class="badges">{scopes}</span>
            </td>
            <td data-label="Created">
                <Ago at=key.created_at />
            </td>
            <td data-label="Last used">
                <Ago at=key.last_used_at />
            </td>
            <td data-label="Expires">
                <Ago at=key.expires_at />
            </td>
            <td class="actions">
                <Show when=move || state.get() != State::Revoked>
                    {
                        let subject = subject.clone();
                        view! {
                            <button
                                type="button"
                                class="btn btn-small btn-plain btn-plain-danger"
                                aria-label=label.clone()
                                on:click=move |_| revoke.ask(subject.clone())
                            >
                                "Revoke"
                            </button>
                        }
                    }
                </Show>
            </td>
        </tr>
    }
}

/// What a scope is called.
pub(super) const fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Inference => "Inference",
        Scope::Tokens => "Tokens",
        Scope::Manage => "Manage",
    }
}

/// Whether a relay key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    ExpiresSoon,
    Expired,
    Revoked,
}

/// How long before its end a key is said to expire soon.
const SOON_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

impl State {
    fn of(revoked: bool, expires_ms: Option<i64>, now_ms: i64) -> Self {
        match expires_ms {
            _ if revoked => Self::Revoked,
            Some(at) if at <= now_ms => Self::Expired,
            Some(at) if at - now_ms <= SOON_MS => Self::ExpiresSoon,
            _ => Self::Active,
        }
    }

    const fn works(self) -> bool {
        matches!(self, Self::Active | Self::ExpiresSoon)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::ExpiresSoon => "Expires soon",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Active => Tone::Good,
            Self::ExpiresSoon => Tone::Warn,
            Self::Expired | Self::Revoked => Tone::Quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    #[test]
    fn a_revoked_key_is_revoked_whatever_its_expiry() {
        assert_eq!(State::of(true, None, NOW), State::Revoked);
        assert_eq!(State::of(true, Some(NOW - 1), NOW), State::Revoked);
    }

    #[test]
    fn a_key_warns_in_its_last_week_and_expires_on_the_instant() {
        assert_eq!(State::of(false, None, NOW), State::Active);
        assert_eq!(
            State::of(false, Some(NOW + SOON_MS + 1), NOW),
            State::Active
        );
        assert_eq!(State::of(false, Some(NOW + 1), NOW), State::ExpiresSoon);
        assert_eq!(State::of(false, Some(NOW), NOW), State::Expired);
    }
}
