//! Two servers on one database: what one of them is told, the other obeys within a second.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{Home, Running, until};
use crate::support::Kind;

/// A machine that is busy with other tests may be slower; a change that is never noticed is found
/// out, because the caches hold for a minute.
const DEADLINE: Duration = Duration::from_secs(10);

async fn on(kind: Kind) {
    let home = Home::new(kind).await;
    let (here, there) = (home.serve(), home.serve());
    let (manage, _) = home.tenant("acme");
    let call = async |server: &Running, method: Method, path: &str, body: Value| {
        let reply = home.call(server, method, path, &manage, body).await;
        assert!((200..300).contains(&reply.status), "{path}: {}", reply.text);
        if reply.text.is_empty() {
            Value::Null
        } else {
            reply.json()
        }
    };
    let body = json!({ "name": "app", "scopes": ["inference"] });
    let made = call(&here, Method::POST, "/v1/relay-keys", body).await;
    let path = format!("/v1/relay-keys/{}", made["id"].as_str().expect("an id"));
    let first = made["key"].as_str().expect("a key").to_owned();
    let told = async |server: &Running, bearer: &str| {
        let reply = home.call(server, Method::GET, "/v1/models", bearer, Value::Null);
        let reply = reply.await;
        if reply.status == 200 {
            "works".to_owned()
        } else {
            reply.code()
        }
    };
    // What was asked here is obeyed here at once, and there when it has been heard of.
    let obeyed = async |what: &str, bearer: &str, answer: &str, from: Instant| {
        assert_eq!(told(&here, bearer).await, answer, "{what}: here, at once");
        until(DEADLINE, async || {
            (told(&there, bearer).await == answer).then_some(())
        })
        .await;
        println!(
            "{what}: obeyed by the other server after {} ms",
            from.elapsed().as_millis()
        );
    };
    obeyed("a new key", &first, "works", Instant::now()).await;

    let from = Instant::now();
    call(&here, Method::PATCH, &path, json!({ "disabled": true })).await;
    obeyed("switching a key off", &first, "relay_key_disabled", from).await;
    let from = Instant::now();
    call(&here, Method::PATCH, &path, json!({ "disabled": false })).await;
    obeyed("switching a key on", &first, "works", from).await;

    let rotate = format!("{path}/rotate");
    let from = Instant::now();
    let rotated = call(&here, Method::POST, &rotate, json!({})).await;
    let second = rotated["key"].as_str().expect("a key").to_owned();
    obeyed("rotating a key", &first, "relay_key_rotated", from).await;
    obeyed("rotating a key", &second, "works", from).await;

    let from = Instant::now();
    call(&here, Method::DELETE, &path, Value::Null).await;
    obeyed("revoking a key", &second, "relay_key_revoked", from).await;
    obeyed("revoking a key", &first, "relay_key_revoked", from).await;
    drop((here, there));
    home.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_a_key_is_obeyed_by_both_on_sqlite() {
    on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_a_key_is_obeyed_by_both_on_postgres() {
    on(Kind::Postgres).await;
}
