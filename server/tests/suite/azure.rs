//! Azure OpenAI: deployments by name, at the customer's own address.

use relay_provider_sim::Provider;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    a_deployment_answers_clients_of_every_dialect,
    a_deployment_answers_whole_and_streamed,
    responses_are_below_the_newer_path,
    embeddings_are_a_deployments_too,
    a_pasted_base_url_may_end_as_azure_shows_it,
    without_a_base_url_nothing_is_connected,
    a_wrong_key_is_refused_at_once_and_later,
    a_deployments_name_stays_in_its_place,
);

impl TestApp {
    /// The simulated resource.
    fn resource(&self) -> String {
        self.sim.url(Provider::Azure)
    }

    async fn put_azure(&self, tenant: &Tenant, body: Value) -> Reply {
        let path = "/v1/users/u/credentials/azure";
        self.call(Method::PUT, path, &tenant.key, body).await
    }

    /// Connects a good key for the user `u`, and answers it.
    async fn connect_azure(&self, tenant: &Tenant) -> String {
        let key = self.provider_key("azure");
        let body = json!({ "apiKey": key, "baseUrl": self.resource() });
        let put = self.put_azure(tenant, body).await;
        assert_eq!(put.status, 201, "{}", put.text);
        key
    }
}

async fn a_deployment_answers_whole_and_streamed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.connect_azure(&tenant).await;
    let checked = app.sim.received();
    assert_eq!(checked[0].path, "/azure/openai/models");
    assert_eq!(checked[0].query.as_deref(), Some("api-version=2024-10-21"));
    app.sim.clear_received();
    let whole = app.chat(&tenant, "u", "azure:my-gpt", json!({})).await;
    assert_eq!(whole.status, 200, "{}", whole.text);
    assert_eq!(
        whole.json()["choices"][0]["message"]["content"],
        "You said: hi"
    );
    let stream = app.stream(&tenant, "u", "azure/my-gpt", json!({})).await;
    let streamed = stream.whole().await;
    assert!(streamed.is_done(), "{}", streamed.text);
    assert_eq!(streamed.streamed_text(), "You said: hi");
    for received in app.sim.received() {
        assert_eq!(
            received.path,
            "/azure/openai/deployments/my-gpt/chat/completions"
        );
        assert_eq!(received.query.as_deref(), Some("api-version=2024-10-21"));
        assert_eq!(received.header("api-key"), Some(key.as_str()));
        assert_eq!(received.header("authorization"), None);
    }
}

async fn responses_are_below_the_newer_path(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_azure(&tenant).await;
    app.sim.clear_received();
    let request = app
        .request(Method::POST, "/v1/responses")
        .bearer_auth(&tenant.key)
        .header("X-Relay-User", "u")
        .json(&json!({ "model": "azure:my-gpt", "input": "hi" }));
    let reply = Reply::of(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let received = app.sim.received();
    assert_eq!(received[0].path, "/azure/openai/v1/responses");
    assert_eq!(received[0].query, None);
    let sent: Value = serde_json::from_slice(&received[0].body).expect("JSON");
    assert_eq!(sent["model"], "my-gpt");
}

async fn embeddings_are_a_deployments_too(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_azure(&tenant).await;
    app.sim.clear_received();
    let request = app
        .request(Method::POST, "/v1/embeddings")
        .bearer_auth(&tenant.key)
        .header("X-Relay-User", "u")
        .json(&json!({ "model": "azure:my-vectors", "input": "hi" }));
    let reply = Reply::of(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let received = app.sim.received();
    let path = "/azure/openai/deployments/my-vectors/embeddings";
    assert_eq!(received[0].path, path);
}

async fn a_pasted_base_url_may_end_as_azure_shows_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for tail in ["/", "/openai", "/openai/", "/openai/v1/"] {
        let key = app.provider_key("azure");
        let base_url = format!("{}{tail}", app.resource());
        let body = json!({ "apiKey": key, "baseUrl": base_url });
        let put = app.put_azure(&tenant, body).await;
        assert!(put.status < 300, "{tail}: {}", put.text);
        let reply = app.chat(&tenant, "u", "azure:my-gpt", json!({})).await;
        assert_eq!(reply.status, 200, "{tail}: {}", reply.text);
    }
}

async fn without_a_base_url_nothing_is_connected(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "apiKey": app.provider_key("azure") });
    let put = app.put_azure(&tenant, body).await;
    assert_eq!(put.status, 400, "{}", put.text);
    assert_eq!(put.code(), "invalid_request");
    assert!(put.text.contains("`baseUrl` is needed"), "{}", put.text);
    assert!(app.sim.received().is_empty());
}

async fn a_wrong_key_is_refused_at_once_and_later(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let wrong = app.unknown_provider_key("azure");
    let body = json!({ "apiKey": wrong, "baseUrl": app.resource() });
    let put = app.put_azure(&tenant, body).await;
    assert_eq!((put.status, put.code().as_str()), (422, "key_refused"));
    let key = app.connect_azure(&tenant).await;
    app.sim.refuse_key("azure", &key);
    let reply = app.chat(&tenant, "u", "azure:my-gpt", json!({})).await;
    assert_eq!(reply.status, 424, "{}", reply.text);
    assert_eq!(reply.code(), "user_key_rejected");
    assert_eq!(app.credential_status(&tenant, "u", "azure").await, "broken");
}

async fn a_deployments_name_stays_in_its_place(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_azure(&tenant).await;
    app.sim.clear_received();
    for (name, path) in [
        ("a/../../b?c", Some("a%2F..%2F..%2Fb%3Fc")),
        ("..", None),
        ("%2e%2e", Some("%252e%252e")),
    ] {
        app.sim.clear_received();
        let model = format!("azure:{name}");
        let reply = app.chat(&tenant, "u", &model, json!({})).await;
        let received = app.sim.received();
        let Some(path) = path else {
            assert_eq!(reply.code(), "upstream_unsendable", "{}", reply.text);
            assert!(received.is_empty());
            continue;
        };
        let path = format!("/azure/openai/deployments/{path}/chat/completions");
        assert_eq!(received[0].path, path);
    }
}

async fn a_deployment_answers_clients_of_every_dialect(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_azure(&tenant).await;
    app.assert_every_client_is_answered(&tenant, "azure:my-gpt")
        .await;
}
