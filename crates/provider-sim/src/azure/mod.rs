//! Azure OpenAI: deployments by name and `api-version`, and below `/openai/v1` OpenAI's own paths.
//! Shapes: <https://learn.microsoft.com/azure/ai-foundry/openai/reference>.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::deliver::{Frames, Payload};
use crate::fault::Fault;
use crate::openai;
use crate::serve::Call;

/// Takes a key in `api-key`, or as the bearer that stands for a token of Entra's.
pub(crate) fn authenticate(
    api_key: Option<&str>,
    bearer: Option<&str>,
    accepts: impl Fn(&str) -> bool,
) -> Result<String, Fault> {
    match (api_key, bearer) {
        (Some(key), None) | (None, Some(key)) if accepts(key) => Ok(key.to_owned()),
        _ => Err(Fault::new(
            401,
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to \
             provide a valid key for an active subscription and use a correct regional API \
             endpoint for your resource.",
        )),
    }
}

pub(crate) fn answer(call: &Call<'_>) -> Result<Payload, Fault> {
    let Some(path) = call.path.strip_prefix("/openai") else {
        return Err(no_such_path());
    };
    if let Some(path) = path.strip_prefix("/v1") {
        return openai::answer(&Call { path, ..*call });
    }
    let versioned = call.query.is_some_and(|query| {
        query
            .split('&')
            .any(|pair| pair.starts_with("api-version=") && pair != "api-version=")
    });
    if !versioned {
        return Err(no_such_path());
    }
    let below: Vec<&str> = path.split('/').skip(1).collect();
    match (call.method, below.as_slice()) {
        ("GET", ["models"]) | ("POST", ["responses"]) => openai::answer(&Call { path, ..*call }),
        ("POST", ["deployments", deployment, "chat", "completions"]) => {
            let request = deployed(call, deployment)?;
            openai::chat::answer(call, &request).map(filtered)
        }
        ("POST", ["deployments", deployment, "embeddings"]) => {
            openai::embeddings::answer(&deployed(call, deployment)?)
        }
        _ => Err(no_such_path()),
    }
}

/// The request as its deployment takes it: the path names the model, whatever the body says.
fn deployed(call: &Call<'_>, deployment: &str) -> Result<Value, Fault> {
    if deployment.starts_with("no-such-") {
        return Err(Fault::new(
            404,
            "The API deployment for this resource does not exist. If you created the deployment \
             within the last 5 minutes, please wait a moment and try again.",
        )
        .code("DeploymentNotFound"));
    }
    let mut request = call.json()?;
    if !request.is_object() {
        return Err(Fault::invalid("The request body is no JSON object."));
    }
    request["model"] = json!(deployment);
    Ok(request)
}

/// Azure says what its content filters found: in a whole answer beside it, in a stream ahead of it.
fn filtered(payload: Payload) -> Payload {
    let safe = json!({"hate": {"filtered": false, "severity": "safe"}});
    let prompt = json!([{"prompt_index": 0, "content_filter_results": safe}]);
    let body = match payload.body {
        Frames::Events(mut events) => {
            let first = json!({
                "choices": [], "created": 0, "id": "", "model": "", "object": "",
                "prompt_filter_results": prompt,
            });
            events.insert(0, format!("data: {first}\n\n").into());
            Frames::Events(events)
        }
        Frames::Whole(bytes) => Frames::Whole(with_filters(&bytes, &prompt).unwrap_or(bytes)),
    };
    Payload { body, ..payload }
}

fn with_filters(bytes: &Bytes, prompt: &Value) -> Option<Bytes> {
    let mut whole: Value = serde_json::from_slice(bytes).ok()?;
    whole["choices"][0]["content_filter_results"] = prompt[0]["content_filter_results"].clone();
    whole["prompt_filter_results"] = prompt.clone();
    Some(whole.to_string().into())
}

fn no_such_path() -> Fault {
    Fault::new(404, "Resource not found")
}

/// OpenAI's shape, with the status as the code where there is no better word.
pub(crate) fn error(fault: &Fault) -> Value {
    let mut error = openai::error(fault);
    if fault.code.is_none() {
        error["error"]["code"] = json!(fault.status.to_string());
    }
    error
}

pub(crate) fn headers(number: u64) -> Vec<(&'static str, String)> {
    vec![
        (
            "apim-request-id",
            format!("00000000-sim0-4000-8000-{number:012}"),
        ),
        ("x-ms-region", "Simulated".to_owned()),
        ("x-ratelimit-remaining-requests", "99".to_owned()),
        ("x-ratelimit-remaining-tokens", "9999".to_owned()),
    ]
}
