//! Admits a call: what its relay key's policy, limits and quotas say of it.

use relay_api::PhaseName;
use relay_wire::{ApiError, Peek, Usage};

use super::incoming::Incoming;
use super::meter::Ticket;
use super::reserved::reserve;
use super::{Call, Failure, Gateway, refusal, rules};
use crate::catalog::{Prices, cost};
use crate::limits::{Cost, Metric};

/// How many bytes of a request make a token, by a common rule of thumb for English.
const BYTES_PER_TOKEN: u64 = 4;
/// What an answer is believed to come to before it is known, in tokens.
const ANSWER_TOKENS: u64 = 500;

/// What a call is believed to cost, before it is made.
pub(super) fn estimate(body_bytes: usize, prices: Option<&Prices>) -> Cost {
    let input_tokens = (body_bytes as u64).div_ceil(BYTES_PER_TOKEN);
    let usage = Usage {
        input_tokens,
        output_tokens: ANSWER_TOKENS,
        ..Usage::default()
    };
    let nanos = prices.map_or(0, |prices| cost(prices, &usage).0);
    Cost::of_request(usage.total_tokens(), nanos)
}

impl Gateway {
    /// Takes what the call is believed to cost from its limits and quotas, or says which refuses.
    pub(super) async fn reserve(
        &self,
        call: &Call,
        estimate: Cost,
        ticket: &mut Ticket,
    ) -> Result<(), Failure> {
        let mut rules = rules::of_call(call);
        if estimate.tokens == 0 && estimate.nanos == 0 {
            // It uses neither, so it matters not that there are none left.
            rules.retain(|rule| matches!(rule.measure.metric(), None | Some(Metric::Requests)));
        }
        if !rules.is_empty() {
            let reserved = reserve(&self.limits, call.tenant_id(), &rules, estimate);
            ticket.holds(reserved.await?);
        }
        ticket.reached(PhaseName::Admitted);
        Ok(())
    }

    /// Admits a call, or says why not. Learns the end user from the request, if the key says so.
    pub(super) fn admit(
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
