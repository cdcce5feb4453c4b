//! Tenants that members make, leave and delete.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue, StatusCode};
use relay_api::{NewTenant, RemovedTenant};

use super::session::{WithCookie, no_session, with_cookie};
use super::visit::Visiting;
use crate::app::App;
use crate::http::access::SignedInMember;
use crate::http::body::Json;
use crate::problem::Problem;

/// `POST /api/tenants`
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Visiting(visit): Visiting,
    Json(wanted): Json<NewTenant>,
) -> Result<WithCookie, Problem> {
    let made = app.identity.create_tenant(&session, &wanted.name, &visit);
    with_cookie(&app, StatusCode::CREATED, made.await?).await
}

/// `DELETE /api/session/tenant`
pub(crate) async fn leave(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    app.identity.leave_tenant(&session).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, no_session(&app)?)]))
}

/// `DELETE /api/tenant`
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Json(typed): Json<RemovedTenant>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    app.identity.remove_tenant(&session, &typed.name).await?;
    app.freshness.tenant_changed(&session.tenant_id);
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, no_session(&app)?)]))
}
