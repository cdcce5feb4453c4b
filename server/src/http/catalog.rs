//! Models with their prices: the catalog's, and the tenant's own.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::{Extension, Json as Answer};
use http::{StatusCode, Uri};
use relay_api::{Model, NewModel, Page};
use serde::Deserialize;
use serde_json::json;

use super::access::Principal;
use super::body::{Json, PageOf, Path};
use super::hosts::answered;
use crate::app::App;
use crate::catalog::{self, Overlay, TenantCatalog};
use crate::problem::Problem;

const MAX_ID_CHARS: usize = 200;

/// `?provider=&q=`
#[derive(Deserialize)]
struct Wanted {
    provider: Option<String>,
    q: Option<String>,
}

impl Wanted {
    fn has(&self, model: &catalog::Model) -> bool {
        let at = |host: &String| model.bindings.iter().any(|binding| binding.host == *host);
        let named = |q: &String| {
            let q = q.to_lowercase();
            [&model.id, &model.name]
                .iter()
                .any(|name| name.to_lowercase().contains(&q))
        };
        self.provider.as_ref().is_none_or(at) && self.q.as_ref().is_none_or(named)
    }
}

fn shown(app: &App, own: &TenantCatalog, model: &catalog::Model) -> Model {
    // A model of the tenant's own stands for the catalog's of the same name.
    let base = app.catalog.model(&model.id);
    let builtin = base.zip(own.model(&model.id));
    model.shown(builtin.is_some_and(|(base, seen)| Arc::ptr_eq(base, seen)))
}

/// `GET /v1/catalog/models`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    uri: Uri,
    page: PageOf,
) -> Result<Answer<Page<Model>>, Problem> {
    let bad = |field, problem| Problem::field(field, problem);
    let wanted = Query::<Wanted>::try_from_uri(&uri);
    let Query(wanted) = wanted.map_err(|_| bad("q", "must be text"))?;
    // How many were shown: the catalog is in memory, and changes rarely.
    let from = match page.cursor.as_deref() {
        None | Some("") => 0,
        Some(cursor) => cursor
            .parse::<usize>()
            .map_err(|_| bad("cursor", "is not one that a list answered with"))?,
    };
    let catalog = app.catalogs.of(&principal.tenant_id).await?;
    let mut found = catalog
        .models()
        .filter(|model| wanted.has(model))
        .skip(from)
        .peekable();
    let data: Vec<Model> = (&mut found)
        .take(page.limit)
        .map(|model| shown(&app, &catalog, model))
        .collect();
    let next_cursor = found.peek().map(|_| (from + data.len()).to_string());
    Ok(Answer(Page { data, next_cursor }))
}

/// `GET /v1/catalog/models/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Answer<Model>, Problem> {
    let catalog = app.catalogs.of(&principal.tenant_id).await?;
    let model = catalog.model(&id);
    let model = model.ok_or_else(|| Problem::not_found("model"))?;
    Ok(Answer(shown(&app, &catalog, model)))
}

/// `PUT /v1/catalog/models/{id}`
pub(super) async fn put(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    Json(wanted): Json<NewModel>,
) -> Result<(StatusCode, Answer<Model>), Problem> {
    let tenant_id = &principal.tenant_id;
    if id.chars().count() > MAX_ID_CHARS || id.contains(char::is_control) {
        let problem = "must be at most 200 characters, none of them a control character";
        return Err(Problem::field("id", problem));
    }
    let hosts = app.store.overlay(tenant_id).await?.hosts;
    let hosts = hosts
        .into_iter()
        .filter(|(id, _)| app.catalog.host(id).is_none());
    let own = Overlay::of(&app.catalog, hosts, [(id.clone(), wanted.clone())])?;
    let shown = own.models().first().map(|model| model.shown(false));
    let shown = shown.ok_or_else(|| Problem::internal("a model of its own is none"))?;
    let audit = principal.audit(&app, "model.put", format!("catalog/models/{id}"));
    let audit = audit.with(json!({ "bindings": wanted.bindings }));
    let put = app.store.put_model(tenant_id, &id, &wanted, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    Ok((answered(put, "model")?, Answer(shown)))
}

/// `DELETE /v1/catalog/models/{id}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let tenant_id = &principal.tenant_id;
    let audit = principal.audit(&app, "model.remove", format!("catalog/models/{id}"));
    let removed = app.store.remove_model(tenant_id, &id, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    answered(removed, "model")
}
