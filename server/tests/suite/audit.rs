//! `/v1/audit`: who changed what.

use std::slice::from_ref;

use reqwest::Method;
use serde_json::{Value, json};

use crate::console::{from_page, owner};
use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    entries_are_found_by_who_made_them_and_when,
    every_change_is_told_of_with_who_made_it,
    what_changes_nothing_is_not_told_of,
    entries_are_found_by_action_and_by_subject,
);

async fn trail(app: &TestApp, key: &str, query: &str) -> Vec<Value> {
    let path = format!("/v1/audit?limit=200{query}");
    let reply = app.call(Method::GET, &path, key, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["data"].as_array().expect("a list").clone()
}

async fn done(app: &TestApp, key: &str, method: Method, path: &str, body: Value) -> Value {
    let reply = app.call(method, path, key, body).await;
    assert!((200..300).contains(&reply.status), "{path}: {}", reply.text);
    if reply.text.is_empty() {
        Value::Null
    } else {
        reply.json()
    }
}

fn id(made: &Value) -> &str {
    made["id"].as_str().expect("an id")
}

/// Everything that can be changed, changed once; answers the actions, in order.
async fn everything(app: &TestApp, tenant: &Tenant) -> Vec<(&'static str, String)> {
    let key = &tenant.key;
    let provider_key = || json!({ "apiKey": app.provider_key("openai") });
    let policy = done(
        app,
        key,
        Method::POST,
        "/v1/policies",
        json!({ "name": "p" }),
    )
    .await;
    let of_policy = format!("policies/{}", id(&policy));
    let path = format!("/v1/{of_policy}");
    done(app, key, Method::PUT, &path, json!({ "name": "q" })).await;
    let relay_key = done(
        app,
        key,
        Method::POST,
        "/v1/relay-keys",
        json!({ "name": "k" }),
    )
    .await;
    let of_key = format!("relay-keys/{}", id(&relay_key));
    let key_path = format!("/v1/{of_key}");
    done(
        app,
        key,
        Method::PATCH,
        &key_path,
        json!({ "disabled": true }),
    )
    .await;
    let rotate = format!("{key_path}/rotate");
    done(app, key, Method::POST, &rotate, json!({ "grace": "1h" })).await;
    done(app, key, Method::DELETE, &key_path, Value::Null).await;
    done(app, key, Method::DELETE, &path, Value::Null).await;
    let pooled = "/v1/credentials/openai/spare";
    done(app, key, Method::PUT, pooled, provider_key()).await;
    done(app, key, Method::PUT, pooled, json!({ "weight": 5 })).await;
    done(app, key, Method::DELETE, pooled, Value::Null).await;
    let of_user = "/v1/users/ada/credentials/openai";
    done(app, key, Method::PUT, of_user, provider_key()).await;
    done(app, key, Method::DELETE, of_user, Value::Null).await;
    done(app, key, Method::DELETE, "/v1/users/ada", Value::Null).await;
    let host = json!({ "name": "Acme", "baseUrl": "https://acme.example/v1" });
    let model = json!({ "bindings": [{ "host": "acme" }] });
    let overlaid = [("/v1/hosts/acme", host), ("/v1/catalog/models/fast", model)];
    for (path, body) in overlaid.clone() {
        done(app, key, Method::PUT, path, body).await;
    }
    for (path, _) in overlaid.into_iter().rev() {
        done(app, key, Method::DELETE, path, Value::Null).await;
    }
    let pooled = "credentials/openai/spare".to_owned();
    let of_user = "users/ERASED/credentials/openai".to_owned();
    vec![
        ("policy.create", of_policy.clone()),
        ("policy.change", of_policy.clone()),
        ("relay-key.create", of_key.clone()),
        ("relay-key.change", of_key.clone()),
        ("relay-key.rotate", of_key.clone()),
        ("relay-key.revoke", of_key),
        ("policy.delete", of_policy),
        ("credential.connect", pooled.clone()),
        ("credential.change", pooled.clone()),
        ("credential.remove", pooled),
        ("credential.connect", of_user.clone()),
        ("credential.remove", of_user),
        ("user.remove", "users/ERASED".to_owned()),
        ("host.put", "hosts/acme".to_owned()),
        ("model.put", "catalog/models/fast".to_owned()),
        ("model.remove", "catalog/models/fast".to_owned()),
        ("host.remove", "hosts/acme".to_owned()),
    ]
}

/// What an entry is of; a user who was erased has a name that is nobody's.
fn named(entry: &Value) -> String {
    let subject = entry["subject"].as_str().expect("a subject");
    let mut parts: Vec<_> = subject.split('/').collect();
    for part in &mut parts {
        if part.starts_with("erased-") {
            *part = "ERASED";
        }
    }
    parts.join("/")
}

async fn every_change_is_told_of_with_who_made_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let keys = app.service.relay_keys.list(&tenant.id).await.expect("read");
    let actor = json!({ "kind": "relay-key", "id": keys[0].row.id, "name": "test" });
    let mut expected = everything(app, &tenant).await;
    expected.reverse();
    let entries = trail(app, &tenant.key, "").await;
    assert_eq!(
        entries.len(),
        expected.len() + 2,
        "and what the test made first"
    );
    for (entry, (action, subject)) in entries.iter().zip(expected) {
        assert_eq!((&entry["action"], named(entry)), (&json!(action), subject));
        assert_eq!(entry["actor"], actor, "{action}");
        assert_eq!(entry["at"], "2023-11-14T22:13:20.000Z");
        assert!(entry["detail"].is_object(), "{entry}");
    }
    // An end user who connects by the widget is named by the tenant's label.
    let token = app.registration_token(&tenant, "bob").await;
    let body = json!({ "provider": "openai", "apiKey": app.provider_key("openai") });
    done(app, &token, Method::POST, "/v1/widget/credentials", body).await;
    let newest = trail(app, &tenant.key, "").await.remove(0);
    assert_eq!(newest["actor"], json!({ "kind": "end-user", "id": "bob" }));
    assert_eq!(newest["subject"], "users/bob/credentials/openai");
    // A member is named by their address.
    let (me, cookie) = owner(app, "other").await;
    let request = from_page(app, Method::POST, "/v1/relay-keys", &cookie);
    let reply = Reply::of(request.json(&json!({ "name": "by hand", "scopes": ["manage"] }))).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let entries = trail(app, reply.json()["key"].as_str().expect("a key"), "").await;
    let told: Vec<_> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(told, ["relay-key.create", "tenant.create"]);
    for entry in &entries {
        assert_eq!(entry["actor"]["kind"], "member");
        assert_eq!(entry["actor"]["name"], me["account"]["email"]);
    }
}

async fn what_changes_nothing_is_not_told_of(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let before = trail(app, &tenant.key, "").await;
    for (method, path, body) in [
        (Method::POST, "/v1/policies", json!({ "name": "" })),
        (Method::PUT, "/v1/policies/none", json!({ "name": "p" })),
        (Method::DELETE, "/v1/policies/none", Value::Null),
        (
            Method::POST,
            "/v1/relay-keys",
            json!({ "name": "k", "policy": "none" }),
        ),
        (Method::PATCH, "/v1/relay-keys/none", json!({ "name": "k" })),
        (Method::POST, "/v1/relay-keys/none/rotate", json!({})),
        (Method::DELETE, "/v1/relay-keys/none", Value::Null),
        (
            Method::PUT,
            "/v1/credentials/openai/none",
            json!({ "weight": 2 }),
        ),
        (Method::DELETE, "/v1/credentials/openai", Value::Null),
        (
            Method::PUT,
            "/v1/hosts/openai",
            json!({ "name": "x", "baseUrl": "https://x.example" }),
        ),
        (Method::DELETE, "/v1/hosts/openai", Value::Null),
        (Method::DELETE, "/v1/catalog/models/gpt-4o", Value::Null),
        (Method::DELETE, "/v1/users/nobody", Value::Null),
        (
            Method::DELETE,
            "/v1/users/nobody/credentials/openai",
            Value::Null,
        ),
    ] {
        let reply = app.call(method, path, &tenant.key, body).await;
        assert!((400..500).contains(&reply.status), "{path}: {}", reply.text);
    }
    let refused = json!({ "apiKey": app.unknown_provider_key("openai") });
    let path = "/v1/credentials/openai";
    let reply = app.call(Method::PUT, path, &tenant.key, refused).await;
    assert_eq!(reply.status, 422, "{}", reply.text);
    assert_eq!(trail(app, &tenant.key, "").await, before);
}

async fn entries_are_found_by_action_and_by_subject(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for label in ["ada", "adam"] {
        app.connect(&tenant, label, "openai").await;
    }
    done(
        app,
        &tenant.key,
        Method::DELETE,
        "/v1/users/ada",
        Value::Null,
    )
    .await;
    let subjects = async |query: &str| -> Vec<String> {
        let entries = trail(app, &tenant.key, query).await;
        let subjects = entries.iter().map(|entry| entry["subject"].as_str());
        subjects
            .map(|subject| subject.expect("text").to_owned())
            .collect()
    };
    assert!(subjects("&subject=users/ada").await.is_empty(), "erased");
    let removed = subjects("&action=user.remove&subject=users").await;
    let [erased] = removed.as_slice() else {
        panic!("{removed:?}");
    };
    let of_erased = [erased.clone(), format!("{erased}/credentials/openai")];
    assert_eq!(subjects(&format!("&subject={erased}")).await, of_erased);
    let of_adam = "users/adam/credentials/openai";
    let connected = subjects("&action=credential.connect").await;
    assert_eq!(connected, [of_adam, &of_erased[1]]);
    assert!(subjects("&subject=users/%25").await.is_empty());
    let first = app.call(
        Method::GET,
        "/v1/audit?limit=1&subject=users",
        &tenant.key,
        Value::Null,
    );
    let first = first.await.json();
    let cursor = first["nextCursor"].as_str().expect("more").to_owned();
    let rest = subjects(&format!("&subject=users&cursor={cursor}")).await;
    assert_eq!(rest.len(), 2, "after the one that was seen");
    let path = format!("/v1/audit?subject={}", "x".repeat(3000));
    let reply = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "invalid_request")
    );
}

async fn entries_are_found_by_who_made_them_and_when(app: &TestApp) {
    let (me, cookie) = owner(app, "acme").await;
    let id = me["tenant"]["id"].as_str().expect("an id").to_owned();
    let key = app.relay_key(&id, &relay_api::Scope::ALL).await;
    let policy = json!({ "name": "by a member" });
    let made = from_page(app, Method::POST, "/v1/policies", &cookie).json(&policy);
    assert_eq!(Reply::of(made).await.status, 201);
    app.clock.advance(std::time::Duration::from_hours(1));
    let body = json!({ "name": "by a key" });
    done(app, &key, Method::POST, "/v1/policies", body).await;
    let names = async |query: &str| {
        let found = trail(app, &key, &format!("&action=policy.create{query}")).await;
        let names = found.iter().map(|entry| entry["detail"]["name"].clone());
        names.collect::<Vec<_>>()
    };
    let (member, by_key) = (json!("by a member"), json!("by a key"));
    assert_eq!(names("").await, [by_key.clone(), member.clone()]);
    assert_eq!(names("&actorKind=member").await, from_ref(&member));
    assert_eq!(names("&actorKind=relay-key").await, from_ref(&by_key));
    assert!(names("&actorKind=operator").await.is_empty());
    let found = trail(app, &key, "&action=policy.create&actorKind=member").await;
    let actor = found[0]["actor"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(names(&format!("&actor={actor}")).await, from_ref(&member));
    assert_eq!(names("&to=2023-11-14T23:00:00Z").await, [member]);
    assert_eq!(names("&from=2023-11-14T23:00:00Z").await, [by_key]);
    for query in ["actorKind=robot", "from=yesterday", "actr=x"] {
        let path = format!("/v1/audit?{query}");
        let reply = app.call(Method::GET, &path, &key, Value::Null).await;
        assert_eq!(reply.status, 400, "{query}: {}", reply.text);
    }
}
