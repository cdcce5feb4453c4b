//! The door: what all screens share at which nobody need be signed in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::SignInOptions;

use crate::api::{Session, Visitor};
use crate::app::Gate;
use crate::browser;
use crate::navigation::Navigator;
use crate::problem::Problem;
use crate::route::{self, Route};
use crate::ui::{Failure, Logo, Mark, ThemeSwitch};

/// What the door's screens call once someone may come in.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    /// The client of someone who is not signed in.
    pub(crate) visitor: Visitor,
    gate: RwSignal<Gate>,
}

impl Door {
    /// The door of this gate.
    pub(crate) fn new(visitor: Visitor, gate: RwSignal<Gate>) -> Self {
        Self { visitor, gate }
    }

    /// Lets a session in, to where its member wanted to go.
    pub(crate) fn enter(self, session: Session, navigator: Navigator) {
        let destination = route::after_sign_in(&navigator.address().query);
        self.enter_at(session, navigator, &destination);
    }

    /// Lets a session in, to the first screen of someone new.
    pub(crate) fn enter_new(self, session: Session, navigator: Navigator) {
        self.enter_at(session, navigator, &Route::GetStarted.path());
    }

    /// Lets a session in at an address; of someone who is inside already, changes the session.
    pub(crate) fn enter_at(self, session: Session, navigator: Navigator, address: &str) {
        // First the address: the door's screens would otherwise be left for the wrong one.
        navigator.replace(address);
        self.gate.set(Gate::Inside(session));
    }

    /// Finds out whether this browser's cookie is still good.
    pub(crate) fn knock(self) {
        self.gate.set(Gate::Asking);
        spawn_local(async move {
            let answer = self.visitor.resume().await;
            self.gate.set(match answer {
                Ok(Some(session)) => Gate::Inside(session),
                Ok(None) => Gate::Outside,
                Err(problem) => Gate::Failed(problem),
            });
        });
    }
}

/// The box in which every screen of the door stands.
pub(crate) fn door_box(content: impl IntoView + 'static) -> AnyView {
    view! {
        <main class="door">
            <div class="door-box">
                <Logo />
                {content}
            </div>
            <ThemeSwitch />
        </main>
    }
    .into_any()
}

/// The heading of a screen of the door, and a sentence below.
pub(crate) fn door_head(title: impl IntoView + 'static, about: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="door-head">
            <h1 id="page-title" tabindex="-1">{title}</h1>
            <p class="muted">{about}</p>
        </div>
    }
    .into_any()
}

/// What stands there while a screen of the door asks the server how it is to look.
pub(crate) fn door_waiting() -> AnyView {
    view! {
        <main class="door door-waiting">
            <Mark />
            <p class="visually-hidden" role="status">"Loading"</p>
        </main>
    }
    .into_any()
}

/// A screen of the door that depends on how people get in: shown once that is known, so that
/// nothing of it jumps.
pub(crate) fn with_options(screen: impl Fn(SignInOptions) -> AnyView + Send + 'static) -> AnyView {
    let door = expect_context::<Door>();
    let known = RwSignal::new(None::<Result<SignInOptions, Problem>>);
    let ask = move || {
        known.set(None);
        spawn_local(async move {
            let options = door.visitor.options().await;
            known.try_set(Some(options));
        });
    };
    ask();
    (move || match known.get() {
        None => door_waiting(),
        Some(Ok(options)) => screen(options),
        Some(Err(problem)) => view! {
            <main class="door">
                <Failure problem=problem retry=move |()| ask() />
            </main>
        }
        .into_any(),
    })
    .into_any()
}

/// Puts the keyboard somewhere in a screen that is about to be drawn: `autofocus` alone is ignored
/// in a page that is already there.
pub(crate) fn focus_soon(selector: &'static str) {
    request_animation_frame(move || browser::focus(selector));
}
