//! Modal dialogs on the browser's own `<dialog>`: it traps the keyboard, closes on Escape and
//! returns focus to whatever opened it.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Icon, ProblemNote, SubmitButton};
use crate::browser;
use crate::problem::Problem;

/// A modal dialog whose content exists only while it is open.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// An id, unique on the page.
    id: &'static str,
    /// The heading and accessible name.
    #[prop(into)]
    title: Signal<String>,
    /// While true, Escape, the corner button and a click outside do nothing: what it shows is
    /// shown only once.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// The content.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let children = StoredValue::new(children);
    Effect::new(move || {
        let open = open.get();
        let Some(dialog) = node.get() else { return };
        // After the content is there, so that the browser finds its `autofocus` field.
        spawn_local(async move {
            if open && !dialog.open() {
                let _ = dialog.show_modal();
                // The browser would choose the corner button where no field asks for the keyboard.
                browser::focus(&format!(
                    "#{id} [autofocus], #{id} .dialog-body :is(input, select, textarea)"
                ));
            } else if !open && dialog.open() {
                dialog.close();
            }
        });
    });
    let close = move || {
        if !locked.get_untracked() {
            open.set(false);
        }
    };
    let on_cancel = move |event: ev::Event| {
        event.prevent_default();
        close();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        // Browsers close on a second Escape whatever `cancel` says, unless the key itself is stopped.
        if event.key() == "Escape" && locked.get_untracked() {
            event.prevent_default();
        }
    };
    let on_click = move |event: ev::MouseEvent| {
        // The backdrop belongs to the dialog element itself; all content is in its child.
        if event.target() == node.get_untracked().map(Into::into) {
            close();
        }
    };
    view! {
        <dialog
            node_ref=node
            id=id
            class="dialog"
            aria-labelledby=format!("{id}-title")
            on:cancel=on_cancel
            on:keydown=on_key
            on:close=move |_| open.set(false)
            on:mousedown=on_click
        >
            <Show when=move || open.get()>
                <div class="dialog-box">
                    <header class="dialog-head">
                        <h2 id=format!("{id}-title")>{title}</h2>
                        <button
                            type="button"
                            class="btn-icon"
                            aria-label="Close"
                            hidden=locked
                            on:click=move |_| close()
                        >
                            {Icon::Close.view()}
                        </button>
                    </header>
                    {children.with_value(|children| children())}
                </div>
            </Show>
        </dialog>
    }
}

/// Something that waits for a yes. Copies share one state.
pub(crate) struct Confirm<T: Send + Sync + 'static> {
    subject: RwSignal<Option<T>>,
    open: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Confirm<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Confirm<T> {}

impl<T: Send + Sync + 'static> Confirm<T> {
    /// Nothing to ask yet.
    pub(crate) fn new() -> Self {
        Self {
            subject: RwSignal::new(None),
            open: RwSignal::new(false),
        }
    }

    /// Asks about `subject`.
    pub(crate) fn ask(self, subject: T) {
        self.subject.set(Some(subject));
        self.open.set(true);
    }
}

/// Asks before something that cannot be undone, does it on a yes, and stays open with the problem
/// if it fails.
#[component]
pub(crate) fn ConfirmDialog<T, P, F>(
    /// What is asked about.
    confirm: Confirm<T>,
    /// An id, unique on the page.
    id: &'static str,
    /// The question, e.g. "Revoke “Production”?".
    question: fn(&T) -> String,
    /// What a yes will mean.
    consequence: fn(&T) -> String,
    /// The word on the button that does it.
    action: &'static str,
    /// Does it.
    perform: P,
    /// Told after success.
    #[prop(into)]
    done: Callback<T>,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    P: Fn(T) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<(), Problem>> + 'static,
{
    let Confirm { subject, open } = confirm;
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None);
    Effect::new(move || {
        if open.get() {
            problem.set(None);
        }
    });
    let words = move |wording: fn(&T) -> String| {
        subject.with(|subject| subject.as_ref().map(wording).unwrap_or_default())
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(subject) = subject.get_untracked().filter(|_| !busy.get_untracked()) else {
            return;
        };
        busy.set(true);
        let performed = perform(subject.clone());
        spawn_local(async move {
            let outcome = performed.await;
            busy.try_set(false);
            match outcome {
                Ok(()) => {
                    open.try_set(false);
                    done.run(subject);
                    // The button that opened the dialog may be gone with its row.
                    browser::focus("#page-title");
                }
                Err(failed) => {
                    problem.try_set(Some(failed));
                }
            }
        });
    };
    view! {
        <Dialog
            open=open
            id=id
            title=Signal::derive(move || words(question))
            locked=Signal::derive(move || busy.get())
        >
            <form on:submit=submit.clone()>
                <div class="dialog-body">
                    <p>{move || words(consequence)}</p>
                    <ProblemNote problem=problem />
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn" autofocus on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <SubmitButton text=action busy=busy danger=true />
                </footer>
            </form>
        </Dialog>
    }
}
