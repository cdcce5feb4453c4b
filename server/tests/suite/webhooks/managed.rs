//! Making, changing and trying webhooks, and their secrets.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::receiver::{Answer, Receiver};
use super::{ALL, call, log, log_when, shown, webhook};
use crate::sql::Sql;
use crate::support::TestApp;

on_each_database!(
    a_webhook_is_made_changed_and_removed,
    a_webhook_that_cannot_be_is_refused_by_its_field,
    a_secret_is_told_once_and_stored_sealed,
    a_rotated_secret_signs_for_a_while_beside_the_new_one,
    a_test_tells_at_once_what_came_of_it,
    a_person_may_try_again_and_see_what_comes_of_it,
    another_tenants_webhooks_are_not_there,
);

async fn a_webhook_is_made_changed_and_removed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let url = "https://example.com/hooks/relay";
    let body = json!({
        "url": url, "description": "on call",
        "events": ["key.expiring", "credential.broken", "key.expiring"],
    });
    let made = call(app, &tenant, Method::POST, "/v1/webhooks", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let mut made = made.json();
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(made["events"], json!(["credential.broken", "key.expiring"]));
    assert_eq!(
        (&made["enabled"], &made["url"]),
        (&json!(true), &json!(url))
    );
    made.as_object_mut().expect("an object").remove("secret");
    assert_eq!(shown(app, &tenant, &id).await, made);
    let path = format!("/v1/webhooks/{id}");
    let body = json!({ "description": "", "events": ["quota.threshold"], "enabled": false });
    let changed = call(app, &tenant, Method::PATCH, &path, body).await.json();
    assert_eq!(changed["url"], url, "left out, it stays");
    assert_eq!(changed["events"], json!(["quota.threshold"]));
    assert_eq!(
        (&changed["enabled"], &changed["description"]),
        (&json!(false), &json!(""))
    );
    let listed = call(app, &tenant, Method::GET, "/v1/webhooks", Value::Null).await;
    assert_eq!(listed.json()["data"], json!([changed]));
    for status in [204, 404] {
        let reply = call(app, &tenant, Method::DELETE, &path, Value::Null).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
    let trail = call(app, &tenant, Method::GET, "/v1/audit?limit=3", Value::Null).await;
    let trail = trail.json();
    let actions: Vec<_> = trail["data"].as_array().expect("a list").iter().collect();
    let actions: Vec<_> = actions.iter().map(|one| one["action"].clone()).collect();
    assert_eq!(
        actions,
        ["webhook.remove", "webhook.change", "webhook.create"]
    );
    assert!(
        !trail.to_string().contains("/hooks/relay"),
        "a path may hold a token"
    );
}

async fn a_webhook_that_cannot_be_is_refused_by_its_field(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let sound = json!({ "url": "https://example.com/", "events": ["key.expiring"] });
    for (field, value) in [
        ("url", json!("example.com")),
        ("url", json!("ftp://example.com/")),
        ("url", json!("https://u:p@example.com/")),
        ("url", json!("https://example.com/#x")),
        (
            "url",
            json!(format!("https://example.com/{}", "x".repeat(2_000))),
        ),
        ("events", json!([])),
        ("description", json!("x".repeat(201))),
        ("description", json!("a\nb")),
    ] {
        let mut body = sound.clone();
        body[field] = value;
        let reply = call(app, &tenant, Method::POST, "/v1/webhooks", body.clone()).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request"),
            "{body}"
        );
        assert!(reply.text.contains(&format!("`{field}`")), "{}", reply.text);
    }
    for body in [
        json!({ "url": "https://example.com/", "events": ["credential.exploded"] }),
        json!({ "url": "https://example.com/", "events": ["key.expiring"], "secret": "x" }),
    ] {
        let reply = call(app, &tenant, Method::POST, "/v1/webhooks", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_json"));
    }
    for _ in 0..16 {
        webhook(app, &tenant, "https://example.com/", &["key.expiring"]).await;
    }
    let reply = call(app, &tenant, Method::POST, "/v1/webhooks", sound).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert!(reply.text.contains("one too many"), "{}", reply.text);
    for (path, status) in [
        ("/v1/webhooks/x/deliveries", 404),
        ("/v1/webhooks/x/deliveries?status=lost", 400),
    ] {
        let reply = call(app, &tenant, Method::GET, path, Value::Null).await;
        assert_eq!(reply.status, status, "{path}");
    }
}

async fn a_secret_is_told_once_and_stored_sealed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (id, secret) = webhook(app, &tenant, "https://example.com/", &ALL).await;
    let (_, other) = webhook(app, &tenant, "https://example.com/", &ALL).await;
    assert!(secret.starts_with("whsec_") && secret != other);
    let listed = call(app, &tenant, Method::GET, "/v1/webhooks", Value::Null).await;
    let bare = secret.trim_start_matches("whsec_").trim_end_matches('=');
    assert!(!listed.text.contains(bare), "{}", listed.text);
    let hint = shown(app, &tenant, &id).await["secretHint"].clone();
    assert_eq!(hint, bare[bare.len() - 4..]);
    let stored = "SELECT 'x' FROM webhooks WHERE id = $1 AND secret IS NOT NULL";
    assert_eq!(Sql::of(app).await.texts(stored, &[&id]).await.len(), 1);
    let sealed = app.service.store.webhook(&tenant.id, &id).await;
    let sealed = sealed.expect("read").expect("there").row.secret;
    let needle = bare.as_bytes();
    assert!(!sealed.windows(needle.len()).any(|bytes| bytes == needle));
    // Moved to another row, it does not open, and nothing is sent unsigned.
    let receiver = Receiver::start().await;
    let (moved, _) = webhook(app, &tenant, &receiver.url(), &ALL).await;
    let statement = "UPDATE webhooks SET secret = \
                     (SELECT secret FROM webhooks WHERE id = $1) WHERE id = $2";
    assert_eq!(Sql::of(app).await.run(statement, &[&id, &moved]).await, 1);
    let path = format!("/v1/webhooks/{moved}/test");
    let reply = call(app, &tenant, Method::POST, &path, Value::Null).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (500, "internal_error")
    );
    assert!(receiver.received().is_empty());
}

async fn a_rotated_secret_signs_for_a_while_beside_the_new_one(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    let (id, first) = webhook(app, &tenant, &receiver.url(), &ALL).await;
    let rotate = async |body: Value| {
        let path = format!("/v1/webhooks/{id}/rotate");
        let reply = call(app, &tenant, Method::POST, &path, body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let answer = reply.json();
        (
            answer["secret"].as_str().expect("a secret").to_owned(),
            answer,
        )
    };
    let test = async || {
        let path = format!("/v1/webhooks/{id}/test");
        let tested = call(app, &tenant, Method::POST, &path, Value::Null).await;
        assert_eq!(tested.json()["status"], "delivered", "{}", tested.text);
        receiver.received().pop().expect("told")
    };
    let (second, answer) = rotate(json!({ "grace": "2h" })).await;
    assert_eq!(
        answer["previousSecretExpiresAt"],
        "2023-11-15T00:13:20.000Z"
    );
    assert_eq!(test().await.signed_by(&[&first, &second]), [true, true]);
    app.clock.advance(Duration::from_hours(2));
    assert_eq!(test().await.signed_by(&[&first, &second]), [false, true]);
    let (third, answer) = rotate(json!({ "grace": "0s" })).await;
    assert_eq!(answer["previousSecretExpiresAt"], Value::Null);
    assert_eq!(test().await.signed_by(&[&second, &third]), [false, true]);
    let path = format!("/v1/webhooks/{id}/rotate");
    let reply = call(app, &tenant, Method::POST, &path, json!({ "grace": "8d" })).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "invalid_request")
    );
}

async fn a_test_tells_at_once_what_came_of_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    receiver.script(&[Answer::Status(200), Answer::Status(500)]);
    let (id, secret) = webhook(app, &tenant, &receiver.url(), &["key.expiring"]).await;
    let path = format!("/v1/webhooks/{id}/test");
    let taken = call(app, &tenant, Method::POST, &path, Value::Null)
        .await
        .json();
    assert_eq!(
        (&taken["event"], &taken["status"]),
        (&json!("webhook.test"), &json!("delivered"))
    );
    let told = receiver.received();
    assert_eq!(told[0].signed_by(&[&secret]), [true]);
    assert_eq!(told[0].kind(), "webhook.test");
    let failed = call(app, &tenant, Method::POST, &path, Value::Null)
        .await
        .json();
    assert_eq!(
        (&failed["status"], &failed["attempts"][0]["status"]),
        (&json!("failed"), &json!(500))
    );
    assert_eq!(
        failed["nextAttemptAt"],
        Value::Null,
        "a test is not repeated"
    );
    let webhook = shown(app, &tenant, &id).await;
    assert_eq!(
        webhook["failingSince"],
        Value::Null,
        "a test is no failure of its own"
    );
    assert_eq!(webhook["lastDelivery"]["id"], failed["id"]);
    let path = format!("/v1/webhooks/{id}/deliveries?status=failed");
    let listed = call(app, &tenant, Method::GET, &path, Value::Null).await;
    assert_eq!(listed.json()["data"], json!([failed]));
}

async fn a_person_may_try_again_and_see_what_comes_of_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    receiver.script(&[
        Answer::Status(500),
        Answer::Status(500),
        Answer::Hold,
        Answer::Status(503),
    ]);
    let (id, _) = webhook(app, &tenant, &receiver.url(), &ALL).await;
    app.connect(&tenant, "ada", "openai").await;
    let log = log_when(app, &tenant, &id, |log| super::tries(&log[0]) == 1).await;
    let next = log[0]["nextAttemptAt"].clone();
    let delivery = log[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/webhooks/{id}/deliveries/{delivery}/retry");
    let retry = async || call(app, &tenant, Method::POST, &path, Value::Null).await;
    let tried = retry().await.json();
    assert_eq!(
        (&tried["status"], &tried["nextAttemptAt"]),
        (&json!("pending"), &next)
    );
    let (held, refused) = tokio::join!(retry(), async {
        receiver.wait(3).await;
        let second = retry().await;
        receiver.let_go();
        second
    });
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "delivery_in_progress")
    );
    assert_eq!(held.json()["status"], "delivered", "{}", held.text);
    let again = retry().await.json();
    assert_eq!(again["status"], "delivered", "it was taken once");
    assert_eq!(super::tries(&again), 4);
    let ids: Vec<_> = receiver
        .received()
        .iter()
        .map(|one| one.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids, vec![delivery; 4]);
    let path = format!("/v1/webhooks/{id}/deliveries/x/retry");
    let reply = call(app, &tenant, Method::POST, &path, Value::Null).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
}

async fn another_tenants_webhooks_are_not_there(app: &TestApp) {
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let receiver = Receiver::start().await;
    let (id, _) = webhook(app, &other, &receiver.url(), &ALL).await;
    for (method, path, body) in [
        (Method::GET, "", Value::Null),
        (Method::PATCH, "", json!({ "enabled": false })),
        (Method::DELETE, "", Value::Null),
        (Method::POST, "/rotate", json!({})),
        (Method::POST, "/test", Value::Null),
        (Method::GET, "/deliveries", Value::Null),
        (Method::POST, "/deliveries/x/retry", Value::Null),
    ] {
        let path = format!("/v1/webhooks/{id}{path}");
        let reply = call(app, &acme, method, &path, body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
    assert_eq!(shown(app, &other, &id).await["enabled"], true);
    assert!(log(app, &other, &id).await.is_empty() && receiver.received().is_empty());
}
