//! Signing in: by password, with a second factor where the account has one, or through a provider.
//! On a Relay that has no owner yet, says how to make one instead.

use leptos::prelude::*;
use relay_api::{SecondFactorCode, SignIn as Attempt, SignInOptions};

use super::setup::how_to_set_up;
use crate::api::Session;
use crate::browser;
use crate::checks::{self, Tried};
use crate::door::{Door, door_box, door_head, focus_soon, with_options};
use crate::navigation::{Link, Query, use_navigator};
use crate::route::{self, Route};
use crate::ui::{Form, Icon, PasswordField, TextField, card_form, code_field, sending};

/// The answer that asks for a code of the second factor.
pub(super) const CODE_NEEDED: &str = "second_factor_required";

/// The sign-in screen.
pub(crate) fn sign_in() -> AnyView {
    with_options(|options| {
        if options.needs_setup {
            return door_box(how_to_set_up());
        }
        let problem = Query::current().get("problem");
        if problem == CODE_NEEDED {
            return door_box(provider_code());
        }
        door_box(password_or_provider(options, &problem))
    })
}

fn password_or_provider(options: SignInOptions, problem: &str) -> AnyView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let entered = Callback::new(move |session| door.enter(session, navigator));
    // Through a provider, too, one comes to where one was going.
    let next = match route::after_sign_in(&navigator.address().query) {
        next if next == Route::Overview.path() => String::new(),
        next => next,
    };
    let providers = options
        .providers
        .into_iter()
        .map(|provider| {
            view! {
                <a
                    class="btn btn-wide"
                    href=format!("/api/oidc/{}{}", provider.id, route::query_with("", &[("next", &next)]))
                    rel="external"
                >
                    {format!("Continue with {}", provider.name)}
                </a>
            }
        })
        .collect::<Vec<_>>();
    let ways = (!providers.is_empty()).then(|| {
        view! {
            <div class="door-ways">{providers}</div>
            <p class="door-or"><span>"or"</span></p>
        }
    });
    let sign_up = options.sign_up.then(|| {
        view! {
            <p class="door-foot">
                "New here? "
                <Link to=Route::SignUp class="link">"Create an account"</Link>
            </p>
        }
    });
    view! {
        {door_head("Sign in", "Manage keys, users and requests.")}
        {refused(problem)}
        {ways}
        {sign_in_form(None, entered)}
        {sign_up}
    }
    .into_any()
}

/// Why a browser came back from a provider without what it went for; nothing for no code.
pub(super) fn refused(problem: &str) -> Option<AnyView> {
    let words = refusal(problem)?;
    let note = view! {
        <div class="note note-bad" role="alert">
            {Icon::Alert.view()}
            <p>{words}</p>
        </div>
    };
    Some(note.into_any())
}

/// The words for a code, in the address one comes back to.
fn refusal(code: &str) -> Option<&'static str> {
    Some(match code {
        "" => return None,
        "no_account" => {
            "No account here belongs to that sign-in. Ask an admin of your tenant for an invitation."
        }
        "account_not_linked" => {
            "There is an account with that address, but that provider is not linked to it. Sign in with your password, then link the provider on your account's page."
        }
        "linked_to_another" => {
            "That sign-in belongs to another account here. Choose another one at the provider."
        }
        "provider_refused" => {
            "The provider did not confirm who you are, or you said no there. Try again."
        }
        "provider_failed" => {
            "The provider could not be reached, or what it answered could not be believed. Try again; if it stays, tell whoever runs this Relay."
        }
        "sign_in_expired" => {
            "That took longer than ten minutes, or began in another browser. Start again."
        }
        "too_many_attempts" => "Too many tries in a short time. Wait a minute, then try again.",
        "unknown_provider" => "Nobody can sign in through that provider here. Choose another way.",
        _ => OTHER,
    })
}

/// For a code that this console does not know.
const OTHER: &str = "That did not work. Try again, or sign in with your password.";

/// The form, for anybody or for one address; `entered` hears who signed in.
pub(super) fn sign_in_form(address: Option<String>, entered: Callback<Session>) -> AnyView {
    let door = expect_context::<Door>();
    let fixed = address.is_some();
    let (email, password, code) = (
        RwSignal::new(address.unwrap_or_default()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let code_needed = RwSignal::new(false);
    let (tried, code_tried) = (Tried::new(), Tried::new());
    let email_error = tried.check(email, checks::email);
    let password_error = tried.check(password, checks::password);
    let code_error = code_tried.check(code, checks::code);
    let submit = move || {
        let asks_code = code_needed.get_untracked();
        let fine = tried.passes(&[email_error, password_error])
            && (!asks_code || code_tried.passes(&[code_error]));
        if !fine {
            return None;
        }
        let attempt = Attempt {
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            code: asks_code.then(|| code.get_untracked().trim().to_owned()),
        };
        sending(async move {
            match door.visitor.enter("/api/session", &attempt).await {
                Ok(session) => entered.run(session),
                Err(problem) if problem.is(CODE_NEEDED) => {
                    code_needed.try_set(true);
                    focus_soon("#sign-in-code");
                }
                Err(problem) => {
                    let field = if asks_code {
                        "#sign-in-code"
                    } else {
                        "#sign-in-password"
                    };
                    browser::focus(field);
                    return Err(problem);
                }
            }
            Ok(())
        })
    };
    focus_soon(if fixed {
        "#sign-in-password"
    } else {
        "#sign-in-email"
    });
    // The first step stays in the page while the second is asked for: password managers look for it.
    let first_step = view! {
        <div class="form" hidden=code_needed>
            <div class="form" hidden=fixed>
                <TextField
                    label="E-mail"
                    id="sign-in-email"
                    value=email
                    error=email_error
                    kind="email"
                    autocomplete="username"
                    max_length=checks::EMAIL_MAX
                />
            </div>
            <div class="field-with-link">
                <PasswordField
                    label="Password"
                    id="sign-in-password"
                    value=password
                    error=password_error
                    autocomplete="current-password"
                />
                <Link to=Route::Reset class="link field-link">"Forgot it?"</Link>
            </div>
        </div>
    };
    let back = move |_| {
        code_needed.set(false);
        code.set(String::new());
        focus_soon("#sign-in-password");
    };
    let second_step = move || {
        code_needed.get().then(|| {
            view! {
                <p class="muted">
                    "Signing in as " <b>{email.get_untracked()}</b> ". "
                    <button type="button" class="link" on:click=back>"Start again"</button>
                </p>
                {code_field("sign-in-code", code, code_error)}
            }
        })
    };
    let body = view! {
        {first_step}
        {second_step}
    };
    card_form(Form::new(body.into_any(), submit), "Sign in")
}

/// The second factor of a sign-in through a provider.
fn provider_code() -> AnyView {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let code = RwSignal::new(String::new());
    let tried = Tried::new();
    let error = tried.check(code, checks::code);
    let submit = move || {
        let body = SecondFactorCode {
            code: code.get_untracked().trim().to_owned(),
        };
        if !tried.passes(&[error]) {
            return None;
        }
        sending(async move {
            let session = door
                .visitor
                .enter("/api/session/second-factor", &body)
                .await?;
            door.enter(session, navigator);
            Ok(())
        })
    };
    focus_soon("#sign-in-code");
    let field = code_field("sign-in-code", code, error);
    view! {
        {door_head("One more step", "Your account has a second factor.")}
        {card_form(Form::new(field, submit), "Sign in")}
        <p class="door-foot">
            <Link to=Route::SignIn class="link">"Sign in another way"</Link>
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_a_provider_sends_back_has_words() {
        let written = include_str!("../../../docs/errors.md");
        let (_, codes) = written
            .split_once("`/console/sign-in?problem=CODE`")
            .expect("the codes are written down there");
        let (codes, _) = codes.split_once("\n\n").expect("they are one paragraph");
        let codes: Vec<&str> = codes
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|code| code.contains('_'))
            .collect();
        assert!(codes.len() >= 9, "{codes:?}");
        for code in codes.into_iter().filter(|code| *code != CODE_NEEDED) {
            let words = refusal(code).expect("a code has words");
            assert_ne!(words, OTHER, "{code} has words of its own");
        }
        assert_eq!(refusal(""), None);
        assert_eq!(refusal("something_new"), Some(OTHER));
    }
}
