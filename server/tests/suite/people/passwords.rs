//! Passwords: forgotten, reset by mail or by hand, changed; and how often one may be tried.

use std::time::Duration;

use relay_api::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::smtp::Smtp;
use super::{actions, belong, call, member_id, person, post, refused, session, sign_in};
use crate::console::{PASSWORD, cookie, me, owner};
use crate::sql::Sql;
use crate::support::{Reply, TestApp};

const NEW: &str = "another fine day out";

with_mail_on_each_database!(
    a_forgotten_password_is_set_by_mail_and_ends_every_session,
    asking_tells_nobody_whether_there_is_an_account,
    strangers_who_sign_up_do_not_keep_a_member_from_coming_back,
    whoever_shows_that_the_address_is_theirs_is_rid_of_who_had_the_account,
    a_reset_link_works_once_for_an_hour_and_others_do_not_void_it,
    where_there_is_mail_nobody_makes_links_for_others,
);
on_each_database!(
    changing_the_password_takes_the_old_one_and_ends_other_sessions,
    an_admin_resets_only_who_is_theirs_alone_and_no_higher,
    a_link_made_in_one_tenant_does_not_lead_into_another,
    a_link_does_not_outlive_the_roles_it_was_made_for,
    an_account_is_not_opened_by_trying,
    the_operator_makes_a_link_for_anybody,
);

async fn reset(app: &TestApp, token: &str, password: &str) -> Reply {
    let body = json!({ "token": token, "password": password });
    post(app, "/api/password-reset/confirm", body).await
}

async fn a_forgotten_password_is_set_by_mail_and_ends_every_session(app: &TestApp, smtp: &Smtp) {
    let (_, first) = owner(app, "acme").await;
    let ask = json!({ "email": "ADA@example.com" });
    assert_eq!(post(app, "/api/password-reset", ask).await.status, 202);
    let mail = smtp.next().await;
    assert_eq!(mail.to, "ada@example.com");
    assert_eq!(me(app, &first).await.status, 200, "asking changes nothing");
    let token = mail.token("reset");
    let weak = reset(app, &token, "password1234").await;
    refused(&weak, 400, "invalid_request");
    let reply = reset(app, &token, NEW).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    refused(&me(app, &first).await, 401, "not_signed_in");
    assert_eq!(me(app, &cookie(&reply)).await.status, 200);
    refused(
        &sign_in(app, "ada@example.com", PASSWORD).await,
        401,
        "wrong_password",
    );
    assert_eq!(sign_in(app, "ada@example.com", NEW).await.status, 200);
    let notice = smtp.next().await;
    assert!(
        notice
            .text
            .contains("Subject: Your Relay password was changed")
    );
    assert!(
        actions(app, &cookie(&reply))
            .await
            .contains(&"account.reset".to_owned())
    );
}

async fn strangers_who_sign_up_do_not_keep_a_member_from_coming_back(app: &TestApp, smtp: &Smtp) {
    owner(app, "acme").await;
    for _ in 0..6 {
        let stranger = json!({
            "name": "Eve", "email": "ada@example.com", "password": NEW, "tenantName": "mine",
        });
        assert_eq!(post(app, "/api/sign-up", stranger).await.status, 202);
    }
    let body = json!({ "email": "ada@example.com" });
    assert_eq!(post(app, "/api/password-reset", body).await.status, 202);
    let mut subjects = Vec::new();
    let token = loop {
        let mail = smtp.next().await;
        if mail.text.contains("Subject: Set a new password") {
            break mail.token("reset");
        }
        subjects.push(mail.text);
    };
    assert_eq!(subjects.len(), 5, "the sixth sign-up is told nothing");
    assert_eq!(reset(app, &token, NEW).await.status, 200);
}

async fn whoever_shows_that_the_address_is_theirs_is_rid_of_who_had_the_account(
    app: &TestApp,
    smtp: &Smtp,
) {
    let (ada, _) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    // Somebody made the account by a link that was handed over: the address was never shown.
    let bob = person(app, tenant, "bob@example.com", Role::Viewer).await;
    let mut sql = Sql::of(app).await;
    let factor = "INSERT INTO second_factors \
                  (member_id, root_version, wrapped, sealed, last_step, confirmed_at, created_at) \
                  VALUES ($1, 1, '', '', 0, 1, 1)";
    sql.run(factor, &[&bob.id]).await;
    let identity = "INSERT INTO member_identities (issuer, subject, member_id, created_at) \
                    VALUES ('https://evil.example', 'eve', $1, 1)";
    sql.run(identity, &[&bob.id]).await;
    post(
        app,
        "/api/password-reset",
        json!({ "email": "bob@example.com" }),
    )
    .await;
    let token = smtp.next().await.token("reset");
    let reply = reset(app, &token, NEW).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    for table in ["second_factors", "member_identities"] {
        assert_eq!(sql.count(table).await, 0, "{table}");
    }
    assert_eq!(sign_in(app, "bob@example.com", NEW).await.status, 200);
}

async fn asking_tells_nobody_whether_there_is_an_account(app: &TestApp, smtp: &Smtp) {
    owner(app, "acme").await;
    let mut answers = Vec::new();
    for email in ["nobody@example.com", "ada@example.com"] {
        let reply = post(app, "/api/password-reset", json!({ "email": email })).await;
        answers.push((reply.status, reply.text, reply.headers.len()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(smtp.next().await.to, "ada@example.com");
    smtp.assert_silent(app).await;
}

async fn a_reset_link_works_once_for_an_hour_and_others_do_not_void_it(app: &TestApp, smtp: &Smtp) {
    owner(app, "acme").await;
    let ask = async || {
        let body = json!({ "email": "ada@example.com" });
        assert_eq!(post(app, "/api/password-reset", body).await.status, 202);
        smtp.next().await.token("reset")
    };
    let first = ask().await;
    app.clock.advance(Duration::from_hours(1));
    refused(&reset(app, &first, NEW).await, 403, "link_invalid");
    let second = ask().await;
    // A stranger may have asked for this one, to be in the way.
    let third = ask().await;
    assert_eq!(reset(app, &second, NEW).await.status, 200);
    for used in [second, third] {
        refused(&reset(app, &used, PASSWORD).await, 403, "link_invalid");
    }
    for token in ["", "guess", "x\u{0}"] {
        refused(&reset(app, token, NEW).await, 403, "link_invalid");
    }
}

async fn where_there_is_mail_nobody_makes_links_for_others(app: &TestApp, _: &Smtp) {
    let (owner, cookie) = owner(app, "acme").await;
    let tenant = owner["tenant"]["id"].as_str().expect("an id");
    let bob = person(app, tenant, "bob@example.com", Role::Viewer).await;
    let path = format!("/api/members/{}/reset-link", bob.id);
    let reply = call(app, Method::POST, &path, &cookie, Value::Null).await;
    refused(&reply, 409, "mail_sends_links");
}

async fn changing_the_password_takes_the_old_one_and_ends_other_sessions(app: &TestApp) {
    let (_, first) = owner(app, "acme").await;
    let second = cookie(&sign_in(app, "ada@example.com", PASSWORD).await);
    let change = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        call(app, Method::POST, "/api/account/password", &second, body).await
    };
    refused(
        &change("not the password", NEW).await,
        403,
        "wrong_password",
    );
    refused(
        &change(PASSWORD, "password1234").await,
        400,
        "invalid_request",
    );
    assert_eq!(
        me(app, &first).await.status,
        200,
        "nothing has happened yet"
    );
    assert_eq!(change(PASSWORD, NEW).await.status, 204);
    refused(&me(app, &first).await, 401, "not_signed_in");
    assert_eq!(me(app, &second).await.status, 200);
    refused(
        &sign_in(app, "ada@example.com", PASSWORD).await,
        401,
        "wrong_password",
    );
    assert_eq!(sign_in(app, "ada@example.com", NEW).await.status, 200);
    assert!(
        actions(app, &second)
            .await
            .contains(&"account.password".to_owned())
    );
}

async fn an_admin_resets_only_who_is_theirs_alone_and_no_higher(app: &TestApp) {
    let (ada, owner_cookie) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let other = app.tenant("other").await;
    let admin = person(app, tenant, "admin@example.com", Role::Admin).await;
    let bob = person(app, tenant, "bob@example.com", Role::Viewer).await;
    let shared = person(app, tenant, "shared@example.com", Role::Viewer).await;
    belong(app, &other.id, &shared.id, Role::Owner).await;
    let stranger = person(app, &other.id, "stranger@example.com", Role::Viewer).await;
    let ada_id = member_id(app, "ada@example.com").await;
    let link = async |of: &str, cookie: &str| {
        let path = format!("/api/members/{of}/reset-link");
        call(app, Method::POST, &path, cookie, Value::Null).await
    };
    refused(&link(&ada_id, &admin.cookie).await, 403, "role_may_not");
    refused(
        &link(&shared.id, &owner_cookie).await,
        409,
        "not_yours_to_reset",
    );
    refused(
        &link(&ada_id, &owner_cookie).await,
        409,
        "not_yours_to_reset",
    );
    refused(&link(&stranger.id, &owner_cookie).await, 404, "not_found");
    refused(&link(&admin.id, &bob.cookie).await, 403, "role_may_not");

    let made = link(&bob.id, &admin.cookie).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let url = made.json()["url"].as_str().expect("a link").to_owned();
    let (page, token) = url.split_once('#').expect("a secret");
    assert_eq!(
        page,
        format!("{}/console/reset", app.service.config.public_url)
    );
    let reply = reset(app, token, NEW).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.json()["account"]["email"], "bob@example.com");
    refused(&me(app, &bob.cookie).await, 401, "not_signed_in");
    let told = actions(app, &owner_cookie).await;
    assert_eq!(
        told[..2],
        ["account.reset", "member.reset-link"],
        "{told:?}"
    );
}

async fn a_link_made_in_one_tenant_does_not_lead_into_another(app: &TestApp) {
    let (ada, owner_cookie) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let bob = person(app, tenant, "bob@example.com", Role::Viewer).await;
    let path = format!("/api/members/{}/reset-link", bob.id);
    let made = call(app, Method::POST, &path, &owner_cookie, Value::Null).await;
    let url = made.json()["url"].as_str().expect("a link").to_owned();
    let token = url.split_once('#').expect("a secret").1;
    // Bob is somebody's owner by the time that the link is used.
    let other = app.tenant("other").await;
    belong(app, &other.id, &bob.id, Role::Owner).await;
    refused(&reset(app, token, NEW).await, 403, "link_invalid");
    assert_eq!(
        me(app, &bob.cookie).await.status,
        200,
        "nothing has changed"
    );
}

async fn a_link_does_not_outlive_the_roles_it_was_made_for(app: &TestApp) {
    let (ada, owner_cookie) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let bob = person(app, tenant, "bob@example.com", Role::Developer).await;
    let zoe = person(app, tenant, "zoe@example.com", Role::Admin).await;
    let link = async || {
        let path = format!("/api/members/{}/reset-link", bob.id);
        let made = call(app, Method::POST, &path, &zoe.cookie, Value::Null).await;
        let url = made.json()["url"].as_str().expect("a link").to_owned();
        url.split_once('#').expect("a secret").1.to_owned()
    };
    let path = |of: &str| format!("/api/members/{of}");
    // The developer becomes an admin: the link was for less.
    let early = link().await;
    let raised = json!({ "role": "admin" });
    let reply = call(app, Method::PATCH, &path(&bob.id), &owner_cookie, raised).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    refused(&reset(app, &early, NEW).await, 403, "link_invalid");
    // Who made it is thrown out: the link is no way back in.
    let late = link().await;
    let reply = call(
        app,
        Method::DELETE,
        &path(&zoe.id),
        &owner_cookie,
        Value::Null,
    )
    .await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    refused(&reset(app, &late, NEW).await, 403, "link_invalid");
}

async fn an_account_is_not_opened_by_trying(app: &TestApp) {
    owner(app, "acme").await;
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..30 {
            refused(
                &sign_in(app, email, "not the password").await,
                401,
                "wrong_password",
            );
        }
        // Right or wrong, known or not: the answer is the same.
        for password in ["not the password", PASSWORD] {
            let reply = sign_in(app, email, password).await;
            refused(&reply, 429, "too_many_attempts");
            assert_eq!(reply.header("retry-after"), Some("30"));
        }
    }
    app.clock.advance(Duration::from_secs(30));
    assert_eq!(sign_in(app, "ada@example.com", PASSWORD).await.status, 200);
    // One address that tries many accounts.
    let mut last = 0;
    for number in 0..60 {
        last = sign_in(app, &format!("m{number}@example.com"), "not the password")
            .await
            .status;
    }
    assert_eq!(last, 429);
}

async fn the_operator_makes_a_link_for_anybody(app: &TestApp) {
    let (ada, cookie) = owner(app, "acme").await;
    let identity = &app.service.identity;
    let none = identity.operators_reset_link("nobody@example.com").await;
    assert!(none.expect("looked").is_none());
    let link = identity.operators_reset_link("Ada@example.com").await;
    let link = link.expect("made").expect("a member");
    let token = link.url.split_once('#').expect("a secret").1.to_owned();
    let reply = reset(app, &token, NEW).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    refused(&me(app, &cookie).await, 401, "not_signed_in");
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let ada = member_id(app, "ada@example.com").await;
    let told = actions(app, &session(app, &ada, tenant).await).await;
    assert_eq!(
        told[..2],
        ["account.reset", "member.reset-link"],
        "{told:?}"
    );
}
