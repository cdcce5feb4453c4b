//! A forgotten password: `/console/reset` asks for a link by mail, `/console/reset#TOKEN` is that
//! link. Without mail an admin makes it.

use leptos::prelude::*;
use relay_api::{AskedReset, NewPassword};

use super::sign_in::CODE_NEEDED;
use super::sign_up::{PASSWORD_HINT, look_at_mail, to_sign_in};
use crate::checks::{self, Tried};
use crate::door::{Door, door_box, door_head, focus_soon, with_options};
use crate::navigation::{take_fragment, use_navigator};
use crate::ui::{Form, PasswordField, TextField, card_form, code_field, sending};

/// The screen.
pub(crate) fn reset() -> AnyView {
    if let Some(token) = take_fragment() {
        return door_box(new_password_form(token));
    }
    with_options(|options| {
        if !options.mail {
            return door_box(without_mail());
        }
        let sent_to = RwSignal::new(None::<String>);
        door_box(move || match sent_to.get() {
            None => ask_form(sent_to),
            Some(address) => look_at_mail(
                &address,
                "If there is an account, the link in it lets you choose a new password.",
            ),
        })
    })
}

fn without_mail() -> AnyView {
    view! {
        {door_head("Reset your password", "This Relay sends no mail, so somebody has to make the link for you.")}
        <ol class="how-to">
            <li>"Ask an owner or admin of your tenant: in Members they make a link for you."</li>
            <li>
                "Nobody else there? Whoever runs this Relay can: "
                <code>"relay members reset-link"</code> " and your e-mail address."
            </li>
        </ol>
        {to_sign_in("Back to sign in")}
    }
    .into_any()
}

fn ask_form(sent_to: RwSignal<Option<String>>) -> AnyView {
    let door = expect_context::<Door>();
    let email = RwSignal::new(String::new());
    let tried = Tried::new();
    let error = tried.check(email, checks::email);
    let submit = move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let asked = AskedReset {
            email: email.get_untracked().trim().to_owned(),
        };
        sending(async move {
            door.visitor
                .send::<()>("/api/password-reset", &asked)
                .await?;
            sent_to.try_set(Some(asked.email));
            focus_soon("#page-title");
            Ok(())
        })
    };
    focus_soon("#reset-email");
    let field = view! {
        <TextField label="E-mail" id="reset-email" value=email error=error kind="email" autocomplete="username" max_length=checks::EMAIL_MAX />
    };
    view! {
        {door_head("Reset your password", "We mail you a link to choose a new one.")}
        {card_form(Form::new(field.into_any(), submit), "Send the link")}
        {to_sign_in("Back to sign in")}
    }
    .into_any()
}

fn new_password_form(token: String) -> AnyView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let token = StoredValue::new(token);
    let (password, code) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let code_needed = RwSignal::new(false);
    let (tried, code_tried) = (Tried::new(), Tried::new());
    let password_error = tried.check(password, checks::new_password);
    let code_error = code_tried.check(code, checks::code);
    let submit = move || {
        let asks_code = code_needed.get_untracked();
        let fine =
            tried.passes(&[password_error]) && (!asks_code || code_tried.passes(&[code_error]));
        if !fine {
            return None;
        }
        let body = NewPassword {
            token: token.get_value(),
            password: password.get_untracked(),
            code: asks_code.then(|| code.get_untracked().trim().to_owned()),
        };
        sending(async move {
            match door
                .visitor
                .enter("/api/password-reset/confirm", &body)
                .await
            {
                Ok(session) => door.enter(session, navigator),
                Err(problem) if problem.is(CODE_NEEDED) => {
                    code_needed.try_set(true);
                    focus_soon("#reset-code");
                }
                Err(problem) => return Err(problem),
            }
            Ok(())
        })
    };
    focus_soon("#reset-password");
    let fields = view! {
        <PasswordField label="New password" id="reset-password" value=password error=password_error autocomplete="new-password" hint=PASSWORD_HINT />
        {move || code_needed.get().then(|| code_field("reset-code", code, code_error))}
    };
    view! {
        {door_head("Choose a new password", "You are signed out everywhere else.")}
        {card_form(Form::new(fields.into_any(), submit), "Set password and sign in")}
    }
    .into_any()
}
