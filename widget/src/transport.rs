//! The two calls to Relay. No cookies; the registration token is the only credential; the key leaves the
//! page sealed or not at all.

use js_sys::{Array, Function, Promise, Reflect};
use relay_api::{Credential, WidgetSession};
use relay_vault::{SubmissionBinding, base64url, submission};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::failure::{Code, Failure};
use crate::json::{self, Json};
use crate::model::Submission;

/// Asks what the token allows.
pub(crate) async fn session(relay: &Function, token: &str) -> Result<WidgetSession, Failure> {
    if token.is_empty() {
        return Err(Code::TokenInvalid.into());
    }
    let answer = call(relay, "/v1/widget/session", token, JsValue::UNDEFINED).await?;
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
pub(crate) async fn connect(
    relay: &Function,
    token: &str,
    body: &str,
) -> Result<Credential, Failure> {
    let answer = call(relay, "/v1/widget/credentials", token, body.into()).await?;
    Ok(json::credential(&answer))
}

/// Calls Relay through the loader, which has asked for the session before this code had arrived.
async fn call(
    relay: &Function,
    path: &str,
    token: &str,
    body: JsValue,
) -> Result<JsValue, Failure> {
    let promise = relay.call3(&JsValue::NULL, &path.into(), &token.into(), &body);
    let promise = promise
        .map_err(|_| Code::Network)?
        .unchecked_into::<Promise>();
    let answer = JsFuture::from(promise).await.map_err(|_| Code::Network)?;
    let body = answer.field("body").unwrap_or(JsValue::NULL);
    match answer.field("ok") {
        Some(ok) if ok.is_truthy() => Ok(body),
        _ => Err(json::failure(&body)),
    }
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
