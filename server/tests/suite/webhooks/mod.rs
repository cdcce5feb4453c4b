//! `/v1/webhooks`: what tenants are told of, how, and how often.

mod addresses;
mod deliveries;
mod events;
mod managed;
pub(crate) mod receiver;

use relay_server::webhooks::Webhooks;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};
use receiver::PATIENCE;

pub(crate) const ALL: [&str; 5] = [
    "credential.connected",
    "credential.broken",
    "credential.disconnected",
    "quota.threshold",
    "key.expiring",
];

pub(crate) async fn call(
    app: &TestApp,
    tenant: &Tenant,
    method: Method,
    path: &str,
    body: Value,
) -> Reply {
    app.call(method, path, &tenant.key, body).await
}

/// A webhook: its id and its secret.
pub(crate) async fn webhook(
    app: &TestApp,
    tenant: &Tenant,
    url: &str,
    events: &[&str],
) -> (String, String) {
    let body = json!({ "url": url, "events": events });
    let made = call(app, tenant, Method::POST, "/v1/webhooks", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let text = |field: &str| made[field].as_str().expect("text").to_owned();
    (text("id"), text("secret"))
}

pub(crate) async fn shown(app: &TestApp, tenant: &Tenant, id: &str) -> Value {
    let path = format!("/v1/webhooks/{id}");
    let reply = call(app, tenant, Method::GET, &path, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// What was, or is to be, sent to a webhook, the newest first.
pub(crate) async fn log(app: &TestApp, tenant: &Tenant, id: &str) -> Vec<Value> {
    let path = format!("/v1/webhooks/{id}/deliveries?limit=200");
    let reply = call(app, tenant, Method::GET, &path, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["data"].as_array().expect("a list").clone()
}

/// The log, once it is as wanted. What is due is delivered meanwhile, by this or by the server's own
/// worker, whoever is first.
pub(crate) async fn log_when(
    app: &TestApp,
    tenant: &Tenant,
    id: &str,
    wanted: impl Fn(&[Value]) -> bool,
) -> Vec<Value> {
    let waiting = async {
        loop {
            let webhooks: &Webhooks = &app.service.webhooks;
            webhooks.deliver().await.expect("the database is there");
            let log = log(app, tenant, id).await;
            if wanted(&log) {
                return log;
            }
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, waiting).await;
    found.expect("the log becomes so")
}

/// How often a delivery was tried.
pub(crate) fn tries(delivery: &Value) -> usize {
    delivery["attempts"].as_array().expect("a list").len()
}
