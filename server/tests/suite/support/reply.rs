//! A whole answer, looked through for canaries and held to the API's document.

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::canary::assert_holds_none;
use super::documented::{Seen, assert_documented};

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// Sends the request and reads the answer to its end.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let sent = request.body().and_then(|body| body.as_bytes());
        let sent = sent.unwrap_or_default().to_vec();
        let response = client.execute(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole body");
        assert_holds_none("a response", text.as_bytes());
        assert_holds_none("response headers", format!("{headers:?}").as_bytes());
        assert!(
            headers.contains_key("x-relay-request-id"),
            "every response names its request"
        );
        assert_documented(&Seen {
            method: method.as_str(),
            path: &path,
            sent: &sent,
            status,
            text: &text,
        });
        Self {
            status,
            headers,
            text,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The error's code, in whichever dialect.
    pub(crate) fn code(&self) -> String {
        let error = &self.json()["error"];
        let code = error["code"].as_str();
        code.or(error["details"][0]["reason"].as_str())
            .unwrap_or_default()
            .to_owned()
    }

    /// The JSON of each `data:` line of an event stream, `[DONE]` left out.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.text
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap_or_else(|_| panic!("not JSON: {data}")))
            .collect()
    }
}
