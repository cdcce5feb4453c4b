//! Amazon Bedrock: an API key, or requests that access keys sign.

use std::time::Duration;

use relay_provider_sim::{Provider, Received, Reply as Script};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{CANARY, Reply, Signed, Tenant, TestApp};

on_each_database!(with crate::support::simulate_clouds;
    access_keys_serve_clients_of_every_dialect,
    an_api_key_goes_as_the_bearer,
    access_keys_sign_each_call_whole_and_streamed,
    a_session_token_goes_with_the_signature,
    the_region_is_signed_for,
    a_signature_is_made_anew_for_each_moment,
    wrong_keys_are_refused_at_once_and_later,
    a_key_that_may_not_be_checked_is_limited,
    what_are_no_access_keys_is_refused_without_an_echo,
    errors_come_in_the_callers_shape,
);

const MODEL: &str = "bedrock:anthropic.claude-sonnet-4-5-20250929-v1:0";
const PATH: &str = "/bedrock/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0";
const ACCESS_KEY: &str = "AKIASIMULATED00KEEN1";
const CREDENTIAL: &str = "/v1/users/u/credentials/bedrock";

/// AWS's secret, a canary.
fn secret() -> String {
    format!("{CANARY}/K7MDENG+bPxRfiCYKEY1234")
}

fn access_keys() -> Value {
    json!({ "accessKeyId": ACCESS_KEY, "secretAccessKey": secret() })
}

impl TestApp {
    async fn put_bedrock(&self, tenant: &Tenant, key: &str) -> Reply {
        let body = json!({ "apiKey": key });
        self.call(Method::PUT, CREDENTIAL, &tenant.key, body).await
    }

    /// Connects access keys for the user `u`.
    async fn connect_bedrock(&self, tenant: &Tenant, keys: &Value) {
        self.sim.allow_key("bedrock", ACCESS_KEY);
        let put = self.put_bedrock(tenant, &keys.to_string()).await;
        assert!(put.status < 300, "{}", put.text);
        assert_eq!(put.json()["last4"], "EEN1", "of the access key's id");
    }

    /// What Bedrock received, each as its signature says; all are signed by the secret.
    fn signed(&self) -> Vec<(Received, Signed)> {
        let received = self.sim.received().into_iter();
        received
            .map(|request| {
                let signed = Signed::of(&request);
                assert!(signed.is_by(&secret(), &request), "{request:?}");
                assert!(!signed.is_by("another", &request));
                (request, signed)
            })
            .collect()
    }
}

async fn an_api_key_goes_as_the_bearer(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.provider_key("bedrock");
    let put = app.put_bedrock(&tenant, &key).await;
    assert_eq!(put.status, 201, "{}", put.text);
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let received = app.sim.received();
    assert_eq!(received[0].path, "/bedrock/async-invoke");
    assert_eq!(received[1].path, format!("{PATH}/converse"));
    for request in received {
        let bearer = format!("Bearer {key}");
        assert_eq!(request.header("authorization"), Some(bearer.as_str()));
        assert_eq!(request.header("x-amz-date"), None);
    }
}

async fn access_keys_sign_each_call_whole_and_streamed(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_bedrock(&tenant, &access_keys()).await;
    let whole = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(whole.status, 200, "{}", whole.text);
    let answer = whole.json();
    assert_eq!(answer["choices"][0]["message"]["content"], "You said: hi");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["model"], &MODEL["bedrock:".len()..]);
    let usage = json!({ "stream_options": { "include_usage": true } });
    let stream = app.stream(&tenant, "u", MODEL, usage).await;
    let streamed = stream.whole().await;
    assert!(streamed.is_done(), "{}", streamed.text);
    assert_eq!(streamed.streamed_text(), "You said: hi");
    let row = app.last_of(&tenant, 2).await;
    assert!(row.input_tokens.is_some() && row.output_tokens.is_some());
    let signed = app.signed();
    for ((request, signature), (method, path, accept)) in signed.iter().zip([
        (
            "GET",
            "/bedrock/async-invoke".to_owned(),
            "application/json",
        ),
        ("POST", format!("{PATH}/converse"), "application/json"),
        (
            "POST",
            format!("{PATH}/converse-stream"),
            "application/vnd.amazon.eventstream",
        ),
    ]) {
        assert_eq!((request.method.as_str(), &request.path), (method, &path));
        assert_eq!(request.header("accept"), Some(accept));
        assert_eq!(request.header("x-amz-date"), Some("20231114T221320Z"));
        assert_eq!(request.header("x-amz-security-token"), None);
        assert_eq!(signature.access_key_id, ACCESS_KEY);
        assert_eq!(signature.service, "bedrock");
        assert_eq!(signature.region, "us-east-1");
    }
    assert_eq!(signed.len(), 3);
}

async fn a_session_token_goes_with_the_signature(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let token = format!("IQoJb3JpZ2luX2Vj{CANARY}//////////");
    // As `aws sts` writes them.
    let keys = json!({
        "AccessKeyId": ACCESS_KEY, "SecretAccessKey": secret(), "SessionToken": token,
        "Expiration": "2023-11-14T23:13:20Z",
    });
    app.connect_bedrock(&tenant, &keys).await;
    let echo = format!("{{\"message\":\"the token {token} is odd\"}}");
    app.sim
        .script("bedrock", Script::raw(400, echo).on("converse"));
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert!(reply.text.contains("is odd"), "{}", reply.text);
    for (request, signature) in app.signed() {
        assert_eq!(request.header("x-amz-security-token"), Some(token.as_str()));
        assert!(
            signature
                .headers
                .contains(&"x-amz-security-token".to_owned())
        );
    }
}

async fn the_region_is_signed_for(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let mut keys = access_keys();
    keys["region"] = json!("eu-central-1");
    app.connect_bedrock(&tenant, &keys).await;
    app.chat(&tenant, "u", MODEL, json!({})).await;
    for (_, signature) in app.signed() {
        assert_eq!(signature.region, "eu-central-1");
    }
}

async fn a_signature_is_made_anew_for_each_moment(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_bedrock(&tenant, &access_keys()).await;
    app.clock.advance(Duration::from_hours(2));
    app.chat(&tenant, "u", MODEL, json!({})).await;
    let signed = app.signed();
    let (last, _) = signed.last().expect("a call");
    assert_eq!(last.header("x-amz-date"), Some("20231115T001320Z"));
}

async fn wrong_keys_are_refused_at_once_and_later(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for wrong in [
        app.unknown_provider_key("bedrock"),
        access_keys().to_string(),
    ] {
        let put = app.put_bedrock(&tenant, &wrong).await;
        let answered = (put.status, put.code());
        assert_eq!(answered, (422, "key_refused".to_owned()), "{}", put.text);
    }
    app.connect_bedrock(&tenant, &access_keys()).await;
    app.sim.refuse_key("bedrock", ACCESS_KEY);
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 424, "{}", reply.text);
    assert_eq!(reply.code(), "user_key_rejected");
    let status = app.credential_status(&tenant, "u", "bedrock").await;
    assert_eq!(status, "broken");
}

async fn a_key_that_may_not_be_checked_is_limited(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let message = "User: arn:aws:iam::1:user/u is not authorized to perform: \
                   bedrock:ListAsyncInvokes";
    let script = Script::raw(403, json!({ "message": message }).to_string())
        .header(
            "x-amzn-errortype",
            "AccessDeniedException:http://internal.amazon.com/coral/",
        )
        .on("async-invoke");
    app.sim.script("bedrock", script);
    app.connect_bedrock(&tenant, &access_keys()).await;
    let status = app.credential_status(&tenant, "u", "bedrock").await;
    assert_eq!(status, "limited");
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn what_are_no_access_keys_is_refused_without_an_echo(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let with = |field: &str, value: Value| {
        let mut keys = access_keys();
        keys[field] = value;
        keys.to_string()
    };
    for (text, fault) in [
        (
            format!("{{\"accessKeyId\": \"{CANARY}\""),
            "must be an API key, or JSON",
        ),
        (
            with("secretAccessKey", Value::Null),
            "must be an API key, or JSON",
        ),
        (with("accessKeyId", json!("A/../B")), "`accessKeyId`"),
        (with("region", json!("evil.example/#")), "`region`"),
    ] {
        let put = app.put_bedrock(&tenant, &text).await;
        assert_eq!(put.status, 400, "{fault}: {}", put.text);
        assert_eq!(put.code(), "invalid_request");
        assert!(put.text.contains(fault), "{fault}: {}", put.text);
    }
    assert!(app.sim.received().is_empty());
}

async fn errors_come_in_the_callers_shape(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_bedrock(&tenant, &access_keys()).await;
    let busy = Script::raw(429, "{\"message\":\"Too many requests\"}")
        .header("x-amzn-errortype", "ThrottlingException");
    app.sim.script("bedrock", busy);
    let reply = app.chat(&tenant, "u", MODEL, json!({})).await;
    assert_eq!(reply.status, 429, "{}", reply.text);
    assert_eq!(reply.code(), "ThrottlingException");
    let whole = app.sim.url(Provider::Bedrock);
    assert!(!reply.text.contains(&whole), "{}", reply.text);
}

async fn access_keys_serve_clients_of_every_dialect(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect_bedrock(&tenant, &access_keys()).await;
    app.assert_every_client_is_answered(&tenant, MODEL).await;
}
