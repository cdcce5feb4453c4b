//! One `fetch`: a JSON body out, a JSON body in, everything else a [`Problem`].

use leptos::prelude::window;
use relay_api::REQUEST_ID_HEADER;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::problem::Problem;

/// How long an answer may take. A provider key is tried at its provider while we wait.
const TIMEOUT_MS: u32 = 30_000;

/// The methods the console uses.
#[derive(Debug, Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Calls a path of this Relay and reads the answer's JSON.
pub(super) async fn call<T: DeserializeOwned>(
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<T, Problem> {
    let answer = exchange(method, path, body).await?;
    serde_json::from_str(&answer.body)
        .map_err(|_| Problem::unreadable(answer.status, answer.request_id))
}

/// Calls a path whose answer holds nothing to read (`204`).
pub(super) async fn call_empty(method: Method, path: &str) -> Result<(), Problem> {
    exchange(method, path, None::<&()>).await.map(drop)
}

struct Answer {
    status: u16,
    request_id: Option<String>,
    body: String,
}

async fn exchange(
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<Answer, Problem> {
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

async fn fetch(
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method(method.as_str());
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        let json = serde_json::to_string(body).map_err(|error| error.to_string())?;
        init.set_body(&json.into());
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
