//! What the tenant decides for all of its pages: its name, where the widget may be used and how it
//! looks, how long requests are kept; and the end of the tenant.

mod builder;
mod widget_code;

use leptos::prelude::*;
use relay_api::{Branding, ChangedTenantSettings, RemovedTenant, Role, TenantSettings};

use crate::api::{Method, Session};
use crate::app::use_session;
use crate::checks::{self, Tried};
use crate::remote::Remote;
use crate::route::Route;
use crate::ui::{
    Asked, Field, Form, Icon, PageHeader, Toasts, ask_dialog, facts, not_offered, panel_form,
    section, sending, words_of,
};

/// What the screen's parts share.
#[derive(Clone, Copy)]
struct Shared {
    session: StoredValue<Session>,
    settings: Remote<TenantSettings>,
    toasts: Toasts,
}

impl Shared {
    /// Saves a part of the settings.
    async fn save(self, change: ChangedTenantSettings) -> Result<(), crate::problem::Problem> {
        let session = self.session.get_value();
        let saved: TenantSettings = session.send(Method::Patch, "/v1/settings", &change).await?;
        self.settings.value.try_set(Some(saved));
        Ok(())
    }

    /// A form that saves a part of the settings, and says so.
    fn form(
        self,
        body: AnyView,
        change: impl Fn() -> Option<ChangedTenantSettings> + 'static,
    ) -> AnyView {
        let submit = move || {
            let change = change()?;
            sending(self.save(change))
        };
        let saved = Callback::new(move |()| self.toasts.done("Settings saved."));
        panel_form(Form::new(body, submit), "Save", saved)
    }
}

/// The screen.
pub(crate) fn settings() -> AnyView {
    let session = use_session();
    let shared = Shared {
        settings: Remote::new(session.clone(), || "/v1/settings".to_owned()),
        session: StoredValue::new(session.clone()),
        toasts: expect_context(),
    };
    let may_manage = session.may(Role::Admin);
    let is_owner = session.may(Role::Owner);
    view! {
        <PageHeader title=Route::Settings.title() about="They hold for the whole tenant." />
        {(!may_manage).then(|| not_offered("Owners and admins change settings."))}
        {shared.settings.view_once(move |settings| {
            if may_manage { forms(shared, settings) } else { read_only(settings) }
        })}
        {section(
            "Widget builder",
            "Try how the widget looks, then take the code to your page.",
            builder::builder(shared.settings),
        )}
        {is_owner.then(|| danger(shared.session))}
    }
    .into_any()
}

fn days(number: Option<u32>) -> String {
    match number {
        None => "As long as this Relay keeps them".to_owned(),
        Some(1) => "1 day".to_owned(),
        Some(days) => format!("{days} days"),
    }
}

fn read_only(settings: TenantSettings) -> AnyView {
    let origins = if settings.allowed_origins.is_empty() {
        "Any".to_owned()
    } else {
        settings.allowed_origins.join(", ")
    };
    let accent = settings
        .branding
        .accent_color
        .unwrap_or_else(|| "Relay's own".to_owned());
    view! {
        <div class="panel card">
            {facts(
                vec![
                    ("Tenant name", settings.tenant_name.into_any()),
                    ("Widget origins", origins.into_any()),
                    ("Accent colour", accent.into_any()),
                    ("Requests kept", days(settings.requests_retention_days).into_any()),
                ],
            )}
        </div>
    }
    .into_any()
}

fn forms(shared: Shared, settings: TenantSettings) -> AnyView {
    let longest = settings.longest_retention_days;
    view! {
        {section("General", "What people call this tenant.", general(shared, &settings))}
        {section(
            "Allowed origins",
            "Web pages that may use the widget, where a registration token does not say, and that may show it in a frame.",
            origins(shared, &settings),
        )}
        {section("Branding", "How the widget looks, where your page says nothing else.", branding(shared, &settings))}
        {section("Retention", "How long requests and their traces are kept one by one. Totals stay.", retention(shared, settings.requests_retention_days, longest))}
    }
    .into_any()
}

fn general(shared: Shared, settings: &TenantSettings) -> AnyView {
    let name = RwSignal::new(settings.tenant_name.clone());
    let tried = Tried::new();
    let error = tried.check(name, checks::tenant);
    let body = Field::new("Tenant name", "settings-name")
        .error(error)
        .line(name);
    let submit = move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let change = ChangedTenantSettings {
            tenant_name: Some(name.get_untracked().trim().to_owned()),
            ..ChangedTenantSettings::default()
        };
        sending(async move {
            shared.save(change).await?;
            // The navigation shows the name.
            shared.session.get_value().look_again().await
        })
    };
    let saved = Callback::new(move |()| shared.toasts.done("Settings saved."));
    panel_form(Form::new(body, submit), "Save", saved)
}

fn origins(shared: Shared, settings: &TenantSettings) -> AnyView {
    let text = RwSignal::new(settings.allowed_origins.join("\n"));
    let tried = Tried::new();
    let error = tried.check(text, |text| {
        words_of(text)
            .iter()
            .find_map(|origin| wrong_origin(origin))
    });
    let body = Field::new("Origins, one a line", "settings-origins")
        .placeholder("https://app.example.com")
        .hint("Empty: any page may use the widget with a valid token, and none may show it in a frame.")
        .error(error)
        .lines(text);
    shared.form(body, move || {
        tried.passes(&[error]).then(|| ChangedTenantSettings {
            allowed_origins: Some(words_of(&text.get_untracked())),
            ..ChangedTenantSettings::default()
        })
    })
}

/// What is certainly wrong with an origin.
fn wrong_origin(origin: &str) -> Option<String> {
    let rest = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    match rest {
        None => Some(format!("“{origin}” has to begin with https://.")),
        Some(host) if host.contains('/') => Some(format!(
            "“{origin}” must end after the host: an origin has no path."
        )),
        Some(_) => None,
    }
}

fn branding(shared: Shared, settings: &TenantSettings) -> AnyView {
    let text = |value: &Option<String>| RwSignal::new(value.clone().unwrap_or_default());
    let accent = text(&settings.branding.accent_color);
    let logo = text(&settings.branding.logo_url);
    let privacy = text(&settings.branding.privacy_url);
    let tried = Tried::new();
    let accent_error = tried.check(accent, wrong_colour);
    let logo_error = tried.check(logo, wrong_address);
    let privacy_error = tried.check(privacy, wrong_address);
    let body = view! {
        {colour_field("settings-accent", "Accent colour", accent, accent_error)}
        {Field::new("Logo address", "settings-logo")
            .kind("url")
            .placeholder("https://example.com/logo.svg")
            .error(logo_error)
            .line(logo)}
        {Field::new("Privacy page", "settings-privacy")
            .kind("url")
            .placeholder("https://example.com/privacy")
            .hint("The widget links to it.")
            .error(privacy_error)
            .line(privacy)}
    };
    shared.form(body.into_any(), move || {
        let fine = tried.passes(&[accent_error, logo_error, privacy_error]);
        let given = |text: RwSignal<String>| {
            Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
        };
        fine.then(|| ChangedTenantSettings {
            branding: Some(Branding {
                accent_color: given(accent),
                logo_url: given(logo),
                privacy_url: given(privacy),
            }),
            ..ChangedTenantSettings::default()
        })
    })
}

/// A colour as text, with the browser's own picker beside it.
fn colour_field(
    id: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    error: Signal<Option<String>>,
) -> AnyView {
    // The picker knows no "none": it shows Relay's own colour then.
    let picked = move || {
        let text = value.get();
        if wrong_colour(&text).is_some() || text.trim().is_empty() {
            "#0b6b66".to_owned()
        } else {
            text.trim().to_owned()
        }
    };
    view! {
        <div class="colour">
            {Field::new(label, id)
                .placeholder("#0b6b66")
                .hint("Six hex digits after #. Empty: Relay's own.")
                .error(error)
                .line(value)}
            <input
                type="color"
                class="colour-pick"
                aria-label=format!("Pick: {}", label.to_lowercase())
                prop:value=picked
                on:input=move |event| value.set(event_target_value(&event))
            />
        </div>
    }
    .into_any()
}

fn wrong_colour(text: &str) -> Option<String> {
    let text = text.trim();
    let figures = text.strip_prefix('#').unwrap_or_default();
    let fine = text.is_empty()
        || (figures.len() == 6 && figures.bytes().all(|figure| figure.is_ascii_hexdigit()));
    (!fine).then(|| "Write a colour as #0b6b66.".to_owned())
}

fn wrong_address(text: &str) -> Option<String> {
    let text = text.trim();
    let fine = text.is_empty() || text.starts_with("https://") || text.starts_with("http://");
    (!fine).then(|| "Begin with https://.".to_owned())
}

fn retention(shared: Shared, kept: Option<u32>, longest: Option<u32>) -> AnyView {
    let text = RwSignal::new(kept.map(|days| days.to_string()).unwrap_or_default());
    let tried = Tried::new();
    let error = tried.check(text, wrong_days);
    let most = match longest {
        Some(longest) => format!("This Relay keeps them for {} at most.", days(Some(longest))),
        None => "This Relay keeps them for good unless you say otherwise.".to_owned(),
    };
    let body = view! {
        {Field::new("Days", "settings-retention")
            .kind("number")
            .hint("1 to 3650. Empty: as long as this Relay keeps them.")
            .error(error)
            .line(text)}
        <p class="muted">{most}</p>
    };
    shared.form(body.into_any(), move || {
        tried.passes(&[error]).then(|| ChangedTenantSettings {
            requests_retention_days: Some(text.get_untracked().trim().parse().ok()),
            ..ChangedTenantSettings::default()
        })
    })
}

fn wrong_days(text: &str) -> Option<String> {
    let text = text.trim();
    let fine = text.is_empty() || matches!(text.parse::<u32>(), Ok(1..=3650));
    (!fine).then(|| "Enter a whole number of days, 1 to 3650.".to_owned())
}

/// The end of the tenant, for its owners.
fn danger(session: StoredValue<Session>) -> AnyView {
    let asked = RwSignal::new(None::<Asked>);
    let ask = move |_| {
        let name = session.with_value(|session| session.me().tenant.name.clone());
        let body = StoredValue::new(RemovedTenant { name: name.clone() });
        let mut question = Asked::new(
            format!("Delete {name}?"),
            "Every provider key of this tenant and of its users becomes unreadable at once, and its relay keys, requests, members and settings are removed. Nobody can undo this.",
            "Delete tenant",
            move || async move {
                let session = session.get_value();
                session
                    .send::<()>(Method::Delete, "/api/tenant", &body.get_value())
                    .await?;
                session.left();
                Ok(())
            },
        );
        question.typed = Some(name);
        asked.set(Some(question));
    };
    view! {
        {section(
            "Danger zone",
            "What cannot be undone.",
            view! {
                <div class="danger">
                    <p>
                        <b>"Delete this tenant"</b>
                        <span class="sub">
                            "Its keys are destroyed, and everything of it is removed."
                        </span>
                    </p>
                    <button type="button" class="btn btn-danger" on:click=ask>
                        {Icon::Alert.view()}
                        "Delete tenant"
                    </button>
                </div>
            }
                .into_any(),
        )}
        {ask_dialog(asked)}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_ends_after_its_host() {
        assert_eq!(wrong_origin("https://app.example.com"), None);
        assert_eq!(wrong_origin("http://localhost:3000"), None);
        assert!(wrong_origin("app.example.com").is_some());
        assert!(wrong_origin("https://app.example.com/").is_some());
    }

    #[test]
    fn a_colour_has_six_figures_or_is_none() {
        assert_eq!(wrong_colour(""), None);
        assert_eq!(wrong_colour("#0B6b66"), None);
        for bad in ["0b6b66", "#fff", "red", "#0b6b6g", "##0b6b6"] {
            assert!(wrong_colour(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn days_are_whole_and_bounded() {
        assert_eq!(wrong_days(""), None);
        assert_eq!(wrong_days("30"), None);
        for bad in ["0", "3651", "1.5", "x"] {
            assert!(wrong_days(bad).is_some(), "{bad}");
        }
    }
}
