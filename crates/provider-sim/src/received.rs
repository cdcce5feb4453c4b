use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::Provider;

/// One request as the simulated provider received it, credentials included: tests ask what
/// exactly left the gateway.
#[derive(Debug, Clone)]
pub struct Received {
    /// Whose API was called.
    pub provider: Provider,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The whole path, from the provider's prefix on: `/openai/v1/chat/completions`.
    pub path: String,
    /// The query string without its `?`, if there was one.
    pub query: Option<String>,
    /// Every header in the order received, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes, untouched.
    pub body: Bytes,
}

impl Received {
    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The request as the control endpoint lists it.
    pub(crate) fn listed(&self) -> Listed<'_> {
        Listed {
            provider: self.provider.name(),
            method: &self.method,
            path: &self.path,
            query: self.query.as_deref(),
            headers: &self.headers,
            body: self.json(),
            body_text: String::from_utf8_lossy(&self.body).into_owned(),
        }
    }
}

/// `GET /__sim/requests`: one entry.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed<'a> {
    provider: &'static str,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    headers: &'a [(String, String)],
    body: Value,
    body_text: String,
}
