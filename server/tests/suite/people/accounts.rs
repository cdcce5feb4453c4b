//! A person's own account.

use reqwest::Method;
use serde_json::json;

use super::{actions, call, person, refused};
use crate::console::{me, owner};
use crate::support::TestApp;

on_each_database!(
    a_person_changes_what_they_are_called,
    an_account_without_a_password_confirms_nothing_with_one,
);

async fn a_person_changes_what_they_are_called(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let rename = async |name: &str| {
        call(
            app,
            Method::PATCH,
            "/api/account",
            &cookie,
            json!({ "name": name }),
        )
        .await
    };
    for name in ["", "  ", "a\nb", &"x".repeat(101)] {
        refused(&rename(name).await, 400, "invalid_request");
    }
    let reply = rename(" Ada Lovelace ").await;
    assert_eq!(
        reply.json()["account"]["name"],
        "Ada Lovelace",
        "{}",
        reply.text
    );
    assert_eq!(me(app, &cookie).await.json(), reply.json());
    assert_eq!(actions(app, &cookie).await[0], "account.rename");
    let body = json!({ "name": "x", "email": "other@example.com" });
    let reply = call(app, Method::PATCH, "/api/account", &cookie, body).await;
    refused(&reply, 400, "invalid_json");
}

async fn an_account_without_a_password_confirms_nothing_with_one(app: &TestApp) {
    let (ada, _) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let bob = person(app, tenant, "bob@example.com", relay_api::Role::Viewer).await;
    assert_eq!(
        me(app, &bob.cookie).await.json()["account"]["hasPassword"],
        false
    );
    for (path, body) in [
        (
            "/api/account/password",
            json!({ "current": "", "new": "another fine day out" }),
        ),
        ("/api/account/totp", json!({ "password": "" })),
        (
            "/api/account/totp/remove",
            json!({ "password": "", "code": "123456" }),
        ),
    ] {
        refused(
            &call(app, Method::POST, path, &bob.cookie, body).await,
            409,
            "no_password",
        );
    }
    // An empty password opens no account that has none.
    for password in ["", " "] {
        let reply = super::sign_in(app, "bob@example.com", password).await;
        refused(&reply, 401, "wrong_password");
    }
}
