//! The member's own account: name, password, second factor, and where they are signed in.

mod leaving;
mod providers;
mod second_factor;
mod sessions;

use leptos::prelude::*;
use relay_api::{ChangedAccount, ChangedPassword};

use crate::api::{Method, Session};
use crate::app::use_session;
use crate::checks::{self, Tried};
use crate::navigation::Query;
use crate::role;
use crate::route::Route;
use crate::ui::{
    Form, PageHeader, PasswordField, TextField, Toasts, facts, not_offered, panel_form, section,
    sending,
};

/// The screen.
pub(crate) fn account() -> AnyView {
    let me = use_session().me();
    let password = if me.account.has_password {
        password_form()
    } else {
        not_offered("You sign in through a provider: this account has no password.")
    };
    view! {
        <PageHeader title=Route::Account.title() about="Yours alone, in every tenant you belong to." />
        {super::sign_in::refused(&Query::current().get("problem"))}
        {section("Profile", "What others in your tenants see.", profile())}
        {section("Password", "Changing it signs you out everywhere else.", password)}
        {section(
            "Second factor",
            "A code from an app on your phone, beside the password.",
            second_factor::second_factor(),
        )}
        {section(
            "Sessions",
            "Where you are signed in. End what you do not know, and change your password.",
            sessions::sessions(),
        )}
        {providers::providers()}
        {leaving::leaving()}
    }
    .into_any()
}

fn profile() -> AnyView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let me = session.with_value(Session::me);
    let name = RwSignal::new(me.account.name.clone());
    let tried = Tried::new();
    let error = tried.check(name, checks::name);
    let body = view! {
        <TextField label="Your name" id="account-name" value=name error=error autocomplete="name" max_length=checks::NAME_MAX />
        {facts(
            vec![
                ("E-mail", me.account.email.clone().into_any()),
                ("Role here", role::name(me.role).into_any()),
            ],
        )}
    };
    let submit = move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let change = ChangedAccount {
            name: name.get_untracked().trim().to_owned(),
        };
        sending(async move {
            let session = session.get_value();
            session.note(session.send(Method::Patch, "/api/account", &change).await?);
            Ok(())
        })
    };
    let saved = Callback::new(move |()| toasts.done("Name saved."));
    panel_form(Form::new(body.into_any(), submit), "Save name", saved)
}

fn password_form() -> AnyView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let email = session.with_value(|session| session.me().account.email.clone());
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = RwSignal::new(Tried::new());
    let error = move |text: RwSignal<String>, check: fn(&str) -> Option<String>| {
        Signal::derive(move || tried.get().check(text, check).get())
    };
    let current_error = error(current, checks::password);
    let new_error = error(new, checks::new_password);
    let body = view! {
        // For password managers, which store it beside the password.
        <input type="email" class="visually-hidden" autocomplete="username" value=email readonly tabindex="-1" aria-hidden="true" />
        <PasswordField label="Current password" id="account-current" value=current error=current_error autocomplete="current-password" />
        <PasswordField label="New password" id="account-new" value=new error=new_error autocomplete="new-password" hint=super::PASSWORD_HINT />
    };
    let submit = move || {
        if !tried.get_untracked().passes(&[current_error, new_error]) {
            return None;
        }
        let change = ChangedPassword {
            current: current.get_untracked(),
            new: new.get_untracked(),
        };
        sending(async move {
            let session = session.get_value();
            session
                .send(Method::Post, "/api/account/password", &change)
                .await
        })
    };
    let saved = Callback::new(move |()| {
        current.set(String::new());
        new.set(String::new());
        tried.set(Tried::new());
        toasts.done("Password changed. You are signed out everywhere else.");
    });
    panel_form(Form::new(body.into_any(), submit), "Change password", saved)
}
