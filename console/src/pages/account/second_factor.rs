//! The second factor: set up in three steps (password, code, recovery codes), and taken away.

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};
use relay_api::{
    NewSecondFactor, RecoveryCodes, RemovedSecondFactor, SecondFactorCode, SecondFactorSecret,
};

use crate::api::Method;
use crate::app::use_session;
use crate::checks::{self, Tried};
use crate::door::focus_soon;
use crate::ui::{
    Badge, Dialog, Form, PasswordField, Secret, TextField, Toasts, Tone, code_field, form,
    form_dialog, not_offered, secret_dialog, sending,
};

/// White modules around a QR code (ISO/IEC 18004).
const QUIET: usize = 4;

/// Whether there is one, and the way to change that.
pub(super) fn second_factor() -> AnyView {
    let session = StoredValue::new(use_session());
    let is_on = Memo::new(move |_| session.get_value().watch_me().account.second_factor);
    let has_password = session.with_value(|session| session.me().account.has_password);
    if !has_password && !is_on.get_untracked() {
        return not_offered("You sign in through a provider: set up a second factor there.");
    }
    let (adding, removing) = (RwSignal::new(false), RwSignal::new(false));
    let secret = RwSignal::new(None::<Secret>);
    let state = move || {
        if is_on.get() {
            view! {
                <p><Badge tone=Tone::Good text="On" />" Signing in by password takes a code."</p>
                <div class="buttons">
                    <button type="button" class="btn" on:click=move |_| removing.set(true)>
                        "Turn off"
                    </button>
                </div>
            }
            .into_any()
        } else {
            view! {
                <p>
                    <Badge tone=Tone::Quiet text="Off" />
                    " Whoever knows your password can sign in as you."
                </p>
                <div class="buttons">
                    <button type="button" class="btn" on:click=move |_| adding.set(true)>
                        "Set up"
                    </button>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <div class="form">{state}</div>
        {set_up(adding, secret)}
        {form_dialog(
            removing,
            "remove-factor",
            Signal::stored("Turn the second factor off".to_owned()),
            "Turn off",
            remove_form,
        )}
        {secret_dialog(secret)}
    }
    .into_any()
}

/// The dialog of the first two steps; the codes of the third are shown by themselves.
fn set_up(open: RwSignal<bool>, codes: RwSignal<Option<Secret>>) -> AnyView {
    // The app's secret: forgotten as soon as the dialog closes.
    let secret = RwSignal::new(None::<SecondFactorSecret>);
    Effect::new(move || {
        if !open.get() {
            secret.set(None);
        }
    });
    let cancel = Callback::new(move |()| open.set(false));
    let title = Signal::stored("Set up a second factor".to_owned());
    view! {
        <Dialog open=open id="add-factor" title=title>
            {move || match secret.get() {
                None => {
                    form(password_form(secret), "Continue", false, Some(cancel), Callback::new(|()| {}))
                }
                Some(known) => {
                    form(code_form(known, codes), "Turn on", false, Some(cancel), cancel)
                }
            }}
        </Dialog>
    }
    .into_any()
}

fn password_form(secret: RwSignal<Option<SecondFactorSecret>>) -> Form {
    let session = StoredValue::new(use_session());
    let password = RwSignal::new(String::new());
    let tried = Tried::new();
    let error = tried.check(password, checks::password);
    focus_soon("#factor-password");
    let body = view! {
        <p class="muted">
            "You need an authenticator app, such as the one in your phone or your password manager."
        </p>
        <PasswordField label="Your password" id="factor-password" value=password error=error autocomplete="current-password" />
    };
    Form::new(body.into_any(), move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let body = NewSecondFactor {
            password: password.get_untracked(),
        };
        sending(async move {
            let session = session.get_value();
            let made = session
                .send(Method::Post, "/api/account/totp", &body)
                .await?;
            secret.try_set(Some(made));
            Ok(())
        })
    })
}

fn code_form(secret: SecondFactorSecret, codes: RwSignal<Option<Secret>>) -> Form {
    let session = StoredValue::new(use_session());
    let code = RwSignal::new(String::new());
    let tried = Tried::new();
    let error = tried.check(code, checks::code);
    focus_soon("#factor-code");
    let body = view! {
        <p class="muted">"Scan this with your authenticator app, then enter the code it shows."</p>
        <div class="qr">{qr(&secret.uri)}</div>
        <details class="more">
            <summary>"It cannot be scanned"</summary>
            <p>"Type this into the app: " <code class="secret-text">{in_fours(&secret.secret)}</code></p>
        </details>
        <TextField label="Code" id="factor-code" value=code error=error autocomplete="one-time-code" max_length=16_u16 />
    };
    Form::new(body.into_any(), move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let body = SecondFactorCode {
            code: code.get_untracked().trim().to_owned(),
        };
        sending(async move {
            let session = session.get_value();
            let made: RecoveryCodes = session
                .send(Method::Post, "/api/account/totp/confirm", &body)
                .await?;
            codes.try_set(Some(Secret {
                title: "Keep your recovery codes",
                about: "Each of these signs you in once, on the day your phone is lost. They are shown only now: keep them where the phone is not.".to_owned(),
                label: "Recovery codes",
                text: made.recovery_codes.join("\n"),
            }));
            session.look_again().await
        })
    })
}

fn remove_form() -> Form {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let (password, code) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = Tried::new();
    let password_error = tried.check(password, checks::password);
    let code_error = tried.check(code, checks::code);
    let body = view! {
        <p>"Your password alone will sign you in, and your recovery codes stop working."</p>
        <PasswordField label="Your password" id="remove-password" value=password error=password_error autocomplete="current-password" />
        {code_field("remove-code", code, code_error)}
    };
    Form::new(body.into_any(), move || {
        if !tried.passes(&[password_error, code_error]) {
            return None;
        }
        let body = RemovedSecondFactor {
            password: password.get_untracked(),
            code: code.get_untracked().trim().to_owned(),
        };
        sending(async move {
            let session = session.get_value();
            session
                .send::<()>(Method::Post, "/api/account/totp/remove", &body)
                .await?;
            toasts.done("The second factor is off.");
            session.look_again().await
        })
    })
}

/// The QR code of a text, drawn as one path; nothing where the text is too long for any.
fn qr(text: &str) -> AnyView {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return ().into_any();
    };
    let width = code.width();
    let path = dark_modules(&code.to_colors(), width);
    let side = width + 2 * QUIET;
    view! {
        <svg
            viewBox=format!("0 0 {side} {side}")
            role="img"
            aria-label="QR code for an authenticator app"
            shape-rendering="crispEdges"
        >
            <path d=path></path>
        </svg>
    }
    .into_any()
}

/// The dark modules as an SVG path: one flat box for each run of them in a row.
fn dark_modules(modules: &[Color], width: usize) -> String {
    use std::fmt::Write as _;
    let mut path = String::new();
    for (row, line) in modules.chunks(width).enumerate() {
        let mut start = 0;
        for run in line.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                let (x, y, length) = (start + QUIET, row + QUIET, run.len());
                // Writing to a String cannot fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            start += run.len();
        }
    }
    path
}

/// A long secret in groups of four, as people read it.
fn in_fours(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_in_groups_of_four() {
        assert_eq!(in_fours("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert_eq!(in_fours(""), "");
    }

    #[test]
    fn every_run_of_dark_modules_is_one_box_inside_the_quiet_zone() {
        use Color::{Dark, Light};
        let path = dark_modules(&[Dark, Dark, Light, Dark], 2);
        assert_eq!(path, "M4 4h2v1h-2zM5 5h1v1h-1z");
    }

    #[test]
    fn an_address_for_an_authenticator_app_fits_a_code() {
        let uri = format!(
            "otpauth://totp/Relay:{}?secret={}",
            "a".repeat(254),
            "B".repeat(32)
        );
        assert!(QrCode::with_error_correction_level(uri, EcLevel::M).is_ok());
    }
}
