//! The console's code comes in parts, so that nobody waits for screens that they do not look at.
//!
//! What every screen needs is loaded first, with the part of the screen asked for; the others follow
//! while it is read. `cargo xtask wasm` cuts the parts apart at the functions below marked `wasm_split`:
//! what only one of them reaches goes into its file.

#![allow(
    clippy::unnecessary_wraps,
    reason = "a part that cannot be had is an error, which `wasm_split` makes of the same type"
)]

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::browser;
use crate::door::door_waiting;
use crate::pages::{
    self, GetStarted, Models, NotFound, OneModel, OnePolicy, OneRelayKey, Overview, Policies,
    Provider, Providers, RelayKeys, Request, Requests, Usage, User, Users,
};
use crate::problem::Problem;
use crate::route::Route;
use crate::ui::Failure;

/// A part of the console's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What was called: requests, use, cost.
    Calls,
    /// Who may call: relay keys, policies, end users.
    Access,
    /// What is called: providers and models.
    Providers,
    /// Who runs the tenant and what is told of it: members, audit, webhooks.
    Tenant,
    /// How things are set up: getting started, the tenant's settings, one's own account.
    Settings,
    /// Getting in.
    Door,
}

/// Draws a part's screens.
type Draw = fn(Route) -> AnyView;

/// What is known of a part.
#[derive(Clone, Copy)]
enum Loaded {
    /// Nobody asked, or it is on its way.
    NotYet,
    /// It can draw.
    Ready(Draw),
    /// It could not be had.
    Failed,
}

impl Part {
    /// In the order in which they are worth loading ahead.
    const ALL: [Self; 6] = [
        Self::Calls,
        Self::Access,
        Self::Providers,
        Self::Tenant,
        Self::Settings,
        Self::Door,
    ];

    const fn of(route: Route) -> Self {
        match route {
            route if route.is_door() => Self::Door,
            Route::Webhooks | Route::Webhook | Route::Members | Route::Audit => Self::Tenant,
            Route::GetStarted | Route::Settings | Route::Account => Self::Settings,
            Route::Users
            | Route::User
            | Route::RelayKeys
            | Route::RelayKey
            | Route::Policies
            | Route::Policy => Self::Access,
            Route::Providers | Route::Provider | Route::Models | Route::Model => Self::Providers,
            _ => Self::Calls,
        }
    }

    async fn load(self) -> Result<Draw, SplitLoaderError> {
        match self {
            Self::Door => door().await,
            Self::Calls => calls().await,
            Self::Access => access().await,
            Self::Providers => providers().await,
            Self::Tenant => tenant().await,
            Self::Settings => settings().await,
        }
    }
}

#[wasm_split(door, wasm_split_path = leptos::wasm_split, fallible)]
fn door() -> Result<Draw, SplitLoaderError> {
    Ok(|route| match route {
        Route::Setup => pages::setup(),
        Route::SignUp => pages::sign_up(),
        Route::Confirm => pages::confirm(),
        Route::Reset => pages::reset(),
        Route::Invitation => pages::invitation(),
        _ => pages::sign_in(),
    })
}

#[wasm_split(calls, wasm_split_path = leptos::wasm_split, fallible)]
fn calls() -> Result<Draw, SplitLoaderError> {
    Ok(|route| match route {
        Route::Overview => view! { <Overview /> }.into_any(),
        Route::Requests => view! { <Requests /> }.into_any(),
        Route::Request => view! { <Request /> }.into_any(),
        Route::Usage => view! { <Usage /> }.into_any(),
        _ => view! { <NotFound /> }.into_any(),
    })
}

#[wasm_split(access, wasm_split_path = leptos::wasm_split, fallible)]
fn access() -> Result<Draw, SplitLoaderError> {
    Ok(|route| match route {
        Route::Users => view! { <Users /> }.into_any(),
        Route::User => view! { <User /> }.into_any(),
        Route::RelayKeys => view! { <RelayKeys /> }.into_any(),
        Route::RelayKey => view! { <OneRelayKey /> }.into_any(),
        Route::Policies => view! { <Policies /> }.into_any(),
        _ => view! { <OnePolicy /> }.into_any(),
    })
}

#[wasm_split(providers, wasm_split_path = leptos::wasm_split, fallible)]
fn providers() -> Result<Draw, SplitLoaderError> {
    Ok(|route| match route {
        Route::Providers => view! { <Providers /> }.into_any(),
        Route::Provider => view! { <Provider /> }.into_any(),
        Route::Models => view! { <Models /> }.into_any(),
        _ => view! { <OneModel /> }.into_any(),
    })
}

#[wasm_split(tenant, wasm_split_path = leptos::wasm_split, fallible)]
fn tenant() -> Result<Draw, SplitLoaderError> {
    Ok(|route| match route {
        Route::Webhooks => pages::webhooks(),
        Route::Webhook => pages::webhook(),
        Route::Members => pages::members(),
        _ => pages::audit(),
    })
}

#[wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)]
fn settings() -> Result<Draw, SplitLoaderError> {
    Ok(|route| match route {
        Route::GetStarted => view! { <GetStarted /> }.into_any(),
        Route::Settings => pages::settings(),
        _ => pages::account(),
    })
}

/// The parts, as far as they are loaded. Copies share one state.
#[derive(Clone, Copy)]
pub(crate) struct Parts([RwSignal<Loaded>; Part::ALL.len()]);

impl Parts {
    /// Begins to load what `route` needs.
    pub(crate) fn new(route: Route) -> Self {
        let parts = Self(Part::ALL.map(|_| RwSignal::new(Loaded::NotYet)));
        parts.load(Part::of(route));
        parts
    }

    /// A screen, or what stands in its place until its part has come. Tracks.
    pub(crate) fn screen(self, route: Route) -> AnyView {
        let part = Part::of(route);
        match self.state(part).get() {
            Loaded::Ready(draw) => draw(route),
            Loaded::NotYet => {
                self.load(part);
                if part == Part::Door {
                    door_waiting()
                } else {
                    ().into_any()
                }
            }
            // After an update the file may be gone for good: the page knows the new one's name.
            Loaded::Failed => view! {
                <Failure problem=Problem::load_failed("this page") retry=|()| browser::reload() />
            }
            .into_any(),
        }
    }

    fn state(self, part: Part) -> RwSignal<Loaded> {
        self.0[part as usize]
    }

    /// Loads a part that is wanted now, and then the others, so that nobody waits for them later.
    fn load(self, wanted: Part) {
        spawn_local(async move {
            let loaded = wanted.load().await;
            self.state(wanted)
                .try_set(loaded.map_or(Loaded::Failed, Loaded::Ready));
            for part in Part::ALL {
                let state = self.state(part);
                if let Some(Loaded::NotYet) = state.try_get_untracked()
                    && let Ok(draw) = part.load().await
                {
                    state.try_set(Loaded::Ready(draw));
                }
            }
        });
    }
}
