//! What the store promises: a ciphertext opens in its own row alone, a write is whole or nothing,
//! and a mark of one credential never lands on another.

use std::time::Duration;

use relay_api::CredentialStatus;
use relay_provider_sim::Reply as Scripted;
use relay_server::store::{NewCredentialRow, Owner, PoolPlace, Put, UsedToken};
use relay_vault::OwnerKind;
use reqwest::Method;
use serde_json::{Value, json};

use crate::sql::Sql;
use crate::support::{EPOCH, Reply, Tenant, TestApp, audit};

on_each_database!(
    a_ciphertext_moved_to_another_user_does_not_open,
    a_row_moved_to_another_user_tenant_provider_or_owner_does_not_open,
    a_changed_ciphertext_does_not_open,
    a_used_token_stores_nothing,
    a_write_that_fails_in_the_middle_leaves_nothing,
    a_label_that_changed_hands_stores_nothing_and_uses_no_token,
    a_mark_never_lands_on_a_credential_that_replaced_the_one_used,
    a_refusal_that_comes_late_breaks_only_the_key_it_is_about,
    what_has_expired_is_forgotten_and_nothing_else,
);

const CHANGED: &str = "SELECT id FROM credentials";

async fn credential_id(app: &TestApp, tenant: &Tenant, label: &str, host: &str) -> String {
    app.stored_credential(&tenant.id, label, host).await.id
}

async fn user_id(app: &TestApp, tenant: &Tenant, label: &str) -> String {
    let row = app.service.store.end_user(&tenant.id, label).await;
    row.expect("read").expect("known").id
}

/// The call fails inside, says nothing of why, and nothing leaves for any provider.
async fn fails_closed(app: &TestApp, request: reqwest::RequestBuilder) {
    app.sim.clear_received();
    let reply = Reply::of(request).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (500, "internal_error")
    );
    for detail in [
        "vault",
        "cipher",
        "seal",
        "decrypt",
        "AES",
        "credential",
        "data key",
    ] {
        assert!(!reply.text.contains(detail), "{detail}: {}", reply.text);
    }
    assert!(app.sim.received().is_empty(), "nothing left for a provider");
}

fn chat(app: &TestApp, key: &str, label: Option<&str>, model: &str) -> reqwest::RequestBuilder {
    let body = json!({ "model": model, "messages": [{ "role": "user", "content": "hi" }] });
    let request = app
        .request(Method::POST, "/v1/chat/completions")
        .bearer_auth(key)
        .json(&body);
    match label {
        Some(label) => request.header("X-Relay-User", label),
        None => request,
    }
}

async fn a_ciphertext_moved_to_another_user_does_not_open(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "alice", "openai").await;
    app.connect(&tenant, "mallory", "openai").await;
    let from = credential_id(app, &tenant, "alice", "openai").await;
    let to = credential_id(app, &tenant, "mallory", "openai").await;
    let moved = "UPDATE credentials SET sealed = \
                 (SELECT sealed FROM credentials WHERE id = $1) WHERE id = $2";
    assert_eq!(Sql::of(app).await.run(moved, &[&from, &to]).await, 1);
    fails_closed(app, chat(app, &tenant.key, Some("mallory"), "gpt-4o-mini")).await;
    let reply = app.chat(&tenant, "alice", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn a_row_moved_to_another_user_tenant_provider_or_owner_does_not_open(app: &TestApp) {
    let (acme, evil) = (app.tenant("acme").await, app.tenant("evil").await);
    for label in ["u", "v", "w", "x"] {
        app.connect(&acme, label, "openai").await;
    }
    app.connect(&acme, "mallory", "google").await;
    app.connect(&evil, "mallory", "google").await;
    let mut sql = Sql::of(app).await;

    let id = credential_id(app, &acme, "u", "openai").await;
    let mallory = user_id(app, &acme, "mallory").await;
    let statement = "UPDATE credentials SET owner_id = $1 WHERE id = $2";
    assert_eq!(
        sql.run(statement, &[&mallory, &id]).await,
        1,
        "another user"
    );
    fails_closed(app, chat(app, &acme.key, Some("mallory"), "gpt-4o-mini")).await;

    let id = credential_id(app, &acme, "v", "openai").await;
    let mallory = user_id(app, &evil, "mallory").await;
    let statement = "UPDATE credentials SET tenant_id = $1, owner_id = $2 WHERE id = $3";
    let changed = sql.run(statement, &[&evil.id, &mallory, &id]).await;
    assert_eq!(changed, 1, "another tenant");
    fails_closed(app, chat(app, &evil.key, Some("mallory"), "gpt-4o-mini")).await;

    let id = credential_id(app, &acme, "w", "openai").await;
    let statement = "UPDATE credentials SET host = 'anthropic' WHERE id = $1";
    assert_eq!(sql.run(statement, &[&id]).await, 1, "another provider");
    fails_closed(app, chat(app, &acme.key, Some("w"), "claude-sonnet-4-5")).await;

    let id = credential_id(app, &acme, "x", "openai").await;
    let statement =
        "UPDATE credentials SET owner_kind = 'tenant', owner_id = tenant_id WHERE id = $1";
    assert_eq!(sql.run(statement, &[&id]).await, 1, "the tenant itself");
    fails_closed(app, chat(app, &acme.key, None, "gpt-4o-mini")).await;
}

async fn a_changed_ciphertext_does_not_open(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (label, sealed) in [
        ("empty", "''"),
        ("short", "'abc'"),
        (
            "text",
            "'0123456789012345678901234567890123456789012345678901234567890123456789'",
        ),
    ] {
        app.connect(&tenant, label, "openai").await;
        let id = credential_id(app, &tenant, label, "openai").await;
        let statement = format!("UPDATE credentials SET sealed = {sealed} WHERE id = $1");
        assert_eq!(Sql::of(app).await.run(&statement, &[&id]).await, 1);
        fails_closed(app, chat(app, &tenant.key, Some(label), "gpt-4o-mini")).await;
        // It is still listed, and connecting again mends it.
        let body = json!({ "apiKey": app.provider_key("openai") });
        let path = format!("/v1/users/{label}/credentials/openai");
        let reply = app.call(Method::PUT, &path, &tenant.key, body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let reply = app.chat(&tenant, label, "gpt-4o-mini", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
}

fn row(id: &str) -> NewCredentialRow {
    NewCredentialRow {
        id: id.to_owned(),
        host: "openai".to_owned(),
        name: "default".to_owned(),
        base_url: None,
        sealed: vec![1, 2, 3],
        last4: "abcd".to_owned(),
        fingerprint: "f".to_owned(),
        status: CredentialStatus::Active,
        reference: None,
        place: PoolPlace::default(),
        connected_at: EPOCH,
    }
}

fn user(id: &str, label: &str) -> Owner {
    Owner::EndUser {
        id: id.to_owned(),
        label: label.to_owned(),
    }
}

fn token(id: &str) -> UsedToken<'_> {
    UsedToken {
        id,
        expires_at: EPOCH + 1000,
        once: true,
    }
}

async fn a_used_token_stores_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await.id;
    let store = &app.service.store;
    let put = store
        .put_credential(
            &tenant,
            &user("u1", "ada"),
            &row("c1"),
            Some(token("t")),
            &audit(),
        )
        .await;
    assert_eq!(put.expect("stored"), Put::Created);
    let put = store
        .put_credential(
            &tenant,
            &user("u2", "bob"),
            &row("c2"),
            Some(token("t")),
            &audit(),
        )
        .await;
    assert_eq!(put.expect("asked"), Put::TokenUsed);
    assert!(
        store
            .end_user(&tenant, "bob")
            .await
            .expect("read")
            .is_none()
    );
    assert_eq!(Sql::of(app).await.texts(CHANGED, &[]).await, ["c1"]);
    // A token's id is its tenant's own: another tenant's token of that id is another token.
    let other = app.tenant("other").await.id;
    assert!(!store.is_token_used(&other, "t").await.expect("read"));
}

async fn a_write_that_fails_in_the_middle_leaves_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await.id;
    let store = &app.service.store;
    let put = store
        .put_credential(&tenant, &user("u1", "ada"), &row("c1"), None, &audit())
        .await;
    assert_eq!(put.expect("stored"), Put::Created);
    let mut sql = Sql::of(app).await;
    let revision = "SELECT CAST(revision AS TEXT) FROM revision_counter";
    let before = sql.texts(revision, &[]).await;
    // The token is marked and the user made before the credential's id turns out to be taken.
    let failed = store
        .put_credential(
            &tenant,
            &user("u2", "bob"),
            &row("c1"),
            Some(token("t")),
            &audit(),
        )
        .await;
    assert!(failed.is_err());
    assert!(!store.is_token_used(&tenant, "t").await.expect("read"));
    assert!(
        store
            .end_user(&tenant, "bob")
            .await
            .expect("read")
            .is_none()
    );
    assert_eq!(sql.texts(CHANGED, &[]).await, ["c1"]);
    assert_eq!(sql.texts(revision, &[]).await, before);
    let again = store
        .put_credential(
            &tenant,
            &user("u2", "bob"),
            &row("c2"),
            Some(token("t")),
            &audit(),
        )
        .await;
    assert_eq!(again.expect("the token is still good"), Put::Created);
}

async fn a_label_that_changed_hands_stores_nothing_and_uses_no_token(app: &TestApp) {
    let tenant = app.tenant("acme").await.id;
    let store = &app.service.store;
    let put = store
        .put_credential(&tenant, &user("u1", "ada"), &row("c1"), None, &audit())
        .await;
    assert_eq!(put.expect("stored"), Put::Created);
    // Sealed for an end user who was removed and came back under another id meanwhile.
    let put = store
        .put_credential(
            &tenant,
            &user("u0", "ada"),
            &row("c2"),
            Some(token("t")),
            &audit(),
        )
        .await;
    assert_eq!(put.expect("asked"), Put::OwnerMoved);
    assert!(!store.is_token_used(&tenant, "t").await.expect("read"));
    let mut sql = Sql::of(app).await;
    assert_eq!(sql.texts(CHANGED, &[]).await, ["c1"]);
    assert_eq!(sql.texts("SELECT id FROM end_users", &[]).await, ["u1"]);
}

async fn a_mark_never_lands_on_a_credential_that_replaced_the_one_used(app: &TestApp) {
    let tenant = app.tenant("acme").await.id;
    let other = app.tenant("other").await.id;
    let store = &app.service.store;
    let owner = user("u1", "ada");
    let status = async || {
        let row = app.stored_credential(&tenant, "ada", "openai").await;
        row.status
    };
    let put = store
        .put_credential(&tenant, &owner, &row("c1"), None, &audit())
        .await;
    assert_eq!(put.expect("stored"), Put::Created);
    let put = store
        .put_credential(&tenant, &owner, &row("c2"), None, &audit())
        .await;
    assert_eq!(put.expect("stored"), Put::Replaced);
    store
        .mark_credential_broken(&tenant, "c1", EPOCH)
        .await
        .expect("asked");
    assert_eq!(status().await, CredentialStatus::Active, "c2 replaced c1");
    store
        .mark_credential_broken(&other, "c2", EPOCH)
        .await
        .expect("asked");
    assert_eq!(
        status().await,
        CredentialStatus::Active,
        "c2 is not the other tenant's"
    );
    store
        .mark_credential_broken(&tenant, "c2", EPOCH)
        .await
        .expect("asked");
    assert_eq!(status().await, CredentialStatus::Broken);
}

async fn a_refusal_that_comes_late_breaks_only_the_key_it_is_about(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    let (refusal, mut hold) = Scripted::error(401, "revoked").on("/chat").hold();
    app.sim.script("openai", refusal);
    let late = tokio::spawn(Reply::of(chat(
        app,
        &tenant.key,
        Some("ada"),
        "gpt-4o-mini",
    )));
    hold.reached().await;
    let body = json!({ "apiKey": app.provider_key("openai") });
    let path = "/v1/users/ada/credentials/openai";
    let reply = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    hold.release();
    let late = late.await.expect("answered");
    assert_eq!(
        (late.status, late.code().as_str()),
        (424, "user_key_rejected")
    );
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "the new key works: {}", reply.text);
    let path = "/v1/users/ada/credentials";
    let listed = app.call(Method::GET, path, &tenant.key, Value::Null).await;
    assert_eq!(listed.json()["data"][0]["status"], "active");
}

async fn what_has_expired_is_forgotten_and_nothing_else(app: &TestApp) {
    let tenant = app.tenant("acme").await.id;
    let store = &app.service.store;
    for (number, expires_at) in [(1, EPOCH), (2, EPOCH + 1)] {
        let (id, used) = (format!("u{number}"), format!("t{number}"));
        let token = UsedToken {
            id: &used,
            expires_at,
            once: true,
        };
        let put = store
            .put_credential(
                &tenant,
                &user(&id, &id),
                &row(&format!("c{number}")),
                Some(token),
                &audit(),
            )
            .await;
        assert_eq!(put.expect("stored"), Put::Created);
    }
    store.forget_used_tokens(EPOCH + 1).await.expect("done");
    assert!(!store.is_token_used(&tenant, "t1").await.expect("read"));
    assert!(store.is_token_used(&tenant, "t2").await.expect("read"));
    let mut sql = Sql::of(app).await;
    assert_eq!(sql.count("credentials").await, 2);

    crate::console::owner(app, "console").await;
    app.clock.advance(Duration::from_secs(1));
    store.forget_sessions(EPOCH).await.expect("done");
    assert_eq!(sql.count("sessions").await, 1);
    store.forget_sessions(i64::MAX).await.expect("done");
    assert_eq!(sql.count("sessions").await, 0);
    let owners = store
        .credentials_of(&tenant, OwnerKind::EndUser, "u1")
        .await;
    assert_eq!(owners.expect("read").len(), 1);
}
