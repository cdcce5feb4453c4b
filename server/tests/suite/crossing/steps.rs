//! What tenants may do, drawn at random, and by which names they do it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

pub(crate) const TENANTS: usize = 3;
/// Its keys are never refused and never asked to wait: were it to feel what others' are, it would
/// be seen.
pub(crate) const CALM: usize = 2;
pub(crate) const USERS: [&str; 2] = ["ada", "bea"];
pub(crate) const NAMES: [&str; 2] = ["default", "spare"];
/// The catalog's, and one of each tenant's own.
pub(crate) const HOSTS: [&str; 2] = ["openai", "mine"];
/// The last is each tenant's own, at both hosts.
pub(crate) const MODELS: [&str; 3] = ["gpt-4o-mini", "mine:gpt-4o-mini", "ours"];
/// What `ours` is called upstream, by tenant.
pub(crate) const OURS: [&str; TENANTS] = ["gpt-4o", "gpt-4.1", "gpt-4.1-mini"];
pub(crate) const STRATEGIES: [&str; 5] = [
    "priority",
    "weighted",
    "least-recent",
    "fastest",
    "cheapest",
];
pub(crate) const SOURCES: [&str; 4] = ["user-else-pool", "user", "pool", "user-then-pool"];
pub(crate) const POLICIES: usize = 2;
const STEPS: usize = 30;

/// Where a credential is: a user's or, where no user is named, the pool's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) user: Option<usize>,
    pub(crate) host: usize,
    pub(crate) name: usize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) strategy: usize,
    pub(crate) source: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Call {
        user: Option<usize>,
        model: usize,
        policy: usize,
    },
    Connect(Place),
    Remove(Place),
    Switch {
        host: usize,
        name: usize,
        disabled: bool,
    },
    Change(usize, Rules),
    /// The provider refuses the key that is there; takes it; asks it to wait.
    Refuse(Place),
    Take(Place),
    Throttle(Place),
}

#[derive(Debug, Clone)]
pub(crate) struct Act {
    pub(crate) tenant: usize,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    AtOnce(Vec<Act>),
    Wait(u64),
    Heal,
}

fn place() -> impl Strategy<Value = Place> {
    let user = proptest::option::of(0..USERS.len());
    (user, 0..HOSTS.len(), 0..NAMES.len()).prop_map(|(user, host, name)| Place {
        user,
        host,
        name: if user.is_some() { 0 } else { name },
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    (0..STRATEGIES.len(), 0..SOURCES.len())
        .prop_map(|(strategy, source)| Rules { strategy, source })
}

fn act() -> impl Strategy<Value = Act> {
    let call = (
        proptest::option::of(0..USERS.len()),
        0..MODELS.len(),
        0..POLICIES,
    );
    let call = call.prop_map(|(user, model, policy)| What::Call {
        user,
        model,
        policy,
    });
    let switch = (0..HOSTS.len(), 0..NAMES.len(), any::<bool>());
    let switch = switch.prop_map(|(host, name, disabled)| What::Switch {
        host,
        name,
        disabled,
    });
    let anybodys = prop_oneof![
        12 => call,
        5 => place().prop_map(What::Connect),
        2 => place().prop_map(What::Remove),
        1 => switch,
        2 => (0..POLICIES, rules()).prop_map(|(policy, rules)| What::Change(policy, rules)),
    ];
    let troubles = prop_oneof![
        2 => place().prop_map(What::Refuse),
        1 => place().prop_map(What::Take),
        1 => place().prop_map(What::Throttle),
    ];
    prop_oneof![
        6 => (0..TENANTS, anybodys).prop_map(|(tenant, what)| Act { tenant, what }),
        1 => (0..CALM, troubles).prop_map(|(tenant, what)| Act { tenant, what }),
    ]
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => act().prop_map(|act| Step::AtOnce(vec![act])),
        3 => proptest::collection::vec(act(), 2..6).prop_map(Step::AtOnce),
        1 => (1..40_u64).prop_map(Step::Wait),
        1 => Just(Step::Heal),
    ];
    proptest::collection::vec(step, STEPS)
}

/// The hosts that a model is served by.
pub(crate) fn hosts(model: usize) -> &'static [usize] {
    [&[0][..], &[1], &[0, 1]][model]
}

pub(crate) fn path(place: Place) -> String {
    let host = HOSTS[place.host];
    match place.user {
        Some(user) => format!("/v1/users/{}/credentials/{host}", USERS[user]),
        None => format!("/v1/credentials/{host}/{}", NAMES[place.name]),
    }
}

pub(crate) fn policy_body(policy: usize, rules: Rules) -> Value {
    json!({
        "name": format!("policy {policy}").replace(' ', "-"),
        "rules": { "keys": SOURCES[rules.source], "strategy": STRATEGIES[rules.strategy] },
    })
}

/// Of what is done at once, no two things to the same place or policy: which comes last is open.
pub(crate) fn without_conflicts(acts: &[Act]) -> Vec<Act> {
    let mut taken = BTreeSet::new();
    let fits = |act: &&Act| {
        let what = match &act.what {
            What::Call { .. } => return true,
            What::Change(policy, _) => (act.tenant, Err(*policy)),
            What::Switch { host, name, .. } => {
                let place = Place {
                    user: None,
                    host: *host,
                    name: *name,
                };
                (act.tenant, Ok(place))
            }
            What::Connect(place)
            | What::Remove(place)
            | What::Refuse(place)
            | What::Take(place)
            | What::Throttle(place) => (act.tenant, Ok(*place)),
        };
        taken.insert(what)
    };
    acts.iter().filter(fits).cloned().collect()
}
