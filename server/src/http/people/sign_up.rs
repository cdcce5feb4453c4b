//! How people come and come back: sign-up and forgotten passwords. What is asked for is answered
//! alike whoever asks; what comes of it is mailed.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use relay_api::{AskedReset, ConfirmedSignUp, NewPassword, NewSignUp};

use super::session::{WithCookie, with_cookie};
use super::visit::Visiting;
use crate::app::App;
use crate::http::body::Json;
use crate::identity::IdentityError;
use crate::problem::Problem;

/// `POST /api/sign-up`
pub(crate) async fn sign_up(
    State(app): State<Arc<App>>,
    Visiting(visit): Visiting,
    Json(form): Json<NewSignUp>,
) -> Result<StatusCode, Problem> {
    app.identity.sign_up(form, &visit).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/sign-up/confirm`
pub(crate) async fn confirm(
    State(app): State<Arc<App>>,
    Visiting(visit): Visiting,
    Json(form): Json<ConfirmedSignUp>,
) -> Result<WithCookie, Problem> {
    let confirmed = app.identity.confirm_sign_up(form, &visit).await;
    let signed_in = confirmed.map_err(|error| match error {
        IdentityError::WrongPassword => Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong_password",
            "This is not the password that was chosen when signing up. If you signed up twice, open \
             the link of the other mail; if you did not sign up, leave it.",
        ),
        error => error.into(),
    })?;
    app.freshness.everything_changed();
    with_cookie(&app, StatusCode::OK, signed_in).await
}

/// `POST /api/password-reset`
pub(crate) async fn ask_reset(
    State(app): State<Arc<App>>,
    Visiting(visit): Visiting,
    Json(form): Json<AskedReset>,
) -> Result<StatusCode, Problem> {
    app.identity.ask_reset(&form.email, &visit).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/password-reset/confirm`
pub(crate) async fn reset(
    State(app): State<Arc<App>>,
    Visiting(visit): Visiting,
    Json(form): Json<NewPassword>,
) -> Result<WithCookie, Problem> {
    let signed_in = app.identity.reset_password(form, &visit).await?;
    with_cookie(&app, StatusCode::OK, signed_in).await
}
