//! What tests of inference share: raw calls, open streams, and the rows the meter wrote.

use std::time::Duration;

use relay_api::CredentialStatus;
use relay_server::clock::new_id;
use relay_server::store::{
    CredentialRow, NewCredentialRow, Owner, PoolPlace, Put, RequestFilter, RequestRow,
};
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::canary::assert_holds_none;
use super::{EPOCH, Reply, Tenant, TestApp, audit};

/// One model of each provider that serves chat, with its provider.
pub(crate) const CHAT_MODELS: [(&str, &str); 3] = [
    ("openai", "gpt-4o-mini"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-2.5-flash"),
];

/// Longer than anything here takes, so that a test fails instead of waiting forever.
const PATIENCE: Duration = Duration::from_secs(30);

/// A chat request of one user message; `more` is merged into it.
pub(crate) fn chat_body(model: &str, more: &Value) -> Value {
    let mut body = json!({ "model": model, "messages": [{ "role": "user", "content": "hi" }] });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

impl TestApp {
    /// A chat call for an end user, whose body is still to be given.
    pub(crate) fn chat_request(&self, tenant: &Tenant, label: &str) -> RequestBuilder {
        self.request(Method::POST, "/v1/chat/completions")
            .bearer_auth(&tenant.key)
            .header("X-Relay-User", label)
            .header("Content-Type", "application/json")
    }

    /// Opens a streamed chat for an end user.
    pub(crate) async fn stream(
        &self,
        tenant: &Tenant,
        label: &str,
        model: &str,
        more: Value,
    ) -> OpenStream {
        let mut body = chat_body(model, &more);
        body["stream"] = json!(true);
        let request = self.chat_request(tenant, label).json(&body);
        OpenStream::of(request).await
    }

    /// The status the vault keeps of an end user's credential.
    pub(crate) async fn credential_status(
        &self,
        tenant: &Tenant,
        label: &str,
        provider: &str,
    ) -> String {
        let path = format!("/v1/users/{label}/credentials");
        let reply = self
            .call(Method::GET, &path, &tenant.key, Value::Null)
            .await;
        let listed = reply.json()["data"].clone();
        listed
            .as_array()
            .expect("a list")
            .iter()
            .find(|credential| credential["provider"] == provider)
            .unwrap_or_else(|| panic!("no {provider} in {listed}"))["status"]
            .as_str()
            .expect("a status")
            .to_owned()
    }

    /// Every request of the tenant that has ended, newest first.
    pub(crate) async fn ended_requests(&self, tenant: &Tenant) -> Vec<RequestRow> {
        self.service.meter.flush().await;
        let (store, all) = (&self.service.store, RequestFilter::default());
        let rows = store.requests(&tenant.id, &all, None, 200).await;
        rows.expect("the requests")
            .rows
            .into_iter()
            .map(|listed| listed.request)
            .collect()
    }

    /// The tenant's newest request, once `count` of them have ended.
    pub(crate) async fn last_of(&self, tenant: &Tenant, count: usize) -> RequestRow {
        let waiting = async {
            loop {
                let rows = self.ended_requests(tenant).await;
                if rows.len() >= count {
                    return rows;
                }
                tokio::task::yield_now().await;
            }
        };
        let rows = tokio::time::timeout(PATIENCE, waiting)
            .await
            .expect("the calls end");
        assert_eq!(rows.len(), count);
        rows.into_iter().next().expect("at least one")
    }

    /// A relay key for inference that is held to these rules and settings.
    pub(crate) async fn key_under(&self, tenant: &Tenant, rules: Value, settings: Value) -> String {
        let name = new_id();
        let policy = json!({ "name": name, "rules": rules });
        let reply = self
            .call(Method::POST, "/v1/policies", &tenant.key, policy)
            .await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let mut wanted = json!({ "name": name, "policy": name });
        let more = settings.as_object().cloned().unwrap_or_default();
        wanted.as_object_mut().expect("an object").extend(more);
        let reply = self
            .call(Method::POST, "/v1/relay-keys", &tenant.key, wanted)
            .await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()["key"].as_str().expect("a key").to_owned()
    }

    /// Stores a key for an end user without asking its provider, and answers it.
    pub(crate) async fn plant(
        &self,
        tenant: &Tenant,
        label: &str,
        provider: &str,
        base_url: Option<String>,
    ) -> String {
        let owner = Owner::EndUser {
            id: new_id(),
            label: label.to_owned(),
        };
        self.plant_for(tenant, &owner, provider, "default", base_url)
            .await
    }

    /// Stores a key in the tenant's pool without asking its provider, and answers it.
    pub(crate) async fn pool_key(&self, tenant: &Tenant, provider: &str, name: &str) -> String {
        let owner = Owner::Tenant {
            id: tenant.id.clone(),
        };
        let key = self.plant_for(tenant, &owner, provider, name, None).await;
        self.service.freshness.tenant_changed(&tenant.id);
        key
    }

    async fn plant_for(
        &self,
        tenant: &Tenant,
        owner: &Owner,
        provider: &str,
        name: &str,
        base_url: Option<String>,
    ) -> String {
        let key = self.provider_key(provider);
        let id = new_id();
        let secret = SecretString::from(key.as_str());
        let sealed = self
            .service
            .vault
            .seal(&tenant.id, owner, provider, &id, &secret)
            .await
            .expect("sealed");
        let row = NewCredentialRow {
            id,
            host: provider.to_owned(),
            name: name.to_owned(),
            base_url,
            sealed: sealed.sealed,
            last4: sealed.last4,
            fingerprint: sealed.fingerprint,
            status: CredentialStatus::Active,
            reference: None,
            place: PoolPlace::default(),
            connected_at: EPOCH,
        };
        let put = self
            .service
            .store
            .put_credential(&tenant.id, owner, &row, None, &audit())
            .await
            .expect("stored");
        assert_eq!(put, Put::Created);
        key
    }

    /// An end user's credential for a host, as it is stored.
    pub(crate) async fn stored_credential(
        &self,
        tenant_id: &str,
        label: &str,
        host: &str,
    ) -> CredentialRow {
        let rows = self.service.store.user_credentials(tenant_id, label).await;
        let mut rows = rows.expect("read").into_iter();
        rows.find(|row| row.host == host).expect("connected")
    }
}

/// A streamed answer that is being read.
pub(crate) struct OpenStream {
    pub(crate) response: reqwest::Response,
    /// Everything read so far.
    pub(crate) text: String,
}

impl OpenStream {
    /// Sends the request, whose answer must be an event stream.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let content_type = response.headers().get("content-type");
        assert_eq!(content_type.expect("a type"), "text/event-stream");
        assert!(response.headers().contains_key("x-relay-request-id"));
        Self {
            response,
            text: String::new(),
        }
    }

    /// Reads on until the text so far holds `wanted`.
    pub(crate) async fn read_until(&mut self, wanted: &str) {
        while !self.text.contains(wanted) {
            assert!(
                self.read().await,
                "it ended without {wanted}: {}",
                self.text
            );
        }
    }

    /// Reads the next piece; false at the end.
    async fn read(&mut self) -> bool {
        let chunk = tokio::time::timeout(PATIENCE, self.response.chunk())
            .await
            .expect("the stream goes on")
            .expect("the connection holds");
        let Some(chunk) = chunk else { return false };
        assert_holds_none("a stream", &chunk);
        self.text
            .push_str(std::str::from_utf8(&chunk).expect("text"));
        true
    }

    /// Reads to the end.
    pub(crate) async fn whole(mut self) -> Reply {
        while self.read().await {}
        Reply {
            status: self.response.status().as_u16(),
            headers: self.response.headers().clone(),
            text: self.text,
        }
    }
}

impl Reply {
    /// All the text that a stream's chunks add up to.
    pub(crate) fn streamed_text(&self) -> String {
        self.events()
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
            .collect()
    }

    /// Whether a stream ended as if all were well.
    pub(crate) fn is_done(&self) -> bool {
        self.text.contains("[DONE]")
    }

    /// The error event that must be a broken stream's last, and its only one.
    pub(crate) fn stream_error(&self) -> Value {
        assert!(!self.is_done(), "it pretends to be whole: {}", self.text);
        let mut errors: Vec<Value> = self.events();
        let last = errors.pop().expect("an event");
        assert!(last["error"]["message"].is_string(), "{}", self.text);
        assert!(
            errors.iter().all(|event| event["error"].is_null()),
            "{}",
            self.text
        );
        last["error"].clone()
    }
}
