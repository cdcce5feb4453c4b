use serde::{Deserialize, Serialize};

use crate::{ExpiresIn, Timestamp};

/// What a tenant may be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WebhookEvent {
    /// A provider key was connected, or took the place of another.
    #[serde(rename = "credential.connected")]
    CredentialConnected,
    /// A provider refuses a key that it took before.
    #[serde(rename = "credential.broken")]
    CredentialBroken,
    /// A provider key was taken out, by itself or with its end user.
    #[serde(rename = "credential.disconnected")]
    CredentialDisconnected,
    /// A relay key has used 80 % or 100 % of one of its monthly quotas.
    #[serde(rename = "quota.threshold")]
    QuotaThreshold,
    /// A relay key expires in seven days, or in one.
    #[serde(rename = "key.expiring")]
    KeyExpiring,
}

impl WebhookEvent {
    /// All of them, in the order people read them.
    pub const ALL: [Self; 5] = [
        Self::CredentialConnected,
        Self::CredentialBroken,
        Self::CredentialDisconnected,
        Self::QuotaThreshold,
        Self::KeyExpiring,
    ];

    /// The word in JSON and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CredentialConnected => "credential.connected",
            Self::CredentialBroken => "credential.broken",
            Self::CredentialDisconnected => "credential.disconnected",
            Self::QuotaThreshold => "quota.threshold",
            Self::KeyExpiring => "key.expiring",
        }
    }
}

/// An address that is told of events (`GET /v1/webhooks`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The webhook's id (UUIDv7).
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// Which.
    pub events: Vec<WebhookEvent>,
    /// What people wrote about it; may be empty.
    pub description: String,
    /// Whether events are sent.
    pub enabled: bool,
    /// Why Relay itself switched it off: `failing` (for five days nothing was taken) or `gone` (it answered 410).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// Since when every delivery has failed, if the last one has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// How the signing secret ends.
    pub secret_hint: String,
    /// Until when the secret before this one signs as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret_expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What was sent last, or is about to be; absent before the first event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_delivery: Option<LastDelivery>,
}

/// How a webhook's newest delivery stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LastDelivery {
    /// The delivery's id.
    pub id: String,
    /// What it tells of.
    pub event: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// When it happened.
    pub created_at: Timestamp,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// It is still to be sent, or is tried again.
    Pending,
    /// The address took it (2xx).
    Delivered,
    /// It is not tried again by itself.
    Failed,
}

/// One event on its way to one address (`GET /v1/webhooks/{id}/deliveries`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The delivery's id (UUIDv7), sent as `webhook-id`: the same however often it is tried.
    pub id: String,
    /// What it tells of: a `WebhookEvent`, or `webhook.test`.
    pub event: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// How often it was tried, and what came of it; the first first.
    pub attempts: Vec<DeliveryAttempt>,
    /// When it happened.
    pub created_at: Timestamp,
    /// When it is tried next, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    /// The body as it is sent: JSON, without any key.
    pub body: String,
}

/// One try of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAttempt {
    /// When.
    pub at: Timestamp,
    /// What the address answered with, if it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it was not taken: `status` (not 2xx), `redirect` (never followed), `timeout`, `unreachable`,
    /// `forbidden` (an address that Relay may not reach) or `unsendable`. Absent when it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// `POST /v1/webhooks`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are to be sent: https at a public address, or one that the operator allows.
    pub url: String,
    /// Which, at least one.
    pub events: Vec<WebhookEvent>,
    /// What people may want to know about it, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `PATCH /v1/webhooks/{id}`: what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedWebhook {
    /// Another address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Other events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<WebhookEvent>>,
    /// Another description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Switches it off or on. What was still to be sent when it is switched off fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// `POST /v1/webhooks/{id}/rotate`: another signing secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateWebhook {
    /// How long the old secret still signs beside the new one (`"24h"`, which is usual); at most 7 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<ExpiresIn>,
}

/// Answer to a new webhook and to a rotation. The only time the secret is shown.
// No `Debug`: it holds the secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookWithSecret {
    /// What deliveries are signed with: `whsec_` and base64.
    pub secret: String,
    /// What later lists show of it.
    #[serde(flatten)]
    pub webhook: Webhook,
}
