//! Registration tokens of the scope `manage`: what an end user sees and removes; and from which pages any token
//! may be used where it does not say so itself.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};
use crate::widget::{SUBMIT, connected, session, submit};

on_each_database!(
    a_managing_token_works_until_it_expires,
    a_managing_token_is_told_what_each_key_was_used_for,
    a_connecting_token_sees_no_use_and_disconnects_nothing,
    what_is_disconnected_is_gone_and_is_noted,
    a_managing_token_reaches_its_own_user_alone,
    a_managing_token_that_is_locked_sees_and_removes_one_provider,
    a_scope_that_is_none_is_refused,
    a_token_that_names_no_origin_is_held_to_the_tenants,
    a_frame_is_held_to_the_tenant_and_to_the_token,
    the_session_holds_the_tenants_branding,
    any_page_may_ask_before_it_disconnects,
);

const APP: &str = "https://app.example.com";

async fn token(app: &TestApp, tenant: &Tenant, body: Value) -> String {
    let path = "/v1/registration-tokens";
    let reply = app.call(Method::POST, path, &tenant.key, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["registrationToken"]
        .as_str()
        .expect("a token")
        .to_owned()
}

async fn manage(app: &TestApp, tenant: &Tenant, label: &str) -> String {
    let body = json!({ "endUserLabel": label, "scope": "manage" });
    token(app, tenant, body).await
}

async fn disconnect(app: &TestApp, token: &str, provider: &str) -> Reply {
    let path = format!("{SUBMIT}/{provider}");
    app.call(Method::DELETE, &path, token, Value::Null).await
}

/// The providers in a session's list.
async fn listed(app: &TestApp, token: &str) -> Vec<String> {
    let session = session(app, token).await.json();
    let credentials = session["credentials"].as_array().expect("a list");
    credentials
        .iter()
        .map(|one| one["provider"].as_str().expect("a provider").to_owned())
        .collect()
}

async fn change_settings(app: &TestApp, tenant: &Tenant, body: Value) {
    let path = "/v1/settings";
    let reply = app.call(Method::PATCH, path, &tenant.key, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn a_managing_token_works_until_it_expires(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = manage(app, &tenant, "ada").await;
    for provider in ["openai", "anthropic", "openai"] {
        let reply = submit(app, &token, provider, &app.provider_key(provider)).await;
        assert_eq!(reply.status, 201, "{provider}: {}", reply.text);
    }
    let seen = session(app, &token).await.json();
    assert_eq!(seen["scope"], "manage");
    assert_eq!(listed(app, &token).await.len(), 2);
    app.clock.advance(Duration::from_mins(15));
    for reply in [
        session(app, &token).await,
        submit(app, &token, "openai", &app.provider_key("openai")).await,
        disconnect(app, &token, "openai").await,
    ] {
        let refused = (reply.status, reply.code());
        assert_eq!(refused, (401, "token_expired".to_owned()));
    }
    assert_eq!(connected(app, &tenant, "ada").await.len(), 2);
}

async fn a_managing_token_is_told_what_each_key_was_used_for(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (label, provider) in [("ada", "openai"), ("ada", "anthropic"), ("bob", "openai")] {
        app.connect(&tenant, label, provider).await;
    }
    for label in ["ada", "ada", "bob"] {
        let reply = app.chat(&tenant, label, "gpt-4o-mini", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    app.service.meter.flush().await;
    let token = manage(app, &tenant, "ada").await;
    let session = session(app, &token).await.json();
    let of = |provider: &str| {
        let credentials = session["credentials"].as_array().expect("a list").iter();
        let mut found = credentials.filter(|one| one["provider"] == provider);
        found.next().expect("connected").clone()
    };
    let used = of("openai");
    assert_eq!(used["usage"]["requests"], 2);
    assert_eq!(used["usage"]["failed"], 0);
    assert!(
        used["usage"]["tokens"]
            .as_u64()
            .is_some_and(|tokens| tokens > 0)
    );
    assert!(
        used["usage"]["costNanodollars"]
            .as_u64()
            .is_some_and(|cost| cost > 0)
    );
    assert!(used["lastUsedAt"].is_string(), "{used}");
    let unused = of("anthropic");
    assert_eq!(unused["usage"]["requests"], 0);
    assert_eq!(unused["lastUsedAt"], Value::Null);
}

async fn a_connecting_token_sees_no_use_and_disconnects_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    app.service.meter.flush().await;
    let token = app.registration_token(&tenant, "ada").await;
    let seen = session(app, &token).await.json();
    assert_eq!(seen["scope"], "connect");
    let credential = &seen["credentials"][0];
    assert_eq!(credential["provider"], "openai");
    assert_eq!(credential["usage"], Value::Null);
    assert_eq!(credential["lastUsedAt"], Value::Null);
    let reply = disconnect(app, &token, "openai").await;
    let refused = (reply.status, reply.code());
    assert_eq!(refused, (403, "token_scope".to_owned()));
    assert_eq!(connected(app, &tenant, "ada").await.len(), 1);
}

async fn what_is_disconnected_is_gone_and_is_noted(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    app.connect(&tenant, "ada", "anthropic").await;
    let token = manage(app, &tenant, "ada").await;
    assert_eq!(disconnect(app, &token, "openai").await.status, 204);
    assert_eq!(listed(app, &token).await, ["anthropic"]);
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert!(reply.status >= 400, "{}", reply.text);
    assert_eq!(disconnect(app, &token, "openai").await.status, 404);
    let audit = app
        .call(Method::GET, "/v1/audit", &tenant.key, Value::Null)
        .await
        .json();
    let entry = &audit["data"][0];
    assert_eq!(entry["action"], "credential.remove");
    assert_eq!(entry["subject"], "users/ada/credentials/openai");
    assert!(entry["actor"].to_string().contains("ada"), "{entry}");
}

async fn a_managing_token_reaches_its_own_user_alone(app: &TestApp) {
    let (acme, bee) = (app.tenant("acme").await, app.tenant("bee").await);
    app.connect(&acme, "bob", "openai").await;
    app.connect(&bee, "ada", "openai").await;
    // Of the same label at the other tenant, and of another label at the same one.
    let token = manage(app, &acme, "ada").await;
    assert!(listed(app, &token).await.is_empty());
    assert_eq!(disconnect(app, &token, "openai").await.status, 404);
    app.connect(&acme, "ada", "anthropic").await;
    assert_eq!(listed(app, &token).await, ["anthropic"]);
    assert_eq!(disconnect(app, &token, "openai").await.status, 404);
    assert_eq!(connected(app, &acme, "bob").await.len(), 1);
    assert_eq!(connected(app, &bee, "ada").await.len(), 1);
}

async fn a_managing_token_that_is_locked_sees_and_removes_one_provider(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    app.connect(&tenant, "ada", "anthropic").await;
    let body = json!({ "endUserLabel": "ada", "scope": "manage", "provider": "anthropic" });
    let token = token(app, &tenant, body).await;
    assert_eq!(listed(app, &token).await, ["anthropic"]);
    let reply = disconnect(app, &token, "openai").await;
    let refused = (reply.status, reply.code());
    assert_eq!(refused, (403, "provider_locked".to_owned()));
    assert_eq!(disconnect(app, &token, "anthropic").await.status, 204);
    assert_eq!(connected(app, &tenant, "ada").await.len(), 1);
}

async fn a_scope_that_is_none_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let body = json!({ "endUserLabel": "ada", "scope": "everything" });
    let path = "/v1/registration-tokens";
    let reply = app.call(Method::POST, path, &tenant.key, body).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
}

/// What a page of this origin is answered; `framed_by` is what Relay's own page adds.
async fn ask(
    app: &TestApp,
    token: &str,
    origin: Option<&str>,
    framed_by: Option<&str>,
) -> (u16, String) {
    let mut request = app
        .request(Method::GET, "/v1/widget/session")
        .bearer_auth(token);
    for (name, value) in [("Origin", origin), ("X-Relay-Framed-By", framed_by)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    let reply = Reply::of(request).await;
    let code = if reply.status == 200 {
        String::new()
    } else {
        reply.code()
    };
    (reply.status, code)
}

fn allowed() -> (u16, String) {
    (200, String::new())
}

fn refused() -> (u16, String) {
    (403, "origin_not_allowed".to_owned())
}

async fn a_token_that_names_no_origin_is_held_to_the_tenants(app: &TestApp) {
    let (tenant, other) = (app.tenant("acme").await, app.tenant("bee").await);
    let token = app.registration_token(&tenant, "ada").await;
    let of_other = app.registration_token(&other, "ada").await;
    let evil = Some("https://evil.example");
    assert_eq!(ask(app, &token, evil, None).await, allowed());
    // It holds for tokens that are out already.
    change_settings(app, &tenant, json!({ "allowedOrigins": [APP] })).await;
    assert_eq!(ask(app, &token, evil, None).await, refused());
    assert_eq!(ask(app, &token, Some("null"), None).await, refused());
    assert_eq!(ask(app, &token, Some(APP), None).await, allowed());
    assert_eq!(ask(app, &token, None, None).await, allowed());
    assert_eq!(ask(app, &of_other, evil, None).await, allowed());
}

async fn a_frame_is_held_to_the_tenant_and_to_the_token(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let free = app.registration_token(&tenant, "ada").await;
    let shop = "https://shop.example.com";
    let body = json!({ "endUserLabel": "ada", "allowedOrigins": [shop, "https://x.example"] });
    let named = token(app, &tenant, body).await;
    let own = app.service.config.public_url.clone();
    let framed = async |token: &str, by: &str| ask(app, token, Some(&own), Some(by)).await;
    // Without allowed origins nobody frames it, whatever the token says.
    assert_eq!(framed(&free, APP).await, refused());
    assert_eq!(framed(&named, shop).await, refused());
    change_settings(app, &tenant, json!({ "allowedOrigins": [APP, shop] })).await;
    assert_eq!(framed(&free, APP).await, allowed());
    assert_eq!(framed(&free, "https://evil.example").await, refused());
    assert_eq!(framed(&named, shop).await, allowed());
    assert_eq!(framed(&named, APP).await, refused());
    assert_eq!(framed(&named, "https://x.example").await, refused());
    assert_eq!(framed(&named, "nobody").await, allowed());
}

async fn the_session_holds_the_tenants_branding(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    assert_eq!(session(app, &token).await.json()["branding"], json!({}));
    let branding =
        json!({ "accentColor": "#ff6600", "privacyUrl": "https://acme.example/privacy" });
    change_settings(app, &tenant, json!({ "branding": branding })).await;
    assert_eq!(session(app, &token).await.json()["branding"], branding);
}

async fn any_page_may_ask_before_it_disconnects(app: &TestApp) {
    let preflight = async |headers: &str| {
        let request = app
            .request(Method::OPTIONS, &format!("{SUBMIT}/openai"))
            .header("Origin", APP)
            .header("Access-Control-Request-Method", "DELETE")
            .header("Access-Control-Request-Headers", headers);
        Reply::of(request).await
    };
    let reply = preflight("authorization").await;
    assert!((200..300).contains(&reply.status), "{}", reply.status);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let listed = |reply: &Reply, name| reply.header(name).unwrap_or_default().to_lowercase();
    assert!(listed(&reply, "access-control-allow-methods").contains("delete"));
    // Only Relay's own page says what is around it: no other page may.
    let reply = preflight("authorization,x-relay-framed-by").await;
    assert!(!listed(&reply, "access-control-allow-headers").contains("framed-by"));
}
