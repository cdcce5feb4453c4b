//! Sessions: a new secret at each turn, listed, ended from elsewhere.

use std::time::Duration;

use relay_api::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{belong, call, member_id, person, refused, session};
use crate::console::{PASSWORD, cookie, me, owner};
use crate::support::{Reply, TestApp};

on_each_database!(
    signing_in_makes_a_new_secret_and_ends_the_one_before,
    a_member_goes_to_another_tenant_with_a_new_secret_and_to_no_other,
    sessions_are_listed_and_ended_one_by_one_and_all_together,
    nobody_ends_another_members_session,
    a_session_says_when_it_was_used,
);

async fn signing_in_makes_a_new_secret_and_ends_the_one_before(app: &TestApp) {
    let (_, first) = owner(app, "acme").await;
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    let reply = call(app, Method::POST, "/api/session", &first, body.clone()).await;
    let second = cookie(&reply);
    assert_ne!(first, second);
    refused(&me(app, &first).await, 401, "not_signed_in");
    assert_eq!(me(app, &second).await.status, 200);
    // A secret that somebody planted in the browser is none afterwards.
    let planted = "relay_session=planted";
    let reply = call(app, Method::POST, "/api/session", planted, body).await;
    assert_ne!(cookie(&reply), planted);
    refused(&me(app, planted).await, 401, "not_signed_in");
}

async fn a_member_goes_to_another_tenant_with_a_new_secret_and_to_no_other(app: &TestApp) {
    let (_, first) = owner(app, "acme").await;
    let ada = member_id(app, "ada@example.com").await;
    let (labs, foreign) = (app.tenant("labs").await, app.tenant("foreign").await);
    belong(app, &labs.id, &ada, Role::Viewer).await;
    let go = async |to: &str, cookie: &str| {
        let body = json!({ "tenantId": to });
        call(app, Method::POST, "/api/session/tenant", cookie, body).await
    };
    for nowhere in [foreign.id.as_str(), "", "x", "x\u{0}"] {
        refused(&go(nowhere, &first).await, 404, "not_found");
    }
    let reply = go(&labs.id, &first).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let me_there = reply.json();
    assert_eq!(me_there["tenant"]["name"], "labs");
    assert_eq!(me_there["role"], "viewer");
    let names: Vec<_> = me_there["tenants"].as_array().expect("tenants").clone();
    assert_eq!(names.len(), 2, "{names:?}");
    let second = cookie(&reply);
    refused(&me(app, &first).await, 401, "not_signed_in");
    // The role is that of the tenant one works in.
    let body = json!({ "name": "mine" });
    let reply = call(app, Method::POST, "/v1/relay-keys", &second, body).await;
    refused(&reply, 403, "role_may_not");
}

async fn sessions_are_listed_and_ended_one_by_one_and_all_together(app: &TestApp) {
    let (ada, first) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let id = member_id(app, "ada@example.com").await;
    let second = session(app, &id, tenant).await;
    let third = session(app, &id, tenant).await;
    let list = call(app, Method::GET, "/api/sessions", &first, Value::Null)
        .await
        .json();
    let rows = list["data"].as_array().expect("sessions").clone();
    assert_eq!(rows.len(), 3);
    let own: Vec<_> = rows.iter().filter(|row| row["current"] == true).collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["address"], "127.0.0.1");
    let of_second = call(app, Method::GET, "/api/sessions", &second, Value::Null)
        .await
        .json();
    let rows = of_second["data"].as_array().expect("sessions");
    let own = rows
        .iter()
        .find(|row| row["current"] == true)
        .expect("its own");
    assert_eq!(own["userAgent"], "test");
    let path = format!("/api/sessions/{}", own["id"].as_str().expect("an id"));
    assert_eq!(
        call(app, Method::DELETE, &path, &first, Value::Null)
            .await
            .status,
        204
    );
    refused(&me(app, &second).await, 401, "not_signed_in");
    refused(
        &call(app, Method::DELETE, &path, &first, Value::Null).await,
        404,
        "not_found",
    );
    assert_eq!(me(app, &third).await.status, 200);
    assert_eq!(
        call(app, Method::DELETE, "/api/sessions", &first, Value::Null)
            .await
            .status,
        204
    );
    refused(&me(app, &third).await, 401, "not_signed_in");
    assert_eq!(me(app, &first).await.status, 200);
}

async fn nobody_ends_another_members_session(app: &TestApp) {
    let (ada, first) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let bob = person(app, tenant, "bob@example.com", Role::Viewer).await;
    let list = call(app, Method::GET, "/api/sessions", &bob.cookie, Value::Null)
        .await
        .json();
    let path = format!(
        "/api/sessions/{}",
        list["data"][0]["id"].as_str().expect("an id")
    );
    let reply: Reply = call(app, Method::DELETE, &path, &first, Value::Null).await;
    refused(&reply, 404, "not_found");
    call(app, Method::DELETE, "/api/sessions", &first, Value::Null).await;
    assert_eq!(me(app, &bob.cookie).await.status, 200);
}

async fn a_session_says_when_it_was_used(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let seen = async || {
        let list = call(app, Method::GET, "/api/sessions", &cookie, Value::Null)
            .await
            .json();
        let members = call(app, Method::GET, "/api/members", &cookie, Value::Null)
            .await
            .json();
        let seen = list["data"][0]["lastSeenAt"].clone();
        assert_eq!(members["data"][0]["lastSeenAt"], seen);
        seen
    };
    assert_eq!(seen().await, "2023-11-14T22:13:20.000Z");
    app.clock.advance(Duration::from_mins(4));
    assert_eq!(
        seen().await,
        "2023-11-14T22:13:20.000Z",
        "known to five minutes"
    );
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(seen().await, "2023-11-14T22:18:20.000Z");
}
