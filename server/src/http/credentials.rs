//! The tenant's own provider keys.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{Credential, NewCredential, Page};
use relay_vault::OwnerKind;

use super::access::Principal;
use super::body::{Json, Path};
use super::users::{put as put_for, shown, take_out};
use crate::app::App;
use crate::problem::Problem;
use crate::vaulting::For;

/// `GET /v1/credentials`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
) -> Result<Answer<Page<Credential>>, Problem> {
    let tenant_id = &principal.tenant_id;
    let rows = app
        .store
        .credentials_of(tenant_id, OwnerKind::Tenant, tenant_id)
        .await?;
    Ok(Answer(Page {
        data: rows.into_iter().map(shown).collect(),
        next_cursor: None,
    }))
}

/// `PUT /v1/credentials/{provider}`
pub(super) async fn put(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(provider): Path<String>,
    Json(given): Json<NewCredential>,
) -> Result<(StatusCode, Answer<Credential>), Problem> {
    put_for(&app, &principal.tenant_id, For::Tenant, &provider, given).await
}

/// `DELETE /v1/credentials/{provider}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(provider): Path<String>,
) -> Result<StatusCode, Problem> {
    let tenant_id = &principal.tenant_id;
    take_out(&app, tenant_id, OwnerKind::Tenant, tenant_id, &provider).await
}
