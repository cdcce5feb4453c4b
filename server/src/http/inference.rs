//! The inference routes: who calls and for whom, then straight to the gateway.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use relay_api::{PAID_HEADER, USER_HEADER};
use relay_wire::openai_chat::OpenAiChat;

use super::access::Caller;
use super::body::InferenceBody;
use super::frame::Arrival;
use super::users::check_label;
use crate::app::App;
use crate::gateway::Call;
use crate::problem::Problem;

/// `POST /v1/chat/completions`
pub(super) async fn chat_completions(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(arrival): Extension<Arrival>,
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
) -> Result<Response, Problem> {
    let call = call(caller, arrival, &headers)?;
    Ok(app.gateway.chat(&call, &OpenAiChat, body).await?)
}

/// `POST /v1/embeddings`
pub(super) async fn embeddings(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(arrival): Extension<Arrival>,
    headers: HeaderMap,
    InferenceBody(body): InferenceBody,
) -> Result<Response, Problem> {
    let call = call(caller, arrival, &headers)?;
    Ok(app.gateway.embeddings(&call, body).await?)
}

fn call(Caller(key): Caller, arrival: Arrival, headers: &HeaderMap) -> Result<Call, Problem> {
    // Two names for one user, or two words on who pays: whoever added the second, neither is believed.
    for (name, shown) in [(USER_HEADER, "X-Relay-User"), (PAID_HEADER, "X-Relay-Paid")] {
        if headers.get_all(name).iter().count() > 1 {
            return Err(Problem::field(shown, "must be sent once"));
        }
    }
    let end_user = match headers.get(USER_HEADER) {
        None => None,
        Some(value) => {
            let label = std::str::from_utf8(value.as_bytes())
                .map_err(|_| Problem::field("X-Relay-User", "must be UTF-8"))?;
            check_label("X-Relay-User", label)?;
            Some(label.to_owned())
        }
    };
    let paid = match headers.get(PAID_HEADER).map(http::HeaderValue::as_bytes) {
        None => None,
        Some(b"true" | b"1") => Some(true),
        Some(b"false" | b"0") => Some(false),
        Some(_) => return Err(Problem::field("X-Relay-Paid", "must be `true` or `false`")),
    };
    Ok(Call {
        request_id: arrival.id,
        at: arrival.at,
        started: arrival.started,
        key,
        end_user,
        paid,
    })
}
