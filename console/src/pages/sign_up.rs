//! Making an account and a tenant of one's own, where this Relay allows it; and the mailed link
//! that proves the address.

use leptos::prelude::*;
use relay_api::{ConfirmedSignUp, NewSignUp};

use crate::checks::{self, Tried};
use crate::door::{Door, door_box, door_head, focus_soon, with_options};
use crate::navigation::{Link, take_fragment, use_navigator};
use crate::route::Route;
use crate::ui::{Form, Icon, PasswordField, TextField, card_form, sending};

/// What a new password should be like.
pub(crate) const PASSWORD_HINT: &str = "12 characters or more. A few unrelated words work well.";

/// The sign-up screen.
pub(crate) fn sign_up() -> AnyView {
    with_options(|options| {
        if !options.sign_up {
            return door_box(view! {
                {door_head(
                    "Ask for an invitation",
                    "Nobody can sign up here by themselves. An admin of your tenant can invite you.",
                )}
                {to_sign_in("Go to sign in")}
            });
        }
        let sent_to = RwSignal::new(None::<String>);
        door_box(move || match sent_to.get() {
            None => sign_up_form(sent_to),
            Some(address) => look_at_mail(&address, "To finish, open the link in it."),
        })
    })
}

fn sign_up_form(sent_to: RwSignal<Option<String>>) -> AnyView {
    let door = expect_context::<Door>();
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
        let sign_up = NewSignUp {
            name: name.get_untracked().trim().to_owned(),
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            tenant_name: tenant.get_untracked().trim().to_owned(),
        };
        sending(async move {
            door.visitor.send::<()>("/api/sign-up", &sign_up).await?;
            sent_to.try_set(Some(sign_up.email));
            focus_soon("#page-title");
            Ok(())
        })
    };
    focus_soon("#sign-up-name");
    let fields = view! {
        <TextField label="Your name" id="sign-up-name" value=name error=name_error autocomplete="name" max_length=checks::NAME_MAX />
        <TextField label="E-mail" id="sign-up-email" value=email error=email_error kind="email" autocomplete="username" max_length=checks::EMAIL_MAX />
        <PasswordField label="Password" id="sign-up-password" value=password error=password_error autocomplete="new-password" hint=PASSWORD_HINT />
        <TextField label="Tenant name" id="sign-up-tenant" value=tenant error=tenant_error autocomplete="organization" hint="Usually your company or product." max_length=checks::NAME_MAX />
    };
    view! {
        {door_head("Create an account", "Your own tenant, with you as its owner.")}
        {card_form(Form::new(fields.into_any(), submit), "Create account")}
        <p class="door-foot">
            "Have an account? " <Link to=Route::SignIn class="link">"Sign in"</Link>
        </p>
    }
    .into_any()
}

/// Says that a mail is on its way, or would be: the same whether the address has an account.
pub(super) fn look_at_mail(address: &str, what_to_do: &'static str) -> AnyView {
    let about = format!("A mail is on its way to {address}. {what_to_do}");
    view! {
        {door_head("Look at your mail", about)}
        <p class="assurance">
            {Icon::Alert.view()}
            "Nothing there after some minutes? Look in the spam folder, or check the address and try again."
        </p>
        {to_sign_in("Back to sign in")}
    }
    .into_any()
}

/// The way to the sign-in screen.
pub(super) fn to_sign_in(words: &'static str) -> AnyView {
    view! { <Link to=Route::SignIn class="btn btn-wide">{words}</Link> }.into_any()
}

/// The screen of the link that proves an address: `/console/confirm#TOKEN`. It asks for the password,
/// since a link may be of somebody else's sign-up with the same address.
pub(crate) fn confirm() -> AnyView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let Some(token) = take_fragment() else {
        return door_box(bad_link("Open the whole link of the mail, up to its end."));
    };
    let token = StoredValue::new(token);
    let password = RwSignal::new(String::new());
    let tried = Tried::new();
    let error = tried.check(password, checks::password);
    let submit = move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let body = ConfirmedSignUp {
            token: token.get_value(),
            password: password.get_untracked(),
        };
        sending(async move {
            let session = door.visitor.enter("/api/sign-up/confirm", &body).await?;
            door.enter_new(session, navigator);
            Ok(())
        })
    };
    focus_soon("#confirm-password");
    let fields = view! {
        <PasswordField label="Password" id="confirm-password" value=password error=error autocomplete="current-password" hint="The one you chose when you signed up." />
    };
    door_box(view! {
        {door_head("Confirm your e-mail", "Once more your password, and your account is ready.")}
        {card_form(Form::new(fields.into_any(), submit), "Confirm and continue")}
    })
}

/// Says that a link is not whole or not good.
pub(super) fn bad_link(what_to_do: &'static str) -> AnyView {
    view! {
        {door_head("This link is not complete", what_to_do)}
        {to_sign_in("Go to sign in")}
    }
    .into_any()
}
