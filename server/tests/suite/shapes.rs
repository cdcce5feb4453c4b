//! Every shape in, every shape out: four dialects of callers over three dialects of providers.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{CHAT_MODELS, Reply, Tenant, TestApp};

on_each_database!(
    every_dialect_is_answered_over_every_provider,
    every_dialect_is_streamed_over_every_provider,
    tokens_are_counted_where_the_provider_counts,
    googles_embeddings_come_from_either_provider,
    models_are_listed_in_the_callers_shape,
    googles_paths_are_told_from_openais,
);

/// A call of one dialect that asks `model` for an answer to "hi".
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// The key's place.
    pub(crate) header: &'static str,
    /// Where the answer's text stands.
    pub(crate) text: &'static str,
    /// What a whole stream ends with.
    pub(crate) ends: &'static str,
}

pub(crate) const SHAPES: [Shape; 4] = [
    Shape {
        name: "chat",
        header: "authorization",
        text: "/choices/0/message/content",
        ends: "data: [DONE]\n\n",
    },
    Shape {
        name: "responses",
        header: "authorization",
        text: "/output/0/content/0/text",
        ends: "\"type\":\"response.completed\"",
    },
    Shape {
        name: "messages",
        header: "x-api-key",
        text: "/content/0/text",
        ends: "\"type\":\"message_stop\"",
    },
    Shape {
        name: "gemini",
        header: "x-goog-api-key",
        text: "/candidates/0/content/parts/0/text",
        ends: "\"finishReason\":\"STOP\"",
    },
];

impl Shape {
    pub(crate) fn request(
        &self,
        app: &TestApp,
        tenant: &Tenant,
        model: &str,
        streamed: bool,
    ) -> reqwest::RequestBuilder {
        let messages = json!([{ "role": "user", "content": "hi" }]);
        let (path, mut body) = match self.name {
            "chat" => (
                "/v1/chat/completions".to_owned(),
                json!({ "model": model, "messages": messages }),
            ),
            "responses" => (
                "/v1/responses".to_owned(),
                json!({ "model": model, "input": messages }),
            ),
            "messages" => (
                "/v1/messages?beta=true".to_owned(),
                json!({ "model": model, "messages": messages, "max_tokens": 100 }),
            ),
            _ => {
                let method = if streamed {
                    "streamGenerateContent?alt=sse"
                } else {
                    "generateContent"
                };
                (
                    format!("/v1beta/models/{model}:{method}"),
                    json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }] }),
                )
            }
        };
        if streamed && self.name != "gemini" {
            body["stream"] = json!(true);
        }
        let key = if self.header == "authorization" {
            format!("Bearer {}", tenant.key)
        } else {
            tenant.key.clone()
        };
        app.request(Method::POST, &path)
            .header(self.header, key)
            .json(&body)
    }
}

async fn connected(app: &TestApp) -> Tenant {
    let tenant = app.tenant("acme").await;
    for (provider, _) in CHAT_MODELS {
        app.connect(&tenant, "ada", provider).await;
    }
    tenant
}

async fn every_dialect_is_answered_over_every_provider(app: &TestApp) {
    let tenant = connected(app).await;
    for shape in &SHAPES {
        for (provider, model) in CHAT_MODELS {
            let request = shape.request(app, &tenant, model, false);
            let reply = Reply::of(request.header("X-Relay-User", "ada")).await;
            let what = format!("{} over {provider}: {}", shape.name, reply.text);
            assert_eq!(reply.status, 200, "{what}");
            let text = reply.json().pointer(shape.text).cloned();
            assert_eq!(text, Some(json!("You said: hi")), "{what}");
        }
    }
    let rows = app.ended_requests(&tenant).await;
    assert_eq!(rows.len(), SHAPES.len() * CHAT_MODELS.len());
    for row in rows {
        let used = (row.input_tokens, row.output_tokens);
        assert!(used > (Some(0), Some(0)), "{}: {used:?}", row.model);
    }
}

async fn every_dialect_is_streamed_over_every_provider(app: &TestApp) {
    let tenant = connected(app).await;
    for shape in &SHAPES {
        for (provider, model) in CHAT_MODELS {
            let request = shape.request(app, &tenant, model, true);
            let reply = Reply::of(request.header("X-Relay-User", "ada")).await;
            let what = format!("{} over {provider}: {}", shape.name, reply.text);
            assert_eq!(reply.status, 200, "{what}");
            assert!(reply.text.contains(shape.ends), "{what}");
        }
    }
    let rows = app.ended_requests(&tenant).await;
    assert_eq!(rows.len(), SHAPES.len() * CHAT_MODELS.len());
    for row in rows {
        let used = (row.input_tokens, row.output_tokens);
        let what = format!("{} {:?}", row.model, row.error_code);
        assert!(used > (Some(0), Some(0)), "{what}: {used:?}");
    }
}

async fn tokens_are_counted_where_the_provider_counts(app: &TestApp) {
    let tenant = connected(app).await;
    let messages = json!([{ "role": "user", "content": "one two three" }]);
    let contents = json!([{ "role": "user", "parts": [{ "text": "one two three" }] }]);
    for (_, model) in CHAT_MODELS {
        for (path, body, field) in [
            (
                "/v1/messages/count_tokens".to_owned(),
                json!({ "model": model, "messages": messages }),
                "input_tokens",
            ),
            (
                "/v1/responses/input_tokens".to_owned(),
                json!({ "model": model, "input": messages }),
                "input_tokens",
            ),
            (
                format!("/v1beta/models/{model}:countTokens"),
                json!({ "contents": contents }),
                "totalTokens",
            ),
        ] {
            let request = app.request(Method::POST, &path).bearer_auth(&tenant.key);
            let reply = Reply::of(request.header("X-Relay-User", "ada").json(&body)).await;
            assert_eq!(reply.status, 200, "{path} {model}: {}", reply.text);
            assert_eq!(reply.json()[field], 3, "{path} {model}: {}", reply.text);
        }
    }
}

async fn googles_embeddings_come_from_either_provider(app: &TestApp) {
    let tenant = connected(app).await;
    let content = json!({ "parts": [{ "text": "hi" }] });
    for model in [
        "gemini-embedding-001",
        "google:gemini-embedding-001",
        "text-embedding-3-small",
    ] {
        let item = json!({ "model": format!("models/{model}"), "content": content });
        for (method, body, at) in [
            ("embedContent", item.clone(), "/embedding/values/0"),
            (
                "batchEmbedContents",
                json!({ "requests": [item] }),
                "/embeddings/0/values/0",
            ),
        ] {
            let path = format!("/v1beta/models/{model}:{method}");
            let request = app
                .request(Method::POST, &path)
                .header("x-goog-api-key", &tenant.key);
            let reply = Reply::of(request.header("X-Relay-User", "ada").json(&body)).await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text);
            let first = reply.json().pointer(at).and_then(Value::as_f64);
            assert!(first.is_some(), "{path}: {}", reply.text);
        }
    }
}

async fn models_are_listed_in_the_callers_shape(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    for (path, header, at, first) in [
        ("/v1/models", "", "/object", "list"),
        (
            "/openai/v1/models/gpt-4o",
            "anthropic-version",
            "/object",
            "model",
        ),
        ("/v1/models/gpt-4o", "anthropic-version", "/type", "model"),
        ("/anthropic/v1/models", "", "/data/0/type", "model"),
        ("/v1beta/models/gpt-4o", "", "/name", "models/gpt-4o"),
        (
            "/v1/models/gpt-4o",
            "x-goog-api-key",
            "/name",
            "models/gpt-4o",
        ),
    ] {
        let mut request = app.request(Method::GET, path).bearer_auth(&tenant.key);
        if !header.is_empty() {
            request = request.header(header, "2023-06-01");
        }
        let reply = Reply::of(request).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        let found = reply.json().pointer(at).cloned();
        assert_eq!(found, Some(json!(first)), "{path} {header}");
    }
}

async fn googles_paths_are_told_from_openais(app: &TestApp) {
    let tenant = connected(app).await;
    let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }] });
    let call = async |path: &str| {
        let path = format!("{path}?key={}", tenant.key);
        let request = app.request(Method::POST, &path).json(&body);
        Reply::of(request.header("X-Relay-User", "ada")).await
    };
    for prefix in ["/v1", "/v1beta", "/gemini/v1", "/gemini/v1beta"] {
        for model in [
            "gemini-2.5-flash",
            "google:gemini-2.5-flash",
            "openai%2Fgpt-4o-mini",
        ] {
            let reply = call(&format!("{prefix}/models/{model}:generateContent")).await;
            assert_eq!(reply.status, 200, "{prefix} {model}: {}", reply.text);
        }
    }
    let reply = call("/v1/models/gemini-2.5-flash:predict").await;
    assert_eq!(reply.status, 404, "{}", reply.text);
    let reply = call("/v1/models/gemini-2.5-flash:streamGenerateContent").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let items = reply.json();
    assert!(
        items.as_array().is_some_and(|items| !items.is_empty()),
        "{items}"
    );
}
