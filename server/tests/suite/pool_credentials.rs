//! `/v1/credentials/{provider}/{name}`: more keys in a tenant's pool, how it uses them, and keys
//! that the operator keeps elsewhere.

use relay_server::vaulting::{Reference, Referral, WantedPlace};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp, chat_body};

on_each_database!(
    a_pool_holds_keys_by_name,
    a_put_without_a_key_changes_the_pools_use_of_it_alone,
    a_replaced_key_keeps_its_place_in_the_pool,
    a_stored_key_is_never_pointed_at_another_address,
    a_place_that_cannot_be_is_refused_by_its_field,
    only_the_operator_refers_to_keys_elsewhere,
    a_referred_key_is_read_where_it_is_kept_at_each_call,
    a_row_that_is_pointed_at_another_file_does_not_open,
);

async fn put(app: &TestApp, tenant: &Tenant, path: &str, body: Value) -> Reply {
    let path = format!("/v1/credentials/{path}");
    app.call(Method::PUT, &path, &tenant.key, body).await
}

async fn pool(app: &TestApp, tenant: &Tenant) -> Vec<Value> {
    let listed = app.call(Method::GET, "/v1/credentials", &tenant.key, Value::Null);
    listed.await.json()["data"]
        .as_array()
        .expect("a list")
        .clone()
}

fn names(pool: &[Value]) -> Vec<String> {
    let name = |one: &Value| format!("{}/{}", one["provider"], one["name"]).replace('"', "");
    pool.iter().map(name).collect()
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

async fn a_pool_holds_keys_by_name(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = || json!({ "apiKey": app.provider_key("openai") });
    assert_eq!(put(app, &tenant, "openai", key()).await.status, 201);
    let mut spare = key();
    spare["weight"] = json!(3);
    spare["priority"] = json!(7);
    spare["disabled"] = json!(true);
    spare["limits"] = json!([
        { "on": "all", "metric": "requests", "per": "minute", "amount": 5, "algorithm": "token-bucket" },
    ]);
    let reply = put(app, &tenant, "openai/spare", spare.clone()).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let listed = pool(app, &tenant).await;
    assert_eq!(names(&listed), ["openai/default", "openai/spare"]);
    for (field, value) in [
        ("weight", json!(1)),
        ("priority", json!(0)),
        ("disabled", json!(false)),
    ] {
        assert_eq!(listed[0][field], value, "{field}");
        assert_eq!(listed[1][field], spare[field], "{field}");
    }
    assert_eq!(listed[1]["limits"], spare["limits"]);
    assert_eq!(
        put(app, &tenant, "openai/default", key()).await.status,
        200,
        "the same"
    );
    for (path, left) in [("openai", vec!["openai/spare"]), ("openai/spare", vec![])] {
        let path = format!("/v1/credentials/{path}");
        for status in [204, 404] {
            let reply = app
                .call(Method::DELETE, &path, &tenant.key, Value::Null)
                .await;
            assert_eq!(reply.status, status, "{path}: {}", reply.text);
        }
        assert_eq!(names(&pool(app, &tenant).await), left);
    }
    for name in ["A", "a%20b", "a%2Fb", &"x".repeat(65)] {
        let reply = put(app, &tenant, &format!("openai/{name}"), key()).await;
        assert_eq!(
            refused(&reply),
            (400, "invalid_request".to_owned()),
            "{name}"
        );
        assert!(reply.text.contains("`name`"), "{}", reply.text);
    }
}

async fn a_put_without_a_key_changes_the_pools_use_of_it_alone(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let reply = put(app, &tenant, "openai/spare", json!({ "weight": 2 })).await;
    assert_eq!(refused(&reply), (400, "invalid_request".to_owned()));
    assert!(reply.text.contains("`apiKey`"), "{}", reply.text);
    let reply = put(app, &tenant, "closedai/spare", json!({ "weight": 2 })).await;
    assert_eq!(refused(&reply), (400, "unknown_provider".to_owned()));
    let body = json!({ "apiKey": app.provider_key("openai"), "priority": 4 });
    let before = put(app, &tenant, "openai/spare", body).await.json();
    app.sim.clear_received();
    let changed = put(app, &tenant, "openai/spare", json!({ "weight": 2 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let mut expected = before;
    expected["weight"] = json!(2);
    assert_eq!(changed.json(), expected);
    let body = json!({ "disabled": true, "limits": [] });
    let changed = put(app, &tenant, "openai/spare", body).await.json();
    assert_eq!(
        (&changed["disabled"], &changed["weight"]),
        (&json!(true), &json!(2))
    );
    assert!(app.sim.received().is_empty(), "the key is not tried again");
}

async fn a_replaced_key_keeps_its_place_in_the_pool(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "apiKey": app.provider_key("openai"), "priority": 4, "weight": 9 });
    let before = put(app, &tenant, "openai", body).await.json();
    let body = json!({ "apiKey": app.provider_key("openai"), "weight": 8 });
    let after = put(app, &tenant, "openai", body).await;
    assert_eq!(after.status, 200, "{}", after.text);
    let after = after.json();
    assert_ne!(after["fingerprint"], before["fingerprint"]);
    assert_eq!(
        (&after["priority"], &after["weight"]),
        (&json!(4), &json!(8))
    );
}

async fn a_stored_key_is_never_pointed_at_another_address(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "apiKey": app.provider_key("openai") });
    put(app, &tenant, "openai", body).await;
    let elsewhere = json!({ "baseUrl": app.sim.anthropic_url() });
    let reply = put(app, &tenant, "openai", elsewhere).await;
    assert_eq!(refused(&reply), (400, "invalid_request".to_owned()));
    assert!(reply.text.contains("`baseUrl`"), "{}", reply.text);
    assert_eq!(pool(app, &tenant).await[0]["baseUrl"], Value::Null);
}

async fn a_place_that_cannot_be_is_refused_by_its_field(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.sim.clear_received();
    for (more, field) in [
        (json!({ "weight": 0 }), "`weight`"),
        (json!({ "weight": 1001 }), "`weight`"),
        (json!({ "priority": 1001 }), "`priority`"),
        (
            json!({ "limits": [{ "on": "user", "metric": "concurrency", "amount": 1 }] }),
            "`limits[0].on`",
        ),
        (
            json!({ "limits": [{ "metric": "tokens", "amount": 1 }] }),
            "`limits[0].per`",
        ),
    ] {
        let reply = put(app, &tenant, "openai", more.clone()).await;
        assert_eq!(reply.status, 400, "{more}: {}", reply.text);
        assert!(reply.text.contains(field), "{more}: {}", reply.text);
        let mut body = more;
        body["apiKey"] = json!(app.provider_key("openai"));
        let reply = put(app, &tenant, "openai", body).await;
        assert_eq!(reply.status, 400, "{}", reply.text);
        assert!(reply.text.contains(field), "{}", reply.text);
    }
    // An end user's key is in no pool.
    let body = json!({ "apiKey": app.provider_key("openai"), "weight": 2 });
    let path = "/v1/users/ada/credentials/openai";
    let reply = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert!(reply.text.contains("`weight`"), "{}", reply.text);
    let reply = app.call(Method::PUT, path, &tenant.key, json!({})).await;
    assert!(reply.text.contains("`apiKey`"), "{}", reply.text);
    assert!(app.sim.received().is_empty(), "no provider was asked");
}

async fn only_the_operator_refers_to_keys_elsewhere(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for path in ["/v1/credentials/openai", "/v1/users/ada/credentials/openai"] {
        let body = json!({ "reference": "file:/etc/hostname" });
        let reply = app.call(Method::PUT, path, &tenant.key, body).await;
        assert_eq!(refused(&reply), (403, "operator_only".to_owned()), "{path}");
    }
}

/// Refers the tenant's pool to a file, as the operator's command does.
async fn refer(app: &TestApp, tenant: &Tenant, reference: &Reference) {
    let host = app.service.catalog.host("openai").expect("a host").clone();
    let referral = Referral {
        tenant_id: &tenant.id,
        name: "default",
        host: &host,
        base_url: None,
        reference,
        place: WantedPlace::default(),
    };
    let referred = app.service.connector.refer(referral).await;
    referred.map(drop).expect("referred");
}

async fn chat(app: &TestApp, tenant: &Tenant) -> Reply {
    let body = chat_body("gpt-4o-mini", &json!({}));
    app.call(Method::POST, "/v1/chat/completions", &tenant.key, body)
        .await
}

async fn a_referred_key_is_read_where_it_is_kept_at_each_call(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("openai");
    let reference = Reference::File(path.clone());
    refer(app, &tenant, &reference).await;
    let listed = pool(app, &tenant).await;
    assert_eq!(listed[0]["reference"], reference.to_string());
    assert_eq!(listed[0]["last4"], "", "it is not there yet");
    let reply = chat(app, &tenant).await;
    assert!(reply.status >= 400, "it fails closed: {}", reply.text);
    assert!(!reply.text.contains("openai\""), "{}", reply.text);
    for _ in 0..2 {
        let key = app.provider_key("openai");
        std::fs::write(&path, format!("{key}\n")).expect("written");
        assert_eq!(chat(app, &tenant).await.status, 200);
        let last = app.sim.received().pop().expect("the chat call");
        let with = format!("Bearer {key}");
        assert_eq!(last.header("authorization"), Some(with.as_str()));
        refer(app, &tenant, &reference).await;
        let listed = pool(app, &tenant).await;
        assert_eq!(listed[0]["last4"], &key[key.len() - 4..]);
        assert_ne!(listed[0]["fingerprint"], "");
    }
    // The tenant takes its key into its own hands.
    let key = app.provider_key("openai");
    put(app, &tenant, "openai", json!({ "apiKey": key })).await;
    assert_eq!(pool(app, &tenant).await[0]["reference"], Value::Null);
}

async fn a_row_that_is_pointed_at_another_file_does_not_open(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let key = app.provider_key("openai");
    for name in ["meant", "secret"] {
        std::fs::write(folder.path().join(name), &key).expect("written");
    }
    let place = |name: &str| Reference::File(folder.path().join(name));
    refer(app, &tenant, &place("meant")).await;
    let mut sql = crate::sql::Sql::of(app).await;
    let statement = "UPDATE credentials SET reference = $1 WHERE tenant_id = $2";
    let other = place("secret").to_string();
    assert_eq!(sql.run(statement, &[&other, &tenant.id]).await, 1);
    app.service.freshness.everything_changed();
    app.sim.clear_received();
    let reply = chat(app, &tenant).await;
    assert!(reply.status >= 400, "{}", reply.text);
    assert!(app.sim.received().is_empty(), "nothing was sent anywhere");
}
