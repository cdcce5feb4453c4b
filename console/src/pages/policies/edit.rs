//! One policy: a form that people understand, with the tester beside it that tries what is not saved yet.

use leptos::prelude::*;
use relay_api::{ExpiresIn, Filter, NewPolicy, Policy, PolicyRules};

use super::super::limits::Limits;
use super::NEW;
use super::choices::{DIALECTS, KEPT, SOURCES, STRATEGIES, read, word, words};
use super::tester::{Subject, Tester};
use crate::api::{Method, Session, segment};
use crate::app::{may_change, use_session};
use crate::navigation::use_navigator;
use crate::remote::Remote;
use crate::route::Route;
use crate::ui::{
    Confirm, ConfirmDialog, Field, Form, PageHeader, Toasts, button, folded, form, group, owned,
    radios, sending, tick, words_of,
};

/// The screen of one policy, or of one that is to be made.
#[component]
pub(crate) fn OnePolicy() -> impl IntoView {
    let id = use_navigator().parameter();
    if id == NEW {
        return view! {
            <PageHeader title="New policy" about="Everything that is left empty is allowed." up=Route::Policies />
            {editor(None)}
        }
        .into_any();
    }
    let path = segment(&id)
        .map(|id| format!("/v1/policies/{id}"))
        .unwrap_or_default();
    let policy = Remote::<Policy>::new(use_session(), move || path.clone());
    let title = move || {
        policy
            .value
            .with(|policy| policy.as_ref().map(|policy| policy.name.clone()))
            .unwrap_or_else(|| "Policy".to_owned())
    };
    view! {
        {move || view! { <PageHeader title=title() about="What relay keys of this policy are held to, from the next call on." up=Route::Policies /> }}
        {policy.view(|policy| editor(Some(policy)))}
    }
    .into_any()
}

/// The fields. Copies share one state.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    models: [RwSignal<String>; 2],
    hosts: [RwSignal<String>; 2],
    dialects: [RwSignal<bool>; 4],
    keys: RwSignal<String>,
    strategy: RwSignal<String>,
    fallbacks: RwSignal<String>,
    attempts: RwSignal<String>,
    limits: Limits,
    kept: RwSignal<String>,
}

impl Fields {
    fn of(policy: Option<&Policy>) -> Self {
        let none = PolicyRules::default();
        let rules = policy.map_or(&none, |policy| &policy.rules);
        let lines = |names: &[String]| RwSignal::new(names.join("\n"));
        let kept = match &rules.keep_bodies_for {
            Some(ExpiresIn::Text(text)) => text.clone(),
            Some(ExpiresIn::Minutes(minutes)) => format!("{minutes}m"),
            None => String::new(),
        };
        Self {
            name: RwSignal::new(policy.map(|policy| policy.name.clone()).unwrap_or_default()),
            models: [lines(&rules.models.allow), lines(&rules.models.deny)],
            hosts: [lines(&rules.hosts.allow), lines(&rules.hosts.deny)],
            dialects: DIALECTS.map(|(word, ..)| {
                RwSignal::new(rules.dialects.iter().any(|dialect| dialect == word))
            }),
            keys: RwSignal::new(word(&SOURCES, rules.keys)),
            strategy: RwSignal::new(word(&STRATEGIES, rules.strategy)),
            fallbacks: lines(&rules.fallbacks),
            attempts: RwSignal::new(
                rules
                    .max_attempts
                    .map(|attempts| attempts.to_string())
                    .unwrap_or_default(),
            ),
            limits: Limits::new(&rules.limits, true),
            kept: RwSignal::new(kept),
        }
    }

    fn rules(self) -> Option<PolicyRules> {
        let filter = |[allow, deny]: [RwSignal<String>; 2]| Filter {
            allow: words_of(&allow.get_untracked()),
            deny: words_of(&deny.get_untracked()),
        };
        let chosen = DIALECTS
            .iter()
            .zip(self.dialects)
            .filter(|(_, chosen)| chosen.get_untracked());
        Some(PolicyRules {
            models: filter(self.models),
            hosts: filter(self.hosts),
            dialects: chosen.map(|((word, ..), _)| (*word).to_owned()).collect(),
            keys: read(&SOURCES, &self.keys.get_untracked()),
            strategy: read(&STRATEGIES, &self.strategy.get_untracked()),
            fallbacks: words_of(&self.fallbacks.get_untracked()),
            max_attempts: self.attempts.get_untracked().parse().ok(),
            limits: self.limits.read()?,
            keep_bodies_for: Some(self.kept.get_untracked())
                .filter(|kept| !kept.is_empty())
                .map(ExpiresIn::Text),
        })
    }

    fn view(self) -> AnyView {
        let pair = |what: [(&'static str, &'static str, &'static str, &'static str); 2],
                    [allow, deny]: [RwSignal<String>; 2]| {
            let [yes, no] = what.map(|(label, id, hint, example)| {
                Field::new(label, id).hint(hint).placeholder(example)
            });
            view! { <div class="field-pair">{yes.lines(allow)} {no.lines(deny)}</div> }.into_any()
        };
        let dialects = DIALECTS
            .iter()
            .zip(self.dialects)
            .map(|((word, name, path), chosen)| tick(format!("policy-{word}"), name, path, chosen))
            .collect_view();
        let attempts: Vec<(String, String)> =
            std::iter::once((String::new(), "As usual: 4".to_owned()))
                .chain((1..=10).map(|times: u8| (times.to_string(), times.to_string())))
                .collect();
        let mut kept = owned(&KEPT);
        let set = self.kept.get_untracked();
        if kept.iter().all(|(word, _)| *word != set) {
            kept.push((set.clone(), set));
        }
        let models = pair(
            [
                (
                    "Allowed models",
                    "policy-models",
                    "One a line; all when empty. * stands for anything.",
                    "gpt-5*",
                ),
                (
                    "Denied models",
                    "policy-models-deny",
                    "Also where they are allowed.",
                    "*-pro",
                ),
            ],
            self.models,
        );
        let hosts = pair(
            [
                (
                    "Allowed providers",
                    "policy-hosts",
                    "By id, one a line; all when empty.",
                    "openai",
                ),
                (
                    "Denied providers",
                    "policy-hosts-deny",
                    "Also where they are allowed.",
                    "openrouter",
                ),
            ],
            self.hosts,
        );
        let again = view! {
            <div class="field-pair">
                {Field::new("Fallback models", "policy-fallbacks")
                    .hint("Tried in order when the model asked for cannot be served.")
                    .placeholder("claude-sonnet-4-5")
                    .lines(self.fallbacks)}
                {Field::new("Tries in all", "policy-attempts")
                    .hint("How often one call is tried before the caller hears of it.")
                    .select(self.attempts, Signal::stored(attempts))}
            </div>
        };
        [
            Field::new("Name", "policy-name")
                .placeholder("Free tier")
                .line(self.name),
            models,
            hosts,
            group(
                "Whose keys",
                radios("policy-keys", self.keys, &words(&SOURCES)),
            ),
            group(
                "In which order",
                radios("policy-strategy", self.strategy, &words(&STRATEGIES)),
            ),
            again.into_any(),
            group("Limits", self.limits.view()),
            folded(
                "APIs",
                group(
                    "All, when none is chosen",
                    view! { <div class="choices">{dialects}</div> }.into_any(),
                ),
            ),
            Field::new("Keep prompts and answers", "policy-kept")
                .hint("Sealed in the vault, to be read on a request's page.")
                .select(self.kept, Signal::stored(kept)),
        ]
        .into_any()
    }
}

fn editor(policy: Option<Policy>) -> AnyView {
    let fields = Fields::of(policy.as_ref());
    let session = use_session();
    let (toasts, navigator) = (expect_context::<Toasts>(), use_navigator());
    let is_new = policy.is_none();
    let path = policy.as_ref().map_or_else(
        || "/v1/policies".to_owned(),
        |policy| format!("/v1/policies/{}", policy.id),
    );
    let submit = move || {
        let wanted = NewPolicy {
            name: fields.name.get_untracked().trim().to_owned(),
            rules: fields.rules()?,
        };
        let (session, path) = (session.clone(), path.clone());
        let method = if is_new { Method::Post } else { Method::Put };
        sending(async move {
            let saved: Policy = session.send(method, &path, &wanted).await?;
            if is_new {
                navigator.replace(&Route::Policy.path_of(&saved.id));
            }
            Ok(())
        })
    };
    let saved = Callback::new(move |()| {
        toasts.done(if is_new {
            "The policy is made. Relay keys can be held to it."
        } else {
            "Saved. It holds from the next call on."
        });
    });
    let action = if is_new {
        "Create policy"
    } else {
        "Save changes"
    };
    let said = policy.as_ref().map(|policy| super::summary(&policy.rules));
    let subject = Callback::new(move |()| fields.rules().map(Box::new).map(Subject::Rules));
    view! {
        {if may_change() {
            view! { <div class="panel page-form">{form(Form::new(fields.view(), submit), action, false, None, saved)}</div> }.into_any()
        } else {
            view! { <p class="panel card">{said}</p> }.into_any()
        }}
        <h2 class="section-title">"What does it let through?"</h2>
        <p class="page-about">"Tries what the form says now, saved or not. Nobody is called."</p>
        <Tester subject=subject />
        {policy.filter(|_| may_change()).map(removal)}
    }
    .into_any()
}

/// Deleting the policy, at the end of the page.
fn removal(policy: Policy) -> AnyView {
    let session = StoredValue::new(use_session());
    let (toasts, navigator) = (expect_context::<Toasts>(), use_navigator());
    let confirm = Confirm::<Policy>::new();
    view! {
        <h2 class="section-title">"Delete"</h2>
        <div class="panel card">
            <p class="muted">"A policy that relay keys are held to stays until they have another."</p>
            <div class="actions-row">
                {button("btn btn-danger", "Delete policy", "", move || confirm.ask(policy.clone()))}
            </div>
        </div>
        <ConfirmDialog
            confirm=confirm
            id="delete-policy"
            question=|policy: &Policy| format!("Delete “{}”?", policy.name)
            consequence=|_| "It is gone at once. This cannot be undone.".to_owned()
            action="Delete policy"
            perform=move |policy: Policy| {
                let session: Session = session.get_value();
                async move { session.delete(&format!("/v1/policies/{}", policy.id)).await }
            }
            done=move |policy: Policy| {
                toasts.done(format!("{} deleted.", policy.name));
                navigator.go(&Route::Policies.path());
            }
        />
    }
    .into_any()
}
