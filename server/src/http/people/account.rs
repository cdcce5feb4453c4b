//! A person's own account: name, password, second factor.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{
    ChangedAccount, ChangedPassword, Me, NewSecondFactor, RecoveryCodes, RemovedSecondFactor,
    SecondFactorCode, SecondFactorSecret,
};

use super::problem::unconfirmed;
use super::session::shown;
use super::visit::Visiting;
use crate::app::App;
use crate::http::access::SignedInMember;
use crate::http::body::Json;
use crate::problem::Problem;

/// `PATCH /api/account`
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(mut session)): Extension<SignedInMember>,
    Json(wanted): Json<ChangedAccount>,
) -> Result<Answer<Me>, Problem> {
    app.identity.rename(&session, &wanted.name).await?;
    wanted.name.trim().clone_into(&mut session.member_name);
    Ok(Answer(shown(&app, session).await?))
}

/// `POST /api/account/password`
pub(crate) async fn change_password(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Visiting(visit): Visiting,
    Json(form): Json<ChangedPassword>,
) -> Result<StatusCode, Problem> {
    let changed = app.identity.change_password(&session, form, &visit);
    changed.await.map_err(unconfirmed)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/account/totp`
pub(crate) async fn begin_second_factor(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Visiting(visit): Visiting,
    Json(form): Json<NewSecondFactor>,
) -> Result<Answer<SecondFactorSecret>, Problem> {
    let begun = app
        .identity
        .begin_second_factor(&session, form.password, &visit);
    begun.await.map(Answer).map_err(unconfirmed)
}

/// `POST /api/account/totp/confirm`
pub(crate) async fn confirm_second_factor(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Json(form): Json<SecondFactorCode>,
) -> Result<Answer<RecoveryCodes>, Problem> {
    let confirmed = app.identity.confirm_second_factor(&session, &form.code);
    confirmed.await.map(Answer).map_err(unconfirmed)
}

/// `POST /api/account/totp/remove`
pub(crate) async fn remove_second_factor(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Visiting(visit): Visiting,
    Json(form): Json<RemovedSecondFactor>,
) -> Result<StatusCode, Problem> {
    let removed = app
        .identity
        .remove_second_factor(&session, form.password, &form.code, &visit);
    removed.await.map_err(unconfirmed)?;
    Ok(StatusCode::NO_CONTENT)
}
