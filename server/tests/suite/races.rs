//! Two things at once, held at the moment where it matters; and what one tenant's upstream could do
//! to what another tenant used.

use relay_provider_sim::Reply as Scripted;
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::until;
use crate::sql::Sql;
use crate::support::{Kind, Reply, TestApp};

on_each_database!(
    a_user_removed_while_connecting_leaves_no_key_behind,
    a_users_first_two_keys_at_once_are_both_kept,
    a_key_that_is_replaced_while_it_heals_is_replaced,
    an_odd_error_of_one_tenants_upstream_loses_nobodys_usage,
);

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

async fn a_user_removed_while_connecting_leaves_no_key_behind(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    app.sim.clear_received();
    // Whoever writes waits here, with everything but its last statements done.
    let mut gate = Sql::of(app).await;
    let mut watch = Sql::of(app).await;
    let begin = match app.database.kind {
        Kind::Sqlite => "BEGIN IMMEDIATE",
        Kind::Postgres => "BEGIN",
    };
    gate.run(begin, &[]).await;
    gate.run("UPDATE revision_counter SET revision = revision", &[])
        .await;

    let connecting = app
        .request(Method::PUT, "/v1/users/ada/credentials/openai")
        .bearer_auth(&tenant.key)
        .json(&json!({ "apiKey": app.provider_key("openai") }));
    let connecting = tokio::spawn(Reply::of(connecting));
    app.sim.wait_for_requests(1).await;
    waiting(app, &mut watch, 1).await;
    let removing = app
        .request(Method::DELETE, "/v1/users/ada")
        .bearer_auth(&tenant.key);
    let removing = tokio::spawn(Reply::of(removing));
    waiting(app, &mut watch, 2).await;
    gate.run("COMMIT", &[]).await;

    let connected = connecting.await.expect("answered");
    assert!(matches!(connected.status, 200 | 201), "{}", connected.text);
    let removed = removing.await.expect("answered");
    assert_eq!(removed.status, 204, "{}", removed.text);
    let orphans = "SELECT c.id FROM credentials c WHERE c.owner_kind = 'end_user' AND NOT EXISTS \
                   (SELECT 1 FROM end_users u WHERE u.tenant_id = c.tenant_id AND u.id = c.owner_id)";
    let orphans = watch.texts(orphans, &[]).await;
    assert!(
        orphans.is_empty(),
        "a key that nobody can see or remove: {orphans:?}"
    );
}

/// Waits until this many of the server's transactions wait for a lock. SQLite has no way to ask;
/// there, one writer at a time is all there is.
async fn waiting(app: &TestApp, watch: &mut Sql, transactions: usize) {
    if app.database.kind == Kind::Sqlite {
        return;
    }
    until(PATIENCE, async || {
        let locked = "SELECT CAST(pid AS TEXT) FROM pg_stat_activity \
                      WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (watch.texts(locked, &[]).await.len() >= transactions).then_some(())
    })
    .await;
}

async fn a_users_first_two_keys_at_once_are_both_kept(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for round in 0..10 {
        let label = format!("user-{round}");
        let mut connecting = tokio::task::JoinSet::new();
        for provider in ["openai", "anthropic", "google"] {
            let path = format!("/v1/users/{label}/credentials/{provider}");
            let request = app
                .request(Method::PUT, &path)
                .bearer_auth(&tenant.key)
                .json(&json!({ "apiKey": app.provider_key(provider) }));
            connecting.spawn(Reply::of(request));
        }
        for reply in connecting.join_all().await {
            assert_eq!(reply.status, 201, "{}", reply.text);
        }
        for model in ["gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash"] {
            let reply = app.chat(&tenant, &label, model, json!({})).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
        }
    }
    assert_eq!(Sql::of(app).await.count("end_users").await, 10);
}

async fn a_key_that_is_replaced_while_it_heals_is_replaced(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.connect(&tenant, "ada", "openai").await;
    app.sim.refuse_key("openai", &key);
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.code(), "user_key_rejected");
    let broken = app.stored_credential(&tenant.id, "ada", "openai").await.id;
    app.sim.clear_received();
    let mut gate = Sql::of(app).await;
    let mut watch = Sql::of(app).await;
    let close: &[&str] = match app.database.kind {
        Kind::Sqlite => &["BEGIN IMMEDIATE"],
        // Locked and not written, so that who waits first goes first.
        Kind::Postgres => &["BEGIN", "SELECT revision FROM revision_counter FOR UPDATE"],
    };
    for statement in close {
        gate.run(statement, &[]).await;
    }

    let connecting = app
        .request(Method::PUT, "/v1/users/ada/credentials/openai")
        .bearer_auth(&tenant.key)
        .json(&json!({ "apiKey": app.provider_key("openai") }));
    let connecting = tokio::spawn(Reply::of(connecting));
    app.sim.wait_for_requests(1).await;
    waiting(app, &mut watch, 1).await;
    // What the healer does when the provider takes the old key again.
    let (store, id) = (app.service.store.clone(), tenant.id.clone());
    let healing = tokio::spawn(async move { store.mark_credential_healed(&id, &broken).await });
    waiting(app, &mut watch, 2).await;
    gate.run("COMMIT", &[]).await;

    let connected = connecting.await.expect("answered");
    assert_eq!(connected.status, 200, "{}", connected.text);
    let healed = healing.await.expect("no panic");
    healed.expect("neither waits for what the other holds");
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn an_odd_error_of_one_tenants_upstream_loses_nobodys_usage(app: &TestApp) {
    let (acme, evil) = (app.tenant("acme").await, app.tenant("evil").await);
    app.connect(&acme, "ada", "openai").await;
    app.connect(&evil, "mallory", "openai").await;
    let code = format!("a\u{0}b{}", "x".repeat(10_000));
    let error = json!({ "error": { "message": "m\u{0}", "type": "t\u{0}", "code": code } });
    app.sim
        .script("openai", Scripted::raw(400, error.to_string()).on("/chat"));
    let reply = app.chat(&evil, "mallory", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    let reply = app.chat(&acme, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    app.service.meter.flush().await;
    for (tenant, status) in [(&acme, 200), (&evil, 400)] {
        let path = "/v1/requests";
        let listed = app.call(Method::GET, path, &tenant.key, Value::Null).await;
        let listed = listed.json();
        assert_eq!(
            listed["data"].as_array().expect("a list").len(),
            1,
            "{listed}"
        );
        assert_eq!(listed["data"][0]["status"], status);
        let code = listed["data"][0]["errorCode"].as_str().unwrap_or_default();
        assert!(
            code.len() <= 100,
            "a word, not a page: {} bytes",
            code.len()
        );
    }
}
