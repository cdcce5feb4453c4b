//! Amazon Bedrock: `/model/{id}/converse`, `/model/{id}/converse-stream`, `/foundation-models`,
//! `/async-invoke`.
//! Shapes: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>.

mod authenticate;
mod converse;
mod message;
mod stream;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::deliver::Payload;
use crate::fault::Fault;
use crate::serve::Call;

pub(crate) use authenticate::authenticate;

const JSON: &str = "application/json";
const MODELS: [(&str, &str); 2] = [
    ("anthropic.claude-sonnet-4-5-20250929-v1:0", "Anthropic"),
    ("amazon.nova-lite-v1:0", "Amazon"),
];

pub(crate) fn answer(call: &Call<'_>) -> Result<Payload, Fault> {
    let below: Vec<&str> = call.path.split('/').skip(1).collect();
    match (call.method, below.as_slice()) {
        ("GET", ["foundation-models"]) => {
            let models: Vec<Value> = MODELS.iter().map(model).collect();
            Ok(Payload::json(200, JSON, &json!({"modelSummaries": models})))
        }
        ("GET", ["async-invoke"]) => {
            let none = json!({"asyncInvokeSummaries": []});
            Ok(Payload::json(200, JSON, &none))
        }
        ("POST", ["model", id, operation @ ("converse" | "converse-stream")]) => {
            let id = percent_decode_str(id).decode_utf8_lossy();
            if id.starts_with("no-such-") {
                return Err(Fault::invalid("The provided model identifier is invalid."));
            }
            let message = converse::answer(call, &id)?;
            Ok(if *operation == "converse" {
                Payload::json(200, JSON, &message.whole())
            } else {
                stream::payload(&message)
            })
        }
        _ => Err(Fault::new(404, "UnknownOperationException")),
    }
}

fn model((id, provider): &(&str, &str)) -> Value {
    json!({
        "modelArn": format!("arn:aws:bedrock:us-east-1::foundation-model/{id}"),
        "modelId": id,
        "modelName": id,
        "providerName": provider,
        "inputModalities": ["TEXT", "IMAGE"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": true,
        "modelLifecycle": {"status": "ACTIVE"},
    })
}

pub(crate) fn error(fault: &Fault) -> Value {
    json!({"message": fault.message})
}

/// The request's id, and for a refusal its kind, which AWS tells in a header.
pub(crate) fn headers(status: u16, number: u64) -> Vec<(&'static str, String)> {
    let mut headers = vec![(
        "x-amzn-requestid",
        format!("00000000-51a0-4000-8000-{number:012}"),
    )];
    if status >= 400 {
        headers.push(("x-amzn-errortype", exception(status).to_owned()));
    }
    headers
}

fn exception(status: u16) -> &'static str {
    match status {
        401 => "UnrecognizedClientException",
        403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 => "ModelTimeoutException",
        424 => "ModelErrorException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        500.. => "InternalServerException",
        _ => "ValidationException",
    }
}
