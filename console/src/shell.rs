//! What surrounds every screen inside: the navigation, the tenant, the member and the theme.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::use_session;
use crate::browser;
use crate::format;
use crate::navigation::{Link, use_navigator};
use crate::route::Route;
use crate::ui::{Icon, Logo, ThemeSwitch, Toasts};

/// The navigation: a heading (none for the first group) and its screens. Only screens that exist.
const GROUPS: [(&str, &[(Route, Icon)]); 2] = [
    (
        "",
        &[
            (Route::Overview, Icon::Home),
            (Route::GetStarted, Icon::Flag),
            (Route::Requests, Icon::List),
            (Route::Usage, Icon::Bars),
            (Route::Users, Icon::People),
        ],
    ),
    (
        "Gateway",
        &[
            (Route::RelayKeys, Icon::Key),
            (Route::Providers, Icon::Plug),
        ],
    ),
];

/// The frame around a screen. On a narrow window the navigation folds behind a button.
#[component]
pub(crate) fn Shell(
    /// The screen.
    children: ChildrenFn,
) -> impl IntoView {
    let navigator = use_navigator();
    let open = RwSignal::new(false);
    // Going somewhere closes the folded navigation.
    Effect::new(move || {
        navigator.route();
        open.set(false);
    });
    let on_escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
            browser::focus("#menu-button");
        }
    };
    view! {
        <a class="skip" href="#content" on:click=skip_to_content>
            "Skip to content"
        </a>
        <div class="shell" class:shell-open=open on:keydown=on_escape>
            <header class="topbar">
                <Link to=Route::Overview class="home-link">
                    <Logo />
                </Link>
                <button
                    id="menu-button"
                    type="button"
                    class="btn-icon"
                    aria-label="Menu"
                    aria-controls="sidebar"
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {move || if open.get() { Icon::Close } else { Icon::Menu }.view()}
                </button>
            </header>
            <aside class="sidebar" id="sidebar" aria-label="Console">
                <div class="sidebar-head">
                    <Link to=Route::Overview class="home-link">
                        <Logo />
                    </Link>
                </div>
                <Tenant />
                <Navigation />
                <Member />
            </aside>
            <div class="scrim" on:click=move |_| open.set(false)></div>
            <main id="content" class="content" tabindex="-1">
                {children()}
            </main>
        </div>
    }
}

/// Moves the keyboard past the navigation without leaving `#content` in the address.
fn skip_to_content(click: ev::MouseEvent) {
    click.prevent_default();
    browser::focus("#content");
}

#[component]
fn Tenant() -> impl IntoView {
    let name = use_session().me().tenant.name.clone();
    view! {
        <div class="tenant">
            <span class="tenant-label">"Tenant"</span>
            <span class="tenant-name" title=name.clone()>{name.clone()}</span>
        </div>
    }
}

#[component]
fn Navigation() -> impl IntoView {
    let groups = GROUPS
        .into_iter()
        .map(|(heading, screens)| {
            let links = screens
                .iter()
                .map(|(route, icon)| {
                    view! {
                        <li>
                            <Link to=*route class="nav-link" current=true>
                                {icon.view()}
                                {route.title()}
                            </Link>
                        </li>
                    }
                })
                .collect_view();
            view! {
                {(!heading.is_empty()).then(|| view! { <p class="nav-heading">{heading}</p> })}
                <ul>{links}</ul>
            }
        })
        .collect_view();
    view! {
        <nav class="nav" aria-label="Main">
            {groups}
        </nav>
    }
}

#[component]
fn Member() -> impl IntoView {
    let session = use_session();
    let toasts = expect_context::<Toasts>();
    let navigator = use_navigator();
    let busy = RwSignal::new(false);
    let me = session.me();
    let (name, email) = (me.account.name.clone(), me.account.email.clone());
    let initials = format::initials(&name);
    let role = me.role.as_str();
    let sign_out = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let session = session.clone();
        spawn_local(async move {
            match session.sign_out().await {
                // The next person starts at the front door, not at this screen.
                Ok(()) => navigator.replace(&Route::SignIn.path()),
                Err(problem) => {
                    busy.try_set(false);
                    toasts.failed(problem);
                }
            }
        });
    };
    view! {
        <div class="member">
            <div class="member-who">
                <span class="avatar" aria-hidden="true">{initials}</span>
                <div class="member-words">
                    <span class="member-name" title=name.clone()>{name.clone()}</span>
                    <span class="member-mail" title=format!("{email} ({role})")>{email.clone()}</span>
                </div>
            </div>
            <div class="member-actions">
                <ThemeSwitch />
                <button type="button" class="btn btn-small btn-plain" on:click=sign_out>
                    {Icon::Exit.view()}
                    "Sign out"
                </button>
            </div>
        </div>
    }
}
