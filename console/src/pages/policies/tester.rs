//! "What can this key reach?": asks the code that routes calls, which calls nobody.

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{
    CredentialState, PolicyRules, Reach, ReachAsked, ReachedHost, ReachedModel, Refused,
};

use crate::api::Method;
use crate::app::use_session;
use crate::format;
use crate::problem::Problem;
use crate::ui::{
    Badge, Cells, Field, ProblemNote, SubmitButton, Tone, column, or_dash, sentence, table_panel,
};

const TIERS: [(&str, &str); 3] = [("", "Not said"), ("paid", "Paid"), ("free", "Free")];

/// Who is asked about.
#[derive(Clone)]
pub(super) enum Subject {
    /// A relay key without a policy.
    Anything,
    /// A relay key.
    Key(String),
    /// Rules that need not be saved.
    Rules(Box<PolicyRules>),
}

/// The form and what it finds.
#[component]
pub(super) fn Tester(
    /// Who is asked about, at the moment of asking; nothing while that cannot be said.
    subject: Callback<(), Option<Subject>>,
    /// A field before the others.
    #[prop(optional)]
    first: Option<AnyView>,
) -> impl IntoView {
    let session = use_session();
    let (model, user, tier) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let found = RwSignal::new(None::<Reach>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let Some(subject) = subject.run(()) else {
            return;
        };
        let given = |text: RwSignal<String>| {
            Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
        };
        let mut asked = ReachAsked {
            model: given(model),
            user: given(user),
            paid: given(tier).map(|tier| tier == "paid"),
            ..ReachAsked::default()
        };
        match subject {
            Subject::Anything => {}
            Subject::Key(id) => asked.relay_key_id = Some(id),
            Subject::Rules(rules) => asked.rules = Some(*rules),
        }
        busy.set(true);
        let session = session.clone();
        spawn_local(async move {
            let answer = session
                .send::<Reach>(Method::Post, "/v1/reach", &asked)
                .await;
            busy.try_set(false);
            match answer {
                Ok(reach) => {
                    problem.try_set(None);
                    found.try_set(Some(reach));
                }
                Err(failed) => {
                    problem.try_set(Some(failed));
                }
            }
        });
    };
    view! {
        <form class="panel card tester" novalidate on:submit=submit>
            <div class="field-pair">
                {first}
                {Field::new("Model", "test-model").hint("The whole catalog, when empty.").placeholder("gpt-5-mini").line(model)}
                {Field::new("End user", "test-user").hint("As X-Relay-User would name them.").placeholder("customer-1042").line(user)}
                {Field::new("Tier", "test-tier").hint("As X-Relay-Paid would say.").choice(tier, &TIERS)}
            </div>
            <ProblemNote problem=problem />
            <div class="actions-row">
                <SubmitButton text=Signal::stored("Test".to_owned()) busy=busy />
            </div>
        </form>
        <div role="status" class="below">{move || found.get().map(reached)}</div>
    }
}

fn reached(reach: Reach) -> AnyView {
    let said = if reach.refused.is_some() {
        "No call is let in.".to_owned()
    } else {
        let (reachable, total) = (
            format::thousands(reach.reachable),
            format::thousands(reach.total),
        );
        format!("{reachable} of {total} models can be reached, tried in this order.")
    };
    let more = reach
        .next_cursor
        .is_some()
        .then_some(" The first ones are shown; name a model to ask about one.");
    let columns = [
        column("Model"),
        column("Reached"),
        column("By"),
        column("Keys"),
    ];
    let rows = reach.models.into_iter().map(row).collect();
    view! {
        <p class="page-about">{said} {more}</p>
        {reach.refused.map(|refused| refusal(&refused))}
        {table_panel("What can be reached", "table-heads table-reach", &columns, rows)}
    }
    .into_any()
}

fn refusal(refused: &Refused) -> AnyView {
    let Refused { code, message } = refused.clone();
    view! {
        <div class="note note-warn trouble">
            <div>
                <p class="strong mono">{code}</p>
                <p>{sentence(&message)}</p>
            </div>
        </div>
    }
    .into_any()
}

fn row(model: ReachedModel) -> Cells {
    let (tone, word) = if model.allowed {
        (Tone::Good, "Yes")
    } else {
        (Tone::Warn, "No")
    };
    let refused = model
        .refused
        .map(|refused| view! { <span class="sub">{sentence(&refused.message)}</span> });
    let hosts = model.hosts.iter().map(host).collect_view();
    let keys: Vec<AnyView> = model
        .hosts
        .iter()
        .flat_map(|host| &host.credentials)
        .map(|key| {
            let (tone, word) = state(key.state);
            let name = match &key.user {
                Some(user) => format!("•••• {} of {user}", key.last4),
                None => format!("•••• {} ({})", key.last4, key.name),
            };
            view! { <span>{name} " " <Badge tone=tone text=word /></span> }.into_any()
        })
        .collect();
    let keys = if keys.is_empty() {
        or_dash(None)
    } else {
        view! { <div class="reached">{keys}</div> }.into_any()
    };
    Cells::from(vec![
        view! { <span class="mono break">{model.id}</span> }.into_any(),
        view! { <div><Badge tone=tone text=word /> {refused}</div> }.into_any(),
        view! { <div class="reached">{hosts}</div> }.into_any(),
        keys,
    ])
}

fn host(host: &ReachedHost) -> AnyView {
    let (tone, sign) = if host.allowed {
        (Tone::Good, "Yes")
    } else {
        (Tone::Quiet, "No")
    };
    let stands_in = host
        .fallback
        .as_ref()
        .map(|model| format!(" for {model}"))
        .unwrap_or_default();
    let name = format!("{}{stands_in}", host.name);
    let reason = host
        .reason
        .clone()
        .map(|reason| view! { <span class="sub mono">{reason}</span> });
    view! {
        <div class="reached-host">
            <Badge tone=tone text=sign />
            <span>{name} {reason}</span>
        </div>
    }
    .into_any()
}

/// How a key is doing, in a word.
pub(in crate::pages) const fn state(state: CredentialState) -> (Tone, &'static str) {
    match state {
        CredentialState::Ok => (Tone::Good, "Works"),
        CredentialState::Resting => (Tone::Warn, "Asked to wait"),
        CredentialState::Open => (Tone::Warn, "Left alone"),
        CredentialState::Broken => (Tone::Bad, "Refused"),
        CredentialState::Disabled => (Tone::Quiet, "Off"),
    }
}
