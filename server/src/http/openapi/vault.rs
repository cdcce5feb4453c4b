//! End users, and what they connect.

use http::Method;
use relay_api::{
    Credential, EndUser, NewCredential, NewRegistrationToken, RegistrationToken, Usage,
};
use serde_json::json;

use super::operation::{Op, op};
use super::tag::Tag::Users;

const USER: &str = "/v1/users/{label}";
const CREDENTIAL: &str = "/v1/users/{label}/credentials/{provider}";

pub(super) fn operations() -> Vec<Op> {
    vec![
        op(
            Users,
            Method::POST,
            "/v1/registration-tokens",
            "createRegistrationToken",
            "Issues a registration token.",
        )
        .details(
            "Permission for one end user to connect one provider key, in the widget or by \
                an app of yours; works once. With the scope `manage`: to see, replace and \
                disconnect what is connected, until the token expires.",
        )
        .takes::<NewRegistrationToken>(json!({
            "endUserLabel": "ada", "provider": "openai", "expiresIn": "15m",
            "allowedOrigins": ["https://app.example.com"],
        }))
        .answers::<RegistrationToken>(201, "The token, for `Relay.mount`."),
        op(
            Users,
            Method::GET,
            "/v1/users",
            "listUsers",
            "Lists end users, the newest first.",
        )
        .query("q", "Users whose label begins so, sorted by label.")
        .paged()
        .answers_page_of::<EndUser>(
            "End users with what they have connected, and used this month.",
        ),
        op(Users, Method::GET, USER, "getUser", "Shows an end user.").answers::<EndUser>(
            200,
            "The end user with what is connected, and was used this month.",
        ),
        op(
            Users,
            Method::DELETE,
            USER,
            "deleteUser",
            "Removes an end user with all that is connected.",
        )
        .answers_nothing(),
        op(
            Users,
            Method::GET,
            "/v1/users/{label}/credentials",
            "listUserCredentials",
            "Lists what an end user has connected.",
        )
        .answers_page_of::<Credential>("All of them: one page."),
        op(
            Users,
            Method::GET,
            "/v1/users/{label}/usage",
            "getUserUsage",
            "Sums an end user's calls, tokens and costs over a stretch of time.",
        )
        .details("The last 30 days when nothing is said, or 24 hours; at most 750 steps.")
        .query(
            "from",
            "An instant (`2026-11-21T02:06:58Z`), or a day (UTC).",
        )
        .query("to", "Until when, itself not part of it.")
        .query_of("grain", "The steps: `day` when left out.", &["hour", "day"])
        .answers::<Usage>(
            200,
            "Sums. Nothing, where nobody of this label ever called.",
        ),
        op(
            Users,
            Method::PUT,
            CREDENTIAL,
            "putUserCredential",
            "Connects an end user's key.",
        )
        .details(
            "For tenants who hold their users' keys already and move in. The key is \
                tried at its provider first; nothing that is refused is stored. `weight`, \
                `priority`, `disabled` and `limits` are for a pool's credentials only.",
        )
        .takes::<NewCredential>(json!({ "apiKey": "PROVIDER_KEY" }))
        .answers::<Credential>(201, "Connected.")
        .answers::<Credential>(200, "Connected in place of another key.")
        .problem(422, "`key_refused` by its provider, or `key_malformed`."),
        op(
            Users,
            Method::DELETE,
            CREDENTIAL,
            "deleteUserCredential",
            "Takes out an end user's key.",
        )
        .details("At once: calls that are under way may still end.")
        .answers_nothing(),
    ]
}
