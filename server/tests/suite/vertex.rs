//! Vertex AI: a service account's key file, exchanged for access tokens.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use relay_provider_sim::{Provider, Received, Reply as Script};
use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::{ACCOUNT, CANARY, EPOCH, PUBLIC_KEY, Reply, Tenant, TestApp, service_account};

on_each_database!(with crate::support::simulate_clouds;
    a_key_file_serves_clients_of_every_dialect,
    a_key_file_opens_gemini_whole_and_streamed,
    the_assertion_is_the_accounts_own_and_goes_where_the_row_says,
    a_token_is_fetched_once_for_all_calls_of_its_hour,
    a_token_that_was_taken_back_is_replaced_within_the_call,
    an_account_that_is_gone_is_a_broken_key,
    a_failed_exchange_breaks_nothing,
    what_is_no_key_file_is_refused_without_an_echo,
    the_location_is_the_key_files_or_the_base_urls,
    embeddings_are_refused,
);

const MODEL: &str = "vertex:gemini-2.5-flash";
const CREDENTIAL: &str = "/v1/users/u/credentials/vertex";

impl TestApp {
    /// Connects a key file for the user `u`.
    async fn put_vertex(&self, tenant: &Tenant, file: &Value, base_url: Option<&str>) -> Reply {
        self.sim.allow_key("vertex", ACCOUNT);
        let mut body = json!({ "apiKey": file.to_string() });
        if let Some(base_url) = base_url {
            body["baseUrl"] = json!(base_url);
        }
        self.call(Method::PUT, CREDENTIAL, &tenant.key, body).await
    }

    async fn connect_vertex(&self, tenant: &Tenant) {
        let put = self.put_vertex(tenant, &service_account(), None).await;
        assert_eq!(put.status, 201, "{}", put.text);
        self.sim.clear_received();
    }

    /// What Vertex received at its exchange for tokens.
    fn exchanges(&self) -> Vec<Received> {
        let received = self.sim.received().into_iter();
        let exchange = |call: &Received| call.path == "/vertex/token";
        received.filter(exchange).collect()
    }

    /// Vertex gives these tokens next, and takes them.
    fn grant(&self, token: &str) {
        self.sim.allow_key("vertex", token);
        let granted = json!({ "access_token": token, "expires_in": 3599, "token_type": "Bearer" });
        let script = Script::raw(200, granted.to_string()).on("/token");
        self.sim.script("vertex", script);
    }
}

async fn a_key_file_opens_gemini_whole_and_streamed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let put = app.put_vertex(&tenant, &service_account(), None).await;
    assert_eq!(put.status, 201, "{}", put.text);
    assert_eq!(put.json()["last4"], "beef", "of the key's id");
    app.sim.clear_received();
    let token = format!("ya29.{CANARY}");
    app.grant(&token);
    let whole = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(whole.status, 200, "{}", whole.text);
    let said = &whole.json()["choices"][0]["message"]["content"];
    assert_eq!(*said, "You said: hi");
    let stream = app.stream(&tenant, "u", MODEL, json!({})).await;
    let streamed = stream.whole().await;
    assert!(streamed.is_done(), "{}", streamed.text);
    assert_eq!(streamed.streamed_text(), "You said: hi");
    let received = app.sim.received();
    assert_eq!(received.len(), 3, "an exchange and two calls");
    let models = "/vertex/v1/projects/my-project/locations/global/publishers/google/models";
    let paths = [
        format!("{models}/gemini-2.5-flash:generateContent"),
        format!("{models}/gemini-2.5-flash:streamGenerateContent"),
    ];
    for (call, path) in received[1..].iter().zip(paths) {
        assert_eq!(call.path, path);
        let bearer = format!("Bearer {token}");
        assert_eq!(call.header("authorization"), Some(bearer.as_str()));
        assert_eq!(call.header("x-goog-api-key"), None);
    }
}

async fn the_assertion_is_the_accounts_own_and_goes_where_the_row_says(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let mut file = service_account();
    // Whoever brings a key file may have written anything here.
    file["token_uri"] = json!(format!("{}/steal", app.sim.openai_url()));
    let put = app.put_vertex(&tenant, &file, None).await;
    assert_eq!(put.status, 201, "{}", put.text);
    let received = app.sim.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].path, "/vertex/token");
    let form: Vec<(String, String)> = form_urlencoded::parse(&received[0].body)
        .into_owned()
        .collect();
    assert_eq!(form[0].1, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let mut validation = Validation::new(Algorithm::RS256);
    let audience = format!("{}/token", app.sim.url(Provider::Vertex));
    validation.set_audience(&[&audience]);
    validation.set_issuer(&[ACCOUNT]);
    // The tests' clock stands in the past.
    validation.validate_exp = false;
    let key = DecodingKey::from_rsa_pem(PUBLIC_KEY).expect("a key");
    let signed = jsonwebtoken::decode::<Value>(&form[1].1, &key, &validation);
    let signed = signed.expect("signed by the account's key");
    assert_eq!(
        signed.header.kid.as_deref(),
        file["private_key_id"].as_str()
    );
    let scope = "https://www.googleapis.com/auth/cloud-platform";
    assert_eq!(signed.claims["scope"], scope);
    assert_eq!(signed.claims["iat"], EPOCH / 1_000);
    assert_eq!(signed.claims["exp"], EPOCH / 1_000 + 3_600);
}

async fn a_token_is_fetched_once_for_all_calls_of_its_hour(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_vertex(&tenant).await;
    let (script, hold) = Script::usual().on("/token").hold();
    app.sim.script("vertex", script);
    let calls =
        futures_util::future::join_all((0..8).map(|_| app.chat(&tenant, "u", MODEL, json!({}))));
    let released = async {
        app.sim.wait_for_requests(1).await;
        hold.release();
    };
    let (replies, ()) = tokio::join!(calls, released);
    for reply in replies {
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    assert_eq!(app.exchanges().len(), 1, "eight calls at once");
    app.clock.advance(Duration::from_mins(58));
    app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(app.exchanges().len(), 1, "within its hour");
    app.clock.advance(Duration::from_mins(1));
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(app.exchanges().len(), 2, "shortly before its end");
    let again = app.put_vertex(&tenant, &service_account(), None).await;
    assert_eq!(again.status, 200, "{}", again.text);
    app.sim.clear_received();
    app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(app.exchanges().len(), 1, "a replaced key has its own");
}

async fn a_token_that_was_taken_back_is_replaced_within_the_call(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_vertex(&tenant).await;
    app.grant("ya29.first");
    app.chat(&tenant, "u", MODEL, json!({})).await;
    app.sim.refuse_key("vertex", "ya29.first");
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(app.exchanges().len(), 2);
    assert_eq!(
        app.credential_status(&tenant, "u", "vertex").await,
        "active"
    );
}

async fn an_account_that_is_gone_is_a_broken_key(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_vertex(&tenant).await;
    app.sim.refuse_key("vertex", ACCOUNT);
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 424, "{}", reply.text);
    assert_eq!(reply.code(), "user_key_rejected");
    assert_eq!(
        app.credential_status(&tenant, "u", "vertex").await,
        "broken"
    );
    let body = json!({ "apiKey": service_account().to_string() });
    let put = app.call(Method::PUT, CREDENTIAL, &tenant.key, body).await;
    assert_eq!((put.status, put.code().as_str()), (422, "key_refused"));
}

async fn a_failed_exchange_breaks_nothing(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_vertex(&tenant).await;
    for script in [
        Script::error(503, "try later"),
        Script::raw(400, "{\"error\":\"invalid_scope\"}"),
        Script::raw(200, "{\"no\":\"token\"}"),
        Script::raw(302, "").header("location", "https://elsewhere.example/"),
    ] {
        app.sim.script("vertex", script.on("/token"));
        let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
        assert_eq!(reply.status, 502, "{}", reply.text);
        assert_eq!(reply.code(), "upstream_unreachable");
    }
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn what_is_no_key_file_is_refused_without_an_echo(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let with = |field: &str, value: Value| {
        let mut file = service_account();
        file[field] = value;
        file.to_string()
    };
    for (text, fault) in [
        (
            format!("AIza{CANARY}"),
            "must be a service account's key file",
        ),
        (
            format!("{{\"type\": \"{CANARY}\""),
            "must be a service account's key file",
        ),
        (
            with("private_key", Value::Null),
            "must be a service account's key file",
        ),
        (with("type", json!("authorized_user")), "`type`"),
        (with("project_id", json!("../../x")), "`project_id`"),
        (with("location", json!("evil.example/")), "`location`"),
        (with("private_key", json!(CANARY)), "`private_key`"),
    ] {
        let body = json!({ "apiKey": text });
        let put = app.call(Method::PUT, CREDENTIAL, &tenant.key, body).await;
        assert_eq!(put.status, 400, "{fault}: {}", put.text);
        assert_eq!(put.code(), "invalid_request");
        assert!(put.text.contains("`apiKey`"), "{}", put.text);
        assert!(put.text.contains(fault), "{fault}: {}", put.text);
    }
    assert!(app.sim.received().is_empty());
}

async fn the_location_is_the_key_files_or_the_base_urls(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let sim = app.sim.url(Provider::Vertex);
    let mut located = service_account();
    located["location"] = json!("europe-west4");
    let whole = format!("{sim}/v1beta1/projects/p/locations/l/publishers/google");
    let project = "/vertex/v1/projects/my-project/locations";
    for (file, base_url, place) in [
        (
            &located,
            None,
            format!("{project}/europe-west4/publishers/google"),
        ),
        (
            &located,
            Some(format!("{sim}/v1")),
            format!("{project}/europe-west4/publishers/google"),
        ),
        (
            &located,
            Some(whole),
            "/vertex/v1beta1/projects/p/locations/l/publishers/google".to_owned(),
        ),
    ] {
        let put = app.put_vertex(&tenant, file, base_url.as_deref()).await;
        assert!(put.status < 300, "{}", put.text);
        let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let received = app.sim.received();
        let path = format!("{place}/models/gemini-2.5-flash:generateContent");
        assert_eq!(received.last().expect("a call").path, path);
    }
}

async fn embeddings_are_refused(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_vertex(&tenant).await;
    let request = app
        .request(Method::POST, "/v1/embeddings")
        .bearer_auth(&tenant.key)
        .header("X-Relay-User", "u")
        .json(&json!({ "model": "vertex:gemini-embedding-001", "input": "hi" }));
    let reply = Reply::of(request).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert_eq!(reply.code(), "embeddings_unsupported");
}

async fn a_key_file_serves_clients_of_every_dialect(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_vertex(&tenant).await;
    app.assert_every_client_is_answered(&tenant, MODEL).await;
}
