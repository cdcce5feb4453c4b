//! Sign-up: by mail, told to nobody, and never for an address that is not one's own.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::smtp::Smtp;
use super::{call, post, refused, sign_in};
use crate::console::{PASSWORD, cookie, me, owner};
use crate::support::{Kind, TestApp};

with_mail_on_each_database!(
    a_person_signs_up_confirms_and_owns_a_tenant,
    nobody_learns_whether_an_address_has_an_account,
    a_confirmation_works_once_for_a_day_and_cannot_be_guessed,
    who_confirms_is_who_signed_up,
    a_form_is_refused_and_nothing_is_mailed,
    strangers_cannot_fill_somebody_elses_mailbox,
);
on_each_database!(a_closed_relay_takes_nobody);

fn form(email: &str, tenant: &str) -> Value {
    json!({ "name": "Eve", "email": email, "password": PASSWORD, "tenantName": tenant })
}

async fn a_person_signs_up_confirms_and_owns_a_tenant(app: &TestApp, smtp: &Smtp) {
    let options = app.get("/api/sign-in-options").await.json();
    assert_eq!(options["signUp"], true);
    assert_eq!(options["mail"], true);
    let reply = post(app, "/api/sign-up", form(" Eve@Example.com", "acme")).await;
    assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    assert_eq!(
        reply.header("set-cookie"),
        None,
        "not before the address is shown"
    );
    let mail = smtp.next().await;
    assert_eq!(
        (mail.from.as_str(), mail.to.as_str()),
        ("relay@example.com", "eve@example.com")
    );
    let link = format!("{}/console/confirm#", app.service.config.public_url);
    assert!(mail.text.contains(&link), "{}", mail.text);
    // There is no account yet.
    refused(
        &sign_in(app, "eve@example.com", PASSWORD).await,
        401,
        "wrong_password",
    );

    let body = json!({ "token": mail.token("confirm"), "password": PASSWORD });
    let reply = post(app, "/api/sign-up/confirm", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.json()["role"], "owner");
    assert_eq!(reply.json()["tenant"]["name"], "acme");
    assert_eq!(me(app, &cookie(&reply)).await.json(), reply.json());
    assert_eq!(sign_in(app, "eve@example.com", PASSWORD).await.status, 200);

    // A second of the same tenant's name gets another, because they cannot choose again.
    post(app, "/api/sign-up", form("zoe@example.com", "acme")).await;
    let body = json!({ "token": smtp.next().await.token("confirm"), "password": PASSWORD });
    let reply = post(app, "/api/sign-up/confirm", body).await;
    assert_eq!(reply.json()["tenant"]["name"], "acme 2", "{}", reply.text);
}

async fn nobody_learns_whether_an_address_has_an_account(app: &TestApp, smtp: &Smtp) {
    owner(app, "acme").await;
    let mut answers = Vec::new();
    for (email, subject) in [
        ("ada@example.com", "You have a Relay account already"),
        ("nobody@example.com", "Confirm your Relay account"),
    ] {
        let reply = post(app, "/api/sign-up", form(email, "mine")).await;
        answers.push((reply.status, reply.text, reply.headers.len()));
        let mail = smtp.next().await;
        assert!(
            mail.text.contains(&format!("Subject: {subject}")),
            "{}",
            mail.text
        );
        assert_eq!(mail.to, email);
    }
    assert_eq!(answers[0], answers[1]);
    // What the member's mail holds is no key to the account.
    assert_eq!(sign_in(app, "ada@example.com", PASSWORD).await.status, 200);
}

async fn a_confirmation_works_once_for_a_day_and_cannot_be_guessed(app: &TestApp, smtp: &Smtp) {
    for token in ["", "guess", "x\u{0}y"] {
        let reply = post(
            app,
            "/api/sign-up/confirm",
            json!({ "token": token, "password": PASSWORD }),
        )
        .await;
        refused(&reply, 403, "link_invalid");
    }
    post(app, "/api/sign-up", form("eve@example.com", "acme")).await;
    let token = smtp.next().await.token("confirm");
    app.clock.advance(Duration::from_hours(24));
    let body = json!({ "token": token, "password": PASSWORD });
    refused(
        &post(app, "/api/sign-up/confirm", body).await,
        403,
        "link_invalid",
    );
    post(app, "/api/sign-up", form("eve@example.com", "acme")).await;
    let first = smtp.next().await.token("confirm");
    post(app, "/api/sign-up", form("eve@example.com", "other")).await;
    let second = smtp.next().await.token("confirm");
    assert_eq!(
        post(
            app,
            "/api/sign-up/confirm",
            json!({ "token": second, "password": PASSWORD })
        )
        .await
        .status,
        200
    );
    // Neither again, nor another that was mailed to the same address before.
    for token in [second, first] {
        let reply = post(
            app,
            "/api/sign-up/confirm",
            json!({ "token": token, "password": PASSWORD }),
        )
        .await;
        refused(&reply, 403, "link_invalid");
    }
}

async fn who_confirms_is_who_signed_up(app: &TestApp, smtp: &Smtp) {
    // Somebody signs up with Eve's address, and she with it, too: she cannot tell their mails apart.
    let mut strangers = form("eve@example.com", "a trap");
    strangers["password"] = json!("of which Eve knows nothing");
    post(app, "/api/sign-up", strangers).await;
    let trap = smtp.next().await.token("confirm");
    post(app, "/api/sign-up", form("eve@example.com", "acme")).await;
    let own = smtp.next().await.token("confirm");
    let body = json!({ "token": trap, "password": PASSWORD });
    let reply = post(app, "/api/sign-up/confirm", body).await;
    refused(&reply, 401, "wrong_password");
    assert_eq!(reply.header("set-cookie"), None);
    let body = json!({ "token": own, "password": PASSWORD });
    let reply = post(app, "/api/sign-up/confirm", body).await;
    assert_eq!(reply.json()["tenant"]["name"], "acme", "{}", reply.text);
    let body = json!({ "token": trap, "password": "of which Eve knows nothing" });
    let reply = post(app, "/api/sign-up/confirm", body).await;
    refused(&reply, 403, "link_invalid");
}

async fn a_form_is_refused_and_nothing_is_mailed(app: &TestApp, smtp: &Smtp) {
    for (field, value) in [
        ("password", "password1234"),
        ("password", "eve@example.com"),
        ("password", "short"),
        ("email", "eve"),
        ("email", "eve@example.com, all@example.com"),
        ("email", "eve@example.com\r\nBcc: all@example.com"),
        ("name", ""),
        ("tenantName", "a\r\nb"),
    ] {
        let mut form = form("eve@example.com", "acme");
        form[field] = json!(value);
        let reply = post(app, "/api/sign-up", form).await;
        refused(&reply, 400, "invalid_request");
        assert!(reply.text.contains(&format!("`{field}`")), "{}", reply.text);
    }
    smtp.assert_silent(app).await;
}

async fn strangers_cannot_fill_somebody_elses_mailbox(app: &TestApp, smtp: &Smtp) {
    for round in 0..12 {
        let path = ["/api/sign-up", "/api/password-reset"][round % 2];
        let body = match round % 2 {
            0 => form("ada@example.com", "acme"),
            _ => json!({ "email": "ada@example.com" }),
        };
        assert_eq!(post(app, path, body).await.status, 202);
        app.service.mailer.flush().await;
    }
    // Resets of an address without an account mail nothing, and do not count against sign-ups.
    for _ in 0..5 {
        assert_eq!(smtp.next().await.to, "ada@example.com");
    }
    smtp.assert_silent(app).await;
    for _ in 0..8 {
        post(
            app,
            "/api/password-reset",
            json!({ "email": "zoe@example.com" }),
        )
        .await;
    }
    let reply = post(app, "/api/sign-up", form("zoe@example.com", "acme")).await;
    refused(&reply, 429, "too_many_attempts");
    assert!(reply.header("retry-after").is_some());
}

async fn a_closed_relay_takes_nobody(app: &TestApp) {
    let options = app.get("/api/sign-in-options").await.json();
    let expected = json!({
        "needsSetup": true, "signUp": false, "mail": false, "providers": [],
    });
    assert_eq!(options, expected);
    let reply = post(app, "/api/sign-up", form("eve@example.com", "acme")).await;
    refused(&reply, 403, "sign_up_closed");
    // Without mail there is nothing to send, and nothing is said.
    let reply = post(
        app,
        "/api/password-reset",
        json!({ "email": "ada@example.com" }),
    )
    .await;
    assert_eq!(reply.status, 202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_is_sent_again_when_the_server_was_busy_and_not_without_tls_where_it_is_asked_for() {
    let smtp = Smtp::start(1);
    let port = smtp.port;
    let app = TestApp::start_with(Kind::Sqlite, |config| super::with_mail(config, port)).await;
    post(&app, "/api/sign-up", form("eve@example.com", "acme")).await;
    assert_eq!(smtp.next().await.to, "eve@example.com");
    app.finish().await;

    // This server offers no STARTTLS: nothing may go to it that was to be encrypted.
    let app = TestApp::start_with(Kind::Sqlite, |config| {
        super::with_mail(config, port);
        let mail = config.people.mail.as_mut().expect("mail");
        mail.tls = relay_server::config::MailTls::Upgraded;
    })
    .await;
    post(&app, "/api/sign-up", form("eve@example.com", "acme")).await;
    smtp.assert_silent(&app).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_lead_where_the_operator_said_whatever_host_a_request_names() {
    let smtp = Smtp::start(0);
    let port = smtp.port;
    let app = TestApp::start_with(Kind::Sqlite, |config| {
        super::with_mail(config, port);
        "https://relay.example.com".clone_into(&mut config.public_url);
    })
    .await;
    let request = app
        .request(Method::POST, "/api/sign-up")
        .header("Host", "evil.example")
        .header("X-Forwarded-Host", "evil.example")
        .header("Forwarded", "host=evil.example")
        .json(&form("eve@example.com", "acme"));
    assert_eq!(crate::support::Reply::of(request).await.status, 202);
    let mail = smtp.next().await;
    assert!(!mail.text.contains("evil.example"), "{}", mail.text);
    assert!(
        mail.text
            .contains("https://relay.example.com/console/confirm#")
    );
    let body = json!({ "token": mail.token("confirm"), "password": PASSWORD });
    let reply = call(&app, Method::POST, "/api/sign-up/confirm", "", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    app.finish().await;
}
