//! `/v1/policies`: made, listed, changed, removed; and what a key that has one is held to.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

const PATH: &str = "/v1/policies";

on_each_database!(
    a_policy_is_made_found_by_id_and_name_changed_and_removed,
    a_name_is_one_policy_of_a_tenant,
    rules_that_cannot_be_held_to_are_refused_by_their_field,
    a_policy_that_a_key_has_is_not_removed,
    policies_come_in_pages_newest_first,
    a_policy_that_is_given_and_removed_at_once_is_one_or_the_other,
);

async fn call(app: &TestApp, tenant: &Tenant, method: Method, path: &str, body: Value) -> Reply {
    app.call(method, path, &tenant.key, body).await
}

async fn made(app: &TestApp, tenant: &Tenant, body: Value) -> Value {
    let reply = call(app, tenant, Method::POST, PATH, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

async fn a_policy_is_made_found_by_id_and_name_changed_and_removed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let rules = json!({
        "models": { "allow": ["gpt-4o*"], "deny": ["*-audio"] },
        "hosts": { "deny": ["groq"] },
        "dialects": ["openai-chat"],
        "keys": "user-then-pool",
        "strategy": "weighted",
        "fallbacks": ["claude-haiku-4-5"],
        "maxAttempts": 3,
        "limits": [
            { "on": "free-user", "metric": "requests", "per": "day", "amount": 20, "algorithm": "fixed-window" },
            { "on": "all", "metric": "concurrency", "amount": 5, "algorithm": "token-bucket" },
        ],
        "keepBodiesFor": "7d",
    });
    let wanted = json!({ "name": " careful ", "rules": rules });
    let policy = made(app, &tenant, wanted).await;
    assert_eq!(policy["name"], "careful");
    assert_eq!(policy["rules"], rules);
    assert_eq!(policy["createdAt"], "2023-11-14T22:13:20.000Z");
    let id = policy["id"].as_str().expect("an id");
    for word in [id, "careful"] {
        let path = format!("{PATH}/{word}");
        let found = call(app, &tenant, Method::GET, &path, Value::Null).await;
        assert_eq!(found.json(), policy, "{word}");
    }
    app.clock.advance(std::time::Duration::from_mins(1));
    let path = format!("{PATH}/careful");
    let wanted = json!({ "name": "open" });
    let changed = call(app, &tenant, Method::PUT, &path, wanted).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!(
        (&changed["id"], &changed["name"]),
        (&policy["id"], &json!("open"))
    );
    assert_eq!(
        changed["rules"]["models"],
        json!({}),
        "the whole of it is replaced"
    );
    assert_eq!(changed["createdAt"], policy["createdAt"]);
    assert_eq!(changed["updatedAt"], "2023-11-14T22:14:20.000Z");
    let gone = call(app, &tenant, Method::GET, &path, Value::Null).await;
    assert_eq!(refused(&gone), (404, "not_found".to_owned()));
    let path = format!("{PATH}/open");
    for status in [204, 404] {
        let reply = call(app, &tenant, Method::DELETE, &path, Value::Null).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
    let gone = call(app, &tenant, Method::PUT, &path, json!({ "name": "x" })).await;
    assert_eq!(refused(&gone), (404, "not_found".to_owned()));
}

async fn a_name_is_one_policy_of_a_tenant(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let other = app.tenant("other").await;
    made(app, &tenant, json!({ "name": "one" })).await;
    let two = made(app, &tenant, json!({ "name": "two" })).await;
    made(app, &other, json!({ "name": "one" })).await;
    let taken = (409, "name_taken".to_owned());
    let again = call(app, &tenant, Method::POST, PATH, json!({ "name": "one" })).await;
    assert_eq!(refused(&again), taken);
    let path = format!("{PATH}/{}", two["id"].as_str().expect("an id"));
    let renamed = call(app, &tenant, Method::PUT, &path, json!({ "name": "one" })).await;
    assert_eq!(refused(&renamed), taken);
    let same = call(app, &tenant, Method::PUT, &path, json!({ "name": "two" })).await;
    assert_eq!(same.status, 200, "its own name is not taken: {}", same.text);
}

async fn rules_that_cannot_be_held_to_are_refused_by_their_field(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (body, field) in [
        (json!({ "name": "" }), "`name`"),
        (json!({ "name": "x".repeat(101) }), "`name`"),
        (json!({ "rules": {} }), "`name`"),
        (
            json!({ "name": "p", "rules": { "modles": {} } }),
            "`modles`",
        ),
        (
            json!({ "name": "p", "rules": { "dialects": ["smalltalk"] } }),
            "`rules.dialects[0]`",
        ),
        (
            json!({ "name": "p", "rules": { "maxAttempts": 11 } }),
            "`rules.maxAttempts`",
        ),
        (
            json!({ "name": "p", "rules": { "limits": [
                { "metric": "tokens", "per": "hour", "amount": 1 },
                { "metric": "tokens", "per": "fortnight", "amount": 1 },
            ] } }),
            "`rules.limits[1].per`",
        ),
    ] {
        let reply = call(app, &tenant, Method::POST, PATH, body.clone()).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text);
        assert!(reply.text.contains(field), "{body}: {}", reply.text);
    }
    let body = json!({ "name": "p", "rules": { "strategy": "luckiest" } });
    let reply = call(app, &tenant, Method::POST, PATH, body).await;
    assert_eq!(refused(&reply), (400, "invalid_json".to_owned()));
}

async fn a_policy_that_a_key_has_is_not_removed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    made(app, &tenant, json!({ "name": "careful" })).await;
    let body = json!({ "name": "backend", "policy": "careful" });
    let key = call(app, &tenant, Method::POST, "/v1/relay-keys", body)
        .await
        .json();
    let path = format!("{PATH}/careful");
    let reply = call(app, &tenant, Method::DELETE, &path, Value::Null).await;
    assert_eq!(refused(&reply), (409, "policy_in_use".to_owned()));
    assert!(reply.text.contains("backend"), "{}", reply.text);
    let of_key = format!("/v1/relay-keys/{}", key["id"].as_str().expect("an id"));
    let reply = call(app, &tenant, Method::DELETE, &of_key, Value::Null).await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    let reply = call(app, &tenant, Method::DELETE, &path, Value::Null).await;
    assert_eq!(
        reply.status, 204,
        "a revoked key lets go of it: {}",
        reply.text
    );
    let bearer = key["key"].as_str().expect("a key");
    let reply = app
        .call(Method::GET, "/v1/models", bearer, Value::Null)
        .await;
    assert_eq!(refused(&reply), (401, "relay_key_revoked".to_owned()));
}

async fn policies_come_in_pages_newest_first(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for name in ["p1", "p2", "p3"] {
        made(app, &tenant, json!({ "name": name })).await;
    }
    let page = async |query: &str| {
        let path = format!("{PATH}?limit=2{query}");
        let page = call(app, &tenant, Method::GET, &path, Value::Null)
            .await
            .json();
        let names = page["data"].as_array().expect("a list").iter();
        let names: Vec<_> = names.map(|one| one["name"].clone()).collect();
        (names, page["nextCursor"].clone())
    };
    let (first, cursor) = page("").await;
    assert_eq!(first, ["p3", "p2"]);
    let cursor = cursor.as_str().expect("more").to_owned();
    let (second, end) = page(&format!("&cursor={cursor}")).await;
    assert_eq!((second, end), (vec![json!("p1")], Value::Null));
}

async fn a_policy_that_is_given_and_removed_at_once_is_one_or_the_other(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = call(
        app,
        &tenant,
        Method::POST,
        "/v1/relay-keys",
        json!({ "name": "k" }),
    )
    .await;
    let key = key.json();
    let of_key = format!("/v1/relay-keys/{}", key["id"].as_str().expect("an id"));
    let bearer = key["key"].as_str().expect("a key");
    for round in 0..20 {
        let name = format!("p{round}");
        made(app, &tenant, json!({ "name": name })).await;
        let path = format!("{PATH}/{name}");
        let wanted = json!({ "name": "new", "policy": name });
        let given = json!({ "policy": name });
        let credential = "/v1/credentials/openai/one";
        let connected = json!({ "apiKey": app.provider_key("openai") });
        let (new, changed, removed, put, placed) = tokio::join!(
            call(app, &tenant, Method::POST, "/v1/relay-keys", wanted),
            call(app, &tenant, Method::PATCH, &of_key, given),
            call(app, &tenant, Method::DELETE, &path, Value::Null),
            call(app, &tenant, Method::PUT, credential, connected),
            call(
                app,
                &tenant,
                Method::PUT,
                credential,
                json!({ "weight": 5 })
            ),
        );
        assert!(
            put.status < 300 && matches!(placed.status, 200 | 400),
            "{}",
            placed.text
        );
        let in_use = new.status == 201 || changed.status == 200;
        assert_eq!(
            removed.status,
            if in_use { 409 } else { 204 },
            "{}",
            removed.text
        );
        for reply in [&new, &changed] {
            assert!(matches!(reply.status, 200 | 201 | 400), "{}", reply.text);
        }
        let works = app
            .call(Method::GET, "/v1/models", bearer, Value::Null)
            .await;
        assert_eq!(works.status, 200, "{}", works.text);
        let free = call(
            app,
            &tenant,
            Method::PATCH,
            &of_key,
            json!({ "policy": null }),
        )
        .await;
        assert_eq!(free.status, 200, "{}", free.text);
    }
}
