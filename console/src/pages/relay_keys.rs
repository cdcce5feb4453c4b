//! Relay keys: what apps call Relay with.

mod create;
mod one;
mod settings;
mod state;

use leptos::prelude::*;
use relay_api::{Policy, QuotaUse, Quotas, RelayKey, Scope};

use self::create::create_dialog;
pub(crate) use self::one::OneRelayKey;
use self::state::State;
use crate::app::{may_change, use_session};
use crate::format;
use crate::listing::Listing;
use crate::navigation::Link;
use crate::route::Route;
use crate::ui::{
    Ago, Badge, Cells, Clock, Empty, Icon, ListView, PageHeader, Tone, button, column,
    secret_dialog, table_panel, with_sub,
};

/// The relay keys screen.
#[component]
pub(crate) fn RelayKeys() -> impl IntoView {
    let session = use_session();
    let listing =
        Listing::<RelayKey>::at(session.clone(), || "/v1/relay-keys?limit=100".to_owned());
    let policies = policies();
    let creating = RwSignal::new(false);
    let secret = RwSignal::new(None);
    view! {
        <PageHeader title=Route::RelayKeys.title() about="Your apps authenticate with these. Keep them on your servers, never in a web page.">
            {may_change().then(|| view! {
                <button type="button" class="btn btn-primary" on:click=move |_| creating.set(true)>
                    {Icon::Plus.view()}
                    "Create key"
                </button>
            })}
        </PageHeader>
        {move || expiring(&listing.ready())}
        <ListView
            listing=listing
            rows=move |keys| table(&keys, &policies.ready())
            empty=move || no_key_yet(creating)
        />
        {create_dialog(creating, secret, policies, move |key| {
            listing.amend(|keys| keys.insert(0, key));
        })}
        {secret_dialog(secret)}
    }
}

/// The tenant's policies, to choose from and to name.
pub(super) fn policies() -> Listing<Policy> {
    Listing::at(use_session(), || "/v1/policies?limit=100".to_owned())
}

fn no_key_yet(creating: RwSignal<bool>) -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::Key
                title="No relay keys yet"
                text="Create a key, put it in your backend's environment as RELAY_KEY, and your app can issue registration tokens and call models."
            >
                {may_change().then(|| button("btn btn-primary", "Create your first key", "", move || creating.set(true)))}
            </Empty>
        </div>
    }
    .into_any()
}

/// Says which keys end soon, before an app finds out.
fn expiring(keys: &[RelayKey]) -> Option<AnyView> {
    let now = expect_context::<Clock>().now_ms();
    let soon: Vec<&RelayKey> = keys
        .iter()
        .filter(|key| State::of_key(key, now) == State::ExpiresSoon)
        .collect();
    let first = soon.first()?;
    let text = if soon.len() == 1 {
        format!(
            "“{}” expires within a week. Create its successor and put it in place before.",
            first.name
        )
    } else {
        format!(
            "{} keys expire within a week. Create their successors and put them in place before.",
            soon.len()
        )
    };
    Some(
        view! {
            <div class="note note-warn trouble" role="status">
                {Icon::Alert.view()}
                <p>{text}</p>
            </div>
        }
        .into_any(),
    )
}

fn table(keys: &[RelayKey], policies: &[Policy]) -> AnyView {
    let columns = [
        column("Name"),
        column("State"),
        column("May"),
        column("This month"),
        column("Last used"),
        column("Expires"),
    ];
    let now = expect_context::<Clock>().now_ms();
    let rows = keys.iter().map(|key| row(key, policies, now)).collect();
    table_panel("Relay keys, newest first", "table-keys", &columns, rows)
}

fn row(key: &RelayKey, policies: &[Policy], now: i64) -> Cells {
    let state = State::of_key(key, now);
    let name = key.name.clone();
    let name = view! {
        <Link to=Route::RelayKey of=key.id.clone() class="link strong break">{name}</Link>
    };
    let hint = view! {
        <div>
            {name}
            <span class="sub mono">{key.hint.clone()}</span>
        </div>
    };
    let policy = key
        .policy
        .as_ref()
        .map(|id| policy_name(policies, id))
        .map(|name| format!("Policy: {name}"));
    let bound = key
        .end_user
        .as_ref()
        .map(|label| format!("Only for {label}"));
    let held: Vec<String> = policy.into_iter().chain(bound).collect();
    let cells = vec![
        hint.into_any(),
        view! { <Badge tone=state.tone() text=state.word() /> }.into_any(),
        with_sub(scopes(&key.scopes), held.join(" · ")),
        month(key),
        view! { <Ago at=key.last_used_at.clone() /> }.into_any(),
        view! { <Ago at=key.expires_at.clone() /> }.into_any(),
    ];
    Cells::from(cells).class(if state.works() { "" } else { "row-off" })
}

/// A policy's name, or its id until the names are known.
fn policy_name(policies: &[Policy], id: &str) -> String {
    let policy = policies.iter().find(|policy| policy.id == id);
    policy.map_or_else(|| id.to_owned(), |policy| policy.name.clone())
}

/// Scopes as badges.
fn scopes(scopes: &[Scope]) -> AnyView {
    let badges = scopes
        .iter()
        .map(|scope| view! { <Badge tone=Tone::Quiet text=scope_name(*scope) /> })
        .collect_view();
    view! { <span class="badges">{badges}</span> }.into_any()
}

/// What a scope is called.
const fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Inference => "Inference",
        Scope::Tokens => "Tokens",
        Scope::Manage => "Manage",
    }
}

/// What a key has used of its monthly quotas, each as a bar.
fn month(key: &RelayKey) -> AnyView {
    let (Some(quotas), Some(used)) = (&key.settings.quotas, &key.used_this_month) else {
        return view! { <span class="muted">"No quota"</span> }.into_any();
    };
    shares(quotas, used)
        .into_iter()
        .map(|(text, part, whole)| {
            let full = part.saturating_mul(10) >= whole.saturating_mul(9);
            view! {
                <div class="meter" class:meter-high=full>
                    <span>{text.clone()}</span>
                    <progress max=whole.to_string() value=part.min(whole).to_string() aria-label=text></progress>
                </div>
            }
        })
        .collect_view()
        .into_any()
}

/// Each quota in words, with how much is used of how much.
fn shares(quotas: &Quotas, used: &QuotaUse) -> Vec<(String, u64, u64)> {
    let counted = |quota: Option<u64>, used: u64, what: &str| {
        let text = |quota| {
            format!(
                "{} of {} {what}",
                format::compact(used),
                format::compact(quota)
            )
        };
        quota.map(|quota| (text(quota), used, quota.max(1)))
    };
    let dollars = quotas.dollars.map(|dollars| {
        let quota = nanodollars(dollars);
        let text = format!(
            "{} of {}",
            format::money(used.cost_nanodollars),
            format::money(quota)
        );
        (text, used.cost_nanodollars, quota.max(1))
    });
    [
        counted(quotas.requests, used.requests, "calls"),
        counted(quotas.tokens, used.tokens, "tokens"),
        dollars,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Dollars as the whole numbers that costs are told in.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sums of money, at least zero"
)]
fn nanodollars(dollars: f64) -> u64 {
    (dollars * 1_000_000_000.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_quota_says_how_much_of_it_is_used() {
        let quotas = Quotas {
            requests: Some(1_000),
            tokens: None,
            dollars: Some(25.0),
        };
        let used = QuotaUse {
            requests: 250,
            tokens: 9,
            cost_nanodollars: 1_500_000_000,
        };
        assert_eq!(
            shares(&quotas, &used),
            [
                ("250 of 1,000 calls".to_owned(), 250, 1_000),
                ("$1.50 of $25.00".to_owned(), 1_500_000_000, 25_000_000_000),
            ]
        );
    }
}
