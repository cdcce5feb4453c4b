//! The one-time link `/console/setup#TOKEN`: makes the first owner and the first tenant.
//! A browser never sends a fragment, so the token is in no access log; we take it out of the
//! address bar and the history at once, so that it is in no screenshot either.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::NewOwner;

use crate::app::Door;
use crate::browser;
use crate::navigation::{Link, take_fragment, use_navigator};
use crate::problem::Problem;
use crate::route::Route;
use crate::ui::{
    Failure, Icon, Logo, PasswordField, ProblemNote, SubmitButton, TextField, ThemeSwitch,
};

/// The shortest password the server takes, in characters.
const PASSWORD_MIN: usize = 12;

#[derive(Clone, PartialEq)]
enum State {
    Asking,
    Failed(Problem),
    NeedsLink,
    Form,
    Done,
}

/// The setup screen.
#[component]
pub(crate) fn Setup() -> impl IntoView {
    let door = expect_context::<Door>();
    let token = StoredValue::new(take_fragment());
    let state = RwSignal::new(State::Asking);
    let ask = move || {
        state.set(State::Asking);
        spawn_local(async move {
            state.try_set(match door.visitor.setup_link().await {
                Err(problem) => State::Failed(problem),
                Ok(link) if !link.needed => State::Done,
                Ok(_) if token.with_value(Option::is_none) => State::NeedsLink,
                Ok(_) => State::Form,
            });
        });
    };
    ask();
    let content = move || match state.get() {
        State::Asking => view! { <p class="muted" role="status">"One moment…"</p> }.into_any(),
        State::Failed(problem) => {
            view! { <Failure problem=problem retry=move |()| ask() /> }.into_any()
        }
        State::NeedsLink => view! { <HowToSetUp /> }.into_any(),
        State::Done => view! { <AlreadyDone /> }.into_any(),
        State::Form => {
            view! { <OwnerForm token=token.get_value().unwrap_or_default() /> }.into_any()
        }
    };
    view! {
        <main class="door">
            <div class="door-box">
                <Logo />
                {content}
            </div>
            <ThemeSwitch />
        </main>
    }
}

/// Says where the one-time link is found.
#[component]
pub(crate) fn HowToSetUp() -> impl IntoView {
    view! {
        <div class="door-head">
            <h1 id="page-title" tabindex="-1">"Set up Relay"</h1>
            <p class="muted">"This Relay has no owner yet."</p>
        </div>
        <ol class="how-to">
            <li>"Look at the output of "<code>"relay serve"</code>" (the server's log)."</li>
            <li>"Open the one-time link printed there. It ends in "<code>"/console/setup#…"</code>"."</li>
            <li>"If it is lost, start the server again: a new link is printed until an owner exists."</li>
        </ol>
    }
}

#[component]
fn AlreadyDone() -> impl IntoView {
    view! {
        <div class="door-head">
            <h1 id="page-title" tabindex="-1">"Relay is already set up"</h1>
            <p class="muted">
                "The one-time link has been used, and works only once. Sign in with the owner's \
                 e-mail and password, or ask the owner for access."
            </p>
        </div>
        <Link to=Route::SignIn class="btn btn-primary btn-wide">
            "Go to sign in"
        </Link>
    }
}

/// What is wrong with a form's text, if anything.
fn missing(text: &str, what: &str) -> Option<String> {
    text.trim().is_empty().then(|| format!("Enter {what}."))
}

/// Only what is certainly wrong: the server has the last word.
fn email_problem(email: &str) -> Option<String> {
    let email = email.trim();
    missing(email, "your e-mail address").or_else(|| {
        let (local, domain) = email.split_once('@').unwrap_or_default();
        (local.is_empty() || domain.is_empty() || email.contains(char::is_whitespace))
            .then(|| "This does not look like an e-mail address.".to_owned())
    })
}

fn password_problem(password: &str) -> Option<String> {
    let length = password.chars().count();
    (length < PASSWORD_MIN).then(|| match length {
        0 => format!("Choose a password of {PASSWORD_MIN} characters or more."),
        _ => format!("{length} of at least {PASSWORD_MIN} characters."),
    })
}

#[component]
fn OwnerForm(token: String) -> impl IntoView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let (name, email) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (password, tenant) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    // Errors wait for the first try: nobody likes to be corrected while typing.
    let checked = move |text: RwSignal<String>, check: fn(&str) -> Option<String>| {
        Signal::derive(move || {
            if tried.get() {
                text.with(|text| check(text))
            } else {
                None
            }
        })
    };
    let name_error = checked(name, |text| missing(text, "your name"));
    let email_error = checked(email, email_problem);
    let password_error = checked(password, password_problem);
    let tenant_error = checked(tenant, |text| missing(text, "a name for the tenant"));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        tried.set(true);
        let errors = [name_error, email_error, password_error, tenant_error];
        if errors.iter().any(|error| error.get_untracked().is_some()) {
            // After the fields are marked.
            request_animation_frame(|| browser::focus("[aria-invalid=true]"));
            return;
        }
        busy.set(true);
        problem.set(None);
        let owner = NewOwner {
            setup_token: token.clone(),
            name: name.get_untracked().trim().to_owned(),
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            tenant_name: tenant.get_untracked().trim().to_owned(),
        };
        spawn_local(async move {
            match door.visitor.create_owner(owner).await {
                Ok(session) => door.enter(session, navigator),
                Err(failed) => {
                    busy.try_set(false);
                    problem.try_set(Some(failed));
                }
            }
        });
    };
    view! {
        <div class="door-head">
            <h1 id="page-title" tabindex="-1">"Set up Relay"</h1>
            <p class="muted">"Create the owner account and your first tenant."</p>
        </div>
        <form class="form" novalidate on:submit=submit>
            <ProblemNote problem=problem />
            <TextField label="Your name" id="setup-name" value=name error=name_error autocomplete="name" autofocus=true max_length=100_u16 />
            <TextField label="E-mail" id="setup-email" value=email error=email_error kind="email" autocomplete="username" max_length=254_u16 />
            <PasswordField label="Password" id="setup-password" value=password error=password_error autocomplete="new-password" hint="12 characters or more. A few unrelated words work well." />
            <TextField label="Tenant name" id="setup-tenant" value=tenant error=tenant_error autocomplete="organization" hint="Usually your company or product. Keys, users and requests belong to a tenant." max_length=100_u16 />
            <SubmitButton text="Create owner account" busy=busy wide=true />
        </form>
        <p class="assurance">
            {Icon::Key.view()}
            "The one-time link stops working once the account exists."
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certainly_no_address_is_refused() {
        for good in ["a@b", "ada@example.com", " ada+x@example.co.uk "] {
            assert_eq!(email_problem(good), None, "{good}");
        }
        for bad in ["", " ", "ada", "@b", "a@", "a b@c"] {
            assert!(email_problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_measured_in_characters_not_bytes() {
        assert!(password_problem("열두글자비밀번호입니").is_some());
        assert_eq!(password_problem("열두글자비밀번호입니다요"), None);
        assert_eq!(password_problem("correct horse"), None);
    }
}
