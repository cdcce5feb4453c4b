//! What surrounds every screen inside: the navigation, the tenant, the member and the theme.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{Me, NewTenant, SwitchTenant};

use crate::api::Session;
use crate::app::use_session;
use crate::browser;
use crate::checks::{self, Tried};
use crate::door::{Door, focus_soon};
use crate::format;
use crate::navigation::{Link, use_navigator};
use crate::role;
use crate::route::Route;
use crate::ui::{Choice, Field, Form, Icon, Logo, ThemeSwitch, Toasts, form_dialog, menu, sending};

/// The navigation: a heading (none for the first group) and its screens. Only screens that exist.
const GROUPS: [(&str, &[(Route, Icon)]); 3] = [
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
            (Route::Policies, Icon::Shield),
            (Route::Providers, Icon::Plug),
            (Route::Models, Icon::Cube),
            (Route::Webhooks, Icon::Bell),
        ],
    ),
    (
        "Tenant",
        &[
            (Route::Members, Icon::Team),
            (Route::Audit, Icon::Book),
            (Route::Settings, Icon::Gear),
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

/// The tenant, and the way to others where there are any or may be.
#[component]
fn Tenant() -> impl IntoView {
    let session = StoredValue::new(use_session());
    let creating = RwSignal::new(false);
    let switcher = move || {
        let me = session.get_value().watch_me();
        let name = me.tenant.name.clone();
        let words = view! {
            <span class="tenant-words">
                <span class="tenant-label">"Tenant"</span>
                <span class="tenant-name" title=name.clone()>{name.clone()}</span>
            </span>
        }
        .into_any();
        if me.tenants.len() < 2 && !me.may_create_tenants {
            return view! { <div class="tenant">{words}</div> }.into_any();
        }
        let choices = tenant_choices(&me, session, creating);
        view! {
            <div class="tenant tenant-menu">
                {menu("tenants", "Switch tenant", words, choices)}
            </div>
        }
        .into_any()
    };
    view! {
        {switcher}
        {form_dialog(
            creating,
            "create-tenant",
            Signal::stored("Create a tenant".to_owned()),
            "Create tenant",
            move || tenant_form(session),
        )}
    }
}

fn tenant_choices(me: &Me, session: StoredValue<Session>, creating: RwSignal<bool>) -> Vec<Choice> {
    let toasts = expect_context::<Toasts>();
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let mut choices: Vec<_> = me
        .tenants
        .iter()
        .map(|tenant| {
            let is_here = tenant.id == me.tenant.id;
            let body = SwitchTenant {
                tenant_id: tenant.id.clone(),
            };
            let act = move || {
                let body = body.clone();
                if is_here {
                    return;
                }
                spawn_local(async move {
                    let changed = session
                        .get_value()
                        .change("/api/session/tenant", &body)
                        .await;
                    match changed {
                        Ok(there) => door.enter_at(there, navigator, &Route::Overview.path()),
                        Err(problem) => toasts.failed(problem),
                    }
                });
            };
            Choice {
                label: tenant.name.clone(),
                note: role::name(tenant.role).to_owned(),
                chosen: Some(is_here),
                act: Box::new(act),
            }
        })
        .collect();
    if me.may_create_tenants {
        choices.push(Choice {
            label: "Create a tenant…".to_owned(),
            note: String::new(),
            chosen: None,
            act: Box::new(move || creating.set(true)),
        });
    }
    choices
}

fn tenant_form(session: StoredValue<Session>) -> Form {
    let door = expect_context::<Door>();
    let navigator = use_navigator();
    let name = RwSignal::new(String::new());
    let tried = Tried::new();
    let error = tried.check(name, checks::tenant);
    let body = Field::new("Tenant name", "tenant-name")
        .hint("Its keys, users and requests are apart from those of your other tenants. You are its owner.")
        .error(error)
        .line(name);
    focus_soon("#tenant-name");
    Form::new(body, move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let body = NewTenant {
            name: name.get_untracked().trim().to_owned(),
        };
        sending(async move {
            let there = session.get_value().change("/api/tenants", &body).await?;
            door.enter_at(there, navigator, &Route::GetStarted.path());
            Ok(())
        })
    })
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
    let who = {
        let session = session.clone();
        move || {
            let me = session.watch_me();
            let (name, email) = (me.account.name.clone(), me.account.email.clone());
            let hover = format!("{email} ({})", me.role);
            view! {
                <Link to=Route::Account class="member-who" current=true>
                    <span class="avatar" aria-hidden="true">{format::initials(&name)}</span>
                    <span class="member-words">
                        <span class="member-name" title=name.clone()>{name.clone()}</span>
                        <span class="member-mail" title=hover>{email}</span>
                    </span>
                    <span class="visually-hidden">": account"</span>
                </Link>
            }
        }
    };
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
            {who}
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
