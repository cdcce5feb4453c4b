//! Forms, and the one way in which they are sent.

use std::pin::Pin;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Dialog, ProblemNote, SubmitButton};
use crate::problem::Problem;

/// A form being sent.
pub(crate) type Sending = Pin<Box<dyn Future<Output = Result<(), Problem>>>>;

/// A form's fields, and how it is sent.
pub(crate) struct Form {
    /// The fields.
    pub(crate) body: AnyView,
    /// Begins to send what was entered, or says at the fields why not.
    pub(crate) submit: Box<dyn Fn() -> Option<Sending>>,
}

impl Form {
    /// A form of these fields.
    pub(crate) fn new(body: AnyView, submit: impl Fn() -> Option<Sending> + 'static) -> Self {
        Self {
            body,
            submit: Box::new(submit),
        }
    }
}

/// Sends something.
#[expect(clippy::unnecessary_wraps, reason = "what a form's `submit` answers")]
pub(crate) fn sending(
    future: impl Future<Output = Result<(), Problem>> + 'static,
) -> Option<Sending> {
    Some(Box::pin(future))
}

/// A form with its problem above and its buttons below. `sent` hears of success.
pub(crate) fn form(
    form: Form,
    action: &'static str,
    danger: bool,
    cancel: Option<Callback<()>>,
    sent: Callback<()>,
) -> AnyView {
    let (body, busy, problem, on_submit) = handled(form, sent);
    view! {
        <form novalidate on:submit=on_submit>
            <div class="dialog-body form">
                {body}
                <ProblemNote problem=problem />
            </div>
            <footer class="dialog-foot">
                {cancel
                    .map(|cancel| {
                        view! {
                            // Before something that cannot be undone the keyboard stands on "no".
                            <button
                                type="button"
                                class="btn"
                                autofocus=danger
                                on:click=move |_| cancel.run(())
                            >
                                "Cancel"
                            </button>
                        }
                    })}
                <SubmitButton text=action busy=busy danger=danger />
            </footer>
        </form>
    }
    .into_any()
}

/// A form's fields, whether it is being sent, why that failed, and what to do on submit.
fn handled(
    form: Form,
    sent: Callback<()>,
) -> (
    AnyView,
    RwSignal<bool>,
    RwSignal<Option<Problem>>,
    impl Fn(ev::SubmitEvent) + 'static,
) {
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let Form { body, submit } = form;
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        problem.set(None);
        let Some(sending) = submit() else {
            // The first field that is wrong, once its note is there.
            request_animation_frame(|| crate::browser::focus("[aria-invalid=true]"));
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let outcome = sending.await;
            busy.try_set(false);
            match outcome {
                Ok(()) => sent.run(()),
                Err(failed) => {
                    problem.try_set(Some(failed));
                }
            }
        });
    };
    (body, busy, problem, on_submit)
}

/// A form on a page of its own or in a panel: its problem above, one wide button below.
pub(crate) fn card_form(form: Form, action: impl Into<Signal<String>>) -> AnyView {
    let (body, busy, problem, on_submit) = handled(form, Callback::new(|()| {}));
    view! {
        <form class="form" novalidate on:submit=on_submit>
            <ProblemNote problem=problem />
            {body}
            <SubmitButton text=action.into() busy=busy wide=true />
        </form>
    }
    .into_any()
}

/// A form in a panel of a page: its problem and its button below. `sent` hears of success.
pub(crate) fn panel_form(form: Form, action: &'static str, sent: Callback<()>) -> AnyView {
    let (body, busy, problem, on_submit) = handled(form, sent);
    view! {
        <form class="form" novalidate on:submit=on_submit>
            {body}
            <ProblemNote problem=problem />
            <div class="buttons">
                <SubmitButton text=action busy=busy />
            </div>
        </form>
    }
    .into_any()
}

/// A form in a dialog. Its fields are made anew whenever it opens; it closes when it was sent.
pub(crate) fn form_dialog(
    open: RwSignal<bool>,
    id: &'static str,
    title: impl Into<Signal<String>>,
    action: &'static str,
    make: impl Fn() -> Form + Send + Sync + 'static,
) -> AnyView {
    let make = StoredValue::new(make);
    let close = Callback::new(move |()| {
        open.try_set(false);
    });
    view! {
        <Dialog open=open id=id title=title.into()>
            {move || make.with_value(|make| form(make(), action, false, Some(close), close))}
        </Dialog>
    }
    .into_any()
}
