//! Making a relay key, and showing a bearer the only time it is ever shown.

use leptos::prelude::*;
use relay_api::{CreatedRelayKey, ExpiresIn, NewRelayKey, Policy, RelayKey, Scope};

use super::scope_name;
use super::settings::{Entered, Settings};
use crate::api::Method;
use crate::app::use_session;
use crate::listing::Listing;
use crate::ui::{Field, Form, Secret, folded, form_dialog, group, sending, tick};

/// How long a key may be asked to live: the wire's word, and what people read.
const LIVES: [(&str, &str); 5] = [
    ("", "Never"),
    ("7d", "In 7 days"),
    ("30d", "In 30 days"),
    ("90d", "In 90 days"),
    ("365d", "In 1 year"),
];

/// What a scope allows, in a sentence.
const fn scope_meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::Inference => "Call models for your users.",
        Scope::Tokens => "Issue registration tokens, so that users can connect their keys.",
        Scope::Manage => {
            "Manage users, provider keys and relay keys. Leave off unless you need it."
        }
    }
}

/// The dialog with the form; what comes of it is shown once.
pub(super) fn create_dialog(
    open: RwSignal<bool>,
    secret: RwSignal<Option<Secret>>,
    policies: Listing<Policy>,
    created: impl Fn(RelayKey) + Copy + Send + Sync + 'static,
) -> AnyView {
    let session = StoredValue::new(use_session());
    form_dialog(
        open,
        "create-key",
        Signal::stored("Create relay key".to_owned()),
        "Create key",
        move || {
            let fields = NewKey::new();
            let session = session.get_value();
            Form::new(fields.view(policies), move || {
                let key = fields.read()?;
                let session = session.clone();
                sending(async move {
                    let made: CreatedRelayKey =
                        session.send(Method::Post, "/v1/relay-keys", &key).await?;
                    secret.set(Some(bearer(made.key)));
                    created(made.details);
                    Ok(())
                })
            })
        },
    )
}

/// A bearer, to be shown the only time it is ever shown.
pub(super) fn bearer(key: String) -> Secret {
    Secret {
        title: "Copy your relay key",
        about: "This is the only time the key is shown. Relay keeps no copy: store it now where your backend reads its secrets."
            .to_owned(),
        label: "Relay key",
        text: key,
    }
}

/// The fields of a key that is to be made. Copies share one state.
#[derive(Clone, Copy)]
struct NewKey {
    name: RwSignal<String>,
    scopes: [(Scope, RwSignal<bool>); 3],
    end_user: RwSignal<String>,
    user_from_body: RwSignal<bool>,
    life: RwSignal<String>,
    settings: Settings,
    tried: RwSignal<bool>,
}

impl NewKey {
    fn new() -> Self {
        Self {
            name: RwSignal::new(String::new()),
            scopes: Scope::ALL.map(|scope| (scope, RwSignal::new(scope != Scope::Manage))),
            end_user: RwSignal::new(String::new()),
            user_from_body: RwSignal::new(false),
            life: RwSignal::new(String::new()),
            settings: Settings::of(None),
            tried: RwSignal::new(false),
        }
    }

    fn chosen(self) -> Vec<Scope> {
        self.scopes
            .iter()
            .filter(|(_, chosen)| chosen.get())
            .map(|(scope, _)| *scope)
            .collect()
    }

    fn read(self) -> Option<NewRelayKey> {
        self.tried.set(true);
        let Entered {
            policy,
            sources,
            limits,
            quotas,
            kept,
        } = self.settings.read()?;
        let name = self.name.get_untracked().trim().to_owned();
        let scopes = untrack(|| self.chosen());
        let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        (!name.is_empty() && !scopes.is_empty()).then(|| NewRelayKey {
            name,
            scopes: Some(scopes),
            user_from_body: self.user_from_body.get_untracked(),
            expires_in: given(self.life.get_untracked()).map(ExpiresIn::Text),
            policy,
            end_user: given(self.end_user.get_untracked()),
            sources,
            limits,
            quotas,
            keep_bodies_for: kept,
        })
    }

    fn view(self, policies: Listing<Policy>) -> AnyView {
        let nameless = Signal::derive(move || {
            (self.tried.get() && self.name.with(|name| name.trim().is_empty()))
                .then(|| "Give the key a name, so that you know it later.".to_owned())
        });
        let powerless = move || self.tried.get() && self.chosen().is_empty();
        let scopes = self
            .scopes
            .map(|(scope, chosen)| {
                tick(
                    format!("key-scope-{}", scope.as_str()),
                    scope_name(scope),
                    scope_meaning(scope),
                    chosen,
                )
            })
            .into_any();
        let scopes = view! {
            <div class="choices">{scopes}</div>
            <p class="field-note field-error" aria-live="polite">
                {move || powerless().then_some("Choose at least one scope.")}
            </p>
        };
        let end_user = view! {
            <div class="choices">
                {tick(
                    "key-user-from-body",
                    "Read the end user from the request",
                    "For tools that cannot send X-Relay-User: the field user (OpenAI) or metadata.user_id (Anthropic) names the end user.",
                    self.user_from_body,
                )}
            </div>
        };
        let bound = Field::new("Only for this end user", "key-end-user")
            .hint("Every call is this user's; a call that names another is refused. Such a key may not manage.")
            .placeholder("customer-1042")
            .line(self.end_user);
        [
            Field::new("Name", "key-name")
                .placeholder("Production backend")
                .error(nameless)
                .line(self.name),
            group("Scopes", scopes.into_any()),
            self.settings.policy(policies),
            Field::new("Expires", "key-life").choice(self.life, &LIVES),
            folded("End user", [bound, end_user.into_any()].into_any()),
            self.settings.rest(),
        ]
        .into_any()
    }
}
