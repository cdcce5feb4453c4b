//! What a relay key is held to beside its policy: a switch, quotas; and how it is changed and
//! rotated. Who may call with it is in `key_callers`.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::sql::Sql;
use crate::support::{Reply, Tenant, TestApp};

pub(crate) const PATH: &str = "/v1/relay-keys";

on_each_database!(
    a_key_is_given_everything_at_once_and_shows_it,
    a_setting_that_cannot_be_is_refused_by_its_field,
    a_change_leaves_the_rest_as_it_is_and_null_takes_away,
    a_key_is_switched_off_and_on_at_once,
    a_rotated_keys_old_bearer_works_for_the_grace_and_no_longer,
    a_second_rotation_ends_the_bearer_before_the_last_at_once,
    a_revoked_key_stays_as_it_is,
    a_key_shows_what_it_used_this_month,
);

/// A key as it was made: its bearer, and its path.
pub(crate) struct Made {
    pub(crate) bearer: String,
    path: String,
    pub(crate) shown: Value,
}

pub(crate) async fn made(app: &TestApp, tenant: &Tenant, body: Value) -> Made {
    let reply = app.call(Method::POST, PATH, &tenant.key, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let mut shown = reply.json();
    let key = shown.as_object_mut().expect("an object").remove("key");
    let id = shown["id"].as_str().expect("an id");
    Made {
        bearer: key.expect("a key").as_str().expect("text").to_owned(),
        path: format!("{PATH}/{id}"),
        shown,
    }
}

pub(crate) async fn patch(app: &TestApp, tenant: &Tenant, key: &Made, body: Value) -> Reply {
    let request = app.call(Method::PATCH, &key.path, &tenant.key, body);
    request.await
}

async fn rotate(app: &TestApp, tenant: &Tenant, key: &Made, body: Value) -> Reply {
    let path = format!("{}/rotate", key.path);
    app.call(Method::POST, &path, &tenant.key, body).await
}

/// What a call with this bearer is answered: the status, and the code of a refusal.
pub(crate) async fn told(app: &TestApp, bearer: &str) -> (u16, String) {
    let reply = app.call(Method::GET, "/v1/models", bearer, Value::Null);
    refused(&reply.await)
}

pub(crate) fn refused(reply: &Reply) -> (u16, String) {
    let code = if reply.status < 400 {
        String::new()
    } else {
        reply.code()
    };
    (reply.status, code)
}

pub(crate) fn works() -> (u16, String) {
    (200, String::new())
}

pub(crate) fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn a_key_is_given_everything_at_once_and_shows_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "name": "careful" });
    let policy = app.call(Method::POST, "/v1/policies", &tenant.key, body);
    let policy = policy.await.json()["id"].clone();
    let given = json!({
        "name": "cursor",
        "scopes": ["inference"],
        "policy": "careful",
        "endUser": "ada",
        "userFromBody": true,
        "expiresIn": "30d",
        "sources": ["127.0.0.1", "10.1.2.3/8"],
        "limits": [{ "on": "all", "metric": "requests", "per": "minute", "amount": 60, "algorithm": "sliding-window" }],
        "quotas": { "requests": 1000, "tokens": 2_000_000, "dollars": 12.5 },
        "keepBodiesFor": "7d",
    });
    let key = made(app, &tenant, given.clone()).await;
    let shown = app
        .call(Method::GET, &key.path, &tenant.key, Value::Null)
        .await;
    let mut shown = shown.json();
    let used = shown
        .as_object_mut()
        .expect("an object")
        .remove("usedThisMonth");
    let nothing = json!({ "requests": 0, "tokens": 0, "costNanodollars": 0 });
    assert_eq!(used, Some(nothing));
    assert_eq!(shown, key.shown);
    for field in [
        "name",
        "scopes",
        "endUser",
        "userFromBody",
        "limits",
        "quotas",
        "keepBodiesFor",
    ] {
        assert_eq!(shown[field], given[field], "{field}");
    }
    assert_eq!(shown["policy"], policy, "by its id");
    assert_eq!(shown["sources"], json!(["127.0.0.1/32", "10.0.0.0/8"]));
    assert_eq!(shown["expiresAt"], "2023-12-14T22:13:20.000Z");
    assert_eq!(shown["disabled"], false);
    let none = app
        .call(
            Method::GET,
            &format!("{PATH}/none"),
            &tenant.key,
            Value::Null,
        )
        .await;
    assert_eq!(refused(&none), is(404, "not_found"));
}

async fn a_setting_that_cannot_be_is_refused_by_its_field(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = made(app, &tenant, json!({ "name": "k" })).await;
    for (more, field) in [
        (json!({ "policy": "none" }), "`policy`"),
        (json!({ "sources": ["the lan"] }), "`sources[0]`"),
        (json!({ "quotas": { "tokens": 0 } }), "`quotas.tokens`"),
        (json!({ "keepBodiesFor": "0s" }), "`keepBodiesFor`"),
        (
            json!({ "limits": [{ "metric": "tokens", "amount": 5 }] }),
            "`limits[0].per`",
        ),
        (json!({ "colour": "blue" }), "`colour`"),
    ] {
        let mut body = more.clone();
        body["name"] = json!("k");
        let reply = app.call(Method::POST, PATH, &tenant.key, body).await;
        assert_eq!(reply.status, 400, "{more}: {}", reply.text);
        assert!(reply.text.contains(field), "{more}: {}", reply.text);
        let reply = patch(app, &tenant, &key, more.clone()).await;
        assert_eq!(reply.status, 400, "{more}: {}", reply.text);
        assert!(reply.text.contains(field), "{more}: {}", reply.text);
    }
    for (body, field) in [
        (json!({ "name": "k", "endUser": "" }), "`endUser`"),
        (json!({ "name": "k", "endUser": ".." }), "`endUser`"),
    ] {
        let reply = app.call(Method::POST, PATH, &tenant.key, body).await;
        assert_eq!(reply.status, 400, "{}", reply.text);
        assert!(reply.text.contains(field), "{}", reply.text);
    }
    for grace in [json!("31d"), json!("soon"), json!(-1)] {
        let reply = rotate(app, &tenant, &key, json!({ "grace": grace })).await;
        assert_eq!(reply.status, 400, "{grace}: {}", reply.text);
    }
}

async fn a_change_leaves_the_rest_as_it_is_and_null_takes_away(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "name": "careful" });
    let policy = app
        .call(Method::POST, "/v1/policies", &tenant.key, body)
        .await;
    assert_eq!(policy.status, 201, "{}", policy.text);
    let key = made(
        app,
        &tenant,
        json!({
            "name": "k",
            "policy": "careful",
            "sources": ["127.0.0.1"],
            "quotas": { "requests": 5 },
            "keepBodiesFor": "7d",
        }),
    )
    .await;
    let changed = patch(app, &tenant, &key, json!({ "name": " l " })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let mut changed = changed.json();
    assert_eq!(changed["name"], "l");
    for field in ["policy", "sources", "quotas", "keepBodiesFor", "hint"] {
        assert_eq!(changed[field], key.shown[field], "{field}");
    }
    let nothing = json!({ "policy": null, "sources": [], "quotas": null, "keepBodiesFor": null });
    changed = patch(app, &tenant, &key, nothing).await.json();
    for field in ["policy", "sources", "quotas", "keepBodiesFor"] {
        assert_eq!(changed[field], Value::Null, "{field}");
    }
    let again = json!({ "policy": "careful", "quotas": { "dollars": 1.5 } });
    changed = patch(app, &tenant, &key, again).await.json();
    assert_eq!(changed["policy"], key.shown["policy"]);
    assert_eq!(changed["quotas"], json!({ "dollars": 1.5 }));
    assert_eq!(told(app, &key.bearer).await, works());
}

async fn a_key_is_switched_off_and_on_at_once(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = made(app, &tenant, json!({ "name": "k" })).await;
    assert_eq!(told(app, &key.bearer).await, works());
    for (disabled, answer) in [(true, is(401, "relay_key_disabled")), (false, works())] {
        let changed = patch(app, &tenant, &key, json!({ "disabled": disabled })).await;
        assert_eq!(changed.json()["disabled"], disabled);
        assert_eq!(told(app, &key.bearer).await, answer);
    }
}

async fn a_rotated_keys_old_bearer_works_for_the_grace_and_no_longer(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = made(app, &tenant, json!({ "name": "k" })).await;
    assert_eq!(told(app, &key.bearer).await, works());
    let rotated = rotate(app, &tenant, &key, json!({ "grace": "1h" })).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    let rotated = rotated.json();
    let bearer = rotated["key"].as_str().expect("a key");
    assert_ne!(bearer, key.bearer);
    assert_eq!(rotated["id"], key.shown["id"]);
    assert_ne!(rotated["hint"], key.shown["hint"]);
    assert_eq!(rotated["rotatedAt"], "2023-11-14T22:13:20.000Z");
    assert_eq!(rotated["previousExpiresAt"], "2023-11-14T23:13:20.000Z");
    app.clock
        .advance(Duration::from_hours(1) - Duration::from_secs(1));
    for bearer in [bearer, &key.bearer] {
        assert_eq!(told(app, bearer).await, works());
    }
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(told(app, &key.bearer).await, is(401, "relay_key_rotated"));
    assert_eq!(told(app, bearer).await, works());
    // Without a grace, at once.
    let newest = rotate(app, &tenant, &key, json!({})).await.json();
    assert_eq!(newest["previousExpiresAt"], Value::Null);
    assert_eq!(told(app, bearer).await, is(401, "relay_key_rotated"));
    let newest = newest["key"].as_str().expect("a key");
    assert_eq!(told(app, newest).await, works());
}

async fn a_second_rotation_ends_the_bearer_before_the_last_at_once(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = made(app, &tenant, json!({ "name": "k", "expiresIn": "2h" })).await;
    let mut bearers = vec![key.bearer.clone()];
    for _ in 0..2 {
        let rotated = rotate(app, &tenant, &key, json!({ "grace": "30d" })).await;
        bearers.push(rotated.json()["key"].as_str().expect("a key").to_owned());
    }
    assert_eq!(told(app, &bearers[0]).await, is(401, "invalid_relay_key"));
    for bearer in &bearers[1..] {
        assert_eq!(told(app, bearer).await, works());
    }
    // A grace does not outlive the key.
    app.clock.advance(Duration::from_hours(2));
    for bearer in &bearers[1..] {
        assert_eq!(told(app, bearer).await, is(401, "relay_key_expired"));
    }
    let reply = app
        .call(Method::DELETE, &key.path, &tenant.key, Value::Null)
        .await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    for bearer in &bearers[1..] {
        assert_eq!(
            told(app, bearer).await,
            is(401, "relay_key_revoked"),
            "both of them"
        );
    }
}

async fn a_revoked_key_stays_as_it_is(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = made(app, &tenant, json!({ "name": "k" })).await;
    let reply = app
        .call(Method::DELETE, &key.path, &tenant.key, Value::Null)
        .await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    let changed = patch(app, &tenant, &key, json!({ "disabled": false })).await;
    assert_eq!(refused(&changed), is(409, "relay_key_revoked"));
    let rotated = rotate(app, &tenant, &key, json!({})).await;
    assert_eq!(refused(&rotated), is(409, "relay_key_revoked"));
    assert_eq!(told(app, &key.bearer).await, is(401, "relay_key_revoked"));
}

async fn a_key_shows_what_it_used_this_month(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = made(
        app,
        &tenant,
        json!({ "name": "k", "quotas": { "requests": 5 } }),
    )
    .await;
    let id = key.shown["id"].as_str().expect("an id");
    let mut sql = Sql::of(app).await;
    // November 2023, and the month before it.
    for (month, requests) in [(1_698_796_800_000_i64, 3), (1_696_118_400_000, 99)] {
        let statement = format!(
            "INSERT INTO quota_usage (tenant_id, relay_key_id, month, requests, tokens, cost_nanos) \
             VALUES ($1, $2, {month}, {requests}, 700, 42)"
        );
        sql.run(&statement, &[&tenant.id, id]).await;
    }
    let used = json!({ "requests": 3, "tokens": 700, "costNanodollars": 42 });
    let listed = app.call(Method::GET, PATH, &tenant.key, Value::Null).await;
    let listed = listed.json()["data"].clone();
    assert_eq!(listed[0]["usedThisMonth"], used);
    assert_eq!(listed[1]["usedThisMonth"], Value::Null, "it has no quotas");
    let shown = app
        .call(Method::GET, &key.path, &tenant.key, Value::Null)
        .await;
    assert_eq!(shown.json()["usedThisMonth"], used);
}
