//! Signing in. On a Relay that has no owner yet, says how to make one instead.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::SignIn as Attempt;

use super::setup::HowToSetUp;
use crate::app::Door;
use crate::browser;
use crate::navigation::use_navigator;
use crate::ui::{Logo, PasswordField, ProblemNote, SubmitButton, TextField, ThemeSwitch};

/// The sign-in screen.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let door = expect_context::<Door>();
    let setup_needed = RwSignal::new(false);
    spawn_local(async move {
        // If this cannot be found out, the form below will say what is wrong.
        if let Ok(link) = door.visitor.setup_link().await {
            setup_needed.try_set(link.needed);
        }
    });
    view! {
        <main class="door">
            <div class="door-box">
                <Logo />
                <Show when=move || setup_needed.get() fallback=Form>
                    <HowToSetUp />
                </Show>
            </div>
            <ThemeSwitch />
        </main>
    }
}

#[component]
fn Form() -> impl IntoView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None);
    let email_error = Signal::derive(move || {
        (tried.get() && email.with(|email| email.trim().is_empty()))
            .then(|| "Enter your e-mail address.".to_owned())
    });
    let password_error = Signal::derive(move || {
        (tried.get() && password.with(String::is_empty)).then(|| "Enter your password.".to_owned())
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        tried.set(true);
        if email_error.get_untracked().is_some() || password_error.get_untracked().is_some() {
            browser::focus("[aria-invalid=true]");
            return;
        }
        busy.set(true);
        problem.set(None);
        let attempt = Attempt {
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            code: None,
        };
        spawn_local(async move {
            match door.visitor.sign_in(attempt).await {
                Ok(session) => door.enter(session, navigator),
                Err(failed) => {
                    busy.try_set(false);
                    problem.try_set(Some(failed));
                    browser::focus("#sign-in-password");
                }
            }
        });
    };
    // `autofocus` alone is ignored in a page that is already there.
    request_animation_frame(|| browser::focus("#sign-in-email"));
    view! {
        <div class="door-head">
            <h1 id="page-title" tabindex="-1">"Sign in"</h1>
            <p class="muted">"Manage keys, users and requests."</p>
        </div>
        <form class="form" novalidate on:submit=submit>
            <ProblemNote problem=problem />
            <TextField
                label="E-mail"
                id="sign-in-email"
                value=email
                error=email_error
                kind="email"
                autocomplete="username"
                autofocus=true
            />
            <PasswordField
                label="Password"
                id="sign-in-password"
                value=password
                error=password_error
                autocomplete="current-password"
            />
            <SubmitButton text="Sign in" busy=busy wide=true />
        </form>
    }
}
