//! How often, and for how long, a delivery is tried, and by whom.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use relay_api::{DeliveryAttempt, DeliveryStatus};
use relay_server::app::App;
use relay_server::clock::Clock;
use relay_server::store::Tried;
use reqwest::Method;
use serde_json::{Value, json};

use super::receiver::{Answer, Receiver};
use super::{ALL, call, log, log_when, shown, tries, webhook};
use crate::sql::Sql;
use crate::support::{EPOCH, Tenant, TestApp};

on_each_database!(
    what_fails_is_tried_again_after_growing_pauses,
    what_is_never_taken_is_given_up_after_three_days,
    who_asks_to_be_left_alone_is,
    two_workers_deliver_each_event_once,
    a_delivery_whose_worker_is_lost_is_tried_by_another,
    a_webhook_that_takes_nothing_for_days_is_switched_off,
    an_address_that_is_gone_is_told_nothing_more,
    what_was_sent_is_forgotten_after_a_month,
);

const HOUR: Duration = Duration::from_hours(1);

async fn one_event(app: &TestApp, tenant: &Tenant, answers: &[Answer]) -> (Receiver, String) {
    let receiver = Receiver::start().await;
    receiver.script(answers);
    let (id, _) = webhook(app, tenant, &receiver.url(), &ALL).await;
    app.connect(tenant, "ada", "openai").await;
    (receiver, id)
}

/// Milliseconds from the last attempt to the next.
fn pause(delivery: &Value) -> i64 {
    let at = |text: &Value| {
        let text = text.as_str().expect("an instant");
        text.parse::<jiff::Timestamp>()
            .expect("one")
            .as_millisecond()
    };
    let attempts = delivery["attempts"].as_array().expect("a list");
    at(&delivery["nextAttemptAt"]) - at(&attempts.last().expect("one")["at"])
}

async fn what_fails_is_tried_again_after_growing_pauses(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let failing = [
        Answer::Status(500),
        Answer::Status(404),
        Answer::Status(503),
    ];
    let (receiver, id) = one_event(app, &tenant, &failing).await;
    let mut pauses = Vec::new();
    for tried in 1..=3 {
        let log = log_when(app, &tenant, &id, |log| tries(&log[0]) == tried).await;
        assert_eq!(log[0]["status"], "pending");
        assert_eq!(log[0]["attempts"][tried - 1]["error"], "status");
        pauses.push(pause(&log[0]));
        app.clock.advance(Duration::from_millis(
            u64::try_from(pauses[tried - 1]).expect("later") - 1,
        ));
        assert_eq!(
            app.service.webhooks.deliver().await.expect("done"),
            0,
            "too early"
        );
        assert_eq!(receiver.received().len(), tried);
        app.clock.advance(Duration::from_millis(1));
    }
    for (pause, usual) in pauses.iter().zip([5_000, 60_000, 300_000]) {
        assert!(
            (usual * 4 / 5..=usual * 6 / 5).contains(pause),
            "{pauses:?}"
        );
    }
    let log = log_when(app, &tenant, &id, |log| log[0]["status"] == "delivered").await;
    let statuses: Vec<_> = log[0]["attempts"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    let statuses: Vec<_> = statuses.iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [500, 404, 503, 204]);
    assert_eq!(log[0]["nextAttemptAt"], Value::Null);
    let told = receiver.received();
    let ids: BTreeSet<_> = told.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!((told.len(), ids.len()), (4, 1), "one id, however often");
    let times: BTreeSet<_> = told
        .iter()
        .map(|one| one.header("webhook-timestamp"))
        .collect();
    assert_eq!(times.len(), 4, "each attempt has its own time");
    assert_eq!(shown(app, &tenant, &id).await["failingSince"], Value::Null);
}

async fn what_is_never_taken_is_given_up_after_three_days(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (receiver, id) = one_event(app, &tenant, &vec![Answer::Status(500); 11]).await;
    let mut waited = 0;
    for tried in 1..=10 {
        let log = log_when(app, &tenant, &id, |log| tries(&log[0]) == tried).await;
        assert_eq!(log[0]["status"], "pending");
        waited += pause(&log[0]);
        app.clock.advance(Duration::from_millis(
            u64::try_from(pause(&log[0])).expect("later"),
        ));
    }
    let log = log_when(app, &tenant, &id, |log| tries(&log[0]) == 11).await;
    assert_eq!(log[0]["status"], "failed");
    assert_eq!(log[0]["nextAttemptAt"], Value::Null);
    assert!((50..100).contains(&(waited / 3_600_000)), "{waited} ms");
    app.clock.advance(HOUR * 100);
    assert_eq!(app.service.webhooks.deliver().await.expect("done"), 0);
    assert_eq!(receiver.received().len(), 11);
    // A person may still try.
    let delivery = log[0]["id"].as_str().expect("an id");
    let path = format!("/v1/webhooks/{id}/deliveries/{delivery}/retry");
    let tried = call(app, &tenant, Method::POST, &path, Value::Null).await;
    assert_eq!(tried.json()["status"], "delivered", "{}", tried.text);
    let webhook = shown(app, &tenant, &id).await;
    assert_eq!(webhook["failingSince"], Value::Null);
    assert_eq!(webhook["lastDelivery"]["status"], "delivered");
}

async fn who_asks_to_be_left_alone_is(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (_receiver, id) = one_event(app, &tenant, &[Answer::Later(600)]).await;
    let log = log_when(app, &tenant, &id, |log| tries(&log[0]) == 1).await;
    assert_eq!(pause(&log[0]), 600_000);
}

async fn two_workers_deliver_each_event_once(app: &TestApp) {
    const EVENTS: usize = 24;
    let tenant = app.tenant("acme").await;
    let clock: Arc<dyn Clock> = Arc::new(app.clock.clone());
    let opened = App::open(app.service.config.clone(), clock).await;
    let (second, _meter) = opened.expect("the server opens");
    let receivers = [Receiver::start().await, Receiver::start().await];
    let mut ids = Vec::new();
    for receiver in &receivers {
        ids.push(webhook(app, &tenant, &receiver.url(), &ALL).await.0);
    }
    for user in 0..EVENTS {
        app.plant(&tenant, &format!("user-{user}"), "openai", None)
            .await;
    }
    let deliver = async |app: &App| app.webhooks.deliver().await.expect("done");
    tokio::join!(
        deliver(&app.service),
        deliver(&second),
        deliver(&app.service),
        deliver(&second),
    );
    for (receiver, id) in receivers.iter().zip(&ids) {
        log_when(app, &tenant, id, |log| {
            log.len() == EVENTS && log.iter().all(|one| one["status"] == "delivered")
        })
        .await;
        let told = receiver.received();
        let unique: BTreeSet<_> = told.iter().map(|one| one.header("webhook-id")).collect();
        assert_eq!((told.len(), unique.len()), (EVENTS, EVENTS));
    }
}

async fn a_delivery_whose_worker_is_lost_is_tried_by_another(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let receiver = Receiver::start().await;
    let (id, _) = webhook(app, &tenant, &receiver.url(), &ALL).await;
    // Held back while it is made, so that nobody else takes it first.
    Sql::of(app)
        .await
        .run("UPDATE webhooks SET enabled = 1", &[])
        .await;
    let store = &app.service.store;
    receiver.script(&[Answer::Status(500)]);
    app.connect(&tenant, "ada", "openai").await;
    let log = log_when(app, &tenant, &id, |log| tries(&log[0]) == 1).await;
    app.clock.advance(Duration::from_millis(
        u64::try_from(pause(&log[0])).expect("later"),
    ));
    let delivery = log[0]["id"].as_str().expect("an id");
    let now = app.clock.now();
    // Taken, and never heard of again; or taken by the server's own worker just before.
    let taken = store
        .take_delivery(&tenant.id, &id, delivery, now, now + 60_000)
        .await;
    let Some(lost) = taken.expect("read") else {
        log_when(app, &tenant, &id, |log| log[0]["status"] == "delivered").await;
        return;
    };
    assert_eq!(
        app.service.webhooks.deliver().await.expect("done"),
        0,
        "in hand"
    );
    let path = format!("/v1/webhooks/{id}/deliveries/{delivery}/retry");
    let reply = call(app, &tenant, Method::POST, &path, Value::Null).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (409, "delivery_in_progress")
    );
    app.clock.advance(Duration::from_mins(1));
    let log = log_when(app, &tenant, &id, |log| log[0]["status"] == "delivered").await;
    // What the lost one learnt comes too late to count.
    let tried = Tried {
        attempt: DeliveryAttempt {
            at: "2023-11-14T22:13:20.000Z".to_owned(),
            status: Some(500),
            error: Some("status".to_owned()),
            duration_ms: 1,
        },
        status: DeliveryStatus::Failed,
        next_attempt_at: None,
        scheduled: true,
        switch_off: Some("gone"),
        now: EPOCH,
    };
    let finished = store.finish_delivery(&lost, &tried).await.expect("done");
    assert!(finished.is_none());
    assert_eq!(super::log(app, &tenant, &id).await, log);
    assert_eq!(shown(app, &tenant, &id).await["enabled"], true);
}

async fn a_webhook_that_takes_nothing_for_days_is_switched_off(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (receiver, id) = one_event(app, &tenant, &vec![Answer::Status(500); 100]).await;
    log_when(app, &tenant, &id, |log| tries(&log[0]) == 1).await;
    assert_eq!(
        shown(app, &tenant, &id).await["failingSince"],
        "2023-11-14T22:13:20.000Z"
    );
    // A new event a day; all of them fail.
    let mut days = 0;
    while shown(app, &tenant, &id).await["enabled"] == true {
        days += 1;
        assert!(days < 12, "it is switched off");
        app.plant(&tenant, &format!("user-{days}"), "openai", None)
            .await;
        for _ in 0..6 {
            app.clock.advance(HOUR * 4);
            app.service.webhooks.deliver().await.expect("done");
        }
        log_when(app, &tenant, &id, |log| tries(&log[0]) > 0).await;
    }
    assert!((5..8).contains(&days), "after {days} days");
    let webhook = shown(app, &tenant, &id).await;
    assert_eq!(webhook["disabledReason"], "failing");
    let path = "/v1/audit?action=webhook.disable&actorKind=relay";
    let entries = call(app, &tenant, Method::GET, path, Value::Null).await;
    let entries = entries.json()["data"].clone();
    let [entry] = entries.as_array().expect("a list").as_slice() else {
        panic!("once: {entries}");
    };
    assert_eq!(entry["subject"], format!("webhooks/{id}"));
    assert_eq!(entry["detail"], json!({ "reason": "failing" }));
    assert_eq!(entry["actor"], json!({ "kind": "relay", "id": "" }));
    let stopped = log(app, &tenant, &id).await;
    assert!(
        stopped.iter().all(|one| one["status"] == "failed"),
        "{stopped:?}"
    );
    let sent = receiver.received().len();
    app.clock.advance(HOUR * 48);
    app.service.webhooks.deliver().await.expect("done");
    assert_eq!(receiver.received().len(), sent);
    let path = format!("/v1/webhooks/{id}");
    let body = json!({ "enabled": true });
    let again = call(app, &tenant, Method::PATCH, &path, body).await.json();
    assert_eq!(again["disabledReason"], Value::Null);
    assert_eq!(again["failingSince"], Value::Null, "it begins anew");
}

async fn an_address_that_is_gone_is_told_nothing_more(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (receiver, id) = one_event(app, &tenant, &[Answer::Status(410)]).await;
    let log = log_when(app, &tenant, &id, |log| log[0]["status"] == "failed").await;
    assert_eq!(log[0]["attempts"][0]["status"], 410);
    let webhook = shown(app, &tenant, &id).await;
    assert_eq!(
        (&webhook["enabled"], &webhook["disabledReason"]),
        (&json!(false), &json!("gone"))
    );
    app.connect(&tenant, "bob", "openai").await;
    assert_eq!(super::log(app, &tenant, &id).await.len(), 1);
    assert_eq!(receiver.received().len(), 1);
}

async fn what_was_sent_is_forgotten_after_a_month(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let (_receiver, id) = one_event(app, &tenant, &[]).await;
    log_when(app, &tenant, &id, |log| log[0]["status"] == "delivered").await;
    app.clock.advance(HOUR * 24 * 30);
    relay_server::tidy(&app.service).await;
    assert_eq!(log(app, &tenant, &id).await.len(), 1);
    app.clock.advance(Duration::from_millis(1));
    relay_server::tidy(&app.service).await;
    assert!(log(app, &tenant, &id).await.is_empty());
}
