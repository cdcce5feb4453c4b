//! Endpoints of the tenant's own: anything that speaks a known dialect.

use leptos::prelude::*;
use relay_api::{Host, HostAuth, NewHost};

use crate::api::{Method, segment};
use crate::app::{may_change, use_session};
use crate::listing::Listing;
use crate::ui::{
    Badge, Cells, Confirm, ConfirmDialog, Field, Form, Toasts, Tone, actions, button, column,
    form_dialog, sending, table_panel, with_sub,
};

const DIALECTS: [(&str, &str); 4] = [
    ("openai-chat", "OpenAI chat completions"),
    ("openai-responses", "OpenAI responses"),
    ("anthropic-messages", "Anthropic messages"),
    ("gemini", "Gemini"),
];

const AUTHS: [(&str, &str); 4] = [
    ("bearer", "Authorization: Bearer"),
    ("x-api-key", "x-api-key"),
    ("x-goog-api-key", "x-goog-api-key"),
    ("api-key", "api-key"),
];

fn auth(word: &str) -> HostAuth {
    match word {
        "x-api-key" => HostAuth::XApiKey,
        "x-goog-api-key" => HostAuth::XGoogApiKey,
        "api-key" => HostAuth::ApiKey,
        _ => HostAuth::Bearer,
    }
}

/// The section of the tenant's own endpoints, with its dialogs.
pub(super) fn own_hosts() -> AnyView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let hosts = Listing::<Host>::at(use_session(), || "/v1/hosts".to_owned());
    let open = RwSignal::new(false);
    let edited = RwSignal::new(None::<Host>);
    let remove = Confirm::<Host>::new();
    let edit = Callback::new(move |host: Option<Host>| {
        edited.set(host);
        open.set(true);
    });
    let own = move || {
        let own: Vec<Host> = hosts
            .ready()
            .into_iter()
            .filter(|host| !host.builtin)
            .collect();
        if own.is_empty() {
            return view! {
                <p class="panel card muted">
                    "None yet. A server of your own, an Ollama, a proxy: whatever speaks one of the known APIs can be called as ID:MODEL once it is here."
                </p>
            }
            .into_any();
        }
        let columns = [
            column("Endpoint"),
            column("Speaks"),
            column("Key goes into"),
            actions(),
        ];
        let rows = own
            .into_iter()
            .map(|host| row(host, edit, remove))
            .collect();
        table_panel("Your own endpoints", "table-heads", &columns, rows)
    };
    let title = Signal::derive(move || {
        edited.with(|host| match host {
            Some(host) => format!("Edit {}", host.name),
            None => "Add an endpoint".to_owned(),
        })
    });
    view! {
        <div class="section-head">
            <h2>"Your own endpoints"</h2>
            {may_change().then(|| button("btn btn-small", "Add endpoint", "", move || edit.run(None)))}
        </div>
        {own}
        {form_dialog(open, "host", title, "Save endpoint", move || host_form(edited.get_untracked(), hosts))}
        <ConfirmDialog
            confirm=remove
            id="remove-host"
            question=|host: &Host| format!("Remove {}?", host.name)
            consequence=|_| "Calls that name it are refused at once. Keys that are stored for it are not deleted with it.".to_owned()
            action="Remove endpoint"
            perform=move |host: Host| {
                let session = session.get_value();
                async move { session.delete(&format!("/v1/hosts/{}", segment(&host.id)?)).await }
            }
            done=move |host: Host| {
                toasts.done(format!("{} removed.", host.name));
                hosts.refresh();
            }
        />
    }
    .into_any()
}

fn row(host: Host, edit: Callback<Option<Host>>, remove: Confirm<Host>) -> Cells {
    let badges = host
        .dialects
        .iter()
        .map(|dialect| view! { <Badge tone=Tone::Quiet text=dialect.clone() /> })
        .collect_view();
    let (edited, removed) = (host.clone(), host.clone());
    let name =
        view! { <span class="strong">{format!("{} ({})", host.name, host.id)}</span> }.into_any();
    Cells::from(vec![
        with_sub(name, host.base_url.unwrap_or_default()),
        view! { <span class="badges">{badges}</span> }.into_any(),
        view! { <span class="mono">{host.auth}</span> }.into_any(),
        may_change().then(|| view! {
            <div class="actions-row">
                {button("btn btn-small btn-plain", "Edit", format!("Edit {}", host.name), move || edit.run(Some(edited.clone())))}
                {button("btn btn-small btn-plain btn-plain-danger", "Remove", format!("Remove {}", host.name), move || {
                    remove.ask(removed.clone());
                })}
            </div>
        }).into_any(),
    ])
}

fn host_form(host: Option<Host>, hosts: Listing<Host>) -> Form {
    let session = use_session();
    let toasts = expect_context::<Toasts>();
    let is_new = host.is_none();
    let text = |text: Option<String>| RwSignal::new(text.unwrap_or_default());
    let known = host.as_ref();
    let id = text(known.map(|host| host.id.clone()));
    let name = text(known.map(|host| host.name.clone()));
    let url = text(known.and_then(|host| host.base_url.clone()));
    let dialect = RwSignal::new(
        known
            .and_then(|host| host.dialects.first().cloned())
            .unwrap_or_else(|| DIALECTS[0].0.to_owned()),
    );
    let goes = RwSignal::new(known.map_or_else(|| AUTHS[0].0.to_owned(), |host| host.auth.clone()));
    let tried = RwSignal::new(false);
    let missing = move |text: RwSignal<String>, words: &'static str| {
        Signal::derive(move || {
            (tried.get() && text.with(|text| text.trim().is_empty())).then(|| words.to_owned())
        })
    };
    let body = view! {
        {is_new.then(|| {
            Field::new("Id", "host-id")
                .hint("The word before the model: ID:MODEL. Small letters, digits, - and _.")
                .placeholder("acme")
                .error(missing(id, "Give it an id."))
                .line(id)
        })}
        {Field::new("Name", "host-name").placeholder("Acme").error(missing(name, "Give it a name.")).line(name)}
        {Field::new("Base URL", "host-url").kind("url").placeholder("https://api.acme.example/v1").error(missing(url, "Say where its API begins.")).line(url)}
        {Field::new("Speaks", "host-dialect").choice(dialect, &DIALECTS)}
        {Field::new("The key goes into", "host-auth").choice(goes, &AUTHS)}
    };
    Form::new(body.into_any(), move || {
        tried.set(true);
        let given = |text: RwSignal<String>| {
            Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
        };
        let (id, name, base_url) = (given(id)?, given(name)?, given(url)?);
        let chosen = dialect.get_untracked();
        // What the form does not ask stays as it was.
        let before = host.clone();
        let others = before
            .iter()
            .flat_map(|host| host.dialects.iter().skip(1))
            .filter(|other| **other != chosen);
        let wanted = NewHost {
            name,
            base_url,
            dialects: std::iter::once(chosen.clone())
                .chain(others.cloned())
                .collect(),
            auth: auth(&goes.get_untracked()),
            embeddings: before.as_ref().and_then(|host| host.embeddings.clone()),
            headers: before
                .as_ref()
                .map(|host| host.headers.clone())
                .unwrap_or_default(),
            check: before.as_ref().map(|host| host.check.clone()),
        };
        let session = session.clone();
        sending(async move {
            let kept: Host = session
                .send(
                    Method::Put,
                    &format!("/v1/hosts/{}", segment(&id)?),
                    &wanted,
                )
                .await?;
            toasts.done(format!("{} saved.", kept.name));
            hosts.refresh();
            Ok(())
        })
    })
}
