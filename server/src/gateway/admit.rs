//! Admits a call: what its relay key's policy says of it before anything is looked up.

use relay_wire::{ApiError, Peek};

use super::incoming::Incoming;
use super::meter::Ticket;
use super::{Call, Gateway, refusal};

impl Gateway {
    /// Admits a call, or says why not. Learns the end user from the request, if the key says so.
    pub(super) fn admit(
        &self,
        call: &mut Call,
        incoming: &Incoming,
        glance: &Peek<'_>,
        ticket: &mut Ticket,
    ) -> Result<(), ApiError> {
        ticket.speaks(incoming.dialect());
        ticket.keeps_prompt(&incoming.body);
        let policy = &call.key.policy;
        if !policy.allows_dialect(incoming.dialect()) {
            return Err(refusal::dialect_not_allowed(
                incoming.dialect(),
                &policy.name,
            ));
        }
        call.name_end_user(incoming.dialect(), glance, ticket)
    }
}
