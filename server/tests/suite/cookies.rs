//! What the session's cookie may do, from where, and how it is set.

use relay_server::config::Config;
use reqwest::Method;
use serde_json::json;

use crate::console::{PASSWORD, cookie, form, from_page, link, me, owner, set_up};
use crate::support::{Kind, Reply, TestApp};

on_each_database!(
    a_cookie_borne_change_from_elsewhere_is_refused,
    another_site_cannot_sign_a_browser_in,
    over_http_the_cookie_is_for_this_host_alone,
);

async fn a_cookie_borne_change_from_elsewhere_is_refused(app: &TestApp) {
    let (_, cookie) = owner(app, "acme").await;
    let own = format!("http://{}", app.address);
    let foreign: [&[(&str, &str)]; 7] = [
        &[],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "none")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
        // What a browser says of the site outweighs an origin that looks right.
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", &own)],
    ];
    let body = json!({ "name": "stolen", "endUserLabel": "ada", "apiKey": "sk-x" });
    for headers in foreign {
        for (method, path) in [
            (Method::POST, "/v1/relay-keys"),
            (Method::POST, "/v1/registration-tokens"),
            (Method::PUT, "/v1/credentials/openai"),
            (Method::DELETE, "/v1/users/ada"),
            (Method::DELETE, "/api/session"),
        ] {
            let mut request = app
                .request(method, path)
                .header("Cookie", &cookie)
                .json(&body);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let reply = Reply::of(request).await;
            let refused = (reply.status, reply.code());
            assert_eq!(
                refused,
                (403, "cross_site".to_owned()),
                "{path} with {headers:?}"
            );
        }
    }
    assert_eq!(me(app, &cookie).await.status, 200, "still signed in");
    let request = from_page(app, Method::GET, "/v1/relay-keys", &cookie);
    assert_eq!(
        Reply::of(request).await.json()["data"],
        json!([]),
        "nothing was made"
    );
    // An older browser on a plain origin sends `Origin` alone.
    let request = app
        .request(Method::POST, "/v1/relay-keys")
        .header("Cookie", &cookie)
        .header("Origin", &own)
        .json(&json!({ "name": "mine" }));
    assert_eq!(Reply::of(request).await.status, 201);
}

async fn another_site_cannot_sign_a_browser_in(app: &TestApp) {
    let token = link(app).await;
    let mut setup = form("acme");
    setup["setupToken"] = json!(token);
    let sign_in = json!({ "email": "ada@example.com", "password": PASSWORD });
    for (header, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Origin", "https://evil.example"),
    ] {
        for (path, body) in [("/api/setup", &setup), ("/api/session", &sign_in)] {
            let request = app.request(Method::POST, path).header(header, value);
            let reply = Reply::of(request.json(body)).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (403, "cross_site"),
                "{path}"
            );
            assert_eq!(reply.header("set-cookie"), None);
        }
    }
    assert_eq!(
        app.get("/api/setup").await.json(),
        json!({ "needed": true })
    );
}

async fn over_http_the_cookie_is_for_this_host_alone(app: &TestApp) {
    let reply = set_up(app, &link(app).await, form("acme")).await;
    let set = reply.header("set-cookie").expect("a cookie");
    assert!(set.starts_with("relay_session="), "{set}");
    for part in [
        "; HttpOnly",
        "; SameSite=Lax",
        "; Path=/",
        "; Max-Age=1209600",
    ] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("Secure") && !set.contains("Domain"), "{set}");
    assert_eq!(reply.header("strict-transport-security"), None);
}

mod over_https_the_cookie_is_bound_to_host_and_tls {
    use super::{Kind, TestApp, behind_tls};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        let app = TestApp::start_with(Kind::Sqlite, behind_tls).await;
        super::over_https(&app).await;
        app.finish().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        let app = TestApp::start_with(Kind::Postgres, behind_tls).await;
        super::over_https(&app).await;
        app.finish().await;
    }
}

fn behind_tls(config: &mut Config) {
    "https://relay.example.com".clone_into(&mut config.public_url);
}

async fn over_https(app: &TestApp) {
    let reply = set_up(app, &link(app).await, form("acme")).await;
    let set = reply.header("set-cookie").expect("a cookie");
    assert!(set.starts_with("__Host-relay_session="), "{set}");
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Secure"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    assert!(reply.header("strict-transport-security").is_some());
    let cookie = cookie(&reply);
    assert_eq!(me(app, &cookie).await.status, 200);
    // A cookie that a page of a sibling domain can plant is not looked at.
    let planted = cookie.replace("__Host-", "");
    assert_eq!(me(app, &planted).await.status, 401);
}
