//! Who may call, in OpenAPI's words. What a route asks for is read off the route list.

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

use crate::http::routes::Access;

const RELAY_KEY: &str = "relayKey";
const X_API_KEY: &str = "xApiKey";
const X_GOOG_API_KEY: &str = "xGoogApiKey";
const KEY_IN_QUERY: &str = "keyInQuery";
const REGISTRATION_TOKEN: &str = "registrationToken";
const SESSION: &str = "session";

/// What a caller of a route sends: one of these.
pub(super) fn of(access: Access) -> Vec<SecurityRequirement> {
    let one =
        |scheme: &str, scopes: &[&str]| SecurityRequirement::new(scheme, scopes.iter().copied());
    let relay_key = |scope: &str| [RELAY_KEY, X_API_KEY, X_GOOG_API_KEY].map(|s| one(s, &[scope]));
    match access {
        Access::Public => Vec::new(),
        Access::Inference => {
            let mut ways = relay_key("inference").to_vec();
            ways.push(one(KEY_IN_QUERY, &["inference"]));
            ways
        }
        Access::Tokens | Access::Manage => {
            let scope = if access == Access::Tokens {
                "tokens"
            } else {
                "manage"
            };
            let mut ways = relay_key(scope).to_vec();
            ways.push(one(SESSION, &[]));
            ways
        }
        Access::Session => vec![one(SESSION, &[])],
        Access::Widget => vec![one(REGISTRATION_TOKEN, &[])],
    }
}

pub(super) fn schemes() -> [(&'static str, SecurityScheme); 6] {
    let bearer = |description: &str| {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(description));
        SecurityScheme::Http(scheme.build())
    };
    let value = ApiKeyValue::with_description;
    [
        (
            RELAY_KEY,
            bearer(
                "A relay key, `rly-...`, with the scope that the operation names. Behind it may \
                 follow `:user=LABEL` (percent-encoded) in inference calls, for tools that can \
                 send no `X-Relay-User`.",
            ),
        ),
        (
            X_API_KEY,
            SecurityScheme::ApiKey(ApiKey::Header(value(
                "x-api-key",
                "A relay key where Anthropic's clients send theirs.",
            ))),
        ),
        (
            X_GOOG_API_KEY,
            SecurityScheme::ApiKey(ApiKey::Header(value(
                "x-goog-api-key",
                "A relay key where Google's clients send theirs.",
            ))),
        ),
        (
            KEY_IN_QUERY,
            SecurityScheme::ApiKey(ApiKey::Query(value(
                "key",
                "A relay key where Google's older tools put theirs. Prefer a header: URLs are \
                 kept in many logs.",
            ))),
        ),
        (
            REGISTRATION_TOKEN,
            bearer(
                "A registration token: permission for one end user to connect one key, from \
                 `POST /v1/registration-tokens`.",
            ),
        ),
        (
            SESSION,
            SecurityScheme::ApiKey(ApiKey::Cookie(value(
                "__Host-relay_session",
                "A member's session in the console (`relay_session` where Relay is not reached by \
                 https). Whatever changes something is taken from Relay's own pages only.",
            ))),
        ),
    ]
}
