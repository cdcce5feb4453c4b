//! Asking before something that cannot be undone.

use std::sync::Arc;

use leptos::prelude::*;

use super::form::form;
use super::{Dialog, Field, Form, Sending};
use crate::browser;

/// A question that waits for a yes.
#[derive(Clone)]
pub(crate) struct Asked {
    /// "Revoke “Production”?"
    pub(crate) question: String,
    /// What a yes will mean.
    pub(crate) consequence: String,
    /// The word on the button that does it.
    pub(crate) action: &'static str,
    /// What has to be typed out first, for what is worst.
    pub(crate) typed: Option<String>,
    /// Does it, and says so; a failure stays in the dialog.
    pub(crate) perform: Arc<dyn Fn() -> Sending + Send + Sync>,
}

impl Asked {
    /// A question, what a yes means, the word for it, and what does it.
    pub(crate) fn new<F>(
        question: String,
        consequence: impl Into<String>,
        action: &'static str,
        perform: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), crate::problem::Problem>> + 'static,
    {
        Self {
            question,
            consequence: consequence.into(),
            action,
            typed: None,
            perform: Arc::new(move || Box::pin(perform())),
        }
    }
}

/// The dialog that asks whatever is put into `asked`.
pub(crate) fn ask_dialog(asked: RwSignal<Option<Asked>>) -> AnyView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(asked.with(Option::is_some)));
    Effect::new(move || {
        // Only if there is one: each of these two would wake the other for ever.
        if !open.get() && asked.with_untracked(Option::is_some) {
            asked.set(None);
        }
    });
    let title = Signal::derive(move || {
        asked.with(|asked| {
            asked
                .as_ref()
                .map(|asked| asked.question.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <Dialog open=open id="ask" title=title>
            {move || asked.get().map(|asked| content(asked, open))}
        </Dialog>
    }
    .into_any()
}

fn content(asked: Asked, open: RwSignal<bool>) -> AnyView {
    let Asked {
        consequence,
        action,
        typed,
        perform,
        ..
    } = asked;
    let entered = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let field = typed.clone().map(|typed| {
        view! {
            <p>"To go on, type " <b class="break">{typed}</b> "."</p>
            {Field::new("Name", "ask-name").error(error).line(entered)}
        }
    });
    let body = view! {
        <p>{consequence}</p>
        {field}
    };
    let submit = move || {
        if let Some(typed) = &typed
            && *typed != entered.get_untracked().trim()
        {
            error.set(Some("This is not the same name.".to_owned()));
            return None;
        }
        Some(perform())
    };
    let close = Callback::new(move |()| {
        open.try_set(false);
    });
    let done = Callback::new(move |()| {
        open.try_set(false);
        // The button that opened the dialog may be gone with its row.
        browser::focus("#page-title");
    });
    form(
        Form::new(body.into_any(), submit),
        action,
        true,
        Some(close),
        done,
    )
}
