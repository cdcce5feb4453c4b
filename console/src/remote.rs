//! One thing that lives on the server: waiting, itself, or why not.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api::Session;
use crate::problem::Problem;
use crate::ui::Failure;

/// What paths answered lately, for one member in one tenant: gone with the session, or when the page is loaded anew.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<VecDeque<(String, Answer)>>>);

type Answer = Arc<dyn Any + Send + Sync>;

impl Memory {
    /// How many answers are kept at most.
    const MOST: usize = 16;

    /// What a path answered, if it was a `T`.
    fn recall<T: Clone + 'static>(&self, path: &str) -> Option<T> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, answer) = answers.iter().find(|(known, _)| known == path)?;
        answer.downcast_ref().cloned()
    }

    /// Keeps what a path answered, in place of the oldest if there are too many.
    fn keep(&self, path: String, answer: Answer) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|(known, _)| *known != path);
        answers.truncate(Self::MOST - 1);
        answers.push_front((path, answer));
    }
}

/// What a path answers, asked again whenever the path changes. Copies share one state.
pub(crate) struct Remote<T: Send + Sync + 'static> {
    /// The latest answer; it stays while the next one is on its way.
    pub(crate) value: RwSignal<Option<T>>,
    /// Why the latest call failed, if it did.
    pub(crate) problem: RwSignal<Option<Problem>>,
    /// Whether a call is under way.
    pub(crate) busy: RwSignal<bool>,
    asked: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Remote<T> {
    /// What `path` answers, which may track signals; nothing is asked while it is empty.
    pub(crate) fn new(session: Session, path: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self::ask(session, path, false)
    }

    /// The same, beginning with what the path answered before in this session, if it was asked then: that is on show
    /// while the next answer is on its way. For what is read and not worked on.
    pub(crate) fn remembered(
        session: Session,
        path: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self::ask(session, path, true)
    }

    fn ask(
        session: Session,
        path: impl Fn() -> String + Send + Sync + 'static,
        remembers: bool,
    ) -> Self {
        let remote = Self {
            value: RwSignal::new(None),
            problem: RwSignal::new(None),
            busy: RwSignal::new(false),
            asked: RwSignal::new(0),
        };
        let generation = StoredValue::new(0_u32);
        Effect::new(move || {
            remote.asked.track();
            let path = path();
            if path.is_empty() {
                return;
            }
            let session = session.clone();
            generation.update_value(|generation| *generation += 1);
            let asked = generation.get_value();
            remote.busy.set(true);
            if remembers && let Some(before) = session.memory().recall(&path) {
                remote.value.set(Some(before));
            }
            spawn_local(async move {
                let answer = session.get::<T>(&path).await;
                // The screen may be gone by now, or have asked for something else.
                if generation.try_get_value() == Some(asked) {
                    remote.busy.try_set(false);
                    match answer {
                        Ok(value) => {
                            if remembers {
                                session.memory().keep(path, Arc::new(value.clone()));
                            }
                            remote.problem.try_set(None);
                            remote.value.try_set(Some(value));
                        }
                        Err(problem) => {
                            remote.problem.try_set(Some(problem));
                        }
                    }
                }
            });
        });
        remote
    }

    /// Asks again; what is on show stays meanwhile.
    pub(crate) fn reload(self) {
        self.asked.try_update(|asked| *asked += 1);
    }

    /// Why the latest call failed, while an older answer is still shown. Tracks.
    pub(crate) fn stale(self) -> Signal<Option<Problem>> {
        Signal::derive(move || {
            let shown = self.value.with(Option::is_some);
            self.problem.get().filter(|_| shown)
        })
    }

    /// The thing once it is there; until then grey lines, or what went wrong and a way to try again.
    pub(crate) fn view(self, draw: impl Fn(T) -> AnyView + Send + 'static) -> AnyView {
        (move || match self.value.get() {
            Some(value) => draw(value),
            None => self.absent(),
        })
        .into_any()
    }

    /// The same, drawn once: a later answer takes nothing away that is being typed.
    pub(crate) fn view_once(self, draw: impl Fn(T) -> AnyView + Send + 'static) -> AnyView {
        let here = Memo::new(move |_| self.value.with(Option::is_some));
        (move || {
            here.track();
            match self.value.get_untracked() {
                Some(value) => draw(value),
                None => self.absent(),
            }
        })
        .into_any()
    }

    fn absent(self) -> AnyView {
        match self.problem.get() {
            Some(problem) => {
                view! { <Failure problem=problem retry=move |()| self.reload() /> }.into_any()
            }
            None => view! {
                <div class="panel card" role="status">
                    <span class="visually-hidden">"Loading"</span>
                    <span class="skeleton skeleton-wide"></span>
                    <span class="skeleton"></span>
                    <span class="skeleton skeleton-wide"></span>
                </div>
            }
            .into_any(),
        }
    }
}
