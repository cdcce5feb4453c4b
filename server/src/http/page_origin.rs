//! From which pages a registration token may be used: those that the token names, else those that its tenant
//! allows, else any. Browsers say truly which page asks; programs may say anything.

use http::header::ORIGIN;
use http::{HeaderMap, StatusCode};
use relay_api::FRAMED_BY_HEADER;

use super::access::same_origin;
use crate::app::App;
use crate::problem::Problem;
use crate::vaulting::Claims;

/// What Relay's own page says when no page is around it.
const NOBODY: &str = "nobody";

/// Refuses a page that may not use this token.
pub(super) async fn check(app: &App, headers: &HeaderMap, claims: &Claims) -> Result<(), Problem> {
    let settings = app.settings.of(&claims.tenant_id).await?;
    let asks = Asks::of(headers, &app.config.public_url);
    if asks.may_use(claims.allowed_origins.as_deref(), &settings.allowed_origins) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "origin_not_allowed",
        "This registration token may not be used by a page of this origin. Name the page's origin in \
         `allowedOrigins` when issuing it, or in the tenant's settings; to show the widget in a frame, in the \
         settings.",
    ))
}

/// What a request says of the page it comes from.
struct Asks<'a> {
    /// The page's origin, if a browser says one.
    origin: Option<&'a str>,
    /// What Relay's own page says is around it. No other page can send this: it is not among the headers that
    /// the preflight (CORS) lets through.
    framed_by: Option<&'a str>,
    /// Relay's own origin.
    own: &'a str,
}

impl<'a> Asks<'a> {
    fn of(headers: &'a HeaderMap, own: &'a str) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        // Browsers leave `Origin` out of what a page reads from its own origin.
        let says_nothing = || (same_origin(headers) == Some(true)).then_some(own);
        Self {
            origin: text(ORIGIN.as_str()).or_else(says_nothing),
            framed_by: text(FRAMED_BY_HEADER),
            own,
        }
    }

    fn may_use(&self, token: Option<&[String]>, tenant: &[String]) -> bool {
        let among = |list: &[String], origin: &str| list.iter().any(|allowed| allowed == origin);
        match (self.framed_by, token) {
            (Some(NOBODY), _) => true,
            // The console shows what the widget will look like.
            (Some(around), _) if around == self.own => true,
            // The page's own header lets none but the tenant's origins frame it; a token may name fewer.
            (Some(around), token) => {
                among(tenant, around) && token.is_none_or(|token| among(token, around))
            }
            (None, Some(token)) => self
                .origin
                .is_some_and(|origin| origin == self.own || among(token, origin)),
            // An app or a backend that submits by itself is no page, and says no origin.
            (None, None) => {
                tenant.is_empty()
                    || self
                        .origin
                        .is_none_or(|origin| origin == self.own || among(tenant, origin))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example.com";
    const SHOP: &str = "https://shop.example.com";
    const EVIL: &str = "https://evil.example";
    const RELAY: &str = "https://relay.example.com";

    fn may(origin: &str, framed_by: &str, token: Option<&[&str]>, tenant: &[&str]) -> bool {
        let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let asks = Asks {
            origin: (!origin.is_empty()).then_some(origin),
            framed_by: (!framed_by.is_empty()).then_some(framed_by),
            own: RELAY,
        };
        asks.may_use(token.map(owned).as_deref(), &owned(tenant))
    }

    #[test]
    fn a_page_asks_with_the_origin_that_its_browser_says() {
        for (origin, token, tenant, allowed) in [
            (EVIL, None, &[][..], true),
            (EVIL, None, &[APP][..], false),
            (APP, None, &[APP], true),
            (RELAY, None, &[APP], true),
            ("", None, &[APP], true),
            (EVIL, Some(&[APP][..]), &[EVIL], false),
            (APP, Some(&[APP]), &[SHOP], true),
            (RELAY, Some(&[APP]), &[], true),
            ("", Some(&[APP]), &[], false),
            ("null", None, &[APP], false),
            ("null", Some(&[APP]), &[], false),
        ] {
            let asked = may(origin, "", token, tenant);
            assert_eq!(asked, allowed, "{origin} {token:?} {tenant:?}");
        }
    }

    #[test]
    fn a_page_of_relays_own_is_known_without_an_origin() {
        for (site, allowed) in [("same-origin", true), ("same-site", false), ("none", false)] {
            let site = http::HeaderValue::from_static(site);
            let headers = HeaderMap::from_iter([("sec-fetch-site".parse().expect("a name"), site)]);
            let asks = Asks::of(&headers, RELAY);
            assert_eq!(
                asks.may_use(Some(&[APP.to_owned()]), &[]),
                allowed,
                "{headers:?}"
            );
        }
    }

    #[test]
    fn a_frame_asks_for_the_page_around_it() {
        for (framed_by, token, tenant, allowed) in [
            ("nobody", Some(&[APP][..]), &[][..], true),
            (RELAY, Some(&[APP]), &[], true),
            (APP, None, &[APP][..], true),
            (APP, None, &[], false),
            (EVIL, None, &[APP], false),
            (APP, Some(&[APP]), &[APP, SHOP], true),
            (SHOP, Some(&[APP]), &[APP, SHOP], false),
            (EVIL, Some(&[EVIL]), &[APP], false),
            ("null", None, &[APP], false),
        ] {
            // A frame's own origin is Relay's: it must not count for the page around it.
            let asked = may(RELAY, framed_by, token, tenant);
            assert_eq!(asked, allowed, "{framed_by} {token:?} {tenant:?}");
        }
    }
}
