//! `Idempotency-Key`: what names itself by one is done once, and answered alike each time.

mod kept;

use std::time::Duration;

use relay_api::Scope;
use relay_server::http::{Access, routes};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::console::{from_page, owner};
use crate::sql::Sql;
use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    a_call_sent_again_is_done_once_and_answered_alike,
    of_many_equal_calls_at_once_one_is_done,
    a_key_stands_for_one_body_and_query,
    a_key_is_its_callers_own,
    a_members_key_is_their_own,
    who_may_not_call_leaves_nothing,
    a_malformed_key_is_refused,
    without_a_key_nothing_is_asked_of_the_database,
);

const KEYS: &str = "/v1/relay-keys";
const TOKENS: &str = "/v1/registration-tokens";
const MINUTE: Duration = Duration::from_mins(1);

fn keyed(app: &TestApp, bearer: &str, path: &str, key: &str, body: &Value) -> RequestBuilder {
    app.request(Method::POST, path)
        .bearer_auth(bearer)
        .header("Idempotency-Key", key)
        .json(body)
}

async fn post(app: &TestApp, bearer: &str, path: &str, key: &str, body: &Value) -> Reply {
    Reply::of(keyed(app, bearer, path, key, body)).await
}

fn named(name: &str) -> Value {
    json!({ "name": name })
}

fn is_replayed(reply: &Reply) -> bool {
    reply.header("idempotency-replayed") == Some("true")
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, code: &str) {
    let told = (reply.status, reply.code());
    assert_eq!(told, (status, code.to_owned()), "{}", reply.text);
    assert!(!is_replayed(reply));
}

/// The names of the tenant's relay keys, but for the one that tests use.
async fn made(app: &TestApp, tenant: &Tenant) -> Vec<String> {
    let mut sql = Sql::of(app).await;
    let names = "SELECT name FROM relay_keys WHERE tenant_id = $1 AND name <> 'test' ORDER BY id";
    sql.texts(names, &[&tenant.id]).await
}

async fn rows(app: &TestApp) -> usize {
    Sql::of(app).await.count("idempotency_keys").await
}

async fn a_call_sent_again_is_done_once_and_answered_alike(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let first = post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert!(!is_replayed(&first));
    for _ in 0..2 {
        let again = post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert!(is_replayed(&again));
        assert_eq!(again.header("content-type"), Some("application/json"));
        let ids = [&first, &again].map(|reply| reply.header("x-relay-request-id"));
        assert_ne!(ids[0], ids[1], "each request has its own");
    }
    assert_eq!(made(app, &tenant).await, ["app"]);
    let key = first.json()["key"].as_str().expect("a key").to_owned();
    let works = app.call(Method::GET, "/v1/models", &key, Value::Null).await;
    assert_eq!(works.status, 200, "{}", works.text);

    // Another key is another call, and so is the same key elsewhere.
    let other = post(app, &tenant.key, KEYS, "order-2", &named("app")).await;
    assert_ne!(other.json()["id"], first.json()["id"]);
    let policy = post(app, &tenant.key, "/v1/policies", "order-1", &named("app")).await;
    assert_eq!(policy.status, 201, "{}", policy.text);
    // What was refused once is refused alike, to the very words.
    let taken = post(app, &tenant.key, "/v1/policies", "order-3", &named("app")).await;
    assert_refused(&taken, 409, "name_taken");
    let again = post(app, &tenant.key, "/v1/policies", "order-3", &named("app")).await;
    assert_eq!((again.status, &again.text), (409, &taken.text));
    assert!(is_replayed(&again));
    // So is a token, which the database knows nothing of.
    let wanted = json!({ "endUserLabel": "ada" });
    let token = post(app, &tenant.key, TOKENS, "order-1", &wanted).await;
    app.clock.advance(MINUTE);
    let again = post(app, &tenant.key, TOKENS, "order-1", &wanted).await;
    assert_eq!((token.status, &token.text), (again.status, &again.text));
}

async fn of_many_equal_calls_at_once_one_is_done(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let request = keyed(app, &tenant.key, KEYS, "order-1", &named("app"));
        asking.spawn(Reply::of(request));
    }
    let replies = asking.join_all().await;
    let (done, waiting): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 201);
    for reply in waiting {
        assert_refused(reply, 409, "idempotency_in_progress");
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    let first = done.iter().filter(|reply| !is_replayed(reply)).count();
    assert_eq!(first, 1);
    assert!(done.iter().all(|reply| reply.text == done[0].text));
    assert_eq!(made(app, &tenant).await, ["app"]);
    let again = post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
    assert_eq!((again.status, &again.text), (201, &done[0].text));
}

async fn a_key_stands_for_one_body_and_query(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let first = post(app, &tenant.key, KEYS, "order-1", &named("one")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let other = post(app, &tenant.key, KEYS, "order-1", &named("two")).await;
    assert_refused(&other, 422, "idempotency_key_reused");
    let asked = format!("{KEYS}?x=1");
    let other = post(app, &tenant.key, &asked, "order-1", &named("one")).await;
    assert_refused(&other, 422, "idempotency_key_reused");
    assert_eq!(made(app, &tenant).await, ["one"]);
}

async fn a_key_is_its_callers_own(app: &TestApp) {
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let colleague = app.relay_key(&acme.id, &Scope::ALL).await;
    let mut ids = Vec::new();
    for key in [&acme.key, &colleague, &other.key] {
        let reply = post(app, key, KEYS, "order-1", &named("app")).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        assert!(!is_replayed(&reply));
        ids.push(reply.json()["id"].to_string());
        // Nor is it in anybody's way who sends something else.
        let elsewhere = post(app, key, KEYS, "order-1", &named("app")).await;
        assert!(is_replayed(&elsewhere));
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "three relay keys were made");
    assert_eq!(made(app, &acme).await.len(), 2);
    assert_eq!(made(app, &other).await.len(), 1);
}

async fn a_members_key_is_their_own(app: &TestApp) {
    let (me, cookie) = owner(app, "acme").await;
    let tenant_id = me["tenant"]["id"].as_str().expect("an id");
    let bearer = app.relay_key(tenant_id, &Scope::ALL).await;
    let invited = json!({ "email": "bob@example.com", "role": "developer" });
    for (path, body) in [("/api/invitations", &invited), (KEYS, &named("app"))] {
        let send = async || {
            let request = from_page(app, Method::POST, path, &cookie);
            Reply::of(request.header("Idempotency-Key", "order-1").json(body)).await
        };
        let first = send().await;
        assert_eq!(first.status, 201, "{}", first.text);
        let again = send().await;
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert!(is_replayed(&again));
    }
    let other = post(app, &bearer, KEYS, "order-1", &named("app")).await;
    assert_eq!(other.status, 201, "{}", other.text);
    assert!(!is_replayed(&other), "a relay key is not the member");
    assert_eq!(Sql::of(app).await.count("invitations").await, 1);
    // What takes passwords and gives cookies heeds no key.
    let rows_before = rows(app).await;
    let wrong = json!({ "current": "not it at all", "new": "correct horse battery 2" });
    let request = from_page(app, Method::POST, "/api/account/password", &cookie);
    let reply = Reply::of(request.header("Idempotency-Key", "order-1").json(&wrong)).await;
    assert_refused(&reply, 403, "wrong_password");
    assert_eq!(rows(app).await, rows_before);
}

async fn who_may_not_call_leaves_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (_, cookie) = owner(app, "bee").await;
    let weak = app.relay_key(&tenant.id, &[Scope::Inference]).await;
    let heeding: Vec<_> = routes(&app.service)
        .into_iter()
        .filter(|route| route.keyed)
        .collect();
    assert!(heeding.len() > 10, "{heeding:?}");
    for route in heeding {
        assert_eq!(route.method, Method::POST);
        let public = matches!(
            route.access,
            Access::Public | Access::Inference | Access::Widget
        );
        assert!(!public, "{route:?}");
        let path = route.path.replace(['{', '}'], "");
        for bearer in ["rly-of-nobody", &weak] {
            let reply = post(app, bearer, &path, "order-1", &named("app")).await;
            assert!(matches!(reply.status, 401 | 403), "{path}: {}", reply.text);
        }
        // A page elsewhere has the browser send the member's cookie.
        let request = app.request(Method::POST, &path).header("Cookie", &cookie);
        let request = request.header("Sec-Fetch-Site", "cross-site");
        let reply = Reply::of(
            request
                .header("Idempotency-Key", "order-1")
                .json(&json!({})),
        )
        .await;
        assert_refused(&reply, 403, "cross_site");
    }
    assert_eq!(rows(app).await, 0);
    // Who may call the route, but not do this, leaves nothing either.
    let mut sql = Sql::of(app).await;
    sql.run("UPDATE memberships SET role = 'developer'", &[])
        .await;
    let body = json!({ "name": "boss", "scopes": ["manage"] });
    let request = from_page(app, Method::POST, KEYS, &cookie);
    let reply = Reply::of(request.header("Idempotency-Key", "order-1").json(&body)).await;
    assert_refused(&reply, 403, "role_may_not");
    assert_eq!(rows(app).await, 0);
}

async fn a_malformed_key_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for key in ["", " ", "two words", "smørrebrød", &"x".repeat(256)] {
        let reply = post(app, &tenant.key, KEYS, key, &named("app")).await;
        assert_refused(&reply, 400, "idempotency_key_malformed");
    }
    let two = keyed(app, &tenant.key, KEYS, "one", &named("app")).header("Idempotency-Key", "two");
    assert_refused(&Reply::of(two).await, 400, "idempotency_key_malformed");
    assert_eq!((rows(app).await, made(app, &tenant).await.len()), (0, 0));
    let large = json!({ "name": "x".repeat(300 * 1024) });
    let reply = post(app, &tenant.key, KEYS, "order-1", &large).await;
    assert_refused(&reply, 413, "body_too_large");
    assert_eq!(rows(app).await, 0);
    for key in [
        "x",
        &"x".repeat(255),
        r#""8e03978e-40d5-43dd-bc93-6894a57f9324""#,
    ] {
        let reply = post(app, &tenant.key, KEYS, key, &named("app")).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    // Where the header means nothing, nothing is refused.
    let reach = post(app, &tenant.key, "/v1/reach", "two words", &json!({})).await;
    assert_eq!(reach.status, 200, "{}", reach.text);
}

async fn without_a_key_nothing_is_asked_of_the_database(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let wanted = json!({ "endUserLabel": "ada" });
    // What is asked beside the calls, by the second or once, is not in all of them.
    let (mut without, mut with) = (u64::MAX, u64::MAX);
    for turn in 0..20 {
        let before = app.service.store.uses();
        app.registration_token(&tenant, "ada").await;
        let between = app.service.store.uses();
        let reply = post(app, &tenant.key, TOKENS, &turn.to_string(), &wanted).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        without = without.min(between - before);
        with = with.min(app.service.store.uses() - between);
    }
    assert_eq!((without, with), (0, 2), "with a key: its turn, and its end");
}
