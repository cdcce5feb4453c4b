//! OpenAI's API: `/models`, `/chat/completions`, `/embeddings`, `/responses`.
//! Shapes: <https://platform.openai.com/docs/api-reference>.

pub(crate) mod chat;
pub(crate) mod embeddings;
mod responses;

use serde_json::{Value, json};

use crate::deliver::Payload;
use crate::fault::Fault;
use crate::serve::Call;

pub(crate) use responses::Memory as Responses;

const JSON: &str = "application/json";
/// Every instant of the simulation, in epoch seconds: answers must not depend on the clock.
const CREATED: u64 = 1_754_000_000;
const MODELS: [&str; 6] = [
    "gpt-4.1",
    "gpt-4.1-mini",
    "gpt-4o-mini",
    "o4-mini",
    "text-embedding-3-large",
    "text-embedding-3-small",
];

pub(crate) fn answer(call: &Call<'_>) -> Result<Payload, Fault> {
    match (call.method, call.path) {
        ("GET", "/models") => {
            let models: Vec<Value> = MODELS.iter().map(|id| model(id)).collect();
            Ok(Payload::json(
                200,
                JSON,
                &json!({"object": "list", "data": models}),
            ))
        }
        ("GET", path) if path.starts_with("/models/") => {
            let id = &path["/models/".len()..];
            let known = MODELS.iter().find(|known| **known == id);
            let id = known.ok_or_else(|| no_such_model(id))?;
            Ok(Payload::json(200, JSON, &model(id)))
        }
        ("POST", "/chat/completions") => chat::answer(call, &call.json()?),
        ("POST", "/embeddings") => embeddings::answer(&call.json()?),
        (_, path) if path == "/responses" || path.starts_with("/responses/") => {
            responses::answer(call)
        }
        (method, path) => Err(Fault::new(404, format!("Invalid URL ({method} /v1{path})"))),
    }
}

fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": CREATED, "owned_by": "openai"})
}

fn no_such_model(id: &str) -> Fault {
    let message = format!("The model `{id}` does not exist or you do not have access to it.");
    Fault::new(404, message).code("model_not_found")
}

/// The model's name, if such a model can be called.
fn callable(request: &Value) -> Result<String, Fault> {
    match request["model"].as_str() {
        None | Some("") => Err(Fault::invalid("you must provide a model parameter")),
        Some(name) if name.starts_with("no-such-") => Err(no_such_model(name)),
        Some(name) => Ok(name.to_owned()),
    }
}

pub(crate) fn error(fault: &Fault) -> Value {
    let kind = match fault.status {
        429 if fault.code == Some("insufficient_quota") => "insufficient_quota",
        429 => "requests",
        500.. => "server_error",
        _ => "invalid_request_error",
    };
    let code = match fault.status {
        429 => Some(fault.code.unwrap_or("rate_limit_exceeded")),
        _ => fault.code,
    };
    json!({"error": {"message": fault.message, "type": kind, "param": fault.param, "code": code}})
}

pub(crate) fn headers(number: u64) -> Vec<(&'static str, String)> {
    vec![
        ("x-request-id", format!("req_sim_openai_{number}")),
        ("openai-version", "2020-10-01".to_owned()),
        ("openai-organization", "org-simulated".to_owned()),
        ("openai-processing-ms", "1".to_owned()),
        ("x-ratelimit-limit-requests", "10000".to_owned()),
        ("x-ratelimit-remaining-requests", "9999".to_owned()),
    ]
}
