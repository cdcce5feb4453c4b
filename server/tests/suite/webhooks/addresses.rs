//! Addresses that are not what they seem.

use std::time::Duration;

use relay_server::clock::Clock;
use relay_server::store::Wanted;
use reqwest::Method;
use serde_json::{Value, json};

use super::receiver::{Answer, Receiver};
use super::{ALL, call, log_when, tries, webhook};
use crate::support::{Reply, TestApp};

on_each_database!(
    a_redirect_is_not_followed,
    an_answer_without_an_end_is_one,
    an_address_that_nobody_listens_at_is_told_of,
    a_tenant_with_many_webhooks_leaves_room_for_others,
);
on_each_database!(with |config| config.webhook_timeout = super::SOON;
    an_address_that_hangs_holds_up_nobody_else);
on_each_database!(with |config| config.upstream_allow.clear();
    private_addresses_are_told_nothing);

/// Longer than a busy machine needs, and short to wait for.
const SOON: Duration = Duration::from_millis(500);

async fn a_redirect_is_not_followed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (front, behind) = (Receiver::start().await, Receiver::start().await);
    front.script(&[Answer::Redirect(behind.url())]);
    let (id, _) = webhook(app, &tenant, &front.url(), &ALL).await;
    app.connect(&tenant, "ada", "openai").await;
    let log = log_when(app, &tenant, &id, |log| tries(&log[0]) == 1).await;
    let attempt = &log[0]["attempts"][0];
    assert_eq!(
        (&attempt["error"], &attempt["status"]),
        (&json!("redirect"), &json!(302))
    );
    assert_eq!(log[0]["status"], "pending");
    assert!(behind.received().is_empty());
}

async fn an_answer_without_an_end_is_one(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    receiver.script(&[Answer::Endless]);
    let (id, _) = webhook(app, &tenant, &receiver.url(), &ALL).await;
    app.connect(&tenant, "ada", "openai").await;
    let log = log_when(app, &tenant, &id, |log| tries(&log[0]) == 1).await;
    assert_eq!(log[0]["status"], "delivered");
}

async fn an_address_that_nobody_listens_at_is_told_of(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let url = {
        let receiver = Receiver::start().await;
        receiver.url()
    };
    let (id, _) = webhook(app, &tenant, &url, &ALL).await;
    let path = format!("/v1/webhooks/{id}/test");
    // The receiver's port may be somebody else's by now, who is no receiver either.
    let tested = call(app, &tenant, Method::POST, &path, Value::Null)
        .await
        .json();
    assert_eq!(tested["status"], "failed");
    assert!(tested["attempts"][0]["error"].is_string());
}

async fn an_address_that_hangs_holds_up_nobody_else(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (stuck, well) = (Receiver::start().await, Receiver::start().await);
    stuck.script(&vec![Answer::Hold; 20]);
    let (hangs, _) = webhook(app, &tenant, &stuck.url(), &ALL).await;
    let (works, _) = webhook(app, &tenant, &well.url(), &ALL).await;
    for user in ["a", "b", "c", "d", "e", "f"] {
        app.plant(&tenant, user, "openai", None).await;
    }
    well.wait(6).await;
    log_when(app, &tenant, &works, |log| {
        log.iter().all(|one| one["status"] == "delivered")
    })
    .await;
    let log = log_when(app, &tenant, &hangs, |log| {
        log.iter().all(|one| tries(one) == 1)
    })
    .await;
    for delivery in &log {
        assert_eq!(delivery["attempts"][0]["error"], "timeout");
        assert_eq!(delivery["attempts"][0]["status"], Value::Null);
        assert_eq!(delivery["status"], "pending");
    }
    assert!(stuck.received().len() >= 6);
}

async fn a_tenant_with_many_webhooks_leaves_room_for_others(app: &TestApp) {
    let (greedy, modest) = (app.tenant("greedy").await, app.tenant("modest").await);
    let url = {
        let receiver = Receiver::start().await;
        receiver.url()
    };
    // Nobody listens there any more: everything is to be tried again.
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push((&greedy, webhook(app, &greedy, &url, &ALL).await.0));
    }
    for user in ["a", "b", "c"] {
        app.plant(&greedy, user, "openai", None).await;
    }
    ids.push((&modest, webhook(app, &modest, &url, &ALL).await.0));
    app.plant(&modest, "d", "openai", None).await;
    for (tenant, id) in &ids {
        log_when(app, tenant, id, |log| log.iter().all(|one| tries(one) == 1)).await;
    }
    let later = app.clock.now() + 60 * 60 * 1000;
    let wanted = |full| Wanted {
        now: later,
        until: later + 1,
        busy: &[],
        full,
        each: 4,
        of_tenant: 16,
        limit: 64,
    };
    let taken = app.service.store.take_deliveries(&wanted(&[])).await;
    let taken = taken.expect("the database is there");
    let of = |tenant: &str| taken.iter().filter(|row| row.tenant_id == tenant).count();
    assert_eq!((of(&greedy.id), of(&modest.id)), (16, 1));
    // What is left of a tenant that has its share in hand already, waits.
    let full = [greedy.id.clone()];
    let more = app.service.store.take_deliveries(&wanted(&full)).await;
    assert_eq!(more.expect("the database is there").len(), 0);
    let more = app.service.store.take_deliveries(&wanted(&[])).await;
    assert_eq!(more.expect("the database is there").len(), 14);
}

async fn private_addresses_are_told_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "http://1.1.1.1/".to_owned(),
    ] {
        let body = json!({ "url": url, "events": ALL });
        let reply = call(app, &tenant, Method::POST, "/v1/webhooks", body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request"),
            "{url}"
        );
        assert!(reply.text.contains("`url`"), "{}", reply.text);
    }
    // A name is looked up when it is called.
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://localhost:{port}/");
        let (id, _) = webhook(app, &tenant, &url, &ALL).await;
        let path = format!("/v1/webhooks/{id}/test");
        let tested = call(app, &tenant, Method::POST, &path, Value::Null).await;
        let tested: Reply = tested;
        assert_eq!(
            tested.json()["attempts"][0]["error"],
            "forbidden",
            "{}",
            tested.text
        );
    }
    assert!(receiver.received().is_empty());
}
