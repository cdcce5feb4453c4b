//! `GET /v1/widget/session` and `POST /v1/widget/credentials`: what the widget is told, and how a
//! pasted key becomes a credential.

use relay_vault::{SubmissionBinding, base64url, submission};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

pub(crate) const SUBMIT: &str = "/v1/widget/credentials";

on_each_database!(
    the_session_holds_all_that_the_widget_needs,
    a_sealed_key_is_connected_and_used,
    a_key_in_the_clear_is_connected_and_used,
    a_pasted_key_may_have_blanks_around_it,
    what_cannot_be_a_key_is_refused_before_any_provider_is_asked,
    a_submission_holds_one_key_sealed_or_not,
    a_submission_sealed_for_another_token_or_provider_does_not_open,
    connecting_again_overwrites,
    a_used_token_connects_nothing_and_tells_nothing,
    of_a_hundred_submissions_at_once_one_connects,
    any_page_may_ask_before_it_submits,
);

/// What the widget does before it submits: seals the key as its session tells it to.
pub(crate) fn sealed(session: &Value, provider: &str, key: &str) -> Value {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (tenant_id, token_id) = (text(&session["tenantId"]), text(&session["tokenId"]));
    let binding = SubmissionBinding {
        tenant_id: &tenant_id,
        token_id: &token_id,
        provider,
    };
    let public_key = base64url::decode(&text(&session["sealingKey"]["publicKey"])).expect("a key");
    let sealed = submission::seal(&public_key, &binding, key).expect("sealed");
    json!({
        "keyId": session["sealingKey"]["id"],
        "enc": base64url::encode(&sealed.enc),
        "ciphertext": base64url::encode(&sealed.ciphertext),
    })
}

pub(crate) async fn session(app: &TestApp, token: &str) -> Reply {
    app.call(Method::GET, "/v1/widget/session", token, Value::Null)
        .await
}

pub(crate) async fn submit(app: &TestApp, token: &str, provider: &str, key: &str) -> Reply {
    let body = json!({ "provider": provider, "apiKey": key });
    app.call(Method::POST, SUBMIT, token, body).await
}

/// What an end user has connected, as the tenant sees it; empty for a user nobody knows.
pub(crate) async fn connected(app: &TestApp, tenant: &Tenant, label: &str) -> Vec<Value> {
    let path = format!("/v1/users/{label}/credentials");
    let reply = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
    if reply.status == 404 {
        return Vec::new();
    }
    reply.json()["data"].as_array().expect("a list").clone()
}

async fn the_session_holds_all_that_the_widget_needs(app: &TestApp) {
    let tenant = app.tenant("Acme & Söhne").await;
    app.connect(&tenant, "ada", "anthropic").await;
    let token = app.registration_token(&tenant, "ada").await;
    let reply = session(app, &token).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let session = reply.json();
    assert_eq!(session["tenantName"], "Acme & Söhne");
    assert_eq!(session["tenantId"], tenant.id.as_str());
    assert_eq!(session["expiresAt"], "2023-11-14T22:28:20.000Z");
    assert_eq!(session["provider"], Value::Null);
    let ids: Vec<_> = session["providers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|provider| {
            for field in ["name", "keyHint", "keyUrl"] {
                assert!(
                    provider[field]
                        .as_str()
                        .is_some_and(|text| !text.is_empty())
                );
            }
            provider["id"].as_str().expect("an id")
        })
        .collect();
    assert!(
        ["openai", "anthropic", "google"]
            .iter()
            .all(|id| ids.contains(id)),
        "{ids:?}"
    );
    let credentials = session["credentials"].as_array().expect("a list");
    assert_eq!(credentials.len(), 1);
    assert_eq!(credentials[0]["provider"], "anthropic");
    assert_eq!(credentials[0]["status"], "active");
    let key = session["sealingKey"]["publicKey"].as_str().expect("a key");
    assert_eq!(base64url::decode(key).expect("base64url").len(), 32);
}

async fn a_sealed_key_is_connected_and_used(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in [
        ("openai", "gpt-4o-mini"),
        ("anthropic", "claude-sonnet-4-5"),
        ("google", "gemini-2.5-flash"),
    ] {
        let token = app.registration_token(&tenant, "ada").await;
        let session = session(app, &token).await.json();
        let key = app.provider_key(provider);
        let body = json!({ "provider": provider, "sealedKey": sealed(&session, provider, &key) });
        let reply = app.call(Method::POST, SUBMIT, &token, body).await;
        assert_eq!(reply.status, 201, "{provider}: {}", reply.text);
        let shown = reply.json();
        assert_eq!(shown["provider"], provider);
        assert_eq!(shown["status"], "active");
        assert_eq!(shown["last4"], &key[key.len() - 4..]);
        assert_eq!(shown["connectedAt"], "2023-11-14T22:13:20.000Z");
        let reply = app.chat(&tenant, "ada", model, json!({})).await;
        assert_eq!(reply.status, 200, "{provider}: {}", reply.text);
    }
    assert_eq!(connected(app, &tenant, "ada").await.len(), 3);
}

async fn a_key_in_the_clear_is_connected_and_used(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    let key = app.provider_key("openai");
    let reply = submit(app, &token, "openai", &key).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let last = app.sim.received().pop().expect("the chat call");
    assert_eq!(
        last.header("authorization"),
        Some(format!("Bearer {key}").as_str())
    );
}

async fn a_pasted_key_may_have_blanks_around_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    let key = app.provider_key("openai");
    let reply = submit(app, &token, "openai", &format!("  {key}\r\n")).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.json()["last4"], &key[key.len() - 4..]);
}

async fn what_cannot_be_a_key_is_refused_before_any_provider_is_asked(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    let key = app.provider_key("openai");
    let too_long = key.repeat(200);
    for text in [
        "",
        "   ",
        &format!("{key} {key}"),
        &format!("{key}\u{e9}"),
        &too_long,
    ] {
        let reply = submit(app, &token, "openai", text).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "key_malformed")
        );
    }
    assert!(app.sim.received().is_empty(), "no provider was asked");
    assert_eq!(submit(app, &token, "openai", &key).await.status, 201);
}

async fn a_submission_holds_one_key_sealed_or_not(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    let session = session(app, &token).await.json();
    let key = app.provider_key("openai");
    let sealed = sealed(&session, "openai", &key);
    for body in [
        json!({ "provider": "openai" }),
        json!({ "provider": "openai", "apiKey": key, "sealedKey": sealed }),
    ] {
        let reply = app.call(Method::POST, SUBMIT, &token, body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request")
        );
        assert!(reply.text.contains("`sealedKey`"), "{}", reply.text);
    }
    let reply = submit(app, &token, "closedai", &key).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "unknown_provider")
    );
    assert!(connected(app, &tenant, "ada").await.is_empty());
}

async fn a_submission_sealed_for_another_token_or_provider_does_not_open(app: &TestApp) {
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let token = app.registration_token(&acme, "ada").await;
    let own = session(app, &token).await.json();
    let second = app.registration_token(&acme, "ada").await;
    let second = session(app, &second).await.json();
    let foreign = app.registration_token(&other, "ada").await;
    let foreign = session(app, &foreign).await.json();
    let key = app.provider_key("openai");
    app.sim.allow_key("anthropic", &key);
    let for_another_provider = sealed(&own, "anthropic", &key);
    let mut changed = sealed(&own, "openai", &key);
    changed["enc"] = second["sealingKey"]["publicKey"].clone();
    let mut unknown = sealed(&own, "openai", &key);
    unknown["keyId"] = json!("v99");
    let mut short = sealed(&own, "openai", &key);
    short["ciphertext"] = json!("AAAA");
    let mut garbage = sealed(&own, "openai", &key);
    garbage["enc"] = json!("not base64url!");
    for (what, body) in [
        ("another token", sealed(&second, "openai", &key)),
        ("another tenant", sealed(&foreign, "openai", &key)),
        ("another provider", for_another_provider),
        ("another encapsulated key", changed),
        ("an unknown sealing key", unknown),
        ("a ciphertext too short to be one", short),
        ("what is not base64url", garbage),
    ] {
        let body = json!({ "provider": "openai", "sealedKey": body });
        let reply = app.call(Method::POST, SUBMIT, &token, body).await;
        let refused = (reply.status, reply.code());
        assert_eq!(refused, (400, "submission_unreadable".to_owned()), "{what}");
    }
    assert!(app.sim.received().is_empty(), "no provider was asked");
    let body = json!({ "provider": "openai", "sealedKey": sealed(&own, "openai", &key) });
    let reply = app.call(Method::POST, SUBMIT, &token, body).await;
    assert_eq!(reply.status, 201, "the token is still good: {}", reply.text);
}

async fn connecting_again_overwrites(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let token = app.registration_token(&tenant, "ada").await;
        let key = app.provider_key("openai");
        assert_eq!(submit(app, &token, "openai", &key).await.status, 201);
        let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let last = app.sim.received().pop().expect("the chat call");
        assert_eq!(
            last.header("authorization"),
            Some(format!("Bearer {key}").as_str())
        );
        keys.push(key);
    }
    let credentials = connected(app, &tenant, "ada").await;
    assert_eq!(credentials.len(), 1);
    assert_eq!(credentials[0]["last4"], &keys[1][keys[1].len() - 4..]);
}

async fn a_used_token_connects_nothing_and_tells_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    let key = app.provider_key("openai");
    assert_eq!(submit(app, &token, "openai", &key).await.status, 201);
    app.sim.clear_received();
    // Good or bad, the same answer: a used token is no oracle for keys.
    for key in [
        app.provider_key("openai"),
        app.unknown_provider_key("openai"),
    ] {
        let reply = submit(app, &token, "openai", &key).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "token_used"));
    }
    let reply = session(app, &token).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "token_used"));
    assert!(app.sim.received().is_empty(), "no provider was asked");
    let credentials = connected(app, &tenant, "ada").await;
    assert_eq!(credentials[0]["last4"], &key[key.len() - 4..]);
}

async fn of_a_hundred_submissions_at_once_one_connects(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = app.registration_token(&tenant, "ada").await;
    let mut submissions = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let key = app.provider_key("openai");
        let request = app
            .request(Method::POST, SUBMIT)
            .bearer_auth(&token)
            .json(&json!({ "provider": "openai", "apiKey": key }));
        submissions.spawn(Reply::of(request));
    }
    let replies = submissions.join_all().await;
    let connected_now: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(connected_now.len(), 1, "exactly one connects");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!((reply.status, reply.code().as_str()), (409, "token_used"));
    }
    let credentials = connected(app, &tenant, "ada").await;
    assert_eq!(credentials.len(), 1);
    assert_eq!(credentials[0]["id"], connected_now[0].json()["id"]);
    assert_eq!(credentials[0]["last4"], connected_now[0].json()["last4"]);
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn any_page_may_ask_before_it_submits(app: &TestApp) {
    for (path, method) in [("/v1/widget/session", "GET"), (SUBMIT, "POST")] {
        let request = app
            .request(Method::OPTIONS, path)
            .header("Origin", "https://app.example.com")
            .header("Access-Control-Request-Method", method)
            .header(
                "Access-Control-Request-Headers",
                "authorization,content-type",
            );
        let reply = Reply::of(request).await;
        assert!(
            (200..300).contains(&reply.status),
            "{path}: {}",
            reply.status
        );
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("access-control-allow-credentials"), None);
        let allowed = |name| reply.header(name).unwrap_or_default().to_lowercase();
        assert!(allowed("access-control-allow-methods").contains(&method.to_lowercase()));
        let headers = allowed("access-control-allow-headers");
        assert!(headers.contains("authorization") && headers.contains("content-type"));
    }
    // An error has to be readable by the page as well.
    let request = app
        .request(Method::POST, SUBMIT)
        .header("Origin", "https://app.example.com");
    let reply = Reply::of(request).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "missing_token")
    );
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    // And nobody else's routes are open to pages.
    let request = app
        .request(Method::GET, "/v1/users")
        .header("Origin", "https://app.example.com");
    let reply = Reply::of(request).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
}
