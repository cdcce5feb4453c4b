//! The tenant's own provider keys: its pool.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{Credential, NewCredential, Page};
use relay_vault::OwnerKind;
use serde_json::json;

use super::access::Principal;
use super::body::{Json, Path};
use super::connecting::{connect, place, take_out};
use super::users::shown;
use crate::app::App;
use crate::problem::Problem;
use crate::store::Slot;
use crate::vaulting::{DEFAULT_NAME, For, is_pool_name};

/// `GET /v1/credentials`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
) -> Result<Answer<Page<Credential>>, Problem> {
    let rows = app.store.tenant_credentials(&principal.tenant_id).await?;
    Ok(Answer(Page {
        data: rows.into_iter().map(shown).collect(),
        next_cursor: None,
    }))
}

/// `PUT /v1/credentials/{provider}`
pub(super) async fn put_default(
    app: State<Arc<App>>,
    principal: Extension<Principal>,
    Path(provider): Path<String>,
    given: Json<NewCredential>,
) -> Result<(StatusCode, Answer<Credential>), Problem> {
    let named = Path((provider, DEFAULT_NAME.to_owned()));
    put(app, principal, named, given).await
}

/// `PUT /v1/credentials/{provider}/{name}`
pub(super) async fn put(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path((provider, name)): Path<(String, String)>,
    Json(given): Json<NewCredential>,
) -> Result<(StatusCode, Answer<Credential>), Problem> {
    if !is_pool_name(&name) {
        return Err(Problem::field(
            "name",
            "must be 1 to 64 lower-case letters, digits, `-` and `_`",
        ));
    }
    if given.api_key.is_some() {
        connect(&app, &principal, For::Tenant(&name), &provider, given).await
    } else {
        let changed = change(&app, &principal, &provider, &name, &given).await?;
        Ok((StatusCode::OK, changed))
    }
}

/// Changes how the pool uses a credential that is connected.
async fn change(
    app: &App,
    principal: &Principal,
    provider: &str,
    name: &str,
    given: &NewCredential,
) -> Result<Answer<Credential>, Problem> {
    let tenant_id = &principal.tenant_id;
    let owner = For::Tenant(name);
    let wanted = place(owner, given)?;
    if given.base_url.is_some() {
        return Err(Problem::field(
            "baseUrl",
            "needs `apiKey` beside it: a key that is connected is never sent to another address",
        ));
    }
    let audit = principal.audit(app, "credential.change", owner.subject(provider));
    let audit = audit.with(json!({
        "weight": wanted.weight, "priority": wanted.priority,
        "disabled": wanted.disabled, "limits": wanted.limits,
    }));
    let change = |place: &mut _| wanted.apply(place);
    let slot = slot(tenant_id, provider, name);
    let changed = app.store.change_credential(tenant_id, slot, change, &audit);
    let changed = changed.await?;
    app.freshness.tenant_changed(tenant_id);
    if let Some(row) = changed {
        return Ok(Answer(shown(row)));
    }
    super::users::host(app, tenant_id, provider).await?;
    let problem = "is missing: there is no credential of this name yet";
    Err(Problem::field("apiKey", problem))
}

/// `DELETE /v1/credentials/{provider}`
pub(super) async fn remove_default(
    app: State<Arc<App>>,
    principal: Extension<Principal>,
    Path(provider): Path<String>,
) -> Result<StatusCode, Problem> {
    let named = Path((provider, DEFAULT_NAME.to_owned()));
    remove(app, principal, named).await
}

/// `DELETE /v1/credentials/{provider}/{name}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path((provider, name)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let slot = slot(&principal.tenant_id, &provider, &name);
    let subject = For::Tenant(&name).subject(&provider);
    take_out(&app, &principal, slot, subject).await
}

fn slot<'a>(tenant_id: &'a str, host: &'a str, name: &'a str) -> Slot<'a> {
    Slot {
        kind: OwnerKind::Tenant,
        owner_id: tenant_id,
        host,
        name,
    }
}
