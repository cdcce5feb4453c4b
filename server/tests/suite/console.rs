//! The console's own routes: the first owner, signing in and out, and what a cookie may do.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

pub(crate) const PASSWORD: &str = "correct horse battery";
const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

on_each_database!(
    the_setup_link_makes_one_owner_and_signs_in,
    a_setup_link_is_replaced_expires_and_cannot_be_guessed,
    a_form_is_refused_field_by_field_and_the_link_stays_good,
    of_ten_who_open_the_link_at_once_one_becomes_owner,
    a_wrong_password_and_an_unknown_address_are_answered_alike,
    signing_out_ends_the_session_and_no_other,
    a_session_ends_by_the_clock,
    a_session_manages_its_tenant,
);

/// The first owner, and the session's cookie.
pub(crate) async fn owner(app: &TestApp, tenant: &str) -> (Value, String) {
    let reply = set_up(app, &link(app).await, form(tenant)).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    (reply.json(), cookie(&reply))
}

pub(crate) async fn link(app: &TestApp) -> String {
    let token = app.service.identity.new_setup_token().await;
    let token = token.expect("stored").expect("nobody can sign in yet");
    token.expose_secret().to_owned()
}

pub(crate) fn form(tenant: &str) -> Value {
    json!({
        "name": "Ada",
        "email": "Ada@Example.com",
        "password": PASSWORD,
        "tenantName": tenant,
    })
}

pub(crate) async fn set_up(app: &TestApp, token: &str, mut form: Value) -> Reply {
    form["setupToken"] = json!(token);
    Reply::of(app.request(Method::POST, "/api/setup").json(&form)).await
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Reply {
    let body = json!({ "email": email, "password": password });
    Reply::of(app.request(Method::POST, "/api/session").json(&body)).await
}

/// `name=value` of the cookie that an answer sets.
pub(crate) fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie").expect("a cookie");
    set.split(';').next().expect("a pair").to_owned()
}

/// A call of one of the console's own pages.
pub(crate) fn from_page(app: &TestApp, method: Method, path: &str, cookie: &str) -> RequestBuilder {
    app.request(method, path)
        .header("Cookie", cookie)
        .header("Sec-Fetch-Site", "same-origin")
}

pub(crate) async fn me(app: &TestApp, cookie: &str) -> Reply {
    Reply::of(from_page(app, Method::GET, "/api/me", cookie)).await
}

async fn the_setup_link_makes_one_owner_and_signs_in(app: &TestApp) {
    assert_eq!(
        app.get("/api/setup").await.json(),
        json!({ "needed": true })
    );
    let token = link(app).await;
    let reply = set_up(app, &token, form("acme")).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let owner = reply.json();
    assert_eq!(
        owner["account"],
        json!({
            "name": "Ada", "email": "ada@example.com", "secondFactor": false, "hasPassword": true,
        })
    );
    let own = json!([{ "id": owner["tenant"]["id"], "name": "acme", "role": "owner" }]);
    assert_eq!(owner["tenants"], own);
    assert_eq!(owner["tenant"]["name"], "acme");
    assert_eq!(owner["role"], "owner");
    assert_eq!(owner["publicUrl"], app.service.config.public_url.as_str());
    assert_eq!(me(app, &cookie(&reply)).await.json(), owner);

    assert_eq!(
        app.get("/api/setup").await.json(),
        json!({ "needed": false })
    );
    let reply = set_up(app, &token, form("second")).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "setup_link_invalid")
    );
    let another = app.service.identity.new_setup_token().await.expect("read");
    assert!(another.is_none(), "with an owner there are no more links");
    let tenants = app.service.store.tenants().await.expect("read");
    assert_eq!(tenants.len(), 1);
}

async fn a_setup_link_is_replaced_expires_and_cannot_be_guessed(app: &TestApp) {
    let first = link(app).await;
    let second = link(app).await;
    for token in [first.as_str(), "", "guess"] {
        let reply = set_up(app, token, form("acme")).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (403, "setup_link_invalid")
        );
    }
    app.clock.advance(24 * HOUR);
    let reply = set_up(app, &second, form("acme")).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "setup_link_invalid")
    );
    assert_eq!(
        app.get("/api/setup").await.json(),
        json!({ "needed": true })
    );
    let third = link(app).await;
    app.clock.advance(23 * HOUR);
    assert_eq!(set_up(app, &third, form("acme")).await.status, 201);
}

async fn a_form_is_refused_field_by_field_and_the_link_stays_good(app: &TestApp) {
    app.tenant("taken").await;
    let token = link(app).await;
    let long = "x".repeat(1025);
    for (field, value) in [
        ("password", "tiny"),
        ("password", "elevenchars"),
        ("password", long.as_str()),
        ("password", "ADA@example.com"),
        ("email", "ada"),
        ("email", "a b@example.com"),
        ("name", "  "),
        ("name", "a\nb"),
        ("tenantName", ""),
    ] {
        let mut form = form("acme");
        form[field] = json!(value);
        let reply = set_up(app, &token, form).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request"),
            "{field}"
        );
        assert!(reply.text.contains(&format!("`{field}`")), "{}", reply.text);
        assert!(
            field != "password" || !reply.text.contains(value),
            "{}",
            reply.text
        );
    }
    let reply = set_up(app, &token, form("taken")).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (409, "tenant_name_taken")
    );
    let reply = set_up(app, &token, form("acme")).await;
    assert_eq!(reply.status, 201, "the link is still good: {}", reply.text);
}

async fn of_ten_who_open_the_link_at_once_one_becomes_owner(app: &TestApp) {
    let token = link(app).await;
    let mut forms = tokio::task::JoinSet::new();
    for number in 0..10 {
        let mut form = form(&format!("tenant {number}"));
        form["email"] = json!(format!("owner{number}@example.com"));
        form["setupToken"] = json!(token);
        forms.spawn(Reply::of(
            app.request(Method::POST, "/api/setup").json(&form),
        ));
    }
    let mut statuses: Vec<_> = forms
        .join_all()
        .await
        .iter()
        .map(|reply| reply.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403, 403, 403, 403, 403, 403, 403]);
    assert_eq!(app.service.store.tenants().await.expect("read").len(), 1);
}

async fn a_wrong_password_and_an_unknown_address_are_answered_alike(app: &TestApp) {
    owner(app, "acme").await;
    let long = "x".repeat(5000);
    let mut answers = Vec::new();
    for (email, password) in [
        ("ada@example.com", "correct horse batterz"),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("ada@example.com", long.as_str()),
        ("ada\u{0}@example.com", PASSWORD),
    ] {
        let reply = sign_in(app, email, password).await;
        assert_eq!(reply.status, 401, "{}", reply.text);
        assert_eq!(reply.header("set-cookie"), None);
        let mut error = reply.json();
        error["error"]["requestId"] = Value::Null;
        answers.push(error);
    }
    assert_eq!(answers[0]["error"]["code"], "wrong_password");
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    // An address is the same however it is written.
    for email in ["ada@example.com", " ADA@example.COM "] {
        assert_eq!(sign_in(app, email, PASSWORD).await.status, 200);
    }
}

async fn signing_out_ends_the_session_and_no_other(app: &TestApp) {
    let (_, first) = owner(app, "acme").await;
    let second = cookie(&sign_in(app, "ada@example.com", PASSWORD).await);
    assert_ne!(first, second);
    let reply = Reply::of(from_page(app, Method::DELETE, "/api/session", &first)).await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    let cleared = reply.header("set-cookie").expect("a cookie");
    assert!(
        cleared.starts_with("relay_session=;") && cleared.contains("Max-Age=0"),
        "{cleared}"
    );
    let reply = me(app, &first).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "not_signed_in")
    );
    assert_eq!(me(app, &second).await.status, 200);
}

async fn a_session_ends_by_the_clock(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let almost = Duration::from_secs(14 * 24 * 60 * 60 - 1);
    app.clock.advance(almost);
    assert_eq!(me(app, &cookie).await.status, 200);
    app.clock.advance(SECOND);
    for path in ["/api/me", "/v1/users"] {
        let reply = Reply::of(from_page(app, Method::GET, path, &cookie)).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "not_signed_in"),
            "{path}"
        );
    }
}

async fn a_session_manages_its_tenant(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let body = json!({ "name": "backend", "scopes": ["tokens", "manage", "inference"] });
    let request = from_page(app, Method::POST, "/v1/relay-keys", &cookie).json(&body);
    let made = Reply::of(request).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(
        made.json()["scopes"],
        json!(["inference", "tokens", "manage"])
    );
    let body = json!({ "endUserLabel": "ada" });
    let request = from_page(app, Method::POST, "/v1/registration-tokens", &cookie).json(&body);
    assert_eq!(Reply::of(request).await.status, 201);
    for path in [
        "/v1/users",
        "/v1/credentials",
        "/v1/relay-keys",
        "/v1/requests",
    ] {
        let reply = Reply::of(from_page(app, Method::GET, path, &cookie)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    }
    let path = format!(
        "/v1/relay-keys/{}",
        made.json()["id"].as_str().expect("an id")
    );
    let reply = Reply::of(from_page(app, Method::DELETE, &path, &cookie)).await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    // A session manages; it does not spend.
    let reply = Reply::of(from_page(app, Method::GET, "/v1/models", &cookie)).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "missing_relay_key")
    );
}
