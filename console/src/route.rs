//! The console's addresses. Pure: text in, [`Route`] out, and back.

use crate::percent;

/// Where the console is served.
pub(crate) const BASE: &str = "/console";

/// A screen of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/console`: getting started.
    Overview,
    /// `/console/requests`.
    Requests,
    /// `/console/users`.
    Users,
    /// `/console/relay-keys`.
    RelayKeys,
    /// `/console/provider-keys`: the tenant's own credentials.
    ProviderKeys,
    /// `/console/sign-in`.
    SignIn,
    /// `/console/setup`: makes the first owner.
    Setup,
    /// Anything else.
    NotFound,
}

impl Route {
    /// The screen of an address's path.
    pub(crate) fn parse(path: &str) -> Self {
        let Some(rest) = path.strip_prefix(BASE) else {
            return Self::NotFound;
        };
        match rest.trim_end_matches('/') {
            "" => Self::Overview,
            "/requests" => Self::Requests,
            "/users" => Self::Users,
            "/relay-keys" => Self::RelayKeys,
            "/provider-keys" => Self::ProviderKeys,
            "/sign-in" => Self::SignIn,
            "/setup" => Self::Setup,
            _ => Self::NotFound,
        }
    }

    /// The screen's address.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Overview | Self::NotFound => BASE,
            Self::Requests => "/console/requests",
            Self::Users => "/console/users",
            Self::RelayKeys => "/console/relay-keys",
            Self::ProviderKeys => "/console/provider-keys",
            Self::SignIn => "/console/sign-in",
            Self::Setup => "/console/setup",
        }
    }

    /// The screen's name in navigation, headings and the window's title.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Requests => "Requests",
            Self::Users => "Users",
            Self::RelayKeys => "Relay keys",
            Self::ProviderKeys => "Provider keys",
            Self::SignIn => "Sign in",
            Self::Setup => "Set up Relay",
            Self::NotFound => "Page not found",
        }
    }
}

/// The sign-in address that leads back to `path` and `query` (`?a=b` or empty) afterwards.
pub(crate) fn sign_in_then(path: &str, query: &str) -> String {
    let sign_in = Route::SignIn.path();
    match Route::parse(path) {
        Route::SignIn | Route::Setup => sign_in.to_owned(),
        Route::Overview if query.is_empty() => sign_in.to_owned(),
        _ => format!(
            "{sign_in}?next={}",
            percent::encode(&format!("{path}{query}"))
        ),
    }
}

/// Where to go after signing in, from the sign-in address's query. Only ever inside the console:
/// the query is whatever a link someone sent says.
pub(crate) fn after_sign_in(query: &str) -> String {
    let home = || Route::Overview.path().to_owned();
    let Some(next) = query_value(query, "next") else {
        return home();
    };
    let path = next.split(['?', '#']).next().unwrap_or_default();
    match Route::parse(path) {
        Route::NotFound | Route::SignIn | Route::Setup => home(),
        _ => next,
    }
}

/// The decoded value of a name in a query string such as `?a=b&c=d`.
pub(crate) fn query_value(query: &str, name: &str) -> Option<String> {
    query
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| percent::decode(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Route; 7] = [
        Route::Overview,
        Route::Requests,
        Route::Users,
        Route::RelayKeys,
        Route::ProviderKeys,
        Route::SignIn,
        Route::Setup,
    ];

    #[test]
    fn every_screen_is_found_at_its_own_address() {
        for route in ALL {
            assert_eq!(Route::parse(route.path()), route);
            assert_eq!(Route::parse(&format!("{}/", route.path())), route);
        }
    }

    #[test]
    fn other_addresses_are_not_found() {
        for path in ["/", "/consoles", "/console/nowhere", "/console/users/x", ""] {
            assert_eq!(Route::parse(path), Route::NotFound, "{path}");
        }
    }

    #[test]
    fn signing_in_leads_back_to_where_one_was() {
        let address = sign_in_then("/console/requests", "?status=424&user=a%20b");
        let query = &address[Route::SignIn.path().len()..];
        assert_eq!(
            after_sign_in(query),
            "/console/requests?status=424&user=a%20b"
        );
    }

    #[test]
    fn signing_in_from_the_front_door_leads_to_the_overview() {
        for path in ["/console", "/console/sign-in", "/console/setup"] {
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
            "javascript:alert(1)",
            "%",
            "/console/setup",
        ] {
            let query = format!("?next={}", percent::encode(next));
            assert_eq!(after_sign_in(&query), "/console", "{next}");
        }
        assert_eq!(after_sign_in("?next=%zz"), "/console");
    }
}
