//! A list that lives on the server: loading, its rows, a failure, and the next page.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::Page;

use crate::problem::Problem;

/// What is known of the rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rows<T> {
    /// Asked for, not yet here.
    Loading,
    /// Here, perhaps none.
    Ready(Vec<T>),
    /// The first page could not be had.
    Failed(Problem),
}

type Answer<T> = Pin<Box<dyn Future<Output = Result<Page<T>, Problem>>>>;
type Fetch<T> = Box<dyn Fn(Option<String>) -> Answer<T>>;

/// A list and the means to refresh, extend and correct it. Copies share one state.
pub(crate) struct Listing<T: Send + Sync + 'static> {
    /// What is known of the rows.
    pub(crate) rows: RwSignal<Rows<T>>,
    /// Whether a call is under way.
    pub(crate) busy: RwSignal<bool>,
    /// Why the latest refresh or extension failed, while older rows are still shown.
    pub(crate) stale: RwSignal<Option<Problem>>,
    next: RwSignal<Option<String>>,
    generation: StoredValue<u32>,
    fetch: StoredValue<Fetch<T>, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Listing<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Listing<T> {}

impl<T: Clone + Send + Sync + 'static> Listing<T> {
    /// A list read page by page with `fetch`, the first page at once.
    pub(crate) fn new<F>(fetch: impl Fn(Option<String>) -> F + 'static) -> Self
    where
        F: Future<Output = Result<Page<T>, Problem>> + 'static,
    {
        let listing = Self::idle(fetch);
        listing.refresh();
        listing
    }

    /// A list that is not read yet.
    fn idle<F>(fetch: impl Fn(Option<String>) -> F + 'static) -> Self
    where
        F: Future<Output = Result<Page<T>, Problem>> + 'static,
    {
        Self {
            rows: RwSignal::new(Rows::Loading),
            busy: RwSignal::new(false),
            stale: RwSignal::new(None),
            next: RwSignal::new(None),
            generation: StoredValue::new(0),
            fetch: StoredValue::new_local(Box::new(move |cursor| {
                Box::pin(fetch(cursor)) as Answer<T>
            })),
        }
    }

    /// A list read from a path, which may track signals: another path, another list. Nothing is
    /// read while it is empty.
    pub(crate) fn at(
        session: crate::api::Session,
        path: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self
    where
        T: serde::de::DeserializeOwned,
    {
        let path = Memo::new(move |_| path());
        let listing = Self::idle(move |cursor| {
            let (session, path) = (session.clone(), path.get_untracked());
            async move { session.page(&path, cursor).await }
        });
        Effect::new(move || {
            if !path.get().is_empty() {
                listing.refresh();
            }
        });
        listing
    }

    /// Reads the first page again. Rows stay on show meanwhile.
    pub(crate) fn refresh(self) {
        if self
            .rows
            .with_untracked(|rows| matches!(rows, Rows::Failed(_)))
        {
            self.rows.set(Rows::Loading);
        }
        self.load(None);
    }

    /// Reads the next page and adds its rows.
    pub(crate) fn load_more(self) {
        if let Some(cursor) = self.next.get_untracked() {
            self.load(Some(cursor));
        }
    }

    /// Whether there is a next page. Tracks.
    pub(crate) fn has_more(self) -> bool {
        self.next.with(Option::is_some)
    }

    /// Changes the rows on show after the server has confirmed the same change.
    pub(crate) fn amend(self, change: impl FnOnce(&mut Vec<T>)) {
        self.rows.try_update(|rows| {
            if let Rows::Ready(rows) = rows {
                change(rows);
            }
        });
    }

    /// The rows, none while there are none. Tracks.
    pub(crate) fn ready(self) -> Vec<T> {
        self.rows.with(|rows| match rows {
            Rows::Ready(rows) => rows.clone(),
            _ => Vec::new(),
        })
    }

    /// Why the first page could not be had, if so. Tracks.
    pub(crate) fn failure(self) -> Option<Problem> {
        self.rows.with(|rows| match rows {
            Rows::Failed(problem) => Some(problem.clone()),
            _ => None,
        })
    }

    fn load(self, cursor: Option<String>) {
        // A later call makes an earlier one's answer worthless.
        let Some(generation) = self.generation.try_update_value(|generation| {
            *generation += 1;
            *generation
        }) else {
            return;
        };
        let extends = cursor.is_some();
        let Some(answer) = self.fetch.try_with_value(|fetch| fetch(cursor)) else {
            return;
        };
        self.busy.set(true);
        spawn_local(async move {
            let answer = answer.await;
            // The screen may be gone by now, and its signals with it: hence `try_`.
            if self.generation.try_get_value() == Some(generation) {
                self.busy.try_set(false);
                self.accept(answer, extends);
            }
        });
    }

    fn accept(self, answer: Result<Page<T>, Problem>, extends: bool) {
        match answer {
            Ok(page) => {
                self.next.try_set(page.next_cursor);
                self.stale.try_set(None);
                self.rows.try_update(|rows| match rows {
                    Rows::Ready(rows) if extends => rows.extend(page.data),
                    _ => *rows = Rows::Ready(page.data),
                });
            }
            Err(problem) => {
                let shown = self
                    .rows
                    .try_with_untracked(|rows| matches!(rows, Rows::Ready(_)))
                    .unwrap_or_default();
                if shown {
                    self.stale.try_set(Some(problem));
                } else {
                    self.rows.try_set(Rows::Failed(problem));
                }
            }
        }
    }
}
