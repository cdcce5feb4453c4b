//! The second factor: asked for after the password and never instead of it; each code works once.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use relay_server::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use sha1::Sha1;

use super::smtp::Smtp;
use super::{actions, call, post, refused};
use crate::console::{PASSWORD, cookie, me, owner};
use crate::sql::Sql;
use crate::support::{Reply, TestApp};

on_each_database!(
    it_is_in_force_once_a_code_was_confirmed_and_asked_for_after_the_password,
    a_code_works_once_also_for_two_at_once,
    a_recovery_code_works_once,
    codes_are_not_guessed,
    it_is_taken_away_by_who_has_both,
    its_secret_is_in_no_row_and_moves_to_no_other_member,
    the_operator_takes_it_away,
);
with_mail_on_each_database!(a_reset_link_does_not_stand_in_for_it);

/// What a text in Base32 says.
fn decoded(secret: &str) -> Vec<u8> {
    let (mut bits, mut held, mut key) = (0_u64, 0, Vec::new());
    for letter in secret.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            _ => letter - b'2' + 26,
        };
        bits = (bits << 5) | u64::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            key.push(u8::try_from(bits >> held).expect("a byte"));
            bits &= (1 << held) - 1;
        }
    }
    key
}

/// The code of a secret in Base32 at a moment, as an authenticator app has it.
pub(super) fn code(secret: &str, at_ms: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&decoded(secret)).expect("any length");
    mac.update(&(at_ms / 30_000).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0xf);
    let word: [u8; 4] = digest[at..at + 4].try_into().expect("four");
    format!(
        "{:06}",
        (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000
    )
}

/// Sets a second factor up: its secret and its recovery codes.
pub(super) async fn set_up(app: &TestApp, cookie: &str, password: &str) -> (String, Vec<String>) {
    let body = json!({ "password": password });
    let begun = call(app, Method::POST, "/api/account/totp", cookie, body).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    let secret = begun.json()["secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    let uri = begun.json()["uri"].as_str().expect("a URI").to_owned();
    assert!(
        uri.starts_with("otpauth://totp/") && uri.contains(&secret),
        "{uri}"
    );
    let body = json!({ "code": code(&secret, app.clock.now()) });
    let confirmed = call(app, Method::POST, "/api/account/totp/confirm", cookie, body).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let codes = confirmed.json()["recoveryCodes"].clone();
    let codes: Vec<String> = serde_json::from_value(codes).expect("codes");
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

async fn sign_in(app: &TestApp, password: &str, code: Option<&str>) -> Reply {
    let mut body = json!({ "email": "ada@example.com", "password": password });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    post(app, "/api/session", body).await
}

const STEP: Duration = Duration::from_secs(30);

async fn it_is_in_force_once_a_code_was_confirmed_and_asked_for_after_the_password(app: &TestApp) {
    let (_, cookie_of_ada) = owner(app, "acme").await;
    let begin = async |password: &str| {
        let body = json!({ "password": password });
        call(app, Method::POST, "/api/account/totp", &cookie_of_ada, body).await
    };
    refused(&begin("not the password").await, 403, "wrong_password");
    let confirm = async |code: &str| {
        let body = json!({ "code": code });
        call(
            app,
            Method::POST,
            "/api/account/totp/confirm",
            &cookie_of_ada,
            body,
        )
        .await
    };
    refused(&confirm("123456").await, 409, "second_factor_off");
    begin(PASSWORD).await;
    refused(&confirm("12345").await, 403, "wrong_code");
    assert_eq!(
        sign_in(app, PASSWORD, None).await.status,
        200,
        "not in force yet"
    );
    let (secret, _) = set_up(app, &cookie_of_ada, PASSWORD).await;
    assert_eq!(
        me(app, &cookie_of_ada).await.json()["account"]["secondFactor"],
        true
    );
    refused(&begin(PASSWORD).await, 409, "second_factor_on");
    let told = actions(app, &cookie_of_ada).await;
    assert_eq!(told[0], "account.second-factor.add");

    refused(
        &sign_in(app, PASSWORD, None).await,
        401,
        "second_factor_required",
    );
    refused(
        &sign_in(app, PASSWORD, Some(" ")).await,
        401,
        "second_factor_required",
    );
    app.clock.advance(STEP);
    let code = code(&secret, app.clock.now());
    // A right code says nothing to who lacks the password.
    refused(
        &sign_in(app, "not the password", Some(&code)).await,
        401,
        "wrong_password",
    );
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let reply = sign_in(app, PASSWORD, Some(&spaced)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(me(app, &cookie(&reply)).await.status, 200);
}

async fn a_code_works_once_also_for_two_at_once(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let (secret, _) = set_up(app, &cookie, PASSWORD).await;
    let now = code(&secret, app.clock.now());
    refused(&sign_in(app, PASSWORD, Some(&now)).await, 401, "wrong_code");
    app.clock.advance(STEP);
    let next = code(&secret, app.clock.now());
    let (one, other) = tokio::join!(
        sign_in(app, PASSWORD, Some(&next)),
        sign_in(app, PASSWORD, Some(&next)),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    // Nor one that was skipped: an older step is over once a later one was taken.
    app.clock.advance(Duration::from_mins(15));
    let late = code(&secret, app.clock.now());
    let skipped = code(&secret, app.clock.now() - 30_000);
    assert_eq!(sign_in(app, PASSWORD, Some(&late)).await.status, 200);
    refused(
        &sign_in(app, PASSWORD, Some(&skipped)).await,
        401,
        "wrong_code",
    );
}

async fn a_recovery_code_works_once(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let (_, codes) = set_up(app, &cookie, PASSWORD).await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    assert_eq!(sign_in(app, PASSWORD, Some(&typed)).await.status, 200);
    refused(
        &sign_in(app, PASSWORD, Some(&codes[3])).await,
        401,
        "wrong_code",
    );
    assert_eq!(actions(app, &cookie).await[0], "account.recovery-code.use");
}

async fn codes_are_not_guessed(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let (secret, _) = set_up(app, &cookie, PASSWORD).await;
    app.clock.advance(Duration::from_hours(1));
    for _ in 0..5 {
        refused(
            &sign_in(app, PASSWORD, Some("000000x")).await,
            401,
            "wrong_code",
        );
    }
    let right = code(&secret, app.clock.now());
    refused(
        &sign_in(app, PASSWORD, Some(&right)).await,
        429,
        "too_many_attempts",
    );
    app.clock.advance(Duration::from_mins(3));
    let right = code(&secret, app.clock.now());
    assert_eq!(sign_in(app, PASSWORD, Some(&right)).await.status, 200);
}

async fn it_is_taken_away_by_who_has_both(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let (_, codes) = set_up(app, &cookie, PASSWORD).await;
    let remove = async |password: &str, code: &str| {
        let body = json!({ "password": password, "code": code });
        call(app, Method::POST, "/api/account/totp/remove", &cookie, body).await
    };
    refused(
        &remove("not the password", &codes[0]).await,
        403,
        "wrong_password",
    );
    refused(&remove(PASSWORD, "123456x").await, 403, "wrong_code");
    assert_eq!(remove(PASSWORD, &codes[0]).await.status, 204);
    refused(&remove(PASSWORD, &codes[1]).await, 409, "second_factor_off");
    assert_eq!(sign_in(app, PASSWORD, None).await.status, 200);
    assert_eq!(
        actions(app, &cookie).await[0],
        "account.second-factor.remove"
    );
}

async fn its_secret_is_in_no_row_and_moves_to_no_other_member(app: &TestApp) {
    let (ada, cookie) = owner(app, "acme").await;
    let (secret, _) = set_up(app, &cookie, PASSWORD).await;
    let id = super::member_id(app, "ada@example.com").await;
    let row = app.service.store.second_factor(&id).await.expect("read");
    let row = row.expect("a second factor");
    for hidden in [secret.as_bytes().to_vec(), decoded(&secret)] {
        let holds = |bytes: &[u8]| bytes.windows(hidden.len()).any(|part| part == hidden);
        assert!(!holds(&row.sealed) && !holds(&row.wrapped));
    }
    // A thief of the database who can write to it gives Ada a factor of their own.
    let tenant = ada["tenant"]["id"].as_str().expect("an id");
    let eve = super::person(app, tenant, "eve@example.com", relay_api::Role::Viewer).await;
    let mut sql = Sql::of(app).await;
    sql.run(
        "UPDATE second_factors SET member_id = $1 WHERE member_id = $2",
        &[&eve.id, &id],
    )
    .await;
    let secret = code(&secret, app.clock.now() + 30_000);
    sql.run(
        "UPDATE members SET password_hash = (SELECT password_hash FROM members WHERE id = $1) \
             WHERE id = $2",
        &[&id, &eve.id],
    )
    .await;
    let body = json!({ "email": "eve@example.com", "password": PASSWORD, "code": secret });
    assert_eq!(
        post(app, "/api/session", body).await.status,
        500,
        "it does not open"
    );
}

async fn the_operator_takes_it_away(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    set_up(app, &cookie, PASSWORD).await;
    let identity = &app.service.identity;
    let off = identity
        .operators_second_factor_off("ada@example.com")
        .await;
    assert_eq!(off.expect("done"), Some(true));
    let off = identity
        .operators_second_factor_off("ada@example.com")
        .await;
    assert_eq!(off.expect("done"), Some(false));
    assert_eq!(sign_in(app, PASSWORD, None).await.status, 200);
    let trail = call(app, Method::GET, "/v1/audit", &cookie, Value::Null)
        .await
        .json();
    assert_eq!(trail["data"][0]["actor"]["kind"], "operator");
}

async fn a_reset_link_does_not_stand_in_for_it(app: &TestApp, smtp: &Smtp) {
    let (_, cookie) = owner(app, "acme").await;
    let (_, codes) = set_up(app, &cookie, PASSWORD).await;
    post(
        app,
        "/api/password-reset",
        json!({ "email": "ada@example.com" }),
    )
    .await;
    let token = smtp.next().await.token("reset");
    let reset = async |code: Value| {
        let body = json!({ "token": token, "password": "another fine day out", "code": code });
        post(app, "/api/password-reset/confirm", body).await
    };
    refused(&reset(Value::Null).await, 401, "second_factor_required");
    refused(&reset(json!("123456x")).await, 401, "wrong_code");
    assert_eq!(me(app, &cookie).await.status, 200, "nothing has changed");
    assert_eq!(
        reset(json!(codes[0])).await.status,
        200,
        "the link was still good"
    );
}
