//! Calls to addresses that are no provider's: what webhooks are told. The same guard, no redirects,
//! and nothing of the answer but its head.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use url::Url;

use super::{Upstream, UpstreamError, classify, read_bounded};

/// What an answer may say without closing the connection; nobody reads it.
const ANSWER_BYTES: usize = 64 * 1024;

/// What an address answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// The status.
    pub status: u16,
    /// How long it asks to be left alone, in whole seconds.
    pub retry_after: Option<Duration>,
}

impl Upstream {
    /// Whether a URL may be called, as far as can be told before its name is resolved.
    pub fn may_post_to(&self, url: &Url) -> Result<(), UpstreamError> {
        self.reach(url).map(drop)
    }

    /// Posts JSON. Any status is an answer, a redirect too, which is not followed.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        timeout: Duration,
    ) -> Result<Posted, UpstreamError> {
        let client = self.clients.usual(self.reach(url)?);
        let sent = client
            .post(url.clone())
            .headers(headers)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body)
            .timeout(timeout)
            .send()
            .await;
        let answer = sent.map_err(|error| classify(&error))?;
        let posted = Posted {
            status: answer.status().as_u16(),
            retry_after: retry_after(answer.headers()),
        };
        // Read to its end, a short answer leaves the connection to the next call; a long or slow one
        // is let go of, and the status counts whatever follows.
        let _ = read_bounded(answer, ANSWER_BYTES).await;
        Ok(posted)
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse();
    seconds.ok().map(Duration::from_secs)
}
