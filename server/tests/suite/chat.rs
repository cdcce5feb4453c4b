//! `POST /v1/chat/completions`, whole answers.

use relay_provider_sim::Reply as Script;
use serde_json::json;

use crate::support::{CHAT_MODELS, Reply, TestApp};

on_each_database!(
    openai_gets_the_callers_bytes_and_the_caller_gets_openais,
    a_provider_in_front_of_the_model_changes_only_the_models_name,
    the_provider_sees_the_vaults_key_alone,
    the_relay_key_may_come_where_any_client_puts_it,
    the_same_routes_stand_below_openai,
    text_comes_back_from_every_provider_in_openais_shape,
    a_limit_and_a_stop_reach_every_provider,
    sampling_takes_the_words_of_each_provider,
    images_reach_every_provider,
    a_field_that_a_provider_cannot_express_is_refused_by_name,
    the_tenants_own_key_serves_calls_that_name_no_user,
);

async fn openai_gets_the_callers_bytes_and_the_caller_gets_openais(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    app.sim.clear_received();
    let asked: &[u8] = b" { \"zeta\" : [1.50, 1e3 ,null],\n\t\"model\":\"gpt-4o\" ,\"messages\":[{\"role\":\"user\",\
        \"content\":\"h\\u00e9 \\/ caf\xc3\xa9\"}],  \"not_yet_invented\":{\"b\":null,\"a\":{}} }\r\n";
    let answered = "{\"id\" : \"x\",\n \"choices\":[ ], \"new\":1.0,\"usage\":{\"prompt_tokens\":3,\
                    \"completion_tokens\":4}}\n\n";
    app.sim.script("openai", Script::raw(200, answered));
    let reply = Reply::of(app.chat_request(&tenant, "u").body(asked)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.text, answered);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("x-ratelimit-limit-requests"), Some("10000"));
    assert!(reply.header("openai-organization").is_none());
    let received = app.sim.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].body, asked);
    assert_eq!(received[0].path, "/openai/v1/chat/completions");
    assert_eq!(received[0].query, None);
    assert_eq!(received[0].header("content-type"), Some("application/json"));
    let row = app.last_of(&tenant, 1).await;
    assert_eq!((row.input_tokens, row.output_tokens), (Some(3), Some(4)));
}

async fn a_provider_in_front_of_the_model_changes_only_the_models_name(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    let body = |model: &str| {
        format!(
            "{{\"messages\":[{{\"role\":\"user\",\"content\":\"\\\"model\\\":\\\"x\\\"\"}}],\n  \
             \"model\" : \"{model}\",\"n\":1 }}"
        )
    };
    for (asked, sent) in [
        ("openai/gpt-4o", "gpt-4o"),
        ("openai:gpt-4o", "gpt-4o"),
        ("openai/ft:gpt-4o:acme::1", "ft:gpt-4o:acme::1"),
        ("gpt-77-unheard-of", "gpt-77-unheard-of"),
        ("openai\\u002fgpt-4o", "gpt-4o"),
    ] {
        app.sim.clear_received();
        let reply = Reply::of(app.chat_request(&tenant, "u").body(body(asked))).await;
        assert_eq!(reply.status, 200, "{asked}: {}", reply.text);
        assert_eq!(app.sim.received()[0].body, body(sent), "{asked}");
    }
}

async fn the_provider_sees_the_vaults_key_alone(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        let key = app.connect(&tenant, "u", provider).await;
        app.sim.clear_received();
        let request = app
            .chat_request(&tenant, "u")
            .header("X-Relay-Paid", "true")
            .header("Cookie", "relay_session=a; other=b")
            .header("x-api-key", "sk-the-callers-own")
            .header("x-goog-api-key", "AIza-the-callers-own")
            .header("OpenAI-Organization", "org-caller")
            .header("X-Forwarded-For", "203.0.113.9")
            .header("Referer", "https://app.example/secret")
            .header("Idempotency-Key", "caller")
            .json(&crate::support::chat_body(model, &json!({})));
        let reply = Reply::of(request).await;
        assert_eq!(reply.status, 200, "{provider}: {}", reply.text);
        let received = app.sim.received();
        let (carrier, value) = match provider {
            "openai" => ("authorization", format!("Bearer {key}")),
            "anthropic" => ("x-api-key", key),
            _ => ("x-goog-api-key", key),
        };
        assert_eq!(received[0].header(carrier), Some(value.as_str()));
        assert_eq!(received[0].query, None);
        let mut names: Vec<&str> = received[0]
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| *name != "anthropic-version")
            .collect();
        names.sort_unstable();
        let mut expected = [
            "accept",
            carrier,
            "content-length",
            "content-type",
            "host",
            "user-agent",
        ];
        expected.sort_unstable();
        assert_eq!(names, expected, "{provider}");
        let all = format!("{:?}", received[0]);
        for secret in [&tenant.key, "callers-own", "203.0.113.9"] {
            assert!(!all.contains(secret), "{provider} sees {secret}");
        }
    }
}

async fn the_relay_key_may_come_where_any_client_puts_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    for header in ["x-api-key", "x-goog-api-key"] {
        let request = app
            .request(reqwest::Method::POST, "/v1/chat/completions")
            .header(header, &tenant.key)
            .header("X-Relay-User", "u")
            .json(&crate::support::chat_body("gpt-4o", &json!({})));
        assert_eq!(Reply::of(request).await.status, 200, "{header}");
    }
    let request = app
        .request(reqwest::Method::POST, "/v1/chat/completions")
        .header("X-Relay-User", "u")
        .json(&crate::support::chat_body("gpt-4o", &json!({})));
    let reply = Reply::of(request).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "missing_relay_key")
    );
}

async fn the_same_routes_stand_below_openai(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "openai").await;
    for prefix in ["", "/openai"] {
        let request = app
            .request(
                reqwest::Method::POST,
                &format!("{prefix}/v1/chat/completions"),
            )
            .bearer_auth(&tenant.key)
            .header("X-Relay-User", "u")
            .json(&crate::support::chat_body("gpt-4o", &json!({})));
        let reply = Reply::of(request).await;
        assert_eq!(
            reply.json()["choices"][0]["message"]["content"],
            "You said: hi"
        );
        let request = app
            .request(
                reqwest::Method::POST,
                &format!("{prefix}/v1/chat/completions"),
            )
            .json(&json!({}));
        let refused = Reply::of(request).await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.json()["error"]["type"], "authentication_error");
    }
}

async fn text_comes_back_from_every_provider_in_openais_shape(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        let messages = json!({ "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "one two" },
            { "role": "assistant", "content": "three" },
            { "role": "user", "content": [{ "type": "text", "text": "four five" }] },
        ] });
        let reply = app.chat(&tenant, "u", model, messages).await;
        assert_eq!(reply.status, 200, "{provider}: {}", reply.text);
        let answer = reply.json();
        assert_eq!(answer["object"], "chat.completion");
        assert!(
            answer["id"].is_string() && answer["created"].is_i64(),
            "{answer}"
        );
        assert_eq!(answer["model"], model, "{provider}");
        let choice = &answer["choices"][0];
        assert_eq!(choice["index"], 0);
        assert_eq!(choice["finish_reason"], "stop", "{provider}");
        assert_eq!(choice["message"]["role"], "assistant");
        assert_eq!(
            choice["message"]["content"], "You said: four five",
            "{provider}"
        );
        let usage = &answer["usage"];
        assert_eq!(usage["prompt_tokens"], 7, "{provider}: {usage}");
        assert_eq!(usage["completion_tokens"], 4, "{provider}: {usage}");
        assert_eq!(usage["total_tokens"], 11, "{provider}: {usage}");
        let row = app.ended_requests(&tenant).await.remove(0);
        assert_eq!((row.input_tokens, row.output_tokens), (Some(7), Some(4)));
        assert_eq!(row.host.as_deref(), Some(provider));
    }
}

async fn a_limit_and_a_stop_reach_every_provider(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        for field in ["max_tokens", "max_completion_tokens"] {
            let reply = app.chat(&tenant, "u", model, json!({ field: 1 })).await;
            let choice = &reply.json()["choices"][0];
            assert_eq!(choice["finish_reason"], "length", "{provider} {field}");
            assert_eq!(choice["message"]["content"], "You ", "{provider} {field}");
        }
        for stop in [json!(" hi"), json!(["zzz", " hi"])] {
            let reply = app.chat(&tenant, "u", model, json!({ "stop": stop })).await;
            let choice = &reply.json()["choices"][0];
            assert_eq!(choice["finish_reason"], "stop", "{provider}");
            assert_eq!(choice["message"]["content"], "You said:", "{provider}");
        }
    }
}

async fn sampling_takes_the_words_of_each_provider(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        app.sim.clear_received();
        let sampling = json!({ "temperature": 0.25, "max_tokens": 50, "stop": ["a", "b"] });
        let reply = app.chat(&tenant, "u", model, sampling).await;
        assert_eq!(reply.status, 200, "{provider}: {}", reply.text);
        let sent = app.sim.received()[0].json();
        let (own, most, stops) = match provider {
            "openai" => (&sent, "max_tokens", "stop"),
            "anthropic" => (&sent, "max_tokens", "stop_sequences"),
            _ => (
                &sent["generationConfig"],
                "maxOutputTokens",
                "stopSequences",
            ),
        };
        assert_eq!(own["temperature"], 0.25, "{provider}: {sent}");
        assert_eq!(own[most], 50, "{provider}: {sent}");
        assert_eq!(own[stops], json!(["a", "b"]), "{provider}: {sent}");
    }
}

async fn images_reach_every_provider(app: &TestApp) {
    const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let tenant = app.tenant("acme").await;
    for (provider, model) in CHAT_MODELS {
        app.connect(&tenant, "u", provider).await;
        app.sim.clear_received();
        let content = json!([
            { "type": "text", "text": "look" },
            { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{PIXEL}") } },
        ]);
        let messages = json!({ "messages": [{ "role": "user", "content": content }] });
        let reply = app.chat(&tenant, "u", model, messages).await;
        assert_eq!(
            reply.json()["choices"][0]["message"]["content"],
            "You said: look (with 1 image)",
            "{provider}: {}",
            reply.text
        );
        let sent = app.sim.received()[0].json();
        match provider {
            "anthropic" => assert_eq!(
                sent["messages"][0]["content"][1]["source"],
                json!({ "type": "base64", "media_type": "image/png", "data": PIXEL })
            ),
            "google" => assert_eq!(
                sent["contents"][0]["parts"][1]["inlineData"],
                json!({ "mimeType": "image/png", "data": PIXEL })
            ),
            _ => {}
        }
    }
}

async fn a_field_that_a_provider_cannot_express_is_refused_by_name(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "u", "anthropic").await;
    app.sim.clear_received();
    let asked = json!({ "n": 3 });
    let reply = app.chat(&tenant, "u", "claude-sonnet-4-5", asked).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert_eq!(reply.json()["error"]["param"], "n");
    assert_eq!(reply.code(), "unsupported_parameter");
    assert!(app.sim.received().is_empty());
}

async fn the_tenants_own_key_serves_calls_that_name_no_user(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    let users = app.connect(&tenant, "u", "openai").await;
    let own = app.provider_key("openai");
    let put = json!({ "apiKey": own });
    let stored = app
        .call(
            reqwest::Method::PUT,
            "/v1/credentials/openai",
            &tenant.key,
            put,
        )
        .await;
    assert_eq!(stored.status, 201, "{}", stored.text);
    app.sim.clear_received();
    let body = crate::support::chat_body("gpt-4o", &json!({}));
    let reply = app
        .call(
            reqwest::Method::POST,
            "/v1/chat/completions",
            &tenant.key,
            body,
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(
        app.chat(&tenant, "u", "gpt-4o", json!({})).await.status,
        200
    );
    let keys: Vec<_> = app
        .sim
        .received()
        .iter()
        .map(|call| call.header("authorization").expect("a key").to_owned())
        .collect();
    assert_eq!(keys, [format!("Bearer {own}"), format!("Bearer {users}")]);
}
