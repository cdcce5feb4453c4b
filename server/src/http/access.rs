//! Who is calling: the check that runs before every handler, and what handlers learn from it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{COOKIE, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use relay_api::{Role, Scope};
use url::Url;

use super::bearer::{bearer, key_in_query, named_user};
use super::connecting::token_cancelled;
use super::routes::Access;
use super::{page_origin, source};
use crate::app::App;
use crate::identity::{KeyInForce, RelayKeyError};
use crate::problem::Problem;
use crate::store::{Actor, Audit, SessionRow};
use crate::vaulting::{Claims, TokenError};

/// Who manages a tenant: the only thing a management handler knows its tenant from.
#[derive(Debug, Clone)]
pub(super) struct Principal {
    pub(super) tenant_id: String,
    /// Whom the audit trail names.
    pub(super) actor: Actor,
    /// The one end user it may act for, if it is a relay key that is bound to one.
    pub(super) bound_to: Option<String>,
    /// Whether it may read what users asked and were answered, where that is kept.
    pub(super) reads_bodies: bool,
    /// Whether it may make and change relay keys that manage: whoever has such a key may do what
    /// an admin may.
    pub(super) makes_managers: bool,
}

impl Principal {
    fn of_key(key: &KeyInForce) -> Self {
        Self {
            tenant_id: key.row.tenant_id.clone(),
            actor: Actor::RelayKey(key.row.id.clone()),
            bound_to: key.row.end_user.clone(),
            reads_bodies: true,
            makes_managers: true,
        }
    }

    fn of_member(session: SessionRow) -> Self {
        Self {
            tenant_id: session.tenant_id,
            actor: Actor::Member(session.member_id),
            bound_to: None,
            reads_bodies: session.role != Role::Viewer,
            makes_managers: session.role >= Role::Admin,
        }
    }

    /// The end user of a registration token, who manages what is their own and nothing else.
    pub(super) fn of_end_user(claims: &Claims) -> Self {
        Self {
            tenant_id: claims.tenant_id.clone(),
            actor: Actor::EndUser(claims.end_user_label.clone()),
            bound_to: Some(claims.end_user_label.clone()),
            reads_bodies: false,
            makes_managers: false,
        }
    }

    /// The audit trail's entry of a change that this principal is about to make.
    pub(super) fn audit(&self, app: &App, action: &str, subject: impl Into<String>) -> Audit {
        Audit::new(&self.actor, app.clock.now(), action, subject)
    }
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
    State((app, access, least)): State<(Arc<App>, Access, Option<Role>)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&app, access, least, &mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admit(
    app: &App,
    access: Access,
    least: Option<Role>,
    request: &mut Parts,
) -> Result<(), Problem> {
    match access {
        Access::Public => {}
        Access::Inference => {
            let in_query = request.uri.query().and_then(key_in_query);
            let (bearer, end_user) = match bearer(&request.headers, in_query.as_deref()) {
                None => (None, None),
                Some(bearer) => named_user(bearer)?,
            };
            let key = relay_key(app, request, bearer, Scope::Inference).await?;
            request.extensions.insert(Caller { key, end_user });
        }
        Access::Tokens | Access::Manage => {
            let scope = if access == Access::Tokens {
                Scope::Tokens
            } else {
                Scope::Manage
            };
            let bearer = bearer(&request.headers, None);
            let principal = if bearer.is_some() {
                Principal::of_key(&*relay_key(app, request, bearer, scope).await?)
            } else {
                Principal::of_member(member(app, request, least).await?)
            };
            request.extensions.insert(principal);
        }
        Access::Session => {
            let session = member(app, request, least).await?;
            request.extensions.insert(SignedInMember(session));
        }
        Access::Widget => {
            let claims = registration_token(app, &request.headers).await?;
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
    request: &Parts,
    bearer: Option<&str>,
    scope: Scope,
) -> Result<Arc<KeyInForce>, Problem> {
    let bearer = bearer.ok_or_else(|| {
        unauthorized(
            "missing_relay_key",
            "Send a relay key: `Authorization: Bearer rly-...`. Keys are made in the console.",
        )
    })?;
    let key = app.relay_keys.find(bearer).await.map_err(unusable)?;
    if !key.allows_source(source::address(app, request)) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "source_not_allowed",
            "This relay key may not be used from this address. Call from one of the networks in \
             its `sources`, or change them.",
        ));
    }
    if key.row.scopes.contains(&scope) {
        return Ok(key);
    }
    Err(missing_scope(scope))
}

/// What the caller with a relay key that lacks a scope is told.
pub(super) fn missing_scope(scope: Scope) -> Problem {
    let message = format!(
        "This relay key lacks the scope `{}`. Use one that has it, or make one in the console.",
        scope.as_str()
    );
    Problem::new(StatusCode::FORBIDDEN, "missing_scope", message)
}

/// What the caller with a relay key that may not be used is told.
pub(super) fn unusable(error: RelayKeyError) -> Problem {
    match error {
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
        RelayKeyError::Rotated => unauthorized(
            "relay_key_rotated",
            "This relay key was given another bearer, and this one's time is over. Use the new one.",
        ),
        RelayKeyError::Store(error) => error.into(),
    }
}

async fn registration_token(app: &App, headers: &HeaderMap) -> Result<Claims, Problem> {
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
    let (tenant_id, label) = (&claims.tenant_id, &claims.end_user_label);
    let cancelled = app
        .store
        .is_token_cancelled(tenant_id, label, &claims.token_id);
    if cancelled.await? {
        return Err(token_cancelled());
    }
    page_origin::check(app, headers, &claims).await?;
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
    cookie_value(headers, cookie_name(app)).filter(|token| !token.is_empty())
}

/// The first cookie of this name.
pub(super) fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

async fn member(app: &App, request: &Parts, least: Option<Role>) -> Result<SessionRow, Problem> {
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
    // A route that says nothing of members is for none of them.
    match least {
        Some(least) if session.role >= least => Ok(session),
        Some(least) => Err(role_may_not(least)),
        None => Err(role_may_not(Role::Owner)),
    }
}

/// The answer to a member whose role does not suffice.
pub(super) fn role_may_not(least: Role) -> Problem {
    let message = match least {
        Role::Viewer | Role::Developer => {
            "Your role may look but not change. Ask an owner or admin of this tenant."
        }
        Role::Admin => "This takes the role of an admin. Ask an owner or admin of this tenant.",
        Role::Owner => "This is for an owner of this tenant. Ask one.",
    };
    Problem::new(StatusCode::FORBIDDEN, "role_may_not", message)
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
