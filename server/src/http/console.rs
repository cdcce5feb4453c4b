//! The console's own routes: the first owner, signing in and out, who is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use relay_api::{Account, Me, Membership, NewOwner, SetupLink, SignIn, TenantSummary};
use secrecy::ExposeSecret;

use super::access::{SignedInMember, cookie_name, cross_site, same_origin, session_token};
use super::body::Json;
use crate::app::App;
use crate::identity::{IdentityError, SESSION_LIFE, SignedIn};
use crate::problem::Problem;
use crate::store::SessionRow;

type WithCookie = (StatusCode, [(HeaderName, HeaderValue); 1], Answer<Me>);

/// `GET /api/setup`
pub(super) async fn setup_state(State(app): State<Arc<App>>) -> Result<Answer<SetupLink>, Problem> {
    Ok(Answer(SetupLink {
        needed: app.identity.needs_setup().await?,
    }))
}

/// `POST /api/setup`
pub(super) async fn set_up(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(form): Json<NewOwner>,
) -> Result<WithCookie, Problem> {
    own_page(&headers)?;
    let signed_in = app.identity.set_up(form).await.map_err(problem)?;
    app.freshness.everything_changed();
    with_cookie(&app, StatusCode::CREATED, signed_in).await
}

/// `POST /api/session`
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(form): Json<SignIn>,
) -> Result<WithCookie, Problem> {
    own_page(&headers)?;
    let signed_in = app.identity.sign_in(form).await.map_err(problem)?;
    with_cookie(&app, StatusCode::OK, signed_in).await
}

/// `DELETE /api/session`
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    if let Some(token) = session_token(&app, &headers) {
        app.identity.sign_out(token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie(&app, "", 0)?)]))
}

/// `GET /api/me`
pub(super) async fn me(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
) -> Result<Answer<Me>, Problem> {
    Ok(Answer(shown(&app, session).await?))
}

async fn shown(app: &App, session: SessionRow) -> Result<Me, Problem> {
    let memberships = app.store.memberships(&session.member_id).await?;
    let tenants = memberships.into_iter().map(|membership| Membership {
        id: membership.tenant_id,
        name: membership.tenant_name,
        role: membership.role,
    });
    Ok(Me {
        account: Account {
            name: session.member_name,
            email: session.email,
            second_factor: false,
            has_password: true,
        },
        tenant: TenantSummary {
            id: session.tenant_id,
            name: session.tenant_name,
        },
        role: session.role,
        tenants: tenants.collect(),
        may_create_tenants: false,
        public_url: app.config.public_url.clone(),
    })
}

/// Another site must not sign a browser in: it would put the person into somebody else's account.
fn own_page(headers: &HeaderMap) -> Result<(), Problem> {
    if same_origin(headers) == Some(false) {
        Err(cross_site())
    } else {
        Ok(())
    }
}

async fn with_cookie(
    app: &App,
    status: StatusCode,
    signed_in: SignedIn,
) -> Result<WithCookie, Problem> {
    let cookie = cookie(app, signed_in.token.expose_secret(), SESSION_LIFE.as_secs())?;
    Ok((
        status,
        [(SET_COOKIE, cookie)],
        Answer(shown(app, signed_in.session).await?),
    ))
}

fn cookie(app: &App, token: &str, max_age_seconds: u64) -> Result<HeaderValue, Problem> {
    let secure = if app.config.is_https() {
        "; Secure"
    } else {
        ""
    };
    let text = format!(
        "{}={token}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}",
        cookie_name(app)
    );
    let mut value = HeaderValue::try_from(text).map_err(Problem::internal)?;
    value.set_sensitive(true);
    Ok(value)
}

fn problem(error: IdentityError) -> Problem {
    match error {
        IdentityError::WrongPassword => Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong_password",
            "The e-mail address or the password is wrong.",
        ),
        IdentityError::BadLink => Problem::new(
            StatusCode::FORBIDDEN,
            "setup_link_invalid",
            "This setup link does not work any more. Start Relay again and open the link it logs.",
        ),
        IdentityError::BadField { field, problem } => Problem::field(field, problem),
        IdentityError::TenantNameTaken => Problem::new(
            StatusCode::CONFLICT,
            "tenant_name_taken",
            "There is a tenant of this name already. Choose another name.",
        ),
        IdentityError::Store(error) => error.into(),
        IdentityError::Internal(error) => Problem::internal(error),
    }
}
