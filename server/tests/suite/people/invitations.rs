//! Invitations: for one address, one role, once.

use std::time::Duration;

use relay_api::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::smtp::Smtp;
use super::{actions, call, person, post, refused, sign_in};
use crate::console::{PASSWORD, cookie, me, owner};
use crate::support::{Reply, TestApp};

with_mail_on_each_database!(
    an_invitation_is_mailed_and_its_link_is_shown_to_nobody,
    a_mailed_invitation_shows_that_the_address_is_its_owners
);
on_each_database!(
    somebody_new_joins_by_a_link_that_is_handed_over,
    who_has_an_account_joins_signed_in_to_it_and_as_nobody_else,
    an_invitation_works_once_until_it_is_taken_back_or_too_old,
    nobody_invites_to_more_than_they_are,
);

async fn invite(app: &TestApp, cookie: &str, email: &str, role: &str) -> Reply {
    let body = json!({ "email": email, "role": role });
    call(app, Method::POST, "/api/invitations", cookie, body).await
}

fn token(reply: &Reply) -> String {
    let url = reply.json()["url"].as_str().expect("a link").to_owned();
    url.split_once("/console/invitation#")
        .expect("a secret")
        .1
        .to_owned()
}

async fn accept(app: &TestApp, token: &str, cookie: Option<&str>) -> Reply {
    let body = json!({ "token": token, "name": "Bob", "password": PASSWORD });
    match cookie {
        Some(cookie) => call(app, Method::POST, "/api/invitations/accept", cookie, body).await,
        None => post(app, "/api/invitations/accept", body).await,
    }
}

async fn an_invitation_is_mailed_and_its_link_is_shown_to_nobody(app: &TestApp, smtp: &Smtp) {
    let (_, cookie_of_ada) = owner(app, "acme").await;
    let reply = invite(app, &cookie_of_ada, "Bob@example.com", "developer").await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.json()["url"], Value::Null);
    let mail = smtp.next().await;
    assert_eq!(mail.to, "bob@example.com");
    assert!(
        mail.text.contains("\"Ada\" invites you to \"acme\""),
        "{}",
        mail.text
    );
    let body = json!({ "token": mail.token("invitation") });
    let seen = post(app, "/api/invitations/look", body).await.json();
    let expected = json!({
        "tenantName": "acme", "email": "bob@example.com", "role": "developer", "hasAccount": false,
    });
    assert_eq!(seen, expected);
    let joined = accept(app, &mail.token("invitation"), None).await;
    assert_eq!(joined.status, 200, "{}", joined.text);
    assert_eq!(joined.json()["role"], "developer");
    assert_eq!(sign_in(app, "bob@example.com", PASSWORD).await.status, 200);
    assert_eq!(
        actions(app, &cookie_of_ada).await[..2],
        ["member.join", "invitation.create"]
    );
}

async fn a_mailed_invitation_shows_that_the_address_is_its_owners(app: &TestApp, smtp: &Smtp) {
    let (_, cookie) = owner(app, "acme").await;
    invite(app, &cookie, "bob@example.com", "viewer").await;
    accept(app, &smtp.next().await.token("invitation"), None).await;
    let bob = app.service.store.member_by_email("bob@example.com").await;
    assert!(bob.expect("read").expect("a member").email_verified);
}

async fn somebody_new_joins_by_a_link_that_is_handed_over(app: &TestApp) {
    let (_, cookie_of_ada) = owner(app, "acme").await;
    let invited = invite(app, &cookie_of_ada, "bob@example.com", "viewer").await;
    let token = token(&invited);
    let list = call(
        app,
        Method::GET,
        "/api/invitations",
        &cookie_of_ada,
        Value::Null,
    )
    .await;
    assert_eq!(list.json()["data"][0]["email"], "bob@example.com");
    assert!(
        !list.text.contains(&token) && !list.text.contains("url"),
        "{}",
        list.text
    );
    for (body, field) in [
        (json!({ "token": token, "password": PASSWORD }), "name"),
        (json!({ "token": token, "name": "Bob" }), "password"),
        (
            json!({ "token": token, "name": "Bob", "password": "password1234" }),
            "password",
        ),
    ] {
        let reply = post(app, "/api/invitations/accept", body).await;
        refused(&reply, 400, "invalid_request");
        assert!(reply.text.contains(&format!("`{field}`")), "{}", reply.text);
    }
    let joined = accept(app, &token, None).await;
    assert_eq!(joined.status, 200, "{}", joined.text);
    assert_eq!(
        me(app, &cookie(&joined)).await.json()["account"]["name"],
        "Bob"
    );
    let bob = app.service.store.member_by_email("bob@example.com").await;
    let verified = bob.expect("read").expect("a member").email_verified;
    assert!(!verified, "whoever handed the link over may have used it");
}

async fn who_has_an_account_joins_signed_in_to_it_and_as_nobody_else(app: &TestApp) {
    let (_, cookie_of_ada) = owner(app, "acme").await;
    let other = app.tenant("other").await;
    let bob = person(app, &other.id, "bob@example.com", Role::Owner).await;
    let eve = person(app, &other.id, "eve@example.com", Role::Viewer).await;
    let token = token(&invite(app, &cookie_of_ada, "bob@example.com", "developer").await);
    let seen = post(app, "/api/invitations/look", json!({ "token": token })).await;
    assert_eq!(seen.json()["hasAccount"], true);
    // The link alone sets no password and signs nobody in.
    refused(&accept(app, &token, None).await, 401, "not_signed_in");
    refused(
        &accept(app, &token, Some(&eve.cookie)).await,
        403,
        "invitation_for_another",
    );
    refused(
        &accept(app, &token, Some(&cookie_of_ada)).await,
        403,
        "invitation_for_another",
    );
    // Nor has another site a member accept.
    let forged = app
        .request(Method::POST, "/api/invitations/accept")
        .header("Cookie", &bob.cookie)
        .json(&json!({ "token": token }));
    refused(&Reply::of(forged).await, 401, "not_signed_in");
    let joined = accept(app, &token, Some(&bob.cookie)).await;
    assert_eq!(joined.status, 200, "{}", joined.text);
    assert_eq!(joined.json()["tenant"]["name"], "acme");
    assert_eq!(
        joined.json()["account"]["name"],
        "bob@example.com",
        "as before"
    );
    assert_eq!(joined.json()["account"]["hasPassword"], false, "as before");
    refused(&me(app, &bob.cookie).await, 401, "not_signed_in");
    assert_eq!(joined.json()["tenants"].as_array().map(Vec::len), Some(2));
    let again = invite(app, &cookie_of_ada, "bob@example.com", "viewer").await;
    refused(&again, 409, "member_already");
}

async fn an_invitation_works_once_until_it_is_taken_back_or_too_old(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let first = invite(app, &cookie, "bob@example.com", "viewer").await;
    let second = invite(app, &cookie, "bob@example.com", "admin").await;
    refused(
        &accept(app, &token(&first), None).await,
        403,
        "link_invalid",
    );
    let path = format!(
        "/api/invitations/{}",
        second.json()["id"].as_str().expect("an id")
    );
    assert_eq!(
        call(app, Method::DELETE, &path, &cookie, Value::Null)
            .await
            .status,
        204
    );
    refused(
        &call(app, Method::DELETE, &path, &cookie, Value::Null).await,
        404,
        "not_found",
    );
    refused(
        &accept(app, &token(&second), None).await,
        403,
        "link_invalid",
    );
    let third = invite(app, &cookie, "bob@example.com", "viewer").await;
    app.clock.advance(Duration::from_hours(7 * 24));
    refused(
        &accept(app, &token(&third), None).await,
        403,
        "link_invalid",
    );
    let list = call(app, Method::GET, "/api/invitations", &cookie, Value::Null).await;
    assert_eq!(list.json()["data"], json!([]));
    let fourth = token(&invite(app, &cookie, "bob@example.com", "viewer").await);
    let (one, other) = tokio::join!(accept(app, &fourth, None), accept(app, &fourth, None));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert!(
        statuses == [200, 401] || statuses == [200, 403],
        "{statuses:?}"
    );
}

async fn nobody_invites_to_more_than_they_are(app: &TestApp) {
    let (ada, _) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let admin = person(app, tenant, "admin@example.com", Role::Admin).await;
    let dev = person(app, tenant, "dev@example.com", Role::Developer).await;
    refused(
        &invite(app, &admin.cookie, "x@example.com", "owner").await,
        403,
        "role_may_not",
    );
    refused(
        &invite(app, &dev.cookie, "x@example.com", "viewer").await,
        403,
        "role_may_not",
    );
    assert_eq!(
        invite(app, &admin.cookie, "x@example.com", "admin")
            .await
            .status,
        201
    );
    refused(
        &invite(app, &admin.cookie, "x", "viewer").await,
        400,
        "invalid_request",
    );
}
