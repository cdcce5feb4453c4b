//! `GET /v1/models`: what the catalog knows, in OpenAI's shape.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::body::Path;
use crate::app::App;
use crate::catalog::Model;
use crate::problem::Problem;

#[derive(Serialize)]
pub(super) struct ModelList {
    object: &'static str,
    data: Vec<ModelObject>,
}

/// OpenAI's model object.
#[derive(Serialize)]
pub(super) struct ModelObject {
    id: String,
    object: &'static str,
    /// When its provider released it, in epoch seconds.
    created: i64,
    /// The host that serves it.
    owned_by: String,
}

impl From<&Model> for ModelObject {
    fn from(model: &Model) -> Self {
        let released = model.released.to_zoned(TimeZone::UTC);
        Self {
            id: model.id.clone(),
            object: "model",
            created: released.map_or(0, |at| at.timestamp().as_second()),
            owned_by: model.host.clone(),
        }
    }
}

/// `GET /v1/models`
pub(super) async fn list(State(app): State<Arc<App>>) -> Json<ModelList> {
    let data = app.catalog.models().iter().map(ModelObject::from).collect();
    Json(ModelList {
        object: "list",
        data,
    })
}

/// `GET /v1/models/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<ModelObject>, Problem> {
    let (host, name) = match id.split_once([':', '/']) {
        Some((host, name)) if app.catalog.host(host).is_some() => (Some(host), name),
        _ => (None, id.as_str()),
    };
    app.catalog
        .model(name)
        .filter(|model| host.is_none_or(|host| model.host == host))
        .map(|model| Json(model.into()))
        .ok_or_else(|| {
            let mut problem = Problem::new(
                StatusCode::NOT_FOUND,
                "model_not_found",
                "This model is not in Relay's catalog. GET /v1/models lists what is.",
            );
            problem.0.param = Some("model".to_owned());
            problem
        })
}
