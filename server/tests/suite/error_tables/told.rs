//! Reading what a client was told, in the shape that its dialect prescribes. Anything else is a
//! fault, and so is a stream that ends as if all were well.

use std::collections::BTreeSet;

use reqwest::RequestBuilder;
use serde_json::Value;

use super::cell::{Inbound, text};
use crate::support::Reply;

/// What a client was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) status: u16,
    /// Whether it was told inside a stream that had begun well.
    pub(super) in_stream: bool,
    /// The dialect's word for what kind of error it is.
    pub(super) kind: String,
    /// The word for programs.
    pub(super) code: Option<String>,
    /// Gemini's number.
    pub(super) number: Option<u64>,
    pub(super) message: String,
    pub(super) retry_after: Option<String>,
    /// The provider's headers on its limits.
    pub(super) limits: Vec<String>,
}

/// Sends the request and reads what comes.
pub(super) async fn read(inbound: Inbound, request: RequestBuilder) -> Result<Told, String> {
    let reply = Reply::of(request).await;
    let error = if reply.status == 200 {
        in_stream(inbound, &reply).map_err(|fault| format!("{fault}: {}", reply.text))?
    } else {
        let content_type = reply.header("content-type").unwrap_or_default();
        if !content_type.starts_with("application/json") {
            return Err(format!("the error is of the type {content_type}"));
        }
        serde_json::from_str(&reply.text).map_err(|_| format!("no JSON: {}", reply.text))?
    };
    let mut told = match inbound {
        Inbound::Chat { .. } | Inbound::Responses { .. } => openai(&error),
        Inbound::Messages { .. } => anthropic(&error),
        Inbound::Gemini { .. } | Inbound::GeminiArray => gemini(&error),
    }
    .map_err(|fault| format!("{fault}: {}", reply.text))?;
    told.status = reply.status;
    told.in_stream = reply.status == 200;
    told.retry_after = reply.header("retry-after").map(str::to_owned);
    told.limits = reply
        .headers
        .keys()
        .map(|name| name.as_str().to_owned())
        .filter(|name| name.contains("ratelimit"))
        .collect();
    if let Inbound::Gemini { .. } | Inbound::GeminiArray = inbound
        && !told.in_stream
        && told.number != Some(told.status.into())
    {
        return Err(format!("the code is not the status: {}", reply.text));
    }
    Ok(told)
}

fn openai(error: &Value) -> Result<Told, String> {
    has_only(error, &["error"])?;
    has_only(&error["error"], &["message", "type", "param", "code"])?;
    let inner = &error["error"];
    if !(inner["param"].is_null() || inner["param"].is_string()) {
        return Err("`param` is no text".to_owned());
    }
    told(&inner["type"], inner["code"].as_str(), &inner["message"])
}

fn anthropic(error: &Value) -> Result<Told, String> {
    has_only(error, &["type", "error", "request_id"])?;
    // Its clients pass on what they do not know.
    has_only(&error["error"], &["type", "message", "code"])?;
    if error["type"] != "error" {
        return Err("its type is not `error`".to_owned());
    }
    let inner = &error["error"];
    told(&inner["type"], inner["code"].as_str(), &inner["message"])
}

fn gemini(error: &Value) -> Result<Told, String> {
    has_only(error, &["error"])?;
    let inner = &error["error"];
    has_only(inner, &["code", "message", "status", "details"])?;
    let number = inner["code"].as_u64().ok_or("`code` is no number")?;
    let info = &inner["details"][0];
    if info.is_object() && info["@type"] != "type.googleapis.com/google.rpc.ErrorInfo" {
        return Err("its details are no ErrorInfo".to_owned());
    }
    let told = told(&inner["status"], info["reason"].as_str(), &inner["message"])?;
    Ok(Told {
        number: Some(number),
        ..told
    })
}

fn told(kind: &Value, code: Option<&str>, message: &Value) -> Result<Told, String> {
    let (kind, message) = (text(kind).to_owned(), text(message).to_owned());
    if kind.is_empty() || message.is_empty() {
        return Err("it says not what or why".to_owned());
    }
    Ok(Told {
        status: 0,
        in_stream: false,
        kind,
        code: code.map(str::to_owned),
        number: None,
        message,
        retry_after: None,
        limits: Vec::new(),
    })
}

fn has_only(object: &Value, allowed: &[&str]) -> Result<(), String> {
    let names = object.as_object().ok_or("it is no object")?.keys();
    let others: BTreeSet<&str> = names
        .map(String::as_str)
        .filter(|name| !allowed.contains(name))
        .collect();
    if others.is_empty() {
        Ok(())
    } else {
        Err(format!("it holds {others:?}"))
    }
}

/// The error at the end of a stream that had begun.
fn in_stream(inbound: Inbound, reply: &Reply) -> Result<Value, String> {
    if !inbound.streamed() {
        return Err("a success".to_owned());
    }
    if reply.text.contains("[DONE]") {
        return Err("it says that it is done".to_owned());
    }
    let mut events: Vec<Value> = match inbound {
        Inbound::GeminiArray => {
            serde_json::from_str(&reply.text).map_err(|_| "it is no array".to_owned())?
        }
        _ => reply.events(),
    };
    let said: String = events.iter().map(|event| said(inbound, event)).collect();
    if !said.starts_with("You ") {
        return Err(format!("what was said is lost, it says {said:?}"));
    }
    if let Some(end) = events.iter().find(|event| is_good_end(inbound, event)) {
        return Err(format!("it ends well: {end}"));
    }
    let last = events.pop().ok_or("nothing came")?;
    match inbound {
        Inbound::Responses { .. } => of_responses(&events, &last),
        Inbound::Messages { .. } if !reply.text.contains("event: error\n") => {
            Err("no event is called `error`".to_owned())
        }
        _ => Ok(last),
    }
}

/// A piece of text that an event brings.
fn said(inbound: Inbound, event: &Value) -> &str {
    text(match inbound {
        Inbound::Chat { .. } => &event["choices"][0]["delta"]["content"],
        Inbound::Responses { .. } => &event["delta"],
        Inbound::Messages { .. } => &event["delta"]["text"],
        Inbound::Gemini { .. } | Inbound::GeminiArray => {
            &event["candidates"][0]["content"]["parts"][0]["text"]
        }
    })
}

/// Whether an event tells a client that the answer is whole.
fn is_good_end(inbound: Inbound, event: &Value) -> bool {
    match inbound {
        Inbound::Chat { .. } => event["choices"][0]["finish_reason"].is_string(),
        Inbound::Responses { .. } => {
            ["response.completed", "response.incomplete"].contains(&text(&event["type"]))
        }
        Inbound::Messages { .. } => {
            event["type"] == "message_stop" || event["delta"]["stop_reason"].is_string()
        }
        Inbound::Gemini { .. } | Inbound::GeminiArray => {
            event["candidates"][0]["finishReason"].is_string()
        }
    }
}

/// OpenAI sends `error`, then `response.failed`; the numbers go on to the end.
fn of_responses(before: &[Value], last: &Value) -> Result<Value, String> {
    if last["type"] != "response.failed" {
        return Err("it does not end with `response.failed`".to_owned());
    }
    let failed = &last["response"];
    if failed["status"] != "failed" || text(&failed["error"]["message"]).is_empty() {
        return Err("the response has not failed".to_owned());
    }
    let error = before
        .iter()
        .find(|event| event["type"] == "error")
        .ok_or("there is no `error`")?;
    let events = before.iter().chain([last]).enumerate();
    for (number, event) in events {
        if event["sequence_number"] != number {
            return Err(format!("event {number} is numbered otherwise"));
        }
    }
    Ok(serde_json::json!({"error": error["error"]}))
}
