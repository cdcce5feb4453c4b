//! `GET /v1/models`

use reqwest::Method;
use serde_json::Value;

use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    models_are_listed_in_openais_shape,
    a_model_is_shown_by_its_name_with_or_without_its_provider,
    an_unknown_model_is_not_found_in_openais_shape,
);

async fn get(app: &TestApp, tenant: &Tenant, path: &str) -> Reply {
    app.call(Method::GET, path, &tenant.key, Value::Null).await
}

async fn models_are_listed_in_openais_shape(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let listed = get(app, &tenant, "/v1/models").await;
    assert_eq!(listed.status, 200);
    assert_eq!(
        get(app, &tenant, "/openai/v1/models").await.text,
        listed.text
    );
    let list = listed.json();
    assert_eq!(list["object"], "list");
    let models = list["data"].as_array().expect("models");
    for model in models {
        assert_eq!(model["object"], "model");
        assert!(model["id"].is_string() && model["created"].as_i64() > Some(1_600_000_000));
    }
    for (id, owner) in [
        ("gpt-4o", "openai"),
        ("claude-sonnet-4-5", "anthropic"),
        ("gemini-2.5-flash", "google"),
        ("gemini-embedding-001", "google"),
    ] {
        let model = models.iter().find(|model| model["id"] == id).expect(id);
        assert_eq!(model["owned_by"], owner);
        let shown = get(app, &tenant, &format!("/v1/models/{id}")).await;
        assert_eq!(shown.json(), *model);
    }
    assert_eq!(app.get("/v1/models").await.status, 401);
    assert!(app.sim.received().is_empty());
}

async fn a_model_is_shown_by_its_name_with_or_without_its_provider(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for path in [
        "/v1/models/gpt-4o",
        "/openai/v1/models/gpt-4o",
        "/v1/models/openai/gpt-4o",
        "/v1/models/openai:gpt-4o",
        "/v1/models/openai%2Fgpt-4o",
    ] {
        let reply = get(app, &tenant, path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.json()["id"], "gpt-4o", "{path}");
    }
}

async fn an_unknown_model_is_not_found_in_openais_shape(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for path in [
        "/v1/models/gpt-0",
        "/openai/v1/models/no/such",
        "/v1/models/anthropic:gpt-4o",
    ] {
        let reply = get(app, &tenant, path).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "model_not_found"),
            "{path}"
        );
        assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
        assert_eq!(reply.json()["error"]["param"], "model");
    }
}
