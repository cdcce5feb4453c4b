//! What is told of, and when.

use std::time::Duration;

use relay_api::Scope;
use relay_server::identity::NewKey;
use relay_server::store::{Actor, Put, UsedToken};
use reqwest::Method;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{ALL, call, log, log_when, webhook};
use crate::sql::Sql;
use crate::support::{Reply, Tenant, TestApp, chat_body};

on_each_database!(
    what_becomes_of_credentials_is_told_signed,
    a_key_that_is_refused_is_told_of_once,
    only_what_is_wanted_is_told_and_nothing_of_others,
    what_is_not_done_is_not_told,
    a_quota_is_told_of_at_80_and_at_100_percent_once_a_month,
    a_relay_key_is_told_of_a_week_and_a_day_before_it_expires,
);

async fn delete(app: &TestApp, tenant: &Tenant, path: &str) {
    let reply = call(app, tenant, Method::DELETE, path, Value::Null).await;
    assert_eq!(reply.status, 204, "{}", reply.text);
}

async fn what_becomes_of_credentials_is_told_signed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    let (id, secret) = webhook(app, &tenant, &receiver.url(), &ALL).await;
    let key = app.connect(&tenant, "ada", "openai").await;
    let told = receiver.wait(1).await[0].clone();
    assert_eq!(told.signed_by(&[&secret]), [true]);
    assert_eq!(told.signed_by(&["whsec_AAAAAAAAAAAAAAAAAAAAAAAA"]), [false]);
    assert_eq!(told.header("content-type"), "application/json");
    assert_eq!(told.header("webhook-timestamp"), "1700000000");
    let event = told.json();
    assert_eq!(event["type"], "credential.connected");
    assert_eq!(event["timestamp"], "2023-11-14T22:13:20.000Z");
    let data = &event["data"];
    assert_eq!(
        (&data["user"], &data["provider"]),
        (&json!("ada"), &json!("openai"))
    );
    assert_eq!(
        (&data["name"], &data["replaced"]),
        (&json!("default"), &json!(false))
    );
    assert_eq!(data["last4"], &key[key.len() - 4..]);
    let credential = app.stored_credential(&tenant.id, "ada", "openai").await;
    assert_eq!(data["credentialId"], credential.id.as_str());
    assert!(!told.body.contains(&key), "never the key");
    let delivered = log_when(app, &tenant, &id, |log| log[0]["status"] == "delivered").await;
    assert_eq!(delivered[0]["id"], told.header("webhook-id"));
    assert_eq!(delivered[0]["body"], told.body.as_str());
    assert_eq!(delivered[0]["attempts"][0]["status"], 204);
    assert_eq!(delivered[0]["attempts"][0]["error"], Value::Null);

    let body = json!({ "apiKey": app.provider_key("openai") });
    let path = "/v1/users/ada/credentials/openai";
    let replaced = call(app, &tenant, Method::PUT, path, body).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    delete(app, &tenant, path).await;
    app.connect(&tenant, "ada", "google").await;
    app.connect(&tenant, "ada", "anthropic").await;
    delete(app, &tenant, "/v1/users/ada").await;
    let body = json!({ "apiKey": app.provider_key("openai") });
    let path = "/v1/credentials/openai/spare";
    let pooled = call(app, &tenant, Method::PUT, path, body).await;
    assert_eq!(pooled.status, 201, "{}", pooled.text);
    receiver.wait(8).await;
    let mut log = log_when(app, &tenant, &id, |log| {
        log.len() == 8 && log.iter().all(|one| one["status"] == "delivered")
    })
    .await;
    log.reverse();
    let told: Vec<_> = log
        .iter()
        .map(|one| {
            let body: Value =
                serde_json::from_str(one["body"].as_str().expect("a body")).expect("JSON");
            let data = &body["data"];
            let more = data.get("reason").or(data.get("replaced")).cloned();
            format!(
                "{} {} {} {}",
                body["type"],
                data["provider"],
                data["user"],
                json!(more)
            )
            .replace('"', "")
        })
        .collect();
    // The user was erased: the log names it no more, and no event of its removal did.
    assert_eq!(
        told[1..3],
        [
            "credential.connected openai null true",
            "credential.disconnected openai null removed",
        ]
    );
    let mut gone = told[5..7].to_vec();
    gone.sort();
    assert_eq!(
        gone,
        [
            "credential.disconnected anthropic null user_removed",
            "credential.disconnected google null user_removed",
        ]
    );
    assert_eq!(told[7], "credential.connected openai null false");
}

async fn a_key_that_is_refused_is_told_of_once(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    let events = ["credential.broken"];
    let (_, secret) = webhook(app, &tenant, &receiver.url(), &events).await;
    let key = app.connect(&tenant, "ada", "openai").await;
    app.sim.refuse_key("openai", &key);
    for _ in 0..3 {
        let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
        assert_eq!(reply.status, 424, "{}", reply.text);
    }
    let told = receiver.wait(1).await;
    assert_eq!(told[0].signed_by(&[&secret]), [true]);
    let event = told[0].json();
    assert_eq!(event["data"]["user"], "ada");
    assert_eq!(event["data"]["reason"], "refused");
    assert_eq!(Sql::of(app).await.count("webhook_deliveries").await, 1);
}

async fn only_what_is_wanted_is_told_and_nothing_of_others(app: &TestApp) {
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let receiver = Receiver::start().await;
    let (quiet, _) = webhook(app, &acme, &receiver.url(), &["key.expiring"]).await;
    let (theirs, _) = webhook(app, &other, &receiver.url(), &ALL).await;
    let (off, _) = webhook(app, &acme, &receiver.url(), &ALL).await;
    let path = format!("/v1/webhooks/{off}");
    let body = json!({ "enabled": false });
    let switched = call(app, &acme, Method::PATCH, &path, body).await;
    assert_eq!(switched.json()["enabled"], false);
    app.connect(&acme, "ada", "openai").await;
    for (tenant, id) in [(&acme, &quiet), (&other, &theirs), (&acme, &off)] {
        assert!(log(app, tenant, id).await.is_empty());
    }
    app.connect(&other, "bob", "openai").await;
    assert_eq!(receiver.wait(1).await[0].json()["data"]["user"], "bob");
}

async fn what_is_not_done_is_not_told(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    let (id, _) = webhook(app, &tenant, &receiver.url(), &ALL).await;
    let key = app.unknown_provider_key("openai");
    let path = "/v1/users/ada/credentials/openai";
    let refused = call(app, &tenant, Method::PUT, path, json!({ "apiKey": key })).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    for path in [path, "/v1/users/ada", "/v1/credentials/openai"] {
        let reply = call(app, &tenant, Method::DELETE, path, Value::Null).await;
        assert_eq!(reply.status, 404, "{}", reply.text);
    }
    // A token that was used stores nothing, and tells nothing.
    app.connect(&tenant, "bob", "openai").await;
    receiver.wait(1).await;
    let row = app.stored_credential(&tenant.id, "bob", "openai").await;
    let owner = relay_server::store::Owner::EndUser {
        id: row.owner_id.clone(),
        label: "bob".to_owned(),
    };
    let again = |id: &str| relay_server::store::NewCredentialRow {
        id: id.to_owned(),
        host: row.host.clone(),
        name: row.name.clone(),
        base_url: None,
        sealed: row.sealed.clone(),
        last4: row.last4.clone(),
        fingerprint: row.fingerprint.clone(),
        status: row.status,
        reference: None,
        place: row.place.clone(),
        connected_at: row.connected_at,
    };
    let store = &app.service.store;
    for (id, wanted) in [("c1", Put::Replaced), ("c2", Put::TokenUsed)] {
        let audit = crate::support::audit();
        let row = again(id);
        let token = UsedToken {
            id: "t1",
            expires_at: row.connected_at + 1,
            once: true,
        };
        let put = store.put_credential(&tenant.id, &owner, &row, Some(token), &audit);
        assert_eq!(put.await.expect("done"), wanted);
    }
    assert_eq!(log(app, &tenant, &id).await.len(), 2);
}

async fn ask(app: &TestApp, key: &str) -> u16 {
    let request = app
        .request(Method::POST, "/v1/chat/completions")
        .bearer_auth(key)
        .json(&chat_body("gpt-4o-mini", &json!({})));
    let status = Reply::of(request).await.status;
    app.service.meter.flush().await;
    status
}

async fn a_quota_is_told_of_at_80_and_at_100_percent_once_a_month(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    let (id, _) = webhook(app, &tenant, &receiver.url(), &["quota.threshold"]).await;
    app.pool_key(&tenant, "openai", "a").await;
    let settings = json!({ "quotas": { "requests": 5, "tokens": 1_000_000 } });
    let key = app.key_under(&tenant, json!({}), settings).await;
    let mut told = Vec::new();
    for _ in 0..5 {
        assert_eq!(ask(app, &key).await, 200);
        told.push(log(app, &tenant, &id).await.len());
    }
    assert_eq!(told, [0, 0, 0, 1, 2]);
    assert_eq!(ask(app, &key).await, 429);
    assert_eq!(log(app, &tenant, &id).await.len(), 2, "once each");
    receiver.wait(2).await;
    let mut percents = Vec::new();
    for delivery in log(app, &tenant, &id).await {
        let body: Value =
            serde_json::from_str(delivery["body"].as_str().expect("a body")).expect("JSON");
        let data = &body["data"];
        assert_eq!(
            (&data["metric"], &data["quota"]),
            (&json!("requests"), &json!(5))
        );
        assert_eq!(data["month"], "2023-11");
        assert!(data["relayKeyId"].is_string() && data["name"].is_string());
        percents.push((data["percent"].clone(), data["used"].clone()));
    }
    assert_eq!(percents, [(json!(100), json!(5)), (json!(80), json!(4))]);
    app.clock.advance(Duration::from_hours(24 * 24));
    for _ in 0..4 {
        assert_eq!(ask(app, &key).await, 200);
    }
    assert_eq!(log(app, &tenant, &id).await.len(), 3, "the next month anew");
}

async fn a_relay_key_is_told_of_a_week_and_a_day_before_it_expires(app: &TestApp) {
    const DAY: Duration = Duration::from_hours(24);
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    let (id, _) = webhook(app, &tenant, &receiver.url(), &["key.expiring"]).await;
    let mint = async |name: &str, life: Option<Duration>| {
        let wanted = NewKey {
            name: name.to_owned(),
            scopes: vec![Scope::Inference],
            life,
            ..NewKey::default()
        };
        let keys = &app.service.relay_keys;
        let minted = keys.mint(&tenant.id, wanted, &Actor::Operator).await;
        minted.expect("minted").1.id
    };
    let month = mint("a month", Some(DAY * 30)).await;
    mint("forever", None).await;
    mint("an hour", Some(DAY / 24)).await;
    let revoked = mint("revoked", Some(DAY * 30)).await;
    let keys = &app.service.relay_keys;
    let done = keys.revoke(&tenant.id, &revoked, &Actor::Operator).await;
    assert!(done.expect("revoked"));
    let mut told = Vec::new();
    for days in [0, 22, 1, 0, 5, 1, 0, 1] {
        app.clock.advance(DAY * days);
        relay_server::tidy(&app.service).await;
        told.push(log(app, &tenant, &id).await.len());
    }
    assert_eq!(told, [0, 0, 1, 1, 1, 2, 2, 2]);
    receiver.wait(2).await;
    let days: Vec<_> = log(app, &tenant, &id)
        .await
        .iter()
        .map(|one| {
            let body: Value =
                serde_json::from_str(one["body"].as_str().expect("a body")).expect("JSON");
            assert_eq!(body["data"]["relayKeyId"], month.as_str());
            assert_eq!(body["data"]["expiresAt"], "2023-12-14T22:13:20.000Z");
            body["data"]["days"].clone()
        })
        .collect();
    assert_eq!(days, [1, 7]);
}
