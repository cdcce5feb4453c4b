//! Three servers on one PostgreSQL and one Redis: a limit is one limit, whichever server is called.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{Home, Running, until};
use crate::support::{Kind, Reply, chat_body};

const REDIS: &str = "RELAY_TEST_REDIS_URL";
const SERVERS: usize = 3;
/// What a relay key may do a day: too little for any of it to come back while the test runs.
const ADMITTED: usize = 30;
const CALLS: usize = 120;
/// More would make a busy machine's Redis too slow to count.
const AT_ONCE: usize = 12;
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_admit_together_exactly_what_one_would() {
    let Ok(redis) = std::env::var(REDIS) else {
        println!("skipped: {REDIS} is not set");
        return;
    };
    let home = Home::new(Kind::Postgres).await;
    let start = |_| {
        let mut command = home.command(&["serve"]);
        // Were Redis away, no call would pass, and none uncounted.
        command
            .env("RELAY_REDIS_URL", &redis)
            .env("RELAY_LIMITS_WITHOUT_REDIS", "fail_closed");
        Running::start(&mut command)
    };
    let servers: Vec<Running> = (0..SERVERS).map(start).collect();
    let (manage, _) = home.tenant("acme");
    let ask = async |method, path: &str, body: Value| {
        let reply = home.call(&servers[0], method, path, &manage, body).await;
        assert_eq!(reply.status, 201, "{path}: {}", reply.text);
        reply.json()
    };
    let provider_key = json!({ "apiKey": home.provider_key() });
    ask(Method::PUT, "/v1/credentials/openai", provider_key).await;
    let limited = async |amount: usize| {
        let limit = json!({ "metric": "requests", "per": "day", "amount": amount });
        let key = json!({ "name": "app", "scopes": ["inference"], "limits": [limit] });
        let made = ask(Method::POST, "/v1/relay-keys", key).await;
        made["key"].as_str().expect("a key").to_owned()
    };
    let (plenty, key) = (limited(1_000).await, limited(ADMITTED).await);
    let body = chat_body("gpt-4o-mini", &json!({}));
    let call = |number: usize, key: &str| {
        let server = &servers[number % SERVERS];
        let path = "/v1/chat/completions";
        Reply::of(home.request(server, Method::POST, path, key, &body))
    };
    for number in 0..SERVERS {
        // Each has found its Redis, and knows the tenant.
        let ready = async || (call(number, &plenty).await.status == 200).then_some(());
        until(PATIENCE, ready).await;
    }
    let calls = stream::iter(0..CALLS).map(|number| call(number, &key));
    let replies: Vec<Reply> = calls.buffer_unordered(AT_ONCE).collect().await;
    let answered = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(answered, ADMITTED);
    for reply in &replies {
        if reply.status != 200 {
            let told = (reply.status, reply.code());
            assert_eq!(told, (429, "limit_reached".to_owned()), "{}", reply.text);
        }
        assert_eq!(reply.header("x-relay-limit").is_some(), reply.status == 429);
    }
    for server in &servers {
        server.terminate();
    }
    servers.into_iter().for_each(Running::stopped);
    home.leave().await;
}
