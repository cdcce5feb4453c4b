//! Tenants that members make, and destroy.

use relay_api::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{belong, call, member_id, person, refused, session};
use crate::console::{cookie, me, owner};
use crate::sql::Sql;
use crate::support::{Tenant, TestApp};

on_each_database!(
    an_owner_makes_further_tenants_and_a_viewer_does_not,
    deleting_a_tenant_shreds_its_keys_and_leaves_nothing,
    a_tenant_is_deleted_by_an_owner_who_types_its_name,
);
on_each_database!(with |config| config.people.owners_make_tenants = false;
    the_operator_alone_makes_tenants_where_they_want_it
);

async fn an_owner_makes_further_tenants_and_a_viewer_does_not(app: &TestApp) {
    let (ada, first) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    assert_eq!(ada["mayCreateTenants"], true);
    let make = async |cookie: &str, name: &str| {
        call(
            app,
            Method::POST,
            "/api/tenants",
            cookie,
            json!({ "name": name }),
        )
        .await
    };
    refused(&make(&first, "acme").await, 409, "tenant_name_taken");
    refused(&make(&first, " ").await, 400, "invalid_request");
    let made = make(&first, "labs").await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["tenant"]["name"], "labs");
    assert_eq!(made.json()["role"], "owner");
    refused(&me(app, &first).await, 401, "not_signed_in");
    // It works as the first does: its vault has a key.
    let body = json!({ "apiKey": app.provider_key("openai") });
    let put = call(
        app,
        Method::PUT,
        "/v1/credentials/openai",
        &cookie(&made),
        body,
    )
    .await;
    assert_eq!(put.status, 201, "{}", put.text);
    let viewer = person(app, tenant, "viewer@example.com", Role::Viewer).await;
    assert_eq!(
        me(app, &viewer.cookie).await.json()["mayCreateTenants"],
        false
    );
    refused(&make(&viewer.cookie, "mine").await, 403, "no_more_tenants");
}

async fn the_operator_alone_makes_tenants_where_they_want_it(app: &TestApp) {
    let (ada, cookie) = owner(app, "acme").await;
    assert_eq!(ada["mayCreateTenants"], false);
    let body = json!({ "name": "labs" });
    let reply = call(app, Method::POST, "/api/tenants", &cookie, body).await;
    refused(&reply, 403, "no_more_tenants");
}

async fn deleting_a_tenant_shreds_its_keys_and_leaves_nothing(app: &TestApp) {
    let (ada, cookie) = owner(app, "acme").await;
    let id = ada["tenant"]["id"].as_str().expect("an id").to_owned();
    let key = app.relay_key(&id, &relay_api::Scope::ALL).await;
    let acme = Tenant { id, key };
    app.connect(&acme, "ada", "openai").await;
    assert_eq!(
        app.chat(&acme, "ada", "gpt-4o-mini", json!({}))
            .await
            .status,
        200
    );
    app.service.meter.flush().await;
    let other = app.tenant("other").await;
    app.connect(&other, "ada", "openai").await;
    let admin = person(app, &acme.id, "admin@example.com", Role::Admin).await;
    let both = person(app, &acme.id, "both@example.com", Role::Viewer).await;
    belong(app, &other.id, &both.id, Role::Viewer).await;
    let elsewhere = session(app, &both.id, &other.id).await;

    let body = json!({ "name": "acme" });
    let gone = call(app, Method::DELETE, "/api/tenant", &cookie, body).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    assert!(
        gone.header("set-cookie")
            .expect("a cookie")
            .contains("Max-Age=0")
    );
    for cookie in [&cookie, &admin.cookie, &both.cookie] {
        refused(&me(app, cookie).await, 401, "not_signed_in");
    }
    let call_it = app.chat(&acme, "ada", "gpt-4o-mini", json!({})).await;
    refused(&call_it, 401, "invalid_relay_key");
    let mut sql = Sql::of(app).await;
    for table in [
        "data_keys",
        "credentials",
        "end_users",
        "relay_keys",
        "requests",
        "audit",
        "memberships",
        "sessions",
        "usage_rollups",
    ] {
        let sql_text = format!("SELECT '' FROM {table} WHERE tenant_id = $1");
        assert!(
            sql.texts(&sql_text, &[&acme.id]).await.is_empty(),
            "{table}"
        );
    }
    let left = sql
        .texts("SELECT email FROM members ORDER BY email", &[])
        .await;
    assert_eq!(left, ["both@example.com"], "who belongs elsewhere stays");
    assert_eq!(me(app, &elsewhere).await.status, 200);
    assert_eq!(
        app.chat(&other, "ada", "gpt-4o-mini", json!({}))
            .await
            .status,
        200
    );
}

async fn a_tenant_is_deleted_by_an_owner_who_types_its_name(app: &TestApp) {
    let (ada, cookie) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let admin = person(app, tenant, "admin@example.com", Role::Admin).await;
    let remove = async |cookie: &str, name: &str| {
        call(
            app,
            Method::DELETE,
            "/api/tenant",
            cookie,
            json!({ "name": name }),
        )
        .await
    };
    refused(&remove(&admin.cookie, "acme").await, 403, "role_may_not");
    for name in ["", "Acme", "acme ", "other"] {
        refused(&remove(&cookie, name).await, 400, "invalid_request");
    }
    let reply = call(app, Method::DELETE, "/api/tenant", &cookie, Value::Null).await;
    refused(&reply, 400, "invalid_json");
    assert_eq!(me(app, &cookie).await.status, 200);
    assert!(!member_id(app, "ada@example.com").await.is_empty());
}
