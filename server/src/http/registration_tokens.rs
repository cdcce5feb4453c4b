//! `POST /v1/registration-tokens`: permission for one end user to connect one credential, or to manage
//! what is connected.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{NewRegistrationToken, RegistrationToken};

use super::access::Principal;
use super::body::Json;
use super::call::bound;
use super::origins::origins;
use super::users::{check_label, host};
use crate::app::App;
use crate::clock::rfc3339;
use crate::duration;
use crate::problem::Problem;
use crate::vaulting::Grant;

const MINUTE: Duration = Duration::from_mins(1);
const DEFAULT_LIFE: Duration = Duration::from_mins(15);
const LONGEST_LIFE: Duration = Duration::from_hours(1);
const MAX_ORIGINS: usize = 20;

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Json(wanted): Json<NewRegistrationToken>,
) -> Result<(StatusCode, Answer<RegistrationToken>), Problem> {
    check_label("endUserLabel", &wanted.end_user_label)?;
    let label = Some(wanted.end_user_label.clone());
    bound(principal.bound_to.as_deref(), label)?;
    if let Some(provider) = &wanted.provider {
        host(&app, &principal.tenant_id, provider).await?;
    }
    let life = match &wanted.expires_in {
        None => DEFAULT_LIFE,
        Some(expires_in) => duration::of(expires_in)
            .filter(|life| (MINUTE..=LONGEST_LIFE).contains(life))
            .ok_or_else(|| {
                Problem::field(
                    "expiresIn",
                    "must be 1 to 60 minutes: a number of minutes (15), or text like \"15m\" or \
                     \"90s\"",
                )
            })?,
    };
    let allowed_origins = match wanted.allowed_origins.as_deref() {
        None => None,
        Some([]) => {
            return Err(Problem::field(
                "allowedOrigins",
                "must name one origin at least",
            ));
        }
        Some(given) => Some(origins("allowedOrigins", given, MAX_ORIGINS)?),
    };
    let (registration_token, claims) = app
        .registration
        .issue(Grant {
            tenant_id: &principal.tenant_id,
            end_user_label: &wanted.end_user_label,
            provider: wanted.provider.as_deref(),
            allowed_origins: allowed_origins.as_deref(),
            scope: wanted.scope,
            life,
        })
        .map_err(Problem::internal)?;
    let expires_at = rfc3339(claims.expires_at_ms());
    Ok((
        StatusCode::CREATED,
        Answer(RegistrationToken {
            registration_token,
            expires_at,
        }),
    ))
}
