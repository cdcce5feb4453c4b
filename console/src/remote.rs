//! One thing that lives on the server: waiting, itself, or why not.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api::Session;
use crate::problem::Problem;
use crate::ui::Failure;

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
            spawn_local(async move {
                let answer = session.get::<T>(&path).await;
                // The screen may be gone by now, or have asked for something else.
                if generation.try_get_value() == Some(asked) {
                    remote.busy.try_set(false);
                    match answer {
                        Ok(value) => {
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
