//! What a tenant decides for its pages.

use http::Method;
use relay_api::{ChangedTenantSettings, TenantSettings};
use serde_json::json;

use super::operation::{Op, op};
use super::tag::Tag::Settings;

const SETTINGS: &str = "/v1/settings";

pub(super) fn operations() -> Vec<Op> {
    [settings()].into_iter().flatten().collect()
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
        .problem(409, "`name_taken` by another tenant."),
    ]
}
