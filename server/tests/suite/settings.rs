//! `/v1/settings`: what a tenant decides for its pages, and what follows from it.

use std::time::Duration;

use relay_server::clock::RequestIds;
use relay_server::store::{RequestRow, UsageBatch};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sql::Sql;
use crate::support::{EPOCH, Reply, Tenant, TestApp};

on_each_database!(
    settings_are_changed_field_by_field,
    settings_that_cannot_be_are_refused_by_their_field,
    a_tenants_name_is_nobody_elses,
    a_widget_is_used_where_the_tenant_says_unless_its_token_says_otherwise,
    a_tenant_forgets_its_requests_sooner_than_the_operator,
);

const SETTINGS: &str = "/v1/settings";

async fn change(app: &TestApp, tenant: &Tenant, body: Value) -> Reply {
    app.call(Method::PATCH, SETTINGS, &tenant.key, body).await
}

async fn settings(app: &TestApp, tenant: &Tenant) -> Value {
    let reply = app.call(Method::GET, SETTINGS, &tenant.key, Value::Null);
    let reply = reply.await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn settings_are_changed_field_by_field(app: &TestApp) {
    let (tenant, other) = (app.tenant("acme").await, app.tenant("other").await);
    let usual = json!({
        "tenantName": "acme", "allowedOrigins": [], "branding": {}, "longestRetentionDays": 90,
    });
    assert_eq!(settings(app, &tenant).await, usual);
    let body = json!({
        "allowedOrigins": ["https://App.Example.com:443/", "http://localhost:3000"],
        "branding": {
            "accentColor": "#0A5DC2", "logoUrl": "https://cdn.example.com/logo.svg",
            "privacyUrl": "https://example.com/privacy",
        },
        "requestsRetentionDays": 30,
    });
    let changed = change(app, &tenant, body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!(
        changed["allowedOrigins"],
        json!(["https://app.example.com", "http://localhost:3000"])
    );
    assert_eq!(changed["branding"]["accentColor"], "#0a5dc2");
    assert_eq!(changed["requestsRetentionDays"], 30);
    assert_eq!(settings(app, &tenant).await, changed);
    let body = json!({ "tenantName": " Acme Inc. ", "requestsRetentionDays": null });
    let again = change(app, &tenant, body).await.json();
    assert_eq!(again["tenantName"], "Acme Inc.");
    assert_eq!(again["requestsRetentionDays"], Value::Null);
    assert_eq!(again["branding"], changed["branding"], "left out, it stays");
    let body = json!({ "branding": { "accentColor": "#ffffff" } });
    let again = change(app, &tenant, body).await.json();
    let whole = json!({ "accentColor": "#ffffff" });
    assert_eq!(again["branding"], whole, "a look is replaced as a whole");
    assert_eq!(settings(app, &other).await["branding"], json!({}));
}

async fn settings_that_cannot_be_are_refused_by_their_field(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let before = settings(app, &tenant).await;
    let many: Vec<_> = (0..51).map(|n| format!("https://a{n}.example")).collect();
    for (body, field) in [
        (json!({ "tenantName": " " }), "tenantName"),
        (
            json!({ "allowedOrigins": ["https://a.example/x"] }),
            "allowedOrigins",
        ),
        (json!({ "allowedOrigins": ["*"] }), "allowedOrigins"),
        (json!({ "allowedOrigins": many }), "allowedOrigins"),
        (
            json!({ "branding": { "accentColor": "red; }" } }),
            "branding.accentColor",
        ),
        (
            json!({ "branding": { "logoUrl": "javascript:alert(1)" } }),
            "branding.logoUrl",
        ),
        (
            json!({ "branding": { "privacyUrl": "http://example.com/" } }),
            "branding.privacyUrl",
        ),
        (
            json!({ "requestsRetentionDays": 0 }),
            "requestsRetentionDays",
        ),
        (
            json!({ "requestsRetentionDays": 3651 }),
            "requestsRetentionDays",
        ),
    ] {
        let reply = change(app, &tenant, body.clone()).await;
        let refused = (reply.status, reply.code());
        assert_eq!(refused, (400, "invalid_request".to_owned()), "{body}");
        let named = format!("`{field}`");
        assert!(reply.text.contains(&named), "{body}: {}", reply.text);
    }
    assert_eq!(settings(app, &tenant).await, before);
}

async fn a_tenants_name_is_nobody_elses(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.tenant("other").await;
    let body = json!({ "tenantName": "other", "requestsRetentionDays": 3 });
    let reply = change(app, &tenant, body).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (409, "tenant_name_taken")
    );
    let now = settings(app, &tenant).await;
    assert_eq!(now["tenantName"], "acme");
    assert_eq!(now["requestsRetentionDays"], Value::Null, "all or nothing");
    let same = change(app, &tenant, json!({ "tenantName": "acme" })).await;
    assert_eq!(same.status, 200, "its own name is no other's");
}

async fn a_widget_is_used_where_the_tenant_says_unless_its_token_says_otherwise(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let open = app.registration_token(&tenant, "ada").await;
    let body = json!({ "endUserLabel": "ada", "allowedOrigins": ["https://own.example"] });
    let own = app
        .call(Method::POST, "/v1/registration-tokens", &tenant.key, body)
        .await;
    let own = own.json()["registrationToken"].as_str().map(str::to_owned);
    let own = own.expect("a token");
    let from = async |token: &str, origin: &str| {
        let request = app.request(Method::GET, "/v1/widget/session");
        let request = request.bearer_auth(token).header("Origin", origin);
        let reply = Reply::of(request).await;
        (reply.status, reply.code())
    };
    let refused = (403, "origin_not_allowed".to_owned());
    assert_eq!(from(&open, "https://any.example").await.0, 200);
    let body = json!({ "allowedOrigins": ["https://app.example"] });
    assert_eq!(change(app, &tenant, body).await.status, 200);
    assert_eq!(from(&open, "https://app.example").await.0, 200);
    assert_eq!(from(&open, "https://any.example").await, refused);
    assert_eq!(from(&own, "https://own.example").await.0, 200);
    assert_eq!(from(&own, "https://app.example").await, refused);
    let relays_own = app.service.config.public_url.clone();
    assert_eq!(from(&open, &relays_own).await.0, 200, "Relay's own page");
}

async fn a_tenant_forgets_its_requests_sooner_than_the_operator(app: &TestApp) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let (tenant, other) = (app.tenant("acme").await, app.tenant("other").await);
    let ids = RequestIds::default();
    let mut rows = Vec::new();
    for tenant in [&tenant, &other] {
        for days in [1, 6, 8, 20] {
            let at = EPOCH - days * DAY;
            rows.push(RequestRow {
                tenant_id: tenant.id.clone(),
                id: ids.next(at),
                at,
                relay_key_id: "k".to_owned(),
                operation: "chat".to_owned(),
                model: format!("{days} days ago"),
                status: 200,
                ..RequestRow::default()
            });
        }
    }
    let batch = UsageBatch {
        rows,
        ..UsageBatch::default()
    };
    let written = app.service.store.add_requests(&batch).await;
    written.expect("written");
    let body = json!({ "requestsRetentionDays": 7 });
    assert_eq!(change(app, &tenant, body).await.status, 200);
    relay_server::tidy(&app.service).await;
    let kept = async |tenant: &Tenant| {
        let rows = app.ended_requests(tenant).await;
        rows.into_iter().map(|row| row.model).collect::<Vec<_>>()
    };
    assert_eq!(kept(&tenant).await, ["1 days ago", "6 days ago"]);
    assert_eq!(kept(&other).await.len(), 4, "another tenant's stay");
    app.clock.advance(Duration::from_hours(24));
    relay_server::tidy(&app.service).await;
    assert_eq!(kept(&tenant).await, ["1 days ago", "6 days ago"]);
    app.clock.advance(Duration::from_secs(1));
    relay_server::tidy(&app.service).await;
    assert_eq!(kept(&tenant).await, ["1 days ago"]);
    let mut sql = Sql::of(app).await;
    assert_eq!(sql.count("requests").await, 5);
}
