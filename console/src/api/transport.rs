//! One `fetch`: a JSON body out, a JSON body in, everything else a [`Problem`].

use leptos::prelude::window;
use relay_api::REQUEST_ID_HEADER;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::problem::Problem;

/// How long an answer may take. A provider key is tried at its provider while we wait.
const TIMEOUT_MS: u32 = 30_000;

/// The methods the console uses.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Calls a path of this Relay with a JSON text, if any, and reads the answer's JSON. An answer of
/// nothing (`204`) reads as `null`: its type is `()`.
pub(super) async fn call<T: DeserializeOwned>(
    method: Method,
    path: &str,
    body: Option<String>,
) -> Result<T, Problem> {
    let answer = exchange(method, path, body).await?;
    let json = if answer.body.is_empty() {
        "null"
    } else {
        &answer.body
    };
    serde_json::from_str(json).map_err(|_| Problem::unreadable(answer.status, answer.request_id))
}

struct Answer {
    status: u16,
    request_id: Option<String>,
    body: String,
}

// Not generic: one copy of it is enough for every type of body and answer.
async fn exchange(method: Method, path: &str, body: Option<String>) -> Result<Answer, Problem> {
    let response = fetch(method, path, body).await.map_err(|error| {
        // The signal's own exception is called TimeoutError; all else is the network's.
        let name = js_sys::Reflect::get(&error, &"name".into()).ok();
        Problem::unreachable(
            name.and_then(|name| name.as_string()).as_deref() == Some("TimeoutError"),
        )
    })?;
    let status = response.status();
    let request_id = response.headers().get(REQUEST_ID_HEADER).ok().flatten();
    let body = text(&response)
        .await
        .map_err(|_| Problem::unreachable(false))?;
    if response.ok() {
        Ok(Answer {
            status,
            request_id,
            body,
        })
    } else {
        Err(Problem::from_answer(status, request_id, &body))
    }
}

async fn fetch(method: Method, path: &str, body: Option<String>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method(method.as_str());
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.set_body(&body.into());
    }
    init.set_headers(&headers);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &init)).await?;
    response.dyn_into::<Response>()
}

async fn text(response: &Response) -> Result<String, JsValue> {
    let text = JsFuture::from(response.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
}
