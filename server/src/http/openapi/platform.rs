//! What a tenant decides for its pages, what it is told of, and what it may try.

use http::Method;
use relay_api::{
    ChangedTenantSettings, ChangedWebhook, CredentialTest, Delivery, NewWebhook, ProviderHealth,
    Reach, ReachAsked, RotateWebhook, TenantSettings, Webhook, WebhookWithSecret,
};
use serde_json::json;

use super::operation::{Op, op};
use super::tag::Tag::{Credentials, Policies, Settings, Users, Webhooks};

const SETTINGS: &str = "/v1/settings";
const WEBHOOKS: &str = "/v1/webhooks";
const WEBHOOK: &str = "/v1/webhooks/{id}";

pub(super) fn operations() -> Vec<Op> {
    let tables = [tests(), settings(), webhooks()];
    tables.into_iter().flatten().collect()
}

fn tests() -> Vec<Op> {
    let details = "Its provider is asked now, by the call that tries every key before it is stored. A \
        key that turns out to be refused, or to be taken again, is marked so.";
    vec![
        op(
            Policies,
            Method::POST,
            "/v1/reach",
            "testReach",
            "Tells what a relay key, a policy, or rules that are not saved yet, would let through.",
        )
        .details("Decided by the code that routes calls; nobody is called, and nothing is counted.")
        .takes::<ReachAsked>(json!({
            "rules": { "models": { "allow": ["gpt-*"] } }, "model": "gpt-4o-mini", "user": "ada",
        }))
        .answers::<Reach>(200, "What would be reached, and why not the rest.")
        .answers_as("404", "NotFound"),
        op(
            Credentials,
            Method::GET,
            "/v1/providers",
            "listProviders",
            "Lists the providers that the tenant has keys for, and how each key is doing.",
        )
        .answers_page_of::<ProviderHealth>("All of them: one page."),
        op(
            Credentials,
            Method::POST,
            "/v1/credentials/{provider}/{name}/test",
            "testCredential",
            "Asks a provider about a key of the tenant's pool.",
        )
        .details(details)
        .answers::<CredentialTest>(200, "What it says."),
        op(
            Users,
            Method::POST,
            "/v1/users/{label}/credentials/{provider}/test",
            "testUserCredential",
            "Asks a provider about an end user's key.",
        )
        .details(details)
        .answers::<CredentialTest>(200, "What it says."),
    ]
}

fn settings() -> Vec<Op> {
    vec![
        op(
            Settings,
            Method::GET,
            SETTINGS,
            "getSettings",
            "Shows the tenant's settings.",
        )
        .answers::<TenantSettings>(200, "The settings."),
        op(
            Settings,
            Method::PATCH,
            SETTINGS,
            "updateSettings",
            "Changes the tenant's settings.",
        )
        .details("What is left out stays; `branding` is replaced as a whole.")
        .takes::<ChangedTenantSettings>(json!({
            "allowedOrigins": ["https://app.example.com"],
            "branding": { "accentColor": "#0a5dc2" }, "requestsRetentionDays": 30,
        }))
        .answers::<TenantSettings>(200, "The settings as they are now.")
        .problem(409, "`tenant_name_taken`."),
    ]
}

fn webhooks() -> Vec<Op> {
    let mut rows = kept_webhooks();
    rows.extend([
        op(
            Webhooks,
            Method::POST,
            "/v1/webhooks/{id}/rotate",
            "rotateWebhook",
            "Gives a webhook another signing secret.",
        )
        .details("For a while, a day when nothing is said, both secrets sign.")
        .takes::<RotateWebhook>(json!({ "grace": "24h" }))
        .answers::<WebhookWithSecret>(200, "The new secret: the only time it is told."),
        op(
            Webhooks,
            Method::POST,
            "/v1/webhooks/{id}/test",
            "testWebhook",
            "Sends a webhook an event of no consequence, once, and waits for what comes of it.",
        )
        .answers::<Delivery>(200, "The delivery, taken or not."),
        op(
            Webhooks,
            Method::GET,
            "/v1/webhooks/{id}/deliveries",
            "listWebhookDeliveries",
            "Lists what was, or is to be, sent to a webhook, the newest first.",
        )
        .details("For thirty days.")
        .query_of(
            "status",
            "How it stands.",
            &["pending", "delivered", "failed"],
        )
        .paged()
        .answers_page_of::<Delivery>("Deliveries with their attempts."),
        op(
            Webhooks,
            Method::POST,
            "/v1/webhooks/{id}/deliveries/{delivery}/retry",
            "retryWebhookDelivery",
            "Tries a delivery again, now, and waits for what comes of it.",
        )
        .answers::<Delivery>(200, "The delivery, taken or not.")
        .problem(409, "`delivery_in_progress`: it is being tried."),
    ]);
    rows
}

fn kept_webhooks() -> Vec<Op> {
    vec![
        op(
            Webhooks,
            Method::GET,
            WEBHOOKS,
            "listWebhooks",
            "Lists webhooks, the newest first.",
        )
        .answers_page_of::<Webhook>("All of them: one page. The secrets are not told."),
        op(
            Webhooks,
            Method::POST,
            WEBHOOKS,
            "createWebhook",
            "Makes a webhook.",
        )
        .takes::<NewWebhook>(json!({
            "url": "https://example.com/hooks/relay",
            "events": ["credential.broken", "quota.threshold"],
        }))
        .answers::<WebhookWithSecret>(201, "The signing secret: the only time it is told."),
        op(
            Webhooks,
            Method::GET,
            WEBHOOK,
            "getWebhook",
            "Shows a webhook.",
        )
        .answers::<Webhook>(200, "The webhook, but not its secret."),
        op(
            Webhooks,
            Method::PATCH,
            WEBHOOK,
            "updateWebhook",
            "Changes a webhook.",
        )
        .details(
            "What is left out stays. Switched off, it is told nothing, and what was still to be \
                sent fails; switched on again, it begins anew.",
        )
        .takes::<ChangedWebhook>(json!({ "enabled": true }))
        .answers::<Webhook>(200, "The webhook as it is now."),
        op(
            Webhooks,
            Method::DELETE,
            WEBHOOK,
            "deleteWebhook",
            "Removes a webhook, and the list of what was sent there.",
        )
        .answers_nothing(),
    ]
}
