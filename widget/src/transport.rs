//! The two calls to Relay. No cookies; the registration token is the only credential; the key leaves the
//! page sealed or not at all.

use js_sys::{Array, Reflect};
use relay_api::{Credential, WidgetSession};
use relay_vault::{SubmissionBinding, base64url, submission};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit, Response};

use crate::failure::{Code, Failure};
use crate::json::{self, Json};
use crate::model::{Options, Submission};

/// How long the session may take.
const SESSION_TIMEOUT_MS: u32 = 15_000;
/// How long connecting may take: Relay asks the provider meanwhile.
const CONNECT_TIMEOUT_MS: u32 = 45_000;

/// Asks what the token allows.
pub(crate) async fn session(options: &Options) -> Result<WidgetSession, Failure> {
    if options.token.is_empty() {
        return Err(Code::TokenInvalid.into());
    }
    let answer = call(options, "/v1/widget/session", None, SESSION_TIMEOUT_MS).await?;
    json::session(&answer).ok_or_else(|| Code::Unexpected.into())
}

/// Seals the key to the vault.
pub(crate) fn seal(submission: &Submission, key: &str) -> Result<String, Failure> {
    let session = &submission.session;
    let binding = SubmissionBinding {
        tenant_id: &session.tenant_id,
        token_id: &session.token_id,
        provider: &submission.provider,
    };
    let public_key = base64url::decode(&session.sealing_key.public_key).unwrap_or_default();
    let sealed = submission::seal(&public_key, &binding, key).map_err(|_| Code::Unexpected)?;
    Ok(json::connect(
        &submission.provider,
        &session.sealing_key.id,
        &base64url::encode(&sealed.enc),
        &base64url::encode(&sealed.ciphertext),
    ))
}

/// Connects a sealed key.
pub(crate) async fn connect(options: &Options, body: &str) -> Result<Credential, Failure> {
    let path = "/v1/widget/credentials";
    call(options, path, Some(body), CONNECT_TIMEOUT_MS)
        .await
        .map(|answer| json::credential(&answer))
}

async fn call(
    options: &Options,
    path: &str,
    body: Option<&str>,
    timeout_ms: u32,
) -> Result<JsValue, Failure> {
    let response = send(options, path, body, timeout_ms)
        .await
        .map_err(|_| Code::Network)?;
    // An answer that is no JSON comes from something in between, or is cut short.
    let json = async { JsFuture::from(response.json()?).await }.await;
    match json {
        Ok(json) if response.ok() => Ok(json),
        Ok(json) => Err(json::failure(&json)),
        Err(_) => Err(Code::Unexpected.into()),
    }
}

async fn send(
    options: &Options,
    path: &str,
    body: Option<&str>,
    timeout_ms: u32,
) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("authorization", &["Bearer ", &options.token].concat())?;
    let init = RequestInit::new();
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.set_method("POST");
        init.set_body(&body.into());
    }
    init.set_headers(&headers);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(timeout_ms)));
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let url = [&options.origin, path].concat();
    let response = JsFuture::from(window.fetch_with_str_and_init(&url, &init)).await?;
    Ok(response.unchecked_into())
}

impl Json for JsValue {
    fn field(&self, name: &str) -> Option<Self> {
        // Throws on what is no object; then there is no such field.
        Reflect::get(self, &name.into())
            .ok()
            .filter(|value| !value.is_undefined())
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn items(&self) -> Option<Vec<Self>> {
        Array::is_array(self).then(|| self.unchecked_ref::<Array>().to_vec())
    }
}
