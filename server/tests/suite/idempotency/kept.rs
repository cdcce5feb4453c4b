//! What is kept of calls with an `Idempotency-Key`: for how long, from whom, and when it is not.

use std::time::Duration;

use relay_provider_sim::Reply as Script;
use relay_server::tidy;
use reqwest::Method;
use serde_json::{Value, json};

use super::{KEYS, MINUTE, TOKENS, assert_refused, is_replayed, keyed, made, named, post, rows};
use crate::process::until;
use crate::sql::Sql;
use crate::support::{Kind, Reply, TestApp, hex};

on_each_database!(
    a_key_is_forgotten_after_a_day,
    a_call_that_died_is_taken_over_after_a_minute,
    a_late_answer_does_not_end_what_was_taken_over,
    a_caller_who_hangs_up_gets_the_answer_later,
    what_may_fare_better_is_not_kept,
    no_kept_answer_can_be_read_or_moved,
    an_erasure_takes_kept_answers_away,
);

/// A key's test at its provider: a call that can be held while it is under way.
const TEST: &str = "/v1/users/ada/credentials/openai/test";
/// Longer than any test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Puts a row back to where it is while its call is under way.
async fn as_if_it_had_died(app: &TestApp) {
    let unfinished = "UPDATE idempotency_keys SET status = NULL, sealed = NULL";
    assert_eq!(Sql::of(app).await.run(unfinished, &[]).await, 1);
}

async fn a_key_is_forgotten_after_a_day(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let first = post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
    let early = post(app, &tenant.key, KEYS, "order-2", &named("early")).await;
    assert_eq!((first.status, early.status), (201, 201));
    app.clock
        .advance(Duration::from_hours(24) - Duration::from_millis(1));
    tidy(&app.service).await;
    let again = post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
    assert!(is_replayed(&again), "{}", again.text);
    app.clock.advance(Duration::from_millis(1));
    // Whether it is swept yet or not, and whatever is sent now.
    let anew = post(app, &tenant.key, KEYS, "order-1", &named("anew")).await;
    assert_eq!(anew.status, 201, "{}", anew.text);
    assert!(!is_replayed(&anew));
    assert_eq!(rows(app).await, 2);
    tidy(&app.service).await;
    assert_eq!(
        rows(app).await,
        1,
        "the other is swept, this one is of today"
    );
    assert_eq!(made(app, &tenant).await, ["app", "early", "anew"]);
}

async fn a_call_that_died_is_taken_over_after_a_minute(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
    as_if_it_had_died(app).await;
    app.clock.advance(Duration::from_millis(59_999));
    let early = post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
    assert_refused(&early, 409, "idempotency_in_progress");
    app.clock.advance(Duration::from_millis(1));
    let other = post(app, &tenant.key, KEYS, "order-1", &named("other")).await;
    assert_refused(&other, 422, "idempotency_key_reused");
    let over = post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
    assert_eq!(over.status, 201, "{}", over.text);
    assert!(!is_replayed(&over));
    let again = post(app, &tenant.key, KEYS, "order-1", &named("app")).await;
    assert_eq!((is_replayed(&again), &again.text), (true, &over.text));
    // What is said of it: the first may have been done before it died.
    assert_eq!(made(app, &tenant).await, ["app", "app"]);
}

async fn a_late_answer_does_not_end_what_was_taken_over(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    let (script, mut hold) = Script::usual().hold();
    app.sim.script("openai", script);
    let slow = keyed(app, &tenant.key, TEST, "order-1", &Value::Null);
    let slow = tokio::spawn(Reply::of(slow));
    hold.reached().await;
    let meanwhile = post(app, &tenant.key, TEST, "order-1", &Value::Null).await;
    assert_refused(&meanwhile, 409, "idempotency_in_progress");
    app.clock.advance(MINUTE);
    let over = post(app, &tenant.key, TEST, "order-1", &Value::Null).await;
    assert_eq!(over.status, 200, "{}", over.text);
    hold.release();
    let slow = slow.await.expect("answered");
    assert_eq!(slow.status, 200, "{}", slow.text);
    let again = post(app, &tenant.key, TEST, "order-1", &Value::Null).await;
    assert_eq!((is_replayed(&again), &again.text), (true, &over.text));
}

async fn a_caller_who_hangs_up_gets_the_answer_later(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    app.sim.clear_received();
    let (script, mut hold) = Script::usual().hold();
    app.sim.script("openai", script);
    let asked = keyed(app, &tenant.key, TEST, "order-1", &Value::Null);
    let calling = tokio::spawn(asked.send());
    hold.reached().await;
    calling.abort();
    hold.release();
    let answer = until(PATIENCE, async || {
        let reply = post(app, &tenant.key, TEST, "order-1", &Value::Null).await;
        (reply.status != 409).then_some(reply)
    });
    let answer = answer.await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(is_replayed(&answer));
    assert_eq!(app.sim.received().len(), 1, "the provider was asked once");
}

async fn what_may_fare_better_is_not_kept(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let hook = json!({ "url": "https://hooks.example.com/relay", "events": ["quota.threshold"] });
    let mut sql = Sql::of(app).await;
    sql.run("ALTER TABLE webhooks RENAME TO away", &[]).await;
    let failed = post(app, &tenant.key, "/v1/webhooks", "order-1", &hook).await;
    assert_refused(&failed, 500, "internal_error");
    assert_eq!(rows(app).await, 0);
    sql.run("ALTER TABLE away RENAME TO webhooks", &[]).await;
    let done = post(app, &tenant.key, "/v1/webhooks", "order-1", &hook).await;
    assert_eq!(done.status, 201, "{}", done.text);
    assert!(!is_replayed(&done));
    assert_eq!(rows(app).await, 1);
}

async fn no_kept_answer_can_be_read_or_moved(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = "an-order-that-is-told-nobody";
    let first = post(app, &tenant.key, KEYS, key, &named("marzipan-one")).await;
    let secret = first.json()["key"].as_str().expect("a key").to_owned();
    let wanted = json!({ "endUserLabel": "marzipan-user" });
    let token = post(app, &tenant.key, TOKENS, key, &wanted).await;
    let token = token.json()["registrationToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let mut sql = Sql::of(app).await;
    let all = "SELECT scope || ' ' || id || ' ' || fingerprint FROM idempotency_keys";
    let readable = sql.texts(all, &[]).await.join(" ");
    let in_hex = match app.database.kind {
        Kind::Sqlite => "SELECT LOWER(HEX(sealed)) FROM idempotency_keys",
        Kind::Postgres => "SELECT ENCODE(sealed, 'hex') FROM idempotency_keys",
    };
    let sealed = sql.texts(in_hex, &[]).await.join(" ");
    assert!(
        sealed.len() > 2 * (secret.len() + token.len()),
        "both are there"
    );
    for hidden in [secret.as_str(), &token, key, "marzipan", &tenant.key] {
        let bytes = hex(hidden.as_bytes());
        assert!(
            !readable.contains(hidden) && !sealed.contains(&bytes),
            "{hidden}"
        );
    }
    for file in std::fs::read_dir(app.data.path()).expect("the data directory") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("readable");
        for hidden in [secret.as_bytes(), token.as_bytes(), key.as_bytes()] {
            let holds = bytes.windows(hidden.len()).any(|window| window == hidden);
            assert!(!holds, "sealed or hashed");
        }
    }
    // Of another row, it does not open; and nothing is done again.
    post(app, &tenant.key, KEYS, "order-2", &named("two")).await;
    let swap = "UPDATE idempotency_keys SET sealed = (SELECT sealed FROM idempotency_keys \
         ORDER BY started_at, id LIMIT 1)";
    assert_eq!(sql.run(swap, &[]).await, 3);
    let moved = post(app, &tenant.key, KEYS, "order-2", &named("two")).await;
    assert_refused(&moved, 409, "idempotency_answer_not_kept");
    assert_eq!(made(app, &tenant).await, ["marzipan-one", "two"]);
}

async fn an_erasure_takes_kept_answers_away(app: &TestApp) {
    let (tenant, other) = (app.tenant("acme").await, app.tenant("other").await);
    app.connect(&tenant, "ada", "openai").await;
    let bound = json!({ "name": "hers", "endUser": "ada" });
    for one in [&tenant, &other] {
        let reply = post(app, &one.key, KEYS, "order-1", &bound).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    // A call that is under way while the user is erased.
    let (script, mut hold) = Script::usual().hold();
    app.sim.script("openai", script);
    let slow = keyed(app, &tenant.key, TEST, "order-1", &Value::Null);
    let slow = tokio::spawn(Reply::of(slow));
    hold.reached().await;
    let erased = app
        .call(Method::DELETE, "/v1/users/ada", &tenant.key, Value::Null)
        .await;
    assert_eq!(erased.status, 204, "{}", erased.text);
    hold.release();
    slow.await.expect("answered");

    let mut sql = Sql::of(app).await;
    let kept = "SELECT tenant_id FROM idempotency_keys WHERE sealed IS NOT NULL";
    assert_eq!(sql.texts(kept, &[]).await, [other.id.as_str()]);
    // That it was done is known still.
    for (path, body) in [(KEYS, &bound), (TEST, &Value::Null)] {
        let again = post(app, &tenant.key, path, "order-1", body).await;
        assert_refused(&again, 409, "idempotency_answer_not_kept");
    }
    assert_eq!(made(app, &tenant).await, ["hers"]);
    let again = post(app, &other.key, KEYS, "order-1", &bound).await;
    assert!(is_replayed(&again), "another tenant's stay");
    // What is done afterwards is kept as ever.
    let first = post(app, &tenant.key, KEYS, "order-2", &named("app")).await;
    let again = post(app, &tenant.key, KEYS, "order-2", &named("app")).await;
    assert_eq!((is_replayed(&again), &again.text), (true, &first.text));
}
