//! Calls, and what they take.

use std::ops::Range;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use relay_provider_sim::Sim;
use reqwest::{Client, RequestBuilder};
use serde_json::json;

use crate::place::Place;
use crate::seed::{Sizes, bearer, label};

const AT_ONCE: usize = 8;

/// How many users and relay keys calls are spread over, in turns.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) users: u64,
    pub(crate) keys: u64,
}

/// Calls a service.
pub(crate) struct Caller {
    client: Client,
    url: String,
    straight: String,
    spacing: u64,
}

impl Caller {
    pub(crate) fn new(place: &Place, sizes: &Sizes) -> Self {
        #[expect(clippy::disallowed_methods, reason = "it calls the service")]
        let client = Client::builder()
            .tls_backend_preconfigured(relay_server::upstream::tls())
            .no_proxy()
            .build();
        Self {
            client: client.expect("a client"),
            url: format!("http://{}/v1/chat/completions", place.address),
            straight: format!("{}/chat/completions", place.provider),
            spacing: sizes.user(1),
        }
    }

    /// A call that one of the users makes with one of the relay keys.
    pub(crate) async fn call(&self, user: u64, key: u64) {
        let request = self.client.post(&self.url).bearer_auth(bearer(key));
        answered(request.header("x-relay-user", label(user * self.spacing))).await;
    }

    /// The call whose turn it is.
    pub(crate) async fn call_of(&self, spread: Spread, turn: u64) {
        self.call(turn % spread.users, turn % spread.keys).await;
    }

    /// The same call, straight to the provider.
    pub(crate) async fn straight(&self) {
        let request = self.client.post(&self.straight);
        answered(request.bearer_auth("sk-bench-000000000000")).await;
    }

    /// A call of each of the users, some at once.
    pub(crate) async fn each_of(&self, users: Range<u64>, sim: &Sim) {
        stream::iter(users)
            .for_each_concurrent(AT_ONCE, async |user| {
                self.call(user, 0).await;
                if user % 100 == 0 {
                    sim.clear_received();
                }
            })
            .await;
    }
}

async fn answered(request: RequestBuilder) {
    let body = json!({
        "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "hi" }],
    });
    let answer = request.json(&body).send().await.expect("an answer");
    let status = answer.status();
    let text = answer.text().await.expect("all of it");
    assert!(status.is_success(), "{status}: {text}");
}

/// How much longer the calls took than those straight to the provider.
pub(crate) fn added(calls: &[Duration], straight: &[Duration], percent: usize) -> Duration {
    let at = |waits: &[Duration]| {
        let mut waits = waits.to_vec();
        waits.sort_unstable();
        waits[(waits.len() - 1) * percent / 100]
    };
    at(calls).saturating_sub(at(straight))
}

/// What memory this process has, where the system tells.
pub(crate) fn resident_mib() -> String {
    const PAGE: u64 = 4_096;
    let told = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = told.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.map_or_else(
        || "not told".to_owned(),
        |pages: u64| format!("{} MiB", pages * PAGE / 1_048_576),
    )
}
