//! `POST /v1/embeddings`

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use relay_provider_sim::Reply as Script;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Tenant, TestApp};

on_each_database!(
    openais_embeddings_pass_untouched,
    gemini_embeds_many_texts_at_once,
    base64_holds_the_same_numbers,
    token_ids_belong_to_openai_alone,
    a_provider_without_embeddings_says_so,
    an_embedding_that_fails_is_an_error_in_openais_shape,
    embeddings_are_recorded_with_their_tokens,
);

async fn embed(app: &TestApp, tenant: &Tenant, body: Value) -> Reply {
    raw(app, tenant, "/v1/embeddings", body.to_string()).await
}

async fn raw(app: &TestApp, tenant: &Tenant, path: &str, body: String) -> Reply {
    let request = app
        .request(Method::POST, path)
        .bearer_auth(&tenant.key)
        .header("X-Relay-User", "u")
        .header("Content-Type", "application/json")
        .body(body);
    Reply::of(request).await
}

fn numbers(embedding: &Value) -> Vec<f64> {
    let listed = embedding.as_array().expect("numbers");
    listed
        .iter()
        .map(|x| x.as_f64().expect("a number"))
        .collect()
}

async fn openais_embeddings_pass_untouched(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.connect(&tenant, "u", "openai").await;
    let body = |model: &str| {
        format!(" {{\"input\" : [\"a\",\"b\"],\n\"model\":\"{model}\",\"new\":1.50 }} ")
    };
    for (path, asked) in [
        ("/v1/embeddings", "text-embedding-3-small"),
        ("/openai/v1/embeddings", "text-embedding-3-small"),
        ("/v1/embeddings", "openai/text-embedding-3-small"),
    ] {
        app.sim.clear_received();
        let answer =
            "{\"data\" :[ ],\"new\":1.0,\"usage\":{\"prompt_tokens\":2,\"total_tokens\":2}}\n";
        app.sim.script("openai", Script::raw(200, answer));
        let reply = raw(app, &tenant, path, body(asked)).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, answer));
        let received = app.sim.received();
        assert_eq!(received[0].body, body("text-embedding-3-small"));
        assert_eq!(received[0].path, "/openai/v1/embeddings");
        let bearer = format!("Bearer {key}");
        assert_eq!(received[0].header("authorization"), Some(bearer.as_str()));
    }
}

async fn gemini_embeds_many_texts_at_once(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let key = app.connect(&tenant, "u", "google").await;
    app.sim.clear_received();
    let body = json!({
        "model": "gemini-embedding-001", "input": ["one two", "three"], "dimensions": 8,
    });
    let reply = embed(app, &tenant, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let answer = reply.json();
    assert_eq!(answer["object"], "list");
    assert_eq!(answer["model"], "gemini-embedding-001");
    for index in 0..2 {
        assert_eq!(answer["data"][index]["index"], index);
        assert_eq!(answer["data"][index]["object"], "embedding");
        assert_eq!(numbers(&answer["data"][index]["embedding"]).len(), 8);
    }
    assert_ne!(
        answer["data"][0]["embedding"],
        answer["data"][1]["embedding"]
    );
    assert_eq!(
        answer["usage"],
        json!({ "prompt_tokens": 3, "total_tokens": 3 })
    );
    let received = app.sim.received();
    assert_eq!(received.len(), 1, "one call for all texts");
    assert_eq!(
        received[0].path,
        "/gemini/v1beta/models/gemini-embedding-001:batchEmbedContents"
    );
    assert_eq!(received[0].query, None);
    assert_eq!(received[0].header("x-goog-api-key"), Some(key.as_str()));
    assert_eq!(received[0].header("authorization"), None);
    let sent = received[0].json();
    assert_eq!(sent["requests"][1]["outputDimensionality"], 8);
    assert_eq!(sent["requests"][1]["content"]["parts"][0]["text"], "three");
    let alone =
        json!({ "model": "google/gemini-embedding-001", "input": "three", "dimensions": 8 });
    let alone = embed(app, &tenant, alone).await.json();
    assert_eq!(
        alone["data"][0]["embedding"],
        answer["data"][1]["embedding"]
    );
}

async fn base64_holds_the_same_numbers(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in [
        ("openai", "text-embedding-3-small"),
        ("google", "gemini-embedding-001"),
    ] {
        app.connect(&tenant, "u", provider).await;
        let ask = |format: &str| json!({ "model": model, "input": "x", "dimensions": 5, "encoding_format": format });
        let floats = embed(app, &tenant, ask("float")).await.json();
        let text = embed(app, &tenant, ask("base64")).await.json();
        let bytes = STANDARD
            .decode(text["data"][0]["embedding"].as_str().expect("base64"))
            .expect("base64");
        let decoded: Vec<f64> = bytes
            .chunks(4)
            .map(|four| f64::from(f32::from_le_bytes(four.try_into().expect("four bytes"))))
            .collect();
        let listed = numbers(&floats["data"][0]["embedding"]);
        assert_eq!(decoded.len(), 5, "{provider}");
        for (left, right) in listed.iter().zip(&decoded) {
            assert!((left - right).abs() < 1e-6, "{provider}: {left} {right}");
        }
        let neither = embed(app, &tenant, ask("hex")).await;
        assert_eq!(neither.status, 400, "{provider}");
        assert_eq!(
            neither.json()["error"]["param"],
            "encoding_format",
            "{provider}"
        );
    }
}

async fn token_ids_belong_to_openai_alone(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    app.connect(&tenant, "u", "google").await;
    let ask = |model: &str| json!({ "model": model, "input": [[1, 2], [3]] });
    assert_eq!(
        embed(app, &tenant, ask("text-embedding-3-small"))
            .await
            .status,
        200
    );
    let reply = embed(app, &tenant, ask("gemini-embedding-001")).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "unsupported_parameter")
    );
    assert_eq!(reply.json()["error"]["param"], "input");
}

async fn a_provider_without_embeddings_says_so(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "anthropic").await;
    app.sim.clear_received();
    let reply = embed(
        app,
        &tenant,
        json!({ "model": "claude-sonnet-4-5", "input": "x" }),
    )
    .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "embeddings_unsupported")
    );
    assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
    assert!(app.sim.received().is_empty());
}

async fn an_embedding_that_fails_is_an_error_in_openais_shape(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in [
        ("openai", "text-embedding-3-small"),
        ("google", "gemini-embedding-001"),
    ] {
        let ask = json!({ "model": model, "input": "x" });
        let reply = embed(app, &tenant, ask.clone()).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (424, "user_not_connected")
        );
        let key = app.connect(&tenant, "u", provider).await;
        let reply = embed(app, &tenant, json!({ "model": model })).await;
        assert_eq!(reply.status, 400, "{provider}: {}", reply.text);
        assert_eq!(reply.json()["error"]["param"], "input", "{provider}");
        app.sim.script(
            provider,
            Script::error(429, "Slower.").header("retry-after", "3"),
        );
        let reply = embed(app, &tenant, ask.clone()).await;
        assert_eq!(
            (reply.status, reply.header("retry-after")),
            (429, Some("3"))
        );
        app.clock.advance(Duration::from_secs(3));
        for half in ["{\"data\":[", "[]", ""] {
            app.sim.script(provider, Script::raw(200, half));
            let reply = embed(app, &tenant, ask.clone()).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (502, "upstream_malformed")
            );
        }
        app.sim.refuse_key(provider, &key);
        let reply = embed(app, &tenant, ask.clone()).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (424, "user_key_rejected")
        );
    }
}

async fn embeddings_are_recorded_with_their_tokens(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in [
        ("openai", "text-embedding-3-small"),
        ("google", "gemini-embedding-001"),
    ] {
        app.connect(&tenant, "u", provider).await;
        embed(
            app,
            &tenant,
            json!({ "model": model, "input": ["a b", "c"] }),
        )
        .await;
        let row = app.ended_requests(&tenant).await.remove(0);
        assert_eq!(row.operation, "embeddings");
        assert_eq!(
            (row.host.as_deref(), row.model.as_str()),
            (Some(provider), model)
        );
        assert_eq!(
            (row.input_tokens, row.output_tokens),
            (Some(3), Some(0)),
            "{provider}"
        );
    }
}
