//! The root: decides whether someone stands at the door or is inside, and shows the screen there.

use leptos::prelude::*;

use crate::api::{Session, Visitor};
use crate::browser;
use crate::door::{Door, door_waiting};
use crate::navigation::{Navigator, use_navigator};
use crate::parts::Parts;
use crate::problem::Problem;
use crate::route::{self, Place, Route};
use crate::shell::Shell;
use crate::ui::{Clock, Failure, ToastRegion, Toasts};

/// Where someone stands.
#[derive(Clone)]
pub(crate) enum Gate {
    /// Asking the server whether this browser's cookie is still good.
    Asking,
    /// That could not be found out.
    Failed(Problem),
    /// Not signed in.
    Outside,
    /// Signed in.
    Inside(Session),
}

/// The whole console.
#[component]
pub(crate) fn App() -> impl IntoView {
    let navigator = Navigator::provide();
    provide_context(Parts::new(untrack(|| navigator.route())));
    Clock::provide();
    Toasts::provide();
    let gate = RwSignal::new(Gate::Asking);
    let visitor = Visitor::new(Callback::new(move |()| {
        gate.try_set(Gate::Outside);
    }));
    let door = Door::new(visitor, gate);
    provide_context(door);
    door.knock();

    let screen = move || match gate.get() {
        Gate::Asking => door_waiting(),
        Gate::Failed(problem) => view! {
            <main class="door">
                <Failure problem=problem retry=move |()| door.knock() />
            </main>
        }
        .into_any(),
        Gate::Outside => view! { <Outside /> }.into_any(),
        Gate::Inside(session) => view! { <Inside session=session /> }.into_any(),
    };
    let place = Memo::new(move |_| navigator.place());
    Effect::new(move |before: Option<()>| {
        let Place { route, parameter } = place.get();
        let about = if parameter.is_empty() {
            parameter
        } else {
            format!("{parameter} · ")
        };
        document().set_title(&format!("{about}{} · Relay", route.title()));
        // The door's screens put the keyboard into their first field.
        if before.is_some() && !route.is_door() {
            // After the new screen is in the page, where somebody may be quick.
            request_animation_frame(|| {
                if !browser::is_typing() {
                    browser::focus("#page-title");
                }
            });
        }
    });
    view! {
        {screen}
        <ToastRegion />
    }
}

/// The door: setting up, or signing in and going on to wherever the address says.
#[component]
fn Outside() -> impl IntoView {
    let navigator = use_navigator();
    let parts = expect_context::<Parts>();
    let route = Memo::new(move |_| navigator.route());
    move || {
        if !route.get().is_door() {
            let address = navigator.address();
            navigator.replace(&route::sign_in_then(&address.path, &address.query));
        }
        parts.screen(route.get())
    }
}

/// Inside: the shell with the address's screen. The session is in context for all of it.
#[component]
fn Inside(session: Session) -> impl IntoView {
    let navigator = use_navigator();
    let parts = expect_context::<Parts>();
    provide_context(session);
    // Someone signed in has no business at these; the door's other screens have something to say.
    Effect::new(move || {
        if matches!(navigator.route(), Route::SignIn | Route::SignUp) {
            navigator.replace(&route::after_sign_in(&navigator.address().query));
        }
    });
    let door = Memo::new(move |_| match navigator.route() {
        Route::SignIn | Route::SignUp => None,
        route => route.is_door().then_some(route),
    });
    // Another parameter makes the screen anew; another query does not.
    let place = Memo::new(move |_| navigator.place());
    move || match door.get() {
        Some(route) => parts.screen(route),
        None => view! { <Shell>{move || parts.screen(place.get().route)}</Shell> }.into_any(),
    }
}

/// Whether the member may change what apps and users live on. Viewers are shown no button that would be
/// refused.
pub(crate) fn may_change() -> bool {
    use_session().may(relay_api::Role::Developer)
}

/// The session of the member who is signed in. Only screens inside the shell may ask.
pub(crate) fn use_session() -> Session {
    expect_context()
}
