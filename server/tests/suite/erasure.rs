//! `DELETE /v1/users/{label}` erases: afterwards the label stands nowhere.

use std::collections::BTreeSet;
use std::time::Duration;

use relay_server::clock::Clock as _;
use relay_server::store::{BodyRow, RequestRow, UsageBatch};
use relay_server::tidy;
use reqwest::Method;
use serde_json::{Value, json};

use crate::sql::Sql;
use crate::support::{Reply, Tenant, TestApp, chat_body};

on_each_database!(
    an_erased_user_is_named_nowhere,
    what_others_have_and_all_sums_stay_as_they_were,
    a_call_that_ends_after_the_erasure_is_nobodys,
    what_was_issued_for_an_erased_user_opens_nothing,
);

/// With what JSON and LIKE have words for.
const LABEL: &str = r#"erin "100%_o'hara""#;
const PATH: &str = "/v1/users/erin%20%22100%25_o'hara%22";
/// Another user's label, which begins with the first.
const OTHER: &str = r#"erin "100%_o'hara"/2"#;

fn names_other(text: &str) -> bool {
    text.contains(r#"_o'hara"/2"#) || text.contains(r#"_o'hara\"/2"#)
}

fn names_erin(text: &str) -> bool {
    text.contains("_o'hara") && !names_other(text)
}

/// The columns of text, of all of a database's tables that belong to tenants, that name somebody
/// in rows of this tenant.
async fn named_in(app: &TestApp, tenant_id: &str, is_named: fn(&str) -> bool) -> BTreeSet<String> {
    let mut sql = Sql::of(app).await;
    let columns = if app.database.url.starts_with("sqlite") {
        "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.type = 'TEXT' AND EXISTS \
         (SELECT 1 FROM pragma_table_info(m.name) t WHERE t.name = 'tenant_id')"
    } else {
        "SELECT CAST(c.table_name AS TEXT) || '.' || CAST(c.column_name AS TEXT) \
         FROM information_schema.columns c WHERE c.table_schema = current_schema() \
         AND c.data_type = 'text' AND EXISTS (SELECT 1 FROM information_schema.columns t \
         WHERE t.table_schema = c.table_schema AND t.table_name = c.table_name \
         AND t.column_name = 'tenant_id')"
    };
    let columns = sql.texts(columns, &[]).await;
    assert!(columns.len() > 40, "all of them: {columns:?}");
    let mut found = BTreeSet::new();
    for place in columns {
        let (table, column) = place.split_once('.').expect("a column");
        let all = format!(
            "SELECT COALESCE({column}, '') FROM {table} WHERE tenant_id = $1 AND {column} <> ''"
        );
        let texts = sql.texts(&all, &[tenant_id]).await;
        if texts.iter().any(|text| is_named(text)) {
            found.insert(place);
        }
    }
    found
}

async fn call(app: &TestApp, key: &str, method: Method, path: &str, body: Value) -> Reply {
    let reply = app.call(method, path, key, body).await;
    assert!(reply.status < 300, "{path}: {}", reply.text);
    reply
}

/// A tenant in which a user has left traces everywhere: by the widget, by calls with kept bodies, by
/// a relay key of its own and by webhooks. Answers a key that keeps bodies, and the user's own.
async fn used(app: &TestApp, tenant: &Tenant, label: &str) -> (String, String) {
    let webhook = json!({
        "url": "https://hooks.example.com/relay",
        "events": ["credential.connected", "credential.disconnected"],
    });
    call(app, &tenant.key, Method::POST, "/v1/webhooks", webhook).await;
    let token = app.registration_token(tenant, label).await;
    let body = json!({ "provider": "openai", "apiKey": app.provider_key("openai") });
    call(app, &token, Method::POST, "/v1/widget/credentials", body).await;
    let mut keys = Vec::new();
    for wanted in [
        json!({ "name": "keeps", "keepBodiesFor": "24h" }),
        json!({ "name": "bound", "endUser": label }),
    ] {
        let made = call(app, &tenant.key, Method::POST, "/v1/relay-keys", wanted).await;
        keys.push(made.json()["key"].as_str().expect("a key").to_owned());
    }
    let keeps = Tenant {
        key: keys[0].clone(),
        id: tenant.id.clone(),
    };
    let body = json!({ "user": label });
    let reply = app.chat(&keeps, label, "gpt-4o-mini", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    app.service.meter.flush().await;
    (keys.remove(0), keys.remove(0))
}

async fn erase(app: &TestApp, tenant: &Tenant) -> u16 {
    let reply = app.call(Method::DELETE, PATH, &tenant.key, Value::Null);
    reply.await.status
}

async fn an_erased_user_is_named_nowhere(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let elsewhere = app.tenant("other").await;
    for tenant in [&tenant, &elsewhere] {
        used(app, tenant, LABEL).await;
    }
    let places = [
        "audit.actor",
        "audit.detail",
        "audit.subject",
        "end_users.label",
        "relay_keys.end_user",
        "requests.end_user",
        "usage_rollups.value",
        "webhook_deliveries.body",
    ];
    let before = named_in(app, &tenant.id, names_erin).await;
    assert!(before.iter().eq(places), "{before:?}");
    assert_eq!(Sql::of(app).await.count("request_bodies").await, 2);

    assert_eq!(erase(app, &tenant).await, 204);
    let after = named_in(app, &tenant.id, names_erin).await;
    assert_eq!(after, BTreeSet::new());
    assert_eq!(Sql::of(app).await.count("request_bodies").await, 1);
    // Another tenant's user of the same label is somebody else.
    let there = named_in(app, &elsewhere.id, names_erin).await;
    assert!(there.iter().eq(places), "{there:?}");
    // There is nothing left to erase.
    assert_eq!(erase(app, &tenant).await, 404);
    let list = app.call(
        Method::GET,
        "/v1/audit?action=user.remove",
        &tenant.key,
        Value::Null,
    );
    let list = list.await.json();
    let [removed] = list["data"].as_array().expect("a list").as_slice() else {
        panic!("{list}");
    };
    let subject = removed["subject"].as_str().expect("a subject");
    assert!(subject.starts_with("users/erased-"), "{subject}");
    // What was done by and to the user can still be told to be of one and the same.
    let path = format!("/v1/audit?subject={subject}/credentials/openai");
    let list = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
    let connected = &list.json()["data"][0];
    assert_eq!(connected["action"], "credential.connect");
    let erased = subject.strip_prefix("users/").expect("a name");
    assert_eq!(
        connected["actor"],
        json!({ "kind": "end-user", "id": erased })
    );
    // The label may come back, with nothing of before.
    app.clock.advance(Duration::from_secs(1));
    app.connect(&tenant, LABEL, "openai").await;
    let user = app.call(Method::GET, PATH, &tenant.key, Value::Null).await;
    assert_eq!(user.json()["usage"]["requests"], 0);
    let reply = app.chat(&tenant, LABEL, "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    app.service.meter.flush().await;
    let again = named_in(app, &tenant.id, names_erin).await;
    assert!(again.contains("requests.end_user"), "{again:?}");
    // When nothing of before can come in any more, it is not even known who was erased.
    app.clock.advance(Duration::from_hours(4));
    tidy(&app.service).await;
    assert_eq!(Sql::of(app).await.count("erased_users").await, 0);
}

async fn what_others_have_and_all_sums_stay_as_they_were(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    used(app, &tenant, LABEL).await;
    let (_, others) = used(app, &tenant, OTHER).await;
    let usage = async |by: &str| {
        let path = format!("/v1/usage?from=2023-11-14&to=2023-11-15&grain=hour{by}");
        call(app, &tenant.key, Method::GET, &path, Value::Null)
            .await
            .json()
    };
    let of_all = usage("").await;
    let of_keys = usage("&by=key").await;
    assert_eq!(erase(app, &tenant).await, 204);
    assert_eq!(usage("").await, of_all);
    assert_eq!(usage("&by=key").await, of_keys);
    let by_user = usage("&by=user").await;
    let told: Vec<_> = by_user["values"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (&one["value"], &one["other"], &one["requests"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!(OTHER), &Value::Null, &json!(1)),
            (&json!(""), &json!(true), &json!(1)),
        ],
        "{by_user}"
    );
    let left = named_in(app, &tenant.id, names_other).await;
    assert_eq!(left.len(), 8, "{left:?}");
    let body = chat_body("gpt-4o-mini", &json!({}));
    let path = "/v1/chat/completions";
    call(app, &others, Method::POST, path, body).await;
}

async fn a_call_that_ends_after_the_erasure_is_nobodys(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, LABEL, "openai").await;
    let began = app.clock.now();
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(erase(app, &tenant).await, 204);
    let row = |id: &str, end_user: &str, at| RequestRow {
        tenant_id: tenant.id.clone(),
        id: id.to_owned(),
        at,
        end_user: Some(end_user.to_owned()),
        operation: "chat".to_owned(),
        status: 200,
        ..RequestRow::default()
    };
    let body = |id: &str| BodyRow {
        tenant_id: tenant.id.clone(),
        request_id: id.to_owned(),
        sealed: vec![1],
        expires_at: began + 86_400_000,
    };
    let batch = UsageBatch {
        rows: vec![row("r1", LABEL, began), row("r2", OTHER, began)],
        bodies: vec![body("r1"), body("r2")],
        ..UsageBatch::default()
    };
    let written = app.service.store.add_requests(&batch).await;
    written.expect("written");
    let left = named_in(app, &tenant.id, names_erin).await;
    assert_eq!(left, BTreeSet::new());
    let mut sql = Sql::of(app).await;
    assert_eq!(sql.count("requests").await, 2);
    let bodies = "SELECT request_id FROM request_bodies";
    assert_eq!(sql.texts(bodies, &[]).await, ["r2"]);
    // One that came afterwards is for whoever has the label now.
    let batch = UsageBatch {
        rows: vec![row("r3", LABEL, app.clock.now() + 1)],
        ..UsageBatch::default()
    };
    let written = app.service.store.add_requests(&batch).await;
    written.expect("written");
    let of_label = "SELECT id FROM requests WHERE end_user = $1";
    assert_eq!(sql.texts(of_label, &[LABEL]).await, ["r3"]);
}

async fn what_was_issued_for_an_erased_user_opens_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (_, bound) = used(app, &tenant, LABEL).await;
    let before = app.registration_token(&tenant, LABEL).await;
    let others = app.registration_token(&tenant, OTHER).await;
    assert_eq!(erase(app, &tenant).await, 204);
    let after = app.registration_token(&tenant, LABEL).await;
    let session = async |token: &str| {
        let path = "/v1/widget/session";
        app.call(Method::GET, path, token, Value::Null).await
    };
    let refused = session(&before).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (401, "token_invalid")
    );
    let body = json!({ "provider": "openai", "apiKey": app.provider_key("openai") });
    let path = "/v1/widget/credentials";
    let refused = app.call(Method::POST, path, &before, body.clone()).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (401, "token_invalid")
    );
    assert_eq!(session(&others).await.status, 200);
    // A relay key that was bound to the user would be everybody's without it.
    let models = app.call(Method::GET, "/v1/models", &bound, Value::Null);
    let refused = models.await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (401, "relay_key_revoked")
    );
    call(app, &after, Method::POST, path, body).await;
    // Nothing is known of a user that was issued a token only: the token is cancelled all the same.
    let path = "/v1/users/nobody-yet";
    let early = app.registration_token(&tenant, "nobody-yet").await;
    let reply = app
        .call(Method::DELETE, path, &tenant.key, Value::Null)
        .await;
    assert_eq!(reply.status, 404, "{}", reply.text);
    assert_eq!(session(&early).await.status, 401);
}
