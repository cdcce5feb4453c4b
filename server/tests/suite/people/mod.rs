//! People: how they come, come back, join, leave, and what each may do.

#[macro_use]
mod provider;
#[macro_use]
mod smtp;

mod accounts;
mod invitations;
mod members;
mod oidc;
mod passwords;
mod roles;
mod second_factor;
mod sessions;
mod sign_up;
mod tenants;

use relay_api::Role;
use relay_server::clock::{Clock, new_id};
use relay_server::config::{Config, Mail, MailTls};
use relay_server::identity::{hash_bearer, new_bearer};
use relay_server::store::NewSessionRow;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::console::from_page;
use crate::sql::Sql;
use crate::support::{Reply, TestApp};

/// A member with a session.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) cookie: String,
}

/// A new member of a tenant, without a password, signed in there.
pub(crate) async fn person(app: &TestApp, tenant_id: &str, email: &str, role: Role) -> Person {
    let id = new_id();
    let mut sql = Sql::of(app).await;
    let member = "INSERT INTO members (id, email, name, password_hash, email_verified, created_at) \
                  VALUES ($1, $2, $2, '', 0, 0)";
    sql.run(member, &[&id, email]).await;
    belong(app, tenant_id, &id, role).await;
    let cookie = session(app, &id, tenant_id).await;
    Person { id, cookie }
}

/// Makes a member belong to a tenant.
pub(crate) async fn belong(app: &TestApp, tenant_id: &str, member_id: &str, role: Role) {
    let membership = "INSERT INTO memberships (tenant_id, member_id, role, created_at) \
                      VALUES ($1, $2, $3, 1)";
    let mut sql = Sql::of(app).await;
    sql.run(membership, &[tenant_id, member_id, role.as_str()])
        .await;
}

/// A session of a member's, begun past the door.
pub(crate) async fn session(app: &TestApp, member_id: &str, tenant_id: &str) -> String {
    let token = new_bearer("");
    let now = app.clock.now();
    let row = NewSessionRow {
        token_hash: hash_bearer(token.expose_secret()),
        user_agent: "test",
        address: String::new(),
        replaces: None,
        at: now,
        expires_at: now + 24 * 60 * 60 * 1000,
    };
    let store = &app.service.store;
    let begun = store.begin_session(member_id, Some(tenant_id), &row).await;
    assert!(begun.expect("stored"), "a member of the tenant");
    format!("relay_session={}", token.expose_secret())
}

/// The id of the member with this address.
pub(crate) async fn member_id(app: &TestApp, email: &str) -> String {
    let member = app.service.store.member_by_email(email).await;
    member.expect("read").expect("a member").id
}

/// A call of one of the console's pages, with a body unless it is null.
pub(crate) async fn call(
    app: &TestApp,
    method: Method,
    path: &str,
    cookie: &str,
    body: Value,
) -> Reply {
    let mut request = from_page(app, method, path, cookie);
    if !body.is_null() {
        request = request.json(&body);
    }
    Reply::of(request).await
}

/// A call of a page where nobody is signed in.
pub(crate) async fn post(app: &TestApp, path: &str, body: Value) -> Reply {
    let request = app.request(Method::POST, path).json(&body);
    Reply::of(request.header("Sec-Fetch-Site", "same-origin")).await
}

pub(crate) async fn sign_in(app: &TestApp, email: &str, password: &str) -> Reply {
    let body = json!({ "email": email, "password": password });
    post(app, "/api/session", body).await
}

/// Asserts that an answer is this refusal.
pub(crate) fn refused(reply: &Reply, status: u16, code: &str) {
    let told = (reply.status, reply.code());
    assert_eq!(told, (status, code.to_owned()), "{}", reply.text);
}

/// The actions in a tenant's audit trail, newest first.
pub(crate) async fn actions(app: &TestApp, cookie: &str) -> Vec<String> {
    let reply = call(app, Method::GET, "/v1/audit?limit=200", cookie, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let entries = reply.json()["data"].clone();
    let entries = entries.as_array().expect("entries").clone();
    entries
        .iter()
        .map(|entry| entry["action"].as_str().expect("an action").to_owned())
        .collect()
}

/// A configuration with this mail server, open to everybody.
pub(crate) fn with_mail(config: &mut Config, port: u16) {
    config.people.mail = Some(Mail {
        host: "127.0.0.1".to_owned(),
        port,
        tls: MailTls::None,
        login: None,
        from: "Relay <relay@example.com>".to_owned(),
    });
    config.people.sign_up = true;
}
