//! What a call has taken from limits and quotas, until it is known what it used.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::meter::{Settle, Settled};
use super::{Failure, refusal};
use crate::limits::{Cost, Limits, NotReserved, Refused, Reservation, Rule};

/// A reservation that the call's ticket settles.
struct Reserved {
    reservation: Reservation,
    estimate: Cost,
}

impl Settle for Reserved {
    fn settle(self: Box<Self>, actual: Settled) {
        if !actual.produced {
            self.reservation.cancel();
        } else if actual.tokens == 0 {
            // Something was produced, and nobody told how much (a caller who hung up early): the
            // estimate stands, or hanging up would be a way around limits.
            self.reservation.settle(self.estimate);
        } else {
            let used = Cost::of_request(actual.tokens, actual.cost_nanos);
            self.reservation.settle(used);
        }
    }
}

/// Takes a call's estimated cost from all these limits, or says which refuses.
pub(super) async fn reserve(
    limits: &Limits,
    tenant_id: &str,
    rules: &[Rule],
    estimate: Cost,
) -> Result<Box<dyn Settle>, Failure> {
    match limits.reserve(tenant_id, rules, estimate).await {
        Ok(reservation) => Ok(Box::new(Reserved {
            reservation,
            estimate,
        })),
        Err(NotReserved::Refused(refused)) => Err(Failure {
            error: refusal::limit_reached(&refused),
            headers: Box::new(headers(&refused)),
        }),
        Err(NotReserved::Unavailable) => Err(refusal::limits_unavailable().into()),
        // Quotas are given with what was used.
        Err(NotReserved::Unseeded(_)) => Err(refusal::internal().into()),
    }
}

/// How the limit stands that refuses, and which it is.
fn headers(refused: &Refused) -> HeaderMap {
    let seconds = refused.reset_after.as_millis().div_ceil(1_000);
    [
        ("x-ratelimit-limit", refused.limit.to_string()),
        ("x-ratelimit-remaining", refused.remaining.to_string()),
        ("x-ratelimit-reset", seconds.to_string()),
        ("x-relay-limit", refused.word.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        Some((
            HeaderName::from_static(name),
            HeaderValue::try_from(value).ok()?,
        ))
    })
    .collect()
}
