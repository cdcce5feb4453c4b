//! One admitted inference call: who calls, for whom, and when it arrived.

use std::sync::Arc;
use std::time::Instant;

use crate::clock::EpochMs;
use crate::store::RelayKeyRow;

/// An admitted call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The id in `x-relay-request-id`.
    pub request_id: String,
    /// When it arrived.
    pub at: EpochMs,
    /// The same moment, for measuring from.
    pub started: Instant,
    /// The relay key it came with, which names the tenant.
    pub key: Arc<RelayKeyRow>,
    /// The end user it is for (`X-Relay-User`); none means the tenant's own keys.
    pub end_user: Option<String>,
    /// Whether the app says this end user pays (`X-Relay-Paid`).
    pub paid: Option<bool>,
}

impl Call {
    /// The tenant that calls.
    pub fn tenant_id(&self) -> &str {
        &self.key.tenant_id
    }
}
