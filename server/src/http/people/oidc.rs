//! Signing in through a provider: a browser goes there, and comes back. It is led nowhere but to
//! pages of Relay's own that are named here.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json as Answer};
use http::header::{LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use relay_api::{LinkProvider, LinkedProvider, SecondFactorCode};
use serde::Deserialize;

use super::problem::unconfirmed;
use super::session::{cookie, session_cookie, shown};
use super::visit::{Visiting, signed_in};
use crate::app::App;
use crate::http::access::{SignedInMember, cookie_value};
use crate::http::body::{Json, Path};
use crate::identity::{Begun, Came, Returned, TICKET_LIFE};
use crate::problem::Problem;

/// What a provider puts into the query.
#[derive(Deserialize)]
pub(crate) struct FromProvider {
    code: Option<String>,
    #[serde(default)]
    state: String,
}

fn ticket_name(app: &App) -> &'static str {
    if app.config.is_https() {
        "__Host-relay_sign_in"
    } else {
        "relay_sign_in"
    }
}

fn ticket(app: &App, value: &str) -> Result<HeaderValue, Problem> {
    let seconds = if value.is_empty() {
        0
    } else {
        TICKET_LIFE.as_secs()
    };
    cookie(app, ticket_name(app), value, seconds)
}

fn see(location: &str, cookies: Vec<HeaderValue>) -> Result<Response, Problem> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    let location = HeaderValue::try_from(location).map_err(Problem::internal)?;
    headers.insert(LOCATION, location);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn why(code: &str) -> String {
    format!("/console/sign-in?problem={code}")
}

/// `GET /api/oidc/{provider}`
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    Visiting(visit): Visiting,
) -> Result<Response, Problem> {
    match app.identity.begin_at_provider(&provider, &visit).await {
        Ok(begun) => see(&begun.url, vec![ticket(&app, &begun.ticket)?]),
        Err(code) => see(&why(code), Vec::new()),
    }
}

/// `GET /api/oidc/{provider}/callback`
pub(crate) async fn back(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    Visiting(visit): Visiting,
    Query(from): Query<FromProvider>,
) -> Result<Response, Problem> {
    let session = signed_in(&app, &headers, &Method::GET).await?;
    let came = Came {
        code: from.code.as_deref(),
        state: &from.state,
        ticket: cookie_value(&headers, ticket_name(&app)),
    };
    let returned = app
        .identity
        .back_from_provider(&provider, &came, session.as_ref(), &visit)
        .await?;
    let used_up = ticket(&app, "")?;
    match returned {
        Returned::SignedIn(signed_in) => {
            app.freshness.everything_changed();
            let session = session_cookie(&app, &signed_in)?;
            see("/console", vec![session, used_up])
        }
        Returned::Linked => see("/console/account", vec![used_up]),
        Returned::NeedsCode(waits) => {
            see(&why("second_factor_required"), vec![ticket(&app, &waits)?])
        }
        Returned::Refused(code) => see(&why(code), vec![used_up]),
    }
}

/// `POST /api/session/second-factor`
pub(crate) async fn by_code(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Visiting(visit): Visiting,
    Json(form): Json<SecondFactorCode>,
) -> Result<Response, Problem> {
    let waits = cookie_value(&headers, ticket_name(&app));
    let signed_in = app.identity.sign_in_by_code(waits, &form.code, &visit);
    let signed_in = signed_in.await?;
    let session = session_cookie(&app, &signed_in)?;
    let me = shown(&app, signed_in.session).await?;
    let mut response = Answer(me).into_response();
    let set = response.headers_mut();
    set.append(SET_COOKIE, session);
    set.append(SET_COOKIE, ticket(&app, "")?);
    Ok(response)
}

/// `POST /api/account/providers/{provider}`
pub(crate) async fn link(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Path(provider): Path<String>,
    Visiting(visit): Visiting,
    Json(form): Json<LinkProvider>,
) -> Result<Response, Problem> {
    let begun = app
        .identity
        .begin_link(&session, &provider, form.password, &visit);
    let Begun { url, ticket: kept } = begun.await.map_err(unconfirmed)?;
    let mut response = Answer(LinkedProvider { url }).into_response();
    response
        .headers_mut()
        .append(SET_COOKIE, ticket(&app, &kept)?);
    Ok(response)
}
