//! The link `/console/invitation#TOKEN`: somebody was asked to join a tenant. Someone new makes an
//! account; someone known signs in first, so that a stolen link alone changes nobody's tenants.

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{AcceptInvitation, InvitationSeen, LinkToken};

use super::sign_in::sign_in_form;
use super::sign_up::{PASSWORD_HINT, bad_link, to_sign_in};
use crate::api::Session;
use crate::checks::{self, Tried};
use crate::door::{Door, door_box, door_head, door_waiting, focus_soon};
use crate::navigation::{Navigator, take_fragment, use_navigator};
use crate::problem::Problem;
use crate::role;
use crate::ui::{Form, PasswordField, ProblemNote, TextField, card_form, sending};

/// The screen.
pub(crate) fn invitation() -> AnyView {
    let door = expect_context::<Door>();
    let Some(token) = take_fragment() else {
        return door_box(bad_link(
            "Open the whole link of the invitation, up to its end.",
        ));
    };
    let seen = RwSignal::new(None::<Result<InvitationSeen, Problem>>);
    let body = LinkToken {
        token: token.clone(),
    };
    spawn_local(async move {
        let answer = door.visitor.send("/api/invitations/look", &body).await;
        seen.try_set(Some(answer));
        focus_soon("#page-title");
    });
    (move || match seen.get() {
        None => door_waiting(),
        Some(Ok(seen)) => door_box(join(token.clone(), seen)),
        Some(Err(problem)) => door_box(view! {
            {door_head("This invitation cannot be opened", problem.message)}
            {to_sign_in("Go to sign in")}
        }),
    })
    .into_any()
}

fn join(token: String, seen: InvitationSeen) -> AnyView {
    let title = format!("Join {}", seen.tenant_name);
    let head = move |about: String| door_head(title, about);
    let asked = format!(
        "{} is invited as {}.",
        seen.email,
        role::with_article(seen.role)
    );
    let here = use_context::<Session>().map(|session| session.me().account.email.clone());
    match here {
        Some(email) if email.eq_ignore_ascii_case(&seen.email) => {
            view! { {head(asked)} {accept_form(token, seen)} }.into_any()
        }
        Some(email) => view! {
            {head(asked)}
            <p>
                {format!("You are signed in as {email}. Sign out, then open the link again.")}
            </p>
            {sign_out()}
        }
        .into_any(),
        None if seen.has_account => view! {
            {head(format!("{asked} Sign in to accept."))}
            {sign_in_and_accept(token, seen.email)}
        }
        .into_any(),
        None => view! {
            {head(format!("{asked} Create your account to accept."))}
            {account_form(token, seen.email)}
        }
        .into_any(),
    }
}

fn accept_form(token: String, seen: InvitationSeen) -> AnyView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let token = StoredValue::new(token);
    let submit = move || sending(accept(door, navigator, accepted(token.get_value())));
    focus_soon(".door-box button[type=submit]");
    card_form(
        Form::new(().into_any(), submit),
        format!("Join {}", seen.tenant_name),
    )
}

fn sign_in_and_accept(token: String, email: String) -> AnyView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let token = StoredValue::new(token);
    let problem = RwSignal::new(None);
    let entered = Callback::new(move |_: Session| {
        spawn_local(async move {
            // The cookie is there by now: the call is made as who signed in.
            if let Err(failed) = accept(door, navigator, accepted(token.get_value())).await {
                problem.try_set(Some(failed));
            }
        });
    });
    view! {
        <ProblemNote problem=problem />
        {sign_in_form(Some(email), entered)}
    }
    .into_any()
}

fn account_form(token: String, email: String) -> AnyView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let token = StoredValue::new(token);
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = Tried::new();
    let name_error = tried.check(name, checks::name);
    let password_error = tried.check(password, checks::new_password);
    let submit = move || {
        if !tried.passes(&[name_error, password_error]) {
            return None;
        }
        let body = AcceptInvitation {
            token: token.get_value(),
            name: Some(name.get_untracked().trim().to_owned()),
            password: Some(password.get_untracked()),
        };
        sending(accept(door, navigator, body))
    };
    focus_soon("#invitation-name");
    let fields = view! {
        <TextField label="Your name" id="invitation-name" value=name error=name_error autocomplete="name" max_length=checks::NAME_MAX />
        // For password managers, which store it beside the password.
        <input type="email" class="visually-hidden" autocomplete="username" value=email readonly tabindex="-1" aria-hidden="true" />
        <PasswordField label="Password" id="invitation-password" value=password error=password_error autocomplete="new-password" hint=PASSWORD_HINT />
    };
    card_form(
        Form::new(fields.into_any(), submit),
        "Create account and join",
    )
}

fn accepted(token: String) -> AcceptInvitation {
    AcceptInvitation {
        token,
        name: None,
        password: None,
    }
}

async fn accept(door: Door, navigator: Navigator, body: AcceptInvitation) -> Result<(), Problem> {
    let session = door.visitor.enter("/api/invitations/accept", &body).await?;
    door.enter(session, navigator);
    Ok(())
}

fn sign_out() -> AnyView {
    let session = StoredValue::new(use_context::<Session>());
    let submit = move || {
        let session = session.get_value()?;
        sending(async move { session.sign_out().await })
    };
    card_form(Form::new(().into_any(), submit), "Sign out")
}
