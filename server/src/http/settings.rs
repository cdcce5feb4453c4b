//! `GET`, `PATCH /v1/settings`: what the tenant decides for all of its pages.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{Branding, ChangedTenantSettings, TenantSettings};
use serde_json::json;

use super::access::Principal;
use super::body::Json;
use super::origins::{origins, page_url};
use crate::app::App;
use crate::clock::{DAY, millis, rfc3339};
use crate::policy::{NAME_RULE, is_name};
use crate::problem::Problem;
use crate::store::{SettingsPut, SettingsRow};

const MAX_ORIGINS: usize = 50;
const MAX_RETENTION_DAYS: u32 = 3650;

fn shown(app: &App, row: &SettingsRow) -> TenantSettings {
    let days = |kept| u32::try_from(millis(kept) / DAY).unwrap_or(u32::MAX);
    TenantSettings {
        tenant_name: row.tenant_name.clone(),
        allowed_origins: row.allowed_origins.clone(),
        branding: row.branding.clone(),
        requests_retention_days: row.requests_retention_days,
        longest_retention_days: app.config.requests_retention.map(days),
        updated_at: row.updated_at.map(rfc3339),
    }
}

/// `GET /v1/settings`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
) -> Result<Answer<TenantSettings>, Problem> {
    let row = app.settings.of(&principal.tenant_id).await?;
    Ok(Answer(shown(&app, &row)))
}

/// `PATCH /v1/settings`
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Json(wanted): Json<ChangedTenantSettings>,
) -> Result<Answer<TenantSettings>, Problem> {
    let wanted = sound(wanted)?;
    let tenant_id = &principal.tenant_id;
    let audit = principal.audit(&app, "settings.change", "settings");
    let audit = audit.with(json!({ "changed": changed(&wanted) }));
    let change = move |row: &mut SettingsRow| {
        if let Some(name) = wanted.tenant_name {
            row.tenant_name = name;
        }
        if let Some(origins) = wanted.allowed_origins {
            row.allowed_origins = origins;
        }
        if let Some(branding) = wanted.branding {
            row.branding = branding;
        }
        if let Some(days) = wanted.requests_retention_days {
            row.requests_retention_days = days;
        }
    };
    let put = app.store.change_settings(tenant_id, change, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    match put {
        SettingsPut::Done(row) => Ok(Answer(shown(&app, &row))),
        SettingsPut::Gone => Err(Problem::not_found("tenant")),
        SettingsPut::NameTaken => Err(Problem::new(
            StatusCode::CONFLICT,
            "tenant_name_taken",
            "Another tenant of this Relay has this name. Choose another.",
        )),
    }
}

/// Refuses what cannot be, and writes origins and addresses as browsers do.
fn sound(wanted: ChangedTenantSettings) -> Result<ChangedTenantSettings, Problem> {
    if let Some(name) = &wanted.tenant_name
        && !is_name(name)
    {
        return Err(Problem::field("tenantName", NAME_RULE));
    }
    if let Some(Some(days)) = wanted.requests_retention_days
        && !(1..=MAX_RETENTION_DAYS).contains(&days)
    {
        let problem = "must be 1 to 3650 days, or null for as long as the operator keeps them";
        return Err(Problem::field("requestsRetentionDays", problem));
    }
    let given = wanted.allowed_origins.as_deref();
    let allowed_origins = given.map(|given| origins("allowedOrigins", given, MAX_ORIGINS));
    Ok(ChangedTenantSettings {
        tenant_name: wanted.tenant_name.map(|name| name.trim().to_owned()),
        allowed_origins: allowed_origins.transpose()?,
        branding: wanted.branding.map(sound_branding).transpose()?,
        requests_retention_days: wanted.requests_retention_days,
    })
}

fn sound_branding(wanted: Branding) -> Result<Branding, Problem> {
    if let Some(color) = &wanted.accent_color {
        let digits = color.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let problem = "must be a colour like \"#0a5dc2\"";
            return Err(Problem::field("branding.accentColor", problem));
        }
    }
    let url = |field, given: Option<String>| given.map(|url| page_url(field, &url)).transpose();
    Ok(Branding {
        accent_color: wanted.accent_color.map(|color| color.to_lowercase()),
        logo_url: url("branding.logoUrl", wanted.logo_url)?,
        privacy_url: url("branding.privacyUrl", wanted.privacy_url)?,
    })
}

/// The fields that a change names.
fn changed(wanted: &ChangedTenantSettings) -> Vec<&'static str> {
    [
        ("tenantName", wanted.tenant_name.is_some()),
        ("allowedOrigins", wanted.allowed_origins.is_some()),
        ("branding", wanted.branding.is_some()),
        (
            "requestsRetentionDays",
            wanted.requests_retention_days.is_some(),
        ),
    ]
    .into_iter()
    .filter_map(|(field, given)| given.then_some(field))
    .collect()
}
