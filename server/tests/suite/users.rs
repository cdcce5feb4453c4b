//! `/v1/users`: end users and what they have connected.

use std::time::Duration;

use relay_api::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    users_are_found_by_the_beginning_of_their_label,
    a_user_shows_what_was_used_this_month,
    a_user_is_there_once_connected_and_shows_what_it_has,
    lists_come_in_pages_newest_first,
    a_page_that_cannot_be_is_refused_by_name,
    a_put_creates_once_and_replaces_after,
    a_removed_credential_is_refused_at_once,
    a_removed_user_is_gone_with_all_it_had,
    what_is_not_there_is_not_found,
    a_label_that_no_user_can_have_is_not_found,
    a_base_url_out_of_reach_is_refused_without_a_connection,
    a_base_url_that_is_none_is_refused_by_name,
    a_base_url_of_its_own_is_used_and_shown,
    managing_users_needs_the_scope_manage,
);

async fn get(app: &TestApp, tenant: &Tenant, path: &str) -> Reply {
    app.call(Method::GET, path, &tenant.key, Value::Null).await
}

async fn delete(app: &TestApp, tenant: &Tenant, path: &str) -> Reply {
    app.call(Method::DELETE, path, &tenant.key, Value::Null)
        .await
}

async fn put(app: &TestApp, tenant: &Tenant, path: &str, body: Value) -> Reply {
    app.call(Method::PUT, path, &tenant.key, body).await
}

fn labels(page: &Value) -> Vec<&str> {
    let users = page["data"].as_array().expect("a list");
    users
        .iter()
        .map(|user| user["label"].as_str().expect("a label"))
        .collect()
}

async fn a_user_is_there_once_connected_and_shows_what_it_has(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    assert_eq!(
        get(app, &tenant, "/v1/users").await.json(),
        json!({ "data": [] })
    );
    let key = app.connect(&tenant, "ada", "openai").await;
    app.clock.advance(Duration::from_mins(1));
    app.connect(&tenant, "ada", "google").await;
    let user = get(app, &tenant, "/v1/users/ada").await.json();
    assert_eq!(user["label"], "ada");
    assert_eq!(user["createdAt"], "2023-11-14T22:13:20.000Z");
    let credentials = user["credentials"].as_array().expect("a list");
    let providers: Vec<_> = credentials.iter().map(|one| &one["provider"]).collect();
    assert_eq!(providers, ["google", "openai"]);
    assert_eq!(credentials[1]["last4"], &key[key.len() - 4..]);
    assert_eq!(credentials[0]["connectedAt"], "2023-11-14T22:14:20.000Z");
    assert_eq!(credentials[0]["name"], "default");
    // The same, whichever way it is asked for. That no list holds a key, `Reply` checks.
    let listed = get(app, &tenant, "/v1/users").await.json();
    assert_eq!(listed["data"][0], user);
    let listed = get(app, &tenant, "/v1/users/ada/credentials").await.json();
    assert_eq!(listed["data"], user["credentials"]);
}

async fn lists_come_in_pages_newest_first(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for label in ["u1", "u2", "u3", "u4", "u5"] {
        app.connect(&tenant, label, "openai").await;
    }
    app.connect(&tenant, "u4", "anthropic").await;
    let mut path = "/v1/users?limit=2".to_owned();
    let mut pages = Vec::new();
    loop {
        let page = get(app, &tenant, &path).await.json();
        pages.push(page.clone());
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        path = format!("/v1/users?limit=2&cursor={cursor}");
    }
    let found: Vec<_> = pages.iter().map(labels).collect();
    assert_eq!(found, [vec!["u5", "u4"], vec!["u3", "u2"], vec!["u1"]]);
    let counts: Vec<usize> = pages
        .iter()
        .flat_map(|page| page["data"].as_array().expect("a list"))
        .map(|user| user["credentials"].as_array().expect("a list").len())
        .collect();
    assert_eq!(
        counts,
        [1, 2, 1, 1, 1],
        "each user with its own credentials"
    );
    // A page that ends exactly with the list has no next one.
    let page = get(app, &tenant, "/v1/users?limit=5").await.json();
    assert_eq!(labels(&page).len(), 5);
    assert_eq!(page["nextCursor"], Value::Null);
}

async fn a_page_that_cannot_be_is_refused_by_name(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for limit in ["0", "201", "-1", "two", ""] {
        let reply = get(app, &tenant, &format!("/v1/users?limit={limit}")).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request")
        );
        assert!(reply.text.contains("`limit`"), "{}", reply.text);
    }
    for cursor in ["%00", &"x".repeat(1_025)] {
        let reply = get(app, &tenant, &format!("/v1/users?cursor={cursor}")).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request")
        );
        assert!(reply.text.contains("`cursor`"), "{}", reply.text);
    }
}

async fn a_put_creates_once_and_replaces_after(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let path = "/v1/users/ada/credentials/openai";
    let first = app.provider_key("openai");
    let created = put(app, &tenant, path, json!({ "apiKey": first })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(
        app.chat(&tenant, "ada", "gpt-4o-mini", json!({}))
            .await
            .status,
        200
    );
    let second = app.provider_key("openai");
    let replaced = put(app, &tenant, path, json!({ "apiKey": second })).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    let (created, replaced) = (created.json(), replaced.json());
    assert_ne!(created["fingerprint"], replaced["fingerprint"]);
    assert_eq!(
        app.chat(&tenant, "ada", "gpt-4o-mini", json!({}))
            .await
            .status,
        200
    );
    let last = app.sim.received().pop().expect("the chat call");
    assert_eq!(
        last.header("authorization"),
        Some(format!("Bearer {second}").as_str())
    );
    // The same key again has the same fingerprint.
    let again = put(app, &tenant, path, json!({ "apiKey": second }))
        .await
        .json();
    assert_eq!(again["fingerprint"], replaced["fingerprint"]);
    let refused = json!({ "apiKey": app.unknown_provider_key("openai") });
    let reply = put(app, &tenant, path, refused).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "key_refused"));
    let listed = get(app, &tenant, "/v1/users/ada/credentials").await.json();
    assert_eq!(listed["data"].as_array().expect("a list").len(), 1);
    assert_eq!(listed["data"][0]["last4"], &second[second.len() - 4..]);
}

async fn a_removed_credential_is_refused_at_once(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    app.connect(&tenant, "bob", "openai").await;
    // Warm: the credential is in memory.
    assert_eq!(
        app.chat(&tenant, "ada", "gpt-4o-mini", json!({}))
            .await
            .status,
        200
    );
    let path = "/v1/users/ada/credentials/openai";
    assert_eq!(delete(app, &tenant, path).await.status, 204);
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (424, "user_not_connected")
    );
    assert_eq!(
        app.chat(&tenant, "bob", "gpt-4o-mini", json!({}))
            .await
            .status,
        200
    );
    assert_eq!(delete(app, &tenant, path).await.status, 404);
    let user = get(app, &tenant, "/v1/users/ada").await.json();
    assert_eq!(user["credentials"], json!([]), "the user stays");
}

async fn a_removed_user_is_gone_with_all_it_had(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    assert_eq!(
        app.chat(&tenant, "ada", "gpt-4o-mini", json!({}))
            .await
            .status,
        200
    );
    assert_eq!(delete(app, &tenant, "/v1/users/ada").await.status, 204);
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (424, "user_not_connected")
    );
    assert_eq!(get(app, &tenant, "/v1/users/ada").await.status, 404);
    assert_eq!(delete(app, &tenant, "/v1/users/ada").await.status, 404);
    // The same label may come back, with nothing of before.
    app.connect(&tenant, "ada", "anthropic").await;
    let user = get(app, &tenant, "/v1/users/ada").await.json();
    assert_eq!(user["credentials"].as_array().expect("a list").len(), 1);
    assert_eq!(user["credentials"][0]["provider"], "anthropic");
}

async fn what_is_not_there_is_not_found(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (method, path) in [
        (Method::GET, "/v1/users/nobody"),
        (Method::DELETE, "/v1/users/nobody"),
        (Method::GET, "/v1/users/nobody/credentials"),
        (Method::DELETE, "/v1/users/nobody/credentials/openai"),
    ] {
        let reply = app.call(method, path, &tenant.key, Value::Null).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
    let key = json!({ "apiKey": app.provider_key("openai") });
    let reply = put(app, &tenant, "/v1/users/ada/credentials/closedai", key).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "unknown_provider")
    );
}

async fn a_label_that_no_user_can_have_is_not_found(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let odd = "a%2Fb%20%EA%B0%80%3F";
    let path = format!("/v1/users/{odd}/credentials/openai");
    let body = json!({ "apiKey": app.provider_key("openai") });
    assert_eq!(put(app, &tenant, &path, body.clone()).await.status, 201);
    let user = get(app, &tenant, &format!("/v1/users/{odd}")).await.json();
    assert_eq!(user["label"], "a/b 가?");
    for label in ["a%0Ab", "%20"] {
        let path = format!("/v1/users/{label}/credentials/openai");
        let reply = put(app, &tenant, &path, body.clone()).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request"),
            "{label}"
        );
        for (method, path) in one_user(label) {
            let reply = app.call(method, &path, &tenant.key, Value::Null).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (404, "not_found"),
                "{path}"
            );
        }
    }
    // What is no text, or none that PostgreSQL holds, is refused in Relay's own words.
    for label in ["%00", "a%00b", "%FF"] {
        for (method, path) in one_user(label) {
            let reply = app.call(method, &path, &tenant.key, Value::Null).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (400, "invalid_request"),
                "{path}"
            );
        }
    }
}

fn one_user(label: &str) -> [(Method, String); 4] {
    [
        (Method::GET, format!("/v1/users/{label}")),
        (Method::GET, format!("/v1/users/{label}/credentials")),
        (Method::DELETE, format!("/v1/users/{label}")),
        (
            Method::DELETE,
            format!("/v1/users/{label}/credentials/openai"),
        ),
    ]
}

async fn a_base_url_out_of_reach_is_refused_without_a_connection(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for base_url in [
        "http://169.254.169.254/latest",
        "http://10.0.0.1/v1",
        "https://192.168.1.1/v1",
        "https://[fd00::1]/v1",
        "http://2852039166/",
        "https://[::ffff:169.254.169.254]/v1",
        "http://1.1.1.1/v1",
    ] {
        for path in ["/v1/users/ada/credentials/openai", "/v1/credentials/openai"] {
            let key = app.provider_key("openai");
            let body = json!({ "apiKey": key, "baseUrl": base_url });
            let reply = put(app, &tenant, path, body).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (400, "invalid_request")
            );
            assert!(
                reply.text.contains("`baseUrl`"),
                "{base_url}: {}",
                reply.text
            );
        }
    }
    assert_eq!(
        get(app, &tenant, "/v1/users/ada").await.status,
        404,
        "nothing is stored"
    );
    assert_eq!(
        get(app, &tenant, "/v1/credentials").await.json(),
        json!({ "data": [] })
    );
    assert!(app.sim.received().is_empty(), "nothing was called instead");
}

async fn a_base_url_that_is_none_is_refused_by_name(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for base_url in [
        "llm.example.com/v1",
        "ftp://llm.example.com",
        "file:///etc/passwd",
        "https://user:password@llm.example.com/v1",
        "https://llm.example.com/v1?key=abc",
        "https://llm.example.com/v1#part",
        "",
    ] {
        let body = json!({ "apiKey": app.provider_key("openai"), "baseUrl": base_url });
        let reply = put(app, &tenant, "/v1/users/ada/credentials/openai", body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_request")
        );
        assert!(
            reply.text.contains("`baseUrl`"),
            "{base_url}: {}",
            reply.text
        );
        assert!(!reply.text.contains("password@"), "{}", reply.text);
    }
}

async fn a_base_url_of_its_own_is_used_and_shown(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    // The operator of these tests allows loopback; the simulated provider answers there.
    let base_url = app.sim.openai_url().replace("127.0.0.1", "localhost");
    let body = json!({ "apiKey": app.provider_key("openai"), "baseUrl": base_url });
    let reply = put(app, &tenant, "/v1/users/ada/credentials/openai", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.json()["baseUrl"], base_url.as_str());
    assert_eq!(
        app.chat(&tenant, "ada", "gpt-4o-mini", json!({}))
            .await
            .status,
        200
    );
    let last = app.sim.received().pop().expect("the chat call");
    assert!(
        last.header("host")
            .is_some_and(|host| host.starts_with("localhost:"))
    );
}

async fn managing_users_needs_the_scope_manage(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app
        .relay_key(&tenant.id, &[Scope::Inference, Scope::Tokens])
        .await;
    let reply = app.call(Method::GET, "/v1/users", &key, Value::Null).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "missing_scope")
    );
    assert!(reply.text.contains("`manage`"), "{}", reply.text);
    let manage = app.relay_key(&tenant.id, &[Scope::Manage]).await;
    let reply = app
        .call(Method::GET, "/v1/users", &manage, Value::Null)
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn users_are_found_by_the_beginning_of_their_label(app: &TestApp) {
    let (tenant, other) = (app.tenant("acme").await, app.tenant("other").await);
    for label in [
        "team-1/ada",
        "team-1/bob",
        "Team-1/cy",
        "team-10",
        "team_1",
        "t%am",
        "team-1",
        "\u{e9}a",
    ] {
        app.plant(&tenant, label, "openai", None).await;
    }
    app.plant(&other, "team-1/other", "openai", None).await;
    let find = async |query: &str| {
        let page = get(app, &tenant, &format!("/v1/users?{query}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.text);
        let page = page.json();
        let found: Vec<_> = labels(&page).into_iter().map(str::to_owned).collect();
        (found, page["nextCursor"].as_str().map(str::to_owned))
    };
    let found = find("q=team-1").await;
    let all = ["team-1", "team-1/ada", "team-1/bob", "team-10"];
    assert_eq!(found, (all.map(str::to_owned).to_vec(), None));
    assert_eq!(find("q=t%25").await.0, ["t%am"], "a sign is a sign");
    assert_eq!(find("q=team_").await.0, ["team_1"]);
    assert_eq!(find("q=%C3%A9").await.0, ["\u{e9}a"]);
    assert_eq!(find("q=zoe").await.0, Vec::<String>::new());
    let mut seen = Vec::new();
    let mut query = "q=team-1&limit=3".to_owned();
    loop {
        let (some, next) = find(&query).await;
        seen.extend(some);
        let Some(next) = next else { break };
        query = format!("q=team-1&limit=3&cursor={next}");
    }
    assert_eq!(seen, all);
    let page = get(app, &tenant, "/v1/users?q=team-1%2F").await.json();
    for user in page["data"].as_array().expect("a list") {
        assert_eq!(user["credentials"].as_array().map(Vec::len), Some(1));
    }
    for query in ["q=a&q=b", "question=a", "q=%00"] {
        let reply = get(app, &tenant, &format!("/v1/users?{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
    }
}

async fn a_user_shows_what_was_used_this_month(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for label in ["ada", "bob"] {
        app.connect(&tenant, label, "openai").await;
    }
    for _ in 0..2 {
        let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    app.service.meter.flush().await;
    let ada = get(app, &tenant, "/v1/users/ada").await.json();
    assert_eq!(
        (&ada["usage"]["requests"], &ada["usage"]["failed"]),
        (&json!(2), &json!(0))
    );
    assert!(ada["usage"]["tokens"].as_u64() > Some(0), "{ada}");
    assert!(ada["usage"]["costNanodollars"].as_u64() > Some(0), "{ada}");
    let nothing = json!({ "requests": 0, "failed": 0, "tokens": 0, "costNanodollars": 0 });
    let listed = get(app, &tenant, "/v1/users").await.json();
    assert_eq!(listed["data"][1]["usage"], ada["usage"]);
    assert_eq!(listed["data"][0]["usage"], nothing);
    let used = get(app, &tenant, "/v1/users/ada/usage?grain=hour")
        .await
        .json();
    assert_eq!(used["total"]["requests"], 2);
    assert_eq!(used["points"].as_array().map(Vec::len), Some(1));
    assert_eq!(used["points"][0]["value"], "ada");
    let whole = get(app, &tenant, "/v1/usage").await.json();
    assert_eq!(
        used["total"]["costNanodollars"],
        whole["total"]["costNanodollars"]
    );
    let nobody = get(app, &tenant, "/v1/users/zoe/usage").await.json();
    assert_eq!(nobody["total"]["requests"], 0);
    let reply = get(app, &tenant, "/v1/users/ada/usage?by=key").await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    // The next month begins with nothing; it is November in these tests.
    app.clock.advance(std::time::Duration::from_hours(20 * 24));
    let ada = get(app, &tenant, "/v1/users/ada").await.json();
    assert_eq!(ada["usage"], nothing);
}
