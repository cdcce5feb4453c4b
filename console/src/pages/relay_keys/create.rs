//! Making a relay key, and showing a bearer the only time it is ever shown.

use leptos::prelude::*;
use relay_api::{CreatedRelayKey, ExpiresIn, NewRelayKey, Policy, RelayKey, Scope};

use super::scope_name;
use super::settings::{Entered, Settings};
use crate::api::Method;
use crate::app::use_session;
use crate::browser;
use crate::listing::Listing;
use crate::ui::{CopyButton, Dialog, Field, Form, Icon, folded, form, group, sending, tick};

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

/// The dialog: first the form, then the key.
#[component]
pub(super) fn CreateDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The policies to choose from.
    policies: Listing<Policy>,
    /// Told of a new key.
    #[prop(into)]
    created: Callback<RelayKey>,
) -> impl IntoView {
    let session = StoredValue::new(use_session());
    let make = move |secret: RwSignal<Option<String>>| {
        let fields = NewKey::new();
        let body = fields.view(policies);
        let session = session.get_value();
        Form::new(body, move || {
            let key = fields.read()?;
            let session = session.clone();
            sending(async move {
                let made: CreatedRelayKey =
                    session.send(Method::Post, "/v1/relay-keys", &key).await?;
                secret.set(Some(made.key));
                created.run(made.details);
                Ok(())
            })
        })
    };
    secret_dialog(open, "create-key", "Create relay key", "Create key", make)
}

/// A dialog whose form yields a bearer: it stays, locked, until someone has taken the bearer.
pub(super) fn secret_dialog(
    open: RwSignal<bool>,
    id: &'static str,
    title: &'static str,
    action: &'static str,
    make: impl Fn(RwSignal<Option<String>>) -> Form + Send + Sync + 'static,
) -> AnyView {
    // A plaintext key: dropped as soon as the dialog closes.
    let secret = RwSignal::new(None::<String>);
    Effect::new(move || {
        if !open.get() {
            secret.set(None);
        }
    });
    let make = StoredValue::new(make);
    let is_shown = Signal::derive(move || secret.with(Option::is_some));
    let title = Signal::derive(move || {
        if is_shown.get() {
            "Copy your relay key"
        } else {
            title
        }
        .to_owned()
    });
    let cancel = Callback::new(move |()| {
        open.try_set(false);
    });
    view! {
        <Dialog open=open id=id title=title locked=is_shown>
            {move || match secret.get() {
                Some(key) => reveal(key, id, open),
                None => {
                    make.with_value(|make| form(make(secret), action, false, Some(cancel), Callback::new(|()| ())))
                }
            }}
        </Dialog>
    }
    .into_any()
}

fn reveal(key: String, id: &'static str, open: RwSignal<bool>) -> AnyView {
    let shown = key.clone();
    // The form's button is gone, and the keyboard's focus with it.
    request_animation_frame(move || browser::focus(&format!("#{id} .btn-primary")));
    view! {
        <div class="dialog-body">
            <div class="note note-warn">
                {Icon::Alert.view()}
                <p>
                    "This is the only time the key is shown. Relay keeps no copy: store it now where your backend reads its secrets."
                </p>
            </div>
            <div class="secret">
                <code class="secret-text" id="new-relay-key" aria-label="Relay key">{shown}</code>
            </div>
        </div>
        <footer class="dialog-foot">
            <button type="button" class="btn" on:click=move |_| open.set(false)>
                "Done"
            </button>
            <CopyButton text=Signal::stored(key) label="Copy relay key" prominent=true />
        </footer>
    }
    .into_any()
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
