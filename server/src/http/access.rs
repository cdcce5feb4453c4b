//! Who is calling: the check that runs before every handler, and what handlers learn from it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use relay_api::Scope;
use url::Url;

use super::routes::Access;
use crate::app::App;
use crate::identity::{KeyInForce, PREFIX, RelayKeyError};
use crate::problem::Problem;
use crate::store::SessionRow;
use crate::vaulting::{Claims, TokenError};

/// Headers that may carry the bearer, besides `Authorization`: the official clients' own.
const KEY_HEADERS: [&str; 2] = ["x-api-key", "x-goog-api-key"];
/// What may follow a relay key, for tools that can set no header of their own:
/// `rly-...:user=LABEL`, the label percent-encoded.
const USER_SUFFIX: &str = ":user=";

/// Who manages a tenant: the only thing a management handler knows its tenant from.
#[derive(Debug, Clone)]
pub(super) struct Principal {
    pub(super) tenant_id: String,
}

/// The relay key of an inference call.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) key: Arc<KeyInForce>,
    /// The end user that the bearer names behind the key.
    pub(super) end_user: Option<String>,
}

/// The session of a console page.
#[derive(Clone)]
pub(super) struct SignedInMember(pub(super) SessionRow);

/// The registration token of a widget.
#[derive(Clone)]
pub(super) struct Bearer(pub(super) Claims);

/// Lets a request through to its handler, or answers why not.
pub(super) async fn check(
    State((app, access)): State<(Arc<App>, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&app, access, &mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admit(app: &App, access: Access, request: &mut Parts) -> Result<(), Problem> {
    match access {
        Access::Public => {}
        Access::Inference => {
            let in_query = request.uri.query().and_then(key_in_query);
            let (bearer, end_user) = match bearer(&request.headers, in_query.as_deref()) {
                None => (None, None),
                Some(bearer) => named_user(bearer)?,
            };
            let key = relay_key(app, bearer, Scope::Inference).await?;
            request.extensions.insert(Caller { key, end_user });
        }
        Access::Tokens | Access::Manage => {
            let scope = if access == Access::Tokens {
                Scope::Tokens
            } else {
                Scope::Manage
            };
            let bearer = bearer(&request.headers, None);
            let tenant_id = if bearer.is_some() {
                relay_key(app, bearer, scope).await?.row.tenant_id.clone()
            } else {
                member(app, request).await?.tenant_id
            };
            request.extensions.insert(Principal { tenant_id });
        }
        Access::Session => {
            let session = member(app, request).await?;
            request.extensions.insert(SignedInMember(session));
        }
        Access::Widget => {
            let claims = registration_token(app, &request.headers)?;
            request.extensions.insert(Bearer(claims));
        }
    }
    Ok(())
}

fn unauthorized(code: &str, message: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, message)
}

async fn relay_key(
    app: &App,
    bearer: Option<&str>,
    scope: Scope,
) -> Result<Arc<KeyInForce>, Problem> {
    let bearer = bearer.ok_or_else(|| {
        unauthorized(
            "missing_relay_key",
            "Send a relay key: `Authorization: Bearer rly-...`. Keys are made in the console.",
        )
    })?;
    let key = app.relay_keys.find(bearer).await.map_err(|error| match error {
        RelayKeyError::Unknown => unauthorized(
            "invalid_relay_key",
            "This is not a relay key of this Relay. A relay key begins with `rly-`; make one in \
             the console.",
        ),
        RelayKeyError::Revoked => unauthorized(
            "relay_key_revoked",
            "This relay key has been revoked. Make another in the console.",
        ),
        RelayKeyError::Disabled => unauthorized(
            "relay_key_disabled",
            "This relay key is switched off. Switch it on in the console, or use another.",
        ),
        RelayKeyError::Expired => unauthorized(
            "relay_key_expired",
            "This relay key has expired. Make another in the console.",
        ),
        RelayKeyError::Store(error) => error.into(),
    })?;
    if key.row.scopes.contains(&scope) {
        return Ok(key);
    }
    let message = format!(
        "This relay key lacks the scope `{}`. Use one that has it, or make one in the console.",
        scope.as_str()
    );
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "missing_scope",
        message,
    ))
}

/// The bearer, wherever the official clients put it. Tools that send several (a placeholder in
/// one header, the key in another) mean the one that looks like a relay key.
fn bearer<'a>(headers: &'a HeaderMap, in_query: Option<&'a str>) -> Option<&'a str> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let others = KEY_HEADERS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok());
    let mut found = authorization.into_iter().chain(others).chain(in_query);
    let first = found.next()?;
    if first.starts_with(PREFIX) {
        return Some(first);
    }
    Some(
        found
            .find(|bearer| bearer.starts_with(PREFIX))
            .unwrap_or(first),
    )
}

/// `?key=`, where Google's tools put it.
fn key_in_query(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "key").then(|| value.into_owned()))
}

/// A bearer without the end user it may name, and that end user.
fn named_user(bearer: &str) -> Result<(Option<&str>, Option<String>), Problem> {
    let Some((key, label)) = bearer.split_once(USER_SUFFIX) else {
        return Ok((Some(bearer), None));
    };
    let field = "the end user behind the relay key";
    let label = percent_encoding::percent_decode_str(label)
        .decode_utf8()
        .map_err(|_| Problem::field(field, "must be percent-encoded UTF-8"))?;
    super::users::check_label(field, &label)?;
    Ok((Some(key), Some(label.into_owned())))
}

fn registration_token(app: &App, headers: &HeaderMap) -> Result<Claims, Problem> {
    let token = bearer(headers, None).ok_or_else(|| {
        unauthorized(
            "missing_token",
            "Send a registration token: `Authorization: Bearer ...`.",
        )
    })?;
    let claims = app.registration.read(token).map_err(|error| match error {
        TokenError::Invalid => unauthorized(
            "token_invalid",
            "This is not a registration token of this Relay. Issue one: \
             POST /v1/registration-tokens.",
        ),
        TokenError::Expired => unauthorized(
            "token_expired",
            "This registration token has expired. Issue a new one: POST /v1/registration-tokens.",
        ),
    })?;
    if let Some(allowed) = &claims.allowed_origins {
        let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        let known = origin.is_some_and(|origin| {
            origin == app.config.public_url || allowed.iter().any(|allowed| allowed == origin)
        });
        if !known {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "origin_not_allowed",
                "This registration token may not be used by a page of this origin. Name the \
                 page's origin in `allowedOrigins` when issuing it.",
            ));
        }
    }
    Ok(claims)
}

/// The name of the session's cookie: `__Host-` where browsers will take it.
pub(super) fn cookie_name(app: &App) -> &'static str {
    if app.config.is_https() {
        "__Host-relay_session"
    } else {
        "relay_session"
    }
}

/// The session's secret in the request's cookies.
pub(super) fn session_token<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = cookie_name(app);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

async fn member(app: &App, request: &Parts) -> Result<SessionRow, Problem> {
    let not_signed_in = || unauthorized("not_signed_in", "Sign in, or send a relay key.");
    let token = session_token(app, &request.headers).ok_or_else(not_signed_in)?;
    let session = app
        .identity
        .session(token)
        .await?
        .ok_or_else(not_signed_in)?;
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    if !reads && same_origin(&request.headers) != Some(true) {
        return Err(cross_site());
    }
    if !reads && session.role == "viewer" && request.uri.path() != "/api/session" {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "role_may_not",
            "Your role may look but not change. Ask an owner or admin of this tenant.",
        ));
    }
    Ok(session)
}

/// The answer to a request that another site had a browser send.
pub(super) fn cross_site() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        "This request did not come from Relay's own pages.",
    )
}

/// Whether a browser says that its page is Relay's own; none where no browser says anything.
/// `Sec-Fetch-Site` (W3C Fetch Metadata) where there is one, else `Origin` against `Host`.
pub(super) fn same_origin(headers: &HeaderMap) -> Option<bool> {
    if let Some(site) = headers.get("sec-fetch-site") {
        return Some(site == "same-origin");
    }
    let origin = headers.get(ORIGIN)?;
    let own = || {
        let origin = Url::parse(origin.to_str().ok()?).ok()?;
        let host = headers.get(HOST)?.to_str().ok()?;
        let port = origin
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        Some(format!("{}{port}", origin.host_str()?) == host)
    };
    Some(own().unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    value.parse().expect("a header"),
                )
            })
            .collect()
    }

    #[test]
    fn the_bearer_is_found_where_official_clients_put_it() {
        for (given, found) in [
            (&[("authorization", "Bearer a")][..], Some("a")),
            (&[("authorization", "bearer  a ")], Some("a")),
            (&[("x-api-key", "b")], Some("b")),
            (&[("x-goog-api-key", "c")], Some("c")),
            (&[("authorization", "Basic eDp5")], None),
            (
                &[("authorization", "Basic eDp5"), ("x-api-key", "b")],
                Some("b"),
            ),
            (
                &[("authorization", "Bearer a"), ("x-api-key", "rly-b")],
                Some("rly-b"),
            ),
            (&[], None),
        ] {
            assert_eq!(bearer(&headers(given), None), found, "{given:?}");
        }
        assert_eq!(bearer(&headers(&[]), Some("rly-d")), Some("rly-d"));
        assert_eq!(
            key_in_query("alt=sse&key=rly%2Dd").as_deref(),
            Some("rly-d")
        );
    }

    #[test]
    fn a_bearer_may_name_an_end_user_behind_the_key() {
        let named = |bearer: &'static str| named_user(bearer).ok();
        assert_eq!(named("rly-a"), Some((Some("rly-a"), None)));
        assert_eq!(
            named("rly-a:user=ada%20l%C3%A9"),
            Some((Some("rly-a"), Some("ada l\u{e9}".to_owned())))
        );
        for bad in [
            "rly-a:user=",
            "rly-a:user=%FF",
            "rly-a:user=%0A",
            "rly-a:user=..",
        ] {
            assert_eq!(named(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_relays_own_pages_are_same_origin() {
        let relay = ("host", "localhost:8787");
        assert_eq!(same_origin(&headers(&[relay])), None);
        for (name, value, own) in [
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
            ("origin", "http://localhost:8787", true),
            ("origin", "http://localhost:9999", false),
            ("origin", "http://evil.example", false),
            ("origin", "null", false),
        ] {
            assert_eq!(
                same_origin(&headers(&[relay, (name, value)])),
                Some(own),
                "{name}: {value}"
            );
        }
    }
}
