//! `/v1/hosts` and `/v1/catalog/models`: the catalog's, and a tenant's own over it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    the_catalogs_hosts_are_listed_and_stay_as_they_are,
    a_host_of_ones_own_is_made_changed_and_removed,
    a_host_that_cannot_be_is_refused_by_its_field,
    a_host_stays_where_it_is_while_keys_are_connected_to_it,
    models_are_found_by_host_and_name_in_pages,
    a_model_of_ones_own_stands_for_the_catalogs_until_it_is_removed,
    a_model_that_cannot_be_is_refused_by_its_field,
    a_key_is_connected_to_a_host_of_ones_own,
);

const HOSTS: &str = "/v1/hosts";
const MODELS: &str = "/v1/catalog/models";

async fn call(app: &TestApp, tenant: &Tenant, method: Method, path: &str, body: Value) -> Reply {
    app.call(method, path, &tenant.key, body).await
}

async fn get(app: &TestApp, tenant: &Tenant, path: &str) -> Value {
    let reply = call(app, tenant, Method::GET, path, Value::Null).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.json()
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

fn acme(app: &TestApp) -> Value {
    // The simulated provider stands for the tenant's own server.
    json!({ "name": "Acme", "baseUrl": app.sim.openai_url() })
}

async fn the_catalogs_hosts_are_listed_and_stay_as_they_are(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let listed = get(app, &tenant, HOSTS).await["data"].clone();
    let listed = listed.as_array().expect("a list");
    let openai = listed.iter().find(|host| host["id"] == "openai");
    let openai = openai.expect("it is in the catalog");
    assert_eq!(openai["builtin"], true);
    assert_eq!(openai["baseUrl"], app.sim.openai_url().as_str());
    assert_eq!(&get(app, &tenant, "/v1/hosts/openai").await, openai);
    let path = "/v1/hosts/openai";
    let taken = call(app, &tenant, Method::PUT, path, acme(app)).await;
    assert_eq!(refused(&taken), (400, "invalid_request".to_owned()));
    assert!(taken.text.contains("`id` is taken"), "{}", taken.text);
    let reply = call(app, &tenant, Method::DELETE, path, Value::Null).await;
    assert_eq!(refused(&reply), (404, "not_found".to_owned()));
}

async fn a_host_of_ones_own_is_made_changed_and_removed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let other = app.tenant("other").await;
    let path = "/v1/hosts/acme";
    let wanted = json!({
        "name": "Acme",
        "baseUrl": "https://llm.acme.example/v1",
        "dialects": ["anthropic-messages", "openai-chat"],
        "auth": "x-api-key",
        "embeddings": "openai",
        "headers": { "x-team": "blue" },
        "check": "",
    });
    let made = call(app, &tenant, Method::PUT, path, wanted.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    for field in [
        "name",
        "baseUrl",
        "dialects",
        "auth",
        "embeddings",
        "headers",
        "check",
    ] {
        assert_eq!(made[field], wanted[field], "{field}");
    }
    assert_eq!(
        (&made["id"], &made["builtin"]),
        (&json!("acme"), &json!(false))
    );
    assert_eq!(get(app, &tenant, path).await, made);
    assert_eq!(
        get(app, &tenant, HOSTS).await["data"][0],
        made,
        "one's own first"
    );
    let elsewhere = call(app, &other, Method::GET, path, Value::Null).await;
    assert_eq!(elsewhere.status, 404, "it is nobody else's");
    let wanted = json!({ "name": "Acme 2", "baseUrl": "https://llm2.acme.example/v1" });
    let changed = call(app, &tenant, Method::PUT, path, wanted).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(
        get(app, &tenant, path).await["baseUrl"],
        "https://llm2.acme.example/v1"
    );
    for status in [204, 404] {
        let removed = call(app, &tenant, Method::DELETE, path, Value::Null).await;
        assert_eq!(removed.status, status, "{}", removed.text);
    }
    let gone = call(app, &tenant, Method::GET, path, Value::Null).await;
    assert_eq!(gone.status, 404, "{}", gone.text);
}

async fn a_host_that_cannot_be_is_refused_by_its_field(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (id, more, field) in [
        ("Acme", json!({}), "`id`"),
        ("acme", json!({ "name": "" }), "`name`"),
        ("acme", json!({ "baseUrl": "acme.example" }), "`baseUrl`"),
        (
            "acme",
            json!({ "baseUrl": "ftp://acme.example" }),
            "`baseUrl`",
        ),
        (
            "acme",
            json!({ "baseUrl": "https://u:p@acme.example" }),
            "`baseUrl`",
        ),
        ("acme", json!({ "dialects": ["smalltalk"] }), "`dialects`"),
        (
            "acme",
            json!({ "headers": { "Authorization": "Bearer x" } }),
            "`headers`",
        ),
        ("acme", json!({ "token": "x" }), "`token`"),
    ] {
        let mut body = acme(app);
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let path = format!("{HOSTS}/{id}");
        let reply = call(app, &tenant, Method::PUT, &path, body.clone()).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text);
        assert!(reply.text.contains(field), "{body}: {}", reply.text);
    }
}

async fn a_host_stays_where_it_is_while_keys_are_connected_to_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let path = "/v1/hosts/acme";
    let made = call(app, &tenant, Method::PUT, path, acme(app)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let of_user = "/v1/users/ada/credentials/acme";
    let body = json!({ "apiKey": app.provider_key("openai") });
    let connected = call(app, &tenant, Method::PUT, of_user, body).await;
    assert_eq!(connected.status, 201, "{}", connected.text);
    let in_use = (409, "host_in_use".to_owned());
    let moved = json!({ "name": "Acme", "baseUrl": app.sim.anthropic_url() });
    let reply = call(app, &tenant, Method::PUT, path, moved.clone()).await;
    assert_eq!(
        refused(&reply),
        in_use,
        "a user's key is not sent elsewhere"
    );
    let reply = call(app, &tenant, Method::DELETE, path, Value::Null).await;
    assert_eq!(refused(&reply), in_use);
    let mut renamed = acme(app);
    renamed["name"] = json!("Acme Inc.");
    let reply = call(app, &tenant, Method::PUT, path, renamed).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let reply = call(app, &tenant, Method::DELETE, of_user, Value::Null).await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    let reply = call(app, &tenant, Method::PUT, path, moved).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let model = json!({ "bindings": [{ "host": "acme" }] });
    let fast = "/v1/catalog/models/fast";
    let reply = call(app, &tenant, Method::PUT, fast, model).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let reply = call(app, &tenant, Method::DELETE, path, Value::Null).await;
    assert_eq!(refused(&reply), in_use, "a model leads to it");
    for path in [fast, path] {
        let reply = call(app, &tenant, Method::DELETE, path, Value::Null).await;
        assert_eq!(reply.status, 204, "{}", reply.text);
    }
}

async fn models_are_found_by_host_and_name_in_pages(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let mut ids = Vec::new();
    let mut path = format!("{MODELS}?provider=anthropic&q=Claude&limit=3");
    loop {
        let page = get(app, &tenant, &path).await;
        for model in page["data"].as_array().expect("a list") {
            let bindings = model["bindings"].as_array().expect("a list");
            let at = bindings
                .iter()
                .any(|binding| binding["host"] == "anthropic");
            assert!(at, "{model}");
            assert_eq!(model["builtin"], true);
            ids.push(model["id"].as_str().expect("an id").to_owned());
        }
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        path = format!("{MODELS}?provider=anthropic&q=Claude&limit=3&cursor={cursor}");
    }
    let whole = get(
        app,
        &tenant,
        &format!("{MODELS}?provider=anthropic&q=claude&limit=200"),
    )
    .await;
    let whole = whole["data"].as_array().expect("a list").iter();
    let whole: Vec<_> = whole
        .map(|one| one["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(ids, whole);
    assert!(ids.len() > 3, "{ids:?}");
    let none = get(app, &tenant, &format!("{MODELS}?q=no-such-model-at-all")).await;
    assert_eq!(none, json!({ "data": [] }));
    let priced = get(app, &tenant, &format!("{MODELS}/gpt-4o-mini")).await;
    assert!(
        priced["bindings"][0]["prices"]["input"].is_number(),
        "{priced}"
    );
    let reply = call(
        app,
        &tenant,
        Method::GET,
        &format!("{MODELS}?cursor=x"),
        Value::Null,
    )
    .await;
    assert_eq!(refused(&reply), (400, "invalid_request".to_owned()));
}

async fn a_model_of_ones_own_stands_for_the_catalogs_until_it_is_removed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let path = format!("{MODELS}/gpt-4o-mini");
    let before = get(app, &tenant, &path).await;
    let wanted = json!({
        "name": "Our mini",
        "bindings": [{ "host": "openai", "prices": { "input": 0.1, "output": 0.2 } }],
    });
    let made = call(app, &tenant, Method::PUT, &path, wanted).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let seen = get(app, &tenant, &path).await;
    assert_eq!(
        (&seen["name"], &seen["builtin"]),
        (&json!("Our mini"), &json!(false))
    );
    assert_eq!(
        seen["bindings"][0]["prices"],
        json!({ "input": 0.1, "output": 0.2 })
    );
    let listed = get(app, &tenant, &format!("{MODELS}?q=gpt-4o-mini")).await;
    let listed = listed["data"].as_array().expect("a list");
    let same = listed
        .iter()
        .filter(|model| model["id"] == "gpt-4o-mini")
        .count();
    assert_eq!(same, 1, "it is listed once");
    // Names of models have slashes.
    let own = format!("{MODELS}/team/blue/fast");
    let model = json!({ "bindings": [{ "host": "openai", "model": "gpt-4o" }] });
    let made = call(app, &tenant, Method::PUT, &own, model).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(get(app, &tenant, &own).await["id"], "team/blue/fast");
    let other = app.tenant("other").await;
    assert_eq!(get(app, &other, &path).await, before, "it is nobody else's");
    for status in [204, 404] {
        let reply = call(app, &tenant, Method::DELETE, &path, Value::Null).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
    assert_eq!(
        get(app, &tenant, &path).await,
        before,
        "the catalog's is back"
    );
}

async fn a_model_that_cannot_be_is_refused_by_its_field(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (id, body, field) in [
        ("fast", json!({ "bindings": [] }), "`bindings`"),
        ("fast", json!({ "bindings": [{ "host": "nowhere" }] }), "`"),
        (
            "fast",
            json!({ "bindings": [{ "host": "openai", "prices": { "input": -1.0, "output": 0.0 } }] }),
            "`prices`",
        ),
        (
            "openai:fast",
            json!({ "bindings": [{ "host": "openai" }] }),
            "`id`",
        ),
        (
            &"x".repeat(201),
            json!({ "bindings": [{ "host": "openai" }] }),
            "`id`",
        ),
        ("fast", json!({ "name": "no bindings" }), "`bindings`"),
    ] {
        let path = format!("{MODELS}/{id}");
        let reply = call(app, &tenant, Method::PUT, &path, body.clone()).await;
        assert_eq!(reply.status, 400, "{id} {body}: {}", reply.text);
        assert!(reply.text.contains(field), "{id} {body}: {}", reply.text);
    }
}

async fn a_key_is_connected_to_a_host_of_ones_own(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let other = app.tenant("other").await;
    let made = call(app, &tenant, Method::PUT, "/v1/hosts/acme", acme(app)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let body = || json!({ "apiKey": app.provider_key("openai") });
    let path = "/v1/credentials/acme";
    let reply = call(app, &other, Method::PUT, path, body()).await;
    assert_eq!(refused(&reply), (400, "unknown_provider".to_owned()));
    let reply = call(app, &tenant, Method::PUT, path, body()).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.json()["provider"], "acme");
    let wanted = json!({ "endUserLabel": "ada", "provider": "acme" });
    let reply = call(
        app,
        &tenant,
        Method::POST,
        "/v1/registration-tokens",
        wanted,
    )
    .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let token = reply.json()["registrationToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let session = app
        .call(Method::GET, "/v1/widget/session", &token, Value::Null)
        .await;
    assert_eq!(session.json()["providers"][0]["name"], "Acme");
}
