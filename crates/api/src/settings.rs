use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What a tenant decides for all of its pages (`GET /v1/settings`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantSettings {
    /// What people call the tenant; one name is one tenant of this Relay.
    pub tenant_name: String,
    /// Web origins (`https://app.example.com`) whose pages may use the widget with a registration
    /// token that names no origins itself, and may show `/connect` in a frame. Empty: any page may use
    /// the widget with such a token, and none may frame.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// How the widget looks where the page says nothing else.
    #[serde(default)]
    pub branding: Branding,
    /// How many days requests are kept one by one; as long as the operator keeps them, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_retention_days: Option<u32>,
    /// How many days the operator keeps them at most; for good, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_retention_days: Option<u32>,
    /// When they were last changed; never, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// How a tenant's widget looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Branding {
    /// `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent_color: Option<String>,
    /// Where a picture is that stands for the tenant: https, or http on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// Where the tenant says what becomes of keys and data: https, or http on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_url: Option<String>,
}

/// `PATCH /v1/settings`: what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedTenantSettings {
    /// Another name, 1–100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_name: Option<String>,
    /// Other origins, at most 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    /// Another look, the whole of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branding: Option<Branding>,
    /// Another number of days, 1 to 3650; `null` is as long as the operator keeps them.
    #[serde(
        default,
        with = "crate::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub requests_retention_days: Option<Option<u32>>,
}
