//! The calls to Relay, which the loader carries. No cookies; the registration token is the only credential; the
//! key leaves the page sealed or not at all.

use js_sys::{Array, Promise, Reflect};
use relay_vault::{SubmissionBinding, submission};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::failure::{Code, Failure};
use crate::host::{Host, decode, encode};
use crate::json::{self, Json};
use crate::session::{Connected, Session};
use crate::words::joined;

/// Asks what the token allows.
pub(crate) async fn session(host: &Host, fresh: bool) -> Result<Session, Failure> {
    let answer = answer(host.session(fresh)).await?;
    json::session(&answer).ok_or_else(|| Code::Unexpected.into())
}

/// Seals a key, typed for a provider, to the vault: gives the body to [`connect`] with.
pub(crate) type Seal = fn(&Session, provider: &str, key: &str) -> Result<String, Failure>;

/// What seals: the ciphers, a third of the code. `cargo xtask wasm` cuts it off here, so that nobody waits for it
/// before there is a key to seal; the first call fetches it.
#[allow(
    clippy::unnecessary_wraps,
    reason = "that it cannot be had is an error, which `wasm_split` makes of the same type"
)]
#[wasm_split(sealing, fallible)]
fn sealing() -> Result<Seal, SplitLoaderError> {
    Ok(seal)
}

/// What seals. Asked for ahead, it is there when it is needed.
pub(crate) async fn sealer() -> Result<Seal, Failure> {
    sealing().await.map_err(|_| Code::Network.into())
}

fn seal(session: &Session, provider: &str, key: &str) -> Result<String, Failure> {
    let binding = SubmissionBinding {
        tenant_id: &session.tenant_id,
        token_id: &session.token_id,
        provider,
    };
    let public_key = decode(&session.seal_key);
    let sealed = submission::seal(&public_key, &binding, key).map_err(|_| Code::Unexpected)?;
    Ok(json::connect(
        provider,
        &session.seal_id,
        &encode(&sealed.enc),
        &encode(&sealed.ciphertext),
    ))
}

/// Connects a sealed key.
pub(crate) async fn connect(host: &Host, body: &str) -> Result<Connected, Failure> {
    let promised = host.call("POST", "/v1/widget/credentials", Some(body));
    Ok(json::credential(&answer(promised).await?))
}

/// Disconnects what is connected for a provider.
pub(crate) async fn disconnect(host: &Host, provider: &str) -> Result<(), Failure> {
    // A host's id is made of letters, digits and hyphens.
    let path = joined(&["/v1/widget/credentials/", provider]);
    answer(host.call("DELETE", &path, None)).await?;
    Ok(())
}

async fn answer(promised: Promise) -> Result<JsValue, Failure> {
    let answer = JsFuture::from(promised).await.map_err(|_| Code::Network)?;
    let body = answer.field("body").unwrap_or(JsValue::NULL);
    if answer.number_at("ok") > 0 {
        Ok(body)
    } else {
        Err(json::failure(&body))
    }
}

impl Json for JsValue {
    fn field(&self, name: &str) -> Option<Self> {
        // Throws on what is no object; then there is no such field.
        let value = Reflect::get(self, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    fn text(&self) -> String {
        self.as_string().unwrap_or_default()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the API's numbers are whole, and a cast stops at either end"
    )]
    fn number(&self) -> u64 {
        let flag = f64::from(u8::from(self.is_truthy()));
        self.as_f64().unwrap_or(flag) as u64
    }

    fn items(&self) -> Vec<Self> {
        if Array::is_array(self) {
            self.unchecked_ref::<Array>().to_vec()
        } else {
            Vec::new()
        }
    }
}
