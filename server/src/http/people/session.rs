//! The first owner, signing in and out, going to another tenant, who is signed in and where.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use relay_api::{
    Account, Me, Membership, NewOwner, Page, Session, SetupLink, SignIn, SignInOptions,
    SwitchTenant, TenantSummary,
};
use secrecy::ExposeSecret;

use super::visit::Visiting;
use crate::app::App;
use crate::clock::rfc3339;
use crate::http::access::{SignedInMember, cookie_name, session_token};
use crate::http::body::{Json, Path};
use crate::identity::{SESSION_LIFE, SignedIn, session_id};
use crate::problem::Problem;
use crate::store::SessionRow;

pub(super) type WithCookie = (StatusCode, [(HeaderName, HeaderValue); 1], Answer<Me>);

/// `GET /api/setup`
pub(crate) async fn setup_state(State(app): State<Arc<App>>) -> Result<Answer<SetupLink>, Problem> {
    Ok(Answer(SetupLink {
        needed: app.identity.needs_setup().await?,
    }))
}

/// `GET /api/sign-in-options`
pub(crate) async fn options(State(app): State<Arc<App>>) -> Result<Answer<SignInOptions>, Problem> {
    Ok(Answer(app.identity.options().await?))
}

/// `POST /api/setup`
pub(crate) async fn set_up(
    State(app): State<Arc<App>>,
    Visiting(visit): Visiting,
    Json(form): Json<NewOwner>,
) -> Result<WithCookie, Problem> {
    let signed_in = app.identity.set_up(form, &visit).await?;
    app.freshness.everything_changed();
    with_cookie(&app, StatusCode::CREATED, signed_in).await
}

/// `POST /api/session`
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    Visiting(visit): Visiting,
    Json(form): Json<SignIn>,
) -> Result<WithCookie, Problem> {
    let signed_in = app.identity.sign_in(form, &visit).await?;
    with_cookie(&app, StatusCode::OK, signed_in).await
}

/// `DELETE /api/session`
pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    if let Some(token) = session_token(&app, &headers) {
        app.identity.sign_out(token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, no_session(&app)?)]))
}

/// `POST /api/session/tenant`
pub(crate) async fn switch(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Visiting(visit): Visiting,
    Json(wanted): Json<SwitchTenant>,
) -> Result<WithCookie, Problem> {
    let switched = app.identity.switch(&session, &wanted.tenant_id, &visit);
    with_cookie(&app, StatusCode::OK, switched.await?).await
}

/// `GET /api/me`
pub(crate) async fn me(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
) -> Result<Answer<Me>, Problem> {
    Ok(Answer(shown(&app, session).await?))
}

/// `GET /api/sessions`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
) -> Result<Answer<Page<Session>>, Problem> {
    let sessions = app.identity.sessions(&session).await?;
    let data = sessions.into_iter().map(|one| Session {
        id: session_id(&one.token_hash),
        current: one.token_hash == session.token_hash,
        created_at: rfc3339(one.created_at),
        last_seen_at: rfc3339(one.last_seen_at.max(one.created_at)),
        expires_at: rfc3339(one.expires_at),
        user_agent: one.user_agent,
        address: one.address,
    });
    Ok(Answer(Page {
        data: data.collect(),
        next_cursor: None,
    }))
}

/// `DELETE /api/sessions/{id}`
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.identity.revoke_session(&session, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/sessions`
pub(crate) async fn revoke_others(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
) -> Result<StatusCode, Problem> {
    app.identity.revoke_others(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn shown(app: &App, session: SessionRow) -> Result<Me, Problem> {
    let belongs = app.store.memberships(&session.member_id).await?;
    let may_create_tenants = app.identity.may_create_tenants(&belongs);
    let tenants = belongs.into_iter().map(|one| Membership {
        id: one.tenant_id,
        name: one.tenant_name,
        role: one.role,
    });
    Ok(Me {
        account: Account {
            name: session.member_name,
            email: session.email,
            second_factor: session.second_factor,
            has_password: session.has_password,
        },
        tenant: TenantSummary {
            id: session.tenant_id,
            name: session.tenant_name,
        },
        role: session.role,
        tenants: tenants.collect(),
        may_create_tenants,
        public_url: app.config.public_url.clone(),
    })
}

pub(super) async fn with_cookie(
    app: &App,
    status: StatusCode,
    signed_in: SignedIn,
) -> Result<WithCookie, Problem> {
    let cookie = session_cookie(app, &signed_in)?;
    let me = shown(app, signed_in.session).await?;
    Ok((status, [(SET_COOKIE, cookie)], Answer(me)))
}

pub(super) fn session_cookie(app: &App, signed_in: &SignedIn) -> Result<HeaderValue, Problem> {
    let token = signed_in.token.expose_secret();
    cookie(app, cookie_name(app), token, SESSION_LIFE.as_secs())
}

/// Takes the session's cookie away.
pub(super) fn no_session(app: &App) -> Result<HeaderValue, Problem> {
    cookie(app, cookie_name(app), "", 0)
}

pub(super) fn cookie(
    app: &App,
    name: &str,
    value: &str,
    max_age_seconds: u64,
) -> Result<HeaderValue, Problem> {
    let secure = if app.config.is_https() {
        "; Secure"
    } else {
        ""
    };
    let text = format!(
        "{name}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}"
    );
    let mut value = HeaderValue::try_from(text).map_err(Problem::internal)?;
    value.set_sensitive(true);
    Ok(value)
}
