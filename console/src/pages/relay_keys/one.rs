//! One relay key: what is known of it, what it is held to, and the end of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{ChangedRelayKey, CreatedRelayKey, ExpiresIn, RelayKey, RotateRelayKey};

use super::create::bearer;
use super::settings::{Entered, Settings};
use super::state::State;
use super::{month, policies, scopes};
use crate::api::{Method, segment};
use crate::app::{may_change, use_session};
use crate::listing::Listing;
use crate::navigation::{Link, use_navigator};
use crate::remote::Remote;
use crate::route::{Route, query_with};
use crate::ui::{
    Ago, Badge, Clock, Confirm, ConfirmDialog, Field, Form, PageHeader, Secret, Toasts, button,
    cell, facts, form, form_dialog, secret_dialog, sending,
};

const GRACES: [(&str, &str); 5] = [
    ("", "At once"),
    ("1h", "After 1 hour"),
    ("24h", "After 1 day"),
    ("7d", "After 7 days"),
    ("30d", "After 30 days"),
];

/// The screen of one relay key.
#[component]
pub(crate) fn OneRelayKey() -> impl IntoView {
    let id = use_navigator().parameter();
    let path = segment(&id)
        .map(|id| format!("/v1/relay-keys/{id}"))
        .unwrap_or_default();
    let path = StoredValue::new(path);
    let key = Remote::<RelayKey>::new(use_session(), move || path.get_value());
    let title = Signal::derive(move || {
        key.value
            .with(|key| key.as_ref().map(|key| key.name.clone()))
            .unwrap_or_else(|| Route::RelayKey.title().to_owned())
    });
    let rotating = RwSignal::new(false);
    let secret = RwSignal::new(None);
    let revoke = Confirm::<RelayKey>::new();
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    // Once, or what is typed would be lost whenever the key is read again.
    let first = Memo::new(move |_| key.value.with(Option::is_some));
    view! {
        {move || view! { <PageHeader title=title.get() up=Route::RelayKeys>{actions(key, path, rotating, revoke)}</PageHeader> }}
        {key.view(known)}
        {move || first.get().then(|| key.value.get_untracked()).flatten().map(|known| settings(known, key, path))}
        {form_dialog(rotating, "rotate-key", Signal::stored("Rotate the key".to_owned()), "Rotate key", move || rotation(secret, key, path))}
        {secret_dialog(secret)}
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
            done=move |gone: RelayKey| {
                toasts.done(format!("{} revoked.", gone.name));
                key.reload();
            }
        />
    }
}

fn actions(
    key: Remote<RelayKey>,
    path: StoredValue<String>,
    rotating: RwSignal<bool>,
    revoke: Confirm<RelayKey>,
) -> AnyView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let clock = expect_context::<Clock>();
    let may = may_change();
    let switch = move |disabled: bool| {
        let change = ChangedRelayKey {
            disabled: Some(disabled),
            ..ChangedRelayKey::default()
        };
        let session = session.get_value();
        spawn_local(async move {
            match session
                .send::<RelayKey>(Method::Patch, &path.get_value(), &change)
                .await
            {
                Ok(changed) => {
                    toasts.done(if disabled {
                        "The key is off: calls with it are refused."
                    } else {
                        "The key is on again."
                    });
                    key.value.try_set(Some(changed));
                }
                Err(problem) => toasts.failed(problem),
            }
        });
    };
    (move || {
        let known = key.value.get()?;
        let state = State::of_key(&known, clock.now_ms());
        let tester = query_with("", &[("key", &known.id)]);
        let calls = query_with("", &[("key", &known.id)]);
        let disabled = known.disabled;
        let word = if disabled { "Enable" } else { "Disable" };
        Some(view! {
            <Link to=Route::Requests query=calls class="btn">"Requests"</Link>
            {(!state.is_over()).then(|| view! { <Link to=Route::Policies query=tester class="btn">"What it reaches"</Link> })}
            {(may && !state.is_over())
                .then(|| {
                    view! {
                        {button("btn", "Rotate", "", move || rotating.set(true))}
                        {button("btn", word, "", move || switch(!disabled))}
                        {button("btn btn-danger", "Revoke", "", move || revoke.ask(known.clone()))}
                    }
                })}
        })
    })
    .into_any()
}

fn known(key: RelayKey) -> AnyView {
    let state = State::of_key(&key, expect_context::<Clock>().now_ms());
    let rotated = key.rotated_at.clone().map(|at| {
        let until = key.previous_expires_at.clone();
        let old = until.map(|until| view! { ", the one before works until "<Ago at=until /> });
        ("Rotated", view! { <Ago at=at />{old} }.into_any())
    });
    let mut left = vec![
        (
            "State",
            view! { <Badge tone=state.tone() text=state.word() /> }.into_any(),
        ),
        (
            "Key",
            view! { <span class="mono">{key.hint.clone()}</span> }.into_any(),
        ),
        ("Scopes", scopes(&key.scopes)),
        (
            "End user",
            cell(match (&key.end_user, key.user_from_body) {
                (Some(label), _) => format!("Only {label}"),
                (None, true) => "Named by X-Relay-User or the request's own field".to_owned(),
                (None, false) => "Named by X-Relay-User".to_owned(),
            }),
        ),
    ];
    left.extend(rotated);
    let right = vec![
        ("This month", month(&key)),
        (
            "Created",
            view! { <Ago at=key.created_at.clone() /> }.into_any(),
        ),
        (
            "Last used",
            view! { <Ago at=key.last_used_at.clone() never="never" /> }.into_any(),
        ),
        (
            "Expires",
            view! { <Ago at=key.expires_at.clone() never="never" /> }.into_any(),
        ),
    ];
    view! {
        <div class="columns">
            <section class="panel card" aria-label="The key">{facts(left)}</section>
            <section class="panel card" aria-label="Its use">{facts(right)}</section>
        </div>
    }
    .into_any()
}

/// Changes what the key is held to.
fn settings(known: RelayKey, key: Remote<RelayKey>, path: StoredValue<String>) -> AnyView {
    if !may_change() || State::of_key(&known, expect_context::<Clock>().now_ms()).is_over() {
        return ().into_any();
    }
    let policies: Listing<_> = policies();
    let session = use_session();
    let toasts = expect_context::<Toasts>();
    let name = RwSignal::new(known.name.clone());
    let fields = Settings::of(Some(&known));
    let body = [
        Field::new("Name", "key-name").line(name),
        fields.policy(policies),
        fields.rest(),
    ]
    .into_any();
    let submit = move || {
        let Entered {
            policy,
            sources,
            limits,
            quotas,
            kept,
        } = fields.read()?;
        let change = ChangedRelayKey {
            name: Some(name.get_untracked().trim().to_owned()),
            policy: Some(policy),
            sources: Some(sources),
            limits: Some(limits),
            quotas: Some(quotas),
            keep_bodies_for: Some(kept),
            disabled: None,
        };
        let session = session.clone();
        sending(async move {
            let changed: RelayKey = session
                .send(Method::Patch, &path.get_value(), &change)
                .await?;
            key.value.try_set(Some(changed));
            Ok(())
        })
    };
    let saved = Callback::new(move |()| toasts.done("Saved. It holds from the next call on."));
    view! {
        <h2 class="section-title">"What it is held to"</h2>
        <div class="panel page-form">{form(Form::new(body, submit), "Save changes", false, None, saved)}</div>
    }
    .into_any()
}

/// Asks when the bearer there is now shall stop working.
fn rotation(
    secret: RwSignal<Option<Secret>>,
    key: Remote<RelayKey>,
    path: StoredValue<String>,
) -> Form {
    let session = use_session();
    let grace = RwSignal::new("24h".to_owned());
    let body = view! {
        <p>"Relay makes a new key with the same name and settings. Put it in place, then the old one may go."</p>
        {Field::new("The old key stops working", "rotate-grace").choice(grace, &GRACES)}
    };
    Form::new(body.into_any(), move || {
        let session = session.clone();
        let rotate = RotateRelayKey {
            grace: Some(grace.get_untracked())
                .filter(|grace| !grace.is_empty())
                .map(ExpiresIn::Text),
        };
        sending(async move {
            let path = format!("{}/rotate", path.get_value());
            let made: CreatedRelayKey = session.send(Method::Post, &path, &rotate).await?;
            secret.set(Some(bearer(made.key)));
            key.value.try_set(Some(made.details));
            Ok(())
        })
    })
}
