//! `GET /v1/requests` by filters, one request with its trace, and exports.

use std::time::Duration;

use relay_server::clock::RequestIds;
use relay_server::store::{RequestRow, UsageBatch};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{EPOCH, Reply, Tenant, TestApp};

on_each_database!(
    a_tail_goes_on_from_the_last_it_saw,
    filters_find_what_they_say_and_nothing_else,
    a_request_shows_its_trace_to_its_own_tenant_alone,
    an_export_is_all_of_it_in_order,
    a_filter_that_cannot_be_is_refused,
);

const MINUTE: i64 = 60_000;

async fn ids(app: &TestApp, tenant: &Tenant, query: &str) -> Vec<String> {
    let path = format!("/v1/requests?limit=200&{query}");
    let reply = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.text);
    let listed = reply.json();
    let rows = listed["data"].as_array().expect("rows").iter();
    rows.map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Six requests, a minute apart; the answers are their ids, the newest first.
async fn six(app: &TestApp, tenant: &Tenant) -> Vec<String> {
    let made = RequestIds::default();
    let rows: Vec<_> = (0..6_i64)
        .map(|n| RequestRow {
            tenant_id: tenant.id.clone(),
            id: made.next(EPOCH + n * MINUTE),
            at: EPOCH + n * MINUTE,
            relay_key_id: format!("key-{}", n % 2),
            end_user: (n > 0).then(|| format!("user-{}", n % 3)),
            operation: "chat".to_owned(),
            model: ["gpt-4o", "claude"][usize::from(n > 2)].to_owned(),
            host: Some(["openai", "anthropic"][usize::from(n > 2)].to_owned()),
            status: [200, 200, 429, 500, 503, 200][usize::try_from(n).expect("small")],
            error_code: [1, 2, 3, 4].contains(&n).then(|| "some_error".to_owned()),
            ..RequestRow::default()
        })
        .collect();
    let ids = rows.iter().rev().map(|row| row.id.clone()).collect();
    let batch = UsageBatch {
        rows,
        ..UsageBatch::default()
    };
    let written = app.service.store.add_requests(&batch).await;
    written.expect("written");
    ids
}

async fn filters_find_what_they_say_and_nothing_else(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let all = six(app, &tenant).await;
    let other = app.tenant("other").await;
    // By the minute of arrival: `all[5 - n]` is that of minute `n`.
    let minutes = |wanted: &[usize]| -> Vec<String> {
        let newest_first = wanted.iter().rev();
        newest_first.map(|n| all[5 - n].clone()).collect()
    };
    for (query, wanted) in [
        ("", &[0, 1, 2, 3, 4, 5][..]),
        ("key=key-1", &[1, 3, 5]),
        ("user=user-0", &[3]),
        ("user=user-1&key=key-0", &[4]),
        ("model=claude", &[3, 4, 5]),
        ("provider=openai", &[0, 1, 2]),
        ("status=200", &[0, 1, 5]),
        ("status=5xx", &[3, 4]),
        ("status=error", &[1, 2, 3, 4]),
        ("from=2023-11-14T22:15:20Z", &[2, 3, 4, 5]),
        ("to=2023-11-14T22:15:20Z", &[0, 1]),
        (
            "from=2023-11-14T22:14:20Z&to=2023-11-14T22:15:20.001Z",
            &[1, 2],
        ),
        ("from=2023-11-15", &[]),
        ("model=claude&status=error&to=2023-11-14T22:17:20Z", &[3]),
    ] {
        assert_eq!(ids(app, &tenant, query).await, minutes(wanted), "{query}");
        assert!(ids(app, &other, query).await.is_empty(), "{query}");
    }
    let third = &all[3];
    for prefix in [third.as_str(), &third[..14]] {
        let upper = prefix.to_uppercase();
        for query in [format!("id={prefix}"), format!("id={upper}")] {
            assert_eq!(
                ids(app, &tenant, &query).await,
                std::slice::from_ref(third),
                "{query}"
            );
        }
    }
    let query = format!("cursor={}&status=error", all[2]);
    assert_eq!(ids(app, &tenant, &query).await, minutes(&[1, 2]));
}

async fn a_request_shows_its_trace_to_its_own_tenant_alone(app: &TestApp) {
    let (tenant, other) = (app.tenant("acme").await, app.tenant("other").await);
    app.connect(&tenant, "u", "openai").await;
    let reply = app.chat(&tenant, "u", "gpt-4o-mini", json!({})).await;
    let id = reply
        .header("x-relay-request-id")
        .expect("an id")
        .to_owned();
    app.service.meter.flush().await;
    let path = format!("/v1/requests/{id}");
    let shown = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let shown = shown.json();
    assert_eq!(
        (&shown["id"], &shown["relayKey"]),
        (&json!(id), &json!("test"))
    );
    assert_eq!(shown["dialect"], "openai-chat");
    assert_eq!(shown["upstreamModel"], "gpt-4o-mini");
    assert!(
        shown["credentialLast4"]
            .as_str()
            .is_some_and(|last4| last4.len() == 4)
    );
    assert!(shown["costNanodollars"].as_u64() > Some(0));
    let phases: Vec<_> = shown["trace"]["phases"]
        .as_array()
        .expect("phases")
        .iter()
        .map(|phase| {
            (
                phase["phase"].as_str().expect("a name"),
                phase["atMs"].as_u64(),
            )
        })
        .collect();
    assert_eq!(phases.first().map(|phase| phase.0), Some("accepted"));
    for reached in ["first-token", "completed"] {
        assert!(phases.iter().any(|phase| phase.0 == reached), "{phases:?}");
    }
    assert!(phases.is_sorted_by_key(|phase| phase.1), "{phases:?}");
    assert!(shown.get("prompt").is_none() && shown.get("completion").is_none());

    for (key, id) in [
        (&other.key, id.as_str()),
        (&tenant.key, "nothing"),
        (&tenant.key, &id[..35]),
    ] {
        let path = format!("/v1/requests/{id}");
        let reply = app.call(Method::GET, &path, key, Value::Null).await;
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
    }
}

async fn an_export_is_all_of_it_in_order(app: &TestApp) {
    let (tenant, other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = RequestIds::default();
    let row = |n: i64, label: &str| RequestRow {
        tenant_id: tenant.id.clone(),
        id: made.next(EPOCH + n),
        at: EPOCH + n,
        relay_key_id: "k".to_owned(),
        end_user: Some(label.to_owned()),
        operation: "chat".to_owned(),
        model: "m \"x\", y".to_owned(),
        status: 200,
        cost_nanos: Some(12),
        ..RequestRow::default()
    };
    let mut rows: Vec<_> = (0..450).map(|n| row(n, "ada")).collect();
    rows.push(row(450, "=cmd|' /C calc'!A0"));
    let newest_first: Vec<String> = rows.iter().rev().map(|row| row.id.clone()).collect();
    let batch = UsageBatch {
        rows,
        ..UsageBatch::default()
    };
    app.service
        .store
        .add_requests(&batch)
        .await
        .expect("written");
    let export = async |tenant: &Tenant, query: &str| -> Reply {
        let path = format!("/v1/requests/export{query}");
        let reply = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply
    };
    let csv = export(&tenant, "").await;
    assert_eq!(
        csv.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let name = "attachment; filename=\"relay-requests.csv\"";
    assert_eq!(csv.header("content-disposition"), Some(name));
    let lines: Vec<&str> = csv.text.split("\r\n").collect();
    assert!(lines[0].starts_with("id,at,relayKeyId,"), "{}", lines[0]);
    assert_eq!((lines.len(), lines[452]), (453, ""));
    for (line, id) in lines[1..452].iter().zip(&newest_first) {
        assert!(
            line.starts_with(&format!("\"{id}\",\"2023-11-14T22:13:20.")),
            "{line}"
        );
        assert!(line.contains(",\"m \"\"x\"\", y\","), "{line}");
    }
    assert!(
        lines[1].contains(",\"'=cmd|' /C calc'!A0\","),
        "{}",
        lines[1]
    );

    let lines = export(&tenant, "?format=ndjson&user=ada").await;
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let told: Vec<Value> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|row| row["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(told, newest_first[1..]);

    assert_eq!(export(&other, "?format=ndjson").await.text, "");
    assert_eq!(export(&other, "").await.text.lines().count(), 1);
}

async fn a_filter_that_cannot_be_is_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.clock.advance(Duration::from_secs(1));
    for (query, field) in [
        ("from=now", "from"),
        ("to=1700000000", "to"),
        ("status=teapot", "status"),
        ("status=9xx", "status"),
        ("id=%25", "id"),
        ("user=a%00b", "user"),
        ("provder=openai", "query"),
    ] {
        for route in ["/v1/requests", "/v1/requests/export"] {
            let path = format!("{route}?{query}");
            app.assert_refused_for(&tenant.key, &path, field).await;
        }
    }
    let path = "/v1/requests/export?format=xlsx";
    app.assert_refused_for(&tenant.key, path, "format").await;
}

async fn a_tail_goes_on_from_the_last_it_saw(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let mut all = six(app, &tenant).await;
    all.reverse();
    let oldest_first = ids(app, &tenant, &format!("newer={}", all[1])).await;
    assert_eq!(oldest_first, all[2..]);
    assert_eq!(
        ids(app, &tenant, &format!("newer={}", all[5])).await,
        all[6..]
    );
    let failed = ids(app, &tenant, &format!("newer={}&status=error", all[1])).await;
    assert_eq!(failed, all[2..5]);
    let path = format!("/v1/requests?limit=2&newer={}", all[0]);
    let page = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
    let page = page.json();
    assert_eq!(page["data"][1]["id"], all[2].as_str());
    assert_eq!(page["nextCursor"], Value::Null, "the last row goes on");
    for path in [
        "/v1/requests?newer=x".to_owned(),
        format!("/v1/requests?newer={}&cursor={}", all[0], all[1]),
        format!("/v1/requests/export?newer={}", all[0]),
    ] {
        let reply = app.call(Method::GET, &path, &tenant.key, Value::Null).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request"),
            "{path}"
        );
    }
}
