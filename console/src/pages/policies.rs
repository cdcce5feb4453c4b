//! Policies: what relay keys are held to, and what that comes to.

mod choices;
mod edit;
mod summary;
mod tester;

use leptos::prelude::*;
use relay_api::{Policy, RelayKey};

pub(crate) use self::edit::OnePolicy;
use self::summary::summary;
pub(super) use self::tester::state;
use self::tester::{Subject, Tester};
use super::relay_keys::policies;
use crate::app::{may_change, use_session};
use crate::listing::Listing;
use crate::navigation::{Link, Query};
use crate::route::Route;
use crate::ui::{
    Ago, Cells, Empty, Field, Icon, ListView, PageHeader, cell, column, number, owned, table_panel,
};

/// The parameter of the policy that is to be made.
const NEW: &str = "new";

/// The policies screen.
#[component]
pub(crate) fn Policies() -> impl IntoView {
    let listing = policies();
    let keys = Listing::<RelayKey>::at(use_session(), || "/v1/relay-keys?limit=100".to_owned());
    view! {
        <PageHeader title=Route::Policies.title() about="Which models and providers relay keys reach, whose provider keys they use, and in what order.">
            {may_change().then(|| view! { <Link to=Route::Policy of=NEW class="btn btn-primary">
                {Icon::Plus.view()}
                "Create policy"
            </Link> })}
        </PageHeader>
        <ListView listing=listing rows=move |policies| table(&policies, &keys.ready()) empty=none_yet />
        <h2 class="section-title" id="tester">"What can this key reach?"</h2>
        {choose(keys)}
    }
}

fn none_yet() -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::Shield
                title="No policies yet"
                text="Without one, a relay key reaches every model there is a provider key for. A policy narrows that, adds limits, and says what stands in when a model fails."
            >
                {may_change().then(|| view! { <Link to=Route::Policy of=NEW class="btn btn-primary">
                    "Create your first policy"
                </Link> })}
            </Empty>
        </div>
    }
    .into_any()
}

fn table(policies: &[Policy], keys: &[RelayKey]) -> AnyView {
    let columns = [
        column("Name"),
        column("What it says"),
        number("Relay keys"),
        column("Changed"),
    ];
    let rows = policies
        .iter()
        .map(|policy| {
            let held = |key: &&RelayKey| key.policy.as_deref() == Some(&policy.id) && key.revoked_at.is_none();
            let name = policy.name.clone();
            let said = summary(&policy.rules);
            Cells::from(vec![
                view! { <Link to=Route::Policy of=policy.id.clone() class="link strong break">{name}</Link> }.into_any(),
                view! { <p class="said">{said}</p> }.into_any(),
                cell(keys.iter().filter(held).count().to_string()),
                view! { <Ago at=policy.updated_at.clone() /> }.into_any(),
            ])
        })
        .collect();
    table_panel("Policies", "table-heads", &columns, rows)
}

/// The tester for a key that is chosen here, or named by the address.
fn choose(keys: Listing<RelayKey>) -> AnyView {
    let query = Query::current();
    let chosen = RwSignal::new(query.get("key"));
    let options = Signal::derive(move || {
        let mut options = owned(&[("", "A key without a policy")]);
        let works = |key: &RelayKey| key.revoked_at.is_none();
        options.extend(
            keys.ready()
                .into_iter()
                .filter(works)
                .map(|key| (key.id, key.name)),
        );
        options
    });
    let subject = Callback::new(move |()| {
        let id = chosen.get_untracked();
        Some(if id.is_empty() {
            Subject::Anything
        } else {
            Subject::Key(id)
        })
    });
    let field = Field::new("Relay key", "test-key").select(chosen, options);
    view! { <Tester subject=subject first=field /> }.into_any()
}
