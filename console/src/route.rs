//! The console's addresses. Pure: text in, [`Place`] out, and back.
//!
//! A new screen is a variant, its line in [`Route::facts`] and in [`Route::ALL`]; then its file in
//! `pages`, its line in `app`, and, for what stands in the navigation, its line in `shell`.

use crate::percent;

/// Where the console is served.
pub(crate) const BASE: &str = "/console";

/// A screen of the console. What a screen is about (`{id}` below) is the address's *parameter*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    Overview,
    GetStarted,
    Requests,
    Request,
    Usage,
    Users,
    User,
    RelayKeys,
    RelayKey,
    Policies,
    Policy,
    Providers,
    Provider,
    Models,
    Model,
    Webhooks,
    Webhook,
    Members,
    Audit,
    Settings,
    Account,
    SignIn,
    SignUp,
    Confirm,
    Reset,
    Invitation,
    Setup,
    /// Anything else.
    NotFound,
}

/// What an address without a query leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// The screen.
    pub(crate) route: Route,
    /// What it is about, decoded; empty where the screen has no parameter.
    pub(crate) parameter: String,
}

impl Route {
    /// Every screen that has an address.
    pub(crate) const ALL: [Self; 27] = [
        Self::Overview,
        Self::GetStarted,
        Self::Requests,
        Self::Request,
        Self::Usage,
        Self::Users,
        Self::User,
        Self::RelayKeys,
        Self::RelayKey,
        Self::Policies,
        Self::Policy,
        Self::Providers,
        Self::Provider,
        Self::Models,
        Self::Model,
        Self::Webhooks,
        Self::Webhook,
        Self::Members,
        Self::Audit,
        Self::Settings,
        Self::Account,
        Self::SignIn,
        Self::SignUp,
        Self::Confirm,
        Self::Reset,
        Self::Invitation,
        Self::Setup,
    ];

    /// The address below [`BASE`], `/{id}` at its end standing for a parameter, and the screen's name.
    const fn facts(self) -> (&'static str, &'static str) {
        match self {
            Self::Overview => ("", "Overview"),
            Self::GetStarted => ("/get-started", "Get started"),
            Self::Requests => ("/requests", "Requests"),
            Self::Request => ("/requests/{id}", "Request"),
            Self::Usage => ("/usage", "Usage"),
            Self::Users => ("/users", "Users"),
            Self::User => ("/users/{id}", "User"),
            Self::RelayKeys => ("/relay-keys", "Relay keys"),
            Self::RelayKey => ("/relay-keys/{id}", "Relay key"),
            Self::Policies => ("/policies", "Policies"),
            Self::Policy => ("/policies/{id}", "Policy"),
            Self::Providers => ("/providers", "Providers"),
            Self::Provider => ("/providers/{id}", "Provider"),
            Self::Models => ("/models", "Models"),
            Self::Model => ("/models/{id}", "Model"),
            Self::Webhooks => ("/webhooks", "Webhooks"),
            Self::Webhook => ("/webhooks/{id}", "Webhook"),
            Self::Members => ("/members", "Members"),
            Self::Audit => ("/audit", "Audit"),
            Self::Settings => ("/settings", "Settings"),
            Self::Account => ("/account", "Account"),
            Self::SignIn => ("/sign-in", "Sign in"),
            Self::SignUp => ("/sign-up", "Sign up"),
            Self::Confirm => ("/confirm", "Confirm your e-mail"),
            Self::Reset => ("/reset", "Reset your password"),
            Self::Invitation => ("/invitation", "Invitation"),
            Self::Setup => ("/setup", "Set up Relay"),
            Self::NotFound => ("", "Page not found"),
        }
    }

    /// The screen's address; of a screen with a parameter, that of the list it belongs to.
    pub(crate) fn path(self) -> String {
        let (path, _) = self.facts();
        format!("{BASE}{}", path.trim_end_matches("/{id}"))
    }

    /// The address of a screen with this parameter; of one without, its own.
    pub(crate) fn path_of(self, parameter: &str) -> String {
        let list = self.path();
        if self.has_parameter() {
            format!("{list}/{}", percent::encode(parameter))
        } else {
            list
        }
    }

    /// The screen's name in navigation, headings and the window's title.
    pub(crate) const fn title(self) -> &'static str {
        self.facts().1
    }

    /// The screen that the navigation marks while this one is shown.
    pub(crate) fn section(self) -> Self {
        if self.has_parameter() {
            let list = self.path();
            Place::parse(&list).route
        } else {
            self
        }
    }

    /// Whether the screen stands at the door: it has no navigation, and needs nobody signed in.
    pub(crate) const fn is_door(self) -> bool {
        matches!(
            self,
            Self::SignIn
                | Self::SignUp
                | Self::Confirm
                | Self::Reset
                | Self::Invitation
                | Self::Setup
        )
    }

    fn has_parameter(self) -> bool {
        self.facts().0.ends_with("/{id}")
    }
}

impl Place {
    /// What an address's path leads to.
    pub(crate) fn parse(path: &str) -> Self {
        path.strip_prefix(BASE)
            .and_then(|rest| Self::find(rest.trim_end_matches('/')))
            .unwrap_or_else(|| Self::plain(Route::NotFound))
    }

    fn plain(route: Route) -> Self {
        Self {
            route,
            parameter: String::new(),
        }
    }

    fn find(path: &str) -> Option<Self> {
        // What the providers' screen was called before.
        if path == "/provider-keys" {
            return Some(Self::plain(Route::Providers));
        }
        Route::ALL.into_iter().find_map(|route| {
            let (pattern, _) = route.facts();
            let Some(list) = pattern.strip_suffix("{id}") else {
                return (pattern == path).then(|| Self::plain(route));
            };
            let parameter = path.strip_prefix(list).filter(|id| !id.contains('/'))?;
            // Browsers resolve `.` and `..` away, even when encoded: they can name nothing.
            let parameter = percent::decode(parameter)?;
            percent::segment(&parameter)?;
            Some(Self { route, parameter })
        })
    }
}

/// The sign-in address that leads back to `path` and `query` (`?a=b` or empty) afterwards.
pub(crate) fn sign_in_then(path: &str, query: &str) -> String {
    let sign_in = Route::SignIn.path();
    match Place::parse(path).route {
        route if route.is_door() => sign_in,
        Route::Overview if query.is_empty() => sign_in,
        _ => format!(
            "{sign_in}?next={}",
            percent::encode(&format!("{path}{query}"))
        ),
    }
}

/// Where to go after signing in, from the sign-in address's query. Only ever inside the console:
/// the query is whatever a link someone sent says.
pub(crate) fn after_sign_in(query: &str) -> String {
    let home = || Route::Overview.path();
    let Some(next) = query_value(query, "next") else {
        return home();
    };
    let path = next.split(['?', '#']).next().unwrap_or_default();
    match Place::parse(path).route {
        Route::NotFound => home(),
        route if route.is_door() => home(),
        _ => next,
    }
}

/// The decoded value of a name in a query string such as `?a=b&c=d`.
pub(crate) fn query_value(query: &str, name: &str) -> Option<String> {
    pairs(query)
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| percent::decode(value))
}

/// The query with some names' values changed: an empty value takes the name out. Empty, or begins
/// with `?`.
pub(crate) fn query_with(query: &str, changes: &[(&str, &str)]) -> String {
    let kept = pairs(query)
        .filter(|(key, _)| changes.iter().all(|(name, _)| name != key))
        .map(|(key, value)| format!("{key}={value}"));
    let set = changes
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", percent::encode(value)));
    let joined = kept.chain(set).collect::<Vec<_>>().join("&");
    if joined.is_empty() {
        joined
    } else {
        format!("?{joined}")
    }
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Route {
        Place::parse(path).route
    }

    #[test]
    fn every_screen_is_found_at_its_own_address() {
        for screen in Route::ALL {
            let path = screen.path_of("x y/z");
            let place = Place::parse(&path);
            assert_eq!(place.route, screen);
            assert_eq!(route(&format!("{path}/")), screen);
            let parameter = if screen.has_parameter() { "x y/z" } else { "" };
            assert_eq!(place.parameter, parameter);
        }
    }

    #[test]
    fn a_screen_with_a_parameter_belongs_to_its_list() {
        assert_eq!(Route::User.section(), Route::Users);
        assert_eq!(Route::Webhook.section(), Route::Webhooks);
        assert_eq!(Route::Users.section(), Route::Users);
        assert_eq!(route("/console/provider-keys"), Route::Providers);
    }

    #[test]
    fn other_addresses_are_not_found() {
        for path in [
            "/",
            "",
            "/consoles",
            "/console/nowhere",
            "/console/users/x/y",
            "/console/users/..",
            "/console/users/%2e%2e",
            "/console/users/%zz",
            "/console/sign-in/x",
        ] {
            assert_eq!(route(path), Route::NotFound, "{path}");
        }
    }

    #[test]
    fn signing_in_leads_back_to_where_one_was() {
        for (path, query) in [
            ("/console/requests", "?status=424&user=a%20b"),
            ("/console/users/a%40b", ""),
        ] {
            let address = sign_in_then(path, query);
            let leads_back = &address[Route::SignIn.path().len()..];
            assert_eq!(after_sign_in(leads_back), format!("{path}{query}"));
        }
    }

    #[test]
    fn signing_in_from_the_front_door_leads_to_the_overview() {
        for path in [
            "/console",
            "/console/sign-in",
            "/console/setup",
            "/console/reset",
        ] {
            assert_eq!(sign_in_then(path, ""), "/console/sign-in");
        }
        assert_eq!(after_sign_in(""), "/console");
    }

    #[test]
    fn signing_in_never_leads_out_of_the_console() {
        for next in [
            "https://evil.example",
            "//evil.example/console",
            "/console.evil.example",
            "/console@evil.example",
            "/console/../v1/users",
            "/console/users/../../v1/users",
            "javascript:alert(1)",
            "%",
            "/console/setup",
        ] {
            let query = format!("?next={}", percent::encode(next));
            assert_eq!(after_sign_in(&query), "/console", "{next}");
        }
        assert_eq!(after_sign_in("?next=%zz"), "/console");
    }

    #[test]
    fn a_query_keeps_what_is_not_changed_and_forgets_what_is_emptied() {
        assert_eq!(query_with("", &[("a", "b c")]), "?a=b%20c");
        assert_eq!(query_with("?a=1&b=2", &[("a", "3")]), "?b=2&a=3");
        assert_eq!(query_with("?a=1&b=%20", &[("a", "")]), "?b=%20");
        assert_eq!(query_with("?a=1", &[("a", "")]), "");
        assert_eq!(
            query_value(&query_with("", &[("q", "a&b=c")]), "q").as_deref(),
            Some("a&b=c")
        );
    }
}
