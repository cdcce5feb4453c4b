//! The one-time link `/console/setup#TOKEN`: makes the first owner and the first tenant.
//! A browser never sends a fragment, so the token is in no access log; we take it out of the
//! address bar and the history at once, so that it is in no screenshot either.

use leptos::prelude::*;
use relay_api::NewOwner;

use super::sign_up::PASSWORD_HINT;
use crate::checks::{self, Tried};
use crate::door::{Door, door_box, door_head, focus_soon, with_options};
use crate::navigation::{Link, take_fragment, use_navigator};
use crate::route::Route;
use crate::ui::{Form, Icon, PasswordField, TextField, card_form, sending};

/// The setup screen.
pub(crate) fn setup() -> AnyView {
    let token = take_fragment();
    with_options(move |options| {
        door_box(match &token {
            _ if !options.needs_setup => already_done(),
            None => how_to_set_up(),
            Some(token) => owner_form(token.clone()),
        })
    })
}

/// Says where the one-time link is found.
pub(super) fn how_to_set_up() -> AnyView {
    view! {
        {door_head("Set up Relay", "This Relay has no owner yet.")}
        <ol class="how-to">
            <li>"Look at the output of "<code>"relay serve"</code>" (the server's log)."</li>
            <li>"Open the one-time link printed there. It ends in "<code>"/console/setup#…"</code>"."</li>
            <li>"If it is lost, start the server again: a new link is printed until an owner exists."</li>
        </ol>
    }
    .into_any()
}

fn already_done() -> AnyView {
    view! {
        {door_head(
            "Relay is already set up",
            "The one-time link has been used, and works only once. Sign in with the owner's \
             e-mail and password, or ask the owner for access.",
        )}
        <Link to=Route::SignIn class="btn btn-primary btn-wide">
            "Go to sign in"
        </Link>
    }
    .into_any()
}

fn owner_form(token: String) -> AnyView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let (name, email) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (password, tenant) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = Tried::new();
    let name_error = tried.check(name, checks::name);
    let email_error = tried.check(email, checks::email);
    let password_error = tried.check(password, checks::new_password);
    let tenant_error = tried.check(tenant, checks::tenant);
    let submit = move || {
        if !tried.passes(&[name_error, email_error, password_error, tenant_error]) {
            return None;
        }
        let owner = NewOwner {
            setup_token: token.clone(),
            name: name.get_untracked().trim().to_owned(),
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            tenant_name: tenant.get_untracked().trim().to_owned(),
        };
        sending(async move {
            let session = door.visitor.enter("/api/setup", &owner).await?;
            door.enter_new(session, navigator);
            Ok(())
        })
    };
    focus_soon("#setup-name");
    let fields = view! {
        <TextField label="Your name" id="setup-name" value=name error=name_error autocomplete="name" max_length=checks::NAME_MAX />
        <TextField label="E-mail" id="setup-email" value=email error=email_error kind="email" autocomplete="username" max_length=checks::EMAIL_MAX />
        <PasswordField label="Password" id="setup-password" value=password error=password_error autocomplete="new-password" hint=PASSWORD_HINT />
        <TextField label="Tenant name" id="setup-tenant" value=tenant error=tenant_error autocomplete="organization" hint="Usually your company or product. Keys, users and requests belong to a tenant." max_length=checks::NAME_MAX />
    };
    view! {
        {door_head("Set up Relay", "Create the owner account and your first tenant.")}
        {card_form(Form::new(fields.into_any(), submit), "Create owner account")}
        <p class="assurance">
            {Icon::Key.view()}
            "The one-time link stops working once the account exists."
        </p>
    }
    .into_any()
}
