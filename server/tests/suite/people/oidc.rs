//! Signing in through a provider: who is believed about whom, and what is believed at all.

use std::time::Duration;

use relay_api::Role;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::provider::{Provider, Signed, with_provider};
use super::{actions, call, member_id, person, post, refused, session};
use crate::console::{PASSWORD, me, owner};
use crate::sql::Sql;
use crate::support::{EPOCH, Reply, TestApp};

at_provider_on_each_database!(
    a_member_is_known_by_the_providers_name_and_not_by_an_address_that_changes,
    an_address_is_believed_of_a_trusted_provider_that_verified_it_and_of_no_other,
    google_is_believed_about_its_own_addresses,
    who_shows_that_an_address_is_theirs_takes_it_from_who_did_not,
    somebody_invited_joins_through_a_provider,
    nobody_else_becomes_a_member,
    what_comes_back_is_held_against_what_left,
    a_token_that_is_not_for_this_sign_in_is_not_believed,
    the_second_factor_is_asked_for_here_too,
    one_ends_at_the_page_one_was_going_to,
    a_member_adds_a_provider_to_their_account,
);

const TICKET: &str = "relay_sign_in";

/// The cookie of this name that an answer sets, as `name=value`.
fn set(reply: &Reply, name: &str) -> Option<String> {
    let cookies = reply.headers.get_all("set-cookie").iter();
    let mut found = cookies.filter_map(|cookie| {
        let pair = cookie.to_str().ok()?.split(';').next()?;
        let (key, value) = pair.split_once('=')?;
        (key == name && !value.is_empty()).then(|| pair.to_owned())
    });
    found.next()
}

/// A browser on its way.
struct Away {
    state: String,
    nonce: String,
    ticket: String,
}

/// Where the browser is sent, read as the provider would.
fn away(provider: &Provider, url: &str, ticket: String) -> Away {
    let url = Url::parse(url).expect("a URL");
    let asked: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["response_type"], "code");
    assert!(asked["scope"].contains("openid") && asked["scope"].contains("email"));
    assert!(
        asked["redirect_uri"].starts_with("http://localhost:"),
        "the public URL's"
    );
    let away = Away {
        state: asked["state"].clone(),
        nonce: asked["nonce"].clone(),
        ticket,
    };
    provider.say(|says| {
        says.challenge.clone_from(&asked["code_challenge"]);
        says.nonce = Some(away.nonce.clone());
    });
    away
}

async fn leave(app: &TestApp, provider: &Provider, id: &str) -> Away {
    let reply = app.get(&format!("/api/oidc/{id}")).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let ticket = set(&reply, TICKET).expect("a ticket");
    let url = reply.header("location").expect("a place").to_owned();
    away(provider, &url, ticket)
}

async fn back(app: &TestApp, id: &str, code: &str, state: &str, cookies: &str) -> Reply {
    let path = format!("/api/oidc/{id}/callback?code={code}&state={state}&iss=x");
    let reply = app.request(Method::GET, &path).header("Cookie", cookies);
    // As a browser that comes from another site says.
    let reply = Reply::of(reply.header("Sec-Fetch-Site", "cross-site")).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    reply
}

/// The whole way, with these claims.
async fn through(app: &TestApp, provider: &Provider, id: &str, claims: Value) -> Reply {
    let away = leave(app, provider, id).await;
    provider.say(|says| says.claims = claims);
    back(app, id, "good", &away.state, &away.ticket).await
}

fn turned_away(reply: &Reply, code: &str) {
    let place = format!("/console/sign-in?problem={code}");
    assert_eq!(reply.header("location"), Some(place.as_str()));
    assert_eq!(set(reply, "relay_session"), None);
}

/// The session of who was let in.
fn let_in(reply: &Reply) -> String {
    assert_eq!(reply.header("location"), Some("/console"));
    set(reply, "relay_session").expect("a session")
}

fn ada(more: &Value) -> Value {
    let mut claims = json!({ "sub": "248289761001", "email": "Ada@example.com", "name": "Ada L" });
    for (name, value) in more.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    claims
}

async fn a_member_is_known_by_the_providers_name_and_not_by_an_address_that_changes(
    app: &TestApp,
    provider: &Provider,
) {
    let (_, cookie) = owner(app, "acme").await;
    let listed = app.get("/api/sign-in-options").await.json();
    assert_eq!(
        listed["providers"][0],
        json!({ "id": "trusted", "name": "TRUSTED" })
    );
    let verified = ada(&json!({ "email_verified": true }));
    let first = let_in(&through(app, provider, "trusted", verified).await);
    assert_eq!(
        me(app, &first).await.json()["account"]["email"],
        "ada@example.com"
    );
    assert_eq!(actions(app, &cookie).await[0], "account.link");
    // The same person under another address, which is somebody else's here.
    let tenant = me(app, &first).await.json()["tenant"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    person(app, &tenant, "bob@example.com", Role::Viewer).await;
    let moved = ada(&json!({ "email": "bob@example.com", "email_verified": true }));
    let again = let_in(&through(app, provider, "trusted", moved).await);
    assert_eq!(
        me(app, &again).await.json()["account"]["email"],
        "ada@example.com"
    );
    assert_eq!(
        super::sign_in(app, "ada@example.com", PASSWORD)
            .await
            .status,
        200,
        "still"
    );
}

async fn an_address_is_believed_of_a_trusted_provider_that_verified_it_and_of_no_other(
    app: &TestApp,
    provider: &Provider,
) {
    owner(app, "acme").await;
    for (id, claims) in [
        ("plain", ada(&json!({ "email_verified": true }))),
        ("trusted", ada(&json!({ "email_verified": false }))),
        ("trusted", ada(&json!({}))),
        ("trusted", json!({ "sub": "1", "email_verified": true })),
        ("google", ada(&json!({ "email_verified": true }))),
    ] {
        turned_away(
            &through(app, provider, id, claims).await,
            "account_not_linked",
        );
    }
    // An address that the token leaves out is asked for.
    provider.say(|says| {
        says.userinfo = json!({
            "sub": "248289761001", "email": "ada@example.com", "email_verified": true,
        });
    });
    let reply = through(app, provider, "trusted", json!({ "sub": "248289761001" })).await;
    let_in(&reply);
    // But not believed of somebody else.
    let reply = through(app, provider, "trusted", json!({ "sub": "another" })).await;
    turned_away(&reply, "provider_failed");
}

async fn google_is_believed_about_its_own_addresses(app: &TestApp, provider: &Provider) {
    let (_, cookie) = owner(app, "acme").await;
    let invite = json!({ "email": "ada@gmail.com", "role": "viewer" });
    call(app, Method::POST, "/api/invitations", &cookie, invite).await;
    let hosted = ada(&json!({ "email_verified": true, "hd": "example.com" }));
    let_in(&through(app, provider, "google", hosted).await);
    let own = json!({ "sub": "2", "email": "ada@gmail.com", "email_verified": true });
    let_in(&through(app, provider, "google", own).await);
    let foreign = json!({ "sub": "3", "email": "zoe@example.com", "email_verified": true });
    turned_away(
        &through(app, provider, "google", foreign).await,
        "account_not_linked",
    );
}

async fn who_shows_that_an_address_is_theirs_takes_it_from_who_did_not(
    app: &TestApp,
    provider: &Provider,
) {
    let (_, cookie) = owner(app, "acme").await;
    // Somebody made an account with Bob's address by a link that was handed over, not mailed.
    let invite = json!({ "email": "bob@example.com", "role": "viewer" });
    let url = call(app, Method::POST, "/api/invitations", &cookie, invite)
        .await
        .json();
    let token = url["url"]
        .as_str()
        .expect("a link")
        .split_once('#')
        .expect("a secret")
        .1
        .to_owned();
    let body = json!({ "token": token, "name": "Mallory", "password": PASSWORD });
    let joined = post(app, "/api/invitations/accept", body).await;
    let squatter = crate::console::cookie(&joined);
    super::second_factor::set_up(app, &squatter, PASSWORD).await;

    let bob = json!({ "sub": "bob", "email": "bob@example.com", "email_verified": true });
    let bobs = let_in(&through(app, provider, "trusted", bob).await);
    refused(&me(app, &squatter).await, 401, "not_signed_in");
    refused(
        &super::sign_in(app, "bob@example.com", PASSWORD).await,
        401,
        "wrong_password",
    );
    let account = me(app, &bobs).await.json()["account"].clone();
    assert_eq!(account["hasPassword"], false);
    assert_eq!(account["secondFactor"], false);
    assert!(
        actions(app, &cookie)
            .await
            .contains(&"account.claim".to_owned())
    );
}

async fn somebody_invited_joins_through_a_provider(app: &TestApp, provider: &Provider) {
    let (_, cookie) = owner(app, "acme").await;
    let invite = json!({ "email": "zoe@example.com", "role": "developer" });
    call(app, Method::POST, "/api/invitations", &cookie, invite).await;
    let claims = json!({ "sub": "zoe", "email": "zoe@example.com", "name": "Zoe\u{7}" });
    turned_away(
        &through(app, provider, "trusted", claims.clone()).await,
        "account_not_linked",
    );
    let mut claims = claims;
    claims["email_verified"] = json!(true);
    let zoes = let_in(&through(app, provider, "trusted", claims).await);
    let zoe = me(app, &zoes).await.json();
    assert_eq!(zoe["role"], "developer");
    assert_eq!(zoe["account"]["name"], "Zoe");
    assert_eq!(zoe["account"]["hasPassword"], false);
    let left = call(app, Method::GET, "/api/invitations", &cookie, Value::Null)
        .await
        .json();
    assert_eq!(left["data"], json!([]));
}

async fn nobody_else_becomes_a_member(app: &TestApp, provider: &Provider) {
    owner(app, "acme").await;
    let claims = json!({ "sub": "eve", "email": "eve@example.com", "email_verified": true });
    turned_away(
        &through(app, provider, "trusted", claims).await,
        "no_account",
    );
    assert_eq!(Sql::of(app).await.count("members").await, 1);
    assert_eq!(Sql::of(app).await.count("member_identities").await, 0);
}

async fn what_comes_back_is_held_against_what_left(app: &TestApp, provider: &Provider) {
    owner(app, "acme").await;
    let claims = ada(&json!({ "email_verified": true }));
    provider.say(|says| says.claims = claims);
    let away = leave(app, provider, "trusted").await;
    let another = leave(app, provider, "trusted").await;
    for (id, code, state, cookies) in [
        // Another's state, none, and no browser that left.
        (
            "trusted",
            "good",
            another.state.as_str(),
            away.ticket.as_str(),
        ),
        ("trusted", "good", "", &away.ticket),
        ("trusted", "good", &away.state, ""),
        ("trusted", "good", &away.state, "relay_sign_in=x.y.z"),
        // Another provider's way back.
        ("google", "good", &another.state, &another.ticket),
    ] {
        turned_away(
            &back(app, id, code, state, cookies).await,
            "sign_in_expired",
        );
    }
    turned_away(
        &back(app, "trusted", "", &another.state, &another.ticket).await,
        "provider_refused",
    );
    turned_away(
        &back(app, "trusted", "bad", &another.state, &another.ticket).await,
        "provider_failed",
    );
    // A code of another browser's: its verifier is not this one's (PKCE).
    turned_away(
        &back(app, "trusted", "good", &away.state, &away.ticket).await,
        "provider_failed",
    );
    let nowhere = app.get("/api/oidc/nobody").await;
    turned_away(&nowhere, "unknown_provider");
    app.clock.advance(Duration::from_mins(10));
    turned_away(
        &back(app, "trusted", "good", &another.state, &another.ticket).await,
        "sign_in_expired",
    );
}

async fn a_token_that_is_not_for_this_sign_in_is_not_believed(app: &TestApp, provider: &Provider) {
    owner(app, "acme").await;
    let verified = ada(&json!({ "email_verified": true }));
    for wrong in [
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "aud": "somebody-else" }),
        json!({ "aud": ["relay", "somebody-else"] }),
        json!({ "iss": "https://evil.example" }),
        json!({ "exp": EPOCH / 1000 - 1 }),
        json!({ "sub": "" }),
        json!({ "sub": "x".repeat(256) }),
        json!({ "sub": "a\u{0}b" }),
    ] {
        let mut claims = verified.clone();
        for (name, value) in wrong.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        turned_away(
            &through(app, provider, "trusted", claims).await,
            "provider_failed",
        );
    }
    for signed in [Signed::BySecret, Signed::Not] {
        provider.say(|says| says.signed = signed);
        let reply = through(app, provider, "trusted", verified.clone()).await;
        turned_away(&reply, "provider_failed");
    }
    provider.say(|says| says.signed = Signed::Well);
    let_in(&through(app, provider, "trusted", verified).await);
}

async fn the_second_factor_is_asked_for_here_too(app: &TestApp, provider: &Provider) {
    let (_, cookie) = owner(app, "acme").await;
    let (_, codes) = super::second_factor::set_up(app, &cookie, PASSWORD).await;
    let verified = ada(&json!({ "email_verified": true }));
    let reply = through(app, provider, "trusted", verified).await;
    turned_away(&reply, "second_factor_required");
    let waits = set(&reply, TICKET).expect("a ticket");
    let by_code = async |code: &str, cookies: &str| {
        let body = json!({ "code": code });
        call(
            app,
            Method::POST,
            "/api/session/second-factor",
            cookies,
            body,
        )
        .await
    };
    refused(&by_code(&codes[0], "").await, 401, "sign_in_expired");
    refused(&by_code("123456x", &waits).await, 401, "wrong_code");
    // A ticket for leaving is none for this.
    let away = leave(app, provider, "trusted").await;
    refused(
        &by_code(&codes[0], &away.ticket).await,
        401,
        "sign_in_expired",
    );
    let reply = by_code(&codes[0], &waits).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let session = set(&reply, "relay_session").expect("a session");
    assert_eq!(me(app, &session).await.status, 200);
    app.clock.advance(Duration::from_mins(10));
    refused(&by_code(&codes[1], &waits).await, 401, "sign_in_expired");
}

async fn one_ends_at_the_page_one_was_going_to(app: &TestApp, provider: &Provider) {
    let (_, cookie) = owner(app, "acme").await;
    let verified = ada(&json!({ "email_verified": true }));
    let page = "%2Fconsole%2Faudit%3Faction%3Dmember.role%26limit%3D5";
    for (next, there) in [
        (page, "/console/audit?action=member.role&limit=5"),
        ("%2F%2Fevil.example%2Fconsole", "/console"),
        ("https%3A%2F%2Fevil.example", "/console"),
        ("%2Fapi%2Fsession", "/console"),
    ] {
        let away = leave(app, provider, &format!("trusted?next={next}")).await;
        provider.say(|says| says.claims.clone_from(&verified));
        let reply = back(app, "trusted", "good", &away.state, &away.ticket).await;
        assert_eq!(reply.header("location"), Some(there), "{next}");
        set(&reply, "relay_session").expect("a session");
    }
    // The sign-in page is told too, whether it asks for a code or says why not.
    super::second_factor::set_up(app, &cookie, PASSWORD).await;
    let away = leave(app, provider, &format!("trusted?next={page}")).await;
    let refused = back(app, "trusted", "", &away.state, &away.ticket).await;
    turned_away(&refused, &format!("provider_refused&next={page}"));
    let asked = back(app, "trusted", "good", &away.state, &away.ticket).await;
    turned_away(&asked, &format!("second_factor_required&next={page}"));
    let nowhere = app.get(&format!("/api/oidc/nobody?next={page}")).await;
    turned_away(&nowhere, &format!("unknown_provider&next={page}"));
}

async fn a_member_adds_a_provider_to_their_account(app: &TestApp, provider: &Provider) {
    let (ada, cookie) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let begin = async |password: &str| {
        let body = json!({ "password": password });
        call(
            app,
            Method::POST,
            "/api/account/providers/plain",
            &cookie,
            body,
        )
        .await
    };
    refused(&begin("not the password").await, 403, "wrong_password");
    let claims = json!({ "sub": "ada-there" });
    turned_away(
        &through(app, provider, "plain", claims.clone()).await,
        "account_not_linked",
    );
    let begun = begin(PASSWORD).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    let ticket = set(&begun, TICKET).expect("a ticket");
    let away = away(
        provider,
        begun.json()["url"].as_str().expect("a URL"),
        ticket,
    );
    provider.say(|says| says.claims = claims.clone());
    // Not for somebody who is signed in as another, or not at all.
    let bob = person(app, tenant, "bob@example.com", Role::Viewer).await;
    let nobody = back(app, "plain", "good", &away.state, &away.ticket).await;
    turned_away(&nobody, "sign_in_expired");
    let bobs = format!("{}; {}", away.ticket, bob.cookie);
    let reply = back(app, "plain", "good", &away.state, &bobs).await;
    assert_eq!(
        reply.header("location"),
        Some("/console/account?problem=sign_in_expired"),
        "who is signed in reads it there"
    );
    let cookies = format!("{}; {cookie}", away.ticket);
    let reply = back(app, "plain", "good", &away.state, &cookies).await;
    assert_eq!(reply.header("location"), Some("/console/account"));
    let ada_is_in = let_in(&through(app, provider, "plain", claims.clone()).await);
    assert_eq!(
        me(app, &ada_is_in).await.json()["account"]["email"],
        "ada@example.com"
    );
    let body = json!({ "password": PASSWORD });
    let reply = call(
        app,
        Method::POST,
        "/api/account/providers/nobody",
        &cookie,
        body,
    )
    .await;
    refused(&reply, 404, "not_found");
    let id = member_id(app, "ada@example.com").await;
    assert_eq!(me(app, &session(app, &id, tenant).await).await.status, 200);

    // It is seen, and taken off.
    let list = async || {
        let reply = call(
            app,
            Method::GET,
            "/api/account/providers",
            &cookie,
            Value::Null,
        )
        .await;
        let rows = reply.json()["data"].clone();
        let ids = rows.as_array().expect("a list").iter();
        ids.map(|row| row["provider"].clone()).collect::<Vec<_>>()
    };
    let unlink = async |id: &str| {
        let path = format!("/api/account/providers/{id}");
        call(app, Method::DELETE, &path, &cookie, Value::Null).await
    };
    // All of this suite's providers are one issuer's, so any of them names it.
    assert_eq!(list().await.len(), 1);
    refused(&unlink("nobody").await, 404, "not_found");
    assert_eq!(unlink("plain").await.status, 204);
    refused(&unlink("plain").await, 404, "not_found");
    assert_eq!(list().await, Vec::<Value>::new());
    turned_away(
        &through(app, provider, "plain", claims).await,
        "account_not_linked",
    );
    assert_eq!(actions(app, &cookie).await[0], "account.unlink");
}
