//! Providers that vouch for people: one is linked to the account, and signs in to it from then on,
//! until it is taken off.

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{LinkProvider, LinkedProvider, ProviderLink, SignInProvider};

use crate::api::{Method, segment};
use crate::app::use_session;
use crate::browser;
use crate::checks::{self, Tried};
use crate::door::{Door, focus_soon};
use crate::listing::Listing;
use crate::ui::{
    Ago, Asked, Cells, Form, ListView, PasswordField, Toasts, actions, ask_dialog, button, column,
    form_dialog, not_offered, section, sending, table,
};

/// The section, where this Relay knows any provider.
pub(super) fn providers() -> AnyView {
    let door = expect_context::<Door>();
    let known = RwSignal::new(Vec::<SignInProvider>::new());
    spawn_local(async move {
        // Without an answer there is nothing to offer; the rest of the page stands.
        if let Ok(options) = door.visitor.options().await {
            known.try_set(options.providers);
        }
    });
    let has_password = use_session().me().account.has_password;
    let chosen = RwSignal::new(None::<SignInProvider>);
    let open = RwSignal::new(false);
    let content = move |known: Vec<SignInProvider>| {
        if !has_password {
            return not_offered(
                "Linking another provider asks for a password, and this account has none.",
            );
        }
        let buttons = known
            .into_iter()
            .map(|provider| {
                let link = provider.clone();
                view! {
                    <button
                        type="button"
                        class="btn"
                        on:click=move |_| {
                            chosen.set(Some(link.clone()));
                            open.set(true);
                        }
                    >
                        {format!("Link {}", provider.name)}
                    </button>
                }
            })
            .collect_view();
        view! { <div class="buttons">{buttons}</div> }.into_any()
    };
    let linked = Listing::<ProviderLink>::at(use_session(), || "/api/account/providers".to_owned());
    let asked = RwSignal::new(None::<Asked>);
    let rest = move |known: Vec<SignInProvider>| {
        let is_linked = |id: &str| linked.ready().iter().any(|link| link.provider == id);
        known
            .into_iter()
            .filter(|provider| !is_linked(&provider.id))
            .collect::<Vec<_>>()
    };
    let title = Signal::derive(move || {
        let name = chosen.with(|chosen| chosen.as_ref().map(|provider| provider.name.clone()));
        format!("Link {}", name.unwrap_or_default())
    });
    view! {
        {move || {
            let known = known.get();
            (!known.is_empty())
                .then(|| {
                    section(
                        "Sign-in providers",
                        "Once one is linked, it signs you in, with or without your password.",
                        view! {
                            <ListView
                                listing=linked
                                rows=move |rows| list(rows, linked, asked)
                                empty=|| ().into_any()
                            />
                            {move || content(rest(known.clone()))}
                        }
                        .into_any(),
                    )
                })
        }}
        {ask_dialog(asked)}
        {form_dialog(open, "link-provider", title, "Continue", move || {
            link_form(chosen.get_untracked().map(|provider| provider.id).unwrap_or_default())
        })}
    }
    .into_any()
}

fn list(
    rows: Vec<ProviderLink>,
    linked: Listing<ProviderLink>,
    asked: RwSignal<Option<Asked>>,
) -> AnyView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let columns = [column("Provider"), column("Linked"), actions()];
    let rows = rows
        .into_iter()
        .map(|row| {
            let (name, id) = (row.name.clone(), row.provider.clone());
            let unlink = move || {
                let id = id.clone();
                asked.set(Some(Asked::new(
                    format!("Unlink {name}?"),
                    "It signs you in no more. Sessions that are open stay open.",
                    "Unlink",
                    move || {
                        let id = id.clone();
                        async move {
                            let path = format!("/api/account/providers/{}", segment(&id)?);
                            session.get_value().delete(&path).await?;
                            linked.amend(|rows| rows.retain(|row| row.provider != id));
                            toasts.done("Unlinked.");
                            Ok(())
                        }
                    },
                )));
            };
            Cells::from(vec![
                view! { <span class="strong">{row.name.clone()}</span> }.into_any(),
                view! { <Ago at=row.linked_at /> }.into_any(),
                button(
                    "btn btn-small btn-plain",
                    "Unlink",
                    format!("Unlink {}", row.name),
                    unlink,
                ),
            ])
        })
        .collect();
    table("Linked providers", "table-keys", &columns, rows)
}

fn link_form(provider: String) -> Form {
    let session = StoredValue::new(use_session());
    let password = RwSignal::new(String::new());
    let tried = Tried::new();
    let error = tried.check(password, checks::password);
    focus_soon("#link-password");
    let body = view! {
        <p class="muted">"You go to the provider's own page, sign in there, and come back here."</p>
        <PasswordField label="Your password" id="link-password" value=password error=error autocomplete="current-password" />
    };
    Form::new(body.into_any(), move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let provider = provider.clone();
        let body = LinkProvider {
            password: password.get_untracked(),
        };
        sending(async move {
            let path = format!("/api/account/providers/{}", segment(&provider)?);
            let LinkedProvider { url } =
                session.get_value().send(Method::Post, &path, &body).await?;
            browser::leave_for(&url);
            Ok(())
        })
    })
}
