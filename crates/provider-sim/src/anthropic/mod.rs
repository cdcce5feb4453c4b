//! Anthropic's API: `/models`, `/messages`, `/messages/count_tokens`.
//! Shapes: <https://docs.anthropic.com/en/api/messages>.

mod messages;
mod thinking;

use serde_json::{Value, json};

use crate::deliver::Payload;
use crate::fault::Fault;
use crate::serve::Call;

const JSON: &str = "application/json";
const MODELS: [(&str, &str); 3] = [
    ("claude-opus-4-5", "Claude Opus 4.5"),
    ("claude-sonnet-4-5", "Claude Sonnet 4.5"),
    ("claude-haiku-4-5", "Claude Haiku 4.5"),
];

pub(crate) fn answer(call: &Call<'_>) -> Result<Payload, Fault> {
    if call.parts.headers.get("anthropic-version").is_none() {
        return Err(Fault::invalid("anthropic-version: header is required"));
    }
    match (call.method, call.path) {
        ("GET", "/models") => {
            let models: Vec<Value> = MODELS.iter().map(model).collect();
            let list = json!({
                "data": models,
                "has_more": false,
                "first_id": MODELS[0].0,
                "last_id": MODELS[MODELS.len() - 1].0,
            });
            Ok(Payload::json(200, JSON, &list))
        }
        ("GET", path) if path.starts_with("/models/") => {
            let id = &path["/models/".len()..];
            let known = MODELS.iter().find(|known| known.0 == id);
            let known = known.ok_or_else(|| no_such_model(id))?;
            Ok(Payload::json(200, JSON, &model(known)))
        }
        ("POST", "/messages") => messages::answer(call),
        ("POST", "/messages/count_tokens") => messages::count(call),
        _ => Err(Fault::new(404, "Not Found")),
    }
}

fn model((id, display_name): &(&str, &str)) -> Value {
    json!({
        "type": "model",
        "id": id,
        "display_name": display_name,
        "created_at": "2025-10-01T00:00:00Z",
    })
}

fn no_such_model(id: &str) -> Fault {
    Fault::new(404, format!("model: {id}"))
}

pub(crate) fn error(fault: &Fault, number: u64) -> Value {
    let kind = match fault.status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    json!({
        "type": "error",
        "error": {"type": kind, "message": fault.message},
        "request_id": request_id(number),
    })
}

pub(crate) fn headers(number: u64) -> Vec<(&'static str, String)> {
    vec![
        ("request-id", request_id(number)),
        (
            "anthropic-organization-id",
            "00000000-0000-0000-0000-00000000051a".to_owned(),
        ),
        ("anthropic-ratelimit-requests-limit", "4000".to_owned()),
        ("anthropic-ratelimit-requests-remaining", "3999".to_owned()),
    ]
}

fn request_id(number: u64) -> String {
    format!("req_sim{number}")
}
