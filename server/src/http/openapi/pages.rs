//! What the widget and the console call; whether Relay is well; this document.

use http::Method;
use relay_api::{ConnectCredential, Credential, WidgetSession};
use serde_json::json;

use super::operation::{JSON, Op, free_form, op};
use super::tag::Tag::{Service, Widget};
use crate::http::health::Health;

pub(super) fn operations() -> Vec<Op> {
    vec![
        op(
            Widget,
            Method::GET,
            "/v1/widget/session",
            "getWidgetSession",
            "Answers all that is needed to ask for a key and to seal it.",
        )
        .details(
            "A token of the scope `manage` is also told when each key was last used and what was \
                called with it this month.",
        )
        .answers::<WidgetSession>(200, "What can be connected, and the key to seal to.")
        .problem(409, "`token_used`: the token has connected a key already."),
        op(
            Widget,
            Method::POST,
            "/v1/widget/credentials",
            "connectCredential",
            "Connects the end user's key.",
        )
        .details(
            "Exactly one of `sealedKey` and `apiKey` is given. The key is tried at its \
                provider first; one that is refused leaves the token unused.",
        )
        .takes::<ConnectCredential>(json!({ "provider": "openai", "apiKey": "PROVIDER_KEY" }))
        .answers::<Credential>(201, "Connected.")
        .problem(409, "`token_used`: the token has connected a key already.")
        .problem(422, "`key_refused` by its provider, or `key_malformed`."),
        op(
            Widget,
            Method::DELETE,
            "/v1/widget/credentials/{provider}",
            "disconnectCredential",
            "Takes the end user's key out of the vault.",
        )
        .details("For a registration token of the scope `manage`.")
        .answers_nothing()
        .problem(
            403,
            "`token_scope`: the token may connect and nothing else; or `provider_locked`.",
        )
        .problem(404, "`not_found`: no key of this provider is connected."),
        op(
            Service,
            Method::GET,
            "/api/health",
            "getHealth",
            "Tells whether Relay is well.",
        )
        .details("Answers at once and with 200, however the database fares.")
        .answers::<Health>(200, "How Relay and its database are."),
        op(
            Service,
            Method::GET,
            "/openapi.json",
            "getOpenApi",
            "Answers this document.",
        )
        .answers_with(
            "200",
            "An OpenAPI 3.1 document.",
            &[(JSON, free_form("An OpenAPI 3.1 document."))],
        )
        .answers_with("304", "The caller has it (`if-none-match`).", &[]),
    ]
}
