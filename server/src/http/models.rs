//! `GET /v1/models`: what the catalog knows, in the caller's shape.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use jiff::tz::TimeZone;
use relay_wire::Dialect;
use relay_wire::models::{self, ModelCard};

use super::body::Path;
use super::frame::Arrival;
use crate::app::App;
use crate::catalog::{Model, ModelKind};
use crate::gateway::Call;
use crate::problem::Problem;

impl From<&Model> for ModelCard {
    fn from(model: &Model) -> Self {
        let released = model.released.map(|date| date.to_zoned(TimeZone::UTC));
        Self {
            id: model.id.clone(),
            display_name: Some(model.name.clone()),
            owned_by: model
                .bindings
                .first()
                .map_or_else(String::new, |first| first.host.clone()),
            created: released
                .and_then(Result::ok)
                .map_or(0, |at| at.timestamp().as_second()),
            input_token_limit: model.context,
            output_token_limit: model.output,
            embeds: model.kind == ModelKind::Embedding,
        }
    }
}

/// `GET /v1/models`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(arrival): Extension<Arrival>,
    call: Call,
) -> Result<Response, Problem> {
    let models = app.gateway.models(&call).await?;
    let cards: Vec<ModelCard> = models.iter().map(|model| model.as_ref().into()).collect();
    Ok(json(models::list(dialect(&arrival), &cards)))
}

/// `GET /v1/models/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(arrival): Extension<Arrival>,
    call: Call,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let model = app.gateway.model(&call, &id).await?;
    Ok(json(models::one(dialect(&arrival), &model.as_ref().into())))
}

fn dialect(arrival: &Arrival) -> Dialect {
    arrival.dialect.unwrap_or(Dialect::OpenAiChat)
}

fn json(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}
