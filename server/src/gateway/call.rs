//! One admitted inference call: who calls, for whom, and when it arrived.

use std::sync::Arc;
use std::time::Instant;

use relay_wire::{ApiError, Dialect, Peek};

use super::meter::Ticket;
use super::refusal;
use crate::clock::EpochMs;
use crate::identity::KeyInForce;
use crate::label::is_label;

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
    pub key: Arc<KeyInForce>,
    /// The end user it is for (`X-Relay-User`); none means the tenant's own keys.
    pub end_user: Option<String>,
    /// Whether the app says this end user pays (`X-Relay-Paid`).
    pub paid: Option<bool>,
}

impl Call {
    /// The tenant that calls.
    pub fn tenant_id(&self) -> &str {
        &self.key.row.tenant_id
    }

    /// Takes the end user from the field that the dialect has for one (OpenAI's `user`,
    /// Anthropic's `metadata.user_id`), if the relay key says so and nothing else names one.
    pub(super) fn name_end_user(
        &mut self,
        dialect: Dialect,
        glance: &Peek<'_>,
        ticket: &mut Ticket,
    ) -> Result<(), ApiError> {
        if !self.key.row.user_from_body || self.end_user.is_some() {
            return Ok(());
        }
        let (field, label) = match dialect {
            Dialect::AnthropicMessages => ("metadata.user_id", glance.metadata_user()),
            _ => ("user", glance.user()),
        };
        let Some(label) = label else { return Ok(()) };
        if !is_label(label) {
            return Err(refusal::bad_user_field(field));
        }
        ticket.is_for(label);
        self.end_user = Some(label.to_owned());
        Ok(())
    }
}
