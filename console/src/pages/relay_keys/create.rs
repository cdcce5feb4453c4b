//! Making a relay key, and showing it the only time it is ever shown.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{CreatedRelayKey, ExpiresIn, NewRelayKey, RelayKey, Scope};

use super::scope_name;
use crate::app::use_session;
use crate::browser;
use crate::problem::Problem;
use crate::ui::{CopyButton, Dialog, Icon, ProblemNote, SubmitButton, TextField};

/// How long a key may be asked to live: the wire's word, and what people read.
const LIVES: [(&str, &str); 5] = [
    ("", "Never"),
    ("7d", "In 7 days"),
    ("30d", "In 30 days"),
    ("90d", "In 90 days"),
    ("365d", "In 1 year"),
];

/// The longest name the server takes, in characters.
const NAME_MAX: u16 = 100;

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

/// The scopes a key has unless its maker says otherwise.
const DEFAULT_SCOPES: [Scope; 2] = [Scope::Inference, Scope::Tokens];

/// The dialog: first the form, then the key.
#[component]
pub(super) fn CreateDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Told of a new key.
    #[prop(into)]
    created: Callback<RelayKey>,
) -> impl IntoView {
    // A plaintext key: dropped as soon as the dialog closes.
    let secret = RwSignal::new(None::<String>);
    Effect::new(move || {
        if !open.get() {
            secret.set(None);
        }
    });
    let made = Callback::new(move |key: CreatedRelayKey| {
        secret.set(Some(key.key));
        created.run(key.details);
    });
    let title = Signal::derive(move || {
        if secret.with(Option::is_some) {
            "Copy your relay key".to_owned()
        } else {
            "Create relay key".to_owned()
        }
    });
    view! {
        <Dialog
            open=open
            id="create-key"
            title=title
            locked=Signal::derive(move || secret.with(Option::is_some))
        >
            {move || match secret.get() {
                Some(key) => view! { <Reveal key=key open=open /> }.into_any(),
                None => view! { <Form open=open made=made /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Form(open: RwSignal<bool>, made: Callback<CreatedRelayKey>) -> impl IntoView {
    let session = use_session();
    let name = RwSignal::new(String::new());
    let scopes = RwSignal::new(DEFAULT_SCOPES.to_vec());
    let user_from_body = RwSignal::new(false);
    let life = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let name_error = Signal::derive(move || {
        (tried.get() && name.with(|name| name.trim().is_empty()))
            .then(|| "Give the key a name, so that you know it later.".to_owned())
    });
    let scopes_error = Signal::derive(move || tried.get() && scopes.with(Vec::is_empty));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        tried.set(true);
        if name_error.get_untracked().is_some() {
            browser::focus("#key-name");
            return;
        }
        if scopes_error.get_untracked() {
            browser::focus("#key-scope-inference");
            return;
        }
        busy.set(true);
        problem.set(None);
        let key = NewRelayKey {
            name: name.get_untracked().trim().to_owned(),
            scopes: Some(scopes.get_untracked()),
            user_from_body: user_from_body.get_untracked(),
            expires_in: Some(life.get_untracked())
                .filter(|life| !life.is_empty())
                .map(ExpiresIn::Text),
            ..NewRelayKey::default()
        };
        let session = session.clone();
        spawn_local(async move {
            let answer = session.create_relay_key(key).await;
            busy.try_set(false);
            match answer {
                Ok(key) => made.run(key),
                Err(failed) => {
                    problem.try_set(Some(failed));
                }
            }
        });
    };
    let lives = LIVES
        .into_iter()
        .map(|(word, text)| view! { <option value=word>{text}</option> })
        .collect_view();
    view! {
        <form novalidate on:submit=submit>
            <div class="dialog-body form">
                <ProblemNote problem=problem />
                <TextField
                    label="Name"
                    id="key-name"
                    value=name
                    error=name_error
                    placeholder="Production backend"
                    max_length=NAME_MAX
                    autofocus=true
                />
                <fieldset class="field" aria-describedby="key-scopes-note">
                    <legend>"Scopes"</legend>
                    <Scopes chosen=scopes />
                    <p id="key-scopes-note" class="field-note field-error" aria-live="polite">
                        {move || scopes_error.get().then_some("Choose at least one scope.")}
                    </p>
                </fieldset>
                <fieldset class="field">
                    <legend>"End user"</legend>
                    <div class="choices">
                        <div class="choice">
                            <input
                                type="checkbox"
                                id="key-user-from-body"
                                aria-describedby="key-user-from-body-note"
                                bind:checked=user_from_body
                            />
                            <div>
                                <label for="key-user-from-body">
                                    "Read the end user from the request"
                                </label>
                                <p id="key-user-from-body-note">
                                    "For tools that cannot send X-Relay-User: the field user (OpenAI) or metadata.user_id (Anthropic) names the end user."
                                </p>
                            </div>
                        </div>
                    </div>
                </fieldset>
                <div class="field">
                    <label for="key-life">"Expires"</label>
                    <select id="key-life" bind:value=life>
                        {lives}
                    </select>
                </div>
            </div>
            <footer class="dialog-foot">
                <button type="button" class="btn" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <SubmitButton text="Create key" busy=busy />
            </footer>
        </form>
    }
}

#[component]
fn Scopes(chosen: RwSignal<Vec<Scope>>) -> impl IntoView {
    let choices = Scope::ALL
        .into_iter()
        .map(|scope| {
            let id = format!("key-scope-{}", scope.as_str());
            let note = format!("{id}-note");
            let toggle = move |_| {
                chosen.update(|chosen| {
                    if chosen.contains(&scope) {
                        chosen.retain(|other| *other != scope);
                    } else {
                        chosen.push(scope);
                    }
                });
            };
            view! {
                <div class="choice">
                    <input
                        type="checkbox"
                        id=id.clone()
                        aria-describedby=note.clone()
                        prop:checked=move || chosen.with(|chosen| chosen.contains(&scope))
                        on:change=toggle
                    />
                    <div>
                        <label for=id>{scope_name(scope)}</label>
                        <p id=note>{scope_meaning(scope)}</p>
                    </div>
                </div>
            }
        })
        .collect_view();
    view! { <div class="choices">{choices}</div> }
}

#[component]
fn Reveal(key: String, open: RwSignal<bool>) -> impl IntoView {
    let shown = key.clone();
    // The form's button is gone, and the keyboard's focus with it.
    request_animation_frame(|| browser::focus("#create-key .btn-primary"));
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
            <CopyButton text=key label="Copy relay key" prominent=true />
        </footer>
    }
}
