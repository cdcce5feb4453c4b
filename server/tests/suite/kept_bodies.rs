//! Prompts and answers: kept only where a relay key or its policy says so, sealed, for a while.

use std::time::Duration;

use relay_api::{ExpiresIn, KeySettings, Scope};
use relay_server::identity::NewKey;
use relay_server::store::Actor;
use relay_server::tidy;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::console::{from_page, owner};
use crate::sql::Sql;
use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    nothing_is_kept_unless_the_tenant_says_so,
    bodies_are_kept_sealed_without_keys_and_expire,
    a_sealed_body_opens_for_its_own_request_alone,
    a_large_body_is_cut,
    a_viewer_sees_the_request_but_not_what_was_said,
);

/// A tenant whose relay key keeps bodies for a day.
async fn keeping(app: &TestApp) -> Tenant {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let settings = KeySettings {
        keep_bodies_for: Some(ExpiresIn::Text("24h".to_owned())),
        ..KeySettings::default()
    };
    let wanted = NewKey {
        name: "keeps".to_owned(),
        scopes: Scope::ALL.to_vec(),
        settings,
        ..NewKey::default()
    };
    let keys = &app.service.relay_keys;
    let minted = keys.mint(&tenant.id, wanted, &Actor::Operator).await;
    let key = minted.expect("minted").0.expose_secret().to_owned();
    Tenant { key, ..tenant }
}

async fn shown(app: &TestApp, tenant: &Tenant, id: &str) -> Value {
    app.service.meter.flush().await;
    let path = format!("/v1/requests/{id}");
    let reply = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn asked(app: &TestApp, tenant: &Tenant, more: Value) -> String {
    let reply = app.chat(tenant, "u", "gpt-4o-mini", more).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply
        .header("x-relay-request-id")
        .expect("an id")
        .to_owned()
}

async fn nothing_is_kept_unless_the_tenant_says_so(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let id = asked(app, &tenant, json!({})).await;
    let shown = shown(app, &tenant, &id).await;
    assert!(shown.get("prompt").is_none() && shown.get("completion").is_none());
    assert_eq!(Sql::of(app).await.count("request_bodies").await, 0);
}

async fn bodies_are_kept_sealed_without_keys_and_expire(app: &TestApp) {
    let tenant = keeping(app).await;
    let secret = "sk-live-0123456789abcdef";
    let said = json!({ "messages": [
        { "role": "system", "content": format!("the key is {secret}") },
        { "role": "user", "content": "marzipan" },
    ] });
    let id = asked(app, &tenant, said).await;
    let whole = shown(app, &tenant, &id).await;
    let (prompt, completion) = (
        whole["prompt"].as_str().expect("kept"),
        whole["completion"].as_str().expect("kept"),
    );
    assert!(
        prompt.contains("marzipan") && prompt.contains("[redacted]"),
        "{prompt}"
    );
    assert!(!prompt.contains(secret));
    assert!(completion.contains("You said: marzipan"), "{completion}");
    assert!(whole.get("promptCut").is_none() && whole.get("completionCut").is_none());

    let stream = app.stream(&tenant, "u", "gpt-4o-mini", json!({})).await;
    let reply = stream.whole().await;
    let streamed = reply
        .header("x-relay-request-id")
        .expect("an id")
        .to_owned();
    let kept = shown(app, &tenant, &streamed).await;
    assert_eq!(
        kept["completion"],
        reply.text.as_str(),
        "as the caller got it"
    );

    // An error is in the trace; its request is not kept.
    let reply = app.chat(&tenant, "u", "nonsense", json!({})).await;
    let failed = reply
        .header("x-relay-request-id")
        .expect("an id")
        .to_owned();
    assert!(shown(app, &tenant, &failed).await.get("prompt").is_none());

    let list = app
        .call(Method::GET, "/v1/requests", &tenant.key, Value::Null)
        .await;
    assert!(!list.text.contains("marzipan"));
    let mut sql = Sql::of(app).await;
    assert_eq!(sql.count("request_bodies").await, 2);
    for file in std::fs::read_dir(app.data.path()).expect("the data directory") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("readable");
        let holds = bytes.windows(8).any(|window| window == b"marzipan");
        assert!(!holds, "sealed");
    }

    app.clock.advance(Duration::from_hours(24));
    let expired = shown(app, &tenant, &id).await;
    assert!(expired.get("prompt").is_none(), "expired");
    tidy(&app.service).await;
    assert_eq!(sql.count("request_bodies").await, 0);
    assert_eq!(sql.count("requests").await, 3);
}

async fn a_sealed_body_opens_for_its_own_request_alone(app: &TestApp) {
    let tenant = keeping(app).await;
    let one = asked(app, &tenant, json!({})).await;
    let other = asked(app, &tenant, json!({})).await;
    assert!(shown(app, &tenant, &one).await["prompt"].is_string());
    let mut sql = Sql::of(app).await;
    let swap = "UPDATE request_bodies SET sealed = (SELECT sealed FROM request_bodies \
         WHERE request_id = $1) WHERE request_id = $2";
    assert_eq!(sql.run(swap, &[&one, &other]).await, 1);
    let moved = shown(app, &tenant, &other).await;
    assert!(moved.get("prompt").is_none() && moved.get("completion").is_none());
    assert_eq!(moved["status"], 200, "the rest is shown");
    assert!(shown(app, &tenant, &one).await["prompt"].is_string());
}

async fn a_large_body_is_cut(app: &TestApp) {
    let tenant = keeping(app).await;
    let long = "word ".repeat(80_000);
    let id = asked(
        app,
        &tenant,
        json!({ "messages": [{ "role": "user", "content": long }] }),
    )
    .await;
    let shown = shown(app, &tenant, &id).await;
    assert_eq!(shown["promptCut"], true);
    assert_eq!(shown["prompt"].as_str().map(str::len), Some(256 * 1024));
}

async fn a_viewer_sees_the_request_but_not_what_was_said(app: &TestApp) {
    let (_, cookie) = owner(app, "ay").await;
    let tenant = keeping(app).await;
    let id = asked(app, &tenant, json!({})).await;
    app.service.meter.flush().await;
    let mut sql = Sql::of(app).await;
    sql.run("UPDATE memberships SET tenant_id = $1", &[&tenant.id])
        .await;
    sql.run("UPDATE sessions SET tenant_id = $1", &[&tenant.id])
        .await;
    for (role, sees) in [("developer", true), ("viewer", false)] {
        sql.run("UPDATE memberships SET role = $1", &[role]).await;
        let path = format!("/v1/requests/{id}");
        let reply = Reply::of(from_page(app, Method::GET, &path, &cookie)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(reply.json()["id"], id.as_str());
        assert_eq!(reply.json().get("prompt").is_some(), sees, "{role}");
    }
}
