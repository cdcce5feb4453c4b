//! Members: listed, given roles, taken out; and a tenant always has an owner.

use relay_api::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{actions, belong, call, member_id, person, refused};
use crate::console::{me, owner};
use crate::support::{Reply, TestApp};

on_each_database!(
    members_are_listed_with_their_roles,
    a_role_counts_from_the_moment_it_is_given,
    only_owners_make_and_unmake_owners,
    the_last_owner_stays,
    anybody_else_may_leave,
    of_two_owners_who_leave_at_once_one_stays,
    who_is_taken_out_is_signed_out_and_elsewhere_is_not,
    a_developer_makes_no_key_that_manages,
);

async fn change(app: &TestApp, cookie: &str, id: &str, role: &str) -> Reply {
    let path = format!("/api/members/{id}");
    call(app, Method::PATCH, &path, cookie, json!({ "role": role })).await
}

async fn remove(app: &TestApp, cookie: &str, id: &str) -> Reply {
    let path = format!("/api/members/{id}");
    call(app, Method::DELETE, &path, cookie, Value::Null).await
}

async fn acme(app: &TestApp) -> (String, String, String) {
    let (ada, cookie) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id").to_owned();
    (tenant, member_id(app, "ada@example.com").await, cookie)
}

async fn anybody_else_may_leave(app: &TestApp) {
    let (tenant, _, cookie) = acme(app).await;
    let leave = async |cookie: &str| {
        call(
            app,
            Method::DELETE,
            "/api/session/tenant",
            cookie,
            Value::Null,
        )
        .await
    };
    let bob = person(app, &tenant, "bob@example.com", Role::Viewer).await;
    assert_eq!(leave(&bob.cookie).await.status, 204);
    refused(&me(app, &bob.cookie).await, 401, "not_signed_in");
    assert_eq!(actions(app, &cookie).await[0], "member.leave");
    refused(&leave(&cookie).await, 409, "last_owner");
}

async fn members_are_listed_with_their_roles(app: &TestApp) {
    let (tenant, ada, cookie) = acme(app).await;
    let bob = person(app, &tenant, "bob@example.com", Role::Developer).await;
    let list = call(app, Method::GET, "/api/members", &bob.cookie, Value::Null)
        .await
        .json();
    let rows = list["data"].as_array().expect("members");
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["id"].as_str(),
                row["email"].as_str(),
                row["role"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (Some(ada.as_str()), Some("ada@example.com"), Some("owner")),
            (
                Some(bob.id.as_str()),
                Some("bob@example.com"),
                Some("developer")
            ),
        ]
    );
    assert_eq!(rows[0]["secondFactor"], false);
    assert_eq!(me(app, &cookie).await.status, 200);
}

async fn a_role_counts_from_the_moment_it_is_given(app: &TestApp) {
    let (tenant, _, cookie) = acme(app).await;
    let bob = person(app, &tenant, "bob@example.com", Role::Viewer).await;
    let try_it = async || {
        let body = json!({ "name": relay_server::clock::new_id() });
        call(app, Method::POST, "/v1/policies", &bob.cookie, body)
            .await
            .status
    };
    assert_eq!(try_it().await, 403);
    let changed = change(app, &cookie, &bob.id, "developer").await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json()["role"], "developer");
    assert_eq!(try_it().await, 201);
    change(app, &cookie, &bob.id, "viewer").await;
    assert_eq!(try_it().await, 403, "and to the moment it is taken");
    let path = "/v1/audit?action=member.role&limit=1";
    let entries = call(app, Method::GET, path, &cookie, Value::Null).await;
    let detail = json!({ "email": "bob@example.com", "from": "developer", "to": "viewer" });
    assert_eq!(entries.json()["data"][0]["detail"], detail);
    refused(
        &change(app, &cookie, &bob.id, "king").await,
        400,
        "invalid_json",
    );
}

async fn only_owners_make_and_unmake_owners(app: &TestApp) {
    let (tenant, ada, cookie) = acme(app).await;
    let admin = person(app, &tenant, "admin@example.com", Role::Admin).await;
    let bob = person(app, &tenant, "bob@example.com", Role::Viewer).await;
    refused(
        &change(app, &admin.cookie, &admin.id, "owner").await,
        403,
        "role_may_not",
    );
    refused(
        &change(app, &admin.cookie, &bob.id, "owner").await,
        403,
        "role_may_not",
    );
    refused(
        &change(app, &admin.cookie, &ada, "viewer").await,
        403,
        "role_may_not",
    );
    refused(&remove(app, &admin.cookie, &ada).await, 403, "role_may_not");
    assert_eq!(
        change(app, &admin.cookie, &bob.id, "admin").await.status,
        200
    );
    assert_eq!(change(app, &cookie, &bob.id, "owner").await.status, 200);
    // An owner may go when there is another.
    assert_eq!(change(app, &cookie, &ada, "developer").await.status, 200);
    refused(
        &change(app, &cookie, &ada, "owner").await,
        403,
        "role_may_not",
    );
}

async fn the_last_owner_stays(app: &TestApp) {
    let (tenant, ada, cookie) = acme(app).await;
    person(app, &tenant, "admin@example.com", Role::Admin).await;
    refused(
        &change(app, &cookie, &ada, "admin").await,
        409,
        "last_owner",
    );
    refused(&remove(app, &cookie, &ada).await, 409, "last_owner");
    assert_eq!(me(app, &cookie).await.json()["role"], "owner");
}

async fn of_two_owners_who_leave_at_once_one_stays(app: &TestApp) {
    let (tenant, ada, cookie) = acme(app).await;
    let bob = person(app, &tenant, "bob@example.com", Role::Owner).await;
    let (one, other) = tokio::join!(
        change(app, &cookie, &ada, "viewer"),
        change(app, &bob.cookie, &bob.id, "viewer"),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

async fn who_is_taken_out_is_signed_out_and_elsewhere_is_not(app: &TestApp) {
    let (tenant, _, cookie) = acme(app).await;
    let other = app.tenant("other").await;
    let bob = person(app, &tenant, "bob@example.com", Role::Admin).await;
    let eve = person(app, &tenant, "eve@example.com", Role::Viewer).await;
    belong(app, &other.id, &eve.id, Role::Owner).await;
    let elsewhere = super::session(app, &eve.id, &other.id).await;
    // Whom Bob invites does not come once he is gone.
    let body = json!({ "email": "friend@example.com", "role": "admin" });
    let invited = call(app, Method::POST, "/api/invitations", &bob.cookie, body).await;
    let url = invited.json()["url"].as_str().expect("a link").to_owned();
    for gone in [&bob, &eve] {
        assert_eq!(remove(app, &cookie, &gone.id).await.status, 204);
        refused(&me(app, &gone.cookie).await, 401, "not_signed_in");
        refused(&remove(app, &cookie, &gone.id).await, 404, "not_found");
    }
    assert_eq!(me(app, &elsewhere).await.status, 200);
    let store = &app.service.store;
    let bobs = store
        .member_by_email("bob@example.com")
        .await
        .expect("read");
    assert!(bobs.is_none(), "who belongs nowhere has no account");
    assert!(
        store
            .member_by_email("eve@example.com")
            .await
            .expect("read")
            .is_some()
    );
    let token = url.split_once('#').expect("a secret").1;
    let reply = super::post(app, "/api/invitations/look", json!({ "token": token })).await;
    refused(&reply, 403, "link_invalid");
    // A member of another tenant is nobody here.
    let stranger = person(app, &other.id, "stranger@example.com", Role::Viewer).await;
    refused(&remove(app, &cookie, &stranger.id).await, 404, "not_found");
    refused(
        &change(app, &cookie, &stranger.id, "viewer").await,
        404,
        "not_found",
    );
}

async fn a_developer_makes_no_key_that_manages(app: &TestApp) {
    let (tenant, _, cookie) = acme(app).await;
    let dev = person(app, &tenant, "dev@example.com", Role::Developer).await;
    let manages = json!({ "name": "mighty", "scopes": ["manage"] });
    let reply = call(
        app,
        Method::POST,
        "/v1/relay-keys",
        &dev.cookie,
        manages.clone(),
    )
    .await;
    refused(&reply, 403, "role_may_not");
    let made = call(app, Method::POST, "/v1/relay-keys", &cookie, manages)
        .await
        .json();
    let path = format!("/v1/relay-keys/{}", made["id"].as_str().expect("an id"));
    let rotate = format!("{path}/rotate");
    let reply = call(app, Method::POST, &rotate, &dev.cookie, json!({})).await;
    refused(&reply, 403, "role_may_not");
    let reply = call(
        app,
        Method::PATCH,
        &path,
        &dev.cookie,
        json!({ "name": "x" }),
    )
    .await;
    refused(&reply, 403, "role_may_not");
    let reply = call(app, Method::DELETE, &path, &dev.cookie, json!({})).await;
    refused(&reply, 403, "role_may_not");
    let left = call(app, Method::GET, &path, &cookie, json!({})).await;
    assert_eq!(left.json()["revokedAt"], json!(null), "{}", left.text);
    let plain = json!({ "name": "app", "scopes": ["inference", "tokens"] });
    let reply = call(app, Method::POST, "/v1/relay-keys", &dev.cookie, plain).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}
