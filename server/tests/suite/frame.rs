//! What is around every answer.

use serde_json::json;

use crate::support::TestApp;

on_each_database!(
    official_clients_find_the_requests_id,
    errors_of_relays_own_routes_name_the_request
);

async fn official_clients_find_the_requests_id(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "anthropic").await;
    let reply = app
        .chat(&tenant, "ada", "claude-sonnet-4-5", json!({}))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(
        reply.header("x-request-id"),
        reply.header("x-relay-request-id")
    );
}

async fn errors_of_relays_own_routes_name_the_request(app: &TestApp) {
    let reply = app.get("/v1/users").await;
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.json()["error"]["requestId"].as_str(),
        reply.header("x-relay-request-id")
    );
    assert_eq!(reply.header("x-request-id"), None);
}
