//! Hosts: the catalog's, and the tenant's own.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{Host, NewHost, Page};
use serde_json::json;

use super::access::Principal;
use super::body::{Json, Path};
use crate::app::App;
use crate::catalog::{Overlay, RowFault};
use crate::problem::Problem;
use crate::store::OverlayPut;

impl From<RowFault> for Problem {
    fn from(fault: RowFault) -> Self {
        Self::field(fault.field(), fault.problem())
    }
}

/// `GET /v1/hosts`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
) -> Result<Answer<Page<Host>>, Problem> {
    let catalog = app.catalogs.of(&principal.tenant_id).await?;
    let hosts = catalog.hosts();
    let shown = hosts.map(|host| host.shown(app.catalog.host(&host.id).is_some()));
    Ok(Answer(Page {
        data: shown.collect(),
        next_cursor: None,
    }))
}

/// `GET /v1/hosts/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Answer<Host>, Problem> {
    let catalog = app.catalogs.of(&principal.tenant_id).await?;
    let host = catalog
        .host(&id)
        .ok_or_else(|| Problem::not_found("host"))?;
    Ok(Answer(host.shown(app.catalog.host(&id).is_some())))
}

/// `PUT /v1/hosts/{id}`
pub(super) async fn put(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    Json(wanted): Json<NewHost>,
) -> Result<(StatusCode, Answer<Host>), Problem> {
    let tenant_id = &principal.tenant_id;
    let own = Overlay::of(&app.catalog, [(id.clone(), wanted.clone())], [])?;
    let shown = own.hosts().first().map(|host| host.shown(false));
    let shown = shown.ok_or_else(|| Problem::internal("a host of its own is none"))?;
    let audit = principal.audit(&app, "host.put", format!("hosts/{id}"));
    let audit = audit.with(json!({ "baseUrl": wanted.base_url }));
    let put = app.store.put_host(tenant_id, &id, &wanted, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    Ok((answered(put, "host")?, Answer(shown)))
}

/// `DELETE /v1/hosts/{id}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let tenant_id = &principal.tenant_id;
    let audit = principal.audit(&app, "host.remove", format!("hosts/{id}"));
    let removed = app.store.remove_host(tenant_id, &id, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    answered(removed, "host")
}

/// What is told of a write of one of the tenant's own rows.
pub(super) fn answered(put: OverlayPut, what: &str) -> Result<StatusCode, Problem> {
    let in_use = |message| Problem::new(StatusCode::CONFLICT, "host_in_use", message);
    match put {
        OverlayPut::Created => Ok(StatusCode::CREATED),
        OverlayPut::Replaced => Ok(StatusCode::OK),
        OverlayPut::Removed => Ok(StatusCode::NO_CONTENT),
        OverlayPut::Gone => Err(Problem::not_found(what)),
        OverlayPut::HasCredentials => Err(in_use(
            "Keys are connected to this host, and may not go to another address or be left without \
             one. Remove them first, or make another host.",
        )),
        OverlayPut::HasModels => Err(in_use(
            "Models of yours are bound to this host. Bind them elsewhere, or remove them, first.",
        )),
        OverlayPut::TooMany => Err(Problem::field(
            "id",
            "is one too many: a tenant has at most 50 hosts and 1000 models of its own",
        )),
    }
}
