//! Google's Gemini API: `/models`, `:generateContent`, `:streamGenerateContent`, `:countTokens`,
//! `:embedContent`, `:batchEmbedContents`. Shapes: <https://ai.google.dev/api>.

mod embed;
mod generate;
mod thinking;

use serde_json::{Value, json};

use crate::deliver::Payload;
use crate::fault::Fault;
use crate::serve::Call;

const JSON: &str = "application/json; charset=UTF-8";
const MODELS: [(&str, &str, bool); 4] = [
    ("gemini-2.5-flash", "Gemini 2.5 Flash", false),
    ("gemini-2.5-pro", "Gemini 2.5 Pro", false),
    ("gemini-3-flash-preview", "Gemini 3 Flash Preview", false),
    ("gemini-embedding-001", "Gemini Embedding 001", true),
];

pub(crate) fn answer(call: &Call<'_>) -> Result<Payload, Fault> {
    if (call.method, call.path) == ("GET", "/models") {
        let models: Vec<Value> = MODELS.iter().map(model).collect();
        return Ok(Payload::json(200, JSON, &json!({"models": models})));
    }
    let Some(resource) = call.path.strip_prefix("/models/") else {
        return Err(Fault::new(404, "Requested entity was not found."));
    };
    match (call.method, resource.split_once(':')) {
        ("GET", None) => {
            let known = MODELS.iter().find(|known| known.0 == resource);
            let known = known.ok_or_else(|| no_such_model(resource, "getModel"))?;
            Ok(Payload::json(200, JSON, &model(known)))
        }
        ("POST", Some((name, operation))) => operate(call, name, operation),
        _ => Err(Fault::new(404, "Requested entity was not found.")),
    }
}

/// Asks a model for something.
pub(crate) fn operate(call: &Call<'_>, name: &str, operation: &str) -> Result<Payload, Fault> {
    if name.starts_with("no-such-") {
        return Err(no_such_model(name, operation));
    }
    match operation {
        "generateContent" => generate::whole(call, name),
        "streamGenerateContent" => generate::streamed(call, name),
        "countTokens" => generate::count(call, name),
        "embedContent" => embed::one(call, name),
        "batchEmbedContents" => embed::batch(call, name),
        _ => Err(Fault::new(404, "Requested entity was not found.")),
    }
}

fn model((id, display_name, embeds): &(&str, &str, bool)) -> Value {
    let methods = if *embeds {
        json!(["embedContent", "batchEmbedContents", "countTokens"])
    } else {
        json!(["generateContent", "countTokens"])
    };
    json!({
        "name": format!("models/{id}"),
        "version": "001",
        "displayName": display_name,
        "description": "Simulated.",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": methods,
    })
}

fn no_such_model(name: &str, operation: &str) -> Fault {
    Fault::new(
        404,
        format!(
            "models/{name} is not found for API version v1beta, or is not supported for \
             {operation}. Call ModelService.ListModels to see the list of available models and \
             their supported methods."
        ),
    )
}

/// The request, its fields named in camelCase.
fn asked(call: &Call<'_>) -> Result<Value, Fault> {
    const FREE: [&str; 7] = [
        "args",
        "response",
        "parameters",
        "parametersJsonSchema",
        "responseSchema",
        "responseJsonSchema",
        "_responseJsonSchema",
    ];
    Ok(crate::json::in_camel_case(call.json()?, &FREE))
}

/// Gemini refuses fields it does not know.
fn refuse_unknown(value: &Value, known: &[&str], within: &str) -> Result<(), Fault> {
    let Some(field) = crate::json::unknown_field(value, known) else {
        return Ok(());
    };
    let place = if within.is_empty() {
        String::new()
    } else {
        format!(" at '{within}'")
    };
    Err(Fault::invalid(format!(
        "Invalid JSON payload received. Unknown name \"{field}\"{place}: Cannot find field."
    )))
}

pub(crate) fn error(fault: &Fault) -> Value {
    let status = match fault.status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 | 529 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
    let mut error = json!({
        "error": {"code": fault.status, "message": fault.message, "status": status},
    });
    if let Some(reason) = fault.code {
        error["error"]["details"] = json!([
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            },
            {
                "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
                "locale": "en-US",
                "message": fault.message,
            },
        ]);
    }
    if let Some(seconds) = fault.retry_seconds {
        error["error"]["details"] = json!([{
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{seconds}s"),
        }]);
    }
    error
}

pub(crate) fn headers() -> Vec<(&'static str, String)> {
    vec![
        ("vary", "Origin, X-Origin, Referer".to_owned()),
        ("server", "scaffolding on HTTPServer2".to_owned()),
        ("server-timing", "gfet4t7; dur=1".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ]
}
