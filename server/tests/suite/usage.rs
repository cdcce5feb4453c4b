//! `GET /v1/usage`, quotas and what the meter adds up, whatever becomes of a call.

use std::time::Duration;

use relay_api::Trace;
use relay_provider_sim::Reply as Script;
use relay_server::clock::{HOUR, RequestIds, month_of};
use relay_server::store::{RequestRow, UsageBatch};
use relay_server::tidy;
use reqwest::Method;
use serde_json::{Value, json};

use crate::sql::Sql;
use crate::support::{EPOCH, Reply, Tenant, TestApp, chat_body};

on_each_database!(
    usage_adds_up_by_hour_and_day_along_each_dimension,
    the_greatest_are_told_apart_and_the_others_are_summed,
    a_batch_that_is_written_twice_counts_once,
    what_failed_before_it_produced_anything_costs_no_quota,
    latencies_are_percentiles_of_whole_answers,
    old_requests_are_forgotten_and_their_sums_stay,
    a_stretch_of_time_that_cannot_be_is_refused,
);

async fn get(app: &TestApp, tenant: &Tenant, path: &str) -> Value {
    app.service.meter.flush().await;
    let reply = app.call(Method::GET, path, &tenant.key, Value::Null).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.json()
}

/// A call that was answered, as the meter would write it.
fn row(ids: &RequestIds, tenant: &Tenant, at: i64) -> RequestRow {
    RequestRow {
        tenant_id: tenant.id.clone(),
        id: ids.next(at),
        at,
        relay_key_id: "k".to_owned(),
        operation: "chat".to_owned(),
        model: "m".to_owned(),
        host: Some("openai".to_owned()),
        status: 200,
        input_tokens: Some(2),
        output_tokens: Some(3),
        trace: Trace::default(),
        ..RequestRow::default()
    }
}

async fn write(app: &TestApp, rows: Vec<RequestRow>) {
    let batch = UsageBatch {
        rows,
        ..UsageBatch::default()
    };
    let written = app.service.store.add_requests(&batch).await;
    written.expect("written");
}

async fn usage_adds_up_by_hour_and_day_along_each_dimension(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (label, provider) in [("ada", "openai"), ("bob", "openai"), ("ada", "anthropic")] {
        app.connect(&tenant, label, provider).await;
    }
    let call = async |label: &str, model: &str, paid: Option<&str>| {
        let mut request = app
            .chat_request(&tenant, label)
            .json(&chat_body(model, &json!({})));
        if let Some(paid) = paid {
            request = request.header("X-Relay-Paid", paid);
        }
        Reply::of(request).await.status
    };
    assert_eq!(call("ada", "gpt-4o-mini", Some("true")).await, 200);
    assert_eq!(call("bob", "gpt-4o-mini", Some("false")).await, 200);
    // 22:13 becomes 23:13, and the next day at 00:13.
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(call("ada", "claude-sonnet-4-5", None).await, 200);
    app.clock.advance(Duration::from_hours(1));
    app.sim.script("openai", Script::error(500, "no"));
    assert!(call("bob", "gpt-4o-mini", None).await >= 500);
    assert_eq!(call("bob", "nonsense", None).await, 404);

    let hours = get(app, &tenant, "/v1/usage?grain=hour").await;
    let told: Vec<_> = hours["points"]
        .as_array()
        .expect("points")
        .iter()
        .map(|point| json!([point["start"], point["requests"], point["failed"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["2023-11-14T22:00:00.000Z", 2, 0]),
            json!(["2023-11-14T23:00:00.000Z", 1, 0]),
            json!(["2023-11-15T00:00:00.000Z", 2, 2]),
        ]
    );
    let day = "/v1/usage?from=2023-11-14&to=2023-11-15";
    let first = get(app, &tenant, day).await;
    assert_eq!(first["total"]["requests"], 3);
    assert_eq!(first["points"].as_array().map(Vec::len), Some(1));

    let mut cost = 0;
    for (by, expected) in [
        ("user", json!([["ada", 2, 0], ["bob", 3, 2]])),
        (
            "tier",
            json!([["free", 1, 0], ["paid", 1, 0], ["unknown", 3, 2]]),
        ),
        (
            "model",
            json!([
                ["", 1, 1],
                ["claude-sonnet-4-5", 1, 0],
                ["gpt-4o-mini", 3, 1]
            ]),
        ),
        (
            "provider",
            json!([["", 1, 1], ["anthropic", 1, 0], ["openai", 3, 1]]),
        ),
    ] {
        let usage = get(app, &tenant, &format!("/v1/usage?by={by}")).await;
        let values = usage["values"].as_array().expect("values");
        let mut told: Vec<_> = values
            .iter()
            .map(|value| json!([value["value"], value["requests"], value["failed"]]))
            .collect();
        told.sort_by_key(ToString::to_string);
        assert_eq!(json!(told), expected, "{by}");
        let requests = values.iter().filter_map(|value| value["requests"].as_u64());
        assert_eq!(usage["total"]["requests"], requests.sum::<u64>(), "{by}");
        let all: u64 = values
            .iter()
            .filter_map(|v| v["costNanodollars"].as_u64())
            .sum();
        assert_eq!(usage["total"]["costNanodollars"], all, "{by}");
        cost = all;
    }
    assert!(cost > 0, "the models have prices");
    let usage = get(app, &tenant, "/v1/usage?by=key").await;
    assert_eq!(usage["values"][0]["name"], "test");
    assert_eq!(usage["total"]["requests"], 5);
    assert_eq!(usage["total"]["inputTokens"], 3);
    assert_eq!(usage["total"]["outputTokens"], 9);
    let rows = app.ended_requests(&tenant).await;
    let sum: u64 = rows.iter().filter_map(|row| row.cost_nanos).sum();
    assert_eq!(sum, cost, "the sums are those of the rows");

    let other = app.tenant("other").await;
    let usage = get(app, &other, "/v1/usage?by=user").await;
    assert_eq!(
        (&usage["values"], &usage["total"]["requests"]),
        (&json!([]), &json!(0))
    );
}

async fn the_greatest_are_told_apart_and_the_others_are_summed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let ids = RequestIds::default();
    let mut rows = Vec::new();
    for number in 0..60_u64 {
        for at in [EPOCH, EPOCH + HOUR] {
            rows.push(RequestRow {
                end_user: Some(format!("user-{number:02}")),
                cost_nanos: Some(number * 10),
                ..row(&ids, &tenant, at)
            });
        }
    }
    write(app, rows).await;
    app.clock.advance(Duration::from_hours(2));
    let usage = get(app, &tenant, "/v1/usage?by=user&grain=hour").await;
    let values = usage["values"].as_array().expect("values");
    assert_eq!(values.len(), 51);
    assert_eq!(
        (&values[0]["value"], &values[0]["costNanodollars"]),
        (&json!("user-59"), &json!(1_180))
    );
    let other = &values[50];
    assert_eq!(
        (&other["other"], &other["value"]),
        (&json!(true), &json!(""))
    );
    assert_eq!(
        (&other["requests"], &other["costNanodollars"]),
        (&json!(20), &json!(900))
    );
    assert!(values[0].get("other").is_none());
    let points = usage["points"].as_array().expect("points");
    assert_eq!(points.len(), 102);
    let others: Vec<_> = points
        .iter()
        .filter(|point| point["other"] == true)
        .collect();
    assert_eq!(others.len(), 2);
    assert!(
        others
            .iter()
            .all(|point| point["requests"] == 10 && point["inputTokens"] == 20)
    );
}

async fn a_batch_that_is_written_twice_counts_once(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let ids = RequestIds::default();
    let mut rows: Vec<_> = (0..700).map(|_| row(&ids, &tenant, EPOCH)).collect();
    write(app, rows.clone()).await;
    let gone = Tenant {
        id: "gone".to_owned(),
        key: String::new(),
    };
    rows.push(row(&ids, &gone, EPOCH));
    rows.push(row(&ids, &tenant, EPOCH));
    rows.push(rows[701].clone());
    write(app, rows).await;
    let usage = get(app, &tenant, "/v1/usage?by=model").await;
    for sums in [&usage["total"], &usage["values"][0], &usage["points"][0]] {
        assert_eq!(
            (&sums["requests"], &sums["inputTokens"]),
            (&json!(701), &json!(1_402))
        );
        assert_eq!(sums["unpriced"], 701);
    }
    let mut sql = Sql::of(app).await;
    assert_eq!(sql.count("requests").await, 701);
    let quota = "SELECT CAST(requests AS TEXT) FROM quota_usage";
    assert_eq!(sql.texts(quota, &[]).await, ["701"]);
}

async fn what_failed_before_it_produced_anything_costs_no_quota(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    app.connect(&tenant, "u", "anthropic").await;
    let mut sql = Sql::of(app).await;
    let mut used = async || {
        app.service.meter.flush().await;
        let columns = "SELECT requests || ' ' || tokens || ' ' || month FROM quota_usage";
        sql.texts(columns, &[]).await
    };
    let month = month_of(EPOCH);
    app.sim.script("openai", Script::error(500, "no"));
    assert!(
        app.chat(&tenant, "u", "gpt-4o-mini", json!({}))
            .await
            .status
            >= 500
    );
    app.chat(&tenant, "nobody", "gpt-4o-mini", json!({})).await;
    assert!(used().await.is_empty());
    app.sim.clear_scripts();
    let reply = app.chat(&tenant, "u", "claude-sonnet-4-5", json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(used().await, [format!("1 4 {month}")]);
    // A caller who leaves pays for what was produced until then.
    let (script, mut hold) = Script::usual().hold_after(4);
    app.sim.script("anthropic", script);
    let mut stream = app
        .stream(&tenant, "u", "claude-sonnet-4-5", json!({}))
        .await;
    hold.reached().await;
    stream.read_until("You ").await;
    drop(stream);
    hold.abandoned().await;
    let row = app.last_of(&tenant, 4).await;
    assert!(row.partial && row.cost_nanos.is_some(), "{row:?}");
    assert_eq!(row.error_category.as_deref(), Some("client-disconnected"));
    let tokens = 4 + row.tokens();
    assert_eq!(used().await, [format!("2 {tokens} {month}")]);
}

async fn latencies_are_percentiles_of_whole_answers(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let ids = RequestIds::default();
    let timed = |ms: u64, at: i64| RequestRow {
        duration_ms: ms,
        first_byte_ms: Some(ms / 4),
        ..row(&ids, &tenant, at)
    };
    let mut rows: Vec<_> = (1..=100).map(|n| timed(n * 8, EPOCH)).collect();
    rows.push(timed(4_096, EPOCH + HOUR));
    rows.push(RequestRow {
        error_code: Some("upstream_timeout".to_owned()),
        ..timed(60_000, EPOCH)
    });
    rows.push(RequestRow {
        operation: "embeddings".to_owned(),
        ..timed(1, EPOCH)
    });
    write(app, rows).await;
    app.clock.advance(Duration::from_hours(2));
    let read = get(app, &tenant, "/v1/usage/latency?grain=hour").await;
    assert_eq!(read["total"]["answers"], 101);
    let points = read["points"].as_array().expect("points");
    assert_eq!(points.len(), 2);
    assert_eq!(points[0]["answers"], 100);
    for (percent, truth) in [("p50", 400), ("p90", 720), ("p99", 792)] {
        let told = points[0]["duration"][percent].as_u64().expect(percent);
        assert!(
            told >= truth && told <= truth + truth / 5,
            "{percent}: {told}"
        );
    }
    let all_of_one = json!({ "p50": 4_096, "p90": 4_096, "p99": 4_096 });
    assert_eq!(points[1]["duration"], all_of_one);
    assert_eq!(points[1]["firstByte"]["p50"], 1_024);
}

async fn old_requests_are_forgotten_and_their_sums_stay(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let ids = RequestIds::default();
    let days = |n: u64| Duration::from_hours(24 * n);
    let in_days = |n: i64| EPOCH + n * 24 * HOUR;
    let mut rows: Vec<_> = (0..2_500).map(|_| row(&ids, &tenant, EPOCH)).collect();
    rows.push(row(&ids, &tenant, in_days(1)));
    write(app, rows).await;
    let mut sql = Sql::of(app).await;
    let hours = "SELECT value FROM usage_rollups WHERE grain = 'hour' AND dimension = 'all'";

    app.clock.advance(days(90));
    tidy(&app.service).await;
    assert_eq!(sql.count("requests").await, 2_501, "90 days are kept");
    app.clock.advance(Duration::from_millis(1));
    tidy(&app.service).await;
    assert_eq!(sql.count("requests").await, 1);
    assert_eq!(sql.texts(hours, &[]).await.len(), 2);

    app.clock.advance(days(310) + Duration::from_hours(1));
    tidy(&app.service).await;
    assert_eq!(sql.count("requests").await, 0);
    assert_eq!(sql.texts(hours, &[]).await.len(), 1);
    let path = "/v1/usage?from=2023-11-01&to=2023-12-01";
    assert_eq!(get(app, &tenant, path).await["total"]["requests"], 2_501);
}

async fn a_stretch_of_time_that_cannot_be_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2023", "to"),
        ("from=2023-11-02&to=2023-11-01", "from"),
        ("from=2020-01-01&to=2023-11-01", "from"),
        ("grain=hour&from=2023-01-01&to=2023-11-01", "from"),
        ("grain=minute", "grain"),
        ("by=host", "by"),
        ("fom=2023-11-01", "query"),
    ] {
        for route in ["/v1/usage", "/v1/usage/latency"] {
            let path = format!("{route}?{query}");
            app.assert_refused_for(&tenant.key, &path, field).await;
        }
    }
}
