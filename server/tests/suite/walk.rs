//! How to call every route of the server's own list, aimed at somebody's things.

use relay_server::http::Route;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::TestApp;

/// One call of a route, aimed at somebody.
pub(crate) struct Aimed {
    pub(crate) path: String,
    pub(crate) body: Value,
}

/// Whose things a call is aimed at.
pub(crate) struct Aim<'a> {
    pub(crate) label: &'a str,
    pub(crate) relay_key_id: &'a str,
    pub(crate) policy_id: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) webhook_id: &'a str,
    pub(crate) delivery_id: &'a str,
    pub(crate) cursor: &'a str,
    pub(crate) member_id: &'a str,
    pub(crate) invitation_id: &'a str,
    pub(crate) tenant_id: &'a str,
    /// The session's id that is to end.
    pub(crate) session_id: &'a str,
    /// For what a call connects.
    pub(crate) provider_key: &'a str,
}

/// How each route is called. A new route has to be added here, aimed at what it could reach.
pub(crate) fn aimed(route: &Route, aim: &Aim<'_>) -> Aimed {
    if let Some((path, body)) = managed(route, aim).or_else(|| about_people(route, aim)) {
        return Aimed { path, body };
    }
    let (label, cursor) = (aim.label, aim.cursor);
    let chat = json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "hi" }] });
    let embeddings = json!({ "model": "text-embedding-3-small", "input": "hi" });
    let key = json!({ "apiKey": aim.provider_key });
    let submitted = json!({ "provider": "openai", "apiKey": aim.provider_key });
    let page = |path: &str| (format!("{path}?cursor={cursor}&limit=200"), Value::Null);
    let plain = |path: &str| (path.to_owned(), Value::Null);
    let (path, body) = match (route.method.as_str(), route.path) {
        ("POST", "/v1/chat/completions" | "/openai/v1/chat/completions") => {
            (route.path.to_owned(), chat)
        }
        ("POST", "/v1/embeddings" | "/openai/v1/embeddings") => (route.path.to_owned(), embeddings),
        ("POST", path) if path.ends_with("/v1/responses") => (
            path.to_owned(),
            json!({ "model": "gpt-4o-mini", "input": "hi" }),
        ),
        ("POST", path) if path.ends_with("/input_tokens") => (
            path.to_owned(),
            json!({ "model": "gpt-4o-mini", "input": "hi" }),
        ),
        ("GET" | "DELETE" | "POST", path) if path.contains("/responses/{id}") => {
            plain(&path.replace("{id}", "resp_bee"))
        }
        ("POST", path) if path.ends_with("/v1/messages") => {
            let mut body = chat;
            body["max_tokens"] = json!(100);
            (path.to_owned(), body)
        }
        ("POST", path) if path.ends_with("/count_tokens") => (path.to_owned(), chat),
        ("POST", path) if path.ends_with("/models/{*id}") => (
            path.replace("{*id}", "gpt-4o-mini:generateContent"),
            json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }] }),
        ),
        ("GET", path) if path.ends_with("/models/{*id}") => {
            plain(&path.replace("{*id}", "gpt-4o-mini"))
        }
        ("GET", path) if path.ends_with("/models") => plain(path),
        ("POST", "/v1/registration-tokens") => {
            (route.path.to_owned(), json!({ "endUserLabel": label }))
        }
        ("GET", "/v1/users" | "/v1/requests" | "/v1/policies" | "/v1/audit") => page(route.path),
        ("GET", "/v1/requests/{id}") => plain(&format!("/v1/requests/{}", aim.request_id)),
        ("GET", "/v1/requests/export") => {
            let (key_id, id) = (aim.relay_key_id, aim.request_id);
            let filter = format!("key={key_id}&id={id}&format=ndjson");
            plain(&format!("{}?{filter}", route.path))
        }
        ("GET", "/v1/usage") => plain("/v1/usage?by=user&from=2023-11-01&to=2023-12-01"),
        ("GET", "/v1/usage/latency") => plain("/v1/usage/latency?from=2023-11-01&to=2023-12-01"),
        ("GET" | "DELETE", "/v1/users/{label}")
        | ("GET", "/v1/users/{label}/credentials" | "/v1/users/{label}/usage") => {
            plain(&route.path.replace("{label}", label))
        }
        ("PUT", "/v1/users/{label}/credentials/{provider}") => {
            (format!("/v1/users/{label}/credentials/openai"), key)
        }
        ("DELETE", "/v1/users/{label}/credentials/{provider}") => {
            plain(&format!("/v1/users/{label}/credentials/openai"))
        }
        ("DELETE", "/v1/widget/credentials/{provider}") => plain("/v1/widget/credentials/openai"),
        ("GET", "/connect/{tenant}") => plain("/connect/of-nobody"),
        ("POST", "/v1/widget/credentials") => (route.path.to_owned(), submitted),
        ("GET", "/widget/assets/{file}" | "/console/assets/{file}") => {
            plain(&route.path.replace("{file}", "..%2F..%2Findex.html"))
        }
        ("GET", "/console/{*page}") => plain("/console/users"),
        (
            "GET",
            "/v1/hosts"
            | "/v1/credentials"
            | "/v1/relay-keys"
            | "/v1/widget/session"
            | "/widget.js"
            | "/widget/v1.js"
            | "/widget/integrity.json"
            | "/connect"
            | "/"
            | "/console"
            | "/console/"
            | "/api/health"
            | "/openapi.json",
        ) => plain(route.path),
        (method, path) => panic!(
            "{method} {path} is new: say in `aimed` how to call it, aimed at another tenant's things"
        ),
    };
    Aimed { path, body }
}

/// How the routes are called that are about people.
fn about_people(route: &Route, aim: &Aim<'_>) -> Option<(String, Value)> {
    const PASSWORD: &str = "long enough to be one";
    if !route.path.starts_with("/api/") || route.path == "/api/health" {
        return None;
    }
    let path = match route.path {
        path if path.starts_with("/api/members/") => path.replace("{id}", aim.member_id),
        path if path.starts_with("/api/sessions/") => path.replace("{id}", aim.session_id),
        path if path.starts_with("/api/invitations/") => path.replace("{id}", aim.invitation_id),
        path => path.replace("{provider}", "nobody"),
    };
    let body = match (route.method.as_str(), route.path) {
        ("POST", "/api/setup") => json!({
            "setupToken": "x", "name": "x", "email": "x@example.com", "password": PASSWORD,
            "tenantName": "x",
        }),
        ("POST", "/api/session") => json!({ "email": "bee@example.com", "password": PASSWORD }),
        ("POST", "/api/session/second-factor" | "/api/account/totp/confirm") => {
            json!({ "code": "123456" })
        }
        ("POST", "/api/session/tenant") => json!({ "tenantId": aim.tenant_id }),
        ("POST", "/api/sign-up") => json!({
            "name": "x", "email": "x@example.com", "password": PASSWORD, "tenantName": "x",
        }),
        ("POST", "/api/invitations/look") => json!({ "token": "x" }),
        ("POST", "/api/sign-up/confirm") => json!({ "token": "x", "password": "x" }),
        ("POST", "/api/password-reset") => json!({ "email": "bee@example.com" }),
        ("POST", "/api/password-reset/confirm" | "/api/invitations/accept") => {
            json!({ "token": "x", "password": PASSWORD })
        }
        ("PATCH", "/api/members/{id}") => json!({ "role": "viewer" }),
        ("POST", "/api/invitations") => {
            let email = format!("{}@example.com", relay_server::clock::new_id());
            json!({ "email": email, "role": "viewer" })
        }
        ("PATCH", "/api/account") => json!({ "name": "Ada" }),
        ("POST", "/api/account/password") => json!({ "current": "not it", "new": PASSWORD }),
        ("POST", "/api/account/totp" | "/api/account/providers/{provider}") => {
            json!({ "password": "not it" })
        }
        ("POST", "/api/account/totp/remove") => json!({ "password": "not it", "code": "123456" }),
        ("POST", "/api/tenants") => json!({ "name": relay_server::clock::new_id() }),
        ("DELETE", "/api/tenant") => json!({ "name": "not its name" }),
        ("GET" | "DELETE", _) | ("POST", "/api/members/{id}/reset-link") => Value::Null,
        _ => return None,
    };
    Some((path, body))
}

/// How the routes are called by which a tenant decides: its pool, keys, policies, hosts, models.
fn managed(route: &Route, aim: &Aim<'_>) -> Option<(String, Value)> {
    let of_key = format!("/v1/relay-keys/{}", aim.relay_key_id);
    let of_policy = format!("/v1/policies/{}", aim.policy_id);
    let path = match route.path {
        "/v1/credentials/{provider}" => "/v1/credentials/openai".to_owned(),
        "/v1/credentials/{provider}/{name}" => "/v1/credentials/openai/bee-spare".to_owned(),
        "/v1/relay-keys/{id}" => of_key,
        "/v1/relay-keys/{id}/rotate" => format!("{of_key}/rotate"),
        "/v1/policies/{id}" => of_policy,
        // Of A's own, by the names that B has for its own.
        "/v1/hosts/{id}" => "/v1/hosts/bee-host".to_owned(),
        "/v1/catalog/models/{*id}" => "/v1/catalog/models/bee-model".to_owned(),
        "/v1/catalog/models" => "/v1/catalog/models?q=bee".to_owned(),
        "/v1/settings" => "/v1/settings".to_owned(),
        "/v1/reach" => "/v1/reach".to_owned(),
        "/v1/providers" => "/v1/providers".to_owned(),
        "/v1/credentials/{provider}/{name}/test" => {
            "/v1/credentials/openai/bee-spare/test".to_owned()
        }
        "/v1/users/{label}/credentials/{provider}/test" => {
            format!("/v1/users/{}/credentials/openai/test", aim.label)
        }
        path if path.starts_with("/v1/webhooks") => path
            .replace("{id}", aim.webhook_id)
            .replace("{delivery}", aim.delivery_id),
        path @ ("/v1/relay-keys" | "/v1/policies") if route.method == Method::POST => {
            path.to_owned()
        }
        _ => return None,
    };
    let body = match (route.method.as_str(), route.path) {
        ("GET" | "DELETE", _) => Value::Null,
        ("PUT", "/v1/credentials/{provider}") => json!({ "apiKey": aim.provider_key }),
        ("PUT", "/v1/credentials/{provider}/{name}") => json!({ "weight": 7 }),
        ("POST", "/v1/webhooks") => {
            json!({ "url": "https://ay.example/hook", "events": ["credential.broken"] })
        }
        ("PATCH", "/v1/webhooks/{id}") => json!({ "enabled": false, "description": "stolen" }),
        ("POST", "/v1/webhooks/{id}/rotate") => json!({ "grace": "1h" }),
        ("POST", path) if path.starts_with("/v1/webhooks/") || path.ends_with("/test") => {
            Value::Null
        }
        ("POST", "/v1/reach") => json!({ "relayKeyId": aim.relay_key_id, "user": aim.label }),
        ("PATCH", "/v1/settings") => json!({ "requestsRetentionDays": 9 }),
        ("POST", "/v1/relay-keys") => json!({ "name": "made in the walk" }),
        ("PATCH", "/v1/relay-keys/{id}") => json!({ "name": "stolen", "disabled": true }),
        ("POST", "/v1/relay-keys/{id}/rotate") => json!({ "grace": "1h" }),
        ("POST", "/v1/policies") => json!({ "name": relay_server::clock::new_id() }),
        ("PUT", "/v1/policies/{id}") => {
            json!({ "name": "stolen", "rules": { "models": { "deny": ["*"] } } })
        }
        ("PUT", "/v1/hosts/{id}") => json!({ "name": "mine", "baseUrl": "https://ay.example/v1" }),
        ("PUT", "/v1/catalog/models/{*id}") => {
            json!({ "name": "mine", "bindings": [{ "host": "openai" }] })
        }
        _ => return None,
    };
    Some((path, body))
}

pub(crate) fn request(app: &TestApp, route: &Route, aimed: &Aimed) -> RequestBuilder {
    let request = app.request(route.method.clone(), &aimed.path);
    if aimed.body.is_null() {
        request
    } else {
        request.json(&aimed.body)
    }
}
